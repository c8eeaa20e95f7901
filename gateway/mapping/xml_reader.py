"""One walk over an XML tree: each element is looked at once, by the rules that stand at its place."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from gateway.codecs.xml import Element, locate
from gateway.mapping.converters import Converter
from gateway.mapping.frames import (
    Frame,
    FramePlan,
    Resources,
    State,
    Store,
    close_element,
    finish,
    free_check,
    open_frame,
    plan_for,
    store_for,
)
from gateway.mapping.ignored import IgnoredElements
from gateway.mapping.reading import Leftover, Reading
from gateway.mapping.rules import Conditions, Rule, Syntax, qualified, refuse
from gateway.mapping.target import Scope, Slot

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

    def rank(self, element: Element) -> int:
        """Return the place of the text among the accepted values, -1 when it is none of them."""
        for step in self.steps:
            element = element.find(step)
            if element is None:
                return self.values.index("") if "" in self.values else -1
        text = element.get(self.attribute, "") if self.attribute else (element.text or "").strip()
        if text in self.values:
            return self.values.index(text)
        return self.values.index(ANY) if text and ANY in self.values else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlSpot:
    """Where a rule finds its text: element names from the scope, attribute ("" for the text), conditions by depth."""

    steps: tuple[str, ...]
    attribute: str
    tests: tuple[tuple[int, Test], ...]  # depth: 0 for the scope's own element, 1 for its child ...


def parse_path(path: str, syntax: Syntax, at: str) -> tuple[tuple[str, ...], str]:
    """Return qualified element names and the attribute of a path; `a/../b` is b.

    Raises OurFault mapping.unknown-prefix or mapping.unknown-path.
    """
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    attribute = ""
    if parts and parts[-1].startswith("@"):
        attribute = qualified(parts.pop()[1:], syntax.namespaces, at)
    if any(part.startswith("@") or part == ".." for part in parts):
        refuse("mapping.unknown-path", at, path)
    return tuple(qualified(part, syntax.namespaces, at) for part in parts), attribute


def xml_spot(path: str, where: Conditions, syntax: Syntax, at: str) -> XmlSpot:
    """Resolve a path and its conditions. A path that starts with ../ is seen from the element around the list's own."""
    above = path.startswith("../")
    steps, attribute = parse_path(path.removeprefix("../"), syntax, at)
    tests: list[tuple[int, Test]] = []
    for name, values in where:
        if name.startswith("@"):
            tests.append((len(steps), Test((), qualified(name[1:], syntax.namespaces, at), values)))
            continue
        target, wanted = parse_path(name.removeprefix("../") if above else name, syntax, at)
        depth = 0
        while depth < min(len(target), len(steps)) and target[depth] == steps[depth]:
            depth += 1
        if depth == 0:
            refuse("mapping.condition-elsewhere", at, name, [path])
        tests.append((depth, Test(target[depth:], wanted, values)))
    return XmlSpot(steps=steps, attribute=attribute, tests=tuple(tests))


class Action:
    """What one rule does with an element. carry: the list whose elements get the text, None for the frame at hand."""

    __slots__ = ("attribute", "carry", "companions", "store", "tests")

    def __init__(
        self, store: Store, attribute: str, tests: Sequence[Test], converter: Converter | None,
        carry: FramePlan | None,
    ) -> None:  # fmt: skip
        self.store = store
        self.attribute = attribute
        self.tests = tuple(tests)
        self.companions = tuple(name[1:] for name in converter.companions) if converter else ()
        self.carry = carry

    def run(self, element: Element, frame: Frame, state: State, carried: Carried) -> None:
        """Hand the text and its companions to the store."""
        rank = 0
        for test in self.tests:
            place = test.rank(element)
            if place < 0:
                return
            rank += place
        text = element.get(self.attribute) if self.attribute else element.text
        text = text.strip() if text else ""
        if not text:
            return
        beside = tuple(element.get(name, "") for name in self.companions)
        if self.carry is not None:
            carried.append((self.carry, self.store, text, beside, element, rank))
        else:
            self.store(frame, state, text, beside, element, rank)


@dataclass(slots=True)
class Node:
    """The rules at one element, and the ways down.

    around: rules of list elements below that look at this level (../); walked first, wherever their elements stand
    """

    actions: list[Action] = field(default_factory=list)
    around: "Node | None" = None
    children: dict[str, "list[Edge]"] = field(default_factory=dict)
    looked_at: set[tuple[str, ...]] = field(default_factory=set)  # descendants that conditions read


@dataclass(slots=True)
class Edge:
    """The way into a child element: conditions, and the list element it opens, if any."""

    tests: tuple[Test, ...]
    node: Node
    plan: FramePlan | None = None
    carries: bool = False


