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
from gateway.codecs.edifact_report import report
from gateway.codecs.envelope import (
    Closed,
    FunctionalGroup,
    Interchange,
    InterchangeHeader,
    Opened,
    RawMessage,
    read_parts,
)
from gateway.codecs.envelope_references import References
from gateway.model.findings import Finding, Severity, has_errors
from gateway.model.tree import Segment
from gateway.schema.acknowledge import MessageVerdict
from gateway.schema.directory import Directory
from gateway.schema.elements import checker_of
from gateway.schema.envelope_rules import prepared_at
from gateway.schema.validate import validate, weighed

CONTROL, CONTROL_4 = "control", "control-4"
Severities = Mapping[str, Severity | Literal["off"]]
MAX_TOLD = 20_000  # findings of one file that are kept whole; behind them, what decides
Status = Literal["accepted", "partly", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One interchange. interchange: without its messages; verdicts: one for each message, its segments left out when
    they were not asked for; findings: of the interchange level; groups: with the findings of each."""

    interchange: Interchange
    findings: tuple[Finding, ...]
    verdicts: tuple[MessageVerdict, ...]
    groups: tuple[FunctionalGroup, ...] = ()

    @property
    def header(self) -> InterchangeHeader:
        return self.interchange.header

    @property
    def status(self) -> Status:
        """Return accepted, partly (some messages are) or rejected (none is, or the interchange itself is wrong)."""
        if has_errors(self.findings) or not any(each.accepted for each in self.verdicts):
            return "rejected"
        whole = all(each.accepted for each in self.verdicts) and not any(
            has_errors(each.findings) for each in self.groups
        )
        return "accepted" if whole else "partly"

    @property
    def envelope_findings(self) -> tuple[Finding, ...]:
        """Those of the interchange and of its groups, in the order of the file."""
        return in_order((*self.findings, *(each for group in self.groups for each in group.findings)))


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
    before = References()
    told = 0
    for part in read_parts(chunks, limits=limits, charset=charset):
        if isinstance(part, Opened):
            opened, verdicts = part, []
        elif isinstance(part, RawMessage):
            assert opened is not None
            directory = directory_of(part, directories, opened.header.syntax_version)
            found = validate(part, directory, severities=severities).findings
            kept = part if keep_segments else replace(part, segments=(), findings=())
            told += len(found)
            shown = found if told <= MAX_TOLD else _decisive(found)
            verdicts.append(MessageVerdict(message=kept, accepted=not has_errors(found), findings=shown))
        else:
            assert opened is not None
            broken = has_errors(weighed(list(part.findings), severities or {}))
            again = [] if broken else repeated(opened.header, opened.unb, before)
            yield _judged(opened, part, verdicts, directories, severities or {}, again)


def _decisive(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the first error and a word that there is more; of warnings alone only the word."""
    if len(findings) < 2:
        return findings
    first = next((each for each in findings if each.severity == "error"), None)
    rest = report("edifact.findings-more", (first or findings[0]).where, count=str(len(findings) - (first is not None)))
    return (first, rest) if first else (rest,)


def _judged(
    opened: Opened,
    closed: Closed,
    verdicts: list[MessageVerdict],
    directories: Mapping[str, Directory],
    severities: Severities,
    again: list[Finding],
) -> Judged:
    service = directories.get(CONTROL_4 if opened.header.syntax_version == "4" else CONTROL)
    findings = [*closed.findings, *again]
    if service is not None:
        findings += check_service([each for each in (opened.unb, closed.unz) if each], service, opened.marks)
    final = weighed(findings, severities)
    groups = held_groups(closed.groups, service, opened.marks, severities)
    bad = {each.place for each in groups if has_errors(each.findings)}
    rejected = has_errors(final)
    if rejected or bad:
        verdicts = [
            replace(each, accepted=False) if rejected or each.message.group_place in bad else each for each in verdicts
        ]
    interchange = Interchange(
        header=opened.header,
        unb=opened.unb,
        marks=opened.marks,
        messages=(),
        trailer=closed.unz,
        findings=closed.findings,
        start=opened.start,
        end=closed.end,
        groups=groups,
    )
    return Judged(interchange=interchange, findings=final, verdicts=tuple(verdicts), groups=groups)


def held_groups(
    groups: Iterable[FunctionalGroup], service: Directory | None, marks: Marks, severities: Severities
) -> tuple[FunctionalGroup, ...]:
    """Return the groups with what is wrong inside UNG and UNE added to their findings."""
    held = []
    for each in groups:
        findings = list(each.findings)
        if service is not None:
            findings += check_service([part for part in (each.ung, each.une) if part], service, marks)
        held.append(replace(each, findings=weighed(findings, severities)))
    return tuple(held)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings by their place in the file."""
    return tuple(sorted(findings, key=lambda each: each.where.offset or 0))


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
        for odd in checker.odd((segment,)):
            checker.explain(odd, found)
        told = any(each.where.tag == "UNB" and each.where.element == 4 for each in found)
        if segment.tag == "UNB" and not told and _is_no_date(segment):
            value = f"{segment.get(4, 1)}:{segment.get(4, 2)}"
            found.append(report("edifact.header-date", segment.where(4), value=value))
    return [_tolerant(each) for each in found if each.code != "edifact.element-missing"]


def _is_no_date(unb: Segment) -> bool:
    return all((unb.get(4, 1), unb.get(4, 2))) and prepared_at(InterchangeHeader.of(unb)) is None


def repeated(header: InterchangeHeader, unb: Segment | None, before: References) -> list[Finding]:
    """Report an interchange whose reference stood before in the same file, from and to the same. Ask it of interchanges
    that are good so far: who writes one again that was cut off means the second."""
    name = f"{header.sender}\0{header.receiver}\0{header.test}\0{header.reference}"
    if unb is None or not header.reference or not before.seen(name):
        return []
    return [report("edifact.interchange-repeated", unb.where(5, 1), value=header.reference)]


def _tolerant(finding: Finding) -> Finding:
    """A date with or without its century (syntax 4 and 3) is read in both: a warning is enough."""
    element = dict(finding.params).get("element")
    if element == "0017" and finding.value and finding.value.isdigit() and len(finding.value) in (6, 8):
        return replace(finding, severity="warning")
    return finding
