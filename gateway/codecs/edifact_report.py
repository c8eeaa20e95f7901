"""How this area makes a finding: severity and ISO 9735 code come from the error catalogue, so they are said once."""

from gateway.model.findings import Finding, Where
from gateway.texts.errors_edifact import ERRORS

MAX_VALUE = 200  # characters of offending text that a finding keeps


def report(code: str, where: Where, *, value: str | None = None, iso: str | None = None, **params: str) -> Finding:
    """Return a finding. iso: overrides the catalogue's code where one finding has several meanings."""
    entry = ERRORS[code]
    return Finding(
        code=code,
        severity=entry.severity,
        where=where,
        iso=iso or entry.iso,
        params=tuple(sorted(params.items())),
        value=None if value is None else value[:MAX_VALUE],
    )
