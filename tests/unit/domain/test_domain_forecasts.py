"""A partner's forecast comes in as a document: it counts, or it is kept beside ours, as agreed."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import FARM, HOUSE, NOW, SELF, TEA, TODAY, WAREHOUSE, codes, units
from test_planning_runs import BOUGHT, FILLED, STORE, YESTERDAY, Gateway, counted, house_count, sold, weeks, word

from gateway.model.effects import OrderLineState, OrderSaved
from gateway.model.faults import PartnerFault
from gateway.model.forecast import Forecast, ForecastLine
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.replenishment import PlanValue
from gateway.model.values import Item, Period, party
from gateway.store.journal import SqlJournal

NEXT_WEEK = TODAY + timedelta(days=6)


def gateway(*agreements: PlanAgreement) -> Gateway:
    return Gateway(SqlJournal.in_memory(), PlanningTerms(agreements=agreements, history_days=56))


def line(quantity: object, first: date = TODAY, last: date = NEXT_WEEK, **more: Any) -> ForecastLine:
    facts: dict[str, Any] = {"item": Item(gtin=TEA), "location": STORE}
    return ForecastLine(quantity=units(quantity), period=Period(start=first, end=last), **(facts | more))


def told(*lines: ForecastLine, number: str = "F1", function: str = "original") -> Forecast:
    sender, receiver = party("4099910000015"), party("4099900000001")
    return Forecast(id=number, issued_at=TODAY, sender=sender, receiver=receiver, lines=lines, function=function)


def daily(of: Gateway) -> list[dict[str, Any]]:
    of.run(release=False)
    found: list[dict[str, Any]] = json.loads(of.plans((STORE, TEA))[STORE, TEA].why)["forecast"]["daily"]
    return found


def stocked(of: Gateway) -> Gateway:
    of.take(house_count(tea=1000), HOUSE)
    weeks(of)
    of.take(counted(YESTERDAY, tea=40))
    return of


def test_by_agreement_orders_are_made_from_the_partners_forecast() -> None:
    of = stocked(gateway(replace(FILLED, forecast="partner")))
    before = daily(of)
    of.take(told(line(140), line(70, type="promotion")))
    after = daily(of)
    assert [day["units"] for day in after[:3]] == [30, 30, 30]
    assert after[0]["system"] == before[0]["system"], "ours stays beside it"


def test_else_it_is_kept_beside_ours() -> None:
    of = stocked(gateway(FILLED))
    of.take(told(line(210)))
    first = daily(of)[0]
    assert (first["told"], first["said"]) == (30, False)
    assert first["units"] == first["system"]


def test_a_later_forecast_replaces_the_days_it_names_and_a_cancelled_one_is_over() -> None:
    of = stocked(gateway(replace(FILLED, forecast="partner")))
    of.take(told(line(140)))
    of.take(told(line(140)))
    assert daily(of)[0]["units"] == 20, "told twice is told once"
    of.take(told(line(350), number="F2"))
    assert daily(of)[0]["units"] == 50
    of.take(told(line(350), number="F2", function="cancel"))
    assert not daily(of)[0]["said"]


def test_a_planners_word_goes_before_it() -> None:
    of = stocked(gateway(replace(FILLED, forecast="partner")))
    of.take(told(line(140)))
    said = PlanValue(place=STORE, gtin=TEA, quantity=Decimal(7), first_day=TODAY, last_day=TODAY)
    of.take(word("override", said, what="forecast"), SELF)
    assert [day["units"] for day in daily(of)[:2]] == [7, 20]


def test_what_we_cannot_use_is_named_and_the_rest_counts() -> None:
    of = stocked(gateway(replace(FILLED, forecast="partner")))
    unknown, elsewhere = line(70, item=Item(gtin="04099900009998")), line(70, location="4099910000039")
    past, ordered = line(700, TODAY - timedelta(days=9), TODAY - timedelta(days=3)), line(999, type="order")
    made = of.take(told(unknown, elsewhere, past, ordered, line(140)))
    assert sorted(codes(made)) == ["forecast.item-unknown", "forecast.place-unknown"]
    assert daily(of)[0]["units"] == 20


def test_only_partners_forecast() -> None:
    with pytest.raises(PartnerFault, match=r"forecast\.sender-unexpected"):
        gateway(FILLED).take(told(line(7)), HOUSE)
    made = gateway(FILLED).take(told(line(7)), FARM)
    assert codes(made) == ["forecast.place-unknown"], "a supplier has no places here"


def test_the_demand_of_our_warehouse_can_be_what_customers_order() -> None:
    of = gateway(replace(BOUGHT, demand="orders"))
    of.take(house_count(tea=10), HOUSE)
    for n in range(42, 0, -1):
        of.take(sold(TODAY - timedelta(days=n), tea=1))
    days = [TODAY - timedelta(days=n) for n in (0, 3, 3, 9, 30)]
    saved = [ordered(day, f"A{number}") for number, day in enumerate(days)]
    gone = replace(ordered(YESTERDAY, "A9"), status="cancelled")
    of.journal.write(lambda tx: tx.write_effects("orders", (*saved, gone), NOW, test=False))
    of.run(release=False)
    history = json.loads(of.plans((WAREHOUSE, TEA))[WAREHOUSE, TEA].why)["history"]
    assert history["units"][-10:] == ["0", "24", "0", "0", "0", "0", "0", "48", "0", "0"], "today is not over"
    assert history["days_unknown"] == history["days"] - 30, "before the first order the item was not there"


def ordered(day: date, number: str) -> OrderSaved:
    line = OrderLineState(number="1", gtin=TEA, ordered=Decimal(24), confirmed=Decimal(6))
    return OrderSaved(
        key=number, side="sale", partner="shop", number=number, status="open", ordered_on=day, ship_to=None,
        currency=None, lines=(line,),
    )  # fmt: skip
