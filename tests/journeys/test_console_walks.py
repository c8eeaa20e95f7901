"""Who changed this, and back to how it was; a certificate renewed: by mouse with the clicks counted, and by keyboard."""

import asyncio
import sys
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

sys.path += [
    str(Path(__file__).parent),
    *(str(Path(__file__).parents[1] / "unit" / each) for each in ("console", "config")),
]

from partner_instance import House, pem
from test_console_partner_flows import base, browser, counted, house, signed_in

__all__ = ["base", "browser", "house"]  # fixtures
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


async def changed(house: House) -> None:
    """Somebody gives Acme an owner, and says why."""
    await asyncio.to_thread(house.desk.put_facts, "acme", {"owner": "bruno"}, "bruno", reason="Bruno looks after Acme")


async def tab_to(page: Page, name: str) -> None:
    """Go on with Tab until the link or button of that name has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"Tab never comes to {name}")


async def test_who_changed_a_partner_is_one_click_away_and_back_again_three(
    house: House, base: str, browser: Browser
) -> None:
    await changed(house)
    wrong: list[str] = []
    page = await signed_in(house, base, browser, wrong)
    await page.goto(f"{base}/partners/acme")
    await page.get_by_role("link", name="History").click()
    await expect(page.get_by_text("Bruno looks after Acme")).to_be_visible(timeout=30_000)
    assert await counted(page) == 1
    newest = page.get_by_role("region").filter(has_text="Bruno looks after Acme")
    await newest.locator("summary", has_text="Put back as it was before").click()
    await newest.get_by_role("button").last.click()
    await expect(page.get_by_role("status").first).to_be_visible(timeout=30_000)
    assert await counted(page) == 3
    assert house.instance.book.partner("acme").owner is None
    assert wrong == []


async def test_the_same_by_keyboard_alone(house: House, base: str, browser: Browser, tmp_path: Path) -> None:
    await changed(house)
    wrong: list[str] = []
    page = await signed_in(house, base, browser, wrong)
    await page.goto(f"{base}/partners/acme")
    await tab_to(page, "History")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/history")
    await expect(page.get_by_text("Bruno looks after Acme")).to_be_visible(timeout=30_000)
    await page.goto(f"{base}/partners")
    await tab_to(page, "19 days")
    await page.keyboard.press("Enter")
    new = tmp_path / "acme-2028.cer"
    new.write_bytes(pem("Acme 2028"))
    await page.locator("input[type=file]").set_input_files(new)  # what a dropped file does
    await tab_to(page, "Look at it")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Save")).to_be_visible(timeout=30_000)
    await tab_to(page, "Save")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status")).to_contain_text("kept beside the old one", timeout=30_000)
    assert await counted(page) == 0
    assert [each.state for each in house.desk.certificates("acme")] == ["current", "future"]
    assert wrong == []
