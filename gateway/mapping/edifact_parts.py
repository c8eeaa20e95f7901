"""What a compiled mapping writes an EDIFACT message with: segments, groups and lists, each at its place.

Which fields have a value decides what is written. For each such set it is thought through once, into sheets: what asks
the document for texts, and the form of the segments those stand in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Protocol

from gateway.mapping.choosing import Chooser, Paths
from gateway.mapping.edifact_sheets import Branch, Put, SegmentPart, Sheet
from gateway.mapping.paths import Test
from gateway.mapping.writing import Output, allotted, chosen, followed, has_any
from gateway.model.written import Cell, Form, Position, Run, form_of, row_of

Number = tuple[str, Position]  # segment and place that get a running number
Key = tuple[object, ...]
Placed = list[tuple[int, Run]]


class Part(Protocol):
    """Something that writes segments at its place in a group. order: of the place."""

    order: int

    def write(self, source: Any, *, force: bool = False) -> list[Run]: ...


@dataclass(slots=True)
class RepeatedPart:
    """One segment for each value of a list: notes."""

    tag: str
    order: int
    fixed: dict[Position, str]
    put: Put
    takers: list[Output]
    which: int
    forms: dict[tuple[bool, ...], Form] = field(default_factory=dict)

    def settle(self) -> None:
        """Nothing is below."""

    @property
    def paths(self) -> Paths:
        return (self.put.output.slot.attributes,)

    def write(self, source: Any, *, force: bool = False) -> list[Run]:
        found: list[Run] = []
        add_texts = self.put.adding()
        for value in allotted(self.put.output.slot.get(source), self.takers)[self.which]:
            texts: list[str] = []
            add_texts(value, texts.append)
            found.append((self._form(tuple(map(bool, texts))), texts))
        return found

    def _form(self, there: tuple[bool, ...]) -> Form:
        form = self.forms.get(there)
        if form is None:
            cells: dict[Position, Cell] = {}
            self.put.lay(there, 0, cells)
            form = self.forms[there] = form_of([row_of(self.tag, {**self.fixed, **cells})])
        return form


class Plan:
    """What a group writes of an object that has just these of its fields: sheets, and between them what has more of
    its own to decide."""

    __slots__ = ("_first", "_items", "_sheet")

    def __init__(self, first: SegmentPart | None, parts: Sequence[Any], source: Any) -> None:
        flat = [_flat(each, source) for each in parts]
        whole = [each for each in flat if each is not None]
        self._sheet = Sheet(Branch(first, tuple(whole))) if len(whole) == len(flat) else None
        self._first = first
        self._items: list[Any] = []
        if self._sheet is None:
            for loose, pairs in groupby(zip(flat, parts, strict=True), lambda pair: pair[0] is None):
                if loose:
                    self._items += [part for _, part in pairs]
                else:
                    self._items.append(Sheet(Branch(None, tuple([each for each, _ in pairs if each is not None]))))

    def write(self, source: Any, *, force: bool) -> list[Run]:
        if self._sheet is not None:
            return self._sheet.write(source, force=force)
        rest: list[Run] = []
        for each in self._items:
            rest += each.write(source, force=False)
        opened = self._first.write(source, force=force or bool(rest)) if self._first is not None else []
        return opened + rest


def _flat(part: Any, source: Any) -> SegmentPart | Branch | None:
    """Return part as one that a sheet can hold; None for lists, and for groups that write whatever source has."""
    if isinstance(part, SegmentPart):
        return part
    if not isinstance(part, GroupPart) or part.paths is None:
        return None
    inner = [_flat(each, source) for each in part.chosen(source)]
    whole = [each for each in inner if each is not None]
    return Branch(part.first, tuple(whole)) if len(whole) == len(inner) else None


@dataclass(slots=True)
class GroupPart:
    """A group instance: its first segment, then the rest by place."""

    name: str
    order: int
    tests: tuple[Test, ...]
    trigger: str
    parts: list[Any] = field(default_factory=list)
    first: SegmentPart | None = None
    rest: tuple[Any, ...] = ()
    paths: Paths | None = None  # the attributes its values come from, None: written whatever the document
    heads: tuple[str, ...] | None = None  # the first of each
    plans: Chooser[Plan] | None = None

    def sort(self) -> None:
        """Put everything below into the order of the directory."""
        self.parts.sort(key=lambda part: part.order)
        for part in self.parts:
            if isinstance(part, GroupPart):
                part.sort()

    def settle(self) -> None:
        """Work out, once all rules are in, what can be passed over; here and below."""
        triggers = (part for part in self.parts if isinstance(part, SegmentPart) and part.tag == self.trigger)
        self.first = next(triggers, None)
        self.rest = tuple(part for part in self.parts if part is not self.first)
        for part in self.parts:
            part.settle()
        known = [part.paths for part in self.parts]
        if None not in known:
            self.paths = tuple(dict.fromkeys(path for each in known for path in each))
            self.heads = tuple(dict.fromkeys(path[0] for path in self.paths))
        self.plans = Chooser(self.rest, lambda parts, source: Plan(self.first, parts, source))

    def chosen(self, source: Any) -> tuple[Any, ...]:
        """Return the parts behind the first segment for which source has a value."""
        assert self.plans is not None
        return self.plans.parts(source)

    def write(self, source: Any, *, force: bool = False) -> list[Run]:
        if not force and self.heads is not None and not has_any(source, self.heads):
            return []
        assert self.plans is not None
        return self.plans.chosen(source).write(source, force=force)

    def placed(self, source: Any) -> Placed:
        """Return the runs with the order of the part that wrote them (for instances that several parts fill)."""
        found = []
        for part in self.parts:
            force = isinstance(part, SegmentPart) and part.tag == self.trigger
            found += [(part.order, run) for run in part.write(source, force=force)]
        return found


@dataclass(slots=True)
class ListPart:
    """One group instance for each element of a list."""

    order: int
    attributes: tuple[str, ...]
    element: GroupPart
    required: tuple[tuple[str, ...], ...]
    number: Number | None = None

    def settle(self) -> None:
        self.element.settle()

    @property
    def paths(self) -> Paths:
        return (self.attributes,)

    def write(self, source: Any, *, force: bool = False) -> list[Run]:
        found: list[Run] = []
        for each in chosen(followed(source, self.attributes), self.required):
            found += self.element.write(each, force=True)
        return numbered(found, self.number)


@dataclass(slots=True)
class Rows:
    """A list whose elements are written inside instances of an outer group; outer: that group's own segments."""

    attributes: tuple[str, ...]
    required: tuple[tuple[str, ...], ...]
    outer: GroupPart
    inner: GroupPart


