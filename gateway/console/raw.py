"""Received bytes as numbered lines in which places are marked: the exact spot of a finding, the source of a value.

EDIFACT is shown one segment a line. Nothing is rendered: pieces are text, the template escapes them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.model.findings import Finding, Where

_MARK_LIMIT = 4000


@dataclass(frozen=True, slots=True)
class Separators:
    """EDIFACT service characters, as bytes values (ISO 9735 clause 5.1)."""

    component: int = 0x3A
    element: int = 0x2B
    release: int = 0x3F
    terminator: int = 0x27


@dataclass(frozen=True, slots=True)
class Mark:
    """finding: number of the finding from 0, or None; source: number of the value from 0, or None."""

    start: int
    end: int
    finding: int | None = None
    source: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """first: the first piece of its mark, where a link leads."""

    text: str
    finding: int | None = None
    source: int | None = None
    first: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document as it is shown."""

    number: int
    pieces: tuple[Piece, ...]


def separators_of(head: bytes) -> Separators | None:
    """Return the separators when the file is EDIFACT, None when it is anything else."""
    text = head.lstrip(b"\r\n ")
    if text.startswith(b"UNA") and len(text) >= 9:
        return Separators(component=text[3], element=text[4], release=text[6], terminator=text[8])
    return Separators() if text.startswith((b"UNB", b"UNH")) else None


def _end_of(data: bytes, start: int, end: int, stop: int, release: int) -> int:
    """Return the place of the first unreleased stop character at or after start, or end."""
    at = start
    while at < end:
        if data[at] == release:
            at += 2
        elif data[at] == stop:
            return at
        else:
            at += 1
    return end


def components_of(data: bytes, signs: Separators) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, text) of every tag and component, text without its release characters."""
    release = re.escape(bytes([signs.release]))
    stops = re.escape(bytes([signs.component, signs.element, signs.terminator]))
    first = 9 if data.startswith(b"UNA") else 0
    charset = charset_of(data)
    for found in re.compile(b"(?:%s.|[^%s%s\r\n])+" % (release, stops, release), re.DOTALL).finditer(data, first):
        plain = re.sub(b"%s(.)" % release, rb"\1", found[0], flags=re.DOTALL)
        yield found.start(), found.end(), plain.decode(charset, "replace")


def _edifact_place(data: bytes, at: int, where: Where, signs: Separators) -> tuple[int, int]:
    """Return the extent of the segment at `at`, or of the element or component that where names in it."""
    end = _end_of(data, at, len(data), signs.terminator, signs.release)
    if where.element is None:
        return at, end
    start = at
    for _ in range(where.element):
        start = _end_of(data, start, end, signs.element, signs.release) + 1
    if start > end:  # the element is absent: point at the end of the segment
        return max(at, end - 1), end
    stop = _end_of(data, start, end, signs.element, signs.release)
    for _ in range((where.component or 1) - 1):
        start = min(stop, _end_of(data, start, stop, signs.component, signs.release) + 1)
    if where.component is not None:
        stop = _end_of(data, start, stop, signs.component, signs.release)
    return (start, stop) if start < stop else (max(at, start - 1), max(at, start - 1) + 1)


def place_of(
    data: bytes, base: int, where: Where, signs: Separators | None, value: str | None
) -> tuple[int, int] | None:
    """Return (start, end) of the place within data, None when it lies elsewhere. base: offset of data in the file."""
    if where.offset is not None and 0 <= where.offset - base < len(data):
        at = where.offset - base
        if signs is not None:
            return _edifact_place(data, at, where, signs)
        wanted = value.encode() if value else b""
        if wanted and data.startswith(wanted, at):
            return at, at + len(wanted)
        stop = data.find(b"\n", at)
        return at, stop if stop >= 0 else len(data)
    if signs is None and base == 0 and where.line is not None:
        return _line_place(data, where.line, where.column, value)
    return None


def _line_place(data: bytes, number: int, column: int | None, value: str | None) -> tuple[int, int] | None:
    """Return the value in that line when it stands there, else the line's text. data must begin with the file."""
    start = 0
    for _ in range(number - 1):
        start = data.find(b"\n", start) + 1
        if start == 0:
            return None
    stop = data.find(b"\n", start)
    stop = len(data) if stop < 0 else stop
    wanted = value.encode() if value else b""
    if wanted and (at := data.find(wanted, start, stop)) >= 0:
        return at, at + len(wanted)
    start += max(0, (column or 1) - 1)
    while start < stop and data[start] in b" \t":
        start += 1
    return (start, stop) if start < stop else None


