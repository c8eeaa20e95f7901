"""Segments as a mapping fills them: where the texts of each rule go, and which form they make together."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.mapping.choosing import Paths
from gateway.mapping.writing import Output, allotted, followed, wrapped
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.written import Cell, Form, Position, Row, Run, form_of, row_of

Add = Callable[[str], None]
Fill = Callable[[Any, Add], None]  # asks the document and adds the texts of one put, "" for those it has not
_REMEMBERED = 1000  # forms of one sheet: who leaves out ever other texts waits a little longer


@dataclass(slots=True)
class Put:
    """Where the texts of one rule go. spare: further components for a text that is split."""

    output: Output
    position: Position
    spare: tuple[Position, ...]
    companions: tuple[Position | None, ...]
    limit: int
    fixed: dict[Position, str]  # the rule's own conditions, as constants
    no_currency: bool = False  # an amount that has no place for its currency

    @property
    def places(self) -> tuple[Position, ...]:
        """The places of the texts that it adds, in their order."""
        return (self.position, *self.spare, *[place for place in self.companions if place is not None])

    def adding(self) -> Fill:
        """Return what adds the texts of a value. It raises OurFault mapping.too-long or mapping.currency-lost."""
        texts_of, limit, rule = self.output.texts, self.limit, self.output.rule
        extras = tuple(at for at, place in enumerate(self.companions, 1) if place is not None)
        absent = ("",) * len(self.places)

        def add_one(value: Any, add: Add) -> None:
            text = texts_of(value)[0] or ""
            if len(text) > limit:
                raise OurFault("mapping.too-long", Where(path=rule.key), value=text, limit=str(limit), at=rule.at)
            add(text)

        def add_all(value: Any, add: Add) -> None:
            text, *beside = texts = texts_of(value)
            if not text:
                for each in absent:
                    add(each)
                return
            if self.no_currency and beside[0]:
                said = f"{text} {beside[0]}"
                raise OurFault("mapping.currency-lost", Where(path=rule.key), value=said, at=rule.at)
            if self.spare:
                parts = wrapped(text, limit, len(self.spare) + 1)
                for part in (*parts, *absent[len(parts) : len(self.spare) + 1]):
                    add(part)
            else:
                add_one(value, add)
            for at in extras:
                add((texts[at] if at < len(texts) else "") or "")

        return add_all if self.spare or extras or self.no_currency else add_one

    def lay(self, there: Sequence[bool], at: int, cells: dict[Position, Cell]) -> None:
        """Put its texts, from at on, into the cells of a segment. there: whether each text is one."""
        if not there[at]:
            return
        first = 1 + len(self.spare)
        cells.update({place: at + n for n, place in enumerate(self.places[:first]) if there[at + n]})
        cells.update(self.fixed)
        cells.update({place: at + n for n, place in enumerate(self.places) if n >= first and there[at + n]})


def _filling(put: Put) -> Fill:
    value_of, add_texts, absent = put.output.value, put.adding(), ("",) * len(put.places)
    if len(absent) == 1:

        def fill_one(source: Any, add: Add) -> None:
            value = value_of(source)
            if value is None:
                add("")
            else:
                add_texts(value, add)

        return fill_one

    def fill(source: Any, add: Add) -> None:
        value = value_of(source)
        if value is not None:
            add_texts(value, add)
            return
        for each in absent:
            add(each)

    return fill


def _filling_dealt(put: Put, takers: list[Output], which: int) -> Fill:
    """Return what adds the one value of a list that falls to put."""
    add_texts, absent = put.adding(), ("",) * len(put.places)

    def fill(source: Any, add: Add) -> None:
        for value in allotted(put.output.slot.get(source), takers)[which]:
            add_texts(value, add)
            return
        for each in absent:
            add(each)

    return fill


def _filling_count(attributes: tuple[str, ...]) -> Fill:
    return lambda source, add: add(str(len(followed(source, attributes) or ())))


@dataclass(slots=True)
class SegmentPart:
    """A segment. fixed: constants of its conditions. always: written even when no rule has a value."""

    tag: str
    order: int
    fixed: dict[Position, str]
    puts: list[Put] = field(default_factory=list)
    lists: list[tuple[Put, list[Output], int]] = field(default_factory=list)  # (put, all takers of the slot, which)
    counts: list[tuple[Position, tuple[str, ...]]] = field(default_factory=list)  # (position, attributes of the list)
    constants: dict[Position, str] = field(default_factory=dict)
    always: bool = False
    sheet: "Sheet | None" = None  # of itself alone

    def settle(self) -> None:
        """Once all rules are in: what the segment says in any case, no rule has to say again."""
        for put in (*self.puts, *(each for each, _, _ in self.lists)):
            if put.fixed.items() <= self.fixed.items() and put.position not in self.fixed:
                put.fixed = {}
        self.sheet = Sheet(self)

    @property
    def paths(self) -> Paths | None:
        """The attributes its values come from, None when it is written whatever the document."""
        puts = [*self.puts, *(each for each, _, _ in self.lists)]
        if self.always or self.counts or any(put.output.always for put in puts):
            return None
        return tuple(dict.fromkeys(put.output.slot.attributes for put in puts))

    def fills(self) -> list[tuple[Fill, int]]:
        """Return what asks for its texts, in the order of lay, with the number of texts of each."""
        return [
            *[(_filling(put), len(put.places)) for put in self.puts],
            *[(_filling_dealt(put, takers, which), len(put.places)) for put, takers, which in self.lists],
            *[(_filling_count(attributes), 1) for _, attributes in self.counts],
        ]

    def rows(self, there: Sequence[bool], at: int, *, force: bool) -> list[Row]:
        """Return the segment with its texts from at on, none when it has no value and does not stand by itself."""
        cells: dict[Position, Cell] = {}
        for put in (*self.puts, *(each for each, _, _ in self.lists)):
            put.lay(there, at, cells)
            at += len(put.places)
        for place, (position, _) in enumerate(self.counts, at):
            cells[position] = place
        if not cells and not self.always and not force:
            return []
        return [row_of(self.tag, {**self.constants, **self.fixed, **cells})]

    def write(self, source: Any, *, force: bool = False) -> list[Run]:
        assert self.sheet is not None
        return self.sheet.write(source, force=force)


@dataclass(frozen=True, slots=True)
class Branch:
    """A group with those parts of it that have something to write: its first segment, then the rest."""

    first: SegmentPart | None
    rest: "tuple[SegmentPart | Branch, ...]"


class Sheet:
    """Segments that one object of the document fills: what asks it for texts, and the form for each set of texts that
    are there."""

    __slots__ = ("_fills", "_known", "_of", "_starts", "_whole")

    def __init__(self, of: SegmentPart | Branch) -> None:
        self._of = of
        self._starts: list[int] = []  # of each segment's texts, in the order of asking
        fills: list[Fill] = []
        count = 0
        for part in _segments(of):
            self._starts.append(count)
            for fill, texts in part.fills():
                fills.append(fill)
                count += texts
        self._fills = tuple(fills)
        self._known: dict[tuple[bool, ...], Form] = {}
        self._whole = {force: self._form([True] * count, force) for force in (False, True)}

    def write(self, source: Any, *, force: bool) -> list[Run]:
        texts: list[str] = []
        add = texts.append
        for fill in self._fills:
            fill(source, add)
        form = self._whole[force] if "" not in texts else self._known_form(texts, force)
        return [(form, texts)] if form.rows else []

    def _known_form(self, texts: Sequence[str], force: bool) -> Form:
        there = (force, *map(bool, texts))
        form = self._known.get(there)
        if form is None:
            form = self._form(there[1:], force)
            if len(self._known) < _REMEMBERED:
                self._known[there] = form
        return form

    def _form(self, there: Sequence[bool], force: bool) -> Form:
        return form_of(_rows(self._of, iter(self._starts), there, force))


def _segments(of: SegmentPart | Branch) -> Iterator[SegmentPart]:
    """Yield the segments in the order of asking: what opens a group comes last, since the rest may call for it."""
    if isinstance(of, SegmentPart):
        yield of
        return
    for each in of.rest:
        yield from _segments(each)
    if of.first is not None:
        yield of.first


def _rows(of: SegmentPart | Branch, starts: Iterator[int], there: Sequence[bool], force: bool) -> list[Row]:
    if isinstance(of, SegmentPart):
        return of.rows(there, next(starts), force=force)
    rest = [row for each in of.rest for row in _rows(each, starts, there, False)]
    opened = of.first.rows(there, next(starts), force=force or bool(rest)) if of.first is not None else []
    return opened + rest
