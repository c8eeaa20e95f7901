"""A report over a real channel is in the plan within seconds; a planner's words over the real command line and API."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.app.clock import SystemClock
from tests.journeys import papers
from tests.journeys.stage import NORDMARKT, OURS, WAREHOUSE, Stage, staged

OATS = "9521001100014"
SHOP = "9521002000016"
TODAY = SystemClock().now().date()
WITHIN_S = 15.0  # 5 s are promised, and measured on a quiet machine; the tests run beside each other
PLANNING = f"""
history_days: 56
agreements:
  - {{id: shops, method: vmi, partner: nordmarkt, places: ["{SHOP}"], approval: planner}}
"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    extra = {"partners/self/planning.yaml": PLANNING}
    async with staged(tmp_path / "instance", extra) as found:
        await found.send("warehouse", papers.stock_count("C1", WAREHOUSE, [(f"0{OATS}", "400")], when=str(TODAY)))
        await found.settle()
        yield found


def gateway(stage: Stage, *words: str) -> str:
    root = stage.places.settings.root
    done = subprocess.run(
        [sys.executable, "-m", "gateway", "--instance", str(root), *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    return done.stdout


async def planned(stage: Stage, history: str) -> float:
    """Wait until the plan knows the last day's sales; return for how long."""
    start = time.monotonic()
    async with asyncio.timeout(60):
        while True:
            rows = stage.rows("SELECT why FROM plan_line WHERE gtin = ? AND location = ?", f"0{OATS}", SHOP)
            if rows and json.loads(rows[0][0])["history"]["units"][-1] == history:
                return time.monotonic() - start
            await asyncio.sleep(0.05)


async def test_a_report_is_in_the_plan_within_seconds_and_a_word_changes_it(stage: Stage) -> None:
    for n in range(3, 0, -1):
        day = f"{TODAY - timedelta(days=n):%Y%m%d}"
        await stage.send("nordmarkt", papers.slsrpt(f"V{n}", NORDMARKT, OURS, SHOP, [(OATS, str(20 + n))], day=day))
    spent = await planned(stage, "21")
    assert spent < WITHIN_S
    why = json.loads(await asyncio.to_thread(gateway, stage, "plan", "explain", OATS, SHOP, "--json"))
    assert why["exceptions"][:1] == ["plan.item-new"] or "plan.no-count" in why["exceptions"]
    word = (await asyncio.to_thread(gateway, stage, "plan", "freeze", OATS, SHOP, "--reason", "delisted")).strip()
    async with asyncio.timeout(60):
        while stage.rows("SELECT status FROM plan_line WHERE gtin = ?", f"0{OATS}") != [("frozen",)]:
            await asyncio.sleep(0.05)
    await asyncio.to_thread(gateway, stage, "plan", "undo", word)
    async with asyncio.timeout(60):
        while stage.rows("SELECT status FROM plan_line WHERE gtin = ?", f"0{OATS}") == [("frozen",)]:
            await asyncio.sleep(0.05)
    said = stage.rows("SELECT action FROM audit WHERE action LIKE 'plan.%' ORDER BY id")
    assert said == [("plan.freeze",), ("plan.undo",)]
