"""The mapping editor in a real browser: a value and a field connected by two clicks, words proposed; what axe finds on its
pages: nothing, light and wide, dark and narrow; no error, no foreign request."""

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import expect

sys.path.append(str(Path(__file__).parents[1] / "unit" / "console"))
sys.path.append(str(Path(__file__).parent))

from editor_scene import NAME, OWN, MappingHouse, mapping_houses, order
from test_console_partner_flows import base, browser, counted, signed_in  # noqa: F401 - fixtures

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[MappingHouse]:
    yield from mapping_houses(tmp_path)


@pytest.mark.parametrize("look", ["light wide", pytest.param("dark narrow", marks=pytest.mark.soak)])
async def test_axe_finds_nothing_on_the_pages_of_mappings(house: MappingHouse, base: str, browser, look: str) -> None:  # noqa: F811
    wrong: list[str] = []
    wide = look == "light wide"
    size = {"width": 1440 if wide else 390, "height": 900}
    page = await signed_in(house, base, browser, wrong, viewport=size, color_scheme="light" if wide else "dark")
    (message,) = await asyncio.to_thread(house.take, order("PO-1", quantity="46"))
    house.draft(OWN + "  requestedDelivry: DTM/C507.2380\n", sample=message)
    house.lookups.put("acme", "articles", b"article,gtin\n4711,9521001100021\n", "anna")
    test = house.editor.start_back_test("acme", NAME, "anna", 5)
    at = f"/mappings/{NAME}"
    found: list[str] = []
    for number, path in enumerate((
        at,
        f"{at}/edit?partner=acme&sample={message}",
        f"{at}/publish?partner=acme",
        f"{at}/versions?partner=acme&sample={message}",
        f"{at}/versions/1?partner=acme",
        f"{at}/back-tests/{test}?partner=acme",
        "/partners/acme/tables",
        "/partners/acme/tables/articles",
        "/help?q=draft",
        "/help/pages/guide-backup",
    )):  # fmt: skip
        await page.goto(base + path)
        if shots := os.environ.get("SHOTS"):
            await page.screenshot(path=f"{shots}/axe-{look.replace(' ', '-')}-{number}.png", full_page=True)
        results = await Axe().run(page)
        for each in results.response["violations"]:
            places = [" ".join(node["html"].split())[:160] for node in each["nodes"][:2]]
            found.append(f"{path} {each['id']} {places}")
    assert found == []
    assert wrong == []


async def test_a_value_and_a_field_are_connected_by_two_clicks(house: MappingHouse, base: str, browser) -> None:  # noqa: F811
    wrong: list[str] = []
    page = await signed_in(house, base, browser, wrong)
    (message,) = await asyncio.to_thread(house.take, order("PO-1", quantity="46"))
    await page.goto(f"{base}/mappings/{NAME}/edit?partner=acme&sample={message}")
    await page.get_by_role("row", name="C186.6060 1").get_by_role("radio").click()
    await page.locator(".targets").get_by_role("button", name="lines[].freeQuantity", exact=True).click()
    text = page.get_by_role("textbox", name="Rules of this partner")
    await expect(text).to_have_value(re.compile("lines.*freeQuantity.*QTY/C186.6060.*46", re.DOTALL))
    assert await counted(page) == 2
    await text.focus()
    await page.keyboard.press("Control+End")
    await page.keyboard.type("  requestedDel")
    await page.keyboard.press("Control+Space")
    await expect(page.get_by_role("option", name="requestedDelivery").first).to_be_visible()
    await page.keyboard.press("Enter")
    await page.keyboard.type(": NOWHERE/1")
    await expect(page.locator(".behind mark.bad")).to_contain_text("requestedDelivery: NOWHERE/1")
    await expect(page.get_by_role("link", name="Line")).not_to_have_count(0)
    assert wrong == []
