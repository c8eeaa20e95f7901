"""Every page of the console before axe: no violation, no complaint of the browser, no request to anywhere else.

The pages are found by walking the routes: a page that nobody has named here fails the first test. In make test each page
is looked at once, widths and themes taking turns; make soak looks at every page in every combination, in both languages.
"""

import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.async_api import Browser, async_playwright

sys.path.append(str(Path(__file__).parents[1] / "unit" / "console"))

from console_scene import NOW, Scene, fill, scenes
from page_places import PLACES, address, of_instance, of_scene, routes
from partner_instance import House, houses

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
COMBINATIONS = [(390, "light"), (1440, "light"), (390, "dark"), (1440, "dark")]
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
# What is well is megabytes a page: it stays in the browser, as axe itself does, which each page is given beforehand.
VIOLATIONS = """rules => axe.run(document, rules).then(found => found.violations.map(
  each => each.id + " " + JSON.stringify(each.nodes.slice(0, 3).map(node => node.html.slice(0, 160)))))"""


def test_every_route_with_a_name_in_it_has_a_place() -> None:
    wanted = {each for each in routes() if "{" in each}
    assert set(PLACES) - {"/find", "/chain", "/basket"} <= wanted


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    yield from scenes(tmp_path)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from houses(tmp_path)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "apt-get install chromium"
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        await found.close()


async def looked_at(
    browser: Browser, base: str, token: str, places: list[str], width: int, theme: Any, language: str
) -> list[str]:
    """Return what is wrong with those pages."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, locale=language, bypass_csp=False
    )
    await context.add_init_script(path=AXE_FILE_PATH)
    page, wrong, here = await context.new_page(), list[str](), ["/"]
    page.on("pageerror", lambda error: wrong.append(f"{here[0]}: {error}"))
    page.on(
        "console",
        lambda said: (
            wrong.append(f"{here[0]}: {said.text}")
            if said.type in ("error", "warning") and "with a status of 4" not in said.text
            else None
        ),
    )
    page.on("request", lambda asked: None if asked.url.startswith(base) else wrong.append(f"foreign {asked.url}"))
    await page.goto(f"{base}/login?token={token}")
    for place in (each for each in places if not each.endswith(".csv")):
        here[0] = place
        answer = await page.goto(base + place)
        assert answer is not None
        if answer.status >= 500:
            wrong.append(f"{place}: HTTP {answer.status}")
        overhang = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if overhang > 0:
            wrong.append(f"{place}: {overhang} px too wide at {width}")
        wrong += [f"{place} {width} {theme} {language}: {each}" for each in await page.evaluate(VIOLATIONS, RULES)]
    await context.close()
    return wrong


def turns(places: list[str]) -> Iterator[tuple[int, str, list[str]]]:
    """Share the pages out among the combinations."""
    for number, (width, theme) in enumerate(COMBINATIONS):
        yield width, theme, places[number :: len(COMBINATIONS)]


async def test_no_page_of_the_message_log_and_the_house_has_a_violation(
    scene: Scene, aiohttp_server: Any, browser: Browser
) -> None:
    ids = fill(scene)
    scene.access.add_user("anna", "admin", NOW, by="test")
    base = f"http://127.0.0.1:{(await aiohttp_server(scene.app(), shutdown_timeout=1)).port}"
    wrong: list[str] = []
    for width, theme, places in turns(of_scene(ids)):
        wrong += await looked_at(browser, base, scene.access.make_login_link("anna", NOW), places, width, theme, "en")
    assert "\n".join(wrong) == ""


async def test_no_page_of_partners_and_mappings_has_a_violation(
    house: House, aiohttp_server: Any, browser: Browser
) -> None:
    access, now = house.instance.access, house.instance.wall.now()
    access.add_user("anna", "admin", now, by="test")
    base = f"http://127.0.0.1:{(await aiohttp_server(house.app(), shutdown_timeout=1)).port}"
    places = [place for each in routes() if of_instance(each) and (place := address(each, {}))]
    wrong: list[str] = []
    for width, theme, some in turns(places):
        wrong += await looked_at(browser, base, access.make_login_link("anna", now), some, width, theme, "zh-CN")
    assert "\n".join(wrong) == ""


@pytest.mark.soak
@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("width", "theme"), COMBINATIONS)
async def test_every_page_in_every_combination(
    scene: Scene, house: House, aiohttp_server: Any, browser: Browser, width: int, theme: str, language: str
) -> None:
    ids = fill(scene)
    scene.access.add_user("anna", "admin", NOW, by="test")
    house.instance.access.add_user("anna", "admin", house.instance.wall.now(), by="test")
    ours = f"http://127.0.0.1:{(await aiohttp_server(scene.app(), shutdown_timeout=1)).port}"
    theirs = f"http://127.0.0.1:{(await aiohttp_server(house.app(), shutdown_timeout=1)).port}"
    link = scene.access.make_login_link("anna", NOW)
    wrong = await looked_at(browser, ours, link, of_scene(ids), width, theme, language)
    places = [place for each in routes() if of_instance(each) and (place := address(each, {}))]
    link = house.instance.access.make_login_link("anna", house.instance.wall.now())
    wrong += await looked_at(browser, theirs, link, places, width, theme, language)
    assert "\n".join(wrong) == ""
