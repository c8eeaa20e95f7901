"""The canonical side of a mapping: from keys of the field table to attributes of the model, and back to objects.

A scope is the document or one list element. While reading, its values stand in numbered slots; at its end the scope
is built into its dataclass. While writing, a getter per slot follows the attributes.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, is_dataclass, replace
from functools import cache
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from gateway.mapping.rules import Effective, Fallback, ListHead, Rule, refuse
from gateway.model.documents import DOCUMENTS
from gateway.model.json_form import key_of
from gateway.model.making import maker
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


def getter(attributes: Sequence[str]) -> Callable[[Any], Any]:
    """Return what follows attributes; None when one of them is absent."""
    first, *rest = attributes
    if not rest:
        return attrgetter(first)
    inner = getter(rest)

    def get(source: Any) -> Any:
        found = getattr(source, first)
        return None if found is None else inner(found)

    return get


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


def canonical_key(slot: Slot) -> str:
    """Return a slot's key as the document has it: what names a scheme of identifiers (buyer.gln) is in buyer.ids."""
    head, dot, last = slot.key.rpartition(".")
    return f"{head}.ids" if dot and last in _ALIASES and slot.attributes[-1] == "ids" else slot.key


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
    slot.rules.extend(replace(rule, converter=alias) if alias and not rule.converter else rule for rule in rules)


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


Lacking = list[tuple[str, bool]]  # (key in the scope, whether the scope cannot be built without it)
Build = Callable[[Mapping[int, Any], Lacking], Any]  # values by slot -> object; None when it lacks something required
_RECIPES = 1000  # kept of one scope: who sends the slots in ever new orders waits a little longer


@dataclass(frozen=True, slots=True)
class _Part:
    """An object of the scope: its own or one inside. outer: number of the object it is in; name: its attribute there.

    needed: (attribute, key in the scope); fatal: nothing can be built when one of them is missing
    """

    make: Callable[[dict[str, Any]], Any]
    outer: int
    name: str
    needed: tuple[tuple[str, str], ...]
    fatal: bool


@dataclass(frozen=True, slots=True)
class _Step:
    """One object to make: with values at positions of what is given, and with objects that steps before have made.

    whole: position of the object as another rule has read it in one piece (only what that left open is added), or -1
    """

    make: Callable[[dict[str, Any]], Any]
    whole: int
    values: tuple[tuple[str, int], ...]
    objects: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How to make the scope's object of one set of slots. lists: positions of values that become tuples."""

    steps: tuple[_Step, ...]
    lists: tuple[int, ...]
    lacking: tuple[tuple[str, bool], ...]
    complete: bool


def builder(scope: Scope) -> Build:
    """Return the function that makes the scope's object from its slots; it says which required fields are missing.

    What is to be done depends only on which slots have a value, so it is thought through once for each such set: the
    lines of an order mostly have the same.
    """
    slots = {slot.attributes: slot.index for slot in scope.slots}
    parts: list[_Part] = []
    places: dict[int, tuple[int, str, bool]] = {}
    above = {place[:end] for place in slots for end in range(1, len(place))}  # attributes that hold others
    _plan(scope.kind, "", (), slots, above, True, parts, places)
    recipes: dict[tuple[int, ...], _Recipe] = {}

    def build(values: Mapping[int, Any], lacking: Lacking) -> Any:
        key = tuple(values)
        recipe = recipes.get(key)
        if recipe is None:
            recipe = _recipe(key, parts, places, scope.fallbacks)
            if len(recipes) < _RECIPES:
                recipes[key] = recipe
        given = list(values.values())
        for at in recipe.lists:
            given[at] = tuple(given[at])
        made: list[Any] = []
        for step in recipe.steps:
            arguments: dict[str, Any] = {}
            for name, at in step.values:
                arguments[name] = given[at]
            for name, at in step.objects:
                arguments[name] = made[at]
            made.append(step.make(arguments) if step.whole < 0 else _filled(given[step.whole], arguments))
        lacking += recipe.lacking
        return made[-1] if recipe.complete else None

    return build


def _filled(whole: Any, arguments: dict[str, Any]) -> Any:
    added = {name: value for name, value in arguments.items() if getattr(whole, name) is None}
    if whole.__class__ is Quantity and "unit" in added:  # then it does not count trade units of the GTIN
        added["per"] = None
    return replace(whole, **added) if added else whole


def _recipe(
    key: tuple[int, ...],
    parts: Sequence[_Part],
    places: Mapping[int, tuple[int, str, bool]],
    fallbacks: Sequence[tuple[str, str]],
) -> _Recipe:
    """Work out how to make the object when the slots of key have values. The last part is the scope's own object."""
    values: list[dict[str, int]] = [{} for _ in parts]
    objects: list[dict[str, int]] = [{} for _ in parts]
    for position, index in enumerate(key):
        number, name, _ = places[index]
        values[number][name] = position
    steps: list[_Step] = []
    lacking: Lacking = []
    for number, part in enumerate(parts):  # from the innermost outwards
        own, inner, last = values[number], objects[number], number == len(parts) - 1
        if not last and not own and not inner:
            continue
        if last:
            _stand_in(own, inner, fallbacks)
        whole = -1 if last else values[part.outer].pop(part.name, -1)
        absent = [(name, part.fatal) for attribute, name in part.needed if attribute not in own | inner]
        if absent and whole < 0:
            lacking += absent
            continue
        if not last:
            objects[part.outer][part.name] = len(steps)
        steps.append(_Step(part.make, whole, tuple(own.items()), tuple(inner.items())))
    return _Recipe(
        steps=tuple(steps),
        lists=tuple(position for position, index in enumerate(key) if places[index][2]),
        lacking=tuple(lacking),
        complete=not absent,
    )


def _stand_in(values: dict[str, int], objects: dict[str, int], fallbacks: Sequence[tuple[str, str]]) -> None:
    """Let what is there stand for what is not."""
    for name, other in fallbacks:
        if name not in values and name not in objects:
            for known in (values, objects):
                if other in known:
                    known[name] = known[other]


def _plan(
    kind: Kind,
    prefix: str,
    path: tuple[str, ...],
    slots: dict[tuple[str, ...], int],
    above: set[tuple[str, ...]],
    fatal: bool,
    parts: list[_Part],
    places: dict[int, tuple[int, str, bool]],
) -> int:
    """Number the objects below path, inner ones first, and tell for each slot its object, attribute and whether it is
    a list; return the number of the object at path."""
    facts = field_facts(kind)
    inner: list[int] = []
    for key, each in facts.items():
        below = (*path, each.name)
        if below in above:
            needed_too = fatal and each.required
            inner.append(_plan(each.hint, f"{prefix}{key}.", below, slots, above, needed_too, parts, places))
    number = len(parts)
    needed = tuple((each.name, prefix + key) for key, each in facts.items() if each.required)
    parts.append(_Part(maker(kind), -1, path[-1] if path else "", needed, fatal))
    for one in inner:
        parts[one] = replace(parts[one], outer=number)
    for each in facts.values():
        if (*path, each.name) in slots:
            places[slots[(*path, each.name)]] = (number, each.name, each.many)
    return number
