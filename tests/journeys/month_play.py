"""A month of trade, day by day in simulated time, over real channels: what the partners and our house send, and when.

Nordmarkt buys with EDIFACT over AS2, Stadtkette with UBL over HTTP; Quellhof supplies with EDIFACT over AS2; our own
warehouse and bookkeeping speak JSON over HTTP.
"""

import re
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from gateway.app.clock import SystemClock
from gateway.demo import world
from tests.journeys import month_papers as papers
from tests.journeys.papers import desadv, orders, slsrpt, stock_count, ubl_order
from tests.journeys.stage import NORDMARKT, OURS, QUELLHOF, ROOT, STADTKETTE, WAREHOUSE, Stage

OATS, FLOUR, RICE, SPAGHETTI, PASSATA = (f"95210011000{n}" for n in ("14", "21", "38", "45", "52"))
SHOP = "9521002000023"
CUSTOMERS, SUPPLIERS, HOUSE = ("nordmarkt", "stadtkette"), ("quellhof",), "warehouse"

AGREED = {
    "nordmarkt": """\
terms:
  - {valid_from: "2026-01-01", price_list: RETAIL, auto_quantity: 200}
""",
    "stadtkette": """\
terms:
  - {valid_from: "2026-01-01", substitutes: true}
""",
    "quellhof": """\
  - {receive: ubl-2.1/Invoice, over: as2}
  - {send: eancom-1997/RECADV, over: as2}
""",
}


def definitions() -> dict[str, str]:
    """Return the demo's partners with what a whole month takes; nothing is ordered unless the script asks for it."""
    files = {
        f"partners/{name}/partner.yaml": (ROOT / "partners" / name / "partner.yaml").read_text() + agreed
        for name, agreed in AGREED.items()
    }
    header, *items = (ROOT / "partners" / "self" / "tables" / "items.csv").read_text().splitlines()
    instead = {SPAGHETTI: PASSATA}
    rows = [f"{header},substitute", *(f"{item},{instead.get(item[:13], '')}" for item in items)]
    files["partners/self/tables/items.csv"] = "\n".join(rows) + "\n"
    files["config.yaml"] = (ROOT / "config.yaml").read_text().replace("every_h: 24", "every_h: 0")
    return files


class Month:
    """The stage with a calendar. Day 0 is the day after the world was made, at eight: no step crosses midnight."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        tomorrow = SystemClock().now() + timedelta(days=1)
        self._start = tomorrow.replace(hour=8, minute=0, second=0, microsecond=0)
        self.day(0)

    def day(self, number: int) -> None:
        """Let it be another day, for everybody."""
        self.now = self._start + timedelta(days=number)
        world.set_clock(self.stage.places.clock, self.now)

    @property
    def iso(self) -> str:
        return self.now.date().isoformat()

    @property
    def digits(self) -> str:
        return f"{self.now:%Y%m%d}"

    async def send(self, partner: str, *documents: str) -> None:
        """Let partner send documents, one after the other, and wait until everybody is done."""
        for each in documents:
            note = await self.stage.send(partner, each)
            assert note["state"] == "acked", note
        await self.stage.settle()

    async def house(self, *documents: str) -> None:
        await self.send(HOUSE, *documents)

    async def decide(self, kind: str, number: str, partner: str, decision: str, *lines: dict[str, str]) -> None:
        """A person of ours decides, over the API. kind: orders or invoices."""
        body = {"partner": partner, "decision": decision, **({"lines": lines} if lines else {})}
        gateway = self.stage.gateway
        async with gateway.session.post(
            f"{gateway.url}/api/v1/{kind}/{number}/decide",
            json=body,
            headers={"Authorization": f"Bearer {gateway.api_key}"},
        ) as response:
            assert response.status == 202, await response.text()
        await self.stage.settle()

    def prices(self, start: str, *prices: tuple[str, str]) -> str:
        """Our house's price list RETAIL from a day on."""
        lines = [
            {
                "item": {"gtin": f"0{gtin}"},
                "prices": [
                    {
                        "kind": "net",
                        "amount": {"value": price, "currency": "EUR"},
                        "period": {"start": start, "end": "2099-12-31"},
                    },
                ],
            }
            for gtin, price in prices
        ]
        owner = papers.party(OURS)
        return papers.house(
            "PriceCatalogue", "list:RETAIL", self.iso, provider=owner, receiver=owner, currency="EUR", lines=lines
        )

    def shipped(self, number: str, buyer: str, *lines: tuple[str, str, str, int]) -> str:
        return papers.shipment(number, buyer, OURS, [(o, n, f"0{g}", u) for o, n, g, u in lines], when=self.iso)

    def billed(self, number: str, buyer: str, *lines: tuple[str, str, str, int, str], credits_number: str = "") -> str:
        rows = [(o, n, f"0{g}", u, p) for o, n, g, u, p in lines]
        return papers.bill(number, OURS, buyer, rows, when=self.iso, credits_number=credits_number)

    def received(self, number: str, seller: str, lines: Sequence[tuple[str, int]], **refs: object) -> str:
        return papers.receipt(number, WAREHOUSE, seller, [(f"0{g}", u) for g, u in lines], refs, when=self.iso)


