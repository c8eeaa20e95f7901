"""Cross docking from plan to shelf: what shops need is bought for them in one order, marked, and goes on as marked."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import FARM, HOUSE, NOW, SELF, TEA, TODAY, WAREHOUSE, answered, codes, only, order, units
from hypothesis import given
from hypothesis import strategies as st
from test_planning_runs import BOUGHT, FILLED, STORE, YESTERDAY, Gateway, approve, house_count, word
from test_planning_wiring import OTHER_STORE, catalogue, made, why  # noqa: F401

from gateway.domain.decision import Needs
from gateway.domain.splits import divided, resplit
from gateway.model.despatch_advice import (
    DespatchAdvice,
    DespatchLine,
    DespatchRefs,
    ReceivingAdvice,
    ReceivingLine,
    ReceivingRefs,
)
from gateway.model.effects import OrderSaved, ProposalSaved
from gateway.model.order import Order, OrderResponse, OrderResponseLine, Split
from gateway.model.replenishment import LineApproval, PlanValue
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import DocumentRef, Item, Period, Quantity, party

SHOPS = replace(FILLED, places=(STORE, OTHER_STORE), report_days=30, usual_times=Decimal(1000))
DOCK = replace(BOUGHT, cross_dock=("farm",), value_limit=Decimal(100_000))
STEP = 50  # units that the supplier sells at a time


@pytest.fixture
def gateway(made: Any) -> Gateway:  # noqa: F811
    found = made(SHOPS, DOCK)
    found.take(house_count(tea=0), HOUSE)
    found.take(catalogue("1.40", STEP), FARM)
    sold_in_one_report(found)
    return found


def sold_in_one_report(gateway: Gateway) -> None:
    """Five weeks of both shops in one document, and a count of each: one sells twice what the other does."""
    days = [TODAY - timedelta(days=n) for n in range(35, 0, -1)]
    lines = tuple(
        SalesLine(
            item=Item(gtin=TEA), location=place, period=Period(start=day, end=day), sold_quantity=units(sold + n % 3)
        )
        for n, day in enumerate(days)
        for place, sold in ((STORE, 10), (OTHER_STORE, 20))
    )
    shop = party("4099910000015")
    gateway.take(
        SalesReport(
            id="B1",
            issued_at=YESTERDAY,
            reporter=shop,
            receiver=party("4099900000001"),
            period=Period(start=days[0], end=days[-1]),
            lines=lines,
        )
    )
    there = tuple(
        InventoryLine(item=Item(gtin=TEA), type="onHand", quantity=units(left), location=place)
        for place, left in ((STORE, 12), (OTHER_STORE, 5))
    )
    gateway.take(InventoryReport(id="I1", issued_at=YESTERDAY, at=YESTERDAY, reporter=shop, lines=there))


def bought(decided: Any) -> list[Order]:
    return [each for each in answered(decided, "farm") if isinstance(each, Order)]


def per_shop(found: Order) -> dict[str | None, Decimal]:
    (line,) = found.lines
    assert sum(each.quantity.value for each in line.splits if each.quantity) == line.quantity.value
    return {each.location: each.quantity.value for each in line.splits if each.quantity}


def filled(decided: Any) -> dict[str, Decimal]:
    """Return what the shops' orders want, by shop."""
    return {
        each.ship_to: sum(line.ordered for line in each.lines)
        for each in only(OrderSaved, decided)
        if each.side == "sale"
    }


def advised(to: str, *lines: tuple[str | None, int], number: str = "FD1") -> DespatchAdvice:
    return DespatchAdvice(
        id=number,
        issued_at=NOW,
        seller=party("4099930000019"),
        buyer=party("4099900000001"),
        refs=DespatchRefs(order=DocumentRef(id=to)),
        lines=tuple(
            DespatchLine(
                number=str(n),
                item=Item(gtin=TEA),
                despatched_quantity=units(value),
                order=DocumentRef(id=to, line="1"),
                final_location=shop,
            )
            for n, (shop, value) in enumerate(lines, start=1)
        ),
    )


def received(value: int, to: str | None = None, number: str = "FD1") -> ReceivingAdvice:
    return ReceivingAdvice(
        id="R1",
        issued_at=NOW,
        receiver=party(WAREHOUSE),
        seller=party("4099930000019"),
        refs=ReceivingRefs(despatch_advice=number, order=DocumentRef(id=to) if to else None),
        lines=(ReceivingLine(number="1", item=Item(gtin=TEA), received_quantity=units(value)),),
    )


