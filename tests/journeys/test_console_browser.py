"""The console in a real browser: sign in, find, understand, replay; by mouse, by keyboard, without script."""

import re
import shutil
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, async_playwright, expect

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "unit" / "console")]

from console_scene import NOW, Scene, fill, scenes
from keyboard import enter

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture
def scene(tmp_path: Path):
    yield from scenes(tmp_path)


@pytest.fixture
def ids(scene: Scene) -> dict[str, str]:
    return fill(scene)


@pytest.fixture
async def base(scene: Scene, aiohttp_server) -> str:
    server = await aiohttp_server(scene.app(), shutdown_timeout=1)
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "apt-get install chromium"
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        await found.close()


class Watched:
    """A signed-in page that remembers errors and foreign requests."""

    def __init__(self, page: Page, base: str) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("pageerror", lambda error: self.wrong.append(f"error {error}"))
        page.on("console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None)
        page.on("request", lambda request: self._check(request, base))

    def _check(self, request: Request, base: str) -> None:
        if not request.url.startswith(base):
            self.wrong.append(f"foreign {request.url}")


async def open_page(scene: Scene, base: str, context: BrowserContext, role: str = "admin") -> Watched:
    name = f"{role}-{scene.next_id()}"
    scene.access.add_user(name, role, NOW, by="test")
    await context.add_init_script(COUNT_CLICKS)
    watched = Watched(await context.new_page(), base)
    await watched.page.goto(f"{base}/login?token={scene.access.make_login_link(name, NOW)}")
    return watched


CUT = """[...document.querySelectorAll("main :is(td, th, button, a, h1, h2, dd)")]
  .filter((each) => !each.closest(".scroll, [role=group], nav, .tabs") && each.getBoundingClientRect().right >
    Math.min(innerWidth, each.closest(".card")?.getBoundingClientRect().right ?? innerWidth) + 1)
  .map((each) => each.outerHTML.slice(0, 100))"""
COUNT_CLICKS = """addEventListener("click", (click) => {
  if (click.isTrusted && click.detail) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true)"""


async def clicks(page: Page) -> int:
    """Return how often the mouse was clicked in that tab."""
    return int(await page.evaluate("Number(sessionStorage.clicks ?? 0)"))


async def test_from_the_first_page_to_the_wrong_character_and_replay_in_two_clicks(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    watched = await open_page(scene, base, context)
    page = watched.page
    await expect(page.get_by_role("heading", level=1)).to_contain_text(
        "4 things wait for you, first of all Stadtkette eG"
    )
    await page.get_by_role("link", name="The item 9521001109994").click()
    await expect(page.locator("mark")).to_have_text("9521001109994")
    await page.get_by_role("button", name="Replay").click()
    await expect(page.get_by_role("status")).to_have_text("Replay requested.")
    assert await clicks(page) == 2
    message = scene.views.message(ids["parked"])
    assert message is not None
    assert message.line.state == "received"
    assert watched.wrong == []
    await context.close()


async def test_why_it_failed_and_its_replay_by_keyboard_alone(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    watched = await open_page(scene, base, context)
    page = watched.page
    await expect(page.get_by_role("heading", level=1)).to_contain_text("4 things wait for you")
    await enter(page, "The item 9521001109994", within=True)
    await expect(page.locator("mark")).to_have_text("9521001109994")
    await enter(page, "Replay")
    await expect(page.get_by_role("status")).to_have_text("Replay requested.")
    message = scene.views.message(ids["parked"])
    assert message is not None
    assert message.line.state == "received"
    assert await clicks(page) == 0
    assert watched.wrong == []
    await context.close()


async def test_pointing_at_a_value_lights_its_place_in_the_file(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    watched = await open_page(scene, base, context)
    await watched.page.goto(f"{base}/messages/{ids['good']}")
    await watched.page.locator(".tree").get_by_text("Rolled oats 500 g").hover()
    await expect(watched.page.locator(".raw .linked")).to_have_text("Rolled oats 500 g")
    await watched.page.locator(".tree").get_by_role("link", name="240").click()
    await expect(watched.page.locator(".raw :target")).to_have_text("240")
    assert watched.wrong == []
    await context.close()


async def test_an_order_is_found_and_opened_by_keyboard_alone(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    watched = await open_page(scene, base, context)
    keys = watched.page.keyboard
    await keys.press("/")
    await keys.type("4500018831")
    await keys.press("Enter")
    await expect(watched.page).to_have_url(re.compile("/orders/4500018831"))
    await expect(watched.page.locator("main")).to_contain_text("Nordmarkt Handels AG")
    await keys.press("/")
    await keys.type("45000188")
    await keys.press("Enter")
    await expect(watched.page).to_have_url(re.compile("/messages.q=45000188"))
    await keys.press("j")
    await keys.press("Enter")
    await expect(watched.page.get_by_role("heading", level=1)).to_have_text("Order 4500018841")
    assert await clicks(watched.page) == 0
    assert watched.wrong == []
    await context.close()


async def test_a_new_message_shows_by_itself(scene: Scene, ids: dict[str, str], base: str, browser: Browser) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    watched = await open_page(scene, base, context)
    await watched.page.goto(f"{base}/messages")
    await expect(watched.page.locator("tbody tr")).to_have_count(22)  # ours stand apart
    await watched.page.wait_for_timeout(1500)
    scene.receive(b"late", at=NOW + timedelta(seconds=1), partner="stadtkette", filename="late arrival.edi")
    await expect(watched.page.get_by_role("link", name="late arrival.edi")).to_be_visible(timeout=8000)
    assert watched.wrong == []
    await context.close()


async def test_a_list_that_is_read_is_not_moved_and_says_what_is_new(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 700})
    watched = await open_page(scene, base, context)
    page = watched.page
    await page.goto(f"{base}/messages")
    await page.evaluate("scrollTo(0, 600)")
    await page.wait_for_timeout(1500)
    first = await page.locator("tbody tr").first.get_attribute("data-row")
    for number in (1, 2):
        at = NOW + timedelta(seconds=number)
        scene.receive(b"late", at=at, partner="stadtkette", filename=f"late {number}.edi")
    await expect(page.get_by_role("button", name="2 new")).to_be_visible(timeout=8000)
    assert await page.locator("tbody tr").first.get_attribute("data-row") == first
    await page.get_by_role("button", name="2 new").click()
    await expect(page.get_by_role("link", name="late 2.edi")).to_be_visible(timeout=8000)
    await page.get_by_role("button", name="Live").click()
    scene.receive(b"later", at=NOW + timedelta(seconds=3), partner="stadtkette", filename="late 3.edi")
    await expect(page.get_by_role("button", name="1 new")).to_be_visible(timeout=8000)
    assert await page.get_by_role("link", name="late 3.edi").count() == 0
    assert watched.wrong == []
    await context.close()


async def test_a_cell_under_the_pointer_offers_only_this_and_not_this(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    watched = await open_page(scene, base, context)
    page = watched.page
    await page.goto(f"{base}/messages?q=dir:in")
    await page.get_by_role("cell", name="Stadtkette eG").first.hover(force=True)  # the row's link lies over it
    await page.get_by_role("link", name="Only", exact=True).click()
    await expect(page.locator("input.query")).to_have_value("partner:stadtkette dir:in")
    assert await page.locator("tbody tr").count() == 2
    assert watched.wrong == []
    await context.close()


async def test_on_a_phone_every_group_of_the_menu_is_one_tap_away(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    watched = await open_page(scene, base, context)
    page = watched.page
    await expect(page.get_by_role("link", name="Problems", exact=True)).to_be_hidden()
    await page.get_by_role("button", name="Menu").click()
    await page.get_by_role("link", name="Problems", exact=True).click()
    await expect(page).to_have_url(f"{base}/problems")
    assert watched.wrong == []
    await context.close()


async def test_what_was_sent_lights_up_with_what_it_repeats(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(viewport={"width": 1440, "height": 900})
    watched = await open_page(scene, base, context)
    page = watched.page
    await page.goto(f"{base}/messages/{ids['good']}")
    await page.locator(".tree").get_by_role("link", name="2026-11-20").hover()
    await expect(page.locator(".pane:not(.sent) .raw .linked")).to_have_text("20261120")
    await expect(page.locator(".sent .linked")).to_have_text("20261120")
    assert watched.wrong == []
    await context.close()


async def test_everything_that_matters_works_without_script(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser
) -> None:
    context = await browser.new_context(java_script_enabled=False)
    watched = await open_page(scene, base, context, "planner")
    page = watched.page
    await page.get_by_role("link", name="Messages", exact=True).click()
    await page.get_by_label("State", exact=True).select_option("parked")
    await page.get_by_role("button", name="Show").click()
    assert await page.locator("tbody tr").count() == 2
    await page.get_by_role("link", name="4500018841").click()
    assert await page.get_by_role("heading", level=1).inner_text() == "Order 4500018841"
    await page.goto(f"{base}/proposals/{ids['proposal']}")
    await page.get_by_role("button", name="Approve and order").click()
    assert [call[:2] for call in scene.calls] == [("approve", ids["proposal"])]
    await page.get_by_role("link", name="中文").click()
    assert await page.locator("html").get_attribute("lang") == "zh-CN"
    await context.close()


# All pages where there is least room; they take turns in the others (all of them: test_console_axe.py in make soak).
@pytest.mark.parametrize(
    ("width", "language", "theme", "share"),
    [
        (390, "zh-CN", "light", slice(None)),
        (390, "en", "dark", slice(0, None, 3)),
        (1280, "en", "light", slice(1, None, 3)),
        (1920, "en", "light", slice(2, None, 3)),
    ],
    ids=["390-zh-CN-light", "390-en-dark", "1280-en-light", "1920-en-light"],
)
async def test_no_page_scrolls_sideways_or_complains(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser, width: int, language: str, theme: str, share: slice
) -> None:
    context = await browser.new_context(
        viewport={"width": width, "height": 844},
        locale=language,
        color_scheme="dark" if theme == "dark" else "light",
    )
    watched = await open_page(scene, base, context)
    places = ["/", "/messages", "/proposals", "/stock", "/orders", "/accounts", "/orders/4500018831"]
    places += [f"/messages/{ids[name]}" for name in ("parked", "good", "unread", "hostile")]
    places += [f"/parcels/{ids['parcel']}", f"/proposals/{ids['proposal']}", "/accounts/nordmarkt"]
    places += [f"/messages/{ids['parked']}/edit", "/messages?q=state:attention+nothing", "/problems"]
    for place in places[share]:
        await watched.page.goto(base + place)
        overhang = await watched.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert overhang <= 0, (place, overhang)
        assert await watched.page.evaluate(CUT) == [], place
        assert await watched.page.locator("html").get_attribute("lang") == language
    assert watched.wrong == []
    await context.close()


CONTRAST = """() => {
  const linear = (part) => (part / 255 <= 0.03928 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const bad = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest(".hear, .skip, option, svg")) continue;
    const [one, two] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) bad.push([element.className, element.textContent.trim().slice(0, 40), ratio]);
  }
  return bad;
}"""


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_every_text_has_the_contrast_of_wcag_aa(
    scene: Scene, ids: dict[str, str], base: str, browser: Browser, theme: str
) -> None:
    context = await browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme="dark" if theme == "dark" else "light"
    )
    watched = await open_page(scene, base, context)
    for place in (
        "/",
        "/messages",
        f"/messages/{ids['parked']}",
        f"/proposals/{ids['proposal']}",
        "/stock",
        "/accounts",
    ):
        await watched.page.goto(base + place)
        assert await watched.page.evaluate(CONTRAST) == [], place
    await context.close()
