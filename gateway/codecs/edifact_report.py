"""How this area makes a finding: severity and ISO 9735 code come from the error catalogue, so they are said once."""

from gateway.model.findings import Finding, Where
from gateway.texts.errors_edifact import ERRORS

MAX_VALUE = 200  # characters of offending text that a finding keeps
MAX_FINDINGS = 1000  # of one message or interchange: enough to see what is wrong


def report(code: str, where: Where, *, value: str | None = None, iso: str | None = None, **params: str) -> Finding:
    """Return a finding. iso: overrides the catalogue's code where one finding has several meanings."""
    entry = ERRORS[code]
    return Finding(
        code=code,
        severity=entry.severity,
        where=where,
        iso=iso or entry.iso,
        params=tuple(sorted((name, each[:MAX_VALUE]) for name, each in params.items())),
        value=None if value is None else value[:MAX_VALUE],
    )


def add(findings: list[Finding], finding: Finding) -> None:
    """Append finding, up to MAX_FINDINGS; then one more that says the list was cut. Of what comes behind, the first of
    each kind is kept: many warnings never hide an error, and a partner's severities find what they speak of."""
    if len(findings) < MAX_FINDINGS:
        findings.append(finding)
        return
    if len(findings) == MAX_FINDINGS:
        findings.append(report("edifact.findings-cut", finding.where, limit=str(MAX_FINDINGS)))
    if all(each.code != finding.code for each in findings[MAX_FINDINGS:]):
        findings.append(finding)
