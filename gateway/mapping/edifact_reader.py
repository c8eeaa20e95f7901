"""One walk over an EDIFACT message: each segment is looked at once, by the rules that stand at its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.mapping.converters import Converter
from gateway.mapping.frames import (
    Frame,
    FramePlan,
    Resources,
    State,
    Store,
    close_element,
    finish,
    open_frame,
    plan_for,
)
from gateway.mapping.ignored import IgnoredPlaces
from gateway.mapping.paths import Grammar, Spot, Step, Test
from gateway.mapping.reading import Leftover, Reading
from gateway.mapping.rules import Rule, refuse, segment_of
from gateway.mapping.stores import free_check, store_for
from gateway.mapping.target import Scope
from gateway.model.findings import Where
from gateway.model.places import Row
from gateway.model.tree import Group, Segment

Place = tuple[Segment, int, int]  # element and component from 0
Carried = list[tuple[FramePlan, Store, str, tuple[str, ...], Place, int]]  # texts of an outer group, for elements in it
_SAME = -1  # the test is about the composite that the text stands in
_SERVICE = ("UNH", "UNT", "UNS")


def locate(place: Place) -> Where:
    """Return the place as Where."""
    segment, element, component = place
    return segment.where(element + 1, component + 1) if element >= 0 else segment.where()


def _row(place: Place) -> Row:
    """Return the place as a row of gateway.model.places."""
    segment, element, component = place
    number, tag, offset, line, column = segment.spot()
    if element < 0:
        return (number, tag, None, None, offset, line, column)
    return (number, tag, element + 1, component + 1, offset, line, column)


class Action:
    """What one rule does with a segment. carry: the list whose elements get the text, None for the frame at hand."""

    __slots__ = ("carry", "companions", "components", "elements", "join", "store", "tests")

    def __init__(
        self, spot: Spot, converter: Converter | None, store: Store, grammar: Grammar, rule: Rule, plan: FramePlan
    ) -> None:
        self.store = store
        self.elements = spot.elements
        self.components = spot.components
        self.join = rule.join
        self.carry = plan if rule.path.startswith("../") else None
        self.tests = tuple(
            (
                _SAME if test.element == spot.elements[0] else test.element,
                test.component,
                {value: rank for rank, value in enumerate(test.values)},
            )
            for test in spot.tests
        )
        names = converter.companions if converter else ()
        self.companions = tuple(_companion(grammar, spot, name) for name in names)

    def run(self, segment: Segment, frame: Frame, state: State, carried: Carried) -> None:
        """Look at each place where the text may stand."""
        data = segment.elements
        for element in self.elements:
            if element >= len(data):
                return
            composite = data[element]
            rank = 0
            for test_element, component, values in self.tests:
                found = composite if test_element == _SAME else data[test_element] if test_element < len(data) else ()
                place = values.get(found[component] if component < len(found) else "")
                if place is None:
                    break
                rank += place
            else:
                self.take(segment, composite, element, rank, frame, state, carried)

    def take(
        self,
        segment: Segment,
        composite: tuple[str, ...],
        element: int,
        rank: int,
        frame: Frame,
        state: State,
        carried: Carried,
    ) -> None:
        """Hand the text and its companions to the store."""
        component = self.components[0]
        if self.join is None:
            text = composite[component] if component < len(composite) else ""
        else:
            text = self.join.join(
                composite[each].strip() for each in self.components if each < len(composite) and composite[each].strip()
            )
        if not text:
            return
        beside = tuple(composite[each] if 0 <= each < len(composite) else "" for each in self.companions)
        if self.carry is not None:
            carried.append((self.carry, self.store, text, beside, (segment, element, component), rank))
        else:
            self.store(frame, state, text, beside, (segment, element, component), rank)

    def touched(self, segment: Segment) -> Iterator[tuple[int, int]]:
        """Yield the places in segment that this rule has to do with, whether or not there is a text."""
        for element in self.elements:
            if element >= len(segment.elements):
                return
            for test_element, component, values in self.tests:
                at = element if test_element == _SAME else test_element
                if segment.get(at + 1, component + 1) not in values:
                    break
            else:
                for test_element, component, _ in self.tests:
                    yield (element if test_element == _SAME else test_element), component
                for component in (*self.components, *self.companions):
                    yield element, component


def _companion(grammar: Grammar, spot: Spot, name: str) -> int:
    """Return the component that holds a companion, -1 when the composite has none."""
    use = grammar.directory.layout(spot.tag).elements[spot.elements[0]]
    return next((n for n, each in enumerate(use.components) if each.id == name and use.composite), -1)


class SegmentList:
    """Opens a list element for each segment that passes the tests."""

    __slots__ = ("actions", "plan", "tests")

    def __init__(self, tests: tuple[Test, ...], actions: "Sequence[Action | SegmentList]", plan: FramePlan) -> None:
        self.tests = tests
        self.actions = actions
        self.plan = plan

    def run(self, segment: Segment, frame: Frame, state: State, carried: Carried) -> None:
        """Build one element of the segment."""
        if not _passes(segment, self.tests):
            return
        inner = open_frame(self.plan, frame, (segment, -1, 0))
        for action in self.actions:
            action.run(segment, inner, state, [])
        close_element(inner, state)

    def touched(self, segment: Segment) -> Iterator[tuple[int, int]]:
        """Yield the places in segment that the rules have to do with."""
        if not _passes(segment, self.tests):
            return
        yield from ((test.element, test.component) for test in self.tests)
        for action in self.actions:
            yield from action.touched(segment)


@dataclass(slots=True)
class Node:
    """The rules at one group."""

    segments: dict[str, list[Action | SegmentList]] = field(default_factory=dict)
    groups: dict[str, "list[Edge]"] = field(default_factory=dict)


@dataclass(slots=True)
class Edge:
    """The way into a group: what its first segment must say, and the list element it opens, if any."""

    tests: tuple[Test, ...]
    node: Node
    plan: FramePlan | None = None
    carries: bool = False


class EdifactReader:
    """Compiled once per mapping; read() keeps nothing between two calls."""

    def __init__(self, root: Scope, grammar: Grammar, resources: Resources, ignore: tuple[str, ...]) -> None:
        self.grammar = grammar
        self.resources = resources
        self.ignored = IgnoredPlaces(grammar, ignore)
        self.plan = plan_for(root, resources)
        self.node = Node()
        self._add(root, self.plan, self.node, [], self.node)

    def read(self, tree: Group) -> Reading:
        """Map the message. Never raises for what the partner sent."""
        state = State(locate=locate, row=_row)
        frame = Frame(self.plan, None, None, 0)
        _walk(tree, self.node, frame, state, [])
        return finish(frame, state, lambda: tuple(self._leftovers(tree)))

    def _add(self, scope: Scope, plan: FramePlan, node: Node, base: list[str], outer: Node) -> None:
        """Put the rules of scope at their nodes. base: group names down to it; outer: node of the group above."""
        for slot in scope.slots:
            for order, rule in enumerate(slot.rules):
                if rule.direction == "out" or not rule.path:
                    continue
                store, converter = store_for(rule, slot, order, self.resources, in_list=bool(plan.key))
                self._place(rule, store, converter, node, base, outer, plan)
        for rule in scope.free:
            if rule.path:
                self._place(rule, free_check(rule, scope), None, node, base, outer, plan)
        for inner in scope.lists:
            head = inner.head
            assert head is not None
            if head.direction == "out":
                continue
            self._add_list(inner, plan.lists[inner.key], node, base)

    def _add_list(self, scope: Scope, plan: FramePlan, node: Node, base: list[str]) -> None:
        head = scope.head
        assert head is not None
        names = head.each.split("/")
        if tag := segment_of(head.each):
            tests, steps = self.grammar.segment_list(base, head.each, head.where, head.at)
            for step in steps:
                node = _descend(node, step)
            own = Node()
            self._add(scope, plan, own, [*base, *names[:-1]], own)
            node.segments.setdefault(tag, []).append(SegmentList(tests, own.segments.get(tag, []), plan))
            return
        group = self.grammar.group_at([*base, *names], head.at)
        _, steps = self.grammar.tests(base, names, group.trigger, "", head.where, head.at)
        above = node
        for step in steps[:-1]:
            above = _descend(above, step, carries=len(steps) > 1)
        edge = Edge(steps[-1].tests, Node(), plan)
        above.groups.setdefault(steps[-1].group, []).append(edge)
        self._add(scope, plan, edge.node, [*base, *names], above)

    def _place(
        self, rule: Rule, store: Store, converter: Converter | None, node: Node, base: list[str], outer: Node,
        plan: FramePlan,
    ) -> None:  # fmt: skip
        path = rule.path
        if path.startswith("../"):
            path, base, node = path[3:], base[:-1], outer
            if not base:
                refuse("mapping.unknown-path", rule.at, rule.path)
        spot = self.grammar.spot(base, path, rule.where, rule.join is not None, rule.at)
        for step in spot.groups:
            node = _descend(node, step)
        node.segments.setdefault(spot.tag, []).append(Action(spot, converter, store, self.grammar, rule, plan))

    def _leftovers(self, tree: Group) -> Iterator[Leftover]:
        touched: dict[int, set[tuple[int, int]]] = {}
        _touch(tree, self.node, touched)
        for path, segment in _with_paths(tree, ""):
            if segment.tag in _SERVICE or self.ignored.segment(path, segment):
                continue
            seen = touched.get(id(segment), set())
            for element, composite in enumerate(segment.elements):
                for component, text in enumerate(composite):
                    if not text or (element, component) in seen:
                        continue
                    if not self.ignored.element(path, segment, element, component):
                        where = segment.where(element + 1, component + 1)
                        yield Leftover(where=where, path=f"{path}{segment.tag}", value=text[:200])


def _descend(node: Node, step: Step, *, carries: bool = False) -> Node:
    """Return the node below by step, new if there is none with the same tests."""
    for edge in node.groups.setdefault(step.group, []):
        if edge.plan is None and edge.tests == step.tests and edge.carries == carries:
            return edge.node
    edge = Edge(step.tests, Node(), None, carries)
    node.groups[step.group].append(edge)
    return edge.node


def _passes(segment: Segment, tests: tuple[Test, ...]) -> bool:
    return all(segment.get(test.element + 1, test.component + 1) in test.values for test in tests)


def _walk(group: Group, node: Node, frame: Frame, state: State, carried: Carried) -> None:
    segments, groups = node.segments, node.groups
    for child in group.children:
        if child.__class__ is Segment:
            actions = segments.get(child.tag)
            if actions:
                for action in actions:
                    action.run(child, frame, state, carried)
            continue
        assert isinstance(child, Group)
        for edge in groups.get(child.name, ()):
            if edge.tests and not _passes(child.trigger, edge.tests):
                continue
            if edge.plan is None:
                _walk(child, edge.node, frame, state, [] if edge.carries else carried)
                continue
            inner = open_frame(edge.plan, frame, (child.trigger, -1, 0))
            for plan, store, text, beside, place, rank in carried:
                if plan is edge.plan:
                    store(inner, state, text, beside, place, rank)
            _walk(child, edge.node, inner, state, [])
            close_element(inner, state)


def _touch(group: Group, node: Node, touched: dict[int, set[tuple[int, int]]]) -> None:
    for child in group.children:
        if isinstance(child, Segment):
            for action in node.segments.get(child.tag, ()):
                touched.setdefault(id(child), set()).update(action.touched(child))
            continue
        for edge in node.groups.get(child.name, ()):
            if _passes(child.trigger, edge.tests):
                places = {(test.element, test.component) for test in edge.tests}
                touched.setdefault(id(child.trigger), set()).update(places)
                _touch(child, edge.node, touched)


def _with_paths(group: Group, path: str) -> Iterator[tuple[str, Segment]]:
    for child in group.children:
        if isinstance(child, Segment):
            yield path, child
        else:
            yield from _with_paths(child, f"{path}{child.name}/")
