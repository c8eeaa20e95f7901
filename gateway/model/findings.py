"""What was found wrong or odd, and where. A finding is code, place and parameters, never prose."""

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in a received file. Everything that is not known is None.

    segment    position in the message, UNH = 1; None at interchange level
    element    data element position in the segment, from 1 (the tag is not counted)
    component  from 1
    offset     bytes from the start of the file
    line, column  from 1
    path       segment group path (SG25/LIN), XPath, or canonical key (lines[2].quantity)
    """

    segment: int | None = None
    tag: str | None = None
    element: int | None = None
    component: int | None = None
    offset: int | None = None
    line: int | None = None
    column: int | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding.

    code    key of the error catalogue (gateway.texts.catalogue), for example edifact.code-unknown
    iso     UN/EDIFACT syntax error code (data element 0085) when the finding has one
    params  named values for the catalogue's texts
    value   the offending text, at most 200 characters
    """

    code: str
    severity: Severity = "error"
    where: Where = field(default_factory=Where)
    iso: str | None = None
    params: tuple[tuple[str, str], ...] = ()
    value: str | None = None


def has_errors(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """Tell whether any finding is an error."""
    return any(finding.severity == "error" for finding in findings)
