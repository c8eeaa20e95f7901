"""Which value of a document stands where in the bytes that were made from it, and which value of its cause it repeats.

Nothing is guessed: a value is placed only where it stands exactly once, as a whole component (EDIFACT) or a whole text
(XML), within the part of the file that belongs to its line; and a value repeats another only when both say the same at
the same place of their documents.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gateway.console.raw import Mark, Separators, components_of, separators_of
from gateway.console.tree import leaves_of

_LINE_PATH = re.compile(r"lines\[(\d+)\]\.")
_XML_LINE = re.compile(rb"<(?:[\w.-]+:)?(?:\w+Line|LineItem|lineItem)[\s>]")
_XML_TEXT = re.compile(rb">([^<>]+)<")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_SAME = {"confirmedQuantity": "quantity", "despatchedQuantity": "quantity", "acceptedQuantity": "quantity"}
_LIMIT = 4000

Place = tuple[int, int]


def places_of(data: bytes, document: Mapping[str, Any]) -> dict[str, Place]:
    """Return path -> (start, end) of the values of document that can be told in data."""
    signs = separators_of(data)
    texts = list(components_of(data, signs)) if signs else list(_xml_texts(data))
    parts = _parts(data, signs, len(document.get("lines", ())))
    where: dict[tuple[int, str], list[Place]] = defaultdict(list)
    for start, end, text in texts[: _LIMIT * 4]:
        where[bisect_right(parts, start), _plain(text)].append((start, end))
    found = {}
    for path, value in leaves_of(document):
        line = _LINE_PATH.match(path)
        part = int(line[1]) + 1 if line else 0
        there = where.get((part, _plain(value)), [])
        if len(there) == 1 and (line is None or parts):
            found[path] = there[0]
        if len(found) >= _LIMIT:
            break
    return found


def _parts(data: bytes, signs: Separators | None, lines: int) -> list[int]:
    """Return where each line's part begins, and a last one where the lines end; nothing when that cannot be told."""
    if signs is None:
        starts = [each.start() for each in _XML_LINE.finditer(data)]
        return starts if len(starts) == lines else []
    tags = [(start, text) for start, _, text in components_of(data, signs) if text in ("LIN", "UNS", "UNT")]
    starts = [start for start, text in tags if text == "LIN"]
    ends = [start for start, text in tags if text != "LIN" and starts and start > starts[-1]]
    return [*starts, *ends[:1]] if len(starts) == lines else []


def _xml_texts(data: bytes) -> Iterator[tuple[int, int, str]]:
    for found in _XML_TEXT.finditer(data):
        yield found.start(1), found.end(1), found[1].decode("utf-8", "replace").strip()


def _plain(text: str) -> str:
    """Return text as both sides write it: days without dashes, numbers without leading or trailing zeros."""
    if _DATE.match(text):
        return text[:10].replace("-", "")
    if re.fullmatch(r"\d+\.\d+", text):
        text = text.rstrip("0").rstrip(".")
    return text.lstrip("0") if text.isdigit() else text


def repeats(cause: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, str]:
    """Return path in document -> path in cause that says the same."""
    said = dict(leaves_of(cause))
    lines = _line_numbers(cause.get("lines", ()), document.get("lines", ()))
    found = {}
    for path, value in leaves_of(document):
        for candidate in _candidates(path, lines):
            if candidate in said and _plain(said[candidate]) == _plain(value):
                found[path] = candidate
                break
    return found


def _line_numbers(ours: Sequence[Any], theirs: Sequence[Any]) -> dict[int, int]:
    """Return index of a line in the document -> index of the line of its cause that it names."""
    numbers = {str(each.get("number")): index for index, each in enumerate(ours) if isinstance(each, dict)}
    found = {}
    for index, each in enumerate(theirs):
        named = each.get("orderLine") if isinstance(each, dict) else None
        if named is not None and str(named) in numbers:
            found[index] = numbers[str(named)]
    return found


def _candidates(path: str, lines: Mapping[int, int]) -> Iterable[str]:
    line = _LINE_PATH.match(path)
    if line is None:
        return ("id",) if path in ("order.id", "orderNumber") else (path,) if path != "id" else ()
    index = int(line[1])
    if index not in lines:
        return ()
    rest = path[line.end() :]
    head, dot, tail = rest.partition(".")
    rest = {"orderLine": "number"}.get(rest, rest if rest != "number" else "")
    return (f"lines[{lines[index]}].{_SAME.get(head, head) + dot + tail if head in _SAME else rest}",)


def linked_marks(places: Mapping[str, Place], numbers: Mapping[str, int]) -> list[Mark]:
    """Return marks of the placed values whose path has a number."""
    return [Mark(*place, source=numbers[path]) for path, place in places.items() if path in numbers]
