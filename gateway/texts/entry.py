"""The shape of one catalogue entry."""

from dataclasses import dataclass

from gateway.model.faults import Owner
from gateway.model.findings import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """en, zh: one sentence, may name {params} and {value}. cause_*, cure_*: what is behind it, what to do."""

    severity: Severity = "error"
    owner: Owner = "partner"
    en: str
    zh: str
    cure_en: str
    cure_zh: str
    iso: str | None = None  # UN/EDIFACT 0085 syntax error code
    cause_en: str = ""
    cause_zh: str = ""
