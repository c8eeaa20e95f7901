"""The rules of an XML mapping as a tree of the elements they name, and the walk of a document along it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from gateway.codecs.xml import Element
from gateway.mapping.frames import Frame, FramePlan, State, Store, close_element, open_frame
from gateway.mapping.stores import Direct, Keeping

ANY = "*"
Carried = list[tuple[FramePlan, Store, str, tuple[str, ...], Element, int]]  # for the elements of that plan


@dataclass(frozen=True, slots=True)
class Test:
    """A condition seen from one element: the text of a descendant (steps) or an attribute of it.

    values: "" accepts that there is none, "*" any text; neither is ever written.
    """

    steps: tuple[str, ...]
    attribute: str
    values: tuple[str, ...]

    def text(self, element: Element) -> str:
        """Return what the condition is about, "" when there is nothing."""
        for step in self.steps:
            for child in element:  # most have a few: quicker than what lxml offers
                if child.tag == step:
                    element = child
                    break
            else:
                return ""
        return element.get(self.attribute, "") if self.attribute else (element.text or "").strip()

    def rank_of(self, text: str) -> int:
        """Return the place of the text among the accepted values, -1 when it is none of them."""
        if text in self.values:
            return self.values.index(text)
        return self.values.index(ANY) if text and ANY in self.values else -1

    def rank(self, element: Element) -> int:
        """Return the place of the element's text among the accepted values, -1 when it is none of them."""
        return self.rank_of(self.text(element))


Run = Callable[[Element, Frame, State, Carried], None]


class Action:
    """What one rule does with an element. carry: the list whose elements get the text, None for the frame at hand."""

    __slots__ = ("run", "tests")

    def __init__(self, keeping: Keeping, attribute: str, tests: Sequence[Test], carry: FramePlan | None) -> None:
        self.tests = tuple(tests)
        store, companions = keeping.store, tuple(name[1:] for name in keeping.companions)
        if attribute or carry is not None or len(companions) > 1 or any(test.steps for test in tests):
            self.run = _careful(store, attribute, self.tests, companions, carry)
        elif len(tests) == 1:
            self.run = _chosen(store, tests[0], companions)
        elif tests:
            self.run = _careful(store, "", self.tests, companions, None)
        elif keeping.direct is not None and not companions:
            self.run = _direct(store, keeping.direct)
        else:
            self.run = _plain(store, companions)


def _direct(store: Store, direct: Direct) -> Run:
    """Return how the text of an element becomes a value without asking store, as long as nothing is unusual."""
    index = direct.index
    memory = {} if direct.memory is None else direct.memory

    def run_text(element: Element, frame: Frame, state: State, carried: Carried) -> None:
        text = element.text
        if text and (text := text.strip()):
            places = frame.places
            if index in places:
                store(frame, state, text, (), element, 0)
            else:
                frame.values[index] = text
                places[index] = element

    def run(element: Element, frame: Frame, state: State, carried: Carried) -> None:
        text = element.text
        if text and (text := text.strip()):
            places = frame.places
            value = memory.get(text)
            if value is None or index in places:
                store(frame, state, text, (), element, 0)
            else:
                frame.values[index] = value
                places[index] = element

    return run_text if direct.memory is None else run


def _plain(store: Store, companions: tuple[str, ...]) -> Run:
    """Return how the text of an element is handed to store when nothing else is asked."""

    def run(element: Element, frame: Frame, state: State, carried: Carried) -> None:
        text = element.text
        if text and (text := text.strip()):
            store(frame, state, text, (), element, 0)

    def run_beside(element: Element, frame: Frame, state: State, carried: Carried) -> None:
        text = element.text
        if text and (text := text.strip()):
            store(frame, state, text, (element.get(only, ""),), element, 0)

    if not companions:
        return run
    (only,) = companions
    return run_beside


