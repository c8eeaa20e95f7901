"""From a failed message to a mended, published mapping and replayed messages in four clicks plus typing: a real gateway,
a real partner process, a real browser."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect

from gateway.app.instance import open_instance
from tests.journeys import papers
from tests.journeys.stage import NORDMARKT, OURS, WAREHOUSE, Stage, staged
from tests.journeys.test_journeys_flow import DAY, FLOUR, OATS, TODAY, WISH, lines_of

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

COUNT = """addEventListener("click", (click) => {
  if (click.isTrusted && click.detail) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path / "instance") as found:
        count = papers.stock_count("COUNT-1", WAREHOUSE, [(f"0{OATS}", "400"), (f"0{FLOUR}", "200")], when=str(TODAY))
        await found.send("warehouse", count)
        await found.settle()
        yield found


def odd(number: str, lines: list[tuple[str, str]]) -> str:
    """An order with a qualifier for the ordered quantity that the standard mapping does not read so."""
    text = papers.orders(number, NORDMARKT, OURS, NORDMARKT, lines, when=DAY, wish=WISH)
    return text.replace("QTY+21:", "QTY+46:")


async def test_from_a_failed_message_to_replayed_ones_in_four_clicks(stage: Stage) -> None:
    for number in range(3):
        await stage.send("nordmarkt", odd(f"PO-{number}", [(OATS, "6")]))
    await stage.settle()
    parked = [row[0] for row in stage.rows("SELECT id FROM message WHERE state = 'parked' ORDER BY id")]
    assert len(parked) == 3
    instance = await asyncio.to_thread(open_instance, stage.places.settings.root)
    try:
        link = instance.login_link(instance.access.users()[0].name)
    finally:
        instance.close()
    wrong: list[str] = []
    base = link.partition("/login")[0]
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        assert chromium, "apt-get install chromium"
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(60_000)
        await context.add_init_script(COUNT)
        page = await context.new_page()
        page.on("pageerror", lambda error: wrong.append(f"error {error}"))
        page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("request", lambda sent: None if sent.url.startswith(base) else wrong.append(f"foreign {sent.url}"))
        await page.goto(link)
        await page.goto(f"{base}/messages/{parked[0]}")
        await page.get_by_role("link", name="Fix the mapping").click()  # 1
        text = page.get_by_role("textbox", name="Rules of this partner")
        await text.focus()
        await page.keyboard.press("Control+End")
        await page.keyboard.type(
            "fields:\n  lines[].quantity: {path: QTY/C186.6060, where: {C186.6063: ['21', '46']}}\n"
        )
        result = page.locator('[data-pane="result"]')
        await expect(result.get_by_role("row", name="quantity 6")).to_be_visible()
        await expect(page.locator('[data-pane="problems"] .bad')).to_have_count(0)
        if shots := os.environ.get("SHOTS"):
            await page.screenshot(path=f"{shots}/editor.png", full_page=True)
        await page.get_by_role("button", name="Publish…").click()  # 2
        await page.get_by_label("Why", exact=True).fill("Nordmarkt orders by 46")
        if shots:
            await page.screenshot(path=f"{shots}/publish.png", full_page=True)
        await page.get_by_role("button", name="Publish", exact=True).click()  # 3
        if shots:
            await page.screenshot(path=f"{shots}/versions.png", full_page=True)
        await page.get_by_role("button", name="Replay 3 affected").click()  # 4
        await expect(page.get_by_role("region", name="Replay").get_by_text("Done", exact=True)).to_be_visible()
        assert await page.evaluate("Number(sessionStorage.clicks ?? 0)") == 4
        await browser.close()
    answers = await stage.receives("nordmarkt", "ORDRSP", 3)
    assert [lines_of(each) for each in answers] == [[("6", "0", "1")]] * 3
    assert stage.rows("SELECT COUNT(*) FROM message WHERE state = 'parked'") == [(0,)]
    hashes = {row[0] for row in stage.rows("SELECT mapping_hash FROM message WHERE mapping = 'eancom-1997/ORDERS'")}
    assert hashes == {
        row[0] for row in stage.rows("SELECT digest FROM mapping_version WHERE partner = 'nordmarkt' AND number = 2")
    }
    assert wrong == []
