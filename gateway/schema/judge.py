"""A whole EDIFACT file held against the directories: each interchange with its verdict on every message.

Every message stands alone: one bad message never holds the good ones. Only what is wrong with the interchange itself
(envelope, counts, references) rejects all that is in it.

Source: ISO 9735-4 clause 5 (what a receiver accepts and rejects).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gateway.codecs.edifact_marks import SYNTAX_4_MARKS, Marks
from gateway.codecs.edifact_read import DEFAULT_LIMITS, Limits
from gateway.codecs.envelope import Closed, Interchange, InterchangeHeader, Opened, RawMessage, read_parts
from gateway.model.findings import Finding, Severity, has_errors
from gateway.model.tree import Segment
from gateway.schema.acknowledge import MessageVerdict
from gateway.schema.directory import Directory
from gateway.schema.elements import checker_of
from gateway.schema.validate import validate, weighed

CONTROL, CONTROL_4 = "control", "control-4"
Severities = Mapping[str, Severity | Literal["off"]]
Status = Literal["accepted", "partly", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One interchange. interchange: without its messages; verdicts: one for each message, its segments left out when
    they were not asked for; findings: of the interchange level."""

    interchange: Interchange
    findings: tuple[Finding, ...]
    verdicts: tuple[MessageVerdict, ...]

    @property
    def header(self) -> InterchangeHeader:
        return self.interchange.header

    @property
    def status(self) -> Status:
        if has_errors(self.findings) or not any(each.accepted for each in self.verdicts):
            return "rejected"
        return "accepted" if all(each.accepted for each in self.verdicts) else "partly"


def judge(
    chunks: Iterable[bytes],
    directories: Mapping[str, Directory],
    *,
    severities: Severities | None = None,
    limits: Limits = DEFAULT_LIMITS,
    charset: str | None = None,
    keep_segments: bool = False,
) -> Iterator[Judged]:
    """Yield every interchange of a file with the verdict on each message.

    directories    by name ("d96a", "control")
    keep_segments  False: memory stays flat however long the interchange is
    Raises PartnerFault edifact.not-edifact when nothing in the file is EDIFACT.
    """
    opened: Opened | None = None
    verdicts: list[MessageVerdict] = []
    for part in read_parts(chunks, limits=limits, charset=charset):
        if isinstance(part, Opened):
            opened, verdicts = part, []
        elif isinstance(part, RawMessage):
            assert opened is not None
            directory = directory_of(part, directories, opened.header.syntax_version)
            found = validate(part, directory, severities=severities).findings
            kept = part if keep_segments else replace(part, segments=(), findings=())
            verdicts.append(MessageVerdict(message=kept, accepted=not has_errors(found), findings=found))
        else:
            assert opened is not None
            yield _judged(opened, part, verdicts, directories, severities or {})


def _judged(
    opened: Opened,
    closed: Closed,
    verdicts: list[MessageVerdict],
    directories: Mapping[str, Directory],
    severities: Severities,
) -> Judged:
    service = directories.get(CONTROL_4 if opened.header.syntax_version == "4" else CONTROL)
    findings = list(closed.findings)
    if service is not None:
        findings += check_service([each for each in (opened.unb, closed.unz) if each], service, opened.marks)
    final = weighed(findings, severities)
    if has_errors(final):
        verdicts = [replace(each, accepted=False) for each in verdicts]
    interchange = Interchange(
        header=opened.header,
        unb=opened.unb,
        marks=opened.marks,
        messages=(),
        trailer=closed.unz,
        findings=closed.findings,
        start=opened.start,
        end=closed.end,
    )
    return Judged(interchange=interchange, findings=final, verdicts=tuple(verdicts))


def directory_of(message: RawMessage, directories: Mapping[str, Directory], syntax_version: str) -> Directory | None:
    """Return the directory that the message names, with the service segments of its syntax; None: not here."""
    if message.type == "CONTRL":
        return directories.get(CONTROL_4 if syntax_version == "4" else CONTROL)
    found = directories.get(message.directory)
    newer = directories.get(CONTROL_4)
    return found.with_service(newer) if found and newer and syntax_version == "4" else found


def check_service(segments: Iterable[Segment], service: Directory, marks: Marks = SYNTAX_4_MARKS) -> list[Finding]:
    """Report what is wrong inside service segments of the interchange level (UNB, UNZ). What is missing there has been
    told by the envelope."""
    found: list[Finding] = []
    checker = checker_of(service, None, marks)
    for segment in segments:
        checker.explain(segment, found)
    return [_tolerant(each) for each in found if each.code != "edifact.element-missing"]


def _tolerant(finding: Finding) -> Finding:
    """A date with or without its century (syntax 4 and 3) is read in both: a warning is enough."""
    element = dict(finding.params).get("element")
    if element == "0017" and finding.value and finding.value.isdigit() and len(finding.value) in (6, 8):
        return replace(finding, severity="warning")
    return finding
