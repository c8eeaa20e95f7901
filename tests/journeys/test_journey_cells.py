"""The other six of the twelve cells: order, sales report and ASN as XML over AS2 and as EDIFACT over HTTP.

Each document travels over its real channel on loopback and ends in a changed row of stock or account; the first six
are in test_journeys_flow.py.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.app.clock import SystemClock
from tests.journeys import papers
from tests.journeys.stage import OURS, ROOT, WAREHOUSE, Stage, staged

OATS, PEAS = "9521001100014", "9521009100023"
TODAY = SystemClock().now().date()
DAY, WISH = f"{TODAY:%Y%m%d}", f"{TODAY + timedelta(days=3):%Y%m%d}"
SOLD, ORDERED = "280", "12"


@dataclass(frozen=True)
class House:
    """A partner that buys from us and sells to us, in one format over one channel."""

    name: str
    gln: str
    shop: str
    yaml: str


MOORLAND = House(
    "moorland",
    "9521009200006",
    "9521009200013",
    """
name: Moorland AG
role: both
gln: ["9521009200006", "9521009200013"]
channels:
  as2: {id: MOORLAND-AS2, url: "http://127.0.0.1:18106/as2", certificate: moorland, receipt: signed-sync}
agreements:
  - {receive: ubl-2.1/Order, over: as2}
  - {receive: ubl-2.1/ProductActivity, over: as2}
  - {receive: ubl-2.1/DespatchAdvice, over: as2}
  - {send: ubl-2.1/Order, over: as2}
  - {send: ubl-2.1/OrderResponse, over: as2}
""",
)
FELDMARK = House(
    "feldmark",
    "9521009210005",
    "9521009210012",
    """
name: Feldmark GmbH
role: both
gln: ["9521009210005", "9521009210012"]
channels:
  http: {url: "http://127.0.0.1:18106/inbox", token: feldmark-outbound}
agreements:
  - {receive: eancom-1997/ORDERS, over: http}
  - {receive: eancom-1997/SLSRPT, over: http}
  - {receive: eancom-1997/DESADV, over: http}
  - {send: eancom-1997/ORDERS, over: http}
  - {send: eancom-1997/ORDRSP, over: http}
""",
)
OTHERS = ("nordmarkt", "stadtkette", "quellhof", "guest")


@pytest.fixture(params=[MOORLAND, FELDMARK], ids=["xml-over-as2", "edifact-over-http"])
def house(request: pytest.FixtureRequest) -> House:
    found: House = request.param
    return found


@pytest.fixture
async def stage(tmp_path: Path, house: House) -> AsyncIterator[Stage]:
    tables = ROOT / "partners" / "self" / "tables"
    item = f"0{PEAS},Split peas 500 g,豌豆 500克,H87,{house.name},P-1,10,1.79,0.90,EUR,true\n"
    extra = {
        f"partners/{house.name}/partner.yaml": house.yaml,
        "partners/self/tables/items.csv": (tables / "items.csv").read_text().replace("quellhof,", ",") + item,
        "partners/self/tables/suppliers.csv": "partner,lead_time_days,review_days,service_factor,approval_limit,currency\n"
        f"{house.name},3,1,1.64,100000,EUR\n",
    }
    async with staged(tmp_path / "instance", extra, without=OTHERS) as found:
        counts = [(f"0{OATS}", "40"), (f"0{PEAS}", "5")]
        await found.send("warehouse", papers.stock_count("COUNT-1", WAREHOUSE, counts, when=str(TODAY)))
        await found.settle()
        yield found


def stock(stage: Stage, gtin: str) -> tuple[int, ...]:
    """on hand, allocated, on order, in transit: in units."""
    query = "SELECT on_hand, allocated, on_order, in_transit FROM stock WHERE gtin = ? AND location = ?"
    return tuple(value // 1000 for value in stage.rows(query, f"0{gtin}", WAREHOUSE)[0])


async def sent(stage: Stage, house: House, xml: str, edifact: str) -> None:
    """Let the partner send the document in its format, and see which way it took."""
    note = await stage.send(house.name, xml if house is MOORLAND else edifact)
    assert (note["line"], note["state"]) == ("as2" if house is MOORLAND else "http", "acked")
    await stage.settle()


def figures(stage: Stage, account: str) -> str:
    return str(stage.rows("SELECT figures FROM account WHERE id = ?", account)[0][0])


async def test_order_sales_report_and_asn_each_change_stock_or_account(stage: Stage, house: House) -> None:
    await sent(
        stage,
        house,
        papers.ubl_order("SO-1", house.gln, OURS, house.gln, [(OATS, ORDERED)], when=str(TODAY)),
        papers.orders("SO-1", house.gln, OURS, house.gln, [(OATS, ORDERED)], when=DAY, wish=WISH),
    )
    assert stock(stage, OATS) == (40, 12, 0, 0)
    (answer,) = await stage.receives(house.name, "OrderResponse" if house is MOORLAND else "ORDRSP")
    assert "SO-1" in answer

    assert "units_sold" not in figures(stage, house.name)
    sold = [(PEAS, SOLD)]
    await sent(
        stage,
        house,
        papers.ubl_sales("P-1", house.gln, OURS, house.shop, sold, day=str(TODAY - timedelta(days=1))),
        papers.slsrpt("P-1", house.gln, OURS, house.shop, sold, day=f"{TODAY - timedelta(days=1):%Y%m%d}"),
    )
    assert '"units_sold":"280"' in figures(stage, house.name)
    assert stage.rows("SELECT location, gtin, sold FROM sales") == [(house.shop, f"0{PEAS}", 280_000)]

    await stage.gateway.run_plan()
    await stage.settle()
    for proposal in await stage.gateway.proposals("proposed"):
        await stage.gateway.approve(proposal["id"])
    await stage.settle()
    (order,) = await stage.receives(house.name, "Order" if house is MOORLAND else "ORDERS")
    number = re.search(r"<cbc:ID>(PO[\w-]+)</cbc:ID>|BGM\+220\+(\w+)", order)
    asked = re.search(r"<cbc:Quantity[^>]*>(\d+)</cbc:Quantity>|QTY\+21:(\d+)", order)
    assert number
    assert asked
    purchase, units = number[1] or number[2], asked[1] or asked[2]
    assert stock(stage, PEAS) == (5, 0, int(units), 0)
    await sent(
        stage,
        house,
        papers.ubl_despatch("D-1", purchase, house.gln, OURS, [(PEAS, units)], when=str(TODAY)),
        papers.desadv("D-1", purchase, house.gln, OURS, WAREHOUSE, [(PEAS, units)], when=DAY),
    )
    assert stock(stage, PEAS) == (5, 0, 0, int(units))
    assert '"supplier_shipments":"1"' in figures(stage, house.name)
