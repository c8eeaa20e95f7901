"""A year of two customers and a supplier, day by day in simulated time, entered only as EDIFACT and UBL over AS2 and HTTP.

Nordmarkt orders every two weeks with EDIFACT over AS2 and falls silent in autumn; Stadtkette every four weeks with UBL over
HTTP, all year. Quellhof supplies with EDIFACT over AS2. Our warehouse speaks UBL over HTTP. What goes wrong and when stands
in the tables below; nothing here is known to the auditor.
"""

import json
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from tests.journeys import month_papers as papers
from tests.journeys import year_papers
from tests.journeys.month_play import FLOUR, OATS, RICE, ROOT, SHOP, Month
from tests.journeys.papers import desadv, orders, slsrpt, ubl_despatch, ubl_order
from tests.journeys.stage import NORDMARKT, OURS, QUELLHOF, STADTKETTE, WAREHOUSE, Stage

SILENT_FROM = 18  # fortnight from which Nordmarkt orders no more
SENT_TWICE = 5
SHIPPED_LATE = (2, 7, 9)  # five days after the order instead of one
RECEIVED = {3: 57, 8: 60, 12: 57}  # of 60 that were shipped
PAID_SHORT, PAID_REST, DEDUCTED, UNPAID = 2, 4, 5, 6  # fortnights of the invoice
NEEDS = {1: "well", 3: "short", 5: "late", 10: "silent", 14: "late", 20: "well"}  # fortnight -> how Quellhof does
PRICE = {OATS: "1.89", RICE: "2.19", FLOUR: "0.58"}

WAREHOUSE_SAYS = """\
  - {receive: ubl-2.1/InventoryReport, over: http}
  - {receive: ubl-2.1/DespatchAdvice, over: http}
  - {receive: ubl-2.1/ReceiptAdvice, over: http}
  - {receive: ubl-2.1/Invoice, over: http}
"""
QUELLHOF_OWES = """\
expects:
  - {document: OrderResponse, after: Order, hours: 30}
"""
SATISFIED = {"nordmarkt": 2, "stadtkette": 5}
SCORES: dict[str, dict[str, dict[str, int]]] = {
    "customer": {
        "nordmarkt": {
            "importance:on-time": 7, "performance:on-time": 3, "competitor:on-time": 5,
            "importance:in-full": 6, "performance:in-full": 6, "competitor:in-full": 4,
            "importance:invoice": 2, "performance:invoice": 3, "competitor:invoice": 3,
        },
        "stadtkette": {
            "importance:on-time": 5, "performance:on-time": 5, "competitor:on-time": 6,
            "importance:in-full": 4, "performance:in-full": 5, "competitor:in-full": 4,
            "importance:return": 2, "performance:return": 6, "competitor:return": 3,
        },
    },
    "supplier": {
        "quellhof": {
            "importance:supplier-fill": 7, "performance:supplier-fill": 4, "competitor:supplier-fill": 6,
            "importance:supplier-on-time": 6, "performance:supplier-on-time": 2, "competitor:supplier-on-time": 2,
            "importance:supplier-answer": 3, "performance:supplier-answer": 6, "competitor:supplier-answer": 5,
        },
    },
}  # fmt: skip


def definitions() -> dict[str, str]:
    """Return the demo's partners with what a whole year takes; nothing is ordered unless the script asks for it."""
    said = {"warehouse": WAREHOUSE_SAYS, "quellhof": QUELLHOF_OWES}
    files = {
        f"partners/{name}/partner.yaml": (ROOT / "partners" / name / "partner.yaml").read_text() + more
        for name, more in said.items()
    }
    files["config.yaml"] = (ROOT / "config.yaml").read_text().replace("every_h: 24", "every_h: 0")
    return files