@dataclass(slots=True)
class Tree:
    """A list whose elements are the instances of the outer group themselves, under a root (EDIFACT CPS)."""

    attributes: tuple[str, ...]
    element: GroupPart
    root: str
    parent: str
    kind: Any
    member: str


@dataclass(slots=True)
class InstancesPart:
    """Instances of an outer group: a place, a logistic unit. One is found again by all that it says, in a tree by the
    texts at the key positions."""

    order: int
    keys: tuple[tuple[str, Position], ...] = ()
    rows: list[Rows] = field(default_factory=list)
    tree: Tree | None = None
    number: Number | None = None

    def settle(self) -> None:
        if self.tree:
            self.tree.element.settle()
        for rows in self.rows:
            rows.outer.settle()
            rows.inner.settle()

    @property
    def paths(self) -> Paths | None:
        """A tree writes its root even when nothing stands in it."""
        return None if self.tree else tuple(dict.fromkeys(rows.attributes for rows in self.rows))

    def write(self, source: Any, *, force: bool = False) -> list[Run]:
        instances: list[tuple[Key, Placed]] = []
        if self.tree:
            for unit in self._units(source, self.tree):
                placed = self.tree.element.placed(unit)
                instances.append((self._key(placed), placed))
        known = dict(instances)
        for rows in self.rows:
            for row in chosen(followed(source, rows.attributes), rows.required):
                self._add(rows, self._rooted(row), instances, known)
        found: list[Run] = []
        for _, placed in instances:
            found += [run for _, run in sorted(placed, key=lambda pair: pair[0])]
        return numbered(found, self.number)

    def _units(self, source: Any, tree: Tree) -> list[Any]:
        units = list(followed(source, tree.attributes) or ())
        if any(unit.id == tree.root for unit in units):
            return units
        under = [replace(u, **{tree.parent: tree.root}) if getattr(u, tree.parent) is None else u for u in units]
        return [tree.kind(id=tree.root), *under]

    def _rooted(self, row: Any) -> Any:
        if self.tree and getattr(row, self.tree.member) is None:
            return replace(row, **{self.tree.member: self.tree.root})
        return row

    def _add(self, rows: Rows, row: Any, instances: list[tuple[Key, Placed]], known: dict[Key, Placed]) -> None:
        """Write row into its instance: in a tree wherever that stands, else only into the last, to keep the order."""
        head = rows.outer.placed(row)
        key = self._key(head)
        placed = known.get(key)
        if placed is None or not (self.tree or instances[-1][0] == key):
            placed = known[key] = head
            instances.append((key, head))
        placed += [(rows.inner.order, run) for run in rows.inner.write(row, force=True)]

    def _key(self, placed: Placed) -> Key:
        segments = [each for _, (form, texts) in placed for each in form.segments(texts)]
        if self.tree is None:
            return tuple((each.tag, each.elements) for each in segments)
        return tuple(
            next((each.get(element + 1, component + 1) for each in segments if each.tag == tag), "")
            for tag, (element, component) in self.keys
        )


def numbered(runs: list[Run], number: Number | None) -> list[Run]:
    """Put running numbers from 1 into the segments of a tag."""
    if number is None:
        return runs
    found: list[Run] = []
    running = 1
    for form, texts in runs:
        with_places, more = form.numbered(*number, len(texts))
        found.append((with_places, [*texts, *map(str, range(running, running + more))]))
        running += more
    return found
