"""One walk over an EDIFACT message: each segment is looked at once, by the rules that stand at its place."""

from collections.abc import Iterator

from gateway.mapping.edifact_walk import Action, Edge, Node, Place, SegmentList, passes, walk
from gateway.mapping.frames import Frame, FramePlan, Resources, State, finish, plan_for
from gateway.mapping.ignored import IgnoredPlaces
from gateway.mapping.paths import Grammar, Step
from gateway.mapping.reading import Leftover, Reading
from gateway.mapping.rules import Rule, refuse, segment_of
from gateway.mapping.stores import Keeping, free_check, keeping
from gateway.mapping.target import Scope
from gateway.model.findings import Where
from gateway.model.places import Row
from gateway.model.tree import Group, Segment

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


class EdifactReader:
    """Compiled once per mapping; read() keeps nothing between two calls."""

    def __init__(self, root: Scope, grammar: Grammar, resources: Resources, ignore: tuple[str, ...]) -> None:
        self.grammar = grammar
        self.resources = resources
        self.ignored = IgnoredPlaces(grammar, ignore)
        self.plan = plan_for(root, resources)
        self.node = Node()
        self._add(root, self.plan, self.node, [], self.node)
        self.node.settle()

    def read(self, tree: Group) -> Reading:
        """Map the message. Never raises for what the partner sent."""
        state = State(locate=locate, row=_row)
        frame = Frame(self.plan, None, None, 0)
        walk(tree, self.node, frame, state, [])
        return finish(frame, state, lambda: tuple(self._leftovers(tree)))

    def _add(self, scope: Scope, plan: FramePlan, node: Node, base: list[str], outer: Node) -> None:
        """Put the rules of scope at their nodes. base: group names down to it; outer: node of the group above."""
        for slot in scope.slots:
            for order, rule in enumerate(slot.rules):
                if rule.direction == "out" or not rule.path:
                    continue
                kept = keeping(rule, slot, order, self.resources, in_list=bool(plan.key))
                self._place(rule, kept, node, base, outer, plan)
        for rule in scope.free:
            if rule.path:
                self._place(rule, Keeping(free_check(rule, scope)), node, base, outer, plan)
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
        self, rule: Rule, kept: Keeping, node: Node, base: list[str], outer: Node,
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
        node.segments.setdefault(spot.tag, []).append(Action(spot, kept, self.grammar, rule, plan))

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


def _touch(group: Group, node: Node, touched: dict[int, set[tuple[int, int]]]) -> None:
    for child in group.children:
        if isinstance(child, Segment):
            for action in node.segments.get(child.tag, ()):
                touched.setdefault(id(child), set()).update(action.touched(child))
            continue
        for edge in node.groups.get(child.name, ()):
            if passes(child.trigger, edge.tests):
                places = {(test.element, test.component) for test in edge.tests}
                touched.setdefault(id(child.trigger), set()).update(places)
                _touch(child, edge.node, touched)


def _with_paths(group: Group, path: str) -> Iterator[tuple[str, Segment]]:
    for child in group.children:
        if isinstance(child, Segment):
            yield path, child
        else:
            yield from _with_paths(child, f"{path}{child.name}/")
