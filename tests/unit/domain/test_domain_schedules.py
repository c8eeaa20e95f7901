"""Delivery schedules: firm quantities are orders, planned ones are not; what is restated is called off once."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from domain_scene import FARM, HOUSE, RICE, SHOP, TEA, TODAY, WAREHOUSE, answered, codes, despatch, only, order, units
from test_planning_runs import STORE, Gateway, house_count

from gateway.domain.decision import Needs, StockLevel
from gateway.domain.schedules import KIND
from gateway.model.delivery_schedule import DeliverySchedule, ScheduledDelivery, ScheduleLine
from gateway.model.effects import CaseClosed, CaseOpened, OrderSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.partner import Partner
from gateway.model.planning_effects import RecordSaved
from gateway.model.values import DocumentRef, Item, Period, party
from gateway.store.journal import SqlJournal

MON, TUE, WED = (TODAY + timedelta(days=n) for n in (7, 8, 9))


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    journal = SqlJournal.in_memory()
    made = Gateway(journal)
    made.take(house_count(tea=1000, rice=1000), HOUSE)
    yield made
    journal.close()


def on(day: date, value: int, status: str = "firm") -> ScheduledDelivery:
    return ScheduledDelivery(quantity=units(value), status=status, on=day)


def line(*deliveries: ScheduledDelivery, gtin: str = TEA, cumulative: int | None = None, place: str = STORE,
         frame: str | None = "FR-7") -> ScheduleLine:  # fmt: skip
    return ScheduleLine(
        item=Item(gtin=gtin),
        location=place,
        order=DocumentRef(id=frame) if frame else None,
        cumulative=None if cumulative is None else units(cumulative),
        deliveries=deliveries,
    )


def schedule(
    *lines: ScheduleLine, number: str = "DS1", issued: date = TODAY, function: str = "original"
) -> DeliverySchedule:
    return DeliverySchedule(
        id=number,
        issued_at=issued,
        buyer=party("4099910000015"),
        seller=party("4099900000001"),
        lines=lines,
        function=function,
    )


def level(gateway: Gateway, gtin: str = TEA) -> StockLevel:
    return gateway.journal.read(lambda tx: tx.snapshot(Needs(stock=frozenset({gtin})), WAREHOUSE)).stock[gtin]


def saved(gateway: Gateway, number: str = "FR-7") -> OrderSaved:
    wanted = Needs(orders=frozenset({("sale", "shop", number)}))
    return gateway.journal.read(lambda tx: tx.snapshot(wanted, WAREHOUSE)).orders["sale", "shop", number]


def record(gateway: Gateway, number: str = "FR-7") -> dict[str, object]:
    key = (KIND, f"shop/{number}")
    found = gateway.journal.read(lambda tx: tx.snapshot(Needs(plan_records=frozenset({key})), WAREHOUSE))
    said: dict[str, object] = json.loads(found.plan_records[key].data)
    return said


def ship(gateway: Gateway, day: date, value: int, number: str = "D1", gtin: str = TEA) -> None:
    found = next(e.number for e in saved(gateway).lines if (e.gtin, e.requested) == (gtin, day.isoformat()))
    gateway.take(despatch((found, gtin, value), to="FR-7", number=number), HOUSE)


def test_firm_quantities_are_called_off_and_planned_ones_are_only_kept(gateway: Gateway) -> None:
    made = gateway.take(schedule(line(on(MON, 48), on(TUE, 24), on(WED, 99, "planned"))))
    (told,) = answered(made, "warehouse")
    assert [(each.quantity.value, each.requested_delivery) for each in told.lines] == [(48, MON), (24, TUE)]
    assert level(gateway).allocated == 72
    order = saved(gateway)
    assert (order.document.type_code, order.ship_to) == ("226", STORE)  # type: ignore[union-attr]
    assert record(gateway)["planned"] == [
        {"gtin": TEA, "from": str(WED), "to": str(WED), "units": "99", "status": "planned"}
    ]


def test_a_later_schedule_restates_the_firm_days(gateway: Gateway) -> None:
    gateway.take(schedule(line(on(MON, 48), on(TUE, 24))))
    gateway.take(schedule(line(on(MON, 36), on(WED, 12)), number="DS2"))
    assert level(gateway).allocated == 48
    changes = {each["key"][15:]: (each["before"], each["after"]) for each in record(gateway)["changes"]}  # type: ignore[attr-defined]
    assert changes == {str(MON): ("48", "36"), str(TUE): ("24", "0"), str(WED): ("0", "12")}
    again = gateway.take(schedule(line(on(MON, 36), on(WED, 12)), number="DS3"))
    assert (codes(again), answered(again, "warehouse")) == (["order.repeat"], [])
    assert level(gateway).allocated == 48


def test_what_has_left_is_not_called_off_again(gateway: Gateway) -> None:
    gateway.take(schedule(line(on(MON, 48), on(TUE, 24))))
    ship(gateway, MON, 48)
    assert level(gateway).on_hand == 952
    gateway.take(schedule(line(on(MON, 48), on(TUE, 24), on(WED, 12)), number="DS2"))
    assert (level(gateway).on_hand, level(gateway).allocated) == (952, 36)


def test_goods_on_the_road_count_for_what_the_buyer_still_wants(gateway: Gateway) -> None:
    """He has received 30 of the 48 that have left, and wants 40 more: 18 are on the road, 22 shall leave."""
    gateway.take(schedule(line(on(MON, 48))))
    ship(gateway, MON, 48)
    gateway.take(schedule(line(on(TUE, 25), on(WED, 15), cumulative=30), number="DS2"))
    assert level(gateway).allocated == 22
    assert [(each.number, each.requested, each.ordered) for each in saved(gateway).lines] == [
        ("1", MON.isoformat(), 48),
        ("2", TUE.isoformat(), 7),
        ("3", WED.isoformat(), 15),
    ]


def test_goods_on_the_road_of_a_day_that_is_still_named_are_not_taken_off_twice(gateway: Gateway) -> None:
    gateway.take(schedule(line(on(MON, 48), cumulative=0)))
    ship(gateway, MON, 20)
    gateway.take(schedule(line(on(MON, 48), on(TUE, 10), cumulative=0), number="DS2"))
    assert level(gateway).allocated == 28 + 10


def test_a_buyer_who_counts_more_than_we_have_sent_is_a_case_until_it_agrees(gateway: Gateway) -> None:
    gateway.take(schedule(line(on(MON, 48))))
    ship(gateway, MON, 48)
    made = gateway.take(schedule(line(on(TUE, 24), cumulative=60), number="DS2"))
    (case,) = only(CaseOpened, made)
    assert (case.code, case.params["value"], case.params["sent"]) == ("schedule.cumulative-differs", "60", "48")
    assert level(gateway).allocated == 24
    later = gateway.take(schedule(line(on(TUE, 24), cumulative=48), number="DS3"))
    assert [each.code for each in only(CaseClosed, later)] == ["schedule.cumulative-differs"]


def test_an_older_schedule_changes_nothing(gateway: Gateway) -> None:
    gateway.take(schedule(line(on(MON, 48)), number="DS2", issued=TODAY))
    made = gateway.take(schedule(line(on(MON, 12)), number="DS1", issued=TODAY - timedelta(days=1)))
    assert codes(made) == ["schedule.older"]
    assert level(gateway).allocated == 48


def test_a_cancelled_schedule_frees_what_has_not_left(gateway: Gateway) -> None:
    gateway.take(schedule(line(on(MON, 48), on(TUE, 24))))
    ship(gateway, MON, 48)
    gateway.take(schedule(line(on(MON, 48)), number="DS2", function="cancel"))
    assert (level(gateway).on_hand, level(gateway).allocated) == (952, 0)
    gateway.take(schedule(line(on(MON, 6), frame="FR-8"), number="DS3"))
    made = gateway.take(schedule(line(frame="FR-8"), number="DS4", function="cancel"))
    assert saved(gateway, "FR-8").status == "cancelled"
    assert [each.function for each in answered(made, "warehouse")] == ["cancel"]


def test_places_of_one_frame_are_orders_of_their_own_and_share_what_there_is(gateway: Gateway) -> None:
    other = "4099920000012"
    gateway.take(schedule(line(on(MON, 700)), line(on(MON, 700), place=other)))
    assert saved(gateway).ship_to == STORE
    second = saved(gateway, f"FR-7/{other}")
    assert (second.ship_to, second.lines[0].confirmed, second.lines[0].backordered) == (other, 300, 400)
    assert level(gateway).allocated == 1000


def test_weeks_are_called_off_for_their_first_day_and_what_is_immediate_for_today(gateway: Gateway) -> None:
    week = ScheduledDelivery(quantity=units(30), status="firm", period=Period(start=MON, end=MON + timedelta(days=6)))
    now = ScheduledDelivery(quantity=units(6), status="immediate")
    gateway.take(schedule(line(week, now, frame=None)))
    assert [(each.requested, each.ordered) for each in saved(gateway, "DS1").lines] == [(str(TODAY), 6), (str(MON), 30)]


def test_nothing_is_lost_or_sent_twice_over_many_restated_schedules(gateway: Gateway) -> None:
    """Each day the buyer wants 10 a day for five days, and says what he has received; goods take two days."""
    sent: list[int] = []
    for n in range(8):
        received = sum(sent[: max(0, n - 2)])
        wanted = [on(TODAY + timedelta(days=n + ahead), 10) for ahead in range(2, 7)]
        due = 20 if n >= 2 else 10 * n  # on the road, and so part of what he still expects
        arrears = [on(TODAY + timedelta(days=n + 1), due)] if due else []
        gateway.take(
            schedule(line(*arrears, *wanted, cumulative=received), number=f"DS{n}", issued=TODAY + timedelta(days=n))
        )
        open_lines = [each for each in saved(gateway).lines if each.confirmed > each.despatched]
        first = min(open_lines, key=lambda each: each.requested or "")
        ship(gateway, date.fromisoformat(first.requested or ""), 10, f"D{n}")
        sent.append(10)
        assert level(gateway).allocated == 40, f"day {n}: five days wanted, one of them has just left"
    assert level(gateway).on_hand == 1000 - 80


@pytest.mark.parametrize(
    ("who", "said", "code"),
    [
        (FARM, schedule(line(on(MON, 1))), "schedule.sender-unexpected"),
        (SHOP, schedule(), "schedule.no-lines"),
        (SHOP, schedule(line(ScheduledDelivery(quantity=units(3)))), "schedule.day-missing"),
        (SHOP, schedule(line(on(MON, -3))), "item.quantity-unusable"),
    ],
    ids=["supplier", "empty", "no day", "negative"],
)
def test_what_cannot_be_right_is_refused(gateway: Gateway, who: Partner, said: DeliverySchedule, code: str) -> None:
    with pytest.raises(PartnerFault) as fault:
        gateway.take(said, who)
    assert fault.value.code == code


def test_an_unknown_item_waits_for_us(gateway: Gateway) -> None:
    with pytest.raises(OurFault, match=r"item\.unknown"):
        gateway.take(schedule(line(on(MON, 1)), line(on(MON, 1), gtin="04099900000999")))
    assert level(gateway).allocated == Decimal(0)


def test_the_record_is_one_for_each_order_number(gateway: Gateway) -> None:
    made = gateway.take(schedule(line(on(MON, 1)), line(on(MON, 2), gtin=RICE, frame="FR-9")))
    assert {each.id for each in only(RecordSaved, made)} == {"shop/FR-7", "shop/FR-9"}
    assert replace(saved(gateway, "FR-9"), key="x").lines[0].ordered == 2


def test_a_frame_whose_order_numbers_its_lines_with_no_decimal_digits_is_called_off(gateway: Gateway) -> None:
    gateway.take(order(("\N{SUPERSCRIPT TWO}", TEA, 5), number="FR-7"))
    (saved,) = only(OrderSaved, gateway.take(schedule(line(on(MON, 10)))))
    assert sorted((each.number, each.confirmed) for each in saved.lines if each.confirmed) == [("1", 10)]