async def play(stage: Stage) -> Month:
    """Play the whole month."""
    month = Month(stage)
    await first_week(month)
    await second_week(month)
    await third_week(month)
    await last_week(month)
    return month


async def first_week(month: Month) -> None:
    """Orders of both customers, partly from stock; a repeat and a conflict; partial deliveries; a change."""
    month.day(1)
    counts = [(f"0{g}", u) for g, u in ((OATS, "100"), (FLOUR, "50"), (RICE, "80"), (SPAGHETTI, "0"), (PASSATA, "60"))]
    await month.house(
        stock_count("COUNT-1", WAREHOUSE, counts, when=month.iso),
        month.prices(month.iso, (OATS, "1.80"), (FLOUR, "0.95"), (RICE, "2.10"), (PASSATA, "1.40")),
    )
    month.day(2)
    wish = f"{month.now + timedelta(days=3):%Y%m%d}"
    first = orders("N-1", NORDMARKT, OURS, NORDMARKT, [(OATS, "60"), (FLOUR, "70")], when=month.digits, wish=wish)
    again = orders("N-1", NORDMARKT, OURS, NORDMARKT, [(OATS, "60"), (FLOUR, "70")], when=month.digits, wish=wish)
    other = orders("N-1", NORDMARKT, OURS, NORDMARKT, [(OATS, "61"), (FLOUR, "70")], when=month.digits, wish=wish)
    await month.send("nordmarkt", first, again, other)
    await month.send(
        "stadtkette", ubl_order("S-1", STADTKETTE, OURS, STADTKETTE, [(RICE, "30"), (OATS, "50")], when=month.iso)
    )
    month.day(3)
    await month.house(month.shipped("SH-1", NORDMARKT, ("N-1", "1", OATS, 40)))
    month.day(4)
    await month.house(month.shipped("SH-2", NORDMARKT, ("N-1", "1", OATS, 20), ("N-1", "2", FLOUR, 50)))
    await month.send("nordmarkt", papers.recadv("WE-1", "SH-1", NORDMARKT, OURS, [(OATS, 40)], when=month.digits))
    await month.send(
        "stadtkette", papers.ubl_change("SC-1", "S-1", STADTKETTE, OURS, [("2", "3", OATS, "30")], when=month.iso)
    )
    month.day(5)
    await month.house(month.shipped("SH-3", STADTKETTE, ("S-1", "1", RICE, 30), ("S-1", "2", OATS, 20)))


