"""What is wrong or odd with a mapping before it reads or writes anything. Errors stop activation.

Compiling finds the first mistake only; here a faulty rule is told, taken out, and the rest is looked at again.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from gateway.mapping.codes import CodeTable, LookupTable
from gateway.mapping.compiler import compile_effective, grammar_of
from gateway.mapping.converters import converters_for, default_name
from gateway.mapping.frames import Resources
from gateway.mapping.lint_cover import uncovered
from gateway.mapping.lint_places import alone_constants, clashes, finding, unguarded
from gateway.mapping.lint_xml import lone_groups, xml_findings
from gateway.mapping.rules import Effective, Entry, Layer, ListHead, Rule, merge
from gateway.mapping.target import Kind, Scope, Slot, field_facts, scopes
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.values import Amount, PartyIdentifier, Period, Quantity
from gateway.schema.directory import Directory
from gateway.schema.xsd_grammar import XmlGrammar

MISTAKE_LIMIT = 100
STANDARD = "mappings/standard/"
_SEVERITIES = ("error", "warning", "info")
_MOMENTS = ("moment", "first-day", "last-day", "date", "time")
_KNOWN = tuple({**converters_for("edifact"), **converters_for("xml")})


def lint(
    name: str,
    layers: Sequence[Layer],
    *,
    directories: Mapping[str, Directory],
    codes: Mapping[str, CodeTable],
    lookups: Mapping[str, LookupTable],
    grammar_for: Callable[[str], XmlGrammar | None] = lambda root: None,
    compiled: Effective | None = None,
) -> list[Finding]:
    """Return every finding about the mapping that these layers make; errors first.

    grammar_for: gives the XML schemas by the name of the document element, None where there are none: paths are then
    taken as they are. compiled: the merged rules when they are known to compile. An info says what is worth knowing and
    nothing to mend.
    """
    try:
        effective = compiled or merge(name, layers)
    except OurFault as fault:
        return [fault.as_finding()]
    findings, sound = ([], effective) if compiled else _mistakes(effective, directories, codes, lookups)
    removed = effective.entries.keys() - sound.entries.keys()
    effective = sound
    if not effective.entries:
        return findings
    resources = Resources(kind=effective.syntax.kind, codes=codes, lookups=lookups)
    root = scopes(effective)
    for scope in _all(root):
        findings += _types(scope)
        findings += _one_way(scope)
        findings += _formats(scope, resources)
    findings += _unmapped(effective, root, removed)
    if layers[0].path.startswith(STANDARD):  # a partner's own format carries what they agreed, no more
        findings += uncovered(effective, removed)
    if effective.syntax.kind != "json":
        grammar = grammar_of(effective, directories) if effective.syntax.kind == "edifact" else None
        findings += clashes(root, effective.syntax, grammar)
        findings += [*alone_constants(root, effective.syntax, grammar), *unguarded(root, grammar)] if grammar else []
    if effective.syntax.kind == "xml":
        schemas = grammar_for(effective.syntax.root)
        findings += lone_groups(root, effective.syntax, schemas)
        findings += xml_findings(root, effective.syntax, schemas) if schemas is not None else []
    return sorted(findings, key=lambda each: _SEVERITIES.index(each.severity))


def _mistakes(
    effective: Effective,
    directories: Mapping[str, Directory],
    codes: Mapping[str, CodeTable],
    lookups: Mapping[str, LookupTable],
) -> tuple[list[Finding], Effective]:
    """Compile again and again, each time without the rule that was refused."""
    findings: list[Finding] = []
    entries = dict(effective.entries)
    while entries and len(findings) < MISTAKE_LIMIT:
        rest = replace(effective, entries=entries)
        try:
            compile_effective(rest, directories=directories, codes=codes, lookups=lookups)
            break
        except OurFault as fault:
            findings.append(fault.as_finding())
            guilty = [key for key, entry in entries.items() if fault.params.get("at") in _places(entry)]
            doomed = [each for each in entries for key in guilty if each == key or each.startswith(f"{key}.")]
            entries = {key: entry for key, entry in entries.items() if key not in doomed} if doomed else {}
    return findings, replace(effective, entries=entries)


def _places(entry: Entry) -> list[str]:
    return [rule.at for rule in entry] if isinstance(entry, tuple) else [entry.at]


def _all(scope: Scope) -> Iterator[Scope]:
    yield scope
    for inner in scope.lists:
        yield from _all(inner)


def _types(scope: Scope) -> Iterator[Finding]:
    """Check that a converter makes what the canonical field holds."""
    for slot in scope.slots:
        for rule in slot.rules:
            name = rule.converter
            fitting = _fitting(slot)
            if name and fitting and name not in fitting:
                kind = "date or time" if fitting == _MOMENTS else slot.hint.__name__
                yield finding("mapping.type-clash", rule, name, kind=kind, nearest=fitting[0])


def _fitting(slot: Slot) -> tuple[str, ...]:
    """Return the converters whose values the slot can hold, the usual one first; () when it may be any."""
    if slot.hint is str:
        return ("text", "upper", "gtin", "gtin14", "gln", "sscc")
    if slot.hint is PartyIdentifier:
        return ("party-id", *(each for each in _KNOWN if each.endswith("-id") and each != "party-id"))
    if slot.hint is Period:
        return ("period",)
    if slot.hint in (Quantity, Amount):  # quantity, quantity-text, ...: named after what they make
        name = "quantity" if slot.hint is Quantity else "amount"
        return (name, *(each for each in _KNOWN if each.startswith(f"{name}-")))
    try:
        usual = default_name(slot.hint)
    except KeyError:
        return ()
    return _MOMENTS if usual == "moment" else (usual, "days") if usual == "int" else (usual,)


def _one_way(scope: Scope) -> Iterator[Finding]:
    """Check that what only reads is not said to write."""
    for slot in scope.slots:
        for rule in slot.rules:
            if rule.lookup and rule.direction != "in":
                yield finding("mapping.one-way", rule, rule.lookup)


def _formats(scope: Scope, resources: Resources) -> Iterator[Finding]:
    """Check that a condition does not name a format or unit that the converter would not write beside its value."""
    for slot in scope.slots:
        for rule in slot.rules:
            converter = resources.converter(rule, slot)
            beside = {name.removeprefix("@") for name in converter.companions}
            for name, values in rule.where:
                place = name.rpartition("/")[2].rpartition(".")[2].removeprefix("@")
                if place not in beside or rule.direction == "in":
                    continue
                table = resources.codes.get(converter.units)
                known = set(table.to_canonical) if table else _KNOWN_FORMATS.get(place, set())
                if values[0] and known and values[0] not in known:
                    yield finding("mapping.format-clash", rule, values[0], name=place)


_KNOWN_FORMATS = {"2379": {"102", "203", "204", "718"}, "schemeID": {"0088", "0160", "SSCC", "SSCC18"}}


def _unmapped(effective: Effective, root: Scope, removed: Collection[str]) -> Iterator[Finding]:
    """Find canonical fields that a document must have and no rule reads."""
    kind: Kind = DOCUMENTS[effective.document]
    heads = {each.key: each for each in (entry for entry in effective.entries.values() if isinstance(entry, ListHead))}
    first = next((entry for entry in effective.entries.values() if isinstance(entry, tuple)), None)
    at = first[0].at.rpartition(":")[0] if first else effective.name
    for scope in _all(root):
        read = {slot.attributes for slot in scope.slots if _is_read(slot, scope)}
        fallbacks = {name for name, _ in scope.fallbacks}
        for key, facts in field_facts(kind if scope is root else scope.kind).items():
            if not facts.required or any(path[0] == facts.name for path in read) or facts.name in fallbacks:
                continue
            head = heads.get(scope.key)
            where = head or Rule(key=key, at=f"{at}:1", path="")
            full = f"{scope.key}.{key}" if scope.key else key
            if not any(each == full or each.startswith(f"{full}.") for each in removed):
                params = (("at", where.at), ("field", full))
                yield replace(finding("mapping.required-unmapped", where, full), params=params)


def _is_read(slot: Slot, scope: Scope) -> bool:
    read = any(rule.direction != "out" or rule.default is not None for rule in slot.rules)
    inner = any(each.slot == slot.index and each.head and each.head.direction != "out" for each in scope.lists)
    return read or inner
