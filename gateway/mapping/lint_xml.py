"""Lint of XML mappings against the schema: paths that are not there, codes that are not listed, places that repeat, and
elements that would be written in another order than the schema's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gateway.mapping.lint_places import finding
from gateway.mapping.rules import ListHead, Rule, Syntax, nearest
from gateway.mapping.target import Scope
from gateway.mapping.xml_reader import ANY, XmlSpot, xml_spot
from gateway.mapping.xml_writer import writes_around
from gateway.model.findings import Finding, Severity
from gateway.schema.xsd_grammar import ElementType, ElementUse, XmlGrammar


@dataclass(frozen=True, slots=True)
class Way:
    """A path followed through the schema. uses: one per step, as far as it is known; end: None once anything goes."""

    uses: tuple[ElementUse, ...]
    end: ElementType | None


def xml_findings(root: Scope, syntax: Syntax, grammar: XmlGrammar) -> Iterator[Finding]:
    """Yield what the schema says against the paths of a mapping. Nothing when it has no such document element."""
    top = grammar.root(syntax.root)
    if top is None:
        return
    yield from _Look(syntax).scope(root, top, top)


def lone_groups(root: Scope, syntax: Syntax, grammar: XmlGrammar | None) -> Iterator[Finding]:
    """Yield constants that make an element of their own which no field fills: it would stand in every document.

    An element that the schema demands is meant; without a schema nobody knows, and it is an info.
    """
    top = grammar.root(syntax.root) if grammar is not None else None
    for scope in _all(root):
        rules = [rule for slot in scope.slots for rule in slot.rules if rule.direction != "in" and rule.path]
        filled = {xml_spot(rule.path, (), syntax, rule.at).steps[:1] for rule in rules}
        heads = (inner.head for inner in scope.lists)
        filled |= {xml_spot(head.each, (), syntax, head.at).steps[:1] for head in heads if head is not None}
        for rule in scope.free:
            steps = xml_spot(rule.path, (), syntax, rule.at).steps
            around = steps[:1]
            alone = rule.const is not None and len(steps) > 1 and not rule.path.startswith("../")
            if not alone or rule.direction == "in" or around in filled:
                continue
            use = top.children().get(around[0]) if top is not None and scope is root else None
            if use is None or use.minimum == 0:
                group = rule.path.partition("/")[0]
                severity: Severity = "info" if use is None else "warning"
                yield finding("mapping.constant-group", rule, rule.const or "", severity, group=group)


def _all(scope: Scope) -> Iterator[Scope]:
    yield scope
    for inner in scope.lists:
        yield from _all(inner)


@dataclass(slots=True)
class _Look:
    """One look at a mapping."""

    syntax: Syntax

    def scope(self, scope: Scope, here: ElementType | None, above: ElementType | None) -> Iterator[Finding]:
        """Yield the findings of a scope. here: type of its element; above: of the element around it."""
        rules = [rule for slot in scope.slots for rule in slot.rules] + scope.free
        loose = {id(rule) for slot in scope.slots if slot.many for rule in slot.rules}
        for rule in rules:
            if not rule.path and not rule.each:
                continue
            start = above if rule.path.startswith("../") else here
            guarded = bool(rule.each or rule.where or rule.twice or rule.const is not None or rule.check)
            yield from self.rule(rule, start, guarded=guarded or id(rule) in loose or rule.direction == "out")
            if rule.time:
                yield from self.names(rule, xml_spot(rule.time, (), self.syntax, rule.at), start)
        yield from self.order(scope, here)
        for inner in scope.lists:
            if inner.head is None:
                continue
            spot = xml_spot(inner.head.each, inner.head.where, self.syntax, inner.head.at)
            yield from self.names(inner.head, spot, here)
            way = self.follow(spot.steps, here)
            around = way.uses[-2].type if len(way.uses) > 1 else here
            yield from self.scope(inner, way.end, around)

    def follow(self, steps: Sequence[str], start: ElementType | None) -> Way:
        """Follow element names as far as the schema knows them."""
        uses: list[ElementUse] = []
        here = start
        for step in steps:
            use = here.children().get(step) if here is not None else None
            if use is None:
                return Way(tuple(uses), None)
            uses.append(use)
            here = use.type
        return Way(tuple(uses), here)

    def rule(self, rule: Rule, start: ElementType | None, *, guarded: bool) -> Iterator[Finding]:
        """Yield what is wrong with one rule's path, and that it may repeat."""
        spot = xml_spot(rule.path, rule.where, self.syntax, rule.at)
        mistakes = list(self.names(rule, spot, start))
        yield from mistakes
        if not mistakes and not guarded:
            for use in self.follow(spot.steps, start).uses:
                if use.maximum is None or use.maximum > 1:
                    yield finding("mapping.repeated-unguarded", rule, rule.path, "info")
                    return

    def names(self, rule: Rule | ListHead, spot: XmlSpot, start: ElementType | None) -> Iterator[Finding]:
        """Yield names that the schema does not have: of the path, its attribute and its conditions."""
        yield from self.steps(rule, spot.steps, spot.attribute, start)
        for depth, test in spot.tests:
            whole = (*spot.steps[:depth], *test.steps)
            way = self.follow(whole, start)
            if len(way.uses) < depth:
                continue  # told above
            yield from self.steps(rule, whole, test.attribute, start, told=depth)
            if way.end is not None:
                listed = way.end.attributes().get(test.attribute, ()) if test.attribute else way.end.values
                for value in test.values:
                    if value not in ("", ANY) and listed and value not in listed:
                        near = nearest(value, listed) or "-"
                        yield finding("mapping.unknown-code-value", rule, value, nearest=near)

    def steps(
        self, rule: Rule | ListHead, steps: Sequence[str], attribute: str, start: ElementType | None, told: int = 0
    ) -> Iterator[Finding]:
        """Yield the first name of a path that is not in the schema. told: steps that were looked at before."""
        way = self.follow(steps, start)
        here = way.uses[-1].type if way.uses else start
        if len(way.uses) < len(steps):
            wrong = steps[len(way.uses)]
            if here is not None and not here.open and len(way.uses) >= told:
                yield self.unknown(rule, steps[: len(way.uses)], wrong, list(here.children()))
        elif attribute and way.end is not None and not way.end.open:
            known = way.end.attributes()
            if attribute not in known:
                names = [f"@{each}" for each in known]
                path = "/".join((*map(self.short, steps), f"@{attribute}"))
                near = nearest(f"@{attribute}", names) or "-"
                yield finding("mapping.unknown-path", rule, path, nearest=near)

    def unknown(self, rule: Rule | ListHead, before: Sequence[str], wrong: str, known: list[str]) -> Finding:
        """Return the finding about a step, with the nearest name at that place."""
        local = {each.rpartition("}")[2]: each for each in known}
        same = local.get(wrong.rpartition("}")[2])  # the right name under the wrong prefix
        near = self.short(same) if same else nearest(self.short(wrong), [self.short(each) for each in known])
        prefix = [self.short(each) for each in before]
        return finding(
            "mapping.unknown-path", rule, "/".join((*prefix, self.short(wrong))),
            nearest="/".join((*prefix, near)) if near else "-",
        )  # fmt: skip

    def short(self, name: str) -> str:
        """Return {namespace}Name with the prefix that the mapping declares."""
        space, brace, local = name[1:].partition("}") if name.startswith("{") else ("", "", name)
        prefix = next((prefix for prefix, each in self.syntax.namespaces.items() if each == space), "")
        return f"{prefix}:{local}" if brace and prefix else local

    def order(self, scope: Scope, here: ElementType | None) -> Iterator[Finding]:
        """Yield rules that stand before others whose elements the schema wants first: XML is written in their order."""
        entries: list[tuple[int, Rule | ListHead, str]] = [
            (rule.rank, rule, rule.path)
            for rules in (*(slot.rules for slot in scope.slots), scope.free)
            for rule in rules
            if rule.direction != "in" and rule.path and not rule.path.startswith("../")
        ]
        for inner in scope.lists:
            head = inner.head
            if head is not None and head.direction != "in" and not head.each.startswith("../"):
                each = head.each.rpartition("/")[0] if writes_around(inner) else head.each  # that element repeats then
                entries.append((head.rank, head, each))
        last: dict[tuple[str, ...], tuple[int, str]] = {}  # by parent: the order reached, and the name there
        opened: set[tuple[str, ...]] = set()
        for _, entry, path in sorted(entries, key=lambda each: each[0]):
            steps = xml_spot(path, (), self.syntax, entry.at).steps
            for depth, use in enumerate(self.follow(steps, here).uses):
                place = steps[: depth + 1]
                if place in opened:
                    continue  # its place was taken when it was first named
                opened.add(place)
                reached, name = last.get(place[:-1], (-1, ""))
                if use.order < reached:
                    yield finding(
                        "mapping.out-of-order", entry, self.short(use.name), "warning", other=self.short(name)
                    )
                    break
                last[place[:-1]] = (use.order, use.name)
