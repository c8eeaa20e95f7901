"""A picture of every page of the console in both themes, both languages, at 390 and 1440 pixels, for people to look at.

Run by itself: GATEWAY_SCREENSHOTS=FOLDER pytest tests/soak/test_soak_screenshots.py -n0 -m soak -o addopts=
A demo that trades is walked from page to page by its own links: one address of every route, so that what is new is
there without being named. GATEWAY_SCREENSHOTS_ONLY=1440-light,390-dark-en takes these combinations alone.
"""

import os
import re
import shutil
import sys
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from playwright.async_api import Error, Page, async_playwright

sys.path.append(str(Path(__file__).parents[1] / "journeys"))

from demo_stage import make_instance, run, scene
from test_console_five_minutes import DAY, NEW, WISH, link_into

from gateway.console.app import TABLES
from tests.journeys import papers
from tests.journeys.stage import NORDMARKT, OURS, staged

COMBINATIONS = list(product((1440, 390), ("light", "dark"), ("en", "zh-CN")))
MOST_PAGES = 400
OATS = "9521001100014"
LIVE_FOR_MS = 20_000  # of trade before the pictures are taken
NO_PAGES = ("/messages/{id}/raw", "/messages/{id}/evidence", "/shipments/{partner}/{number}/labels", "/find")


def patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Return each page's route with what its addresses look like, those without names first."""
    found = {each.path for table in TABLES for each in table.routes if each.method == "GET"} - set(NO_PAGES)
    ordered = sorted(found, key=lambda each: (each.count("{"), each))
    return [(each, re.compile(re.sub(r"\\\{\w+[^}]*\\\}", "[^/]+", re.escape(each)))) for each in ordered]


def route_of(path: str) -> str | None:
    return next((route for route, pattern in patterns() if pattern.fullmatch(path)), None)


async def walked(page: Page, base: str) -> dict[str, str]:
    """Return an address of every route that is reached by links from the first page."""
    found, todo, seen = dict[str, str](), ["/"], set[str]()
    while todo and len(seen) < MOST_PAGES:
        address = todo.pop(0)
        path = urlsplit(address).path
        route = route_of(path)
        if path in seen or route is None or (route in found and "{" in route):
            continue
        seen.add(path)
        try:
            answer = await page.goto(base + address)
        except Error as stopped:  # a file, which the browser takes instead of showing it
            assert "Download" in str(stopped), stopped  # noqa: PT017 - any other is a fault of the page
            continue
        if answer is None or answer.status >= 400 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        found.setdefault(route, address)
        links = await page.eval_on_selector_all("a[href]", "all => all.map((each) => each.getAttribute('href'))")
        todo += [each for each in (urljoin(address, link) for link in links) if each.startswith("/")]
    return found


async def pictures(browser: Any, base: str, token: str, pages: dict[str, str], folder: Path, *how: Any) -> list[str]:
    """Take a picture of every page in one combination; return the addresses that complained."""
    width, theme, language = how
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, locale=language, reduced_motion="reduce"
    )
    page, wrong = await context.new_page(), list[str]()
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    await page.goto(f"{base}/login?token={token}")
    await page.goto(f"{base}/view?language={language}")
    target = folder / f"{width}-{theme}-{language}"
    target.mkdir(parents=True, exist_ok=True)
    for route, address in sorted(pages.items()):
        answer = await page.goto(base + address)
        if answer is None or answer.status >= 500:
            wrong.append(f"{address}: {answer and answer.status}")
        name = re.sub(r"[^a-z]+", "-", route).strip("-") or "overview"
        await page.screenshot(path=target / f"{name}.png", full_page=width == 390)
    await context.close()
    return wrong


@pytest.mark.soak
async def test_a_picture_is_taken_of_every_page_in_every_combination(tmp_path: Path) -> None:
    folder = Path(os.environ.get("GATEWAY_SCREENSHOTS", tmp_path / "screenshots"))
    only = os.environ.get("GATEWAY_SCREENSHOTS_ONLY", "")
    instance = make_instance(tmp_path / "demo")
    with scene(instance) as stage:
        stage.wait_for("/login?token=")
        chromium = shutil.which("chromium")
        assert chromium, "apt-get install chromium"
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = await (await browser.new_context()).new_page()
            base, token = _link(instance)
            await page.goto(f"{base}/login?token={token}")
            await page.wait_for_timeout(LIVE_FOR_MS)
            pages = await walked(page, base)
            wrong: list[str] = []
            for how in COMBINATIONS:
                if any(each in "-".join(map(str, how)) for each in only.split(",")):
                    wrong += await pictures(browser, base, _link(instance)[1], pages, folder, *how)
            await browser.close()
    missing = [route for route, _ in patterns() if route not in pages and "{" not in route]
    print(f"\n{len(pages)} pages; no link leads to: {', '.join(sorted(missing)) or 'none'}; pictures in {folder}")
    assert wrong == []
    assert len(pages) > 40


def _link(instance: Path) -> tuple[str, str]:
    """Return the console's address and a token that signs in once."""
    told = run(instance, "login-link", "--user", "admin")
    found = re.search(r"(http://[^/]+)/login\?token=(\S+)", told.stdout)
    assert found, told.stderr
    return found[1], found[2]


@pytest.mark.soak
async def test_the_first_five_minutes_as_pictures(tmp_path: Path) -> None:
    """Story in four pictures: the first page says what is wrong, the place in the file, the item, the answer."""
    folder = Path(os.environ.get("GATEWAY_SCREENSHOTS", tmp_path / "screenshots"))
    folder.mkdir(parents=True, exist_ok=True)
    async with staged(tmp_path / "instance", {}) as stage, async_playwright() as playwright:
        order = papers.orders(
            "4500018831", NORDMARKT, OURS, NORDMARKT, [(OATS, "12"), (NEW, "10")], when=DAY, wish=WISH
        )
        await stage.send("nordmarkt", order)
        await stage.settle()
        chromium = shutil.which("chromium")
        assert chromium, "apt-get install chromium"
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = await (await browser.new_context(viewport={"width": 1280, "height": 800})).new_page()
        page.set_default_timeout(60_000)
        await page.goto(await link_into(tmp_path / "instance"))
        await page.screenshot(path=folder / "story-1.png")
        await page.locator(".todo").get_by_role("link", name=NEW).click()
        message = page.url
        await page.screenshot(path=folder / "story-2.png")
        await page.get_by_role("link", name="Add the item").click()
        await page.get_by_role("textbox", name="Name", exact=True).fill("Oat biscuits 200 g")
        await page.screenshot(path=folder / "story-3.png")
        await page.get_by_role("button", name="Save").click()
        await page.get_by_text("Replay all").first.click()
        await page.locator(".confirm[open] button").click()
        [answer] = await stage.receives("nordmarkt", "ORDRSP", timeout_s=60)
        assert "RFF+ON:4500018831'" in answer
        await page.goto(message)
        await page.screenshot(path=folder / "story-4.png")
        await page.goto(f"{message.partition('/messages/')[0]}/orders/4500018831")
        await page.screenshot(path=folder / "story-5.png")
        await browser.close()
