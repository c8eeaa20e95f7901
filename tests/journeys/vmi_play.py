"""Vendor managed inventory over real AS2: a retailer with one shop, scripted; its reports come late, twice, wrong first
or not at all. The retailer's side knows what is really on the shelf, and shares no code with the gateway."""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from gateway.app.clock import SystemClock
from gateway.demo import world
from tests.journeys import month_papers
from tests.journeys.papers import interchange, slsrpt, stock_count
from tests.journeys.stage import NORDMARKT, OURS, ROOT, WAREHOUSE, Stage

OATS = "9521001100014"
SHOP = "9521002000047"
LEAD_DAYS = 2
OPENING, OURS_OPENING = 30, 90_000
PLANNING = f"""
history_days: 56
agreements:
  - id: shop
    method: vmi
    partner: nordmarkt
    places: ["{SHOP}"]
    report_days: 30
    usual_times: "1000"
    calendar: {{lead_days: {LEAD_DAYS}}}
    item_service: {{A: "0.99", B: "0.98", C: "0.95"}}
"""


def definitions() -> dict[str, str]:
    """Return what the loop takes beside the demo's definitions; nothing is planned unless the script asks for it."""
    nordmarkt = (ROOT / "partners" / "nordmarkt" / "partner.yaml").read_text()
    return {
        "partners/self/planning.yaml": PLANNING,
        "partners/nordmarkt/partner.yaml": nordmarkt + "  - {send: eancom-1997/ORDERS, over: as2}\n",
        "config.yaml": (ROOT / "config.yaml").read_text().replace("every_h: 24", "every_h: 0"),
    }


@dataclass
class Shop:
    """What is really there. coming: (day, number of the DESADV, units)."""

    stock: int = OPENING
    sold: dict[date, int] = field(default_factory=dict)
    received: int = 0
    coming: list[tuple[date, str, int]] = field(default_factory=list)

    def sell(self, day: date, wanted: int) -> None:
        self.sold[day] = min(wanted, self.stock)
        self.stock -= self.sold[day]


