"""A supplier that sends no despatch advices delivers nevertheless: its receipts count in every figure of service."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pipeline_scene import FLOUR, NOW, OATS, WAREHOUSE, Line

from gateway.model.effects import OrderLineState, OrderSaved
from gateway.store.view_measures import Scorecard
from gateway.store.views import Views

QUELLHOF = "9521004000007"
FIRST, LAST, TODAY = date(2026, 11, 1), date(2026, 11, 10), date(2026, 11, 20)


def line_of(number: str, gtin: str, units: int) -> OrderLineState:
    ordered = Decimal(units)
    return OrderLineState(number=number, gtin=f"0{gtin}", ordered=ordered, confirmed=ordered, requested="2026-11-05")


@pytest.fixture
def ordered(line: Line) -> Line:
    """Forty of one item in two lines and ten of another, wanted on the 5th."""
    lines = (line_of("1", OATS, 30), line_of("2", FLOUR, 10), line_of("3", OATS, 10))
    order = OrderSaved(
        key="order", side="purchase", partner="quellhof", number="PO-1", status="open",
        ordered_on=date(2026, 11, 2), lines=lines, ship_to=WAREHOUSE,
    )  # fmt: skip
    line.journal.write(lambda tx: tx.write_effects("bought", (order,), NOW, test=False))
    return line


def receive(line: Line, number: str, *goods: tuple[str, str, dict[str, Any]], on: str) -> None:
    """goods: (GTIN, units, what the line says beside)."""
    lines = [
        {"number": str(n), "item": {"gtin": f"0{gtin}"}, "receivedQuantity": {"value": units, "unit": "H87"}, **more}
        for n, (gtin, units, more) in enumerate(goods, 1)
    ]
    told = {
        "document": "ReceivingAdvice", "schema": "1", "id": number, "issuedAt": on, "receivedAt": on, "lines": lines,
        "receiver": {"ids": [{"scheme": "0088", "value": WAREHOUSE}]},
        "seller": {"ids": [{"scheme": "0088", "value": QUELLHOF}]},
        "refs": {"order": {"id": "PO-1"}},
    }  # fmt: skip
    (applied,) = line.take(json.dumps(told), "warehouse")
    assert applied.fault is None, applied


def card(line: Line, **more: Any) -> Scorecard:
    return Views(line.journal.reader).scorecard("quellhof", FIRST, LAST, TODAY, **more)


def test_goods_that_nobody_has_advised_are_delivered_on_the_day_of_their_receipt(ordered: Line) -> None:
    receive(ordered, "WE-1", (OATS, "40", {}), (FLOUR, "7", {}), on="2026-11-05")
    found = card(ordered)
    assert found.of("on-time").value == 1
    assert found.of("cycle-days").value == 3
    assert (found.of("fill-rate").top, found.of("fill-rate").bottom) == (47, 50)  # over both lines
    assert found.of("asn-accuracy").value is None  # there is none to judge


def test_a_receipt_that_names_the_line_counts_for_that_line(ordered: Line) -> None:
    receive(ordered, "WE-1", (OATS, "10", {"order": {"id": "PO-1", "line": "3"}}), on="2026-11-04")
    found = card(ordered)
    assert (found.of("otif-requested").top, found.of("otif-requested").bottom) == (1, 3)
    parts = Views(ordered.journal.reader).measure_parts("on-time", "quellhof", FIRST, LAST, TODAY)
    assert [(each.document, each.gtin) for each in parts] == [("WE-1", f"0{OATS}")]


def test_what_comes_later_goes_to_the_line_that_still_waits(ordered: Line) -> None:
    receive(ordered, "WE-1", (OATS, "30", {}), on="2026-11-04")
    receive(ordered, "WE-2", (OATS, "10", {}), on="2026-11-06")
    found = card(ordered, gtin=f"0{OATS}")
    assert (found.of("fill-rate").top, found.of("otif-requested").top) == (40, 1)  # the second came a day late
    assert (found.of("on-time").top, found.of("on-time").bottom) == (1, 2)
