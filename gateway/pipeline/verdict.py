"""How findings become a verdict: the partner's severities first, then any error parks the message."""

from collections.abc import Iterable
from dataclasses import replace

from gateway.model.findings import Finding
from gateway.model.partner import Partner
from gateway.texts.catalogue import entry


def weigh(findings: Iterable[Finding], partner: Partner) -> tuple[Finding, ...]:
    """Give each finding the severity that this partner's settings name for its code; drop those set to off."""
    kept: list[Finding] = []
    for finding in findings:
        severity = partner.severities.get(finding.code, finding.severity)
        if severity != "off":
            kept.append(finding if severity == finding.severity else replace(finding, severity=severity))
    return tuple(kept)


def first_error(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding that parks the message, None when it is good."""
    return next((finding for finding in findings if finding.severity == "error"), None)


def owner_of(finding: Finding) -> str:
    """Return who must act: partner, us or network."""
    return entry(finding.code).owner
