"""The implementation guide of a mapping, as data: every place we read or write, in the order of the message, with its
status and format by the directory or schema, the codes, and what it means to us."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from gateway.mapping.codes import CodeTable
from gateway.mapping.paths import Grammar
from gateway.mapping.rules import Effective, ListHead, Rule, segment_of
from gateway.mapping.target import Scope, field_facts, scopes
from gateway.mapping.xml_reader import parse_path
from gateway.schema.directory import Directory, GroupUse, SegmentUse
from gateway.schema.xsd_grammar import ElementType, ElementUse, XmlGrammar

Use = Literal["required", "optional", "fixed", "counted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One field that a place stands for. qualifiers: (source name, codes) that choose it; key: canonical."""

    key: str
    qualifiers: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(slots=True, kw_only=True)
class GuideRow:
    """One data element or XML element. status: M or C, "" when unknown; format: an..35, "" for XML.

    codes: (code on the wire, canonical value); constant: what must stand there; default: what its absence means
    """

    place: str
    status: str
    format: str
    use: Use
    meanings: list[Meaning]
    codes: tuple[tuple[str, str], ...] = ()
    table: str = ""  # of schemas/codes that the codes come from, for their labels
    constant: str | None = None
    default: str | None = None
    direction: str = "both"


@dataclass(slots=True, kw_only=True)
class GuidePart:
    """One segment in its group, or one XML element that holds others. path: group names or element names.

    status and repeats (None: without limit, 0: unknown) of the part itself, of groups those of each: ("SG2", "M", 99)
    """

    path: tuple[str, ...]
    name: str
    status: str
    repeats: int | None
    groups: tuple[tuple[str, str, int | None], ...] = ()
    rows: list[GuideRow] = field(default_factory=list)


def guide(
    effective: Effective,
    *,
    directories: Mapping[str, Directory],
    codes: Mapping[str, CodeTable],
    grammar: XmlGrammar | None = None,
) -> list[GuidePart]:
    """Return the parts of the message that the mapping has to do with, in the order of the message."""
    root = scopes(effective)
    if effective.syntax.kind == "edifact":
        directory = directories[effective.syntax.directory]
        return _edifact(root, Grammar(directory, directory.structure(effective.syntax.message)), codes)
    return _xml(root, effective, codes, grammar)


def _needed(scope: Scope, rule: Rule) -> bool:
    """Tell whether the document cannot be built without what this rule reads."""
    if rule.required:
        return True
    slot = next((each for each in scope.slots if rule in each.rules), None)
    facts = field_facts(scope.kind)
    return slot is not None and len(slot.attributes) == 1 and any(
        each.name == slot.attributes[0] and each.required for each in facts.values()
    )  # fmt: skip


def _row(scope: Scope, rule: Rule, place: str, status: str, form: str, codes: Mapping[str, CodeTable]) -> GuideRow:
    use: Use = "fixed" if rule.const is not None else "counted" if rule.check else "optional"
    if use == "optional" and rule.default is None and _needed(scope, rule):
        use = "required"
    return GuideRow(
        place=place, status=status, format=form, use=use, meanings=[], codes=_codes(rule, codes), table=rule.code,
        constant=rule.const, default=rule.default, direction=rule.direction,
    )  # fmt: skip


def _codes(rule: Rule, codes: Mapping[str, CodeTable]) -> tuple[tuple[str, str], ...]:
    if rule.choose:
        return tuple((code.removeprefix(">"), value) for value, listed in rule.choose for code in listed)
    table = codes.get(rule.code)
    return () if table is None else tuple((code, value) for code, value in table.to_canonical.items())


def _rules(scope: Scope) -> Iterator[Rule]:
    for slot in scope.slots:
        yield from slot.rules
    yield from scope.free


def _placed(scope: Scope, base: tuple[str, ...]) -> Iterator[tuple[Scope, tuple[str, ...]]]:
    """Yield every scope with the groups or elements around its own paths."""
    yield scope, base
    for inner in scope.lists:
        head = inner.head
        assert head is not None
        yield from _placed(inner, (*base, *_groups_of(head)))


def _groups_of(head: ListHead) -> list[str]:
    names = head.each.split("/")
    return names[:-1] if segment_of(head.each) else names


# --- EDIFACT ----------------------------------------------------------------------------------------------------------


