"""How findings become a verdict: the partner's severities first, then any error parks the message."""

from collections.abc import Iterable
from dataclasses import replace

from gateway.mapping.check_digits import wrong_check_digits
from gateway.model.documents import Document
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Where
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


def check_numbers(document: Document, partner: Partner) -> None:
    """Hold what is to be sent against the check digits of its GTINs, GLNs and SSCCs.

    Raises OurFault mapping.check-digit-written at the first wrong one, unless the partner's settings make less of it.
    """
    code = "mapping.check-digit-written"
    if partner.severities.get(code, "error") != "error":
        return
    for path, value in wrong_check_digits(document):
        raise OurFault(code, Where(path=path), value=value, field=path)


def owner_of(finding: Finding) -> str:
    """Return who must act: partner, us or network."""
    return entry(finding.code).owner
