"""9999-12-31, 0001-01-01 and slips of the pen: days that partners write are counted on from without an end."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from domain_scene import (
    HOUSE,
    NOW,
    OWN,
    SHOP,
    SHOP_GLN,
    TEA,
    TODAY,
    Records,
    context,
    despatch,
    level,
    only,
    order,
    units,
)

from gateway.domain.business_days import first_open
from gateway.domain.crm.reports import REPORTS, wanted
from gateway.domain.days import later
from gateway.domain.decision import Decision
from gateway.domain.expectations import expectations
from gateway.domain.replenishment.position import closed_day
from gateway.domain.replenishment.prices import price_events
from gateway.domain.terms import promise_from_supply
from gateway.model.effects import DocumentExpected, InvoiceSaved, PriceSaved, StockReported
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.invoice import Invoice, InvoiceLine
from gateway.model.partner import Expected
from gateway.model.planning_effects import OverrideSaved
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import Amount, DocumentRef, Item, Moment, Period, Price, party

NEVER, FIRST = date.max, date.min
STORE = "4099910000114"


def test_the_calendar_ends_where_it_ends() -> None:
    assert [later(TODAY, 2), later(TODAY, -2)] == [TODAY + timedelta(days=2), TODAY - timedelta(days=2)]
    assert [later(NEVER, 1), later(FIRST, -1), later(NEVER - timedelta(days=1), 1)] == [NEVER, FIRST, NEVER]


def test_no_day_after_the_last_is_looked_for() -> None:
    assert first_open(NEVER, lambda day: False) is None
    assert promise_from_supply(((NEVER, Decimal(5)),), Decimal(0), Decimal(5), TODAY) == NEVER


def test_a_price_until_further_notice_plans_as_one_without_an_end() -> None:
    def prices(end: date | None) -> list[PriceSaved]:
        start = TODAY - timedelta(days=60)
        return [
            PriceSaved(key="1", price_list="r", gtin=TEA, minimum=Decimal(0), currency="EUR", price=Decimal(price),
                       valid_from=start + timedelta(days=days), valid_to=end)
            for price, days in (("2.00", 0), ("1.60", 40))
        ]  # fmt: skip

    assert price_events(prices(NEVER), TODAY - timedelta(days=60), TODAY) == price_events(
        prices(None), TODAY - timedelta(days=60), TODAY
    )


def test_an_invoice_of_the_last_day_is_due_on_it() -> None:
    records = Records()
    records.stock = {TEA: level(10)}
    records.take(order(("1", TEA, 2)))
    records.take(despatch(("1", TEA, 2)), HOUSE)
    line = InvoiceLine(
        number="1",
        item=Item(gtin=TEA),
        quantity=units(2),
        price=Price(net=Amount(value=Decimal("2.50"))),
        order=DocumentRef(id="A1", line="1"),
    )
    bill = Invoice(
        id="I1", issued_at=NEVER, buyer=party(SHOP_GLN), seller=party("4099900000001"), currency="EUR", lines=(line,)
    )
    made = records.take(bill, HOUSE)
    assert [each.due_on for each in only(InvoiceSaved, made)] == [NEVER]


def test_what_is_due_before_goods_of_the_first_day_is_due_now() -> None:
    shop = replace(SHOP, expects=(Expected(document="DespatchAdvice", after="Order", hours=24, before_arrival=True),))
    wished = order(("1", TEA, 2), requested_delivery=FIRST)
    found = list(expectations(wished, replace(context(SHOP, 1, OWN), partner=shop), Decision()))
    assert {each.due for each in found if isinstance(each, DocumentExpected)} == {NOW}


def test_a_report_of_the_last_day_asked_for_and_of_the_first_is_no_crash() -> None:
    name = next(iter(REPORTS))
    assert wanted(name, TODAY, until="9999-12-31").until == NEVER
    assert wanted(name, TODAY, until="0001-01-01").since == FIRST
    with pytest.raises(OurFault, match=r"api\.bad-value"):
        wanted(name, TODAY, since="0001-01-01")


def stock(at: Moment, kind: str = "onHand") -> InventoryReport:
    line = InventoryLine(item=Item(gtin=TEA), location=STORE, type=kind, quantity=units(5))
    return InventoryReport(
        id="S1", issued_at=NOW, reporter=party(SHOP_GLN), receiver=party("4099900000001"), at=at, lines=(line,)
    )


def test_a_count_of_the_first_morning_holds_its_day() -> None:
    assert closed_day(datetime(1, 1, 1, 8, tzinfo=UTC)) == FIRST
    assert only(StockReported, Records().take(stock(FIRST)))[0].at == FIRST


@pytest.mark.parametrize("at", [NEVER, TODAY + timedelta(days=2), NOW + timedelta(days=36_500)], ids=str)
def test_stock_of_a_day_to_come_is_refused_or_it_would_be_the_newest_for_years(at: Moment) -> None:
    with pytest.raises(PartnerFault) as found:
        Records().take(stock(at))
    assert (found.value.code, found.value.value) == ("stock.future", at.isoformat()[:10])
    assert only(StockReported, Records().take(stock(at, "max"))), "an agreed level may be of a day to come"
    told = SalesReport(
        id="V1",
        issued_at=NOW,
        reporter=party(SHOP_GLN),
        receiver=party("4099900000001"),
        period=Period(start=at, end=at),
        lines=(SalesLine(item=Item(gtin=TEA), location=STORE, sold_quantity=units(1), stock=units(5)),),
    )
    with pytest.raises(PartnerFault, match=r"stock\.future"):
        Records().take(told)


def test_stock_of_tomorrow_is_taken_from_who_is_east_of_us() -> None:
    assert only(StockReported, Records().take(stock(TODAY + timedelta(days=1))))


def test_an_override_of_the_last_day_ends_on_it() -> None:
    made = Records().take(stock(NEVER, "override"))
    assert [each.last_day for each in only(OverrideSaved, made)] == [NEVER]