def marks_for(
    data: bytes, base: int, signs: Separators | None, findings: Iterable[Finding], sources: Mapping[str, Where]
) -> list[Mark]:
    """Return the marks of findings and of value sources, in that order of weight."""
    found: list[Mark] = []
    for number, finding in enumerate(findings):
        place = place_of(data, base, finding.where, signs, finding.value)
        if place is not None and place[0] < place[1]:  # a line end alone cannot be shown
            found.append(Mark(*place, finding=number))
    for number, where in enumerate(sources.values()):
        if len(found) >= _MARK_LIMIT:
            break
        place = place_of(data, base, where, signs, None)
        if place is not None and place[0] < place[1]:  # a line end alone cannot be shown
            found.append(Mark(*place, source=number))
    return found


def _owners(length: int, marks: list[Mark]) -> list[Mark | None]:
    """Return for each byte the mark that shows there: findings over sources, short over long, earlier over later."""
    owners: list[Mark | None] = [None] * length
    weights = [(mark.finding is not None, mark.start - mark.end, -number) for number, mark in enumerate(marks)]
    for _, mark in sorted(zip(weights, marks, strict=True), key=lambda pair: pair[0]):
        owners[mark.start : mark.end] = [mark] * (mark.end - mark.start)
    return owners


def anchors_of(length: int, marks: list[Mark]) -> dict[int, int]:
    """Return for each finding with a place the finding whose mark shows there: itself, or an earlier one."""
    owners = _owners(length, marks)
    found = {}
    for mark in marks:
        owner = owners[mark.start]
        if mark.finding is not None and owner is not None and owner.finding is not None:
            found[mark.finding] = owner.finding
    return found


def _breaks(data: bytes, signs: Separators | None) -> list[tuple[int, int]]:
    """Return (start, end) of each line to show, line ends left out."""
    spans, at = [], 0
    while at < len(data):
        if signs is None:
            end = data.find(b"\n", at)
            end = len(data) if end < 0 else end
            following = end + 1
        else:
            while at < len(data) and data[at] in b"\r\n":
                at += 1
            end = min(len(data), _end_of(data, at, len(data), signs.terminator, signs.release) + 1)
            following = end
        if at < end or signs is None:
            spans.append((at, end - 1 if signs is None and data[at:end].endswith(b"\r") else end))
        at = following
    return spans


def charset_of(data: bytes) -> str:
    """Return utf-8 when the bytes are that, a last cut character aside; else latin-1, in which all bytes are."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return "utf-8" if error.end >= len(data) - 4 and error.start > 0 else "latin-1"  # cut within a character
    return "utf-8"


def lines_of(data: bytes, marks: list[Mark], signs: Separators | None) -> list[Line]:
    """Return the bytes as lines of marked and unmarked pieces."""
    owners = _owners(len(data), marks)
    charset = charset_of(data)
    lines, linked = [], set[int]()
    for number, (start, end) in enumerate(_breaks(data, signs), 1):
        pieces, at = [], start
        while at < end:
            stop = at + 1
            while stop < end and owners[stop] is owners[at]:
                stop += 1
            text = data[at:stop].decode(charset, "replace")
            owner = owners[at]
            pieces.append(Piece(text, owner.finding, owner.source, id(owner) not in linked) if owner else Piece(text))
            linked.add(id(owner))
            at = stop
        lines.append(Line(number, tuple(pieces)))
    return lines
