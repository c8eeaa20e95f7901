"""A document as the segments of an EDIFACT message, in the order of the directory.

Rules that share a group instance (same groups, same conditions) and a segment (same tag, same conditions) share what
is written: conditions are tests when reading and constants when writing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, Protocol

from gateway.mapping.choosing import Chooser, Paths
from gateway.mapping.frames import POSITION, Resources
from gateway.mapping.money import inheriting, money_of
from gateway.mapping.paths import Grammar, Spot, Step, Test
from gateway.mapping.rules import ListHead, Rule, refuse, segment_of
from gateway.mapping.target import Scope
from gateway.mapping.writing import Output, allotted, has_any, outputs, with_fallbacks, wrapped
from gateway.model.documents import Document
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.tree import Segment
from gateway.model.values import Amount

Position = tuple[int, int]  # element, component, both from 0
Key = tuple[object, ...]
Placed = list[tuple[int, Segment]]
Instance = tuple[Key, Placed]


class Part(Protocol):
    """Something that writes segments at its place in a group. order: of the place."""

    order: int

    def emit(self, source: Any) -> list[Segment]: ...


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

    def place(self, value: Any, cells: dict[Position, str]) -> None:
        """Write value into the cells of a segment. Raises OurFault mapping.too-long."""
        texts = self.output.texts(value)
        text = texts[0]
        if not text:
            return
        if self.no_currency and texts[1]:
            rule = self.output.rule
            raise OurFault("mapping.currency-lost", Where(path=rule.key), value=f"{text} {texts[1]}", at=rule.at)
        if self.spare:
            parts = wrapped(text, self.limit, len(self.spare) + 1)
            cells.update(zip((self.position, *self.spare), parts, strict=False))
        else:
            if len(text) > self.limit:
                rule = self.output.rule
                raise OurFault("mapping.too-long", Where(path=rule.key), value=text, limit=str(self.limit), at=rule.at)
            cells[self.position] = text
        if self.fixed:
            cells.update(self.fixed)
        if len(texts) > 1:
            for place, extra in zip(self.companions, texts[1:], strict=True):
                if place is not None and extra:
                    cells[place] = extra


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

    def settle(self) -> None:
        """Once all rules are in: what the segment says in any case, no rule has to say again."""
        for put in (*self.puts, *(each for each, _, _ in self.lists)):
            if put.fixed.items() <= self.fixed.items() and put.position not in self.fixed:
                put.fixed = {}

    @property
    def paths(self) -> Paths | None:
        """The attributes its values come from, None when it is written whatever the document."""
        puts = [*self.puts, *(each for each, _, _ in self.lists)]
        if self.always or self.counts or any(put.output.always for put in puts):
            return None
        return tuple(dict.fromkeys(put.output.slot.attributes for put in puts))

    def cells(self, source: Any) -> dict[Position, str]:
        """Return the texts of the rules, without constants; {} when none has a value."""
        found: dict[Position, str] = {}
        for put in self.puts:
            value = put.output.value(source)
            if value is not None:
                put.place(value, found)
        for put, takers, which in self.lists:
            for value in allotted(put.output.slot.get(source), takers)[which]:
                put.place(value, found)
        for position, attributes in self.counts:
            found[position] = str(len(_follow(source, attributes) or ()))
        return found

    def emit(self, source: Any, *, force: bool = False) -> list[Segment]:
        cells = self.cells(source)
        if not cells and not self.always and not force:
            return []
        return [
            _segment(self.tag, {**self.constants, **self.fixed, **cells} if self.constants or self.fixed else cells)
        ]


@dataclass(slots=True)
class RepeatedPart:
    """One segment for each value of a list: notes."""

    tag: str
    order: int
    fixed: dict[Position, str]
    put: Put
    takers: list[Output]
    which: int

    def settle(self) -> None:
        """Nothing is below."""

    @property
    def paths(self) -> Paths:
        return (self.put.output.slot.attributes,)

    def emit(self, source: Any) -> list[Segment]:
        found = []
        for value in allotted(self.put.output.slot.get(source), self.takers)[self.which]:
            cells: dict[Position, str] = {}
            self.put.place(value, cells)
            found.append(_segment(self.tag, {**self.fixed, **cells}))
        return found


@dataclass(slots=True)
class GroupPart:
    """A group instance: its first segment, then the rest by place. always: for the message and list elements."""

    name: str
    order: int
    tests: tuple[Test, ...]
    trigger: str
    parts: list[Any] = field(default_factory=list)
    first: SegmentPart | None = None
    rest: tuple[Any, ...] = ()
    paths: Paths | None = None  # the attributes its values come from, None: written whatever the document
    heads: tuple[str, ...] | None = None  # the first of each
    chooser: Chooser | None = None

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
        self.chooser = Chooser(self.rest) if len(self.rest) > 1 else None

    def emit(self, source: Any, *, force: bool = False) -> list[Segment]:
        if not force and self.heads is not None and not has_any(source, self.heads):
            return []
        rest: list[Segment] = []
        for part in self.chooser.chosen(source) if self.chooser else self.rest:
            rest += part.emit(source)
        opened = self.first.emit(source, force=force or bool(rest)) if self.first else []
        return opened + rest

    def placed(self, source: Any) -> list[tuple[int, Segment]]:
        """Return the segments with the order of the part that wrote them (for instances that several parts fill)."""
        found = []
        for part in self.parts:
            force = isinstance(part, SegmentPart) and part.tag == self.trigger
            written = part.emit(source, force=True) if force else part.emit(source)
            found += [(part.order, segment) for segment in written]
        return found


@dataclass(slots=True)
class ListPart:
    """One group instance for each element of a list."""

    order: int
    attributes: tuple[str, ...]
    element: GroupPart
    required: tuple[tuple[str, ...], ...]
    number: "tuple[str, Position] | None" = None  # segment and place that get a running number

    def settle(self) -> None:
        self.element.settle()

    @property
    def paths(self) -> Paths:
        return (self.attributes,)

    def emit(self, source: Any) -> list[Segment]:
        found: list[Segment] = []
        for each in chosen(_follow(source, self.attributes), self.required):
            found += self.element.emit(each, force=True)
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
    number: "tuple[str, Position] | None" = None

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

    def emit(self, source: Any) -> list[Segment]:
        instances: list[Instance] = []
        if self.tree:
            for unit in self._units(source, self.tree):
                placed = self.tree.element.placed(unit)
                instances.append((self._key([segment for _, segment in placed]), placed))
        known = dict(instances)
        for rows in self.rows:
            for row in chosen(_follow(source, rows.attributes), rows.required):
                self._add(rows, self._rooted(row), instances, known)
        found: list[Segment] = []
        for _, placed in instances:
            found += [segment for _, segment in sorted(placed, key=lambda pair: pair[0])]
        return numbered(found, self.number)

    def _units(self, source: Any, tree: Tree) -> list[Any]:
        units = list(_follow(source, tree.attributes) or ())
        if any(unit.id == tree.root for unit in units):
            return units
        under = [replace(u, **{tree.parent: tree.root}) if getattr(u, tree.parent) is None else u for u in units]
        return [tree.kind(id=tree.root), *under]

    def _rooted(self, row: Any) -> Any:
        if self.tree and getattr(row, self.tree.member) is None:
            return replace(row, **{self.tree.member: self.tree.root})
        return row

    def _add(self, rows: Rows, row: Any, instances: "list[Instance]", known: "dict[Key, Placed]") -> None:
        """Write row into its instance: in a tree wherever that stands, else only into the last, to keep the order."""
        head = rows.outer.placed(row)
        key = self._key([segment for _, segment in head])
        placed = known.get(key)
        if placed is None or not (self.tree or instances[-1][0] == key):
            placed = known[key] = head
            instances.append((key, head))
        placed += [(rows.inner.order, segment) for segment in rows.inner.emit(row, force=True)]

    def _key(self, segments: Sequence[Segment]) -> Key:
        if self.tree is None:
            return tuple((each.tag, each.elements) for each in segments)
        return tuple(
            next((each.get(element + 1, component + 1) for each in segments if each.tag == tag), "")
            for tag, (element, component) in self.keys
        )


def numbered(segments: list[Segment], number: "tuple[str, Position] | None") -> list[Segment]:
    """Put running numbers from 1 into the segments of a tag."""
    if number is None:
        return segments
    tag, position = number
    found, running = [], 0
    for segment in segments:
        if segment.tag == tag:
            running += 1
            cells = {(e, c): text for e, composite in enumerate(segment.elements) for c, text in enumerate(composite)}
            segment = _segment(tag, {**cells, position: str(running)})
        found.append(segment)
    return found


def chosen(elements: Any, required: tuple[tuple[str, ...], ...]) -> list[Any]:
    """Return the elements that have every value that the rules of this list require."""
    return [each for each in elements or () if all(_follow(each, attributes) is not None for attributes in required)]


def _follow(source: Any, attributes: tuple[str, ...]) -> Any:
    for name in attributes:
        if source is None:
            return None
        source = getattr(source, name)
    return source


def _segment(tag: str, cells: dict[Position, str]) -> Segment:
    values = (*cells.values(), "")
    return Segment(tag, tuple([part(values) for part in _layout(tuple(cells))]))


@lru_cache(4096)
def _layout(positions: tuple[Position, ...]) -> tuple[Callable[[tuple[str, ...]], tuple[str, ...]], ...]:
    """Return, for each element, what picks its components out of the values at positions and "" behind them."""
    absent = len(positions)
    elements: list[list[int]] = []
    for at, (element, component) in enumerate(positions):
        while len(elements) <= element:
            elements.append([absent])
        composite = elements[element]
        composite += [absent] * (component + 1 - len(composite))
        composite[component] = at
    return tuple(itemgetter(*each) if len(each) > 1 else itemgetter(slice(each[0], each[0] + 1)) for each in elements)


class EdifactWriter:
    """Compiled once per mapping. write() returns what stands between UNH and UNT."""

    def __init__(self, root: Scope, grammar: Grammar, resources: Resources) -> None:
        self.grammar = grammar
        self.resources = resources
        self.fallbacks = root.fallbacks
        self.money = money_of(root)
        self.root = GroupPart(grammar.root.name, 0, (), "")
        self._add(root, self.root, [], None)
        self.root.sort()
        self.root.settle()

    def write(self, document: Document) -> list[Segment]:
        """Return the body. Raises OurFault mapping.no-code or mapping.too-long."""
        return self.root.emit(inheriting(with_fallbacks(document, self.fallbacks), self.money))

    def _add(self, scope: Scope, group: GroupPart, base: list[str], outer: GroupPart | None) -> None:
        """Add the rules of scope to group; those that start with ../ to outer."""
        written = outputs(scope, self.resources)
        for output in written:
            rule = output.rule
            if not rule.path:
                continue
            spot, above = self._spot(rule, base)
            inside = base[:-1] if above else base
            home = self._home(outer if above else group, spot.groups, inside, rule)
            put = self._put_of(spot, output)
            beside = (*output.slot.attributes, "currency")
            put.no_currency = output.slot.hint is Amount and put.companions[0] is None and scope.find(beside) is None
            self._put(home, spot, put, [each for each in written if each.slot is output.slot], inside)
        for rule in scope.free:
            if rule.direction != "in" and rule.check != POSITION:
                self._fixed(rule, scope, group, base, outer)
        for inner in scope.lists:
            if inner.head is not None and inner.head.direction != "in":
                self._list(inner, scope, group, base)

    def _spot(self, rule: Rule, base: list[str]) -> tuple[Spot, bool]:
        above = rule.path.startswith("../")
        path = rule.path.removeprefix("../")
        return self.grammar.spot(base[:-1] if above else base, path, rule.where, rule.join is not None, rule.at), above

    def _home(
        self, start: GroupPart | None, steps: Sequence[Step], base: list[str], rule: Rule | ListHead
    ) -> GroupPart:
        """Return the group instance of a rule, made when there is none with the same conditions."""
        assert start is not None, rule.at
        names = list(base)
        for step in steps:
            parent = self.grammar.group_at(names, rule.at)
            names.append(step.group)
            found = next(
                (p for p in start.parts if isinstance(p, GroupPart) and (p.name, p.tests) == (step.group, step.tests)),
                None,
            )
            if found is None:
                use = self.grammar.group_at(names, rule.at)
                found = GroupPart(step.group, self.grammar.group_order(parent, step.group), step.tests, use.trigger)
                first = SegmentPart(use.trigger, 0, _constants(step.tests))
                found.parts.append(first)
                start.parts.append(found)
            start = found
        return start

    def _segment_part(self, home: GroupPart, spot: Spot, at: str, base: list[str]) -> SegmentPart:
        fixed = _constants(spot.tests)
        use = self.grammar.group_at([*base, *(step.group for step in spot.groups)], at)
        order = self.grammar.segment_order(use, spot.tag, at, spot.nth)
        for part in home.parts:
            same = isinstance(part, SegmentPart) and part.tag == spot.tag
            if same and (part.tag == home.trigger or (part.fixed == fixed and part.order == order)):
                return part  # type: ignore[no-any-return]  # a list of parts of several kinds
        part = SegmentPart(spot.tag, order, fixed)
        home.parts.append(part)
        return part

    def _put(self, home: GroupPart, spot: Spot, put: Put, takers: list[Output], base: list[str]) -> None:
        output, rule = put.output, put.output.rule
        which = next(n for n, each in enumerate(takers) if each is output)
        if output.slot.many and rule.each:
            fixed = _constants(spot.tests)
            if spot.tag == home.trigger and home.parts and isinstance(home.parts[0], SegmentPart):
                fixed |= home.parts.pop(0).fixed
                home.trigger = ""
            use = self.grammar.group_at([*base, *(step.group for step in spot.groups)], rule.at)
            order = self.grammar.segment_order(use, spot.tag, rule.at)
            home.parts.append(RepeatedPart(spot.tag, order, fixed, put, takers, which))
            return
        part = self._segment_part(home, spot, rule.at, base)
        if output.slot.many:
            part.lists.append((put, takers, which))
        else:
            part.puts.append(put)

    def _put_of(self, spot: Spot, output: Output) -> Put:
        use = self.grammar.directory.layout(spot.tag).elements[spot.elements[0]]
        element = spot.elements[0]
        places = tuple((element, component) for component in spot.components)
        companions: list[Position | None] = []
        for name in output.converter.companions:
            found = next((n for n, each in enumerate(use.components) if each.id == name and use.composite), None)
            companions.append(None if found is None else (element, found))
        limit = use.components[spot.components[0]].format.maximum
        fixed = {place: text for place, text in _constants(spot.tests).items() if place != places[0]}
        return Put(output, places[0], places[1:], tuple(companions), limit, fixed)

    def _fixed(self, rule: Rule, scope: Scope, group: GroupPart, base: list[str], outer: GroupPart | None) -> None:
        """Add a constant, which makes its segment stand by itself only directly in the scope's group, or a count."""
        spot, above = self._spot(rule, base)
        inner_base = base[:-1] if above else base
        home = self._home(outer if above else group, spot.groups, inner_base, rule)
        part = self._segment_part(home, spot, rule.at, inner_base)
        position = (spot.elements[0], spot.components[0])
        if rule.check:
            found = next((each for each in scope.lists if each.key.partition("[")[0] == rule.check), None)
            if found is None:
                refuse("mapping.unknown-list", rule.at, rule.check, [each.key for each in scope.lists])
            part.counts.append((position, found.attributes))
        else:
            part.constants |= {**_constants(spot.tests), position: rule.const or ""}
            part.always = part.always or not spot.groups

    def _list(self, scope: Scope, parent: Scope, group: GroupPart, base: list[str]) -> None:
        head = scope.head
        assert head is not None
        names = head.each.split("/")
        if tag := segment_of(head.each):
            self._segment_list(scope, head, tag, group, base)
            return
        use = self.grammar.group_at([*base, *names], head.at)
        _, steps = self.grammar.tests(base, names, use.trigger, "", head.where, head.at)
        above = self.grammar.group_at([*base, *names[:-1]], head.at)
        element = self._element(steps[-1], above, use.trigger)
        required = tuple(slot.attributes for slot in scope.slots if any(rule.required for rule in slot.rules))
        if len(names) == 1 and not head.tree:
            self._add(scope, element, [*base, *names], None)
            element.sort()
            number = self._number(scope, [*base, *names])
            group.parts.append(ListPart(element.order, scope.attributes, element, required, number))
        elif head.tree:
            self._add(scope, element, [*base, *names], None)
            element.sort()
            part = self._instances(group, base, names[0], head)
            member = self._member(head, parent)
            part.tree = Tree(
                scope.attributes,
                element,
                head.tree.get("root", "1"),
                head.tree.get("parent", "parent"),
                scope.kind,
                member,
            )
        elif len(names) == 2:
            outer_use = self.grammar.group_at([*base, names[0]], head.at)
            outer = self._element(steps[0], self.grammar.group_at(base, head.at), outer_use.trigger)
            self._add(scope, element, [*base, *names], outer)
            element.sort()
            outer.sort()
            part = self._instances(group, base, names[0], head)
            part.rows.append(Rows(scope.attributes, required, outer, element))
            part.keys = _key_positions(outer)
            part.number = self._number(scope, [*base, *names])
        else:
            refuse("mapping.too-deep", head.at, head.each)

    def _segment_list(self, scope: Scope, head: ListHead, tag: str, group: GroupPart, base: list[str]) -> None:
        """Add a list of which each element is one segment."""
        names = head.each.split("/")[:-1]
        tests, steps = self.grammar.segment_list(base, head.each, head.where, head.at)
        home = self._home(group, steps, base, head)
        order = self.grammar.segment_order(self.grammar.group_at([*base, *names], head.at), tag, head.at)
        element = GroupPart("", order, tests, tag)
        element.parts.append(SegmentPart(tag, 0, _constants(tests)))
        self._add(scope, element, [*base, *names], None)
        required = tuple(slot.attributes for slot in scope.slots if any(rule.required for rule in slot.rules))
        home.parts.append(ListPart(order, scope.attributes, element, required))

    def _number(self, scope: Scope, base: list[str]) -> tuple[str, Position] | None:
        """Return the place of the running number that scope's rules ask for."""
        for rule in scope.free:
            if rule.check == POSITION and rule.direction != "in":
                spot, _ = self._spot(rule, base)
                return spot.tag, (spot.elements[0], spot.components[0])
        return None

    def _member(self, head: ListHead, parent: Scope) -> str:
        list_name, _, member = head.tree.get("members", "").partition(".")
        other = next((each for each in parent.lists if each.key.partition("[")[0] == list_name), None)
        slot = next((each for each in other.slots if each.key == member), None) if other else None
        if slot is None:
            refuse("mapping.unknown-field", head.at, head.tree.get("members", ""))
        return slot.attributes[0]

    def _element(self, step: Step, above: Any, trigger: str) -> GroupPart:
        part = GroupPart(step.group, self.grammar.group_order(above, step.group), step.tests, trigger)
        part.parts.append(SegmentPart(trigger, 0, _constants(step.tests)))
        return part

    def _instances(self, group: GroupPart, base: list[str], name: str, head: ListHead) -> InstancesPart:
        order = self.grammar.group_order(self.grammar.group_at(base, head.at), name)
        found = next((p for p in group.parts if isinstance(p, InstancesPart) and p.order == order), None)
        if found is None:
            found = InstancesPart(order)
            group.parts.append(found)
        return found


def _constants(tests: tuple[Test, ...]) -> dict[Position, str]:
    """Return what conditions write: the first of the accepted values."""
    return {(test.element, test.component): test.values[0] for test in tests if test.values[0]}


def _key_positions(outer: GroupPart) -> tuple[tuple[str, Position], ...]:
    return tuple((part.tag, put.position) for part in outer.parts if isinstance(part, SegmentPart) for put in part.puts)