def _edifact(root: Scope, grammar: Grammar, codes: Mapping[str, CodeTable]) -> list[GuidePart]:
    parts: dict[tuple[str, ...], GuidePart] = {}
    rows: dict[tuple[object, ...], GuideRow] = {}
    for scope, base in _placed(root, ()):
        for rule in _rules(scope):
            if not rule.path:
                continue
            groups, tag, name = _split(rule, base)
            part = parts.get((*groups, tag))
            if part is None:
                part = parts[(*groups, tag)] = _segment(grammar, groups, tag, rule.at)
            row = rows.get((groups, tag, name, rule.at))
            if row is None:
                status, form = _element(grammar, tag, name, rule.at)
                row = rows[groups, tag, name, rule.at] = _row(scope, rule, name, status, form, codes)
                part.rows.append(row)
            row.meanings.append(Meaning(key=rule.key, qualifiers=_conditions(rule)))
    ordered = sorted(parts.values(), key=lambda part: _message_order(grammar, part))
    for part in ordered:
        part.rows.sort(key=lambda row: grammar.position(part.name, row.place, ""))
    return ordered


def _split(rule: Rule, base: tuple[str, ...]) -> tuple[tuple[str, ...], str, str]:
    """Return group names from the root, tag and data element of a rule."""
    path, inside = rule.path, base
    while path.startswith("../"):
        path, inside = path[3:], inside[:-1]
    *names, tag, name = path.split("/")
    return (*inside, *names), tag.partition("[")[0], name


def _segment(grammar: Grammar, groups: tuple[str, ...], tag: str, at: str) -> GuidePart:
    chain: list[tuple[str, str, int | None]] = []
    group = grammar.root
    for name in groups:
        group = grammar.child(group, name, at)
        chain.append((name, _status(group.required), group.repeats))
    use = next((each for each in group.children if isinstance(each, SegmentUse) and each.tag == tag), None)
    return GuidePart(
        path=groups, name=tag, status=_status(use.required) if use else "", repeats=use.repeats if use else None,
        groups=tuple(chain),
    )  # fmt: skip


def _status(required: bool) -> str:
    return "M" if required else "C"


def _element(grammar: Grammar, tag: str, name: str, at: str) -> tuple[str, str]:
    element, component = grammar.position(tag, name, at)
    use = grammar.layout(tag, at).elements[element]
    inner = use.components[component]
    return _status(use.required and (inner.required or not use.composite)), str(inner.format)


def _message_order(grammar: Grammar, part: GuidePart) -> tuple[int, ...]:
    group: GroupUse = grammar.root
    found: list[int] = []
    for name in part.path:
        found.append(grammar.group_order(group, name))
        group = grammar.child(group, name, "")
    return (*found, grammar.segment_order(group, part.name, ""))


# --- XML and what is read as XML --------------------------------------------------------------------------------------


def _xml(
    root: Scope, effective: Effective, codes: Mapping[str, CodeTable], grammar: XmlGrammar | None
) -> list[GuidePart]:
    """Parts are the elements that stand right below the document element or hold a list."""
    top = grammar.root(effective.syntax.root) if grammar is not None else None
    parts: dict[tuple[str, ...], GuidePart] = {}
    rows: dict[tuple[object, ...], GuideRow] = {}
    for scope, base in _placed(root, ()):
        for rule in _rules(scope):
            if not rule.path:
                continue
            written = rule.path
            inside = base
            while written.startswith("../"):
                written, inside = written[3:], inside[:-1]
            full = (*inside, *written.split("/"))
            names = tuple(name for name in full if name not in ("", "."))
            around = names[: len(inside)] if inside else names[:1] if len(names) > 1 else ()
            part = parts.get(around)
            if part is None:
                uses = _uses(effective, top, around, rule.at)
                last = uses[-1] if uses else None
                part = parts[around] = GuidePart(
                    path=around[:-1],
                    name=around[-1] if around else effective.syntax.root.rpartition("}")[2],
                    status=_status(last.minimum > 0) if last else "",
                    repeats=last.maximum if last else None if inside else 0,
                )
            place = "/".join(names[len(around) :]) or "."
            row = rows.get((around, place, rule.at))
            if row is None:
                uses = _uses(effective, top, names, rule.at)
                status = _status(all(each.minimum > 0 for each in uses)) if uses else ""
                row = rows[around, place, rule.at] = _row(scope, rule, place, status, "", codes)
                part.rows.append(row)
            row.meanings.append(Meaning(key=rule.key, qualifiers=_conditions(rule)))
    return list(parts.values())


def _conditions(rule: Rule) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the conditions by the last part of their names."""
    return tuple((name.rpartition("/")[2], values) for name, values in rule.where)


def _uses(effective: Effective, top: ElementType | None, names: Sequence[str], at: str) -> list[ElementUse]:
    """Return the uses along a path, [] when the schema is not there or does not know it."""
    steps, _ = parse_path("/".join(names), effective.syntax, at)
    found: list[ElementUse] = []
    here: ElementType | None = top
    for step in steps:
        use = here.children().get(step) if here is not None else None
        if use is None:
            return []
        found.append(use)
        here = use.type
    return found