def _chosen(store: Store, test: Test, companions: tuple[str, ...]) -> Run:
    """Return how the text of an element is handed to store when the element itself says whether it is the right one."""
    attribute = test.attribute
    ranks = {value: test.rank_of(value) for value in test.values if value != ANY}
    other = test.rank_of(ANY)

    def run(element: Element, frame: Frame, state: State, carried: Carried) -> None:
        text = (element.text or "").strip()
        said = element.get(attribute, "") if attribute else text
        rank = ranks.get(said, other if said else -1)
        if text and rank >= 0:
            store(frame, state, text, tuple([element.get(name, "") for name in companions]), element, rank)

    return run


def _careful(
    store: Store, attribute: str, tests: tuple[Test, ...], companions: tuple[str, ...], carry: FramePlan | None
) -> Run:
    """Return how a text and its companions are handed to store, or down to the elements of the list carry."""

    def run(element: Element, frame: Frame, state: State, carried: Carried) -> None:
        rank = 0
        for test in tests:
            place = test.rank(element)
            if place < 0:
                return
            rank += place
        text = element.get(attribute) if attribute else element.text
        text = text.strip() if text else ""
        if not text:
            return
        beside = tuple([element.get(name, "") for name in companions])
        if carry is not None:
            carried.append((carry, store, text, beside, element, rank))
        else:
            store(frame, state, text, beside, element, rank)

    return run


@dataclass(slots=True)
class Node:
    """The rules at one element, and the ways down.

    around: rules of list elements below that look at this level (../); walked first, wherever their elements stand
    """

    actions: list[Action] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)  # of the actions
    around: "Node | None" = None
    children: dict[str, "list[Edge]"] = field(default_factory=dict)
    looked_at: set[tuple[str, ...]] = field(default_factory=set)  # descendants that conditions read
    ways: "Ways" = field(default_factory=dict)  # where the children lead

    def settle(self) -> None:
        """Take down the ways, once all rules are in."""
        for tag, edges in self.children.items():
            first = edges[0]
            if len(edges) > 1 or first.tests:
                self.ways[tag] = Fork(tuple(edges))
            elif first.is_leaf:
                self.ways[tag] = first.node.runs[0]
            else:
                self.ways[tag] = first
            for edge in edges:
                edge.node.settle()


@dataclass(slots=True)
class Edge:
    """The way into a child element: conditions, and the list element it opens, if any.

    carries: there are lists below, so that what is handed down to their elements is collected anew for each child
    """

    tests: tuple[Test, ...]
    node: Node
    plan: FramePlan | None = None
    carries: bool = False

    @property
    def is_leaf(self) -> bool:
        """Tell whether there is but one thing to do with the child, and nothing below it."""
        node = self.node
        return len(node.runs) == 1 and not (node.children or node.around or self.plan or self.carries)


class Fork:
    """Several ways into a child, or one that depends on what the child says.

    place     the test that looks at the place that all ways depend on, None when they depend on several
    by_value  for each value that some way asks for: the ways that accept it; other: those that accept any other
    """

    __slots__ = ("by_value", "edges", "other", "place")

    def __init__(self, edges: tuple[Edge, ...]) -> None:
        self.edges = edges
        tests = [test for edge in edges for test in edge.tests]
        alike = len({(test.steps, test.attribute) for test in tests}) == 1 and all(len(e.tests) == 1 for e in edges)
        self.place = tests[0] if alike else None
        known = {value for test in tests for value in test.values if value != ANY} | {""}
        self.by_value = {value: self._accepting(value) for value in known} if alike else {}
        self.other = self._accepting(ANY) if alike else ()

    def _accepting(self, text: str) -> tuple[Edge, ...]:
        return tuple(edge for edge in self.edges if edge.tests[0].rank_of(text) >= 0)

    def passing(self, child: Element) -> Sequence[Edge]:
        """Return the ways into child."""
        if self.place is not None:
            return self.by_value.get(self.place.text(child), self.other)
        return [edge for edge in self.edges if passes(child, edge.tests)]


Ways = dict[str, Edge | Fork | Run]  # Edge: one without conditions; Run: of that, when nothing is below it


_NOWHERE: Ways = {}


