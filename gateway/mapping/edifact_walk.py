"""The rules of an EDIFACT mapping as a tree of groups and segments, and the walk of a message along it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.mapping.frames import Frame, FramePlan, State, Store, close_element, open_frame
from gateway.mapping.paths import Grammar, Spot, Test
from gateway.mapping.rules import Rule
from gateway.mapping.stores import Keeping
from gateway.model.tree import Elements, Group, Segment

Place = tuple[Segment, int, int]  # element and component from 0
Carried = list[tuple[FramePlan, Store, str, tuple[str, ...], Place, int]]  # texts of an outer group, for elements in it
Run = Callable[[Segment, Elements, Frame, State, Carried], None]
Position = tuple[int, int]  # element and component from 0
_SAME = -1  # the test is about the composite that the text stands in
_ANYWHERE: Position = (-1, 0)
_NOTHING: tuple[str, ...] = ()


class Action:
    """What one rule does with a segment. carry: the list whose elements get the text, None for the frame at hand."""

    __slots__ = ("carry", "companions", "components", "elements", "join", "store", "tests")

    def __init__(self, spot: Spot, kept: Keeping, grammar: Grammar, rule: Rule, plan: FramePlan) -> None:
        self.store = kept.store
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
        self.companions = tuple(_companion(grammar, spot, name) for name in kept.companions)

    def asks(self) -> Mapping[Position, Mapping[str, int]]:
        """Return the tests whose place is known: texts that pass, with their ranks, by position."""
        found: dict[Position, Mapping[str, int]] = {}
        for element, component, values in self.tests:
            if element != _SAME or len(self.elements) == 1:
                found.setdefault((self.elements[0] if element == _SAME else element, component), values)
        return found

    def runner(self, passed: Position = _ANYWHERE, text: str = "") -> Run:
        """Return what is done with a segment of which the test at passed is known to have met text."""
        known = self.asks().get(passed)
        rank = known[text] if known is not None else 0
        tests = tuple(test for test in self.tests if test[2] is not known)
        if not tests and len(self.elements) == 1 and self.join is None and self.carry is None:
            return _straight(self.elements[0], self.components[0], self.companions, self.store, rank)

        def run(segment: Segment, data: Elements, frame: Frame, state: State, carried: Carried) -> None:
            for element in self.elements:
                if element >= len(data):
                    return
                found = _rank(tests, data, element, rank)
                if found >= 0:
                    self._take(segment, data[element], element, found, frame, state, carried)

        return run

    def _take(
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
        beside = tuple([composite[each] if 0 <= each < len(composite) else "" for each in self.companions])
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


def _rank(tests: Sequence[tuple[int, int, Mapping[str, int]]], data: Elements, element: int, rank: int) -> int:
    """Return rank and the ranks of the tests, -1 when one of them fails."""
    for at, component, values in tests:
        at = element if at == _SAME else at
        composite = data[at] if at < len(data) else _NOTHING
        place = values.get(composite[component] if component < len(composite) else "")
        if place is None:
            return -1
        rank += place
    return rank


def _straight(element: int, component: int, companions: tuple[int, ...], store: Store, rank: int) -> Run:
    """Return what is done for a text at one place of which nothing is left to ask."""

    def run(segment: Segment, data: Elements, frame: Frame, state: State, carried: Carried) -> None:
        if element < len(data):
            composite = data[element]
            if component < len(composite) and (text := composite[component]):
                store(frame, state, text, _NOTHING, (segment, element, component), rank)

    def run_beside(segment: Segment, data: Elements, frame: Frame, state: State, carried: Carried) -> None:
        if element < len(data):
            composite = data[element]
            size = len(composite)
            if component < size and (text := composite[component]):
                beside = tuple([composite[each] if 0 <= each < size else "" for each in companions])
                store(frame, state, text, beside, (segment, element, component), rank)

    return run_beside if companions else run


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

    def asks(self) -> Mapping[Position, Mapping[str, int]]:
        """Return the tests by position."""
        return {(test.element, test.component): dict.fromkeys(test.values, 0) for test in reversed(self.tests)}

    def runner(self, passed: Position = _ANYWHERE, text: str = "") -> Run:
        """Return what is done with a segment."""
        runs = [action.runner() for action in self.actions]
        tests, plan = self.tests, self.plan

        def run(segment: Segment, data: Elements, frame: Frame, state: State, carried: Carried) -> None:
            if not passes(segment, tests):
                return
            inner = open_frame(plan, frame, (segment, -1, 0))
            for each in runs:
                each(segment, data, inner, state, [])
            close_element(inner, state)

        return run

    def touched(self, segment: Segment) -> Iterator[tuple[int, int]]:
        """Yield the places in segment that the rules have to do with."""
        if not passes(segment, self.tests):
            return
        yield from ((test.element, test.component) for test in self.tests)
        for action in self.actions:
            yield from action.touched(segment)


@dataclass(slots=True)
class Switch:
    """What is to be done with a segment or a group, told by the one text that most of it depends on.

    position  of that text; (-1, 0): nothing depends on a text
    by_value  for each text that somebody asks for; other: for any other
    """

    position: Position
    by_value: dict[str, tuple[Any, ...]]
    other: tuple[Any, ...]

    def chosen(self, data: Elements) -> tuple[Any, ...]:
        """Return what is to be done with a segment of these elements."""
        element, component = self.position
        if element < 0:
            return self.other
        composite = data[element] if element < len(data) else _NOTHING
        return self.by_value.get(composite[component] if component < len(composite) else "", self.other)


def _position(asked: Sequence[Mapping[Position, Any]]) -> Position:
    """Return the position that most depend on."""
    counts: dict[Position, int] = {}
    for each in asked:
        for position in each:
            counts[position] = counts.get(position, 0) + 1
    return max(counts, key=lambda position: counts[position], default=_ANYWHERE)


def switch_of_segments(actions: "Sequence[Action | SegmentList]") -> Switch:
    """Return the switch of the rules for the segments of one tag."""
    asked = [action.asks() for action in actions]
    position = _position(asked)
    texts = {text for each in asked for text in each.get(position, ())}
    return Switch(
        position=position,
        by_value={
            text: tuple(
                action.runner(position, text)
                for action, asks in zip(actions, asked, strict=True)
                if text in asks.get(position, {text})
            )
            for text in texts
        },
        other=tuple(action.runner() for action, asks in zip(actions, asked, strict=True) if position not in asks),
    )


def switch_of_groups(edges: "Sequence[Edge]") -> Switch:
    """Return the switch of the ways into the groups of one name."""
    asked = [{(test.element, test.component): test.values for test in reversed(edge.tests)} for edge in edges]
    position = _position(asked)
    texts = {text for each in asked for text in each.get(position, ())}
    pairs = list(zip(edges, asked, strict=True))
    return Switch(
        position=position,
        by_value={
            text: tuple((e, e.left(position)) for e, asks in pairs if text in asks.get(position, (text,)))
            for text in texts
        },
        other=tuple((edge, edge.tests) for edge, asks in pairs if position not in asks),
    )


@dataclass(slots=True)
class Node:
    """The rules at one group; from them, once all are in, what to do with each segment and group."""

    segments: dict[str, list[Action | SegmentList]] = field(default_factory=dict)
    groups: dict[str, "list[Edge]"] = field(default_factory=dict)
    at_segment: dict[str, Switch] = field(default_factory=dict)
    at_group: dict[str, Switch] = field(default_factory=dict)

    def settle(self) -> None:
        """Make the switches, here and below."""
        self.at_segment = {tag: switch_of_segments(actions) for tag, actions in self.segments.items()}
        self.at_group = {name: switch_of_groups(edges) for name, edges in self.groups.items()}
        for edges in self.groups.values():
            for edge in edges:
                edge.node.settle()


@dataclass(slots=True)
class Edge:
    """The way into a group: what its first segment must say, and the list element it opens, if any."""

    tests: tuple[Test, ...]
    node: Node
    plan: FramePlan | None = None
    carries: bool = False

    def left(self, position: Position) -> tuple[Test, ...]:
        """Return the tests that are left when the first one at position has passed."""
        done = next((test for test in self.tests if (test.element, test.component) == position), None)
        return tuple(test for test in self.tests if test is not done)


def passes(segment: Segment, tests: tuple[Test, ...]) -> bool:
    """Tell whether segment passes all tests."""
    return all(segment.get(test.element + 1, test.component + 1) in test.values for test in tests)


def walk(group: Group, node: Node, frame: Frame, state: State, carried: Carried) -> None:
    """Let the rules of node look at everything in group."""
    at_segment, at_group = node.at_segment, node.at_group
    for child in group.children:
        if child.__class__ is Segment:
            switch = at_segment.get(child.tag)
            if switch is not None:
                data = child.elements
                for run in switch.chosen(data):
                    run(child, data, frame, state, carried)
            continue
        assert isinstance(child, Group)
        switch = at_group.get(child.name)
        if switch is None:
            continue
        trigger = child.trigger
        for edge, tests in switch.chosen(trigger.elements):
            if tests and not passes(trigger, tests):
                continue
            if edge.plan is None:
                walk(child, edge.node, frame, state, [] if edge.carries else carried)
                continue
            inner = open_frame(edge.plan, frame, (trigger, -1, 0))
            for plan, store, text, beside, place, rank in carried:
                if plan is edge.plan:
                    store(inner, state, text, beside, place, rank)
            walk(child, edge.node, inner, state, [])
            close_element(inner, state)