class Year(Month):
    """The calendar of the stage, with the steps of a fortnight."""

    async def fortnight(self, number: int) -> None:
        """Play two weeks: who orders, what is shipped, received, billed and paid, and what we buy."""
        first = 2 + 14 * number
        self.day(first)
        await self.ordering(number)
        if number in NEEDS:
            await self.buying(number, first, NEEDS[number])
        late = number in SHIPPED_LATE
        self.day(first + (5 if late else 1))
        if number < SILENT_FROM:
            await self.house(self.shipping(f"SH-{number}", f"N-{number}", NORDMARKT, OATS, 60))
        if number % 2 == 0:
            await self.house(self.shipping(f"SS-{number}", f"S-{number}", STADTKETTE, RICE, 9))
        if number in RECEIVED:
            said = [(OATS, RECEIVED[number])]
            told = papers.recadv(f"WE-{number}", f"SH-{number}", NORDMARKT, OURS, said, when=self.digits)
            await self.send("nordmarkt", told)
        self.day(first + 6)
        await self.billing(number)
        self.day(first + 12)
        await self.paying(number)

    async def ordering(self, number: int) -> None:
        if number < SILENT_FROM:
            wish = f"{self.now + timedelta(days=1):%Y%m%d}"
            order = orders(f"N-{number}", NORDMARKT, OURS, NORDMARKT, [(OATS, "60")], when=self.digits, wish=wish)
            await self.send("nordmarkt", *([order, order] if number == SENT_TWICE else [order]))
        if number % 2 == 0:
            order = ubl_order(f"S-{number}", STADTKETTE, OURS, STADTKETTE, [(RICE, "9")], when=self.iso)
            await self.send("stadtkette", order)

    def shipping(self, number: str, order: str, buyer: str, gtin: str, units: int) -> str:
        return ubl_despatch(number, order, OURS, buyer, [(gtin, str(units))], when=self.iso)

    async def billing(self, number: int) -> None:
        if number < SILENT_FROM:
            await self.house(self.bill(f"IN-{number}", NORDMARKT, f"N-{number}", OATS, 60))
        if number % 2 == 0:
            await self.house(self.bill(f"IS-{number}", STADTKETTE, f"S-{number}", RICE, 9))

    def bill(self, number: str, buyer: str, order: str, gtin: str, units: int) -> str:
        due = (self.now + timedelta(days=10)).date().isoformat()
        text = papers.ubl_invoice(number, OURS, buyer, [(order, "1", f"0{gtin}", units, PRICE[gtin])], when=self.iso)
        return text.replace("<cbc:InvoiceTypeCode>", f"<cbc:DueDate>{due}</cbc:DueDate><cbc:InvoiceTypeCode>", 1)

    async def paying(self, number: int) -> None:
        """Nordmarkt pays by REMADV: once too little and later the rest, once with a deduction, one bill never."""
        if number < SILENT_FROM and number != UNPAID:
            gross = papers.sums([("", "", "", 60, PRICE[OATS])])[2]
            paid = [("380", f"IN-{number}", gross - (Decimal(20) if number == PAID_SHORT else 0))]
            if number == PAID_REST:
                paid.append(("380", f"IN-{PAID_SHORT}", Decimal(20)))
            text = papers.remadv(f"NP-{number}", NORDMARKT, OURS, paid, when=self.digits)
            if number == DEDUCTED:  # 10 for wet cartons: 4465 = 1, damaged goods
                text = deducted(text, gross, Decimal(10))
            await self.send("nordmarkt", text)
        if number % 2 == 0:
            gross = papers.sums([("", "", "", 9, PRICE[RICE])])[2]
            paid_ubl = papers.ubl_remittance(f"SP-{number}", STADTKETTE, OURS, [(f"IS-{number}", gross)], when=self.iso)
            await self.send("stadtkette", paid_ubl)

    async def buying(self, number: int, first: int, how: str) -> None:
        """Sales of a shop make us buy; Quellhof answers, ships and bills, well or not."""
        await self.house(year_papers.count(f"COUNT-{number}", WAREHOUSE, OURS, [(FLOUR, 50)], when=self.iso))
        sold = f"{self.now - timedelta(days=1):%Y%m%d}"
        await self.send("nordmarkt", slsrpt(f"SR-{number}", NORDMARKT, OURS, SHOP, [(FLOUR, "900")], day=sold))
        known = len(await self.stage.receives("quellhof", "ORDERS", 0))
        await self.stage.gateway.run_plan()
        await self.stage.settle()
        for proposal in await self.stage.gateway.proposals("proposed"):
            await self.stage.gateway.approve(proposal["id"])
        await self.stage.settle()
        (text,) = (await self.stage.receives("quellhof", "ORDERS", known + 1))[known:]
        order = re.search(r"BGM\+220\+(\w+)", text)
        assert order, text
        lines = [(n, g, int(u)) for n, g, u in re.findall(r"LIN\+(\d+)\+\+(\d+):EN'.*?QTY\+21:(\d+)", text)]
        await self.supplying(number, first, order[1], lines, how)

    async def supplying(self, number: int, first: int, order: str, lines: list[tuple[str, str, int]], how: str) -> None:
        """well: as ordered; short: 10 less confirmed, 2 more missing on arrival; late: a week after the day; silent: no
        answer, and a bill that is too dear."""
        less = 10 if how == "short" else 0
        confirmed = [(n, gtin, units - less) for n, gtin, units in lines]
        self.day(first + 1)
        if how != "silent":
            answer = papers.ordrsp(f"QC-{number}", order, OURS, QUELLHOF, confirmed, when=self.digits)
            await self.send("quellhof", answer)
        self.day(first + (10 if how == "late" else 3))
        said = [(gtin, str(units)) for _, gtin, units in confirmed]
        await self.send("quellhof", desadv(f"QD-{number}", order, QUELLHOF, OURS, WAREHOUSE, said, when=self.digits))
        arrived = [(gtin, units - (2 if how == "short" else 0)) for _, gtin, units in confirmed]
        await self.house(
            year_papers.receipt(f"WR-{number}", f"QD-{number}", WAREHOUSE, QUELLHOF, arrived, when=self.iso)
        )
        price = "0.75" if how == "silent" else PRICE[FLOUR]
        billed = [(order, n, f"0{gtin}", units, price) for (n, gtin, _), (_, units) in zip(lines, arrived, strict=True)]
        await self.send("quellhof", papers.invoic(f"QI-{number}", QUELLHOF, OURS, billed, when=self.digits))


