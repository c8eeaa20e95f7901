"""Flows of operations in a real browser, with the clicks counted: replay one cause, stop an endpoint, add an item."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "unit" / "house")]

from desk import Desk, desk_at
from house_scene import make_instance
from keyboard import enter, tab_to
from test_operations_pages import UNKNOWN, arrive

from gateway.app.alerts import Alerts
from gateway.app.replays import Replays
from gateway.model.json_form import dumps

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
async def desk(tmp_path: Path, aiohttp_client: Any) -> AsyncIterator[Desk]:
    from house_scene import order

    root = copytree(await asyncio.to_thread(make_instance, tmp_path / "made"), tmp_path / "instance")
    for n in range(3):
        data = dumps(order(f"P{n}", (UNKNOWN, 5))).encode()
        await asyncio.to_thread(arrive, root, f"bad{n}", "shop", data)
    async with desk_at(root, aiohttp_client) as found:
        yield found


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "apt-get install chromium"
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        await found.close()


class Hand:
    """A person with a mouse: every click counts, every error of the page is remembered."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)

    async def click(self, what: Locator) -> None:
        self.clicks += 1
        await what.click()


async def at(desk: Desk, browser: Browser, path: str, width: int = 1440) -> Hand:
    page = await (await browser.new_context(viewport={"width": width, "height": 900})).new_page()
    token = await asyncio.to_thread(desk.instance.access.make_login_link, "admin-desk", desk.instance.wall.now())
    base = str(desk.client.make_url("/")).rstrip("/")
    await page.goto(f"{base}/login?token={token}")
    await page.goto(base + path)
    return Hand(page)


@pytest.mark.parametrize("width", [1440, 390])
async def test_everything_with_one_cause_is_replayed_with_three_clicks(
    desk: Desk, browser: Browser, width: int
) -> None:
    hand = await at(desk, browser, "/problems", width)
    page = hand.page
    await hand.click(page.get_by_role("link", name="The item"))
    await hand.click(page.locator("summary", has_text="Replay all 3"))
    await hand.click(page.get_by_role("button", name="Replay now"))
    await expect(page.get_by_role("heading", level=1)).to_have_text("Replay")
    assert hand.clicks == 3
    replays = Replays(actions=desk.actions)
    while await asyncio.to_thread(replays.advance):
        pass
    await page.reload()
    await expect(page.get_by_text("3 / 3")).to_be_visible()
    assert hand.wrong == []


async def test_an_endpoint_is_stopped_with_two_clicks_and_a_reason(desk: Desk, browser: Browser) -> None:
    await asyncio.to_thread(desk.actions.replay, "bad0", "test")
    hand = await at(desk, browser, "/queues")
    page = hand.page
    row = page.get_by_role("row", name="Shop")
    await hand.click(row.locator("summary"))
    await row.get_by_label("Reason").fill("certificate of the far end has ended")
    await hand.click(row.get_by_role("button", name="Pause"))
    await expect(page.get_by_role("status").first).to_have_text("Paused.")
    assert hand.clicks == 2
    (hold,) = desk.instance.views.holds()
    assert (hold.key, hold.reason) == ("shop", "certificate of the far end has ended")
    assert hand.wrong == []


async def test_from_an_unknown_item_to_the_replay_with_its_number_filled_in(desk: Desk, browser: Browser) -> None:
    hand = await at(desk, browser, "/problems")
    page = hand.page
    await hand.click(page.get_by_role("link", name="The item"))
    await hand.click(page.get_by_role("link", name="Add this item"))
    await expect(page.get_by_label("GTIN", exact=True)).to_have_value(UNKNOWN)
    await page.get_by_label("Name", exact=True).fill("Oat biscuits 200 g")
    await hand.click(page.get_by_role("button", name="Save"))
    await expect(page.get_by_role("status").first).to_contain_text("Replay what has waited")
    assert hand.clicks == 3
    assert desk.instance.views.kept_item(UNKNOWN) is not None
    assert hand.wrong == []


async def test_the_same_by_keyboard_alone(desk: Desk, browser: Browser) -> None:
    hand = await at(desk, browser, "/problems")
    page = hand.page
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/problems/*")
    await page.locator("summary", has_text="Replay all 3").focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("button", name="Replay now")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/replays/*")
    assert hand.clicks == 0
    assert hand.wrong == []


async def told(desk: Desk) -> None:
    """A rule finds the new problem; whoever is told gets the address of its group."""
    said = {"kind": "problem", "id": "", "name": "New", "count": "1", "enabled": "yes", "targets": "ops@example.org"}
    await desk.send("/alerts/save", **said)
    found = await asyncio.to_thread(Alerts(instance=desk.instance, outbound=None, keys=None).look)  # type: ignore[arg-type]
    assert found == 1


async def test_an_alert_opens_its_group_with_one_click_and_the_message_with_the_next(
    desk: Desk, browser: Browser
) -> None:
    await told(desk)
    hand = await at(desk, browser, "/alerts")
    page = hand.page
    await hand.click(page.locator("section[data-live=history]").get_by_role("link").first)
    await page.wait_for_url("**/problems/*")
    assert hand.clicks == 1
    await hand.click(page.get_by_role("link", name="P2", exact=True))
    await page.wait_for_url("**/messages/*")
    await expect(page.locator("main")).to_contain_text(f"The item {UNKNOWN} is not in our item table")
    assert hand.clicks == 2
    assert hand.wrong == []


async def test_from_an_alert_to_the_message_by_keyboard_alone(desk: Desk, browser: Browser) -> None:
    await told(desk)
    hand = await at(desk, browser, "/alerts")
    await enter(hand.page, "The item", within=True)
    await hand.page.wait_for_url("**/problems/*")
    await enter(hand.page, "P2")
    await hand.page.wait_for_url("**/messages/*")
    assert hand.clicks == 0
    assert hand.wrong == []


async def test_an_endpoint_is_stopped_and_let_go_by_keyboard_alone(desk: Desk, browser: Browser) -> None:
    await asyncio.to_thread(desk.actions.replay, "bad0", "test")
    hand = await at(desk, browser, "/queues")
    page = hand.page
    await tab_to(page, "Shop")
    await enter(page, "Pause")
    await tab_to(page, "Reason")
    await page.keyboard.type("far end is away")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("status").first).to_have_text("Paused.")
    (hold,) = desk.instance.views.holds()
    assert (hold.key, hold.reason) == ("shop", "far end is away")
    await enter(page, "Resume")
    await expect(page.get_by_role("status").first).to_have_text("It goes on.")
    assert desk.instance.views.holds() == ()
    assert hand.clicks == 0
    assert hand.wrong == []
