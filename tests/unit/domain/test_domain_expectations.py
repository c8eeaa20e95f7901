"""What partners owe us, and when; what ends the waiting."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain_scene import FARM, NOW, PARTNERS, SHOP, TEA, TODAY, context, despatch, level, order, units

from gateway.domain.decision import Answer, Decision, Snapshot
from gateway.domain.expectations import due_by_calendar, expectations
from gateway.domain.table import decide
from gateway.model.effects import DocumentExpected, ExpectationMet
from gateway.model.order import OrderResponse
from gateway.model.partner import Expected
from gateway.model.sales_report import InventoryReport, SalesLine, SalesReport
from gateway.model.values import DocumentRef, Item, Period, party

ANSWER = Expected(document="OrderResponse", after="Order", hours=4)
NOTICE = Expected(document="DespatchAdvice", after="OrderResponse", hours=12, before_arrival=True)
SALES = Expected(document="SalesReport", days=(1, 2, 3, 4, 5), by="06:00", zone="Europe/Berlin")


def farm(*expects: Expected) -> Any:
    return replace(FARM, expects=expects)


def ordered(partner: Any, **facts: Any) -> tuple[Any, ...]:
    """Return what is expected when we order from partner."""
    made = replace(order(("1", TEA, 5), number="PO1"), **facts)
    scene = replace(context(), partners=PARTNERS | {"farm": partner})
    return expectations(made, scene, Decision(answers=(Answer(to="farm", document=made),)))


def reply(status: str = "accepted", **facts: Any) -> OrderResponse:
    return OrderResponse(
        id="R1",
        issued_at=NOW,
        status=status,
        order=DocumentRef(id="PO1"),
        buyer=party("4099900000001"),
        seller=party("4099930000019"),
        **facts,
    )


def test_our_order_starts_the_suppliers_clock() -> None:
    (owed,) = ordered(farm(ANSWER))
    assert (owed.partner, owed.document_type, owed.subject) == ("farm", "OrderResponse", "PO1")
    assert owed.due == NOW + timedelta(hours=4)


def test_nobody_is_held_to_what_is_not_agreed() -> None:
    assert ordered(farm()) == ()
    assert ordered(farm(NOTICE)) == ()


def test_a_despatch_advice_is_due_before_the_goods_arrive_and_never_in_the_past() -> None:
    supplier = farm(ANSWER, NOTICE)
    come = TODAY + timedelta(days=3)
    met, owed = expectations(reply(promised_delivery=come), context(supplier), Decision())
    assert met == ExpectationMet(
        key="met:OrderResponse:PO1", partner="farm", document_type="OrderResponse", subject="PO1"
    )
    assert owed.due == datetime(come.year, come.month, come.day, tzinfo=UTC) - timedelta(hours=12)
    (_, at_once) = expectations(reply(promised_delivery=TODAY), context(supplier), Decision())
    assert at_once.due == NOW


def test_a_refused_order_ends_all_waiting_for_it() -> None:
    found = expectations(reply("rejected"), context(farm(ANSWER, NOTICE)), Decision())
    assert [(type(each), each.document_type) for each in found] == [
        (ExpectationMet, "OrderResponse"),
        (ExpectationMet, "DespatchAdvice"),
    ]


def test_a_despatch_for_two_orders_meets_both() -> None:
    advice = despatch((None, TEA, 5), to="PO1")
    second = replace(advice.lines[0], order=DocumentRef(id="PO2"))
    found = expectations(replace(advice, lines=(*advice.lines, second)), context(farm(NOTICE)), Decision())
    assert [each.subject for each in found] == ["PO1", "PO2"]


def sales_of(*days: date) -> SalesReport:
    lines = tuple(
        SalesLine(item=Item(gtin=TEA), period=Period(start=day, end=day), sold_quantity=units(1)) for day in days
    )
    return SalesReport(id="S1", issued_at=NOW, reporter=party("1"), receiver=party("2"), lines=lines)


def test_a_sales_report_meets_every_day_it_is_about_and_no_other() -> None:
    shop = replace(SHOP, expects=(SALES,))
    found = expectations(sales_of(TODAY, TODAY - timedelta(days=1)), context(shop), Decision())
    assert [each.subject for each in found] == [(TODAY - timedelta(days=1)).isoformat(), TODAY.isoformat()]
    stock = InventoryReport(id="I", issued_at=NOW, reporter=party("1"), lines=())
    assert expectations(stock, context(shop), Decision()) == ()


def test_the_calendar_holds_in_local_time_over_the_clock_change() -> None:
    zones = {"Europe/Berlin": ZoneInfo("Europe/Berlin")}
    every_day = replace(SALES, days=(1, 2, 3, 4, 5, 6, 7))
    shop = replace(SHOP, expects=(every_day,))
    saturday = datetime(2026, 3, 28, 0, 0, tzinfo=UTC)  # the clock goes forward on Sunday, 29 March
    found = due_by_calendar(shop, saturday, zones)
    assert [(each.subject, each.due) for each in found] == [
        ("2026-03-27", datetime(2026, 3, 28, 5, 0, tzinfo=UTC)),
        ("2026-03-28", datetime(2026, 3, 29, 4, 0, tzinfo=UTC)),
    ]


def test_the_calendar_leaves_out_other_days_and_what_is_past() -> None:
    zones = {"Europe/Berlin": ZoneInfo("Europe/Berlin")}
    friday_noon = datetime(2026, 3, 6, 11, 0, tzinfo=UTC)
    assert due_by_calendar(replace(SHOP, expects=(SALES,)), friday_noon, zones) == []
    today = replace(SALES, by="13:00", about="today")
    (found,) = due_by_calendar(replace(SHOP, expects=(today,)), friday_noon, zones)
    assert (found.subject, found.due) == ("2026-03-06", datetime(2026, 3, 6, 12, 0, tzinfo=UTC))


def test_the_table_of_deciders_adds_what_is_expected() -> None:
    shop = replace(SHOP, expects=(Expected(document="ReceivingAdvice", after="Order", hours=72),))
    made = decide(order(("1", TEA, 1)), context(shop), Snapshot(stock={TEA: level(5)}))
    assert [each.subject for each in made.effects if isinstance(each, DocumentExpected)] == ["A1"]
