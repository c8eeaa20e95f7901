"""What the mapping editor does to the text of a draft, and what it proposes: a rule from a value of the sample to a
canonical field, an override of another layer's rule, a rule taken out; legal fields and paths; who could mean what."""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, is_dataclass
from functools import cache
from typing import Any

from gateway.config.edits import drop, flow, put, value_at
from gateway.config.sample_values import SampleValue
from gateway.config.yaml import Plain, load, plain
from gateway.mapping.printed import printed
from gateway.mapping.rules import Effective, ListHead, Rule
from gateway.mapping.target import field_facts
from gateway.model.documents import DOCUMENTS
from gateway.model.faults import OurFault
from gateway.model.values import Amount, Moment, PartyIdentifier, Period, Quantity

_LEAVES = (Amount, Moment, PartyIdentifier, Period, Quantity)
_DEPTH = 5
_SUGGESTIONS = 4
_NUMBER = re.compile(r"-?\d+([.,]\d+)?")
_DATE = re.compile(r"(19|20)\d{6}(\d{4})?|(19|20)\d\d-\d\d-\d\d.*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A canonical field that a rule may fill. kind: text, number, quantity, amount, date, flag, identifier, period."""

    key: str
    kind: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A field for a value that nothing reads. why: same-place (another rule reads that place), other-mapping (another
    standard mapping reads such a value so), name (they are called alike), kind (it is empty, and holds such values)."""

    field: str
    why: str


def new_text(name: str) -> str:
    """Return the beginning of a partner's own layer on a standard mapping."""
    return f"extends: {name}\n"


@cache
def targets(document: str) -> tuple[Target, ...]:
    """Return every field of a canonical document, lists with []."""
    return tuple(_targets(DOCUMENTS[document], "", 0))


def _targets(kind: Any, prefix: str, depth: int) -> Iterator[Target]:
    for key, facts in field_facts(kind).items():
        full = f"{prefix}{key}"
        leaf = facts.hint in _LEAVES or not is_dataclass(facts.hint)
        if leaf:
            yield Target(key=full, kind=_kind(facts.hint), required=facts.required)
        elif depth < _DEPTH:
            yield from _targets(facts.hint, f"{full}[]." if facts.many else f"{full}.", depth + 1)


def _kind(hint: Any) -> str:
    named = {Amount: "amount", Quantity: "quantity", Moment: "date", PartyIdentifier: "identifier", Period: "period"}
    if hint in named:
        return named[hint]
    name = getattr(hint, "__name__", str(hint))
    return {"Decimal": "number", "int": "number", "bool": "flag", "date": "date", "datetime": "date"}.get(name, "text")


# --- where a rule stands ----------------------------------------------------------------------------------------------


def full_paths(effective: Effective) -> Iterator[tuple[str, Rule]]:
    """Yield (path from the message, rule) of every rule that reads something."""
    for key, entry in effective.entries.items():
        if isinstance(entry, tuple):
            above = _scope(effective, key)
            for rule in entry:
                inner = "/".join(each for each in (rule.each, rule.path) if each)
                yield f"{above}{inner}", rule


def list_paths(effective: Effective) -> set[str]:
    """Return the paths from the message that rules read, without attributes beside what reads them."""
    return {path for path, _ in full_paths(effective) if path and not path.endswith("/")}


def scope_paths(effective: Effective) -> dict[str, str]:
    """Return the keys of lists, and the path from the message that the rules of their fields start from."""
    heads = [key for key, entry in effective.entries.items() if isinstance(entry, ListHead)]
    return {key: _scope(effective, f"{key}.") for key in heads if key.endswith("[]")}


def _scope(effective: Effective, key: str) -> str:
    """Return the path of the list element around a field, with a slash behind it; "" for the message."""
    heads = [entry for name, entry in effective.entries.items() if isinstance(entry, ListHead)
             and (key.startswith(f"{name}.") and name.endswith("[]"))]  # fmt: skip
    heads.sort(key=lambda each: len(each.key))
    return "".join(f"{each.each}/" for each in heads)


def connected(text: str, effective: Effective, value: SampleValue, field: str, file: str) -> str:
    """Return text with a rule that reads a value of the sample into field, beside the rules that the field has.

    Raises OurFault mapping.source-elsewhere when the value does not stand where the field's list is read.
    """
    scope = _scope(effective, field)
    if not value.path or not value.path.startswith(scope):
        raise OurFault(
            "mapping.source-elsewhere", value=value.path or value.value, field=field, scope=scope.rstrip("/")
        )
    conditions: dict[str, Plain] = {}
    for name, said in value.qualifiers:
        if "/" not in name or name.startswith("@"):
            conditions[name] = said
        elif name.startswith(scope) and "/" in name[len(scope) :].rpartition("/")[0]:
            conditions[name[len(scope) :]] = said  # of a group on the way, not of the list's own element
    path = value.path[len(scope) :]
    rule: Plain = {"path": path, "where": conditions} if conditions else path
    present = rules_of(effective, field)
    value_of = [*present, rule] if present else rule
    return _with_rule(text, field, value_of, file)


def _with_rule(text: str, key: str, rule: Plain, file: str) -> str:
    """Return text with a rule for a field, on a line of its own."""
    if value_at(text, ("fields",), file):
        return put(text, ("fields", key), rule, file)
    head = re.sub(r"^fields:[ \t]*(#.*)?$", "", text, flags=re.MULTILINE).rstrip()
    return f"{head}\nfields:\n  {flow(key)}: {flow(rule)}\n"


def rules_of(effective: Effective, key: str) -> list[Plain]:
    """Return the rules of a field as they would be written in a file; () when it has none."""
    entry = effective.entries.get(key)
    if not isinstance(entry, tuple):
        return []
    return [plain(load(line, "-")) for line in _printed(effective, key)]


def _printed(effective: Effective, key: str) -> Iterator[str]:
    alone = Effective(
        name=effective.name, document=effective.document, syntax=effective.syntax, entries={key: effective.entries[key]}
    )
    for line in printed(alone, origins=False):
        head, colon, rest = line.partition(": ")
        if colon and head == key:
            yield rest


def overridden(text: str, effective: Effective, key: str, file: str) -> str:
    """Return text with the field's rules as they are in force, to be changed there.

    Raises OurFault mapping.not-overridable for what is no rule of a field.
    """
    found = rules_of(effective, key)
    if not found:
        raise OurFault("mapping.not-overridable", value=key)
    return _with_rule(text, key, found[0] if len(found) == 1 else found, file)


def without(text: str, effective: Effective, key: str, file: str) -> str:
    """Return text in which the field has no rule of its own; a rule of a layer below is removed by name.

    Raises OurFault mapping.not-overridable when no layer has one.
    """
    if value_at(text, ("fields", key), file) is not None:
        return drop(text, ("fields", key), file)
    if key not in effective.entries:
        raise OurFault("mapping.not-overridable", value=key)
    listed = value_at(text, ("remove",), file)
    return put(text, ("remove", len(listed) if isinstance(listed, list) else 0), key, file)


# --- what is proposed -------------------------------------------------------------------------------------------------


class Knowledge:
    """What other mappings make of a place with a qualifier: (last part of the path, qualifier's value) -> fields."""

    def __init__(self, mappings: Sequence[Effective]) -> None:
        self._fields: dict[tuple[str, str], list[str]] = {}
        for effective in mappings:
            for path, rule in full_paths(effective):
                last = "/".join(path.split("/")[-2:])
                for _, values in rule.where:
                    for value in values:
                        self._fields.setdefault((last, value), []).append(rule.key)

    def of(self, value: SampleValue) -> Iterator[str]:
        last = "/".join(value.path.split("/")[-2:])
        for _, said in reversed(value.qualifiers):
            yield from self._fields.get((last, said), ())


def suggestions(
    value: SampleValue, effective: Effective, knowledge: Knowledge, filled: Collection[str]
) -> tuple[Suggestion, ...]:
    """Return what a value that nothing reads could be, the likeliest first. filled: canonical keys the sample fills."""
    scope_of = {each.key: _scope(effective, each.key) for each in targets(effective.document)}
    fitting = {key for key, scope in scope_of.items() if value.path.startswith(scope)}
    deepest = max((len(scope_of[key]) for key in fitting), default=0)
    near = {key for key in fitting if len(scope_of[key]) == deepest}
    found: dict[str, str] = {}
    for key in knowledge.of(value):
        for each in near:
            if each == key or each.rpartition(".")[2] == key.rpartition(".")[2]:
                found.setdefault(each, "other-mapping")
    for path, rule in full_paths(effective):
        if path == value.path and rule.key in fitting:
            found.setdefault(rule.key, "same-place")
    name = _plain_name(value.part)
    for each in near:
        if name and name == _plain_name(each.rpartition(".")[2]) and each not in filled:
            found.setdefault(each, "name")
    if len(found) < _SUGGESTIONS:
        kinds = _kinds(value.value)
        empty = (t for t in targets(effective.document) if t.key in near and t.key not in filled and t.kind in kinds)
        for target in sorted(empty, key=lambda each: each.key.count(".")):  # those of a party come last
            found.setdefault(target.key, "kind")
    return tuple(Suggestion(field=key, why=why) for key, why in list(found.items())[:_SUGGESTIONS])


def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.rpartition(":")[2].lower())


def _kinds(value: str) -> tuple[str, ...]:
    if _DATE.fullmatch(value):
        return ("date",)
    if _NUMBER.fullmatch(value):
        return ("quantity", "number", "amount") if len(value) < 8 else ("text", "identifier")
    return ("text",) if len(value) > 3 else ()  # a short code is a unit or a currency beside something
