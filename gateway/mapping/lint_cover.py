"""Lint of coverage: every field of the canonical document is mapped, or the mapping says why it cannot be."""

from collections.abc import Collection, Iterator
from dataclasses import is_dataclass
from typing import Any

from gateway.mapping.lint_places import finding
from gateway.mapping.rules import Effective, Rule, refuse
from gateway.mapping.target import field_facts
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.values import Amount, DocumentRef, Party, PartyIdentifier, Period, Quantity

_WHOLE = (Party, PartyIdentifier, Quantity, Amount, Period, DocumentRef)  # one rule inside is enough
Kind = Any


def uncovered(effective: Effective, removed: Collection[str]) -> Iterator[Finding]:
    """Find canonical fields that no rule maps and `cannot` does not name, and reasons for fields that there are not."""
    head = next((entry for entry in effective.entries.values() if isinstance(entry, tuple)), None)
    at = head[0].at.rpartition(":")[0] if head else effective.name
    known = list(_fields(DOCUMENTS[effective.document], ""))
    mapped = {_plain(key) for key in (*effective.entries, *removed)}
    around = {each[:end] for each in mapped for end, letter in enumerate(each) if letter in ".["}
    for key in effective.cannot:
        if key not in known and not any(each.startswith((f"{key}.", f"{key}[")) for each in known):
            try:
                refuse("mapping.unknown-field", f"{at}:1", key, known)
            except OurFault as fault:
                yield fault.as_finding()
    for key in known:
        covered = key in mapped or key in around
        excused = any(key == each or key.startswith((f"{each}.", f"{each}[")) for each in effective.cannot)
        if not covered and not excused:
            yield finding("mapping.field-uncovered", Rule(key=key, at=f"{at}:1", path=""), key, "warning")


def _plain(key: str) -> str:
    """Take the names of lists off: lines[sold].item -> lines[].item."""
    return "[]".join(part.partition("]")[2] if number else part for number, part in enumerate(key.split("[")))


def _fields(kind: Kind, prefix: str) -> Iterator[str]:
    for key, facts in field_facts(kind).items():
        full = prefix + key
        inner = is_dataclass(facts.hint) and facts.hint not in _WHOLE
        if not inner:
            yield full
        else:
            yield from _fields(facts.hint, f"{full}[]." if facts.many else f"{full}.")
