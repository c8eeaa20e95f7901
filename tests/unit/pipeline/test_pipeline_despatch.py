"""What our warehouse ships, through the journal to the bytes the customer gets: packaging and SSCCs on the wire."""

import json
from decimal import Decimal
from typing import Any

import pytest
from pipeline_scene import FLOUR, NORDMARKT, NOW, OATS, OURS, STADTKETTE, WAREHOUSE, Line, envelope, message, orders

from gateway.domain.decision import Needs
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.effects import PackSaved
from tests.journeys import papers

SHOPS = ("9521002000023", "9521002000030")
CASE, PALLET = "19521001100011", "29521001100018"


def party(gln: str) -> dict[str, Any]:
    return {"ids": [{"scheme": "0088", "value": gln}]}


def shipment(number: str, *lines: tuple[str, str, str, str], buyer: str = NORDMARKT, **more: Any) -> str:
    """lines: (order, order line, GTIN, quantity)."""
    return json.dumps(
        {
            "document": "DespatchAdvice",
            "schema": "1",
            "id": number,
            "issuedAt": "2026-11-03T06:00:00Z",
            "seller": party(OURS),
            "buyer": party(buyer),
            "estimatedDelivery": "2026-11-04",
            "lines": [
                {
                    "number": str(n),
                    "item": {"gtin": f"0{gtin}"},
                    "despatchedQuantity": {"value": quantity, "unit": "H87"},
                    "order": {"id": order, "line": line},
                }
                for n, (order, line, gtin, quantity) in enumerate(lines, 1)
            ],
            **more,
        }
    )


def with_packs(line: Line) -> None:
    packs = (
        PackSaved(key="1", gtin=CASE, inner=f"0{OATS}", contents=Decimal(6), level="case"),
        PackSaved(key="2", gtin=PALLET, inner=CASE, contents=Decimal(10), level="pallet"),
    )
    line.journal.write(lambda tx: tx.write_effects("packs", packs, NOW, test=False))


def units_of(text: str) -> list[str]:
    """Return the segments of the packaging in an EDIFACT text, and of what lies in it."""
    return [each for each in text.split("'") if each[:3] in ("CPS", "PAC", "GIN", "LIN", "LOC") or each[:6] == "QTY+12"]


def test_pallets_from_packs_carry_their_sscc_to_an_edifact_customer(line: Line) -> None:
    line.count_stock(OATS, FLOUR)
    with_packs(line)
    line.take(envelope(orders("PO-1", (OATS, "75"), (FLOUR, "4"))))
    (applied,) = line.take(shipment("WD-1", ("PO-1", "1", OATS, "75"), ("PO-1", "2", FLOUR, "4")), "warehouse")
    assert applied.fault is None
    mapping, text = line.parcels("nordmarkt")[-1]
    assert mapping == "eancom-1997/DESADV"
    assert units_of(text) == [
        "CPS+1",
        "CPS+2+1",
        "PAC+1++201",
        "GIN+BJ+095210010000000017",
        "CPS+3+2",
        "PAC+10++CT",
        f"LIN+1++{OATS}:EN",
        "QTY+12:60:PCE",
        "CPS+4+1",
        "PAC+1++201",
        "GIN+BJ+095210010000000024",
        f"LIN+3++{OATS}:EN",
        "QTY+12:3:PCE",
        f"LIN+4++{FLOUR}:EN",
        "QTY+12:4:PCE",
        "CPS+5+4",
        "PAC+2++CT",
        f"LIN+2++{OATS}:EN",
        "QTY+12:12:PCE",
    ]


def test_the_same_shipment_again_and_the_next_one_never_share_a_number(line: Line) -> None:
    line.count_stock(OATS)
    line.take(envelope(orders("PO-1", (OATS, "20"))))
    first = shipment("WD-1", ("PO-1", "1", OATS, "12"))
    line.take(first, "warehouse")
    line.take(first + "\n", "warehouse")  # other bytes, the same shipment
    line.take(shipment("WD-2", ("PO-1", "1", OATS, "8")), "warehouse")
    advices = [text for mapping, text in line.parcels("nordmarkt") if mapping.endswith("DESADV")]
    numbers = [each for text in advices for each in units_of(text) if each.startswith("GIN")]
    assert numbers == ["GIN+BJ+095210010000000017", "GIN+BJ+095210010000000024"]
    assert [row["sscc"] for row in line.rows("logistic_unit")] == ["095210010000000017", "095210010000000024"]
    assert line.rows("counter", name="range:sscc:09521001")[0]["value"] == 2


