"""Why a value is what it is: for each value of a document the rule and the place it came from, and back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gateway.mapping.reading import Reading
from gateway.mapping.rules import Effective, Fallback, Rule
from gateway.model.findings import Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """One value. field: canonical path; value: as in canonical JSON; text: as it stands in the source.

    rule   file:line
    where  place in the source, None for what no place says: a default, or a value that follows from others
    how    read; element (of a list, at its place); default; derived (follows from others); dropped (read, and not in
           the document: the row of a whole message that a tree takes off, rows that were brought together)
    """

    field: str
    value: str
    text: str
    rule: str
    where: Where | None
    how: str = "read"


def trace(
    reading: Reading, plain: Mapping[str, Any], effective: Effective | None, *, limit: int | None = None
) -> list[Traced]:
    """Return one row per value of the document, in the order of the source; at the end what has no place there.

    plain: the document as canonical JSON has it. limit: of rows; what has no place is then left to the full trace.
    """
    values: Mapping[str, str] = _Lookup(plain) if limit is not None else _all_values(plain)
    attributes = _attribute_rules(effective)
    rows: list[Traced] = []
    told: set[str] = set()
    for path, text, where, at in islice(reading.find_texts(), limit):
        value = _shown(path, values)
        told.add(path)
        how = "element" if _whole(path, plain) else "read" if value else "dropped"
        raw = value if at in attributes and how == "read" else text  # an attribute beside the element's own text
        rows.append(Traced(field=path, value=value, text=raw, rule=at, where=where, how=how))
    rows.sort(key=lambda each: _order(each.where))
    if limit is not None and len(rows) >= limit:
        return rows
    values = _all_values(plain)
    for path, value in values.items():
        if not any(part in told for part in _ancestors(path, values)):
            rows.append(_unplaced(path, value, effective))
    return rows


def _all_values(plain: Mapping[str, Any]) -> dict[str, str]:
    return {path: value for path, value in leaves(plain) if path not in ("document", "schema")}


class _Lookup(Mapping[str, str]):
    """Values of a document by path, found one by one: a few of a long document are asked for."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self._plain = plain

    def __getitem__(self, path: str) -> str:
        found = _followed(self._plain, path)
        if found is None or isinstance(found, Mapping | list | tuple):
            raise KeyError(path)
        return _text(found)

    def __contains__(self, path: object) -> bool:
        found = _followed(self._plain, str(path))
        return found is not None and not isinstance(found, Mapping | list | tuple)

    def __iter__(self) -> Iterator[str]:
        return (path for path, _ in leaves(self._plain))

    def __len__(self) -> int:
        return sum(1 for _ in leaves(self._plain))


def _followed(plain: Mapping[str, Any], path: str) -> Any:
    """Return what stands at a canonical path, None when nothing does."""
    found: Any = plain
    for part in path.replace("]", "").replace("[", ".").split("."):
        found = found[int(part)] if isinstance(found, list) and int(part) < len(found) else (
            found.get(part) if isinstance(found, Mapping) else None
        )  # fmt: skip
    return found


def leaves(plain: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (canonical path, text) of every value of a document in its JSON form."""
    if isinstance(plain, Mapping):
        for key, inner in plain.items():
            yield from leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(plain, list | tuple):
        for number, inner in enumerate(plain):
            yield from leaves(inner, f"{path}[{number}]")
    elif plain is not None:
        yield path, _text(plain)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(path: str, values: Mapping[str, str]) -> str:
    """Return the value at path; of a quantity, an amount or an identifier its number."""
    if path in values:
        return values[path]
    inner = (values.get(f"{path}.{key}") for key in ("value", "start"))
    return next((each for each in inner if each is not None), "")


def _whole(path: str, plain: Mapping[str, Any]) -> bool:
    """Tell whether path is an element of a list of objects, not a value."""
    if not path.endswith("]"):
        return False
    found = _followed(plain, path)
    return isinstance(found, Mapping) and "value" not in found


def _ancestors(path: str, values: Mapping[str, str]) -> Iterator[str]:
    """Yield path and the value objects around it: the unit of a quantity has the place of its number."""
    yield path
    head, _, last = path.rpartition(".")
    if last in ("value", "unit", "per", "currency", "scheme", "start", "end"):
        yield head


def _attribute_rules(effective: Effective | None) -> set[str]:
    entries = effective.entries.values() if effective is not None else ()
    rules = (rule for entry in entries if isinstance(entry, tuple) for rule in entry)
    return {rule.at for rule in rules if "@" in rule.path.rpartition("/")[2]}


def _unplaced(path: str, value: str, effective: Effective | None) -> Traced:
    """Explain a value without a place: by the default of its rule, else it follows from others."""
    key = "[]".join(part.partition("]")[2] if number else part for number, part in enumerate(path.split("[")))
    rule = _default_of(key, effective)
    if rule is not None:
        return Traced(field=path, value=value, text="", rule=rule, where=None, how="default")
    return Traced(field=path, value=value, text="", rule="", where=None, how="derived")


def _default_of(key: str, effective: Effective | None) -> str | None:
    if effective is None:
        return None
    for name, entry in effective.entries.items():
        plain = "[]".join(part.partition("]")[2] if number else part for number, part in enumerate(name.split("[")))
        if isinstance(entry, tuple) and (plain == key or key.startswith((f"{plain}.", f"{plain}["))):
            found: Rule | None = next((rule for rule in entry if rule.default is not None), None)
            if found is not None:
                return found.at
        if isinstance(entry, Fallback) and key.startswith(f"{entry.key}."):
            return entry.at
    return None


def _order(where: Where | None) -> tuple[int, ...]:
    if where is None:
        return (1,)
    numbers = (where.segment, where.line, where.element, where.component, where.column)
    return (0, *(number or 0 for number in numbers))
