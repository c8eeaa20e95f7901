"""The six cells: order, ASN and sales report, as EDIFACT over AS2 and as XML over HTTP. Each ends in a changed row of
stock or account. Then what goes wrong: a broken order, a mend and a replay, test traffic, repeats."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.app.clock import SystemClock
from tests.journeys import papers
from tests.journeys.stage import (
    NORDMARKT,
    OURS,
    QUELLHOF,
    ROOT,
    SEEBLICK,
    SEEBLICK_YAML,
    STADTKETTE,
    WAREHOUSE,
    Stage,
    staged,
)

OATS, FLOUR, LENTILS = "9521001100014", "9521001100021", "9521009100016"
NEW = "9521009999993"
TODAY = SystemClock().now().date()
DAY, WISH = f"{TODAY:%Y%m%d}", f"{TODAY + timedelta(days=3):%Y%m%d}"

LENTILS_ROW = f"0{LENTILS},Red lentils 500 g,红扁豆 500克,H87,seeblick,SG-1,10,2.49,1.30,EUR,true\n"
SEEBLICK_TERMS = "seeblick,3,1,1.64,100000,EUR\n"


def extra() -> dict[str, str]:
    tables = ROOT / "partners" / "self" / "tables"
    return {
        "partners/seeblick/partner.yaml": SEEBLICK_YAML,
        "partners/self/tables/items.csv": (tables / "items.csv").read_text() + LENTILS_ROW,
        "partners/self/tables/suppliers.csv": (tables / "suppliers.csv").read_text() + SEEBLICK_TERMS,
    }


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path / "instance", extra()) as found:
        await found.send(
            "warehouse",
            papers.stock_count(
                "COUNT-1", WAREHOUSE, [(f"0{OATS}", "40"), (f"0{FLOUR}", "20"), (f"0{LENTILS}", "5")], when=str(TODAY)
            ),
        )
        await found.settle()
        yield found


def stock(stage: Stage, gtin: str) -> tuple[int, ...]:
    """on hand, allocated, backordered, on order, in transit: in units."""
    columns = "on_hand, allocated, backordered, on_order, in_transit"
    row = stage.rows(f"SELECT {columns} FROM stock WHERE gtin = ? AND location = ?", f"0{gtin}", WAREHOUSE)
    return tuple(value // 1000 for value in row[0])


def activities(stage: Stage, account: str) -> list[str]:
    return [row[0] for row in stage.rows("SELECT kind FROM activity WHERE account = ? ORDER BY id", account)]


def lines_of(ordrsp: str) -> list[tuple[str, str, str]]:
    """Return (confirmed, backordered, order line) of each LIN of an ORDRSP, read as text."""
    found = []
    for part in ordrsp.split("'LIN+")[1:]:
        confirmed = re.search(r"QTY\+113:([0-9.]+)", part)
        waiting = re.search(r"QTY\+83:([0-9.]+)", part)
        line = re.search(r"RFF\+LI:(\w+)", part)
        found.append((confirmed[1] if confirmed else "0", waiting[1] if waiting else "0", line[1] if line else ""))
    return found


async def test_an_edifact_order_over_as2_is_answered_line_by_line_and_allocates_stock(stage: Stage) -> None:
    sent = await stage.send(
        "nordmarkt",
        papers.orders("PO-7", NORDMARKT, OURS, NORDMARKT, [(OATS, "15"), (FLOUR, "30")], when=DAY, wish=WISH),
    )
    assert sent["state"] == "acked"
    assert "processed" in str(sent["outcome"])  # the signed MDN
    await stage.settle()
    assert stock(stage, OATS) == (40, 15, 0, 0, 0)
    assert stock(stage, FLOUR) == (20, 20, 10, 0, 0)
    (contrl,) = await stage.receives("nordmarkt", "CONTRL")
    assert "'UCI+" in contrl
    assert contrl.split("UCI+")[1].split("'")[0].endswith("+7")
    (ordrsp,) = await stage.receives("nordmarkt", "ORDRSP")
    assert "RFF+ON:PO-7'" in ordrsp
    assert lines_of(ordrsp) == [("15", "0", "1"), ("20", "10", "2")]
    assert activities(stage, "nordmarkt") == ["order-received", "order-answered"]
    (order,) = await stage.receives("warehouse", "Order")
    assert '"value":"15"' in order
    assert stage.rows("SELECT state FROM parcel WHERE mapping = 'eancom-1997/ORDRSP'") == [("accepted",)]


async def test_a_ubl_order_over_http_is_answered_and_allocates_stock(stage: Stage) -> None:
    order = papers.ubl_order("SO-9", STADTKETTE, OURS, STADTKETTE, [(OATS, "12")], when=str(TODAY))
    sent = await stage.send("stadtkette", order)
    assert sent["state"] == "acked"
    assert sent["outcome"]["status"] == 202
    await stage.settle()
    assert stock(stage, OATS) == (40, 12, 0, 0, 0)
    (response,) = await stage.receives("stadtkette", "OrderResponse")
    assert re.search(r"<cbc:LineStatusCode[^>]*>5</cbc:LineStatusCode>", response)
    assert re.search(r"OrderReference>\s*<cbc:ID>SO-9</cbc:ID>", response)
    assert activities(stage, "stadtkette") == ["order-received", "order-answered"]


async def test_what_the_warehouse_ships_becomes_the_customers_despatch_advice(stage: Stage) -> None:
    await stage.send(
        "nordmarkt", papers.orders("PO-8", NORDMARKT, OURS, NORDMARKT, [(OATS, "15")], when=DAY, wish=WISH)
    )
    await stage.receives("warehouse", "Order")
    ids = {name: f'{{"ids":[{{"scheme":"0088","value":"{gln}"}}]}}' for name, gln in (("s", OURS), ("b", NORDMARKT))}
    await stage.send(
        "warehouse",
        f'{{"document":"DespatchAdvice","id":"WD-1","issuedAt":"{TODAY}","seller":{ids["s"]},"buyer":{ids["b"]},'
        f'"refs":{{"order":{{"id":"PO-8"}}}},"units":[{{"id":"1","sscc":"395210010000000018","packageType":"201"}}],'
        f'"lines":[{{"number":"1","unit":"1","item":{{"gtin":"0{OATS}"}},'
        '"despatchedQuantity":{"value":"15","per":"gtin"},"order":{"id":"PO-8","line":"1"}}]}',
    )
    await stage.settle()
    assert stock(stage, OATS) == (25, 0, 0, 0, 0)
    (advice,) = await stage.receives("nordmarkt", "DESADV")
    assert "QTY+12:15'" in advice
    assert "GIN+BJ+395210010000000018'" in advice
    assert "shipped" in activities(stage, "nordmarkt")


@pytest.mark.parametrize(
    ("partner", "shop", "text"),
    [
        ("nordmarkt", "9521002000023", papers.slsrpt("S1", NORDMARKT, OURS, "9521002000023", [(OATS, "7"), (FLOUR, "3")], day=DAY)),
        ("stadtkette", "9521003000015", papers.ubl_sales("P1", STADTKETTE, OURS, "9521003000015", [(OATS, "7"), (FLOUR, "3")], day=str(TODAY))),
    ],
    ids=["edifact-over-as2", "ubl-over-http"],
)  # fmt: skip
async def test_a_sales_report_becomes_facts_and_figures_of_the_account(
    stage: Stage, partner: str, shop: str, text: str
) -> None:
    await stage.send(partner, text)
    await stage.settle()
    facts = stage.rows("SELECT location, gtin, day, sold FROM sales WHERE partner = ? ORDER BY gtin", partner)
    assert facts == [(shop, f"0{OATS}", str(TODAY), 7000), (shop, f"0{FLOUR}", str(TODAY), 3000)]
    ((figures,),) = stage.rows("SELECT figures FROM account WHERE id = ?", partner)
    assert '"units_sold":"10"' in figures


async def sell_for_a_fortnight(stage: Stage, gtin: str, a_day: str) -> None:
    for back in range(14, 0, -1):
        day = TODAY - timedelta(days=back)
        report = papers.slsrpt(f"S{back}", NORDMARKT, OURS, "9521002000023", [(gtin, a_day)], day=f"{day:%Y%m%d}")
        await stage.send("nordmarkt", report)
    await stage.settle()


async def approve_everything(stage: Stage) -> None:
    for proposal in await stage.gateway.proposals("proposed"):
        await stage.gateway.approve(proposal["id"])
    await stage.settle()


async def test_sales_cause_an_order_to_the_supplier_and_its_edifact_asn_over_as2_is_in_transit(stage: Stage) -> None:
    await sell_for_a_fortnight(stage, OATS, "12")
    await stage.gateway.run_plan()
    await stage.settle()
    await approve_everything(stage)
    (order,) = await stage.receives("quellhof", "ORDERS")
    number = re.search(r"BGM\+220\+(\w+)", order)
    ordered = re.search(rf"LIN\+1\+\+{OATS}:EN'.*?QTY\+21:(\d+)", order)
    assert number
    assert ordered
    units = int(ordered[1])
    assert units % 12 == 0  # whole cases
    assert stock(stage, OATS)[3:] == (units, 0)
    asn = papers.desadv("D-1", number[1], QUELLHOF, OURS, WAREHOUSE, [(OATS, str(units))], when=DAY)
    await stage.send("quellhof", asn)
    await stage.settle()
    assert stock(stage, OATS)[3:] == (0, units)
    assert "supplier-shipped" in activities(stage, "quellhof")


async def test_a_ubl_asn_over_http_is_in_transit(stage: Stage) -> None:
    await sell_for_a_fortnight(stage, LENTILS, "4")
    await stage.gateway.run_plan()
    await stage.settle()
    await approve_everything(stage)
    (order,) = await stage.receives("seeblick", "Order")
    number = re.search(r"<cbc:ID>(PO[\w-]+)</cbc:ID>", order)
    ordered = re.search(r"<cbc:Quantity[^>]*>(\d+)</cbc:Quantity>", order)
    assert number
    assert ordered
    units = int(ordered[1])
    asn = papers.ubl_despatch("UD-1", number[1], SEEBLICK, OURS, [(LENTILS, str(units))], when=str(TODAY))
    await stage.send("seeblick", asn)
    await stage.settle()
    assert stock(stage, LENTILS) == (5, 0, 0, 0, units)


async def test_a_broken_order_parks_alone_is_refused_at_its_place_and_made_good_by_a_replay(stage: Stage) -> None:
    good = papers.orders("PO-1", NORDMARKT, OURS, NORDMARKT, [(OATS, "1")], when=DAY, wish=WISH)
    wrong_date = papers.orders("PO-2", NORDMARKT, OURS, NORDMARKT, [(OATS, "1")], when="20261341", wish=WISH)
    unknown = papers.orders("PO-3", NORDMARKT, OURS, NORDMARKT, [(OATS, "2"), (NEW, "4")], when=DAY, wish=WISH)
    for text in (wrong_date, unknown, good):
        await stage.send("nordmarkt", text)
    await stage.settle()
    messages = stage.rows(
        "SELECT id, business_number, state, fault_code, fault FROM message WHERE type = 'ORDERS' ORDER BY seq"
    )
    assert [row[2] for row in messages] == ["parked", "parked", "done"]
    assert messages[1][3] == "item.unknown"
    assert '"tag":"LIN"' in messages[1][4]
    assert '"offset"' in messages[1][4]
    refused = [text for text in await stage.receives("nordmarkt", "CONTRL", 3) if "UCM+" in text]
    assert len(refused) == 1
    assert "UCD+12+2:2'" in refused[0]  # the wrong date: element 1 counts as 2 with the tag, component 2
    (aperak,) = await stage.receives("nordmarkt", "APERAK")
    assert "RFF+ON:PO-3'" in aperak
    assert stock(stage, OATS) == (40, 1, 0, 0, 0)  # of the good one only

    tables = stage.places.settings.partners / "self" / "tables" / "items.csv"
    tables.write_text(tables.read_text() + f"0{NEW},Elderflower syrup,接骨木花糖浆,H87,,,1,2.90,,EUR,true\n")
    run(stage, "apply")
    run(stage, "messages", "replay", messages[1][0])
    await stage.receives("nordmarkt", "ORDRSP", 2)
    await stage.settle()
    assert stage.rows("SELECT state FROM message WHERE id = ?", messages[1][0]) == [("done",)]
    assert stock(stage, OATS) == (40, 3, 0, 0, 0)
    open_cases = stage.rows('SELECT subject FROM "case" WHERE closed_at IS NULL AND code = ?', "item.unknown")
    assert open_cases == []


def run(stage: Stage, *arguments: str) -> None:
    import subprocess
    import sys

    command = [sys.executable, "-m", "gateway", "--instance", str(stage.places.settings.root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def test_test_traffic_is_answered_and_changes_nothing(stage: Stage) -> None:
    text = papers.orders("PO-T", NORDMARKT, OURS, NORDMARKT, [(OATS, "15")], when=DAY, wish=WISH, test=True)
    await stage.send("nordmarkt", text)
    (ordrsp,) = await stage.receives("nordmarkt", "ORDRSP")
    await stage.settle()
    assert ordrsp.split("'")[0].endswith("++++++1")  # UNB 0035
    assert stock(stage, OATS) == (40, 0, 0, 0, 0)
    assert stage.rows("SELECT count(*) FROM business_order") == [(0,)]
    assert activities(stage, "nordmarkt") == []
    assert [note for note, _ in stage.inbox("warehouse") if note["kind"] == "Order"] == []


async def test_the_same_interchange_again_under_a_new_message_id_changes_nothing(stage: Stage) -> None:
    text = papers.orders("PO-5", NORDMARKT, OURS, NORDMARKT, [(OATS, "15")], when=DAY, wish=WISH)
    await stage.send("nordmarkt", text)
    await stage.settle()
    await stage.send("nordmarkt", text)
    await stage.send("nordmarkt", text.replace("QTY+21:15", "QTY+21:16"))
    await stage.settle()
    assert stock(stage, OATS) == (40, 15, 0, 0, 0)
    states = stage.rows("SELECT state, fault_code FROM message WHERE type = 'ORDERS' ORDER BY seq")
    assert states == [
        ("done", None),
        ("done", None),
        ("quarantined", "interchange.reference-reused"),
    ]
    assert len(await stage.receives("nordmarkt", "ORDRSP")) == 1