def test_a_cross_dock_order_comes_back_with_a_unit_for_each_shop(line: Line) -> None:
    line.count_stock(OATS)
    body = f"BGM+220+PO-1+9'DTM+137:20261101:102'DTM+2:20261105:102'NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'"
    body += f"NAD+DP+{NORDMARKT}::9'LIN+1++{OATS}:EN'QTY+21:30'"
    body += "".join(f"LOC+7+{shop}::9'QTY+11:{n}'" for shop, n in zip(SHOPS, (18, 12), strict=True))
    (taken,) = line.take(envelope(message("ORDERS", body + "UNS+S'CNT+2:1'")))
    assert taken.fault is None
    released = json.loads(line.parcels("warehouse")[-1][1])
    assert [each["location"] for each in released["lines"][0]["splits"]] == list(SHOPS)
    line.take(shipment("WD-1", ("PO-1", "1", OATS, "30")), "warehouse")
    _, text = line.parcels("nordmarkt")[-1]
    assert units_of(text) == [
        "CPS+1",
        "CPS+2+1",
        "PAC+1++201",
        "GIN+BJ+095210010000000017",
        f"LIN+1++{OATS}:EN",
        "QTY+12:18:PCE",
        f"LOC+7+{SHOPS[0]}::9",
        "CPS+3+1",
        "PAC+1++201",
        "GIN+BJ+095210010000000024",
        f"LIN+2++{OATS}:EN",
        "QTY+12:12:PCE",
        f"LOC+7+{SHOPS[1]}::9",
    ]


def test_two_orders_in_one_despatch_stand_at_the_lines(line: Line) -> None:
    line.count_stock(OATS, FLOUR)
    line.take(envelope(orders("PO-1", (OATS, "5")), orders("PO-2", (FLOUR, "3"), reference="2")))
    (applied,) = line.take(shipment("WD-1", ("PO-1", "1", OATS, "5"), ("PO-2", "1", FLOUR, "3")), "warehouse")
    assert applied.fault is None
    _, text = line.parcels("nordmarkt")[-1]
    assert [each for each in text.split("'") if each.startswith("RFF+ON")] == ["RFF+ON:PO-1:1", "RFF+ON:PO-2:1"]
    assert {row["status"] for row in line.rows("business_order")} == {"shipped"}
    linked = [(row["source"], row["to"]) for row in line.rows("link", to_type="DespatchAdvice")]
    assert sorted(linked) == [("PO-1", "WD-1"), ("PO-2", "WD-1")]


def test_a_ubl_customer_gets_the_same_units(line: Line) -> None:
    line.count_stock(OATS)
    with_packs(line)
    (taken,) = line.take(
        papers.ubl_order("SK-1", STADTKETTE, OURS, STADTKETTE, [(OATS, "63")], when="2026-11-01"),
        "stadtkette",
        channel="http",
    )
    assert taken.fault is None
    said = shipment("WD-1", ("SK-1", "1", OATS, "63"), buyer=STADTKETTE)
    (applied,) = line.take(said, "warehouse")
    assert applied.fault is None
    mapping, text = line.parcels("stadtkette")[-1]
    assert mapping == "ubl-2.1/DespatchAdvice"
    assert text.count("<cac:TransportHandlingUnit>") >= 3
    for number in ("095210010000000017", "095210010000000024"):
        assert f'<cac:ActualPackage><cbc:ID schemeID="SSCC">{number}</cbc:ID>' in text.replace("\n", "").replace(
            "  ", ""
        )


def test_the_advice_is_kept_for_labels_as_the_customer_got_it(line: Line) -> None:
    line.count_stock(OATS)
    line.take(envelope(orders("PO-1", (OATS, "5"))))
    line.take(shipment("WD-1", ("PO-1", "1", OATS, "5")), "warehouse")
    wanted = Needs(shipments=frozenset({("sale", "nordmarkt", "WD-1")}))
    (kept,) = line.journal.read(lambda tx: tx.snapshot(wanted, WAREHOUSE)).shipments.values()
    assert isinstance(kept.document, DespatchAdvice)
    assert [each.sscc for each in kept.document.units] == ["095210010000000017"]


@pytest.mark.parametrize("sscc", ["395210010000000014", "095210010000000017"])
def test_a_wrong_number_or_one_of_ours_parks_with_its_place(line: Line, sscc: str) -> None:
    line.count_stock(OATS)
    line.take(envelope(orders("PO-1", (OATS, "5"))))
    units = [{"id": "2", "sscc": sscc, "packageType": "201"}]
    (applied,) = line.take(shipment("WD-1", ("PO-1", "1", OATS, "5"), units=units), "warehouse")
    assert applied.fault is not None
    assert applied.fault.where.path == "units[0].sscc"
    assert line.rows("logistic_unit") == []
