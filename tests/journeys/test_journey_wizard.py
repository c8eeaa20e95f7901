"""A stranger's sample of a format never configured, from the dropped file to a live partner: a real gateway, a real
browser with its clicks counted, real test traffic through the partner's folder, every line of the checklist done."""

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from gateway.app.instance import open_instance
from tests.journeys import papers
from tests.journeys.stage import WAREHOUSE, Stage, staged
from tests.journeys.test_journey_mapping_fix import COUNT
from tests.journeys.test_journeys_flow import TODAY

sys.path.append(str(Path(__file__).parents[1] / "unit" / "config"))

import strangers

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

OATS, SEED = "9521001100014", "9521001100038"
FREE = b"4099990000042"  # a GLN that nobody in the house has
CLICKS = {"opentrans": 10, "edifact": 12}  # two of them say what is not sent yet
STRANGERS = {
    "edifact": ("order.edi", strangers.ODD_EDIFACT, b"D-5512", ["240"]),
    "opentrans": ("order.xml", strangers.OPENTRANS.replace(b"4099990000011", FREE), b"PO-77-1204", ["240", "12.5"]),
}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with staged(tmp_path / "instance") as found:
        stock = [(f"0{OATS}", "4000"), (f"0{SEED}", "2000")]
        await found.send("warehouse", papers.stock_count("COUNT-1", WAREHOUSE, stock, when=str(TODAY)))
        await found.settle()
        yield found


def drop(stage: Stage, partner: str, name: str, data: bytes) -> None:
    """Do what the partner does: put a file into the folder."""
    folder = stage.places.settings.var / "folders" / partner / "in"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


async def documents(stage: Stage, partner: str, count: int) -> list[tuple[str, bool, dict[str, object]]]:
    """Wait for so many messages of the partner to be worked off; return (state, test, document)."""
    async with asyncio.timeout(60):
        while True:
            rows = stage.rows(
                "SELECT state, test, document FROM message WHERE partner = ? AND type != 'CONTRL' ORDER BY id", partner
            )
            if len(rows) >= count and all(row[0] in ("applied", "done", "parked") for row in rows):
                return [(row[0], bool(row[1]), json.loads(row[2] or "{}")) for row in rows]
            await asyncio.sleep(0.1)


async def wizard(page: Page, base: str, sample: Path) -> str:
    """Go through the steps; return the partner's id."""
    await page.goto(f"{base}/partners/new")
    await page.locator("input[type=file]").set_input_files(sample)
    await page.get_by_role("button", name="Recognise").click()
    name = page.get_by_label("Name", exact=True)
    if not await name.input_value():
        await name.fill("Tannhof Naturkost GmbH")
        await page.get_by_label("Id", exact=True).fill("tannhof-naturkost")
    await page.get_by_label("E-mail").fill("edi@tannhof.example")
    for step in ("documents", "mapping", "connection"):
        await page.get_by_role("button", name="Next").click()
        await page.wait_for_url(f"**/{step}")
        if step == "documents":  # neither despatch advices nor invoices are wanted yet
            for each in await page.get_by_label(re.compile("/(DESADV|INVOIC)$")).all():
                await each.uncheck()
    await page.get_by_label("Way").select_option("folder")
    await page.get_by_role("button", name="Next").click()
    await page.get_by_role("button", name="Create partner").click()
    await page.wait_for_url("**/onboarding**")
    return page.url.partition("/partners/")[2].partition("/")[0]


@pytest.mark.parametrize("kind", sorted(STRANGERS))
async def test_a_strangers_sample_becomes_a_live_partner_with_every_check_done(
    stage: Stage, tmp_path: Path, kind: str
) -> None:
    filename, data, number, quantities = STRANGERS[kind]
    sample = tmp_path / filename
    sample.write_bytes(data)
    instance = await asyncio.to_thread(open_instance, stage.places.settings.root)
    try:
        link = instance.login_link(instance.access.users()[0].name)
    finally:
        instance.close()
    base = link.partition("/login")[0]
    async with async_playwright() as playwright:
        chromium = shutil.which("chromium")
        assert chromium, "apt-get install chromium"
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        context.set_default_timeout(60_000)
        await context.add_init_script(COUNT)
        page = await context.new_page()
        await page.goto(link)
        partner = await wizard(page, base, sample)
        drop(stage, partner, filename, data)  # real traffic, in test mode
        ((state, test, document),) = await documents(stage, partner, 1)
        files = [each.read_text() for each in (stage.places.settings.partners / partner).rglob("*.yaml")]
        assert state != "parked", (stage.rows("SELECT fault FROM message WHERE partner = ?", partner), files)
        assert test
        assert document["id"] == number.decode()
        lines = document["lines"]
        assert isinstance(lines, list)
        assert [line["quantity"]["value"] for line in lines] == quantities
        assert lines[0]["item"]["gtin"] == f"0{OATS}"
        await stage.settle()
        await page.get_by_role("link", name="Connections").first.click()
        await page.get_by_role("button", name="Test the connection").first.click()
        while not await page.get_by_text("proved").count():  # it climbs beside the page
            await asyncio.sleep(0.5)
            await page.reload()
        await page.get_by_role("link", name="Go-live").click()
        if shots := os.environ.get("SHOTS"):
            await page.screenshot(path=f"{shots}/onboarding-{kind}.png", full_page=True)
        assert not await page.get_by_label("Why although something is open").count(), await page.inner_text("main")
        await page.get_by_role("button", name="Go live").click()
        await expect(page.get_by_role("button", name="Back to test")).to_be_visible()
        assert await page.evaluate("Number(sessionStorage.clicks ?? 0)") <= CLICKS[kind]
        await browser.close()
    await asyncio.sleep(1.5)  # a running node looks for definitions every second
    drop(stage, partner, f"second-{filename}", data.replace(number, number + b"-2").replace(b"+77'", b"+78'"))
    found = await documents(stage, partner, 2)
    assert [(each[1], each[2]["id"]) for each in found][1] == (False, f"{number.decode()}-2")
    assert found[1][0] in ("applied", "done")
