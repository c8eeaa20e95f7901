"""A planner orders by hand and takes orders back; both sides of the books end as if the order had never been."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from domain_scene import FARM, HOUSE, SELF, TEA, WAREHOUSE, answered, despatch, only, units
from test_planning_runs import STORE, YESTERDAY, Gateway, counted, house_count, weeks, word

from gateway.domain.decision import Needs, StockLevel
from gateway.model.effects import OrderSaved
from gateway.model.faults import OurFault
from gateway.model.order import OrderResponse, OrderResponseLine
from gateway.model.planning_effects import LineOrdered
from gateway.model.replenishment import PlanValue
from gateway.model.values import DocumentRef, Item, party
from gateway.store.journal import SqlJournal


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    journal = SqlJournal.in_memory()
    made = Gateway(journal)
    made.take(house_count(tea=1000), HOUSE)
    weeks(made)
    made.take(counted(YESTERDAY, tea=12))
    yield made
    journal.close()


def level(gateway: Gateway) -> StockLevel:
    return gateway.journal.read(lambda tx: tx.snapshot(Needs(stock=frozenset({TEA})), WAREHOUSE)).stock[TEA]


def by_hand(place: str = STORE, quantity: int = 24, **more: str) -> object:
    return word("order", PlanValue(place=place, gtin=TEA, quantity=Decimal(quantity)), **more)


def cancelled(number: str, word_id: str = "K9") -> object:
    return word("cancel-order", PlanValue(place=STORE, gtin=TEA), number=word_id, about=number)


def test_an_order_by_hand_goes_out_at_once_with_its_reason(gateway: Gateway) -> None:
    made = gateway.take(by_hand(), SELF)  # type: ignore[arg-type]
    (line,) = only(LineOrdered, made)
    assert (line.quantity, line.system_quantity, line.approved_by) == (24, 0, "ann")
    raised = next(each for each in answered(made, "shop") if each.type_code == "22E")
    assert (raised.id, raised.ship_to.gln, raised.lines[0].quantity.value) == (line.order, STORE, 24)
    assert level(gateway).allocated == 24
    gateway.run(release=False)
    supply = gateway.plans((STORE, TEA))[STORE, TEA]
    assert '"units":"24"' in supply.why, "the next plan counts it"


def test_our_warehouse_orders_from_the_supplier_by_hand(gateway: Gateway) -> None:
    made = gateway.take(by_hand(WAREHOUSE, 36), SELF)  # type: ignore[arg-type]
    (order,) = answered(made, "farm")
    assert (order.lines[0].quantity.value, order.lines[0].price.net.value) == (36, Decimal("1.40"))
    assert level(gateway).on_order == 36


@pytest.mark.parametrize(
    "value",
    [
        PlanValue(place=STORE, gtin=TEA, quantity=Decimal(0)),
        PlanValue(place=STORE, gtin=TEA),
        PlanValue(place=STORE, gtin="04099900009998", quantity=Decimal(5)),
    ],
    ids=["nothing", "no quantity", "unknown item"],
)
def test_a_wrong_order_is_refused(gateway: Gateway, value: PlanValue) -> None:
    with pytest.raises(OurFault, match=r"plan\.order-wrong"):
        gateway.take(word("order", value), SELF)


def test_an_order_of_a_supplier_is_taken_back_with_a_cancellation(gateway: Gateway) -> None:
    (order,) = answered(gateway.take(by_hand(WAREHOUSE, 36), SELF), "farm")  # type: ignore[arg-type]
    made = gateway.take(cancelled(order.id), SELF)  # type: ignore[arg-type]
    (told,) = answered(made, "farm")
    assert (told.id, told.function, told.lines) == (order.id, "cancel", order.lines)
    assert level(gateway).on_order == 0
    assert only(OrderSaved, made)[0].status == "cancelled"
    with pytest.raises(OurFault, match=r"plan\.order-unknown"):
        gateway.take(cancelled(order.id, "K10"), SELF)  # type: ignore[arg-type]


def test_an_order_for_a_customers_place_is_taken_back_in_our_books_and_by_the_warehouse(gateway: Gateway) -> None:
    raised = next(each for each in answered(gateway.run(), "shop") if each.id.startswith("VM"))
    assert level(gateway).allocated > 0
    made = gateway.take(cancelled(raised.id), SELF)  # type: ignore[arg-type]
    assert level(gateway).allocated == 0
    told = {(each.id, each.function) for each in answered(made, "shop") if hasattr(each, "function")}
    assert (raised.id, "cancel") in told
    assert [each.function for each in answered(made, "warehouse")] == ["cancel"]
    again = only(LineOrdered, gateway.run())
    assert [each.quantity for each in again] == [raised.lines[0].quantity.value], "the need is still there"


def test_what_has_left_cannot_be_taken_back(gateway: Gateway) -> None:
    raised = next(each for each in answered(gateway.run(), "shop") if each.id.startswith("VM"))
    gateway.take(despatch(("1", TEA, raised.lines[0].quantity.value), to=raised.id, number="D7"), HOUSE)
    with pytest.raises(OurFault, match=r"plan\.order-shipped"):
        gateway.take(cancelled(raised.id), SELF)  # type: ignore[arg-type]


def test_a_suppliers_answer_to_what_was_cancelled_brings_nothing_back(gateway: Gateway) -> None:
    (order,) = answered(gateway.take(by_hand(WAREHOUSE, 36), SELF), "farm")  # type: ignore[arg-type]
    gateway.take(cancelled(order.id), SELF)  # type: ignore[arg-type]
    line = OrderResponseLine(
        number="1", order_line="1", status="accepted", item=Item(gtin=TEA), confirmed_quantity=units(36)
    )
    response = OrderResponse(
        id="OR1", issued_at=YESTERDAY, status="accepted", order=DocumentRef(id=order.id),
        buyer=party("4099900000001"), seller=party("4099930000019"), lines=(line,),
    )  # fmt: skip
    gateway.take(response, FARM)
    assert level(gateway).on_order == 0


def test_an_order_is_not_undone_like_a_parameter(gateway: Gateway) -> None:
    gateway.take(by_hand(number="K5"), SELF)  # type: ignore[arg-type]
    with pytest.raises(OurFault, match=r"plan\.undo-order"):
        gateway.take(word("undo", number="K6", about="K5"), SELF)
