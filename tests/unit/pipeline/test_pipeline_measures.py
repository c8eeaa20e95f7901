"""Key figures out of real documents: an order, its answer, its despatch, its receipt, and the shops' reports."""

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pipeline_scene import FLOUR, NORDMARKT, OATS, OURS, Line, envelope, message, orders

from gateway.store.sight import Sight
from gateway.store.view_measures import Scorecard
from gateway.store.views import Views
from tests.journeys import papers

FIRST, LAST, TODAY = date(2026, 11, 1), date(2026, 11, 10), date(2026, 11, 20)
SHOP = "9521002000023"


def party(gln: str) -> dict[str, Any]:
    return {"ids": [{"scheme": "0088", "value": gln}]}


def despatch(number: str, order: str, *lines: tuple[str, str, str]) -> str:
    """lines: (order line, GTIN, quantity)."""
    made = [
        {
            "number": str(n),
            "item": {"gtin": f"0{gtin}"},
            "despatchedQuantity": {"value": quantity, "unit": "H87"},
            "order": {"id": order, "line": line},
        }
        for n, (line, gtin, quantity) in enumerate(lines, 1)
    ]
    head = {"document": "DespatchAdvice", "schema": "1", "id": number, "issuedAt": "2026-11-03T06:00:00Z"}
    both = {"seller": party(OURS), "buyer": party(NORDMARKT), "estimatedDelivery": "2026-11-04", "lines": made}
    return json.dumps({**head, **both})


def receipt(number: str, despatched: str, *lines: tuple[str, str], on: str) -> bytes:
    body = f"BGM+632+{number}+9'DTM+137:{on}0900:203'DTM+50:{on}0740:203'RFF+AAK:{despatched}'"
    body += f"NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'CPS+1'"
    for n, (gtin, units) in enumerate(lines, 1):
        body += f"LIN+{n}++{gtin}:EN'QTY+48:{units}:PCE'QTY+194:{units}:PCE'"
    return envelope(message("RECADV", body + f"CNT+2:{len(lines)}'", kind_of="D:96A:UN:EAN002"), reference=number)


@pytest.fixture
def traded(line: Line) -> Line:
    """Wanted on 5 November: 75 of one, 4 of which there are only 3; arrives on the 4th with 70 and 3."""
    line.count_stock(OATS, quantity="100")
    line.take(
        json.dumps(
            {
                "document": "InventoryReport",
                "id": "COUNT2",
                "issuedAt": "2026-11-01",
                "reporter": party("9521001000017"),
                "lines": [
                    {
                        "item": {"gtin": f"0{FLOUR}"},
                        "quantity": {"value": "3", "per": "gtin"},
                        "type": "onHand",
                        "location": "9521001000017",
                    }
                ],
            }
        ),
        "warehouse",
    )
    line.take(envelope(orders("PO-1", (OATS, "75"), (FLOUR, "4"))))
    (sent,) = line.take(despatch("WD-1", "PO-1", ("1", OATS, "75"), ("2", FLOUR, "3")), "warehouse")
    assert sent.fault is None, sent
    (arrived,) = line.take(receipt("WE-1", "WD-1", (OATS, "70"), (FLOUR, "3"), on="20261104"))
    assert arrived.fault is None, arrived
    for day, sold in (("20261101", "6"), ("20261102", "8")):
        line.take(papers.slsrpt(f"V{day}", NORDMARKT, OURS, SHOP, [(OATS, sold)], day=day))
    return line


def card(line: Line, partner: str | None = "nordmarkt", **more: Any) -> Scorecard:
    return Views(line.journal.reader).scorecard(partner, FIRST, LAST, TODAY, **more)


def test_every_figure_of_a_delivery_comes_from_its_documents(traded: Line) -> None:
    found = card(traded)
    assert (found.of("fill-rate").top, found.of("fill-rate").bottom) == (73, 79)
    assert found.of("otif-requested").value == 0  # 70 of 75, 3 of 4
    assert found.of("otif-confirmed").value == Decimal("0.5")  # 3 were confirmed, 3 came
    assert found.of("on-time").value == 1
    assert found.of("asn-accuracy").value == Decimal("0.5")
    assert found.of("asn-in-time").value == 1
    assert found.of("cycle-days").value == 3  # ordered on the 1st
    assert found.of("confirmed-kept").value == 1
    assert found.of("days-missing").value == Decimal(8) / 10
    assert found.of("shelf-fill").value == 1
    assert found.of("turns").value is None  # the shop has not counted


def test_behind_a_figure_stand_its_documents_the_worst_first(traded: Line) -> None:
    views = Views(traded.journal.reader)
    parts = views.measure_parts("otif-confirmed", "nordmarkt", FIRST, LAST, TODAY)
    assert [(each.document, each.gtin, each.top) for each in parts] == [
        ("PO-1", f"0{OATS}", 0),
        ("PO-1", f"0{FLOUR}", 1),
    ]
    groups = views.measure_groups("fill-rate", "item", "nordmarkt", FIRST, LAST, TODAY)
    assert {each.key: each.value for each in groups} == {
        f"0{OATS}": Decimal(70) / 75,
        f"0{FLOUR}": Decimal(3) / 4,
    }
    assert card(traded, gtin=f"0{FLOUR}").of("fill-rate").value == Decimal("0.75")


def test_a_despatch_that_nobody_has_received_counts_on_its_advised_day(line: Line) -> None:
    line.count_stock(OATS)
    line.take(envelope(orders("PO-2", (OATS, "5"))))
    line.take(despatch("WD-2", "PO-2", ("1", OATS, "5")), "warehouse")
    found = card(line)
    assert found.of("otif-requested").value == 1
    assert found.of("asn-accuracy").value is None


def test_each_partner_has_its_own_figures_and_the_period_before(traded: Line) -> None:
    assert card(traded, "stadtkette").of("fill-rate").value is None
    assert card(traded, None).of("fill-rate").bottom == 79
    later = Views(traded.journal.reader).scorecard("nordmarkt", date(2026, 11, 11), date(2026, 11, 20), TODAY)
    assert (later.of("fill-rate").value, later.of("fill-rate").before) == (None, Decimal(73) / 79)


def test_a_person_who_sees_other_partners_sees_none_of_it(traded: Line) -> None:
    views = Views(traded.journal.reader).seen_by(Sight(partners=frozenset({"stadtkette"})))
    assert all(each.value is None for each in views.scorecard(None, FIRST, LAST, TODAY).figures)
