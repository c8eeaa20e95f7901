"""What a supplier is told by DELFOR: open orders as firm, under their numbers; the plan carried on as planned."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from domain_scene import FARM, HOUSE, NOW, TEA, TODAY, WAREHOUSE, answered
from test_planning_runs import BOUGHT, FILLED, Gateway, house_count, weeks

from gateway.domain.decision import Decision
from gateway.model.delivery_schedule import DeliverySchedule, ScheduleLine
from gateway.model.despatch_advice import ReceivingAdvice, ReceivingLine, ReceivingRefs
from gateway.model.order import Order
from gateway.model.planning import PlanningTerms, ScheduleTerms
from gateway.model.values import DocumentRef, Item, Quantity, party
from gateway.store.journal import SqlJournal

OWN = replace(BOUGHT, schedules=(ScheduleTerms(supplier="farm", horizon_days=35),))
TERMS = PlanningTerms(agreements=(FILLED, OWN), history_days=56)


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    journal = SqlJournal.in_memory()
    made = Gateway(journal, TERMS)
    made.take(house_count(tea=40), HOUSE)
    weeks(made)
    yield made
    journal.close()


def told(made: Decision) -> DeliverySchedule | None:
    return next((each for each in answered(made, "farm") if isinstance(each, DeliverySchedule)), None)


def tea(schedule: DeliverySchedule | None) -> list[ScheduleLine]:
    assert schedule is not None
    return [each for each in schedule.lines if each.item.gtin == TEA]


def units(line: ScheduleLine, status: str) -> Decimal:
    return sum((each.quantity.value for each in line.deliveries if each.status == status), Decimal(0))


def test_what_is_ordered_is_firm_and_what_will_follow_is_planned(gateway: Gateway) -> None:
    made = gateway.run()
    (order,) = [each for each in answered(made, "farm") if isinstance(each, Order)]
    assert order.type_code == "226"
    firm, planned = tea(told(made))
    assert (firm.order, firm.location) == (DocumentRef(id=order.id), WAREHOUSE)
    assert units(firm, "firm") == order.lines[0].quantity.value
    assert planned.order is None
    assert all(each.quantity.value % 12 == 0 for each in planned.deliveries), "whole packs"
    sold = sum(gateway.sales().values()) / 42
    weeks_told = len(planned.deliveries)
    assert abs(units(planned, "planned") - sold * 7 * weeks_told) <= 24, "in the long run what is sold"
    assert planned.deliveries[-1].period is not None
    assert planned.deliveries[-1].period.start <= TODAY + timedelta(days=35)


def test_a_schedule_is_repeated_when_something_firm_has_changed_or_it_is_old(gateway: Gateway) -> None:
    gateway.run()
    again = gateway.run()
    assert told(again) is None
    other = told(gateway.run(supplier="farm"))
    assert other is None


def test_what_was_received_is_told_once_as_cumulative(gateway: Gateway) -> None:
    (order,) = [each for each in answered(gateway.run(), "farm") if isinstance(each, Order)]
    got = Quantity(value=order.lines[0].quantity.value)
    receipt = ReceivingAdvice(
        id="R1",
        issued_at=NOW,
        receiver=party("4099900000001"),
        seller=party("4099930000019"),
        refs=ReceivingRefs(order=DocumentRef(id=order.id)),
        lines=(
            ReceivingLine(
                number="1", item=Item(gtin=TEA), received_quantity=got, accepted_quantity=got,
                order=DocumentRef(id=order.id, line="1"),
            ),
        ),
    )  # fmt: skip
    gateway.take(receipt, HOUSE)
    lines = tea(told(gateway.run()))
    assert [each.cumulative for each in lines][:1] == [Quantity(value=got.value, unit=lines[0].cumulative.unit)]  # type: ignore[union-attr]
    assert all(units(each, "firm") == 0 for each in lines), "what came is no longer open"


def test_a_supplier_without_schedules_gets_orders_alone() -> None:
    journal = SqlJournal.in_memory()
    plain = Gateway(journal, PlanningTerms(agreements=(FILLED, BOUGHT), history_days=56))
    plain.take(house_count(tea=40), HOUSE)
    weeks(plain)
    made = plain.run()
    assert told(made) is None
    assert [each.type_code for each in answered(made, FARM.id)] == ["220"]
    journal.close()


def test_planned_weeks_begin_where_the_goods_of_the_next_order_arrive(gateway: Gateway) -> None:
    (_, planned) = tea(told(gateway.run()))
    first = planned.deliveries[0].period
    assert first is not None
    assert isinstance(first.start, date)
    assert first.start > TODAY
    assert (first.end - first.start).days == 6  # type: ignore[operator]