def deducted(text: str, gross: Decimal, less: Decimal) -> str:
    """Return a remittance that pays so much less of its first document, and says why."""
    paid = f"MOA+12:{gross}'"
    changed = text.replace(paid, f"MOA+12:{gross - less}'AJT+1'MOA+165:{less}'", 1).replace(
        paid, f"MOA+12:{gross - less}'"
    )
    segments = changed.count("'") - 2  # without UNB and UNZ
    return re.sub(r"UNT\+\d+", f"UNT+{segments}", changed)


async def play(stage: Stage, fortnights: int = 26) -> Year:
    """Play the year, or its first fortnights, and ask everybody at the end."""
    year = Year(stage)
    year.day(1)
    await year.house(
        year_papers.count("COUNT", WAREHOUSE, OURS, [(OATS, 9000), (RICE, 9000), (FLOUR, 50)], when=year.iso)
    )
    for number in range(fortnights):
        await year.fortnight(number)
    year.day(14 * fortnights)
    back = [(OATS, 5, "N-3", "1")]
    await year.send("nordmarkt", papers.retann("RA-1", NORDMARKT, OURS, back, when=year.digits))
    await asking(stage)
    return year


async def asking(stage: Stage) -> None:
    """Customers answer by link, our own people speak for the supplier; what they say lies beside the mailboxes."""
    for side, scores in SCORES.items():
        fields = {"data": {"title": f"Audit {side}", "form": "audit", "direction": side}, "state": "running"}
        await told(stage, "PUT", f"/api/v1/crm/registers/survey/audit-{side}", fields)
        for account, its in scores.items():
            if side == "customer":
                (link,) = await told(stage, "POST", f"/api/v1/crm/surveys/audit-{side}/links", {"accounts": [account]})
                form = {f"q.{name}": str(score) for name, score in its.items()}
                url = stage.gateway.partners_url + link["path"]
                async with stage.gateway.session.post(url, data=form) as response:
                    assert response.status == 200, await response.text()
            else:
                body = {"account": account, "scores": its}
                await told(stage, "POST", f"/api/v1/crm/surveys/audit-{side}/answers", body)
    fields = {"data": {"title": "Satisfaction", "form": "csat"}, "state": "running"}
    await told(stage, "PUT", "/api/v1/crm/registers/survey/csat", fields)
    for account, score in SATISFIED.items():
        (link,) = await told(stage, "POST", "/api/v1/crm/surveys/csat/links", {"accounts": [account]})
        async with stage.gateway.session.post(
            stage.gateway.partners_url + link["path"], data={"q.csat": str(score)}
        ) as response:
            assert response.status == 200, await response.text()
    (stage.places.demo / "answers.json").write_text(json.dumps({**SCORES, "csat": SATISFIED}))


async def told(stage: Stage, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {stage.gateway.api_key}"}
    url = stage.gateway.url + path
    async with stage.gateway.session.request(method, url, json=body, headers=headers) as response:
        assert response.status < 300, await response.text()
        return await response.json()
