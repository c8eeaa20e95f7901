"""Promotions and introductions as records, and what came of them."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from domain_scene import NOW, OWN, RICE, SELF, SHOP, TEA, WAREHOUSE, context

from gateway.domain.decision import Decision, Snapshot
from gateway.domain.replenishment.promotions import CANCELLED, EVENT, PLANNED, outcome, planned_event
from gateway.domain.table import decide
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.partner import OwnCompany
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.planning_effects import PlanChanged, RecordSaved
from gateway.model.retail_event import RetailEvent
from gateway.model.values import Item

STORE, OTHER_STORE = "4099910000022", "4099920000029"
TERMS = PlanningTerms(
    agreements=(
        PlanAgreement(id="own", method="purchase", places=(WAREHOUSE,)),
        PlanAgreement(id="shop", method="vmi", partner="shop", places=(STORE,)),
        PlanAgreement(id="other", method="vmi", partner="other", places=(OTHER_STORE,)),
    )
)
PLANNING: OwnCompany = replace(OWN, planning=TERMS)
DAY = date(2026, 4, 6)


def event(**more: Any) -> RetailEvent:
    facts: dict[str, Any] = {
        "id": "P1",
        "issued_at": NOW,
        "kind": "promotion",
        "name": "Tea week",
        "first_day": DAY,
        "last_day": DAY + timedelta(days=6),
        "items": (Item(gtin=TEA),),
        "uplift": Decimal("0.8"),
        "mechanic": "leaflet",
    }
    return RetailEvent(**(facts | more))


def judged(said: RetailEvent, who: Any = SHOP, known: RecordSaved | None = None) -> Decision:
    snapshot = Snapshot(plan_records={} if known is None else {(known.kind, known.id): known})
    return decide(said, context(who, own=PLANNING), snapshot)


def record(decision: Decision) -> RecordSaved:
    return next(each for each in decision.effects if isinstance(each, RecordSaved))


def changed(decision: Decision) -> dict[str, tuple[str, ...]]:
    return {each.location: each.gtins for each in decision.effects if isinstance(each, PlanChanged)}


def test_a_partners_promotion_is_kept_under_its_name_and_makes_the_plans_of_its_places_old() -> None:
    found = judged(event())
    kept = record(found)
    assert (kept.kind, kept.id, kept.state, kept.partner) == (EVENT, "shop:P1", PLANNED, "shop")
    assert planned_event(kept).uplift == Decimal("0.8")
    assert changed(found) == {STORE: (TEA,)}


def test_our_own_event_without_partner_concerns_every_planned_place() -> None:
    found = judged(event(items=(Item(gtin=TEA), Item(gtin=RICE))), SELF)
    assert set(changed(found)) == {WAREHOUSE, STORE, OTHER_STORE}
    assert record(found).partner is None


def test_a_replaced_event_makes_what_it_no_longer_names_old_too() -> None:
    first = record(judged(event()))
    found = judged(event(items=(Item(gtin=RICE),), function="replace"), known=first)
    assert changed(found) == {STORE: (TEA, RICE)}


def test_a_cancelled_event_keeps_what_it_was_and_covers_nothing() -> None:
    first = record(judged(event()))
    assert planned_event(first).covers(STORE, TEA, "shop")
    found = record(judged(event(function="cancel", name="?"), known=first))
    assert found.state == CANCELLED
    assert planned_event(found).name == "Tea week"
    assert not planned_event(found).covers(STORE, TEA, "shop")


def test_an_event_of_some_places_covers_these_alone() -> None:
    found = planned_event(record(judged(event(places=(STORE,)))))
    assert found.covers(STORE, TEA, "shop")
    assert not found.covers(OTHER_STORE, TEA, "other")
    assert not found.covers(STORE, RICE, "shop")


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"kind": "party"}, "event.kind-unknown"),
        ({"mechanic": "magic"}, "event.mechanic-unknown"),
        ({"last_day": DAY - timedelta(days=1)}, "event.days-wrong"),
        ({"items": ()}, "event.too-much"),
        ({"items": (Item(gtin="4099900000101"),)}, "event.item-wrong"),
        ({"items": (Item(buyer_id="7"),)}, "event.item-wrong"),
        ({"uplift": Decimal("-1.5")}, "event.uplift-wrong"),
        ({"uplift": Decimal("NaN")}, "event.uplift-wrong"),
        ({"places": (OTHER_STORE,)}, "event.place-wrong"),
        ({"places": ("123",)}, "event.place-wrong"),
        ({"function": "cancel"}, "event.unknown"),
        ({"id": "x" * 90}, "event.number-long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_wrong_with_an_event_is_said(more: dict[str, Any], code: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        judged(event(**more))
    assert caught.value.code == code


def test_our_own_event_for_nobody_is_our_fault() -> None:
    with pytest.raises(OurFault) as caught:
        judged(event(partner="nobody"), SELF)
    assert caught.value.code == "event.partner-unknown"


def test_the_outcome_compares_with_the_same_weekdays_before() -> None:
    """Eight weeks of 10 on Mondays and 4 on other days: a week is 34; sold 51 is half as much again."""
    start = DAY - timedelta(days=56)
    usual = {
        start + timedelta(days=n): Decimal(10 if (start + timedelta(days=n)).weekday() == 0 else 4) for n in range(56)
    }
    during = {DAY + timedelta(days=n): Decimal(15 if n == 0 else 6) for n in range(7)}
    found = outcome(STORE, TEA, DAY, DAY + timedelta(days=6), usual | during, [], Decimal(7))
    assert (found.days, found.sold, found.baseline, found.uplift, found.left) == (
        7,
        Decimal(51),
        Decimal(34),
        Decimal("0.5"),
        Decimal(7),
    )


def test_days_of_other_events_and_unknown_days_say_nothing_of_the_usual() -> None:
    start = DAY - timedelta(days=28)
    usual = {start + timedelta(days=n): Decimal(4) for n in range(28)}
    for n in range(7):
        usual[start + timedelta(days=n)] = Decimal(400)
    during = {DAY: Decimal(8)}  # six days are not reported yet
    found = outcome(
        STORE, TEA, DAY, DAY + timedelta(days=6), usual | during, [(start, start + timedelta(days=6))], None
    )
    assert (found.days, found.baseline, found.uplift) == (1, Decimal(4), Decimal(1))
    short = {DAY - timedelta(days=n): Decimal(4) for n in range(1, 10)}
    assert outcome(STORE, TEA, DAY, DAY, short | during, [], None).baseline is None
