"""The canonical side of a mapping: from keys of the field table to attributes of the model, and back to objects.

A scope is the document or one list element. While reading, its values stand in numbered slots; at its end the scope
is built into its dataclass. While writing, a getter per slot follows the attributes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from functools import cache
from types import UnionType
from typing import Any, Protocol, Union, get_args, get_origin, get_type_hints

from gateway.mapping.rules import Effective, Fallback, ListHead, Rule, refuse
from gateway.model.documents import DOCUMENTS
from gateway.model.json_form import key_of
from gateway.model.values import Party, PartyIdentifier, Quantity

Kind = Any  # a frozen dataclass of the model: type[Any] would not take what is_dataclass has narrowed

# of a party: one identifier by its scheme
_ALIASES = {"gln": "party-id", "vat": "vat-id", "registration": "registration-id", "customer": "customer-id"}


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """attribute name, type without None, required. many: the type is that of one element of a tuple."""

    name: str
    hint: Any
    required: bool
    many: bool


@cache
def field_facts(kind: Kind) -> dict[str, FieldFacts]:
    """Return the fields of a dataclass by camelCase key."""
    hints = get_type_hints(kind)
    found = {}
    for each in fields(kind):
        hint, many = _bare(hints[each.name])
        required = each.default is MISSING and each.default_factory is MISSING
        found[key_of(each)] = FieldFacts(each.name, hint, required, many)
    return found


def _bare(hint: Any) -> tuple[Any, bool]:
    """Take None and tuple off a type."""
    if get_origin(hint) in (Union, UnionType):
        options = [each for each in get_args(hint) if each is not type(None)]
        hint = options[0] if len(options) == 1 else Union[tuple(options)]  # noqa: UP007  built at run time
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    return hint, False


@dataclass(slots=True, kw_only=True)
class Slot:
    """One canonical place of a scope. many: a list of plain values (notes, ids)."""

    index: int
    key: str
    attributes: tuple[str, ...]
    hint: Any
    many: bool
    rules: list[Rule] = field(default_factory=list)
    converter: str = ""  # asked for by an alias

    def get(self, document: Any) -> Any:
        """Return the value in document, None when it or one of its parents is absent."""
        for name in self.attributes:
            if document is None:
                return None
            document = getattr(document, name)
        return document


@dataclass(slots=True, kw_only=True)
class Scope:
    """The document (head None) or an element of a list. attributes: of the list, from the enclosing scope."""

    key: str
    kind: Kind
    head: ListHead | None = None
    attributes: tuple[str, ...] = ()
    slots: list[Slot] = field(default_factory=list)
    free: list[Rule] = field(default_factory=list)  # constants and counts: no canonical place
    lists: "list[Scope]" = field(default_factory=list)
    slot: int = -1  # of the list in the enclosing scope
    fallbacks: list[tuple[str, str]] = field(default_factory=list)  # (attribute, the one that stands for it)

    def find(self, attributes: tuple[str, ...]) -> Slot | None:
        """Return the slot of those attributes, or None."""
        return next((each for each in self.slots if each.attributes == attributes), None)

    def add(self, key: str, attributes: tuple[str, ...], hint: Any, many: bool) -> Slot:
        """Return the slot of those attributes, new if there is none yet."""
        found = self.find(attributes)
        if found is None:
            found = Slot(index=len(self.slots), key=key, attributes=attributes, hint=hint, many=many)
            self.slots.append(found)
        return found


def scopes(effective: Effective) -> Scope:
    """Sort the flat rules into scopes and slots. Raises OurFault mapping.unknown-document or mapping.unknown-field."""
    kind = DOCUMENTS.get(effective.document)
    if kind is None:
        refuse("mapping.unknown-document", effective.name, effective.document, list(DOCUMENTS))
    root = Scope(key="", kind=kind)
    by_key = {"": root}
    for key, entry in effective.entries.items():
        if isinstance(entry, Fallback):
            root.fallbacks.append((_top(kind, entry.key, entry.at), _top(kind, entry.other, entry.at)))
        elif isinstance(entry, ListHead):
            outer, relative = _enclosing(key, entry.at, by_key)
            by_key[key] = _add_list(outer, relative, entry)
        else:
            outer, relative = _enclosing(key, entry[0].at, by_key)
            _add_rules(outer, relative, entry)
    return root


def _top(kind: Kind, key: str, at: str) -> str:
    """Return the attribute of a field of the document itself."""
    known = field_facts(kind)
    if key not in known:
        refuse("mapping.unknown-field", at, key, list(known))
    return known[key].name


def _enclosing(key: str, at: str, by_key: dict[str, Scope]) -> tuple[Scope, str]:
    """Return the scope of key and the rest of the key in it."""
    start = key.rfind("].", 0, len(key) - 1) + 1
    outer = key[:start]
    if outer not in by_key:
        refuse("mapping.unknown-list", at, outer, [each for each in by_key if each])
    return by_key[outer], key[start + 1 :] if start else key


def _add_list(outer: Scope, relative: str, head: ListHead) -> Scope:
    name = relative.partition("[")[0]
    attributes, facts, _ = _resolve(outer.kind, name, head.at, head.key)
    if not facts.many or not is_dataclass(facts.hint):
        refuse("mapping.not-a-list", head.at, head.key)
    slot = outer.add(name, attributes, facts.hint, True)
    scope = Scope(key=head.key, kind=facts.hint, head=head, attributes=attributes, slot=slot.index)
    outer.lists.append(scope)
    return scope


def _add_rules(outer: Scope, relative: str, rules: tuple[Rule, ...]) -> None:
    if all(rule.const is not None or rule.check for rule in rules):
        outer.free.extend(rules)
        return
    attributes, facts, alias = _resolve(outer.kind, relative, rules[0].at, rules[0].key)
    if is_dataclass(facts.hint) and facts.many and facts.hint is not PartyIdentifier:
        refuse("mapping.list-needs-each", rules[0].at, rules[0].key)
    slot = outer.add(relative, attributes, facts.hint, facts.many)
    slot.rules.extend(replace(rule, converter=rule.converter or alias) for rule in rules)


def _resolve(kind: Kind, key: str, at: str, full_key: str) -> tuple[tuple[str, ...], FieldFacts, str]:
    """Return the attributes of key from kind, the facts of the last, and the converter that an alias asks for."""
    attributes: list[str] = []
    parts = key.split(".")
    for number, part in enumerate(parts):
        known = field_facts(kind)
        last = number == len(parts) - 1
        if last and kind is Party and part in _ALIASES:
            return (*attributes, "ids"), known["ids"], _ALIASES[part]
        facts = known.get(part)
        if facts is None:
            refuse("mapping.unknown-field", at, full_key, [".".join([*parts[:number], each]) for each in known])
        attributes.append(facts.name)
        if last:
            return tuple(attributes), facts, ""
        if facts.many or not is_dataclass(facts.hint):
            refuse("mapping.unknown-field", at, full_key)
        kind = facts.hint
    raise AssertionError("a key has at least one part")


Report = Callable[[str, bool], None]  # (key in the scope, whether the scope cannot be built without it)


class Build(Protocol):
    """Makes an object from slots. whole: the object as another rule has read it in one piece."""

    def __call__(self, values: list[Any], report: Report, whole: Any = None) -> Any: ...


def _silent(key: str, needed: bool) -> None:
    """A part of a value that is there as a whole cannot be missing."""


def builder(scope: Scope) -> Build:
    """Return the function that makes the scope's object from its slots; it reports required fields that are missing."""
    slots = {slot.attributes: slot.index for slot in scope.slots}
    return _object_builder(scope.kind, "", (), slots, True, False, scope.fallbacks)


