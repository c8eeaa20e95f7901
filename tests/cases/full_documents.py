"""A document that has every field a mapping carries: made from the mapping itself, so no field can be forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gateway.mapping.codes import CodeTable
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.frames import Resources, default_value
from gateway.mapping.paths import Grammar
from gateway.mapping.rules import Rule, segment_of
from gateway.mapping.target import Scope, Slot, builder, scopes
from gateway.model.documents import Document
from gateway.model.values import Amount, PartyIdentifier, Period, Quantity, check_digit
from gateway.schema.directory import ComponentUse, Directory

_UNITS = {("units[]", "id"): "2", ("units[]", "parent"): None, ("lines[]", "unit"): "2"}


class Filler:
    """Makes values; each differs from the others, so that two fields that are mixed up are seen."""

    def __init__(
        self, mapping: DocumentMapping, directories: dict[str, Directory], codes: dict[str, CodeTable]
    ) -> None:
        assert mapping.effective is not None
        self.effective = mapping.effective
        self.syntax = mapping.syntax
        self.resources = Resources(kind=mapping.syntax.kind, codes=codes, lookups={})
        self.directory = directories.get(mapping.syntax.directory)
        self.count = 0

    def document(self) -> Document:
        """Return the document; a list has one element, or two where elements are told apart by a number."""
        root = scopes(self.effective)
        found = self.built(root, [])
        assert found is not None
        return found  # type: ignore[no-any-return]

    def built(self, scope: Scope, base: list[str]) -> Any:
        values: list[Any] = [None] * len(scope.slots)
        inner = {each.slot for each in scope.lists}
        for slot in scope.slots:
            if slot.index not in inner:
                values[slot.index] = self.value(slot, scope, base)
        for each in scope.lists:
            assert each.head is not None
            if each.head.direction == "in" or each.head.alone:  # its only element would be folded into the fields here
                continue
            names = each.head.each.split("/")
            groups = names[:-1] if segment_of(each.head.each) else names
            if self.syntax.kind != "edifact":
                groups = []
            made = self.built(each, [*base, *groups])
            old = values[each.slot]
            values[each.slot] = [made] if old is None else [_joined(old[0], made)]
        for slot in scope.slots:
            defaults = [rule for rule in slot.rules if rule.default is not None]
            if values[slot.index] is None and defaults:
                values[slot.index] = default_value(defaults[0], slot, self.resources)
        missing: list[str] = []
        lacking: list[tuple[str, bool]] = []
        found = builder(scope)({index: each for index, each in enumerate(values) if each is not None}, lacking)
        missing += [key for key, needed in lacking if needed]
        assert not missing, (scope.key, missing)
        return found

    def value(self, slot: Slot, scope: Scope, base: list[str]) -> Any:
        if slot.key == "currency" and scope.head is None:
            return "EUR"
        rules = [each for each in slot.rules if each.const is None]
        readable = any(each.direction != "out" for each in rules)
        writing = [each for each in rules if each.direction != "in" and not each.lookup]
        if not readable or not writing or any(each.when for each in writing):
            return None
        rule = writing[0]
        place = (scope.key, slot.key)
        if place in _UNITS:  # a line points to its logistic unit, which stands directly under the whole message
            return _UNITS[place]
        made = self.coded(rule, scope, base) or self.plain(rule, slot, base)
        made = int(made) if slot.hint is int and isinstance(made, str) else made
        return [made] if slot.many and made is not None else made

    def coded(self, rule: Rule, scope: Scope, base: list[str]) -> Any:
        """Return a value of the code list behind the rule: the table's, or the directory's for a coded element."""
        table = self.resources.code_table(rule)
        if table is not None:
            value = next(value for code, value in table.to_canonical.items() if table.to_wire[value] == code)
            return {"true": True, "false": False}.get(value, value)
        if self.directory is None or rule.converter or rule.join is not None:
            return None
        use, _ = self.use(rule, base)
        for name, wanted in (*rule.where, *(scope.head.where if scope.head else ())):
            if name.rpartition("/")[2].rpartition(".")[2] == use.id:
                return wanted[0]
        known = sorted(self.directory.codes(use.id))
        return known[self.next() % len(known)] if known else None

    def use(self, rule: Rule, base: list[str]) -> tuple[ComponentUse, set[str]]:
        """Return the component that a rule writes, and the data elements beside it."""
        assert self.directory is not None
        structure = self.directory.structure(self.syntax.message)
        inside, path = (base[:-1], rule.path[3:]) if rule.path.startswith("../") else (base, rule.path)
        spot = Grammar(self.directory, structure).spot(inside, path, rule.where, False, rule.at)
        element = self.directory.layout(spot.tag).elements[spot.elements[0]]
        return element.components[spot.components[0]], {each.id for each in element.components}

    def plain(self, rule: Rule, slot: Slot, base: list[str]) -> Any:
        number = self.next()
        name = rule.converter or slot.converter
        gln = f"40999900{number:04}"
        made: dict[str, Any] = {
            "gln": gln + check_digit(gln),
            "gtin": f"0{gln}{check_digit(gln)}",
            "gtin14": f"0{gln}{check_digit(gln)}",
            "sscc": f"34099990{number:09}" + check_digit(f"34099990{number:09}"),
            "vat-id": PartyIdentifier(scheme="vat", value=f"DE{number:09}"),
            "upper": "EUR" if slot.key == "currency" else "SEK",
            "period": Period(start=date(2026, 4, number % 28 + 1), end=date(2026, 5, number % 28 + 1)),
        }
        if slot.hint is PartyIdentifier:
            return made["vat-id"] if name == "vat-id" else PartyIdentifier(scheme="0088", value=made["gln"])
        if name in made:
            return made[name]
        if slot.hint is Quantity:
            carried = self.directory is None or "6411" in self.use(rule, base)[1]
            return Quantity(value=Decimal(number), unit="KGM" if carried else None, per=None if carried else "gtin")
        if slot.hint is str and self.directory is not None:
            form = self.use(rule, base)[0].format
            return str(number) if form.kind == "n" else f"T{number}"[-form.maximum :]
        return self.of_type(slot.hint, number)

    def of_type(self, hint: Any, number: int) -> Any:
        if hint == date | datetime:
            return date(2026, number % 12 + 1, number % 28 + 1)
        simple = {
            str: f"T{number}",
            int: number,
            bool: True,
            Decimal: Decimal(number),
            Amount: Amount(value=Decimal(number)),
        }
        return simple[hint]

    def next(self) -> int:
        self.count += 1
        return self.count


def _joined(one: Any, other: Any) -> Any:
    """Return one with what only other has: an element that several rules of a mapping write together."""
    names = [name for name in type(one).__dataclass_fields__ if getattr(one, name) in (None, ())]
    return replace(one, **{name: getattr(other, name) for name in names})


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Yield the paths where two documents differ."""
    if isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}[{number}]")
    elif hasattr(one, "__dataclass_fields__") and type(one) is type(other):
        for name in one.__dataclass_fields__:
            yield from differences(getattr(one, name), getattr(other, name), f"{path}.{name}")
    elif one != other:
        yield f"{path}: {one!r} != {other!r}"
