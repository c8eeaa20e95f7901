from datetime import date, timedelta
from decimal import Decimal

import pytest
from domain_scene import (
    HOUSE,
    NOW,
    OTHER,
    OTHER_GLN,
    RICE,
    SHOP,
    SHOP_GLN,
    TEA,
    TODAY,
    WAREHOUSE,
    Records,
    answered,
    codes,
    level,
    only,
    order,
    units,
)

from gateway.domain.days import spread
from gateway.model.effects import ActivityAdded, CaseClosed, CaseOpened, SalesRecorded, StockMoved, StockReported
from gateway.model.faults import PartnerFault
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import Item, Period, party

YESTERDAY = TODAY - timedelta(days=1)
STORE = "4099910000114"
UNKNOWN = "04099900099998"


def sales(*lines: SalesLine, start: date | None = YESTERDAY, end: date | None = None) -> SalesReport:
    return SalesReport(
        id="V1",
        issued_at=NOW,
        reporter=party(SHOP_GLN),
        receiver=party("4099900000001"),
        period=Period(start=start, end=end or start) if start else None,
        lines=lines,
    )


def sold(gtin: str, value: object, returned: object | None = None, **more: object) -> SalesLine:
    facts: dict[str, object] = {"location": STORE, **more}
    return SalesLine(
        item=Item(gtin=gtin),
        sold_quantity=units(value) if value is not None else None,
        returned_quantity=units(returned) if returned is not None else None,
        **facts,  # type: ignore[arg-type]
    )


def test_sales_are_recorded_per_place_item_and_day() -> None:
    made = Records().take(sales(sold(TEA, 12, 2), sold(RICE, 3, location=None)))
    tea, rice = only(SalesRecorded, made)
    assert (tea.partner, tea.location, tea.gtin, tea.day, tea.sold, tea.returned) == (
        "shop",
        STORE,
        TEA,
        YESTERDAY,
        12,
        2,
    )
    assert rice.location == SHOP_GLN
    assert only(ActivityAdded, made)[0].figures == {"sales_reports": 1, "units_sold": 15, "units_returned": 2}


def test_rows_of_one_day_add_up_and_a_negative_sale_is_a_return() -> None:
    made = Records().take(sales(sold(TEA, 12), sold(TEA, 5), sold(TEA, -3)))
    only_one = only(SalesRecorded, made)[0]
    assert (only_one.sold, only_one.returned) == (17, 3)


def test_a_week_is_spread_over_its_days_without_losing_a_unit() -> None:
    made = Records().take(sales(sold(TEA, 10, 1), start=YESTERDAY - timedelta(days=6), end=YESTERDAY))
    rows = only(SalesRecorded, made)
    assert [each.sold for each in rows] == [2, 2, 2, 1, 1, 1, 1]
    assert sum(each.returned for each in rows) == 1
    assert rows[-1].day == YESTERDAY


def test_parts_of_units_are_spread_in_thousandths() -> None:
    assert spread(Decimal("1.000"), 2) == [1, 0]
    assert spread(Decimal("0.5"), 3) == [Decimal("0.167"), Decimal("0.167"), Decimal("0.166")]


def test_promotion_units_count_only_when_sent_alone() -> None:
    made = Records().take(sales(sold(TEA, 10, promo_quantity=units(4)), sold(RICE, None, promo_quantity=units(4))))
    assert [each.sold for each in only(SalesRecorded, made)] == [10, 4]


def test_unknown_items_are_left_out_with_a_warning() -> None:
    made = Records().take(sales(sold(UNKNOWN, 1), sold(TEA, 1)))
    assert [each.gtin for each in only(SalesRecorded, made)] == [TEA]
    assert (codes(made), made.findings[0].where.path) == (["sales.item-unknown"], "lines[0].item.gtin")


def test_stock_in_a_sales_report_is_a_fact_too() -> None:
    made = Records().take(sales(sold(TEA, None, stock=units(40))))
    fact = only(StockReported, made)[0]
    assert (fact.location, fact.gtin, fact.type, fact.quantity, fact.at) == (STORE, TEA, "onHand", 40, YESTERDAY)
    assert only(SalesRecorded, made) == []


