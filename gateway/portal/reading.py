"""A canonical document as a partner reads it: its head, and its lines as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.console.tree import leaves_of
from gateway.texts.catalogue import Lang
from gateway.texts.field_words import field_label

LINES_LIMIT = 500
COLUMNS_LIMIT = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """head: (label, value). columns: labels; rows: values in that order. more: lines that are not shown."""

    head: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: int = 0


def sheet_of(document: Mapping[str, Any] | None, lang: Lang) -> Sheet:
    """Return what a person looks for first; what repeats below a line is left to the download."""
    if not document:
        return Sheet()
    lines = [each for each in document.get("lines") or () if isinstance(each, dict)]
    rest = {key: value for key, value in document.items() if key not in ("lines", "units")}
    head = tuple((field_label(_plain(path), lang), value) for path, value in leaves_of(rest))[:30]
    shown = [dict(leaves_of(each)) for each in lines[:LINES_LIMIT]]
    counts: dict[str, int] = {}
    for each in shown:
        for path in each:
            counts[path] = counts.get(path, 0) + 1
    by_use = sorted(counts, key=lambda path: -counts[path])[:COLUMNS_LIMIT]
    columns = [path for path in counts if path in by_use]
    rows = tuple(tuple(each.get(path, "") for path in columns) for each in shown)
    labels = tuple(field_label(_plain(path), lang) for path in columns)
    return Sheet(head=head, columns=labels, rows=rows, more=max(0, len(lines) - LINES_LIMIT))


def _plain(path: str) -> str:
    """Name a party by its role, a quantity by what it is: the parts that only carry the value are left out."""
    parts = [each for each in path.split(".") if each not in ("ids[0]", "value", "net")]
    return ".".join(parts) or path
