"""What a mapping writes before it has marks: forms of segments with places for values, and the values.

The lines of an order have the same form nearly always: it is thought out once, then a line costs its values. Segments
are made of it only for whoever asks for segments; text comes from the form itself (gateway.codecs.edifact_write).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, overload

from gateway.model.tree import Segment

Position = tuple[int, int]  # element, component, both from 0
Cell = int | str  # the place of a value among those given, or a constant


@dataclass(frozen=True, slots=True)
class Row:
    """One segment of a form; an absent element is ("",)."""

    tag: str
    elements: tuple[tuple[Cell, ...], ...]


def row_of(tag: str, cells: Mapping[Position, Cell]) -> Row:
    """Return the segment that has these cells and nothing between them."""
    elements: list[list[Cell]] = []
    for (element, component), cell in cells.items():
        elements += [[""] for _ in range(element + 1 - len(elements))]
        elements[element] += [""] * (component + 1 - len(elements[element]))
        elements[element][component] = cell
    return Row(tag, tuple(map(tuple, elements)))


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """Segments of which the values are open. Made through form_of; it remembers what follows from it."""

    rows: tuple[Row, ...]
    constants: str = ""  # all of them in one text
    _texts: dict[tuple[str, str, str], tuple[str, Any]] = field(default_factory=dict, repr=False)
    _numbered: dict[tuple[str, Position, int], "tuple[Form, int]"] = field(default_factory=dict, repr=False)

    def __len__(self) -> int:
        return len(self.rows)

    def text(self, values: Sequence[str], component: str, element: str, end: str) -> str:
        """Return the segments as text: values as they are, trailing empty elements and components left out.

        None of values that a row names may be empty, and none may hold a mark.
        """
        key = (component, element, end)
        found = self._texts.get(key)
        if found is None:
            found = self._texts[key] = _pattern(self.rows, *key)
        pattern, chosen = found
        return pattern % chosen(values)  # type: ignore[no-any-return]  # a text, since the pattern is one

    def segments(self, values: Sequence[str]) -> Iterator[Segment]:
        """Yield the segments of values."""
        for row in self.rows:
            yield Segment(
                row.tag,
                tuple([tuple([values[c] if c.__class__ is int else c for c in each]) for each in row.elements]),  # type: ignore[misc]
            )

    def numbered(self, tag: str, position: Position, given: int) -> "tuple[Form, int]":
        """Return the form with one more value at position of each segment of that tag, and how many those are.

        given: how many values it takes now; the new ones come behind them
        """
        key = (tag, position, given)
        found = self._numbered.get(key)
        if found is None:
            rows, more = [], 0
            for row in self.rows:
                if row.tag == tag:
                    cells = {(e, c): cell for e, each in enumerate(row.elements) for c, cell in enumerate(each)}
                    row, more = row_of(tag, {**cells, position: given + more}), more + 1
                rows.append(row)
            found = self._numbered[key] = (form_of(rows), more)
        return found


Run = tuple[Form, Sequence[str]]


def form_of(rows: Sequence[Row]) -> Form:
    """Return the form of these segments."""
    constants = {cell for row in rows for each in row.elements for cell in each if isinstance(cell, str)}
    return Form(tuple(rows), "".join(sorted(constants)))


def _pattern(rows: Sequence[Row], component: str, element: str, end: str) -> tuple[str, Any]:
    """Return the text of rows with %s for each value, and what picks those values."""
    places = [cell for row in rows for each in row.elements for cell in each if isinstance(cell, int)]
    texts = []
    for row in rows:
        composites = [_without_end([_place(cell) for cell in each], component) for each in row.elements]
        texts.append(_without_end([row.tag, *composites], element) + _quoted(end))
    return "".join(texts), itemgetter(*places) if places else _nothing


def _without_end(parts: list[str], mark: str) -> str:
    """Return the parts joined, empty ones at the end left out."""
    while parts and not parts[-1]:
        parts.pop()
    return _quoted(mark).join(parts)


def _place(cell: Cell) -> str:
    return "%s" if isinstance(cell, int) else _quoted(cell)


def _quoted(text: str) -> str:
    return text.replace("%", "%%")


def _nothing(values: Sequence[str]) -> tuple[()]:
    return ()


class Written(Sequence[Segment]):
    """What stands between UNH and UNT, in runs of one form each. As a sequence: the segments."""

    __slots__ = ("_segments", "runs")

    def __init__(self, runs: Sequence[Run]) -> None:
        self.runs = runs
        self._segments: tuple[Segment, ...] | None = None

    def __len__(self) -> int:
        return sum([len(form.rows) for form, _ in self.runs])

    def __iter__(self) -> Iterator[Segment]:
        if self._segments is None:
            self._segments = tuple([each for form, values in self.runs for each in form.segments(values)])
        return iter(self._segments)

    @overload
    def __getitem__(self, at: int) -> Segment: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Segment, ...]: ...
    def __getitem__(self, at: int | slice) -> Segment | tuple[Segment, ...]:
        return tuple(self)[at]
