"""One walk over an XML tree: each element is looked at once, by the rules that stand at its place."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.codecs.xml import Element
from gateway.codecs.xml_places import Locator
from gateway.mapping.frames import Frame, FramePlan, Resources, State, finish, plan_for
from gateway.mapping.ignored import IgnoredElements
from gateway.mapping.reading import Leftover, Reading
from gateway.mapping.rules import Conditions, Rule, Syntax, qualified, refuse
from gateway.mapping.stores import Keeping, free_check, keeping
from gateway.mapping.target import Scope, Slot
from gateway.mapping.xml_walk import ANY, Action, Edge, Node, Test, Walk, passes

__all__ = ["ANY", "Test", "XmlReader", "XmlSpot", "parse_path", "xml_spot"]


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


class XmlReader:
    """Compiled once per mapping; read() keeps nothing between two calls."""

    def __init__(self, root: Scope, syntax: Syntax, resources: Resources, ignore: tuple[str, ...]) -> None:
        self.syntax = syntax
        self.resources = resources
        self.ignored = IgnoredElements(syntax.namespaces, ignore)
        self.plan = plan_for(root, resources)
        self.node = Node()
        self._add(root, self.plan, self.node, self.node)
        self.node.settle()

    def state(self) -> State:
        """Return the state of one reading, which knows how to tell where an element stands."""
        locator = Locator()
        return State(locate=locator, row=locator.row)

    def read(self, tree: Element) -> Reading:
        """Map the document element. Never raises for what the partner sent."""
        state = self.state()
        frame = Frame(self.plan, None, None, 0)
        if tree.tag != self.syntax.root:
            state.note("mapping.wrong-root", "error", frame, "", tree, str(tree.tag), expected=self.syntax.root)
        for run in self.node.runs:  # attributes of the document element
            run(tree, frame, state, [])
        Walk(state).run(tree, self.node, frame)
        return finish(frame, state, lambda: tuple(self._leftovers(tree)))

    def _add(self, scope: Scope, plan: FramePlan, node: Node, outer: Node) -> None:
        hidden = dict(plan.times)
        for slot in scope.slots:
            for order, rule in enumerate(slot.rules):
                if rule.direction == "out" or not (rule.path or rule.each):
                    continue
                kept = keeping(rule, slot, order, self.resources, in_list=bool(plan.key))
                self._place(rule, rule.path, kept, node, outer, plan)
                if rule.time:
                    clock = Slot(index=hidden[slot.index], key=slot.key, attributes=(), hint=str, many=False)
                    clock.converter = "time"
                    timed = keeping(_time_rule(rule), clock, order, self.resources, in_list=False)
                    self._place(rule, rule.time, timed, node, outer, plan)
        for rule in scope.free:
            if rule.path:
                self._place(rule, rule.path, Keeping(free_check(rule, scope)), node, outer, plan)
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

    def _place(self, rule: Rule, path: str, kept: Keeping, node: Node, outer: Node, plan: FramePlan) -> None:
        carry = path.startswith("../")
        spot = xml_spot(path, rule.where, self.syntax, rule.at)
        if carry:
            node = outer.around = outer.around or Node()
        node = self._down(node, spot, len(spot.steps))
        tests = [test for depth, test in spot.tests if depth == len(spot.steps)]
        node.looked_at |= {test.steps for test in tests if test.steps}
        action = Action(kept, spot.attribute, tests, plan if carry else None)
        node.actions.append(action)
        node.runs.append(action.run)

    def _down(self, node: Node, spot: XmlSpot, depth: int, *, carries: bool = False) -> Node:
        """Follow the first depth steps of spot, opening the way where there is none with the same conditions."""
        for number in range(depth):
            last = number == len(spot.steps) - 1
            tests = () if last else tuple(test for at, test in spot.tests if at == number + 1)
            edges = node.children.setdefault(spot.steps[number], [])
            found = next((e for e in edges if e.plan is None and e.tests == tests), None)
            if found is None:
                found = Edge(tests, Node())
                found.node.looked_at |= {test.steps for test in tests if test.steps}
                edges.append(found)
            found.carries = found.carries or carries
            node = found.node
        return node

    def _leftovers(self, tree: Element) -> Iterator[Leftover]:
        touched: set[Element] = set()
        locate = self.state().locate
        _touch(tree, self.node, touched)
        for element in self._kept(tree):
            text = (element.text or "").strip()
            if text and element not in touched:
                where = locate(element)
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


def _touch(parent: Element, node: Node, touched: set[Element]) -> None:
    if node.around is not None:
        _touch(parent, node.around, touched)
    for child in parent:
        for edge in node.children.get(child.tag, ()):
            if not passes(child, edge.tests):
                continue
            for steps in edge.node.looked_at:
                found = child
                for step in steps:
                    found = found.find(step) if found is not None else None
                if found is not None:
                    touched.add(found)
            if any(passes(child, action.tests) for action in edge.node.actions):
                touched.add(child)
            _touch(child, edge.node, touched)