class XmlReader:
    """Compiled once per mapping; read() keeps nothing between two calls. locate: tells where an element stands."""

    locate = staticmethod(locate)

    def __init__(self, root: Scope, syntax: Syntax, resources: Resources, ignore: tuple[str, ...]) -> None:
        self.syntax = syntax
        self.resources = resources
        self.ignored = IgnoredElements(syntax.namespaces, ignore)
        self.plan = plan_for(root, resources)
        self.currency = next((slot.index for slot in root.slots if slot.key == "currency"), -1)
        self.node = Node()
        self._add(root, self.plan, self.node, self.node)

    def read(self, tree: Element) -> Reading:
        """Map the document element. Never raises for what the partner sent."""
        state = State(locate=self.locate)
        frame = Frame(self.plan, None, None, 0)
        if tree.tag != self.syntax.root:
            state.note("mapping.wrong-root", "error", frame, "", tree, str(tree.tag), expected=self.syntax.root)
        _walk(tree, self.node, frame, state, [], self.currency)
        return finish(frame, state, lambda: tuple(self._leftovers(tree)))

    def _add(self, scope: Scope, plan: FramePlan, node: Node, outer: Node) -> None:
        hidden = dict(plan.times)
        for slot in scope.slots:
            for order, rule in enumerate(slot.rules):
                if rule.direction == "out" or not (rule.path or rule.each):
                    continue
                store, converter = store_for(rule, slot, order, self.resources, in_list=bool(plan.key))
                self._place(rule, rule.path, store, converter, node, outer, plan)
                if rule.time:
                    clock = Slot(index=hidden[slot.index], key=slot.key, attributes=(), hint=str, many=False)
                    clock.converter = "time"
                    timed, converter = store_for(_time_rule(rule), clock, order, self.resources, in_list=False)
                    self._place(rule, rule.time, timed, converter, node, outer, plan)
        for rule in scope.free:
            if rule.path:
                self._place(rule, rule.path, free_check(rule, scope), None, node, outer, plan)
        for inner in scope.lists:
            if inner.head is not None and inner.head.direction != "out":
                self._add_list(inner, plan.lists[inner.key], node)

    def _add_list(self, scope: Scope, plan: FramePlan, node: Node) -> None:
        head = scope.head
        assert head is not None
        spot = xml_spot(head.each, head.where, self.syntax, head.at)
        above = self._down(node, spot, len(spot.steps) - 1, carries=True)
        tests = tuple(test for depth, test in spot.tests if depth == len(spot.steps))
        edge = Edge(tests, Node(), plan)
        edge.node.looked_at |= {test.steps for test in tests if test.steps}
        above.children.setdefault(spot.steps[-1], []).append(edge)
        self._add(scope, plan, edge.node, above)

    def _place(
        self, rule: Rule, path: str, store: Store, converter: Converter | None, node: Node, outer: Node, plan: FramePlan
    ) -> None:
        carry = path.startswith("../")
        spot = xml_spot(path, rule.where, self.syntax, rule.at)
        if carry:
            node = outer.around = outer.around or Node()
        node = self._down(node, spot, len(spot.steps))
        tests = [test for depth, test in spot.tests if depth == len(spot.steps)]
        node.looked_at |= {test.steps for test in tests if test.steps}
        node.actions.append(Action(store, spot.attribute, tests, converter, plan if carry else None))

    def _down(self, node: Node, spot: XmlSpot, depth: int, *, carries: bool = False) -> Node:
        """Follow the first depth steps of spot, opening the way where there is none with the same conditions."""
        for number in range(depth):
            last = number == len(spot.steps) - 1
            tests = () if last else tuple(test for at, test in spot.tests if at == number + 1)
            edges = node.children.setdefault(spot.steps[number], [])
            found = next((e for e in edges if e.plan is None and e.tests == tests and e.carries == carries), None)
            if found is None:
                found = Edge(tests, Node(), None, carries)
                found.node.looked_at |= {test.steps for test in tests if test.steps}
                edges.append(found)
            node = found.node
        return node

    def _leftovers(self, tree: Element) -> Iterator[Leftover]:
        touched: set[Element] = set()
        _touch(tree, self.node, touched)
        for element in self._kept(tree):
            text = (element.text or "").strip()
            if text and element not in touched:
                where = self.locate(element)
                yield Leftover(where=where, path=where.path or "", value=text[:200])

    def _kept(self, element: Element) -> Iterator[Element]:
        """Yield element and those below that are not left alone by name."""
        waiting = [element]
        while waiting:
            found = waiting.pop()
            if not self.ignored.element(found):
                yield found
                waiting.extend(reversed(found))


def _time_rule(rule: Rule) -> Rule:
    return Rule(key=rule.key, at=rule.at, path=rule.time, converter="time")


def _walk(parent: Element, node: Node, frame: Frame, state: State, carried: Carried, currency: int) -> None:
    if node.around is not None:
        _walk(parent, node.around, frame, state, carried, currency)
    children = node.children
    for child in parent:
        edges = children.get(child.tag)
        if edges is None:
            continue
        for edge in edges:
            if edge.tests and any(test.rank(child) < 0 for test in edge.tests):
                continue
            inner, below = frame, carried
            if edge.plan is not None:
                inner = open_frame(edge.plan, frame, child)
                _hand_down(carried, edge.plan, inner, state)
                below = []
            elif edge.carries:
                below = []
            for action in edge.node.actions:
                action.run(child, inner, state, below)
            if edge.node.children or edge.node.around:
                _walk(child, edge.node, inner, state, below, currency)
            if edge.plan is not None:
                close_element(inner, state)
        if currency >= 0 and frame.outer is None and not state.currency and frame.values[currency]:
            state.currency = frame.values[currency]


def _hand_down(carried: Carried, plan: FramePlan, inner: Frame, state: State) -> None:
    """Give a new list element the texts of the level around it."""
    for wanted, store, text, beside, place, rank in carried:
        if wanted is plan:
            store(inner, state, text, beside, place, rank)


def _touch(parent: Element, node: Node, touched: set[Element]) -> None:
    if node.around is not None:
        _touch(parent, node.around, touched)
    for child in parent:
        for edge in node.children.get(child.tag, ()):
            if any(test.rank(child) < 0 for test in edge.tests):
                continue
            for steps in edge.node.looked_at:
                found = child
                for step in steps:
                    found = found.find(step) if found is not None else None
                if found is not None:
                    touched.add(found)
            if any(all(test.rank(child) >= 0 for test in action.tests) for action in edge.node.actions):
                touched.add(child)
            _touch(child, edge.node, touched)