@pytest.mark.parametrize(
    ("report", "code", "path"),
    [
        (sales(sold(TEA, 1), start=None), "sales.period-missing", "period"),
        (sales(sold(TEA, 1), end=YESTERDAY - timedelta(days=1)), "sales.period-wrong", "period"),
        (sales(sold(TEA, 1), end=YESTERDAY + timedelta(days=366)), "sales.period-wrong", "period"),
        (sales(sold(TEA, 1, location="9" * 21)), "sales.location-unusable", "lines[0].location"),
        (sales(sold(TEA, 1, -1)), "item.quantity-unusable", "lines[0].returnedQuantity"),
    ],
)
def test_a_report_that_cannot_be_recorded_parks(report: SalesReport, code: str, path: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        Records().take(report)
    assert (caught.value.code, caught.value.where.path) == (code, path)


def test_sales_of_tomorrow_are_warned_of() -> None:
    assert codes(Records().take(sales(sold(TEA, 1), start=TODAY + timedelta(days=1)))) == ["sales.future"]


def stock(*lines: tuple[str, str, object, str | None], reporter: str = WAREHOUSE) -> InventoryReport:
    """lines: (GTIN, type, quantity, place)."""
    return InventoryReport(
        id="I1",
        issued_at=NOW,
        reporter=party(reporter),
        lines=tuple(
            InventoryLine(item=Item(gtin=gtin), type=kind, quantity=units(value), location=place)
            for gtin, kind, value, place in lines
        ),
    )


def test_a_customers_stock_is_a_fact_about_its_shops_and_moves_nothing_of_ours() -> None:
    report = stock(
        (TEA, "onHand", 5, STORE), (TEA, "onHand", 2, STORE), (TEA, "inTransit", 1, STORE), reporter=SHOP_GLN
    )
    made = Records().take(report, SHOP)
    facts = only(StockReported, made)
    assert [(each.type, each.quantity, each.at) for each in facts] == [("onHand", 7, NOW), ("inTransit", 1, NOW)]
    assert only(StockMoved, made) == []


def test_the_warehouses_count_is_what_we_have() -> None:
    records = Records()
    records.stock = {TEA: level(100, 20)}
    made = records.take(stock((TEA, "onHand", 90, None), (RICE, "available", 7, WAREHOUSE)), HOUSE)
    assert records.stock == {TEA: level(90, 20), RICE: level(7)}
    assert [(each.delta, each.reason) for each in only(StockMoved, made)] == [(-10, "counted"), (7, "counted")]
    assert only(StockMoved, records.take(stock((TEA, "onHand", 90, None)), HOUSE)) == []


def test_on_hand_wins_over_available_and_the_rest_is_named() -> None:
    records = Records()
    made = records.take(
        stock(
            (TEA, "onHand", 50, STORE),
            (TEA, "available", 4, None),
            (TEA, "onHand", 6, None),
            (TEA, "damaged", 2, None),
            (UNKNOWN, "onHand", 1, None),
        ),
        HOUSE,
    )
    assert records.stock == {TEA: level(6)}
    assert sorted(codes(made)) == ["stock.item-unknown", "stock.place-ignored", "stock.type-ignored"]


def test_found_goods_serve_backorders() -> None:
    records = Records()
    records.take(order(("1", TEA, 8)))
    records.take(order(("1", TEA, 3), number="B1", issued_at=YESTERDAY, buyer=party(OTHER_GLN)), OTHER)
    made = records.take(stock((TEA, "onHand", 10, None)), HOUSE)
    assert records.stock[TEA] == level(10, 10, backordered=1)
    assert [each.lines[0].quantity.value for each in answered(made, "warehouse")] == [3, 7]


def test_a_count_below_what_is_promised_opens_a_case_that_a_better_count_closes() -> None:
    records = Records()
    records.stock = {TEA: level(10)}
    records.take(order(("1", TEA, 8)))
    made = records.take(stock((TEA, "onHand", 5, None)), HOUSE)
    case = only(CaseOpened, made)[0]
    assert (case.code, case.subject, case.params["counted"], case.params["allocated"]) == (
        "stock.below-allocated",
        TEA,
        "5",
        "8",
    )
    closed = only(CaseClosed, records.take(stock((TEA, "onHand", 9, None)), HOUSE))[0]
    assert (closed.code, closed.subject, closed.account) == (case.code, case.subject, case.account)


def test_a_negative_count_parks() -> None:
    with pytest.raises(PartnerFault, match=r"stock\.count-negative"):
        Records().take(stock((TEA, "onHand", -1, None)), HOUSE)
