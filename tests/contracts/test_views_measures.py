"""Figures, categories, stock-out causes, events and agreements read the same on every database."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.model import json_form
from gateway.model.effects import (
    DocumentLinked,
    Effect,
    OrderLineState,
    OrderSaved,
    SalesRecorded,
    ShipmentSaved,
    StockReported,
)
from gateway.model.planning_effects import DayReported, LineOrdered, OverrideSaved, RecordSaved
from gateway.model.retail_event import RetailEvent
from gateway.model.values import Item
from gateway.store.journal import SqlJournal
from gateway.store.sight import Sight
from gateway.store.views import Views

NOW = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
FIRST, LAST, TODAY = date(2026, 3, 2), date(2026, 3, 15), date(2026, 3, 20)
STORE, TEA = "4099910000022", "04099900000100"


def filled() -> list[Effect]:
    line = OrderLineState(
        number="1",
        gtin=TEA,
        ordered=Decimal(10),
        confirmed=Decimal(10),
        despatched=Decimal(10),
        requested="2026-03-05",
        promised="2026-03-05",
    )
    order = {"side": "sale", "partner": "shop", "ship_to": STORE, "status": "shipped", "ordered_on": FIRST}
    event = RetailEvent(
        id="E1",
        issued_at=NOW,
        kind="promotion",
        name="Week",
        first_day=date(2026, 3, 9),
        last_day=LAST,
        items=(Item(gtin=TEA),),
    )
    made: list[Effect] = [
        OrderSaved(key="o", number="PO1", lines=(line,), **order),  # type: ignore[arg-type]
        ShipmentSaved(
            key="s",
            side="sale",
            partner="shop",
            number="D1",
            order="PO1",
            status="despatched",
            despatched_at="2026-03-04",
            lines=(("1", TEA, Decimal(10)),),
        ),
        DocumentLinked(
            key="l", side="sale", partner="shop", source_type="Order", source="PO1", to_type="DespatchAdvice", to="D1"
        ),
        LineOrdered(
            key="p",
            partner="shop",
            order="PO1",
            line="1",
            location=STORE,
            gtin=TEA,
            quantity=Decimal(10),
            system_quantity=Decimal(12),
            approved_by="ann",
            why="{}",
        ),
        RecordSaved(key="e", kind="event", id="E1", state="planned", data=json_form.dumps(event), partner="shop"),
        OverrideSaved(
            key="t",
            id="t",
            location=STORE,
            gtin=TEA,
            kind="told",
            quantity=Decimal(4),
            first_day=TODAY,
            last_day=TODAY,
            reason="F",
            author="shop",
        ),
    ]
    for n in range(-28, 14):
        day = FIRST + timedelta(days=n)
        facts: dict[str, Any] = {"partner": "shop", "location": STORE, "report": f"V{n}", "day": day}
        made.append(SalesRecorded(key=f"s{n}", gtin=TEA, sold=Decimal(6 if n >= 7 else 3), **facts))
        made.append(DayReported(key=f"d{n}", **facts))
        stock = {"partner": "shop", "location": STORE, "gtin": TEA, "type": "onHand", "at": day}
        made.append(StockReported(key=f"c{n}", quantity=Decimal(0 if n == 3 else 8), **stock))  # type: ignore[arg-type]
    return made


def test_the_views_of_measures_and_of_planning_together(journal: SqlJournal) -> None:
    journal.write(lambda tx: tx.write_effects("m-1", filled(), NOW, test=False))
    views = Views(journal.reader)
    card = views.scorecard("shop", FIRST, LAST, TODAY)
    assert (card.of("otif-requested").value, card.of("fill-rate").value) == (1, 1)
    assert card.of("in-stock").value == Decimal(13) / 14
    assert card.of("bullwhip").value is None
    assert [each.key for each in views.measure_groups("in-stock", "place", None, FIRST, LAST, TODAY)] == [STORE]
    assert [each.document for each in views.measure_parts("fill-rate", None, FIRST, LAST, TODAY)] == ["PO1"]
    out = views.stockouts("shop", FIRST, LAST, TODAY)
    assert [(each.cause, each.days) for each in out.causes] == [("not-ordered", 1)]
    (branch,) = views.categories("shop", FIRST, LAST, TODAY, category_of={TEA: "Food"})
    assert (branch.path, branch.sold, branch.stock) == (("Food",), 63, 8)
    assert [each.event.id for each in views.planning_events(partner="shop", since=FIRST, until=LAST)] == ["E1"]
    (came,) = views.event_outcomes("E1", TODAY)
    assert (came.sold, came.baseline, came.uplift, came.left) == (42, 21, 1, 8)
    assert views.stock_agreements() == views.joint_plans() == ()
    assert views.shelf_demand(STORE, FIRST, LAST)[TEA][FIRST] == 3
    hidden = views.seen_by(Sight(partners=frozenset({"other"})))
    assert all(each.value is None for each in hidden.scorecard(None, FIRST, LAST, TODAY).figures)
    assert hidden.planning_events() == ()
