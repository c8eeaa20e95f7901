"""The methods of replenishment with real documents over real AS2: an offer that the customer answers, delivery schedules
in both directions, a cross-docking order with store marks, orders that leave with the report."""

import asyncio
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.app.clock import SystemClock
from tests.journeys import month_papers, papers
from tests.journeys.stage import NORDMARKT, OURS, ROOT, WAREHOUSE, Stage, staged

OATS = "9521001100014"
CMI_SHOP, QUICK_SHOP, DOCK = "9521002000016", "9521002000023", "9521002000030"
NOW = SystemClock().now()
TODAY = NOW.date()
PLANNING = f"""
history_days: 56
agreements:
  - {{id: offered, method: cmi, partner: nordmarkt, places: ["{CMI_SHOP}"], report_days: 30, usual_times: "1000"}}
  - {{id: quick, method: vmi, partner: nordmarkt, places: ["{QUICK_SHOP}"], report_days: 30, usual_times: "1000", quick: "true"}}
  - id: own
    method: purchase
    value_limit: "100000"
    usual_times: "1000"
    schedules: [{{supplier: quellhof, horizon_days: 28}}]
"""


def definitions() -> dict[str, str]:
    def partner(name: str, *more: str) -> str:
        lines = "".join(f"  - {{{each}, over: as2}}\n" for each in more)
        return (ROOT / "partners" / name / "partner.yaml").read_text().rstrip() + "\n" + lines

    return {
        "partners/self/planning.yaml": PLANNING,
        "partners/nordmarkt/partner.yaml": partner(
            "nordmarkt", "send: eancom-1997/ORDERS", "receive: eancom-1997/ORDRSP", "receive: eancom-1997/DELFOR"
        ),
        "partners/quellhof/partner.yaml": partner("quellhof", "send: eancom-1997/DELFOR"),
        "config.yaml": (ROOT / "config.yaml").read_text().replace("every_h: 24", "every_h: 0"),
    }


def message(kind: str, association: str, body: str) -> str:
    return papers.interchange(NORDMARKT, OURS, kind, body).replace("EAN008", association)


def edi(day: Any) -> str:
    return f"{day:%Y%m%d}"


def ordrsp(number: str, order: str, units: int) -> str:
    body = f"BGM+231+{number}+4'DTM+137:{edi(TODAY)}:102'RFF+ON:{order}'NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'"
    body += f"LIN+1+3+{OATS}:EN'QTY+21:{units}'QTY+113:{units}'RFF+LI:1'UNS+S'"
    return message("ORDRSP", "EAN005", body)


def delfor(number: str, frame: str, first: int, second: int, received: int) -> str:
    days = [edi(TODAY + timedelta(days=n)) for n in (7, 8, 14)]
    body = f"BGM+241+{number}+9'DTM+137:{edi(TODAY)}:102'NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'UNS+D'"
    body += f"NAD+DP+{DOCK}::9'LIN+1++{OATS}:EN'RFF+ON:{frame}:1'QTY+70:{received}'"
    body += f"QTY+113:{first}'SCC+1'DTM+2:{days[0]}:102'QTY+113:{second}'SCC+1'DTM+2:{days[1]}:102'"
    body += f"QTY+113:5000'SCC+4'DTM+2:{days[2]}:102'UNS+S'"
    return message("DELFOR", "EAN003", body)


def cross_dock(number: str, *splits: tuple[str, int]) -> str:
    total = sum(units for _, units in splits)
    body = f"BGM+402+{number}+9'DTM+137:{edi(TODAY)}:102'DTM+2:{edi(TODAY + timedelta(days=3))}:102'"
    body += f"NAD+BY+{NORDMARKT}::9'NAD+SU+{OURS}::9'NAD+DP+{DOCK}::9'LIN+1++{OATS}:EN'QTY+21:{total}'"
    body += "".join(f"LOC+7+{shop}::9'QTY+11:{units}'" for shop, units in splits) + "UNS+S'CNT+2:1'"
    return message("ORDERS", "EAN008", body)


class World:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def say(self, partner: str, text: str) -> None:
        note = await self.stage.send(partner, text)
        assert note["state"] == "acked", note
        await self.stage.settle()

    def house(self, number: str) -> list[dict[str, Any]]:
        """Return what our warehouse was told of an order, in order."""
        texts = [json.loads(text) for note, text in self.stage.inbox("warehouse") if note["kind"] == "Order"]
        return [each for each in texts if each["id"] == number]

    async def ship(self, order: dict[str, Any], number: str, units: int, line: str) -> None:
        advice = month_papers.shipment(
            number, NORDMARKT, OURS, [(order["id"], line, f"0{OATS}", units)], when=NOW.isoformat()
        )
        await self.say("warehouse", advice)

    async def sold(self, place: str, tag: str) -> None:
        reports = []
        for n in range(35, 0, -1):
            day, line = edi(TODAY - timedelta(days=n)), [(OATS, str(8 + n % 4))]
            reports.append(papers.slsrpt(f"{tag}{n}", NORDMARKT, OURS, place, line, day=day))
        await self.say("nordmarkt", "".join(reports))  # a month in one file

    def allocated(self) -> int:
        return self.stage.rows("SELECT allocated FROM stock WHERE gtin = ?", f"0{OATS}")[0][0] // 1000

    def found(self, partner: str, kind: str, pattern: str) -> list[str]:
        texts = [text for note, text in self.stage.inbox(partner) if note["kind"] == kind]
        return [match for text in texts for match in re.findall(pattern, text)]


