"""The logistic labels of a despatch: one for each unit with an SSCC, saying what is in it and where it goes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from gateway.codecs.gs1 import Element, can_say
from gateway.codecs.gs1_label import Label
from gateway.domain.packing import whole_pack
from gateway.domain.parties import day_of
from gateway.domain.stock import ZERO
from gateway.model.countries import NUMERIC
from gateway.model.despatch_advice import DespatchAdvice, DespatchLine, LogisticUnit
from gateway.model.effects import PackSaved, PlaceSaved
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.values import Address, Party, gtin14
from gateway.texts.catalogue import Lang
from gateway.texts.label_words import title

Places = Mapping[str, PlaceSaved]
Fact = tuple[str, str]
T = TypeVar("T")


def places_of(advice: DespatchAdvice) -> frozenset[str]:
    """Return the GLNs whose names and addresses the labels show."""
    parties = (advice.ship_from, advice.ship_to, advice.seller, advice.buyer)
    shops = (line.final_location for line in advice.lines)
    return frozenset(each for each in (*(p.gln for p in parties if p is not None), *shops) if each)


def items_of(advice: DespatchAdvice) -> frozenset[str]:
    """Return the GTIN-14s whose packs tell which units are trade items themselves."""
    return frozenset(gtin14(line.item.gtin) for line in advice.lines if line.item.gtin)


def labels_of(
    advice: DespatchAdvice, places: Places, lang: Lang = "en", packs: Sequence[PackSaved] = ()
) -> list[Label]:
    """Return the labels, in the order of the units. Raises PartnerFault labels.no-sscc when no unit has one.

    packs: of items_of; a unit that holds exactly one pack is a trade item and says its own GTIN
    """
    goods = _goods(advice)
    found = [_label(advice, unit, goods[unit.id], places, lang, packs) for unit in advice.units if unit.sscc]
    if not found:
        raise PartnerFault("labels.no-sscc", Where(path="units"), value=advice.id)
    return found


def _goods(advice: DespatchAdvice) -> Mapping[str, list[DespatchLine]]:
    """Return the lines in each unit, those in the units within it included."""
    parents = {unit.id: unit.parent for unit in advice.units}
    found: dict[str, list[DespatchLine]] = defaultdict(list)
    for line in advice.lines:
        unit, seen = line.unit, set[str]()
        while unit is not None and unit not in seen:
            seen.add(unit)
            found[unit].append(line)
            unit = parents.get(unit)
    return found


def _label(
    advice: DespatchAdvice,
    unit: LogisticUnit,
    lines: Sequence[DespatchLine],
    places: Places,
    lang: Lang,
    packs: Sequence[PackSaved],
) -> Label:
    shop = _one(line.final_location for line in lines)
    content, content_facts = _content(lines, packs)
    where, where_facts = _where(advice, shop, places)
    order = _one(line.order.id if line.order else None for line in lines)
    ordered = _elements(("400", order or ""))
    facts: list[Fact] = [("SSCC", unit.sscc or ""), *content_facts]
    if order:
        facts.append(("ORDER NUMBER", order))
    facts += [("DESPATCH", advice.id), *where_facts]
    receiver = _lines(advice.ship_to or advice.buyer, places)
    return Label(
        sscc=unit.sscc or "",
        sender=_lines(advice.ship_from or advice.seller, places),
        receiver=(_name(shop, places), *receiver)[:3] if shop and shop in places else receiver,
        titles=(title("FROM", lang), title("TO", lang)),
        facts=tuple((title(name, lang), text) for name, text in facts),
        groups=tuple(each for each in (*content, where, ordered) if each),
    )


def _content(lines: Sequence[DespatchLine], packs: Sequence[PackSaved]) -> tuple[list[tuple[Element, ...]], list[Fact]]:
    """Return what is said of the goods: all of it only when they are of one item, one batch, one date.

    A unit that is a trade item itself says its own GTIN in AI 01, any other what it contains in AI 02 and 37: the two
    never stand together. Source: GS1 General Specifications section 4.13 (invalid pairs), 6.6 (logistic label).
    """
    gtins = {gtin14(line.item.gtin) for line in lines if line.item.gtin}
    gtin = gtins.pop() if len(gtins) == 1 and all(line.item.gtin for line in lines) else None
    if gtin is None:
        return [], [("ITEMS", str(len(gtins)))] if gtins else []
    count = sum((line.despatched_quantity.value for line in lines), ZERO)
    batch = _one(line.batch for line in lines)
    best_before = _one(None if line.best_before is None else day_of(line.best_before) for line in lines)
    facts: list[Fact] = [("CONTENT", gtin), ("COUNT", format(count.normalize(), "f"))]
    held: tuple[Element, ...] = ()
    pack = whole_pack(packs, gtin, count)
    if pack is not None and can_say("01", pack):
        facts.insert(0, ("GTIN", pack))
        held = _elements(("01", pack))
    elif count == count.to_integral_value():  # AI 37 counts pieces; a weight stands in the text
        held = _elements(("02", gtin), ("37", format(count.to_integral_value(), "f")))
    marks = []
    if best_before:
        marks.append(("15", f"{best_before:%y%m%d}"))
        facts.append(("BEST BEFORE", best_before.isoformat()))
    if batch:
        marks.append(("10", batch))
        facts.append(("BATCH/LOT", batch))
    whole = len(held) == 2 or (pack is not None and bool(held))
    return [held if whole else (), _elements(*marks)], facts


def _where(advice: DespatchAdvice, shop: str | None, places: Places) -> tuple[tuple[Element, ...], list[Fact]]:
    """Return where the unit goes: the place, the shop behind it, the place's country and postal code."""
    to = advice.ship_to or advice.buyer
    pairs: list[tuple[str, str]] = []
    facts: list[Fact] = []
    if to.gln:
        pairs.append(("410", to.gln))
        facts.append(("SHIP TO LOC", to.gln))
    if shop:
        pairs.append(("413", shop))
        facts.append(("SHIP FOR LOC", shop))
    address = _address(to, places)
    if address.postal_code:
        code = "".join(address.postal_code.split())
        country = (address.country or "").upper()
        number = NUMERIC.get(country)
        pairs.append(("421", number + code) if number else ("420", code))
        facts.append(("SHIP TO POST", f"{country} {address.postal_code}".strip()))
    return _elements(*pairs), facts


def _elements(*pairs: tuple[str, str]) -> tuple[Element, ...]:
    """Return what a symbol can say of them; the rest stands in the text of the label."""
    return tuple(Element(ai=ai, data=data) for ai, data in pairs if can_say(ai, data))


def _one(values: Iterable[T | None]) -> T | None:
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _name(gln: str, places: Places) -> str:
    return places[gln].name if gln in places else gln


def _address(party: Party, places: Places) -> Address:
    """Return the address that the document names, else the one of the place."""
    if party.address is not None:
        return party.address
    place = places.get(party.gln or "")
    data = place.data if place is not None else {}
    return Address(
        street=data.get("street"),
        city=data.get("city"),
        postal_code=data.get("postalCode"),
        country=data.get("country"),
    )


def _lines(party: Party, places: Places) -> tuple[str, ...]:
    address = _address(party, places)
    town = " ".join(each for each in (address.country, address.postal_code, address.city) if each)
    name = party.name or _name(party.gln or "", places)
    return tuple(each for each in (name, address.street, town) if each)
