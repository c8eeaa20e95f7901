"""Co-managed stock: our proposal is no order until the customer says so; then it is one, and only once."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from domain_scene import HOUSE, NOW, SELF, SHOP, TEA, WAREHOUSE, answered, codes, only, order, units
from test_planning_runs import BOUGHT, FILLED, STORE, YESTERDAY, Gateway, counted, house_count, weeks, word

from gateway.domain.decision import Decision, Needs, StockLevel
from gateway.model.effects import CaseClosed, CaseOpened, OrderSaved
from gateway.model.faults import PartnerFault
from gateway.model.order import Order, OrderRefs, OrderResponse, OrderResponseLine
from gateway.model.order_decision import OrderDecision
from gateway.model.planning import PlanningTerms
from gateway.model.planning_effects import LineOrdered
from gateway.model.values import DocumentRef, Item, party
from gateway.store.journal import SqlJournal

TERMS = PlanningTerms(agreements=(replace(FILLED, id="cmi-shop", method="cmi"), BOUGHT), history_days=56)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    journal = SqlJournal.in_memory()
    made = Gateway(journal, TERMS)
    made.take(house_count(tea=1000), HOUSE)
    weeks(made)
    made.take(counted(YESTERDAY, tea=12))
    yield made
    journal.close()


def offered(made: Decision) -> Order:
    (found,) = [each for each in answered(made, "shop") if isinstance(each, Order)]
    return found


def answer(offer: Order, status: str, *lines: OrderResponseLine, number: str = "AN1") -> OrderResponse:
    return OrderResponse(
        id=number,
        issued_at=NOW,
        status=status,
        order=DocumentRef(id=offer.id),
        buyer=party("4099910000015"),
        seller=party("4099900000001"),
        lines=lines,
    )


def line(status: str, quantity: object | None = None) -> OrderResponseLine:
    confirmed = None if quantity is None else units(quantity)
    return OrderResponseLine(
        number="1", order_line="1", status=status, item=Item(gtin=TEA), confirmed_quantity=confirmed
    )


def level(gateway: Gateway) -> StockLevel:
    return gateway.journal.read(lambda tx: tx.snapshot(Needs(stock=frozenset({TEA})), WAREHOUSE)).stock[TEA]


def saved(gateway: Gateway, number: str) -> OrderSaved:
    wanted = Needs(orders=frozenset({("sale", "shop", number)}))
    return gateway.journal.read(lambda tx: tx.snapshot(wanted, WAREHOUSE)).orders["sale", "shop", number]


def test_an_offer_holds_nothing_and_ships_nothing_but_is_not_made_twice(gateway: Gateway) -> None:
    made = gateway.run()
    offer = offered(made)
    assert (offer.id[:2], offer.type_code, offer.ship_to.gln if offer.ship_to else None) == ("CM", "22E", STORE)
    assert answered(made, "warehouse") == []
    assert level(gateway).allocated == 0
    assert [each.code for each in only(CaseOpened, made)] == ["order.waits"]
    again = gateway.run()
    assert only(LineOrdered, again) == []
    assert gateway.plans((STORE, TEA))[STORE, TEA].status == "nothing"


def test_what_the_customer_accepts_becomes_an_order(gateway: Gateway) -> None:
    offer = offered(gateway.run())
    made = gateway.take(answer(offer, "accepted"))
    (told,) = answered(made, "warehouse")
    assert (told.id, told.lines[0].quantity.value) == (offer.id, offer.lines[0].quantity.value)
    assert level(gateway).allocated == offer.lines[0].quantity.value
    assert saved(gateway, offer.id).status == "open"
    assert [each.code for each in only(CaseClosed, made)] == ["order.waits"]
    again = gateway.take(answer(offer, "accepted"))
    assert codes(again) == ["order.already-decided"]
    assert level(gateway).allocated == offer.lines[0].quantity.value


def test_the_customer_wants_less(gateway: Gateway) -> None:
    offer = offered(gateway.run())
    made = gateway.take(answer(offer, "amended", line("quantity-changed", 12)))
    (told,) = answered(made, "warehouse")
    assert told.lines[0].quantity.value == 12
    assert level(gateway).allocated == 12


@pytest.mark.parametrize("status", ["rejected", "amended"])
def test_what_the_customer_does_not_want_is_no_order(gateway: Gateway, status: str) -> None:
    offer = offered(gateway.run())
    made = gateway.take(answer(offer, status, *([line("rejected")] if status == "amended" else [])))
    assert answered(made, "warehouse") == []
    assert level(gateway).allocated == 0
    assert saved(gateway, offer.id).status == "rejected"
    assert only(LineOrdered, gateway.run()), "the need is still there: the next run offers it again"


def test_the_customers_own_order_takes_the_place_of_the_offer_that_it_quotes(gateway: Gateway) -> None:
    offer = offered(gateway.run())
    own = order(("1", TEA, 24), number="K77", ship_to=party(STORE), refs=OrderRefs(sales_order=offer.id))
    gateway.take(own)
    assert saved(gateway, offer.id).status == "cancelled"
    assert level(gateway).allocated == 24
    gateway.run(release=False)
    why = gateway.plans((STORE, TEA))[STORE, TEA].why
    assert offer.id not in why
    assert "K77" in why


@pytest.mark.parametrize(("decision", "allocated"), [("accept", True), ("reject", False)])
def test_what_the_customer_says_by_phone_is_entered_by_a_person(
    gateway: Gateway, decision: str, allocated: bool
) -> None:
    offer = offered(gateway.run())
    said = OrderDecision(
        id="OD1", issued_at=NOW, partner="shop", order=offer.id, decision=decision, user="ann",
        items=(Item(gtin=TEA),),
    )  # fmt: skip
    made = gateway.take(said, SELF)
    assert [each.code for each in only(CaseClosed, made)] == ["order.waits"]
    assert (level(gateway).allocated == offer.lines[0].quantity.value) is allocated
    assert saved(gateway, offer.id).status == ("open" if allocated else "rejected")


def test_a_planner_takes_an_offer_back(gateway: Gateway) -> None:
    offer = offered(gateway.run())
    made = gateway.take(word("cancel-order", number="K9", about=offer.id), SELF)
    assert [each.function for each in answered(made, "shop") if isinstance(each, Order)] == ["cancel"]
    assert [each.code for each in only(CaseClosed, made)] == ["order.waits"]
    assert codes(gateway.take(answer(offer, "accepted"))) == ["order.already-decided"]
    assert level(gateway).allocated == Decimal(0)


def test_an_answer_to_no_offer_of_ours_or_to_another_line_is_refused(gateway: Gateway) -> None:
    offer = offered(gateway.run())
    with pytest.raises(PartnerFault, match=r"order\.response-unknown"):
        gateway.take(answer(replace(offer, id="CM999999-1"), "accepted"), SHOP)
    wrong = replace(line("accepted"), order_line="7", item=Item(gtin="04099900000999"))
    with pytest.raises(PartnerFault, match=r"order\.response-line-unknown"):
        gateway.take(answer(offer, "amended", wrong))