def count(place: str, number: str, units: int) -> str:
    day = TODAY - timedelta(days=1)
    body = f"BGM+35+{number}+9'DTM+137:{edi(TODAY)}:102'DTM+366:{edi(day)}:102'NAD+GY+{NORDMARKT}::9'"
    body += f"NAD+SU+{OURS}::9'LIN+1++{OATS}:EN'QTY+145:{units}'LOC+14+{place}::9'"
    return message("INVRPT", "EAN004", body)


@pytest.mark.soak  # sixteen seconds of CPU: seven processes, real AS2
async def test_offers_schedules_cross_docks_and_quick_orders_with_real_documents(tmp_path: Path) -> None:
    async with staged(tmp_path / "instance", definitions(), without=("guest", "stadtkette")) as stage:
        world = World(stage)
        await world.say("warehouse", papers.stock_count("C1", WAREHOUSE, [(f"0{OATS}", "900")], when=str(TODAY)))
        await offered(world)
        await quick(world)
        await scheduled(world)
        await docked(world)
        await told_to_the_supplier(world)
        assert stage.rows("SELECT type, fault FROM message WHERE state IN ('parked', 'quarantined')") == []


async def offered(world: World) -> None:
    await world.sold(CMI_SHOP, "V")
    await world.say("nordmarkt", count(CMI_SHOP, "I1", 3))
    await world.stage.gateway.run_plan()
    await world.stage.settle()
    (offer,) = world.found("nordmarkt", "ORDERS", r"BGM\+22E\+(CM[^+']+)")
    assert world.house(offer) == [], "no order before the customer says so"
    assert world.allocated() == 0
    await world.say("nordmarkt", ordrsp("AN1", offer, 24))
    (told,) = world.house(offer)
    assert told["lines"][0]["quantity"]["value"] == "24"
    assert world.allocated() == 24
    await world.ship(told, "SH1", 24, told["lines"][0]["number"])
    assert world.found("nordmarkt", "DESADV", r"QTY\+12:(\d+)") == ["24"]


async def quick(world: World) -> None:
    await world.sold(QUICK_SHOP, "Q")
    assert world.found("nordmarkt", "ORDERS", r"BGM\+22E\+(VM[^+']+)") == [], "nobody has counted: it waits"
    await world.say("nordmarkt", count(QUICK_SHOP, "I2", 2))
    async with asyncio.timeout(60):
        while not (raised := world.found("nordmarkt", "ORDERS", r"BGM\+22E\+(VM[^+']+)")):
            await asyncio.sleep(0.1)
    await world.stage.settle()
    (told,) = world.house(raised[0])
    await world.ship(told, "SH2", int(told["lines"][0]["quantity"]["value"]), told["lines"][0]["number"])
    assert world.allocated() == 0


async def scheduled(world: World) -> None:
    await world.say("nordmarkt", delfor("DF1", "FR-7", 60, 40, 0))
    (told,) = world.house("FR-7")
    assert [each["quantity"]["value"] for each in told["lines"]] == ["60", "40"], "what is planned is no order"
    assert world.allocated() == 100
    await world.ship(told, "SH3", 60, told["lines"][0]["number"])
    assert world.allocated() == 40
    await world.say("nordmarkt", delfor("DF2", "FR-7", 60, 52, 0))  # 60 on the road, and the second day wants more
    assert world.allocated() == 52
    assert world.found("nordmarkt", "DESADV", r"RFF\+ON:(FR-7)")[:1] == ["FR-7"]


async def docked(world: World) -> None:
    await world.say("nordmarkt", cross_dock("XD1", (CMI_SHOP, 30), (QUICK_SHOP, 18)))
    (told,) = world.house("XD1")
    assert [(each["location"], each["quantity"]["value"]) for each in told["lines"][0]["splits"]] == [
        (CMI_SHOP, "30"),
        (QUICK_SHOP, "18"),
    ]
    await world.ship(told, "SH4", 48, "1")
    text = next(text for note, text in world.stage.inbox("nordmarkt") if "SH4" in text and note["kind"] == "DESADV")
    assert sorted(set(re.findall(r"LOC\+7\+(\d{13})", text))) == [CMI_SHOP, QUICK_SHOP], "store marks"
    assert len(set(re.findall(r"GIN\+BJ\+(\d{18})", text))) >= 2, "a unit for each shop"
    answers = [text for note, text in world.stage.inbox("nordmarkt") if note["kind"] == "ORDRSP" and "XD1" in text]
    assert re.findall(r"QTY\+11:(\d+)", answers[0]) == ["30", "18"]


async def told_to_the_supplier(world: World) -> None:
    await world.stage.gateway.run_plan()
    await world.stage.settle()
    texts = [text for note, text in world.stage.inbox("quellhof") if note["kind"] == "DELFOR"]
    orders = world.found("quellhof", "ORDERS", r"BGM\+226\+([^+']+)")
    assert texts, [note["kind"] for note, _ in world.stage.inbox("quellhof")]
    assert "SCC+4" in texts[-1]
    for each in orders:
        assert each in texts[-1], "open orders stand in the schedule under their numbers"
