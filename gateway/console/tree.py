"""A canonical document as rows to read: indented keys, values, and which source each value has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.model.findings import Where

_HIDDEN = ("document", "schema")
ROW_LIMIT = 3000


@dataclass(frozen=True, slots=True)
class TreeRow:
    """value None: a heading. source: number of the source from 0, None when the value has none."""

    depth: int
    key: str
    value: str | None
    path: str
    source: int | None
    first: bool = False  # the first row of its source: where a link from the file leads


def rows_of(document: Mapping[str, Any], sources: Mapping[str, Where]) -> tuple[list[TreeRow], bool]:
    """Return the rows and whether some were left out."""
    numbers = {path: number for number, path in enumerate(sources)}
    found: list[TreeRow] = []
    linked: set[int | None] = set()
    shown = {key: value for key, value in document.items() if key not in _HIDDEN}
    # plain facts first, then parties and lists, as a person reads a document
    ordered = dict(sorted(shown.items(), key=lambda pair: isinstance(pair[1], dict | list)))
    for row in _walk(ordered, 0, "", numbers):
        if len(found) >= ROW_LIMIT:
            return found, True
        fresh = row.source is not None and row.source not in linked
        linked.add(row.source)
        found.append(replace(row, first=fresh))
    return found, False


def _source(path: str, numbers: Mapping[str, int]) -> int | None:
    """Return the source of path, or of the nearest part that holds it."""
    while path:
        if path in numbers:
            return numbers[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


def _walk(value: Any, depth: int, path: str, numbers: Mapping[str, int]) -> Iterator[TreeRow]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _entry(str(key), each, depth, f"{path}.{key}" if path else str(key), numbers)
    else:
        for number, each in enumerate(value):
            yield from _entry(str(number + 1), each, depth, f"{path}[{number}]", numbers)


def _entry(key: str, value: Any, depth: int, path: str, numbers: Mapping[str, int]) -> Iterator[TreeRow]:
    if isinstance(value, dict | list):
        short = _short(value)
        if short is not None:
            yield TreeRow(depth, key, short, path, _source(path, numbers))
            return
        yield TreeRow(depth, key, None, path, None)
        yield from _walk(value, depth + 1, path, numbers)
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        yield TreeRow(depth, key, text, path, _source(path, numbers))


def _short(value: Any) -> str | None:
    """Return a quantity or an amount on one line, None for anything else."""
    if isinstance(value, dict) and "value" in value and not value.keys() - {"value", "unit", "per", "currency"}:
        unit = value.get("unit") or value.get("currency")
        return f"{value['value']} {unit}" if unit else str(value["value"])
    return None