@dataclass
class Loop:
    """The stage with a calendar, the shop, and what both sides have said. told: days of which a right report is in."""

    stage: Stage
    seed: int
    shop: Shop = field(default_factory=Shop)
    shipped: set[str] = field(default_factory=set)
    announced: set[str] = field(default_factory=set)
    waiting: list[tuple[date, date, str, bool]] = field(default_factory=list)  # due, of day, text, whether it is right
    told: set[date] = field(default_factory=set)
    wrong: set[date] = field(default_factory=set)
    compared: list[tuple[date, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        tomorrow = SystemClock().now() + timedelta(days=1)
        self.start = tomorrow.replace(hour=6, minute=0, second=0, microsecond=0)
        self.now = self.start

    @property
    def day(self) -> date:
        return self.now.date()

    def at(self, number: int, hour: int) -> None:
        """Let it be that hour of that day, for everybody."""
        self.now = self.start.replace(hour=hour) + timedelta(days=number)
        world.set_clock(self.stage.places.clock, self.now)

    async def play(self, days: int) -> None:
        self.at(0, 5)
        await self._send(
            "warehouse", stock_count("H", WAREHOUSE, [(f"0{OATS}", str(OURS_OPENING))], when=str(self.day))
        )
        for number in range(days):
            await self._trade(number)
        for _, of, text, right in sorted(self.waiting):
            await self._report(of, text, right=right)
        await self.stage.settle()

    async def _trade(self, number: int) -> None:
        self.at(number, 6)
        await self._receive()
        self.at(number, 21)
        self.shop.sell(self.day, self.chance.randint(2, 22))
        self.waiting += [(self.day + timedelta(days=late), self.day, *each) for late, *each in self._said()]
        for due in [each for each in self.waiting if each[0] <= self.day]:
            self.waiting.remove(due)
            await self._report(due[1], due[2], right=due[3])
        if number % 7 == 0:
            await self._send("nordmarkt", invrpt(f"I{self.day:%y%m%d}", self.shop.stock, self.now))
            self.wrong.clear()
        await self.stage.settle()
        await self.stage.gateway.run_plan()
        await self.stage.settle()
        for proposal in await self.stage.gateway.proposals("proposed"):  # a new item, an old count: the planner looks
            await self.stage.gateway.approve(proposal["id"])
            await self.stage.settle()
        await self._ship()
        await self._compare()

    def _said(self) -> list[tuple[int, str, bool]]:
        """Return (days of delay, report, whether it is right): most come at night, some late, twice or wrong first."""
        units, number, kind = self.shop.sold[self.day], f"V{self.day:%y%m%d}", self.chance.random()
        right = report(number, units, self.day, self.now)
        if kind < 0.10:
            return []
        if kind < 0.25:
            return [(self.chance.randint(1, 4), right, True)]
        if kind < 0.40:
            again = report(number, units, self.day, self.now, "7")
            return [(0, right, True), (self.chance.randint(0, 3), again, True)]
        if kind < 0.55:
            wrong = report(number, units * 3 + 5, self.day, self.now)
            mended = report(number, units, self.day, self.now + timedelta(minutes=50), "5")
            return [(0, wrong, False), (self.chance.randint(1, 3), mended, True)]
        if kind < 0.60:
            other = report(f"{number}X", 500, self.day, self.now + timedelta(minutes=20))
            gone = report(f"{number}X", 500, self.day, self.now + timedelta(minutes=20), "1")
            return [(0, right, True), (0, other, False), (1, gone, True)]
        return [(0, right, True)]

    async def _report(self, of: date, text: str, *, right: bool) -> None:
        await self._send("nordmarkt", text)
        (self.wrong.discard if right else self.wrong.add)(of)
        if right:
            self.told.add(of)

    async def _send(self, partner: str, text: str) -> None:
        note = await self.stage.send(partner, text)
        assert note["state"] == "acked", note

    async def _ship(self) -> None:
        """Our house ships at once what it is told; the shop hears when it comes from its DESADV."""
        for note, text in self.stage.inbox("warehouse"):
            order = json.loads(text) if note["kind"] == "Order" else {"id": ""}
            if not order["id"].startswith("VM") or order["id"] in self.shipped:
                continue
            self.shipped.add(order["id"])
            lines = [
                (order["id"], each["number"], f"0{OATS}", int(each["quantity"]["value"])) for each in order["lines"]
            ]
            advice = month_papers.shipment(f"SH-{order['id']}", NORDMARKT, OURS, lines, when=self.now.isoformat())
            await self._send("warehouse", advice)
        await self.stage.settle()
        for _, text in (each for each in self.stage.inbox("nordmarkt") if each[0]["kind"] == "DESADV"):
            number = found(r"BGM\+351\+([^+']+)", text)
            if number not in self.announced:
                self.announced.add(number)
                self.shop.coming.append((self.day + timedelta(days=LEAD_DAYS), number, units_of("12", text)))

    async def _receive(self) -> None:
        for due in [each for each in self.shop.coming if each[0] <= self.day]:
            self.shop.coming.remove(due)
            _, number, units = due
            self.shop.stock += units
            self.shop.received += units
            await self._send("nordmarkt", recadv(f"W-{number}", number, units, self.now))

    async def _compare(self) -> None:
        """Keep (day, on hand as planned with, as it is) of each day up to which all was told, and rightly."""
        rows = self.stage.rows("SELECT why FROM plan_line WHERE gtin = ? AND location = ?", f"0{OATS}", SHOP)
        position = json.loads(rows[0][0])["position"] if rows else {"through": None}
        if position["through"] == self.day.isoformat() and not self.wrong:
            self.compared.append((self.day, int(float(position["on_hand"])), self.shop.stock))

    def ordered(self) -> int:
        """Return the units of all orders raised for the shop, as the retailer got them, each number once."""
        texts = [text for note, text in self.stage.inbox("nordmarkt") if note["kind"] == "ORDERS"]
        by_number = {found(r"BGM\+22E\+([^+']+)", text): units_of("21", text) for text in texts}
        assert len(by_number) == len(texts), "no order came twice"
        return sum(by_number.values())


def report(number: str, units: int, day: date, issued: datetime, function: str = "9") -> str:
    text = slsrpt(number, NORDMARKT, OURS, SHOP, [(OATS, str(units))], day=f"{day:%Y%m%d}")
    text = text.replace(f"BGM+73E+{number}+9'", f"BGM+73E+{number}+{function}'", 1)
    return text.replace(f"DTM+137:{day:%Y%m%d}:102'", f"DTM+137:{issued:%Y%m%d%H%M}:203'", 1)


def invrpt(number: str, units: int, at: datetime) -> str:
    body = f"BGM+35+{number}+9'DTM+137:{at:%Y%m%d%H%M}:203'DTM+366:{at:%Y%m%d}:102'NAD+GY+{NORDMARKT}::9'"
    body += f"NAD+SU+{OURS}::9'LIN+1++{OATS}:EN'QTY+145:{units}'LOC+14+{SHOP}::9'"
    return interchange(NORDMARKT, OURS, "INVRPT", body).replace("EAN008", "EAN004")


def recadv(number: str, despatch: str, units: int, at: datetime) -> str:
    body = f"BGM+632+{number}+9'DTM+137:{at:%Y%m%d%H%M}:203'DTM+50:{at:%Y%m%d%H%M}:203'RFF+AAK:{despatch}'"
    body += f"NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'NAD+DP+{SHOP}::9'CPS+1'"
    body += f"LIN+1++{OATS}:EN'QTY+48:{units}'QTY+194:{units}'CNT+2:1'"
    return interchange(NORDMARKT, OURS, "RECADV", body).replace("EAN008", "EAN002")


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return match[1]


def units_of(code: str, text: str) -> int:
    return sum(map(int, quantities(code, text)))


def quantities(code: str, text: str) -> Sequence[str]:
    return re.findall(rf"QTY\+{code}:(\d+)", text)