class Walk:
    """One pass over a document in the order of its text.

    The elements come from one iterator over all of them, which costs a third of asking each for its children; how many
    children each has tells where the levels end.
    """

    __slots__ = ("levels", "state")

    def __init__(self, state: State) -> None:
        self.state = state
        # of the levels above: ways down, frame, carried, how many children are to come, the frame to close after them
        self.levels: list[tuple[Ways, Frame, Carried, int, Frame | None]] = []

    def run(self, root: Element, node: Node, frame: Frame) -> None:  # noqa: C901  the innermost loop calls nothing
        """Walk through everything below root."""
        state, levels = self.state, self.levels
        carried: Carried = []
        if node.around is not None:
            _walk(root, node.around, frame, state, carried)
        ways, left = node.ways, len(root)
        elements = iter(root.iter())
        next(elements)
        opened: Frame | None = None
        for child in elements:
            while not left:
                if opened is not None:
                    close_element(opened, state)
                ways, frame, carried, left, opened = levels.pop()
            left -= 1
            inside = len(child)
            edge: Any = ways.get(child.tag)
            if edge.__class__ is FunctionType:
                edge(child, frame, state, carried)
                edge = None
            elif edge.__class__ is Fork:
                edge = self._way(child, edge, frame, carried)
            if edge is None:
                if inside:
                    levels.append((ways, frame, carried, left, opened))
                    ways, left, opened = _NOWHERE, inside, None
                continue
            node, inner, below = edge.node, frame, carried
            if edge.plan is not None:
                inner, below = open_frame(edge.plan, frame, child), []
                _hand_down(carried, edge.plan, inner, state)
            elif edge.carries:
                below = []
            for run in node.runs:
                run(child, inner, state, below)
            if inside:
                levels.append((ways, frame, carried, left, opened))
                ways, frame, carried, left = node.ways, inner, below, inside
                opened = None if edge.plan is None else inner
                if node.around is not None:
                    _walk(child, node.around, inner, state, below)
            elif edge.plan is not None:
                close_element(inner, state)
        self._leave(opened)

    def _way(self, child: Element, fork: Fork, frame: Frame, carried: Carried) -> Edge | None:
        """Return the only way into child; when there are several, go them one after the other, and return none."""
        passing = fork.passing(child)
        if len(passing) > 1:
            for edge in passing:
                _enter(child, edge, frame, self.state, carried)
            return None
        return passing[0] if passing else None

    def _leave(self, opened: Frame | None) -> None:
        """Close the frames that the last element has left open."""
        while True:
            if opened is not None:
                close_element(opened, self.state)
            if not self.levels:
                return
            opened = self.levels.pop()[4]


def passes(element: Element, tests: tuple[Test, ...]) -> bool:
    """Tell whether element passes all tests."""
    return all(test.rank(element) >= 0 for test in tests)


def _walk(parent: Element, node: Node, frame: Frame, state: State, carried: Carried) -> None:
    """Walk below parent alone, level by level: what is looked at twice."""
    if node.around is not None:
        _walk(parent, node.around, frame, state, carried)
    for child in parent:
        for edge in node.children.get(child.tag, ()):
            if passes(child, edge.tests):
                _enter(child, edge, frame, state, carried)


def _enter(child: Element, edge: Edge, frame: Frame, state: State, carried: Carried) -> None:
    inner, below = frame, carried
    if edge.plan is not None:
        inner, below = open_frame(edge.plan, frame, child), []
        _hand_down(carried, edge.plan, inner, state)
    elif edge.carries:
        below = []
    for run in edge.node.runs:
        run(child, inner, state, below)
    if edge.node.children or edge.node.around:
        _walk(child, edge.node, inner, state, below)
    if edge.plan is not None:
        close_element(inner, state)


def _hand_down(carried: Carried, plan: FramePlan, inner: Frame, state: State) -> None:
    """Give a new list element the texts of the level around it."""
    for wanted, store, text, beside, place, rank in carried:
        if wanted is plan:
            store(inner, state, text, beside, place, rank)