def _has_below(slots: Iterable[tuple[str, ...]], path: tuple[str, ...]) -> bool:
    return any(len(place) > len(path) and place[: len(path)] == path for place in slots)


def _absence(slots: dict[tuple[str, ...], int], path: tuple[str, ...], nested: bool) -> Callable[[list[Any]], bool]:
    """Return the test whether no slot at or below path has a value; a scope's own object is never absent."""
    if not nested:
        return lambda values: False
    below = [index for place, index in slots.items() if place[: len(path)] == path]
    return lambda values: all(values[index] is None for index in below)


def _object_builder(  # noqa: C901  one closure over what is known of the kind
    kind: Kind,
    prefix: str,
    path: tuple[str, ...],
    slots: dict[tuple[str, ...], int],
    needed: bool,
    nested: bool,
    fallbacks: Sequence[tuple[str, str]] = (),
) -> Build:
    facts = field_facts(kind)
    places = {key: (*path, each.name) for key, each in facts.items()}
    leaves = [(each.name, slots[places[key]], each.many) for key, each in facts.items() if places[key] in slots]
    parts = [
        (each.name, _object_builder(each.hint, f"{prefix}{key}.", places[key], slots, needed and each.required, True))
        for key, each in facts.items()
        if _has_below(slots, places[key])
    ]
    required = [(each.name, prefix + key) for key, each in facts.items() if each.required]
    nested_and_absent = _absence(slots, path, nested)

    def collect(values: list[Any], report: Report) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, index, many in leaves:
            value = values[index]
            if value is not None:
                found[name] = tuple(value) if many else value
        for name, part in parts:
            whole = found.get(name)
            value = part(values, _silent if whole is not None else report, whole)
            if value is not None:
                found[name] = value
        return found

    def build(values: list[Any], report: Report, whole: Any = None) -> Any:
        if whole is None and nested_and_absent(values):
            return None  # most optional parts are absent: no walk through what they could hold
        found = collect(values, report)
        if whole is not None:  # read as one value already: only what that value left open is added
            added = {name: value for name, value in found.items() if getattr(whole, name) is None}
            if kind is Quantity and "unit" in added:  # then it does not count trade units of the GTIN
                added["per"] = None
            return replace(whole, **added) if added else whole
        if nested and not found:
            return None
        for name, other in fallbacks:
            found.update({name: found[other]} if name not in found and other in found else {})
        complete = True
        for name, key in required:
            if name not in found:
                report(key, needed)
                complete = False
        return kind(**found) if complete else None

    return build
