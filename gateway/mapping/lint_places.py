"""Lint that looks at places: two rules that write one, a repeated one that nothing chooses from, lone constants."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.mapping.paths import Grammar, Spot
from gateway.mapping.rules import ListHead, Rule, Syntax, segment_of
from gateway.mapping.target import Scope
from gateway.mapping.xml_reader import xml_spot
from gateway.model.findings import Finding, Severity, Where


@dataclass(frozen=True, slots=True)
class Written:
    """A rule and the place it writes. container: the groups (EDIFACT) it stands in."""

    rule: Rule
    place: tuple[object, ...]
    container: tuple[object, ...]
    constant: bool
    slot: int  # -1 for a constant


def finding(code: str, rule: Rule | ListHead, value: str, severity: Severity = "error", **params: str) -> Finding:
    """Return a finding about a rule, with its file and line."""
    name, _, line = rule.at.rpartition(":")
    where = Where(line=int(line), path=name) if line.isdigit() else Where(path=rule.at)
    named = tuple(sorted({"at": rule.at, "field": rule.key, **params}.items()))
    return Finding(code=code, severity=severity, where=where, value=value, params=named)


def clashes(root: Scope, syntax: Syntax, grammar: Grammar | None) -> Iterator[Finding]:
    """Find two rules of different fields that write one place."""
    for scope, base in _scopes(root, []):
        seen: dict[tuple[object, ...], Written] = {}
        for each in _written(scope, base, syntax, grammar):
            other = seen.setdefault(each.place, each)
            same = each.constant and other.constant and each.rule.const == other.rule.const
            stands_in = each.constant != other.constant  # the constant is written when the field has no value
            if other is each or same or stands_in or (each.slot == other.slot and each.slot >= 0):
                continue
            if each.rule.when is None and other.rule.when is None:
                yield finding("mapping.same-place", each.rule, each.rule.path, other=other.rule.key)


def alone_constants(root: Scope, syntax: Syntax, grammar: Grammar) -> Iterator[Finding]:
    """Find constants in optional groups that no other rule fills: they would never be written."""
    for scope, base in _scopes(root, []):
        written = list(_written(scope, base, syntax, grammar))
        for each in written:
            if not each.constant or not each.container:
                continue
            size = len(each.container)
            if not any(other.container[:size] == each.container and not other.constant for other in written):
                yield finding("mapping.constant-alone", each.rule, each.rule.const or "", "warning")


def unguarded(root: Scope, grammar: Grammar) -> Iterator[Finding]:
    """Find places that may repeat and are read without a condition, a list or a word about the second value."""
    for scope, base in _scopes(root, []):
        for slot in scope.slots:
            for rule in slot.rules:
                if rule.direction == "out" or not rule.path or rule.each or rule.where or rule.twice or slot.many:
                    continue
                spot, inside = _spot(grammar, base, rule)
                if _repeats(grammar, inside, spot, rule, scope):
                    yield finding("mapping.repeated-unguarded", rule, rule.path, "warning")


def _repeats(grammar: Grammar, base: Sequence[str], spot: Spot, rule: Rule, scope: Scope) -> bool:
    names = list(base)
    group = grammar.group_at(names, rule.at)
    for step in spot.groups:
        names.append(step.group)
        group = grammar.group_at(names, rule.at)
        if group.repeats > 1:
            return True
    own = scope.head is not None and (group.trigger == spot.tag or segment_of(scope.head.each) == spot.tag)
    return not own and grammar.segment_repeats(group, spot.tag) > 1


def _scopes(scope: Scope, base: list[str]) -> Iterator[tuple[Scope, list[str]]]:
    yield scope, base
    for inner in scope.lists:
        assert inner.head is not None
        names = inner.head.each.split("/")
        groups = names[:-1] if segment_of(inner.head.each) else names
        yield from _scopes(inner, [*base, *groups])


def _spot(grammar: Grammar, base: list[str], rule: Rule) -> tuple[Spot, list[str]]:
    inside = base[:-1] if rule.path.startswith("../") else base
    path = rule.path.removeprefix("../")
    return grammar.spot(inside, path, rule.where, rule.join is not None, rule.at), inside


def _written(scope: Scope, base: list[str], syntax: Syntax, grammar: Grammar | None) -> Iterator[Written]:
    rules: list[tuple[Rule, int]] = [(rule, -1) for rule in scope.free if not rule.check]
    for slot in scope.slots:
        writing = [rule for rule in slot.rules if rule.direction != "in" and not rule.lookup]
        rules += [(rule, slot.index) for rule in (writing if slot.many else writing[:1])]
    for rule, slot_index in rules:
        if rule.direction == "in" or not rule.path or rule.each:
            continue
        if grammar is not None:
            spot, inside = _spot(grammar, base, rule)
            home = (len(inside), *((step.group, step.tests) for step in spot.groups))
            place = (*home, spot.tag, spot.nth, spot.tests, spot.elements[0], spot.components[0])
            yield Written(rule, place, home if spot.groups else (), rule.const is not None, slot_index)
        else:
            xml = xml_spot(rule.path, rule.where, syntax, rule.at)
            above = rule.path.startswith("../")
            place = (above, xml.steps, xml.attribute, tuple((depth, test.values) for depth, test in xml.tests))
            yield Written(rule, place, (), rule.const is not None, slot_index)