async def second_week(month: Month) -> None:
    """Sales make us buy; the supplier delivers twice, once too little; what waited is shipped; a bill is disputed."""
    stage = month.stage
    month.day(7)
    sold = slsrpt("SR-1", NORDMARKT, OURS, SHOP, [(FLOUR, "400")], day=f"{month.now - timedelta(days=1):%Y%m%d}")
    await month.send("nordmarkt", sold)
    await stage.gateway.run_plan()
    await stage.settle()
    for proposal in await stage.gateway.proposals("proposed"):
        await stage.gateway.approve(proposal["id"])
    await stage.settle()
    (order,) = await stage.receives("quellhof", "ORDERS")
    purchase = re.search(r"BGM\+220\+(\w+)", order)
    asked = re.search(rf"LIN\+1\+\+{FLOUR}:EN'.*?QTY\+21:(\d+)", order)
    assert purchase, order
    assert asked, order
    number, units = purchase[1], int(asked[1])
    assert units > 60
    confirmed, part = units - 10, 50
    month.day(8)
    await month.send(
        "quellhof",
        papers.ordrsp("QC-1", number, OURS, QUELLHOF, [("1", FLOUR, confirmed)], when=month.digits),
        desadv("QD-1", number, QUELLHOF, OURS, WAREHOUSE, [(FLOUR, str(part))], when=month.digits),
    )
    month.day(9)
    await month.house(
        month.received("WR-1", QUELLHOF, [(FLOUR, part - 2)], despatchAdvice="QD-1", order={"id": number})
    )
    month.day(10)
    follow_up = [text for text in await stage.receives(HOUSE, "Order", 2) if '"N-1-B' in text]
    assert len(follow_up) == 1
    numbered = re.search(r'"id":"(N-1-B\d+)"', follow_up[0])
    assert numbered
    await month.house(month.shipped("SH-4", NORDMARKT, (numbered[1], "2", FLOUR, 20)))
    right = [(number, "1", f"0{FLOUR}", part - 2, "0.58")]
    dear = [(number, "1", f"0{FLOUR}", 10, "0.75")]
    await month.send(
        "quellhof",
        papers.ubl_invoice("QI-1", QUELLHOF, OURS, right, when=month.iso),
        papers.invoic("QI-2", QUELLHOF, OURS, dear, when=month.digits),
        desadv("QD-2", number, QUELLHOF, OURS, WAREHOUSE, [(FLOUR, str(confirmed - part - 5))], when=month.digits),
    )


async def third_week(month: Month) -> None:
    """Prices change; an order is cancelled; two wait for a person: one is taken otherwise, one refused; we bill."""
    month.day(12)
    await month.house(month.prices(month.iso, (OATS, "2.00")))
    await month.send(
        "nordmarkt", papers.priced_orders("N-2", NORDMARKT, OURS, [(OATS, "10", "1.80")], when=month.digits)
    )
    month.day(13)
    await month.send("stadtkette", ubl_order("S-2", STADTKETTE, OURS, STADTKETTE, [(RICE, "20")], when=month.iso))
    await month.send("stadtkette", papers.ubl_cancellation("SX-2", "S-2", STADTKETTE, OURS, when=month.iso))
    month.day(14)
    wish = f"{month.now + timedelta(days=5):%Y%m%d}"
    waits = [(RICE, "250"), (SPAGHETTI, "10")]
    await month.send("nordmarkt", orders("N-3", NORDMARKT, OURS, NORDMARKT, waits, when=month.digits, wish=wish))
    await month.send(
        "nordmarkt", orders("N-4", NORDMARKT, OURS, NORDMARKT, [(RICE, "900")], when=month.digits, wish=wish)
    )
    words = {"number": "1", "quantity": "40"}, {"number": "2", "substitute": f"0{PASSATA}"}
    await month.decide("orders", "N-3", "nordmarkt", "accept", *words)
    await month.decide("orders", "N-4", "nordmarkt", "reject")
    await month.send(
        "nordmarkt",
        orders("N-5", NORDMARKT, OURS, NORDMARKT, [(RICE, "4"), (PASSATA, "6")], when=month.digits, wish=wish),
    )
    await month.send(
        "nordmarkt", papers.ordchg("NC-5", "N-5", NORDMARKT, OURS, [("2", "3", PASSATA, "9")], when=month.digits)
    )
    month.day(15)
    await month.house(
        month.shipped("SH-5", NORDMARKT, ("N-2", "1", OATS, 10), ("N-3", "1", RICE, 30), ("N-3", "2", PASSATA, 10)),
        month.billed("INV-1", NORDMARKT, ("N-1", "1", OATS, 60, "1.80"), ("N-1", "2", FLOUR, 70, "0.95")),
        month.billed("INV-2", STADTKETTE, ("S-1", "1", RICE, 30, "2.19"), ("S-1", "2", OATS, 20, "1.89")),
        month.billed("INV-3", NORDMARKT, ("N-2", "1", OATS, 10, "2.00"), ("N-3", "1", RICE, 30, "2.10")),
    )


