"""What the customer record knows reaches the plan: a customer in a higher class gets more, and from the third short
delivery on more is kept against its supplier. Real documents over AS2 and HTTP."""

import asyncio
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.app.clock import SystemClock
from gateway.demo import world
from tests.journeys import month_papers, papers
from tests.journeys.stage import NORDMARKT, OURS, QUELLHOF, STADTKETTE, WAREHOUSE, Stage, staged

OATS, OIL = "9521001100014", "9521001100076"
SHOP = "9521002000016"
START = SystemClock().now().replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=1)
PLANNING = f"""
history_days: 56
agreements:
  - id: shops
    method: vmi
    partner: nordmarkt
    places: ["{SHOP}"]
    approval: planner
    usual_times: "1000"
    customer_service: {{A: "0.999", B: "0.95", C: "0.80"}}
  - {{id: own, method: purchase, approval: planner, usual_times: "1000"}}
"""


class Days:
    def __init__(self, stage: Stage) -> None:
        self.stage, self.now = stage, START
        self.at(0)

    def at(self, number: int) -> datetime:
        self.now = START + timedelta(days=number)
        world.set_clock(self.stage.places.clock, self.now)
        return self.now

    async def say(self, partner: str, text: str) -> None:
        note = await self.stage.send(partner, text)
        assert note["state"] in ("acked", "sent"), note
        await self.stage.settle()

    async def planned(self, place: str, number: int = 0) -> dict[str, Any]:
        """Let the record be measured and a run plan; return why the item is planned so at the place."""
        root = self.stage.places.settings.root
        words = [sys.executable, "-m", "gateway", "--instance", str(root), "crm", "rebuild"]
        done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})  # fmt: skip
        assert done.returncode == 0, done.stderr
        await self.stage.gateway.run_plan()
        await self.stage.settle()
        status, found = await self.stage.gateway._ask("GET", f"/api/v1/plans/{place}/0{OATS}")
        assert status == 200, found
        why: dict[str, Any] = found["plan"]["why"]
        return why


@pytest.mark.soak
async def test_a_higher_class_gets_more_and_a_third_short_delivery_costs_stock(tmp_path: Path) -> None:
    async with staged(tmp_path / "instance", {"partners/self/planning.yaml": PLANNING}, without=("guest",)) as stage:
        days = Days(stage)
        today = days.now.date()
        counts = [(f"0{OATS}", "60"), (f"0{OIL}", "9000")]
        await days.say("warehouse", papers.stock_count("C1", WAREHOUSE, counts, when=str(today)))
        reports = []
        for n in range(40, 0, -1):
            units = str(6 + 7 * (n % 3))
            day = f"{today - timedelta(days=n):%Y%m%d}"
            reports.append(papers.slsrpt(f"V{n}", NORDMARKT, OURS, SHOP, [(OATS, units)], day=day))
        await days.say("nordmarkt", "".join(reports))
        body = f"BGM+35+I1+9'DTM+137:{today:%Y%m%d}:102'DTM+366:{today - timedelta(days=1):%Y%m%d}:102'"
        body += f"NAD+GY+{NORDMARKT}::9'NAD+SU+{OURS}::9'LIN+1++{OATS}:EN'QTY+145:10'LOC+14+{SHOP}::9'"
        await days.say("nordmarkt", papers.interchange(NORDMARKT, OURS, "INVRPT", body).replace("EAN008", "EAN004"))
        await a_higher_class(days)
        await short_deliveries(days)


async def a_higher_class(days: Days) -> None:
    when, wish = f"{days.now:%Y%m%d}", f"{days.now + timedelta(days=3):%Y%m%d}"
    await days.say("nordmarkt", papers.orders("N1", NORDMARKT, OURS, SHOP, [(OIL, "10")], when=when, wish=wish))
    big = papers.ubl_order("S1", STADTKETTE, OURS, STADTKETTE, [(OIL, "2000")], when=str(days.now.date()))
    await days.say("stadtkette", big)
    before = await days.planned(SHOP)
    assert before["policy"]["service_from"].startswith("customer-class"), before["policy"]
    await days.say("nordmarkt", papers.orders("N2", NORDMARKT, OURS, SHOP, [(OIL, "5000")], when=when, wish=wish))
    after = await days.planned(SHOP)
    assert (before["policy"]["service_from"], after["policy"]["service_from"]) == (
        "customer-class C",
        "customer-class A",
    )
    assert after["target"]["order_up_to"] > before["target"]["order_up_to"]
    assert float(after["quantity"]) > float(before["quantity"])


async def short_deliveries(days: Days) -> None:
    deviations, levels = [], []
    for number in range(4):
        why = await days.planned(WAREHOUSE)
        deviations.append(why["demand"]["lead_deviation"])
        levels.append(why["target"]["safety_stock"])
        if number < 3:
            await short(days, number)
    assert deviations[:3] == [0.0, 0.0, 0.0], "twice is not a habit"
    assert deviations[3] > 0
    assert levels[3] > levels[2]


async def short(days: Days, number: int) -> None:
    """Order by hand, let the supplier announce all of it and our warehouse receive less."""
    stage = days.stage
    value = {"place": WAREHOUSE, "gtin": f"0{OIL}", "quantity": "24"}
    said = {"kind": "order", "values": [value], "reason": "trial"}
    status, answer = await stage.gateway._ask("POST", "/api/v1/plan-words", said)
    assert status == 202, answer
    await stage.settle()
    text = (await stage.receives("quellhof", "ORDERS", number + 1))[-1]
    order = text.partition("BGM+220+")[2].partition("+")[0]
    when = f"{days.at(number + 1):%Y%m%d}"
    advice = papers.desadv(f"D{number}", order, QUELLHOF, OURS, WAREHOUSE, [(OIL, "24")], when=when)
    await days.say("quellhof", advice)
    refs = {"despatchAdvice": f"D{number}", "order": {"id": order}}
    got = month_papers.receipt(f"R{number}", WAREHOUSE, QUELLHOF, [(f"0{OIL}", 12)], refs, when=days.now.isoformat())
    await days.say("warehouse", got)
