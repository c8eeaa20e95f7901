"""A canonical document as rows to read: indented keys, values, and which source each value has."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway.model.findings import Where

_HIDDEN = ("document", "schema")
_FIRST = ("id", "number", "orderLine", "order", "status", "item", "quantity")
_SCHEMES = {"0088": "GLN"}
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
    for row in _walk({key: value for key, value in document.items() if key not in _HIDDEN}, 0, "", numbers):
        if len(found) >= ROW_LIMIT:
            return found, True
        fresh = row.source is not None and row.source not in linked
        linked.add(row.source)
        found.append(replace(row, first=fresh))
    return found, False


def leaves_of(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield (path, value as text) of every plain value, identifier, quantity and amount, up to ROW_LIMIT."""
    for number, (path, value) in enumerate(_leaves({k: v for k, v in document.items() if k not in _HIDDEN}, "")):
        if number >= ROW_LIMIT:
            return
        yield path, value


def _leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _leaves(each, f"{path}[{number}]")
    elif not isinstance(value, dict):
        yield path, str(value).lower() if isinstance(value, bool) else str(value)
    elif _short(value) is not None:
        yield path, str(value["value"])
    elif value.keys() == {"ids"} and len(value["ids"]) == 1:  # a party that is only a number
        yield path, str(value["ids"][0].get("value", ""))
    else:
        for key, each in value.items():
            yield from _leaves(each, f"{path}.{key}" if path else str(key))


def _source(path: str, numbers: Mapping[str, int]) -> int | None:
    """Return the source of path, or of the nearest part that holds it."""
    while path:
        if path in numbers:
            return numbers[path]
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return None


def _weight(pair: tuple[str, Any]) -> tuple[int, int]:
    """Order as a person reads: what it is, plain facts, then parties, then lists."""
    key, value = pair
    kind = 3 if isinstance(value, list) else 2 if isinstance(value, dict) and _short(value) is None else 1
    return (0, _FIRST.index(key)) if key in _FIRST else (kind, 0)


def _walk(value: dict[str, Any], depth: int, path: str, numbers: Mapping[str, int]) -> Iterator[TreeRow]:
    for key, each in sorted(value.items(), key=_weight):
        yield from _entry(str(key), each, depth, f"{path}.{key}" if path else str(key), numbers)


def _entry(key: str, value: Any, depth: int, path: str, numbers: Mapping[str, int]) -> Iterator[TreeRow]:
    short = _short(value)
    if short is not None:
        yield TreeRow(depth, key, short, path, _source(path, numbers))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _entry(f"{key} {number + 1}", each, depth, f"{path}[{number}]", numbers)
    elif value.keys() == {"ids"} and len(value["ids"]) == 1:  # a party that is only a number
        inner = f"{path}.ids[0].value"
        yield TreeRow(depth, key, str(value["ids"][0].get("value", "")), inner, _source(inner, numbers))
    else:
        yield TreeRow(depth, key, None, path, None)
        yield from _walk(value, depth + 1, path, numbers)


def _short(value: Any) -> str | None:
    """Return a plain value, a quantity, an amount or an identifier on one line; None for anything with parts."""
    if isinstance(value, list):
        return None
    if not isinstance(value, dict):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if "value" in value and not value.keys() - {"value", "unit", "per", "currency", "scheme"}:
        unit = value.get("unit") or value.get("currency") or _SCHEMES.get(value.get("scheme", ""), value.get("scheme"))
        return f"{value['value']} {unit}" if unit else str(value["value"])
    return None