def shipped_on(decided: Any) -> dict[str | None, Decimal]:
    """Return what our warehouse is told to send on, by shop."""
    orders = [each for each in answered(decided, "warehouse") if isinstance(each, Order)]
    return {each.ship_to.gln: sum(line.quantity.value for line in each.lines) for each in orders if each.ship_to}


def test_one_order_to_the_supplier_says_which_shop_gets_what_and_fits_the_shops_orders(gateway: Gateway) -> None:
    decided = gateway.run()
    (order_402,) = bought(decided)
    assert order_402.type_code == "402"
    assert order_402.ship_to is not None
    assert order_402.ship_to.gln == WAREHOUSE
    splits = per_shop(order_402)
    assert set(splits) == {STORE, OTHER_STORE}
    assert sum(splits.values()) % STEP == 0, "the supplier's pack"
    assert splits == filled(decided), "what rounding has added belongs to the shops: nothing stays in our warehouse"
    dock, shop = why(gateway, WAREHOUSE), why(gateway, STORE)
    assert dock["cross_dock"]["splits"] == [
        {"shop": each.location, "units": str(each.quantity.value)}
        for each in order_402.lines[0].splits
        if each.quantity
    ]
    assert "plan.cross-docked" in dock["exceptions"]
    more = {place: why(gateway, place).get("through_dock") for place in (STORE, OTHER_STORE)}
    assert all(more.values()), "each shop's line says what rounding did to it"
    assert Decimal(shop["quantity"]) == splits[STORE]
    again = gateway.run()
    assert bought(again) == [], "on order already"
    assert filled(again) == {}


def test_goods_go_on_as_the_supplier_has_marked_them_and_nothing_stays(gateway: Gateway) -> None:
    (order_402,) = bought(gateway.run())
    splits = per_shop(order_402)
    said = gateway.take(advised(order_402.id, *((shop, int(value)) for shop, value in splits.items())), FARM)
    assert codes(said) == []
    total = int(sum(splits.values()))
    told = gateway.take(received(total), HOUSE)
    assert shipped_on(told) == splits
    left = gateway.journal.read(lambda tx: tx.snapshot(Needs(stock=frozenset({TEA})), WAREHOUSE)).stock[TEA]
    assert (left.available, left.backordered) == (0, 0)


def test_of_a_short_delivery_each_shop_gets_what_is_marked_for_it(gateway: Gateway) -> None:
    (order_402,) = bought(gateway.run())
    gateway.take(advised(order_402.id, (OTHER_STORE, 20), (STORE, 10)), FARM)
    assert shipped_on(gateway.take(received(30), HOUSE)) == {STORE: 10, OTHER_STORE: 20}


def test_goods_without_marks_are_shared_out_as_ordered_and_the_supplier_is_told_of(gateway: Gateway) -> None:
    (order_402,) = bought(gateway.run())
    splits = per_shop(order_402)
    said = gateway.take(advised(order_402.id, (None, 30)), FARM)
    assert codes(said) == ["despatch.store-missing"]
    got = shipped_on(gateway.take(received(30, order_402.id), HOUSE))
    assert set(got) == set(splits)
    assert sum(got.values()) == 30
    for shop, value in got.items():
        assert abs(value - 30 * splits[shop] / sum(splits.values())) < 1


def test_a_mark_for_a_shop_that_asked_for_nothing_is_a_warning_and_helps_who_waits(gateway: Gateway) -> None:
    (order_402,) = bought(gateway.run())
    said = gateway.take(advised(order_402.id, ("4099910000046", 30)), FARM)
    assert codes(said) == ["despatch.store-unexpected"]
    assert sum(shipped_on(gateway.take(received(30), HOUSE)).values()) == 30


def test_what_the_supplier_refuses_is_bought_again(gateway: Gateway) -> None:
    (order_402,) = bought(gateway.run())
    total = order_402.lines[0].quantity.value
    line = OrderResponseLine(
        number="1",
        order_line="1",
        status="quantity-changed",
        item=Item(gtin=TEA),
        confirmed_quantity=Quantity(value=total - 10),
    )
    gateway.take(
        OrderResponse(
            id="OR1",
            issued_at=NOW,
            status="amended",
            order=DocumentRef(id=order_402.id),
            buyer=party("4099900000001"),
            seller=party("4099930000019"),
            lines=(line,),
        ),
        FARM,
    )
    (again,) = bought(gateway.run())
    assert sum(per_shop(again).values()) == STEP, "ten are wanted, a whole pack is sold"


