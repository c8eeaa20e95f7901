"""Catalogues of suppliers and of our house; places."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import FARM, HOUSE, NOW, OWN, RICE, SHOP, SHOP_GLN, TEA, TODAY, codes, context, only, units

from gateway.domain.catalogue import in_force
from gateway.domain.decision import Decision, Snapshot
from gateway.domain.table import decide, needs
from gateway.model.effects import CaseOpened, ItemSaved, OfferSaved, PackSaved, PlaceSaved, PriceSaved
from gateway.model.faults import PartnerFault
from gateway.model.party_info import PartyInfo, PartyRecord
from gateway.model.price_catalogue import CatalogueItem, CataloguePrice, PriceCatalogue
from gateway.model.values import Address, Amount, Item, Period, party

NEW = "04099900000209"
CASE = "14099900000107"


def price(value: object, kind: str = "net", **more: Any) -> CataloguePrice:
    return CataloguePrice(kind=kind, amount=Amount(value=Decimal(str(value)), currency="EUR"), **more)


def catalogue(*lines: CatalogueItem, number: str = "PL1", **more: Any) -> PriceCatalogue:
    facts: dict[str, Any] = {"issued_at": NOW, "provider": party("1"), "receiver": party("2"), "currency": "EUR"}
    return PriceCatalogue(id=number, lines=lines, **(facts | more))


def entry(gtin: str | None, *prices: CataloguePrice, **more: Any) -> CatalogueItem:
    return CatalogueItem(item=Item(gtin=gtin, description="Tea, loose", seller_id="F-1"), prices=prices, **more)


def take(document: Any, who: Any = FARM, **snapshot: Any) -> Decision:
    needs(document, context(who))
    return decide(document, context(who), Snapshot(**snapshot))


def test_a_suppliers_catalogue_becomes_offers_with_their_first_day() -> None:
    validity = Period(start=TODAY + timedelta(days=7), end=TODAY + timedelta(days=30))
    line = entry(
        TEA,
        price("1.50"),
        price("1.30", minimum=units(100), base=units(1)),
        order_increment=units(12),
        lead_time_days=Decimal(3),
    )
    offers = only(OfferSaved, take(catalogue(line, validity=validity)))
    assert [(each.minimum, each.price, each.valid_from, each.valid_to) for each in offers] == [
        (0, Decimal("1.50"), validity.start, validity.end),
        (100, Decimal("1.30"), validity.start, validity.end),
    ]
    assert (offers[0].supplier, offers[0].increment, offers[0].lead_time_days) == ("farm", 12, 3)


def test_a_price_until_further_notice_has_no_last_day() -> None:
    (offer,) = only(OfferSaved, take(catalogue(entry(TEA, price("1.50", period=Period(start=TODAY))))))
    assert (offer.valid_from, offer.valid_to) == (TODAY, None)
    line = entry(TEA, price("1.50"), period=Period(start=TODAY, end=TODAY))
    (offer,) = only(OfferSaved, take(catalogue(line, validity=Period(start=TODAY + timedelta(days=7)))))
    assert (offer.valid_from, offer.valid_to) == (TODAY, TODAY), "the line's own days count before the catalogue's"


def test_no_price_counts_below_the_least_order_of_its_item() -> None:
    line = entry(TEA, price("1.50"), price("1.30", minimum=units(100)), minimum_order=units(24))
    offers = only(OfferSaved, take(catalogue(line)))
    assert [(each.minimum, each.price) for each in offers] == [(24, Decimal("1.50")), (100, Decimal("1.30"))]


def test_a_price_for_many_is_a_price_per_unit() -> None:
    (offer,) = only(OfferSaved, take(catalogue(entry(TEA, price("150.00", base=units(100))))))
    assert offer.price == Decimal("1.50")


def an_offer(value: str, begins: date, **more: Any) -> OfferSaved:
    return OfferSaved(
        key=value,
        supplier="farm",
        gtin=TEA,
        kind="net",
        price=Decimal(value),
        currency="EUR",
        valid_from=begins,
        **more,
    )


def test_a_higher_price_of_what_we_buy_is_a_problem_a_lower_or_a_strangers_is_none() -> None:
    before = {TEA: (an_offer("1.40", TODAY - timedelta(days=90)),), NEW: (an_offer("1.40", TODAY),)}
    higher = take(catalogue(entry(TEA, price("1.41")), entry(NEW, price("9.00"))), offers=before)
    assert [each.params["value"] for each in only(CaseOpened, higher)] == [f"{TEA}: 1.40 > 1.41"]
    assert only(CaseOpened, take(catalogue(entry(TEA, price("1.39"))), offers=before)) == []
    assert only(CaseOpened, take(catalogue(entry(TEA, price("1.40"))), offers=before)) == []


def test_a_deleted_line_withdraws_what_was_offered() -> None:
    before = {TEA: (an_offer("1.40", TODAY - timedelta(days=90)),)}
    (offer,) = only(OfferSaved, take(catalogue(entry(TEA, action="delete")), offers=before))
    assert (offer.withdrawn, offer.price, offer.valid_from) == (True, Decimal("1.40"), TODAY)
    assert only(OfferSaved, take(catalogue(entry(TEA, action="delete")))) == []


def test_lines_without_a_gtin_or_a_price_are_named_and_the_rest_is_taken() -> None:
    made = take(catalogue(entry(None, price(1)), entry(RICE, price(0)), entry(TEA, price(1))))
    assert codes(made) == ["catalogue.item-without-gtin", "catalogue.price-unusable"]
    assert [each.gtin for each in only(OfferSaved, made)] == [TEA]


def test_of_several_prices_the_one_that_began_last_is_in_force() -> None:
    offers = [
        an_offer("1.00", date(2026, 1, 1)),
        an_offer("2.00", date(2026, 2, 1), valid_to=date(2026, 2, 28)),
        an_offer("3.00", date(2026, 4, 1)),
    ]
    found = [
        in_force(offers, "net", Decimal(0), day) for day in (date(2026, 2, 28), date(2026, 3, 1), date(2025, 1, 1))
    ]
    assert [each and each.price for each in found] == [2, 1, None]


def test_customers_have_no_catalogue_for_us() -> None:
    with pytest.raises(PartnerFault, match=r"catalogue\.sender-unexpected"):
        take(catalogue(entry(TEA, price(1))), SHOP)


def test_our_house_tells_items_and_packs_and_what_it_leaves_out_stays() -> None:
    pack = CatalogueItem(item=Item(gtin=CASE), inner_gtin=TEA, contents=units(12), order_unit="CS")
    made = take(catalogue(entry(TEA, price("2.75")), entry(NEW), entry(RICE, action="delete"), pack), HOUSE)
    tea, new, rice = (each.item for each in only(ItemSaved, made))
    assert tea == replace(OWN.items[TEA], name="Tea, loose", sales_price=Decimal("2.75"), supplier_item="F-1")
    assert (new.gtin, new.sales_price, new.active) == (NEW, None, True)
    assert (rice.active, rice.supplier) == (False, "farm")
    assert only(PackSaved, made) == [
        PackSaved(key=f"pack:{CASE}", gtin=CASE, inner=TEA, contents=Decimal(12), level="case")
    ]


def test_a_catalogue_named_as_a_list_holds_its_prices() -> None:
    period = Period(start=date(2026, 4, 1), end=date(2026, 4, 7))
    made = take(catalogue(entry(TEA, price("1.99", period=period)), number="list:retail"), HOUSE)
    (saved,) = only(PriceSaved, made)
    assert (saved.price_list, saved.price, saved.valid_from, saved.valid_to) == (
        "retail",
        Decimal("1.99"),
        date(2026, 4, 1),
        date(2026, 4, 7),
    )
    assert only(ItemSaved, made) == []


def info(*records: PartyRecord) -> PartyInfo:
    return PartyInfo(id="PI1", issued_at=NOW, parties=records)


def test_a_partner_tells_its_own_places_and_leaves_those_of_others() -> None:
    mine, theirs = "4099910000022", "4099920000029"
    shop = party(mine, "Shop 2")
    record = PartyRecord(
        role="shipTo", party=replace(shop, address=Address(city="Köln", country="DE")), opening_hours="6-20"
    )
    known = PlaceSaved(key="k", gln=theirs, name="Other", kind="store", partner="other")
    made = take(
        info(
            record,
            PartyRecord(role="shipTo", party=party(theirs)),
            PartyRecord(role="buyer", party=party("")),
        ),
        SHOP,
        places={theirs: known},
    )
    (place,) = only(PlaceSaved, made)
    assert (place.gln, place.name, place.kind, place.partner) == (mine, "Shop 2", "store", "shop")
    assert place.data == {"city": "Köln", "country": "DE", "openingHours": "6-20"}
    assert codes(made) == ["place.of-another", "place.gln-missing"]


def test_our_house_tells_any_place_and_its_owner_by_the_parent() -> None:
    record = PartyRecord(role="shipTo", party=party("4099910000022", "Shop 2"), parent=SHOP_GLN)
    (place,) = only(PlaceSaved, take(info(record), HOUSE))
    assert place.partner == "shop"
