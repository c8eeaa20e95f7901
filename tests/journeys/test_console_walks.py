"""Who changed this, and back to how it was; a certificate renewed: by mouse with the clicks counted, and by keyboard."""

import asyncio
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

sys.path += [
    str(Path(__file__).parent),
    *(str(Path(__file__).parents[1] / "unit" / each) for each in ("console", "config")),
]

import strangers
from keyboard import enter, tab_to
from partner_instance import House, pem
from test_console_partner_flows import base, browser, counted, house, signed_in

from gateway.app import partner_desk
from gateway.app.ladder import Rung

__all__ = ["base", "browser", "house"]  # fixtures
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


async def changed(house: House) -> None:
    """Somebody gives Acme an owner, and says why."""
    await asyncio.to_thread(house.desk.put_facts, "acme", {"owner": "bruno"}, "bruno", reason="Bruno looks after Acme")


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
    await enter(page, "Put back as it was before")
    await tab_to(page, "Reason")
    await page.keyboard.type("was a mistake")
    await enter(page, "Put back")
    await expect(page.get_by_role("status").first).to_be_visible(timeout=30_000)
    assert house.instance.book.partner("acme").owner is None
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


async def test_a_stranger_becomes_a_live_partner_by_keyboard_alone(
    house: House, base: str, browser: Browser, tmp_path: Path
) -> None:
    wrong: list[str] = []
    page = await signed_in(house, base, browser, wrong)
    await page.goto(f"{base}/partners")
    await enter(page, "New partner")
    await page.wait_for_url("**/partners/new")
    sample = tmp_path / "order.xml"
    sample.write_bytes(strangers.OPENTRANS.replace(b"4099990000011", b"4099990000042"))
    await page.locator("input[type=file]").set_input_files(sample)  # the system's own dialogue
    await enter(page, "Recognise")
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Tannhof Naturkost GmbH", timeout=30_000)
    for step in ("documents", "mapping", "connection"):
        await enter(page, "Next")
        await page.wait_for_url(f"**/{step}")
        await page.wait_for_load_state()
    await tab_to(page, "Way")
    await page.keyboard.type("folder")
    await enter(page, "Next")
    await expect(page.get_by_role("button", name="Create partner")).to_be_visible(timeout=30_000)
    await enter(page, "Create partner")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tannhof Naturkost GmbH", timeout=30_000)
    await tab_to(page, "Why although something is open", within=True)
    await page.keyboard.type("first day")
    await enter(page, "Go live")
    await expect(page.get_by_role("button", name="Back to test")).to_be_visible(timeout=30_000)
    assert await counted(page) == 0
    assert house.instance.book.partners["tannhof-naturkost"].mode == "live"
    assert wrong == []


async def test_the_ladder_shows_each_rung_by_itself(
    house: House, base: str, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    climbing = threading.Event()

    async def climb(instance: object, partner: str, *, over: str, echo: bool, told: Callable[[Rung], None]) -> None:
        told(Rung(name="settings"))
        await asyncio.to_thread(climbing.wait, 60)
        told(Rung(name="certificates"))

    monkeypatch.setattr(partner_desk, "climb", climb)
    wrong: list[str] = []
    page = await signed_in(house, base, browser, wrong)
    started = await asyncio.to_thread(house.desk.start_test, "acme", "as2", "anna", echo=False)
    await page.goto(f"{base}/partners/acme/tests/{started.id}")
    await expect(page.locator(".steps .done")).to_have_count(1, timeout=30_000)
    await expect(page.get_by_role("link", name="Look again")).to_be_visible()
    climbing.set()
    await expect(page.locator(".steps .done")).to_have_count(2, timeout=30_000)
    await expect(page.get_by_role("button", name="Test again")).to_be_visible(timeout=30_000)
    assert wrong == []
