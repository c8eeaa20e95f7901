"""A planner's and an account manager's day in a real browser, clicks counted: why, override, approve, the order left;
from the customer to the case, the answer, done. Every page of planning before axe, with something on it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

sys.path += [
    str(Path(__file__).parent),
    *(str(Path(__file__).parents[1] / "unit" / each) for each in ("house", "console")),
]

from desk import Desk, desk_at
from house_scene import FLOUR, HOUSE, OATS, PARTNERS, SHOP, US, go_on, make_instance, run, send, today, units, work_off
from test_console_axe import COMBINATIONS, looked_at
from test_console_operations import at, browser

from gateway.app.instance import open_instance
from gateway.model.delivery_schedule import DeliverySchedule, ScheduledDelivery, ScheduleLine
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import DocumentRef, Item, Period, party

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
__all__ = ["browser"]

PLACE = "9521002000016"
PLANNING = f"""
history_days: 56
agreements:
  - {{id: shop, method: vmi, partner: shop, places: ["{PLACE}"], approval: planner}}
  - {{id: own, method: purchase, usual_times: "1000", value_limit: "100000", schedules: [{{supplier: farm}}]}}
"""
AGREED = [f"  - {{receive: canonical/{each}, over: http}}\n"
          for each in ("SalesReport", "InventoryReport", "DeliverySchedule")]  # fmt: skip
PAGES = ("/plan", f"/plan/{PLACE}/{OATS}", f"/plan/{HOUSE}/{OATS}", "/proposals", "/schedules", "/schedules/shop?number=FR-7",
         "/joint", "/promotions", "/accuracy", "/scorecards", "/backtests", "/categories", "/stock")  # fmt: skip


def reported() -> list[Any]:
    """Six weeks of the shop's sales in one report, and yesterday's count: both items run low."""
    days = [today() - timedelta(days=n) for n in range(42, 0, -1)]
    lines = tuple(
        SalesLine(
            item=Item(gtin=gtin), location=PLACE, period=Period(start=day, end=day), sold_quantity=units(8 + n % 5)
        )
        for n, day in enumerate(days)
        for gtin in (OATS, FLOUR)
    )
    whole = Period(start=days[0], end=days[-1])
    sales = SalesReport(id="V1", issued_at=today(), reporter=party(SHOP), receiver=party(US), period=whole, lines=lines)
    there = tuple(
        InventoryLine(item=Item(gtin=gtin), type="available", quantity=units(6), location=PLACE)
        for gtin in (OATS, FLOUR)
    )
    count = InventoryReport(id="I1", issued_at=today(), at=days[-1], reporter=party(SHOP), lines=there)
    calls = tuple(
        ScheduledDelivery(quantity=units(40), status=status, on=today() + timedelta(days=n))
        for n, status in ((7, "firm"), (14, "planned"))
    )
    line = ScheduleLine(item=Item(gtin=OATS), location=PLACE, order=DocumentRef(id="FR-7"), deliveries=calls)
    schedule = DeliverySchedule(id="DF1", issued_at=today(), buyer=party(SHOP), seller=party(US), lines=(line,))
    return [sales, count, schedule]


def planned(root: Path) -> Path:
    """Make an instance whose planner has two lines to look at."""
    make_instance(root)
    (root / "partners" / "self" / "planning.yaml").write_text(PLANNING)
    terms = PARTNERS["shop"].replace("agreements:\n", "agreements:\n" + "".join(AGREED))
    (root / "partners" / "shop" / "partner.yaml").write_text(
        terms.replace("agreements:\n", "agreements:\n  - {send: canonical/Order, over: http}\n")
    )
    open_instance(root, take_folders=True).close()
    lines = tuple(InventoryLine(item=Item(gtin=gtin), type="onHand", quantity=units(500)) for gtin in (OATS, FLOUR))
    send(root, "house", InventoryReport(id="H1", issued_at=today(), reporter=party(HOUSE), lines=lines))
    send(root, "shop", *reported())
    run(root, "plan", "run")
    go_on(root)
    return root


@pytest.fixture
async def desk(tmp_path: Path, aiohttp_client: Any) -> AsyncIterator[Desk]:
    root = await asyncio.to_thread(planned, tmp_path / "instance")
    async with desk_at(root, aiohttp_client) as found:
        yield found


async def test_a_planner_sees_why_orders_otherwise_with_a_reason_and_approves_the_rest(
    desk: Desk, browser: Browser
) -> None:
    hand = await at(desk, browser, "/plan")
    page = hand.page
    row = page.get_by_role("row").filter(has_text="Oats").filter(has_text="Shop")
    await hand.click(row.get_by_role("link", name="Oats"))  # why: one click
    await expect(page.locator("svg.planchart")).to_be_visible()
    await expect(page.get_by_role("link", name="I1")).to_be_visible()
    await page.go_back()
    before = await row.locator("output").inner_text()
    await row.get_by_label("Quantity").fill("480")
    assert await row.locator("output").inner_text() != before, "how long it lasts is said at once"
    await row.get_by_label("Reason").fill("The customer has asked for it")
    await row.get_by_label("Reason").press("Enter")  # no click away from the list
    await expect(page.get_by_role("status").first).to_be_visible()
    assert hand.clicks == 1
    await asyncio.to_thread(work_off, desk.instance)

    hand.clicks = 0
    await page.goto(page.url.split("/plan")[0] + "/plan")
    await hand.click(page.locator("summary", has_text="Approve"))
    await hand.click(page.get_by_role("button", name="Order", exact=False).first)
    await expect(page.get_by_role("status").first).to_be_visible()
    assert hand.clicks <= 3, "accept all normal: three at most"
    await asyncio.to_thread(work_off, desk.instance)
    await page.goto(page.url.split("/plan")[0] + f"/plan/{PLACE}/{OATS}")
    await page.locator("a[href^='/orders/VM']").first.click()
    await expect(page.get_by_text("480").first).to_be_visible()  # the order that left
    with desk.instance.journal.reader.connect() as connection:
        sent = connection.exec_driver_sql(
            "SELECT count(*) FROM parcel WHERE partner = 'shop' AND document_type = 'Order'"
        )
        assert sent.scalar() == 2, "both orders are on their way to the shop"
    assert hand.wrong == []


async def test_an_account_manager_finds_the_case_of_a_customer_answers_and_is_done(
    desk: Desk, browser: Browser, tmp_path: Path
) -> None:
    root = tmp_path / "instance"
    await asyncio.to_thread(run, root, "crm", "open-case", "shop", "complaint", "Two cases of oats were wet")
    hand = await at(desk, browser, "/accounts")
    page = hand.page
    await hand.click(page.get_by_role("link", name="Shop", exact=True).first)
    await hand.click(page.get_by_role("link", name="complaint").first)
    await page.get_by_label("Note").fill("New goods leave tomorrow")
    await hand.click(page.get_by_role("button", name="Add the note"))
    await page.get_by_label("Cause").fill("Rain at the dock")
    await hand.click(page.get_by_role("button", name="Solved"))
    await expect(page.get_by_role("status").first).to_be_visible()
    assert hand.clicks == 4
    assert hand.wrong == []


@pytest.mark.soak
@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(("width", "theme"), COMBINATIONS)
async def test_no_page_of_planning_has_a_violation_with_something_on_it(
    desk: Desk, browser: Browser, width: int, theme: str, language: str
) -> None:
    base = str(desk.client.make_url("/")).rstrip("/")
    token = await asyncio.to_thread(desk.instance.access.make_login_link, "admin-desk", desk.instance.wall.now())
    wrong = await looked_at(browser, base, token, list(PAGES), width, theme, language)
    assert "\n".join(wrong) == ""
