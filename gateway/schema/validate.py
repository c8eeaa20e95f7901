"""Hold a message against its directory: the tree of its segment groups, and everything that is wrong with it.

Nearly every message goes the quick way (gateway.schema.quick), which knows what is right. What is not right is
walked again (gateway.schema.walk) or looked at element by element (gateway.schema.elements) to say what and where.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gateway.codecs.edifact_report import report
from gateway.codecs.envelope import RawMessage
from gateway.model.findings import Finding, Severity
from gateway.model.tree import Group, Segment
from gateway.schema.dates import check_dates
from gateway.schema.directory import Directory
from gateway.schema.elements import checker_of
from gateway.schema.overlay import Overlay
from gateway.schema.totals import check_totals
from gateway.schema.values import check_values
from gateway.schema.walk import Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Validated:
    """tree: the message in its groups; segments that fit nowhere are left out of it, and reported.
    findings: those of the envelope first, then in the order of the message."""

    tree: Group
    findings: tuple[Finding, ...]


def validate(
    message: RawMessage,
    directory: Directory | None,
    *,
    severities: Mapping[str, Severity | Literal["off"]] | None = None,
    overlay: Overlay | None = None,
) -> Validated:
    """Return the tree and all findings. Never raises for what the partner sent.

    directory   None, or without the message type: one warning, and a flat tree (root named by the type)
    severities  of one partner, by finding code; "off" drops the finding
    overlay     None: the directory's own for the message's association code
    """
    findings = list(message.findings)
    if directory is None or message.type not in directory.messages:
        findings.append(_no_directory(message))
        tree = Group(message.type, list(message.segments))
    else:
        before = len(findings)
        chosen = overlay or directory.overlay(message.association)
        tree = _held(message, directory, chosen, findings)
        check_totals(message, tree, findings)
        if chosen is not None and message.type in chosen.values:
            check_values(tree, chosen.values[message.type], directory, findings)
        if len(findings) > before:
            findings = [each for each in findings if not _told_by_envelope(each, findings)]
            findings.sort(key=_place)
    return Validated(tree=tree, findings=weighed(findings, severities) if severities else tuple(findings))


def _held(message: RawMessage, directory: Directory, overlay: Overlay | None, findings: list[Finding]) -> Group:
    """Hold structure and elements against the directory; return the tree."""
    checker = checker_of(directory, overlay, message.marks)
    check_dates(message.segments, checker.dates, findings)
    quick = checker.quick_walk(message.type) if checker.shaped else None
    found = quick.run(message.segments) if quick else None
    odd: Iterable[Segment]
    if found is None:
        structure = checker.structure(message.type)
        walk = Walk(structure, message, findings)
        tree = walk.run()
        odd = checker.odd(each for each in message.segments if each.tag in structure.tags)
    else:
        tree, odd = found
    for segment in odd:
        checker.explain(segment, findings)
    return tree


def _told_by_envelope(finding: Finding, findings: list[Finding]) -> bool:
    """Tell whether a missing element of UNH or UNT was found by the envelope already."""
    where = finding.where
    if finding.code != "edifact.element-missing" or where.tag not in ("UNH", "UNT"):
        return False
    told = [each.where for each in findings if each.code == "edifact.service-value-missing"]
    return any((each.tag, each.element) == (where.tag, where.element) for each in told)


def _place(finding: Finding) -> tuple[int, int, int]:
    where = finding.where
    return (where.offset or 0, where.element or 0, where.component or 0)


def weighed(findings: Iterable[Finding], severities: Mapping[str, Severity | Literal["off"]]) -> tuple[Finding, ...]:
    """Give findings the severities of one partner; "off" drops a finding."""
    kept = []
    for finding in findings:
        severity = severities.get(finding.code, finding.severity)
        if severity != "off":
            kept.append(finding if severity == finding.severity else replace(finding, severity=severity))
    return tuple(kept)


def _no_directory(message: RawMessage) -> Finding:
    name = f"{message.type} {message.version}.{message.release}"
    return report("edifact.directory-missing", message.segments[0].where(2, 1), value=name)
