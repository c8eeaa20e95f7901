"""Partners in a real browser, clicks counted: a certificate renewed with overlap, and a stranger's sample that becomes a
live partner; no error, no foreign request, nothing that axe finds."""

import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect

HERE = Path(__file__).parents[1] / "unit"
sys.path += [str(HERE / "console"), str(HERE / "config")]

import strangers  # noqa: E402
from partner_instance import House, houses, pem  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

CUT = """[...document.querySelectorAll("main :is(td, th)")]
  .filter((each) => each.getBoundingClientRect().right > innerWidth && !each.closest(".scroll, [role=group]"))
  .map((each) => each.outerHTML.slice(0, 100))"""
COUNT = """addEventListener("click", (click) => {
  if (click.isTrusted && click.detail) sessionStorage.clicks = Number(sessionStorage.clicks ?? 0) + 1;
}, true);
addEventListener("change", (change) => {
  if (change.isTrusted) sessionStorage.fields = Number(sessionStorage.fields ?? 0) + 1;
}, true)"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    yield from houses(tmp_path)


@pytest.fixture
async def base(house: House, aiohttp_server) -> str:
    server = await aiohttp_server(house.app(), shutdown_timeout=1)
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "apt-get install chromium"
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield found
        await found.close()


async def signed_in(house: House, base: str, browser: Browser, wrong: list[str], **options: object) -> Page:
    context = await browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **options})  # type: ignore[arg-type]
    context.set_default_timeout(60_000)
    await context.add_init_script(COUNT)
    page = await context.new_page()
    page.on("pageerror", lambda error: wrong.append(f"error {error}"))
    page.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
    page.on("request", lambda sent: None if sent.url.startswith(base) else wrong.append(f"foreign {sent.url}"))
    now = house.instance.wall.now()
    if not any(each.name == "anna" for each in house.instance.access.users()):
        house.instance.access.add_user("anna", "admin", now, by="test")
    await page.goto(f"{base}/login?token={house.instance.access.make_login_link('anna', now)}")
    return page


async def counted(page: Page, what: str = "clicks") -> int:
    return int(await page.evaluate(f"Number(sessionStorage.{what} ?? 0)"))


async def test_a_certificate_is_renewed_with_overlap_in_three_clicks(
    house: House, base: str, browser: Browser, tmp_path: Path
) -> None:
    wrong: list[str] = []
    page = await signed_in(house, base, browser, wrong)
    await page.goto(f"{base}/partners")
    new = tmp_path / "acme-2028.cer"
    new.write_bytes(pem("Acme 2028"))
    await page.get_by_role("link", name="19 days").click()
    await page.locator("input[type=file]").set_input_files(new)  # what a dropped file does
    await page.get_by_role("button", name="Look at it").click()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("status")).to_contain_text("kept beside the old one")
    assert await counted(page) == 3
    assert [each.state for each in house.desk.certificates("acme")] == ["current", "future"]
    assert wrong == []


async def test_a_sample_of_a_format_never_seen_becomes_a_live_partner(
    house: House, base: str, browser: Browser, tmp_path: Path
) -> None:
    wrong: list[str] = []
    page = await signed_in(house, base, browser, wrong)
    await page.goto(f"{base}/partners/new")
    sample = tmp_path / "order.xml"
    sample.write_bytes(strangers.OPENTRANS.replace(b"4099990000011", b"4099990000042"))
    await page.locator("input[type=file]").set_input_files(sample)
    await page.get_by_role("button", name="Recognise").click()
    await expect(page.get_by_label("Name", exact=True)).to_have_value("Tannhof Naturkost GmbH")
    await expect(page.get_by_label("GLN")).to_have_value("4099990000042")
    for step in ("documents", "mapping", "connection"):
        await page.get_by_role("button", name="Next").click()
        await page.wait_for_url(f"**/{step}")
    await page.get_by_label("Way").select_option("folder")
    await page.get_by_role("button", name="Next").click()
    await page.get_by_role("button", name="Create partner").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tannhof Naturkost GmbH")
    await page.get_by_label("Why although something is open").fill("first day")
    await page.get_by_role("button", name="Go live").click()
    await expect(page.get_by_role("button", name="Back to test")).to_be_visible()
    assert await counted(page) <= 7  # the file, five steps, going live
    assert await counted(page, "fields") <= 12
    assert house.instance.book.partners["tannhof-naturkost"].mode == "live"
    assert wrong == []


@pytest.mark.parametrize("look", ["light wide", "dark narrow"])
async def test_axe_finds_nothing_on_the_pages_of_partners(house: House, base: str, browser: Browser, look: str) -> None:
    wrong: list[str] = []
    wide = look == "light wide"
    size = {"width": 1440 if wide else 390, "height": 900}
    page = await signed_in(house, base, browser, wrong, viewport=size, color_scheme="light" if wide else "dark")
    sample = house.desk.keep_sample("order.xml", strangers.OPENTRANS, "anna")
    found: list[str] = []
    for path in (
        "/partners",
        "/partners/acme",
        "/partners/acme/agreements?edit=0",
        "/partners/acme/connections",
        "/partners/acme/certificates",
        "/partners/beta/onboarding",
        "/partners/acme/expected",
        "/partners/acme/sheet",
        f"/partners/new/{sample}/mapping",
        "/partners/import",
        "/mappings?which=all",
        "/mappings/eancom-1997/ORDERS",
    ):
        await page.goto(base + path)
        found += [f"{path} cut {each}" for each in await page.evaluate(CUT)]
        results = await Axe().run(page)
        for each in results.response["violations"]:
            places = [" ".join(node["html"].split())[:160] for node in each["nodes"][:2]]
            found.append(f"{path} {each['id']} {places}")
    assert found == []
    assert wrong == []