def test_a_customers_own_order_for_his_shop_is_bought_for_it(gateway: Gateway) -> None:
    gateway.run()
    gateway.take(replace(order(("1", TEA, 7), number="OWN1"), ship_to=party(STORE)))
    (again,) = bought(gateway.run())
    assert per_shop(again) == {STORE: STEP}
    assert why(gateway, WAREHOUSE)["cross_dock"]["waiting"][-1] == {"shop": STORE, "units": "7", "order": "OWN1"}


def test_a_shops_line_that_a_planner_approves_is_bought_by_the_next_run(made: Any) -> None:  # noqa: F811
    gateway = made(replace(SHOPS, approval="planner"), DOCK)
    gateway.take(house_count(tea=0), HOUSE)
    sold_in_one_report(gateway)
    first = gateway.run()
    assert bought(first) == []
    for each in only(ProposalSaved, first):
        approve(gateway, each.proposal.id)
    (found,) = bought(gateway.run())
    assert set(per_shop(found)) == {STORE, OTHER_STORE}


def test_above_the_limit_the_whole_order_waits_and_another_quantity_is_split_anew(made: Any) -> None:  # noqa: F811
    gateway = made(SHOPS, replace(DOCK, value_limit=Decimal(1)))
    gateway.take(house_count(tea=0), HOUSE)
    sold_in_one_report(gateway)
    first = gateway.run()
    assert bought(first) == []
    (waits,) = [each.proposal for each in only(ProposalSaved, first) if each.proposal.method == "purchase"]
    assert sum(each.quantity.value for each in waits.lines[0].splits if each.quantity) == waits.lines[0].quantity.value
    gateway.run()
    said = approve(gateway, waits.id, LineApproval(number="1", quantity=Decimal(24)))
    (found,) = bought(said)
    assert found.type_code == "402"
    assert sum(per_shop(found).values()) == 24


def test_a_planners_own_quantity_is_split_and_what_nobody_waits_for_is_for_our_shelf(gateway: Gateway) -> None:
    gateway.run()
    value = PlanValue(place=WAREHOUSE, gtin=TEA, quantity=Decimal(36), first_day=TODAY, last_day=TODAY)
    gateway.take(replace(word("override", value), what="quantity"), SELF)
    (found,) = bought(gateway.run())
    assert per_shop(found) == {WAREHOUSE: 36}
    why(gateway, WAREHOUSE)


def test_without_cross_docking_the_same_warehouse_buys_for_its_shelf(made: Any) -> None:  # noqa: F811
    gateway = made(SHOPS, replace(DOCK, cross_dock=()))
    gateway.take(house_count(tea=0), HOUSE)
    sold_in_one_report(gateway)
    (found,) = bought(gateway.run())
    assert found.type_code == "220"
    assert found.lines[0].splits == ()


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), min_size=1, max_size=9), st.integers(0, 300))
def test_splits_of_a_line_sum_to_the_line(stores: list[tuple[int, int]], total: int) -> None:
    needs = [Decimal(need) for need, _ in stores]
    found = divided(Decimal(total), needs, sorted(range(len(stores)), key=lambda at: stores[at][1]))
    assert sum(found) == total
    assert min(found) >= 0
    if total >= sum(needs):
        assert all(units >= need for units, need in zip(found, needs, strict=True))


def test_the_units_of_rounding_go_to_the_shop_that_lasts_shortest() -> None:
    needs, order_of_need = [Decimal(4), Decimal(5), Decimal(2)], [1, 2, 0]
    assert divided(Decimal(12), needs, order_of_need) == [4, 6, 2]
    assert divided(Decimal(9), needs, order_of_need) == [2, 5, 2]
    with pytest.raises(ValueError, match="whole"):
        divided(Decimal("1.5"), needs, order_of_need)


def test_a_quantity_in_parts_of_a_unit_keeps_its_splits() -> None:
    splits = (Split(location=STORE, quantity=units(3)), Split(location=OTHER_STORE, quantity=units(4)))
    assert resplit(splits, Decimal("6.5")) == splits
    assert [each.quantity for each in resplit(splits, Decimal(9))] == [units(4), units(5)]
