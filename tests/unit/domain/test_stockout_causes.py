"""Each empty shelf has one cause, and the causes are all of them."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.measures.facts import Delivery, Facts, OrderedLine, PlannedOrder, ReportedDay, ShelfDay
from gateway.domain.replenishment.root_causes import CAUSES, counted, stockouts

FIRST = date(2026, 3, 2)
SHOP, TEA = "4099910000022", "04099900000100"
OUT = 10  # the day on which the shelf is empty


def d(value: object) -> Decimal:
    return Decimal(str(value))


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def line(*arrived: tuple[int, object], **more: Any) -> OrderedLine:
    known: dict[str, Any] = {
        "side": "sale",
        "partner": "shop",
        "order": "A1",
        "line": "1",
        "place": SHOP,
        "gtin": TEA,
        "ordered_on": day(6),
        "ordered": d(10),
        "confirmed": d(10),
        "despatched": d(10),
        "requested": day(9),
        "promised": day(9),
        "answered": True,
    }
    deliveries = tuple(Delivery(on=day(n), units=d(units), document="R", received=True) for n, units in arrived)
    return OrderedLine(deliveries=deliveries, **(known | more))


def plan(**more: Any) -> PlannedOrder:
    known: dict[str, Any] = {
        "order": "PO1",
        "line": "1",
        "place": SHOP,
        "gtin": TEA,
        "on": day(6),
        "quantity": d(10),
        "system_quantity": d(10),
        "approved_by": "limit",
        "expected": d(10),
        "first_day": day(6),
        "days": 5,
        "safety": d(4),
    }
    return PlannedOrder(**(known | more))


def cause(lines: list[OrderedLine], plans: list[PlannedOrder], sold: int = 2, missing: tuple[int, ...] = ()) -> str:
    shelf = {day(n): ShelfDay(sold=d(sold), stock=d(0 if n == OUT else 5)) for n in range(OUT + 1)}
    told = [
        ReportedDay(place=SHOP, day=day(n), came_at=datetime(2026, 4, 1, tzinfo=UTC), report="V")
        for n in range(OUT + 1)
        if n not in missing
    ]
    facts = Facts(
        first=FIRST, last=day(20), until=day(20), lines=lines, planned=plans, shelf={(SHOP, TEA): shelf}, reported=told
    )
    (found,) = stockouts(facts)
    assert (found.place, found.gtin, found.day) == (SHOP, TEA, day(OUT))
    return found.cause


@pytest.mark.parametrize(
    ("lines", "plans", "more", "expected"),
    [
        ([line((9, 10))], [plan(quantity=d(5))], {}, "override"),
        ([line((9, 6), confirmed=d(6))], [plan()], {}, "supplier-cut"),
        ([line((12, 10))], [plan()], {}, "delivery-late"),
        ([line()], [plan()], {}, "delivery-late"),
        ([line((9, 7))], [plan()], {}, "delivery-short"),
        ([line((9, 10))], [plan()], {"missing": (5,)}, "report-missing"),
        ([line((9, 10))], [plan()], {"sold": 4}, "forecast-low"),
        ([line((9, 10))], [plan(expected=d(8))], {}, "safety-low"),
        ([line((9, 10))], [plan()], {"sold": 1}, "stock-wrong"),
        ([line((9, 10))], [], {}, "not-ordered"),
        ([], [plan(first_day=day(11))], {}, "not-ordered"),
        ([line(requested=day(-30), promised=None)], [], {}, "not-ordered"),
        ([line(cancelled=True)], [plan()], {"sold": 1}, "stock-wrong"),
    ],
    ids=[
        "override",
        "cut",
        "late",
        "never came",
        "short",
        "report missing",
        "forecast",
        "safety",
        "stock",
        "no plan",
        "later plan",
        "long ago",
        "cancelled",
    ],
)
def test_each_cause(lines: list[OrderedLine], plans: list[PlannedOrder], more: dict[str, Any], expected: str) -> None:
    assert cause(lines, plans, **more) == expected


@pytest.mark.parametrize("seed", range(5))
def test_the_causes_are_all_stock_out_days_whatever_happened(seed: int) -> None:
    dice = random.Random(seed)
    shelf = {
        day(n): ShelfDay(sold=d(dice.randrange(6)), stock=d(dice.randrange(-1, 3)), lost=d(dice.randrange(2)))
        for n in range(60)
    }
    lines = [
        line(
            (n + dice.randrange(6), dice.randrange(12)),
            requested=day(n),
            confirmed=d(dice.randrange(12)),
            order=f"A{n}",
        )
        for n in range(0, 60, 7)
    ]
    plans = [plan(first_day=day(n), on=day(n), quantity=d(dice.randrange(8, 12))) for n in range(0, 60, 9)]
    facts = Facts(first=FIRST, last=day(59), until=day(59), lines=lines, planned=plans, shelf={(SHOP, TEA): shelf})
    found = stockouts(facts)
    empty = [at for at, each in shelf.items() if each.lost > 0 or (each.stock is not None and each.stock <= 0)]
    assert sorted(each.day for each in found) == sorted(empty)
    counts = counted(found)
    assert sum(each.days for each in counts) == len(empty)
    assert round(sum(each.share for each in counts), 20) == 1
    assert {each.cause for each in counts} <= set(CAUSES)
