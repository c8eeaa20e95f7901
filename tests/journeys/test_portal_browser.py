"""The portal in a real browser, clicks counted: a file dropped before go-live, an order confirmed and shipped with its
labels; nothing that axe finds, in both languages, light and dark, wide and narrow; no error and no foreign request."""

import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

sys.path.append(str(Path(__file__).parents[1] / "unit" / "portal"))

from portal_scene import HOF, OATS, PASSWORD, RICE, World, running

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
COUNT = """addEventListener("click", (click) => {
  if (click.isTrusted && click.detail) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""
WRONG = (
    f"UNB+UNOC:3+{HOF}:14+9521001000000:14+261120:0931+77'UNH+1+DESADV:D:96A:UN:EAN005'BGM+351+T1+9'"
    "DTM+137:20261120:102'NAD+BY+9521001000000::9'LIN+1++123:EN'QTY+12:x'UNT+7+1'UNZ+1+77'"
)
PAGES = ("/", "/documents", "/orders", "/lists", "/agreed", "/try", "/scorecard", "/sell-through", "/downloads", "/me")
HELP = ("/help", "/help/pages/portal-orders", "/help/errors?area=despatch", "/help/errors/despatch.sscc-wrong")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with running(tmp_path_factory.mktemp("portal") / "house") as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "apt-get install chromium"
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        await found.close()


async def opened(world: World, browser: Browser, wrong: list[str], **options: object) -> Page:
    context = await browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    await context.add_init_script(COUNT)
    page = await context.new_page()
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("request", lambda sent: None if sent.url.startswith(world.portal) else wrong.append(f"foreign {sent.url}"))
    return page


async def clicks(page: Page) -> int:
    return int(await page.evaluate("Number(sessionStorage.clicks ?? 0)"))


async def test_an_invited_person_confirms_and_ships_an_order_with_few_clicks(house: World, browser: Browser) -> None:
    wrong: list[str] = []
    number = await house.order_from("hof", HOF, {OATS: 24, RICE: 10})
    page = await opened(house, browser, wrong)
    await page.goto(house.instance.invitation("mia@hof.example", "hof", by="test"))
    for field in ("new", "again"):
        await page.fill(f"[name={field}]", PASSWORD)
    await page.click("text=Accept and sign in")
    await expect(page.locator("h1")).to_have_text("Welcome, Quellhof")
    await page.evaluate("sessionStorage.clicks = 0")

    # is my file right? 1 click beside choosing it
    await page.goto(f"{house.portal}/try")
    await page.set_input_files("input[type=file]", {"name": "asn.edi", "mimeType": "", "buffer": WRONG.encode()})
    await page.click("button:has-text('Check')")
    await expect(page.locator(".finding").first).to_be_visible()
    await expect(page.locator("main")).to_contain_text("Would not be taken in")
    assert await clicks(page) == 1
    await page.locator(".finding a").first.click()
    await expect(page.locator("main")).to_contain_text("edifact.")

    # confirmed: menu, order, button
    await page.evaluate("sessionStorage.clicks = 0")
    await page.click("nav.menu >> text=Orders")
    await page.click(f"text={number}")
    await page.click("text=Confirm as ordered")
    await expect(page.locator(".notice")).to_be_visible()
    assert await clicks(page) == 3
    await house.until(lambda: house.instance.views.order(number)[0].lines[0].status == "accepted")

    # shipped: button, send, labels
    await page.evaluate("sessionStorage.clicks = 0")
    await page.reload()
    await page.click("text=Make a despatch advice")
    await page.fill("[name=batch-0]", "L-77")
    await page.fill("[name=number]", "LS-9")
    await page.click("text=Send the despatch advice")
    await house.until(lambda: house.instance.views.shipments(partner="hof", number="LS-9"))
    await page.reload()
    await expect(page.locator("main")).to_contain_text("L-77")
    async with page.expect_download() as download:
        await page.click("text=Print labels (PDF)")
    assert (await (await download.value).path()).read_bytes().startswith(b"%PDF")
    assert await clicks(page) == 3
    assert wrong == []
    await page.context.close()


@pytest.mark.soak
@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1440), ("zh-CN", "dark", 390)])
async def test_axe_finds_nothing_on_the_pages_of_the_portal(
    house: World, browser: Browser, language: str, theme: str, width: int
) -> None:
    wrong: list[str] = []
    page = await opened(house, browser, wrong, viewport={"width": width, "height": 900})
    visitor = await house.person("hof", f"axe.{width}")
    cookie = next(each.value for each in visitor.session.cookie_jar if each.key == "gateway_portal")
    kept = {"gateway_portal": cookie, "gateway_language": language, "gateway_theme": theme}
    await page.context.add_cookies(
        [{"name": name, "value": value, "url": house.portal} for name, value in kept.items()]
    )
    orders = [each.number for each in house.instance.views.orders(side="purchase")][:1]
    more = [f"/orders/{each}" for each in orders] + [f"/orders/{each}/despatch" for each in orders]
    for path in (*PAGES, *HELP, *more):
        answer = await page.goto(house.portal + path)
        assert answer is not None
        assert answer.status == 200, path
        found = await Axe().run(page)
        assert found.response["violations"] == [], (path, found.generate_report())
        assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
        assert re.search("[\u4e00-\u9fff]", await page.inner_text("main")) or language == "en", path
    assert wrong == []
    await page.context.close()