async def last_week(month: Month) -> None:
    """Goods come back, one fewer than announced, and are credited; both customers pay; we pay our supplier."""
    month.day(18)
    back = [(OATS, 5, "N-1", "1")]
    await month.send("nordmarkt", papers.retann("RT-1", NORDMARKT, OURS, back, when=month.digits))
    instruction = papers.house(
        "ReturnNotice",
        "RI-1",
        month.iso,
        kind="instruction",
        buyer=papers.party(NORDMARKT),
        seller=papers.party(OURS),
        announcement={"id": "RT-1"},
        lines=[{"number": "1", "item": {"gtin": f"0{OATS}"}, "quantity": papers.pieces(5), "instruction": "return"}],
    )
    await month.house(instruction)
    month.day(20)
    await month.house(
        month.received("WR-2", NORDMARKT, [(OATS, 4)], deliveryNote="RT-1"),
        month.billed("CN-1", NORDMARKT, ("N-1", "1", OATS, 4, "1.80"), credits_number="INV-1"),
        month.billed("CN-2", STADTKETTE, ("S-1", "1", RICE, 1, "2.19"), credits_number="INV-2"),
    )
    month.day(22)
    flour = papers.sums([("", "", "", 48, "0.58")])[2]
    one = papers.sums([("", "", "", 60, "1.80"), ("", "", "", 70, "0.95")])[2]
    credit = papers.sums([("", "", "", 4, "1.80")])[2]
    await month.send(
        "nordmarkt",
        papers.remadv("NP-1", NORDMARKT, OURS, [("380", "INV-1", one), ("381", "CN-1", credit)], when=month.digits),
    )
    await month.send(
        "stadtkette", papers.ubl_remittance("SP-1", STADTKETTE, OURS, [("INV-2", Decimal("95.00"))], when=month.iso)
    )
    euro = {"value": str(flour), "currency": "EUR"}
    await month.house(
        papers.house(
            "RemittanceAdvice",
            "OP-1",
            month.iso,
            payer=papers.party(OURS),
            payee=papers.party(QUELLHOF),
            currency="EUR",
            paidAt=month.iso,
            lines=[{"documentRef": {"id": "QI-1"}, "typeCode": "380", "due": euro, "paid": euro}],
            total=euro,
        )
    )
    await month.decide("invoices", "QI-2", "quellhof", "reject")
    month.day(28)
    await month.send(
        "stadtkette",
        ubl_order("S-3", STADTKETTE, OURS, STADTKETTE, [(SPAGHETTI, "7"), (PASSATA, "3")], when=month.iso),
    )
    wish = f"{month.now + timedelta(days=5):%Y%m%d}"
    await month.send(
        "nordmarkt", orders("N-6", NORDMARKT, OURS, NORDMARKT, [(SPAGHETTI, "5")], when=month.digits, wish=wish)
    )
    month.day(29)
    await month.house(month.shipped("SH-6", STADTKETTE, ("S-3", "1", PASSATA, 7)))
