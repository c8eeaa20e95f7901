"""A document as the segments of an EDIFACT message, in the order of the directory.

Rules that share a group instance (same groups, same conditions) and a segment (same tag, same conditions) share what
is written: conditions are tests when reading and constants when writing.
"""

from collections.abc import Sequence
from typing import Any

from gateway.mapping.edifact_parts import (
    GroupPart,
    InstancesPart,
    ListPart,
    Number,
    RepeatedPart,
    Rows,
    Tree,
)
from gateway.mapping.edifact_sheets import Put, SegmentPart
from gateway.mapping.frames import POSITION, Resources
from gateway.mapping.money import inheriting, money_of
from gateway.mapping.paths import Grammar, Spot, Step, Test
from gateway.mapping.rules import ListHead, Rule, refuse, segment_of
from gateway.mapping.target import Scope
from gateway.mapping.writing import Output, outputs, with_fallbacks
from gateway.model.documents import Document
from gateway.model.values import Amount
from gateway.model.written import Position, Written


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

    def write(self, document: Document) -> Written:
        """Return the body. Raises OurFault mapping.no-code or mapping.too-long."""
        return Written(self.root.write(inheriting(with_fallbacks(document, self.fallbacks), self.money)))

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

    def _number(self, scope: Scope, base: list[str]) -> Number | None:
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
