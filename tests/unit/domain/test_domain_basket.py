"""Buying from the suppliers' catalogues: prices by quantity, minimums, steps, limits, one order per supplier."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import FARM, NOW, OWN, PARTNERS, RICE, SELF, SHOP, SOAP, TEA, TODAY, context, only, partner, units

from gateway.domain.basket import priced
from gateway.domain.decision import Decision, Snapshot
from gateway.domain.table import decide, needs
from gateway.model.basket_order import BasketLine, BasketOrder
from gateway.model.effects import CaseOpened, OfferSaved, OrderSaved, ProposalSaved, StockMoved
from gateway.model.faults import Fault
from gateway.model.partner import SupplierTerms
from gateway.model.values import Item

MILL = partner("mill", "4099940000016", "supplier")
SUPPLIERS = {
    "farm": SupplierTerms(partner="farm", lead_time_days=3, approval_limit=Decimal(500)),
    "mill": SupplierTerms(partner="mill", lead_time_days=1, approval_limit=Decimal(500)),
}
BUYER = replace(OWN, suppliers=SUPPLIERS)
OTHER_SIDE = PARTNERS | {"mill": MILL}


def offer(supplier: str, gtin: str, price: str, minimum: object = 0, begins: date = TODAY, **more: Any) -> OfferSaved:
    return OfferSaved(
        key=f"{supplier}{gtin}{minimum}{begins}",
        supplier=supplier,
        gtin=gtin,
        kind=more.pop("kind", "net"),
        price=Decimal(price),
        currency="EUR",
        valid_from=begins,
        minimum=Decimal(str(minimum)),
        **more,
    )


OFFERS = {
    TEA: (
        offer("farm", TEA, "1.50", 12, increment=Decimal(6)),
        offer("farm", TEA, "1.30", 120, increment=Decimal(6)),
        offer("farm", TEA, "2.90", 0, kind="retail"),
        offer("mill", TEA, "1.45", begins=TODAY - timedelta(days=30), lead_time_days=9),
        offer("mill", TEA, "1.40", begins=TODAY + timedelta(days=1)),
    ),
    RICE: (offer("farm", RICE, "0.80", begins=TODAY - timedelta(days=9)),),
    SOAP: (
        offer("farm", SOAP, "3.00", begins=TODAY - timedelta(days=9)),
        offer("farm", SOAP, "3.00", withdrawn=True),
    ),
}


def line(supplier: str, gtin: str, quantity: object) -> BasketLine:
    return BasketLine(supplier=supplier, item=Item(gtin=gtin), quantity=units(quantity))


def basket(*lines: BasketLine) -> BasketOrder:
    return BasketOrder(id="B1", issued_at=NOW, user="ann", lines=lines)


def take(document: BasketOrder, who: Any = SELF, offers: Any = OFFERS) -> Decision:
    scene = replace(context(who, 7, own=BUYER), partners=OTHER_SIDE)
    assert needs(document, scene).offers == {each.item.gtin for each in document.lines}
    return decide(document, scene, Snapshot(offers=offers))


def test_a_basket_becomes_one_order_per_supplier_at_todays_prices() -> None:
    made = take(basket(line("mill", TEA, 10), line("farm", RICE, 100), line("farm", TEA, 18)))
    orders = {each.to: each.document for each in made.answers if each.to != "warehouse"}
    assert sorted(orders) == ["farm", "mill"]
    assert {each.number for each in only(OrderSaved, made)} == {"PO000007", "PO000007-2"}
    bought = [(each.item.gtin, each.quantity.value, each.price.net.value) for each in orders["farm"].lines]
    assert bought == [(RICE, 100, Decimal("0.80")), (TEA, 18, Decimal("1.50"))]
    assert orders["mill"].lines[0].price.net.value == Decimal("1.45"), "the lower price begins tomorrow"
    assert orders["mill"].requested_delivery == TODAY + timedelta(days=9), "the catalogue's lead time is longer"
    assert orders["farm"].requested_delivery == TODAY + timedelta(days=3)
    on_order = {(each.gtin, each.delta) for each in only(StockMoved, made) if each.measure == "on_order"}
    assert on_order == {(TEA, 10), (RICE, 100), (TEA, 18)}


def test_a_larger_quantity_gets_the_price_that_begins_at_it() -> None:
    for units_, price in ((12, "1.50"), (114, "1.50"), (120, "1.30")):
        made = take(basket(line("farm", TEA, units_)))
        assert made.answers[0].document.lines[0].price.net.value == Decimal(price)


def test_what_is_above_the_limit_waits_and_the_other_supplier_is_ordered_from() -> None:
    made = take(basket(line("farm", RICE, 626), line("mill", TEA, 10)))
    assert [each.to for each in made.answers] == ["mill", "warehouse"], "our house hears what was ordered"
    (waiting,) = [each.proposal for each in only(ProposalSaved, made) if each.proposal.status == "proposed"]
    assert (waiting.supplier, waiting.value.value, waiting.order_id) == ("farm", Decimal("500.80"), None)
    assert [(each.code, each.subject) for each in only(CaseOpened, made)] == [("plan.approval-needed", waiting.id)]
    exactly = take(basket(line("farm", RICE, 625)))
    assert [each.to for each in exactly.answers] == ["farm", "warehouse"], "the limit itself needs nobody"


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (line("farm", TEA, 6), "basket.below-minimum"),
        (line("farm", TEA, 20), "basket.not-in-increments"),
        (line("mill", RICE, 1), "basket.not-offered"),
        (line("farm", SOAP, 1), "basket.withdrawn"),
        (line("shop", TEA, 1), "basket.no-terms"),
        (line("farm", "04099900000209", 1), "basket.item-not-ours"),
        (line("farm", RICE, 0), "basket.quantity-unusable"),
        (line("farm", RICE, -1), "basket.quantity-unusable"),
    ],
    ids=["minimum", "step", "not offered", "withdrawn", "no terms", "not ours", "zero", "negative"],
)
def test_a_line_that_cannot_be_ordered_stops_the_whole_basket(wrong: BasketLine, code: str) -> None:
    with pytest.raises(Fault) as caught:
        take(basket(line("farm", RICE, 1), wrong))
    assert caught.value.code == "basket.not-orderable"
    assert [(each.code, each.where.path) for each in caught.value.findings] == [(code, "lines[1]")]


def test_nobody_but_us_buys_and_an_empty_basket_is_none() -> None:
    with pytest.raises(Fault, match=r"plan\.sender-unexpected"):
        take(basket(line("farm", RICE, 1)), SHOP)
    with pytest.raises(Fault, match=r"basket\.empty"):
        take(basket())


def test_a_foreign_currency_is_never_ordered_without_a_person() -> None:
    offers = {RICE: (replace(OFFERS[RICE][0], currency="CHF"),)}
    made = take(basket(line("farm", RICE, 1)), offers=offers)
    assert made.answers == ()
    assert [each.code for each in only(CaseOpened, made)] == ["plan.approval-needed"]


def test_prices_are_told_before_anything_is_ordered() -> None:
    found = priced([line("farm", TEA, 6), line("farm", RICE, 2)], OFFERS, BUYER, TODAY)
    assert [each.value for each in found] == [Decimal("9.00"), Decimal("1.60")]
    assert [each.problem.code if each.problem else None for each in found] == ["basket.below-minimum", None]
    assert FARM.id == "farm"
