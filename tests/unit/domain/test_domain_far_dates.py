"""Dates that nobody means are not promised by themselves."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from domain_scene import SHOP, TEA, TODAY, Records, answered, context, level, order

from gateway.domain.far_dates import implausible
from gateway.model.effects import CaseOpened, OrderSaved
from gateway.model.order import DeliveryWindow, Order
from gateway.model.order_decision import LineWord, OrderDecision
from gateway.model.partner import Plausible

NEVER = date(9999, 12, 31)


def wished(**more: object) -> Order:
    return order(("1", TEA, 2), **more)


def stocked() -> Records:
    records = Records()
    records.stock = {TEA: level(10)}
    return records


@pytest.mark.parametrize("day", [NEVER, TODAY + timedelta(days=367)], ids=["never", "a day too far"])
def test_a_far_day_waits_for_a_person_and_promises_nothing(day: date) -> None:
    records = stocked()
    made = records.take(wished(requested_delivery=day))
    saved = next(each for each in made.effects if isinstance(each, OrderSaved))
    case = next(each for each in made.effects if isinstance(each, CaseOpened))
    assert (saved.status, case.params["reasons"]) == ("waiting", "order.date-far")
    assert [(each.code, each.where.path) for each in made.findings] == [("order.date-far", "requestedDelivery")]
    assert records.stock[TEA].allocated == 0
    assert answered(made, "shop") == []


def test_within_a_year_nobody_is_asked() -> None:
    made = stocked().take(wished(requested_delivery=TODAY + timedelta(days=366)))
    assert answered(made, "shop")[0].status == "accepted"


def test_each_line_and_window_is_looked_at_but_not_the_end_of_a_window() -> None:
    asked = wished(delivery_window=DeliveryWindow(earliest=TODAY, latest=NEVER))
    assert implausible(asked, context()) == []
    far = DeliveryWindow(earliest=NEVER, latest=NEVER)
    line = replace(asked.lines[0], delivery_window=far)
    found = implausible(replace(asked, lines=(line,)), context())
    assert [each.where.path for each in found] == ["lines[0].deliveryWindow.earliest"]


def test_a_person_who_accepts_9999_has_it_promised_for_the_next_possible_day() -> None:
    records = stocked()
    records.take(wished(requested_delivery=NEVER))
    word = OrderDecision(
        id="W",
        issued_at=TODAY,
        partner="shop",
        order="A1",
        decision="accept",
        user="ann",
        lines=(LineWord(number="1"),),
    )
    line = answered(records.take(word, replace(SHOP, id="self", kind="self")), "shop")[0].lines[0]
    assert line.promised_delivery < TODAY + timedelta(days=30)


def test_the_partners_limit_goes_before_ours_and_the_past_is_judged_where_that_is_set() -> None:
    old = wished(requested_delivery=TODAY - timedelta(days=40))
    assert implausible(old, context()) == []
    strict = replace(SHOP, plausible=Plausible(ahead_days=10, past_days=30))
    assert [each.code for each in implausible(old, context(strict))] == ["order.date-long-past"]
    soon = wished(requested_delivery=TODAY + timedelta(days=11))
    assert [dict(each.params)["limit"] for each in implausible(soon, context(strict))] == ["2026-03-12"]
