"""The first five minutes in a real browser on a whole gateway: an order for an item that nobody knows is seen, the item is
added, the order is read again, and the answer leaves."""

import asyncio
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from gateway.app.clock import SystemClock
from tests.journeys import papers
from tests.journeys.stage import NORDMARKT, OURS, ROOT, staged

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
NEW = "9521009999993"
TODAY = SystemClock().now().date()
DAY, WISH = f"{TODAY:%Y%m%d}", f"{TODAY + timedelta(days=3):%Y%m%d}"
COUNT_CLICKS = """addEventListener("click", (click) => {
  if (click.isTrusted && click.detail) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""
MOST_CLICKS = 6  # the cause, add the item, a field, save, replay, yes


async def link_into(folder: Path) -> str:
    words = (sys.executable, "-m", "gateway", "--instance", str(folder), "login-link")
    process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, cwd=ROOT)
    told, _ = await process.communicate()
    return told.decode().strip()


async def test_a_broken_order_is_seen_mended_and_answered_within_six_clicks(tmp_path: Path) -> None:
    async with staged(tmp_path / "instance", {}) as stage, async_playwright() as playwright:
        order = papers.orders("PO-NEW", NORDMARKT, OURS, NORDMARKT, [(NEW, "10")], when=DAY, wish=WISH)
        await stage.send("nordmarkt", order)
        await stage.settle()
        chromium = shutil.which("chromium")
        assert chromium, "apt-get install chromium"
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(30_000)
        await context.add_init_script(COUNT_CLICKS)
        page = await context.new_page()
        await page.goto(await link_into(tmp_path / "instance"))
        await expect(page.get_by_role("heading", level=1)).to_contain_text(NEW)
        await page.locator(".todo").get_by_role("link", name=NEW).click()
        await expect(page.locator("mark").first).to_have_text(NEW)
        await page.get_by_role("link", name="Add the item").click()
        await expect(page.get_by_role("textbox", name="GTIN", exact=True)).to_have_value(f"0{NEW}")
        await page.get_by_role("textbox", name="Name", exact=True).click()
        await page.keyboard.type("Oat biscuits 200 g")
        await page.get_by_role("button", name="Save").click()
        await page.get_by_text("Replay all").first.click()
        await page.locator(".confirm[open] button").click()
        [answer] = await stage.receives("nordmarkt", "ORDRSP", timeout_s=60)
        assert "RFF+ON:PO-NEW'" in answer
        assert int(await page.evaluate("Number(sessionStorage.clicks ?? 0)")) <= MOST_CLICKS
        await browser.close()
