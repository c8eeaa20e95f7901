"""Registers, surveys and matrices, as an account manager walks through them, and the same by JSON."""

import re
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Acting, Clock, Scene, book

from gateway.app.selling import AsyncSelling, Selling
from gateway.domain.crm.reports import REPORTS
from gateway.domain.crm.standard_rules import STANDARD
from gateway.model.effects import ActivityAdded
from gateway.model.faults import PartnerFault
from gateway.store.crm_metrics import refresh
from gateway.store.crm_projection import CrmProjection

ACTS = ("save_entry", "drop_entry", "ask_survey", "note_answers")


def trade(scene: Scene) -> None:
    """Half a year of monthly deliveries, one customer's late."""
    for month in range(6):
        for account, late in (("nordmarkt", 0), ("stadtkette", 1)):
            at, number = NOW - timedelta(days=30 * month + 1), f"{account}{month}"
            made = [
                ("order-received", {"orders": 1, "units_ordered": 10, "order_value": 100}),
                ("shipped", {"shipments": 1, "units_shipped": 10, "shipments_late": late}),
            ]
            effects = [
                ActivityAdded(
                    key=kind, account=account, kind=kind, reference=number,
                    figures={name: Decimal(value) for name, value in figures.items()},
                )
                for kind, figures in made
            ]  # fmt: skip
            scene.journal.write(lambda tx, n=number, e=effects, a=at: tx.write_effects(n, e, a, test=False))

    measure(scene)


def measure(scene: Scene) -> None:
    def work(tx) -> None:
        projection = CrmProjection(tx.connection, STANDARD, {})
        while projection.hear().messages:
            pass
        refresh(tx.connection, NOW)

    scene.journal.write(work)


@pytest.fixture
def selling(scene: Scene) -> Selling:
    trade(scene)
    return Selling(instance=SimpleNamespace(journal=scene.journal, clock=Clock(scene), book=book(), views=scene.views))  # type: ignore[arg-type]


@pytest.fixture
async def client(scene: Scene, selling: Selling, aiohttp_client, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    desk = AsyncSelling()
    desk.selling = selling
    for name in ACTS:
        act = getattr(desk, name)
        monkeypatch.setattr(Acting, name, lambda _, *args, act=act: act(*args), raising=False)
    client = await aiohttp_client(scene.app())
    await sign_in(scene, client, "mei", "account-manager")
    return client


async def sign_in(scene: Scene, client: TestClient, name: str, role: str) -> None:
    scene.access.add_user(name, role, NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link(name, scene.now), allow_redirects=False)


async def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status == status, (path, answer.status, await answer.text())
    return await answer.text()


async def send(client: TestClient, path: str, status: int = 303, **form: str) -> str:
    csrf = re.search(r'name="csrf" value="([^"]+)"', await page(client, "/selling/call"))[1]
    answer = await client.post(path, data={"csrf": csrf, **form}, allow_redirects=False)
    assert answer.status == status, await answer.text()
    return answer.headers.get("Location", "") or await answer.text()


async def test_an_opportunity_is_made_moved_and_lost_with_its_reason(client: TestClient) -> None:
    assert "No entry yet" in await page(client, "/selling/opportunity")
    where = await send(client, "/selling/opportunity", title="<b>Oats</b>", account="nordmarkt", expectedRevenue="1000")
    address = where.partition("?")[0]
    listed = await page(client, "/selling/opportunity")
    assert "&lt;b&gt;Oats&lt;/b&gt;" in listed
    assert "<b>Oats" not in listed
    assert "1,000" in listed
    fields = {"title": "Oats", "account": "nordmarkt", "version": "1"}
    await send(client, address, 400, **fields, state="lost")
    await send(client, address, **fields, state="lost", reason="price")
    shown = await page(client, address)
    assert "price" in shown
    assert "mei" in shown  # who changed it
    await send(client, address, 409, **fields, state="won")  # somebody has changed it since
    await send(client, f"{address}/drop")
    await page(client, address, 404)


async def test_an_opportunity_that_stands_still_is_marked(client: TestClient, selling: Selling, scene: Scene) -> None:
    for name, days in (("fresh", 30), ("old", 31)):
        scene.now = NOW - timedelta(days=days)
        selling.save_entry("opportunity", name, {"title": name, "account": "nordmarkt"}, None, "mei")
    scene.now = NOW
    shown = await page(client, "/selling/opportunity")
    assert shown.count("stalled") == 1
    assert "stands still for 31 days" in await page(client, "/selling/opportunity/old")


@pytest.mark.parametrize(
    "register", ["campaign", "survey", "competitor", "product", "call", "potential", "element", "report"]
)
async def test_every_register_has_its_page_in_both_languages(client: TestClient, register: str) -> None:
    assert "field." not in await page(client, f"/selling/{register}")
    answer = await client.get(f"/selling/{register}", headers={"Cookie": "gateway_language=zh-CN"})
    assert answer.status == 200
    await page(client, "/selling/secrets", 404)


async def test_a_call_is_logged_by_json(client: TestClient) -> None:
    token = re.search(r'name="csrf" value="([^"]+)"', await page(client, "/selling/call"))[1]
    headers = {"X-CSRF-Token": token}
    body = {"data": {"title": "Where is it?", "account": "nordmarkt", "way": "in", "minutes": 4}}
    made = await client.post("/api/v1/crm/registers/call", json=body, headers=headers)
    assert made.status == 201, await made.text()
    entry = await made.json()
    assert (entry["data"]["minutes"], entry["state"], entry["origin"]) == ("4", "logged", "person")
    shown = await (await client.get(f"/api/v1/crm/registers/call/{entry['id']}")).json()
    assert shown["history"][0]["user"] == "mei"
    body["data"]["way"] = "up"
    assert (await client.post("/api/v1/crm/registers/call", json=body, headers=headers)).status == 400
    assert (await client.get("/api/v1/crm/registers/connector")).status == 403  # keys, not accounts
    assert (await client.delete(f"/api/v1/crm/registers/call/{entry['id']}", headers=headers)).status == 200
    assert (await client.get(f"/api/v1/crm/registers/call/{entry['id']}")).status == 404


def satisfied(selling: Selling) -> None:
    selling.save_entry("survey", "csat", {"title": "Satisfaction", "form": "csat"}, "running", "mei")
    selling.save_entry("survey", "audit", {"title": "Audit", "form": "audit"}, "running", "mei")


async def test_a_link_is_answered_once_and_counts(client: TestClient, selling: Selling, scene: Scene) -> None:
    satisfied(selling)
    shown = await send(client, "/selling/survey/csat/ask", 200, account="nordmarkt")
    token = re.search(r"/survey/([\w-]{30,})", shown)[1]
    assert token not in await page(client, "/selling/survey/csat")  # only once
    selling.answer(token, {"csat": "5"}, "<i>fine</i>")
    with pytest.raises(PartnerFault, match="link-used"):
        selling.answer(token, {"csat": "1"}, "")
    with pytest.raises(PartnerFault, match="link-unknown"):
        selling.answer("guess", {"csat": "1"}, "")
    told = await page(client, "/selling/survey/csat")
    assert "&lt;i&gt;fine" in told
    found = await (await client.get("/api/v1/crm/surveys/csat")).json()
    assert (found["satisfaction"], found["answers"], found["responseRate"]) == ("5.00", 1, "1.00")
    await send(client, "/selling/survey/csat/ask", 409, account="nordmarkt")  # asked lately
    late = selling.ask("csat", "stadtkette", "", "mei")
    scene.now += timedelta(days=31)
    with pytest.raises(PartnerFault, match="link-used"):
        selling.answer(late, {"csat": "5"}, "")


async def test_links_for_many_are_made_for_all_of_them_or_for_none(client: TestClient, selling: Selling) -> None:
    satisfied(selling)
    token = re.search(r'name="csrf" value="([^"]+)"', await page(client, "/selling/call"))[1]
    headers = {"X-CSRF-Token": token}
    selling.ask("csat", "stadtkette", "", "mei")

    async def asked(*accounts: str) -> tuple[int, list[str]]:
        body = {"accounts": list(accounts)}
        answer = await client.post("/api/v1/crm/surveys/csat/links", json=body, headers=headers)
        return answer.status, [each["account"] for each in await answer.json()] if answer.status == 201 else []

    assert await asked("nordmarkt", "stadtkette") == (409, [])
    assert await asked("nordmarkt", "nordmarkt") == (201, ["nordmarkt"])


async def test_the_matrices_are_drawn_from_answers_and_documents(
    client: TestClient, selling: Selling, scene: Scene
) -> None:
    empty = await page(client, "/matrices?matrix=importance")
    assert "<circle" not in empty
    satisfied(selling)
    form = {
        "account": "nordmarkt",
        "q.importance:on-time": "6",
        "q.performance:on-time": "2",
        "q.competitor:on-time": "5",
    }
    await send(client, "/selling/survey/audit/note", **form)
    drawn = await page(client, "/matrices?matrix=importance")
    assert drawn.count("<circle") == 2  # asked and measured
    assert 'href="/matrices?matrix=importance&amp;direction=customer&amp;element=on-time"' in drawn
    assert "must improve" in await page(client, "/matrices?matrix=evaluation")
    assert "major weakness -3.0" in await page(client, "/matrices?matrix=position")
    accounts = await page(client, "/matrices?matrix=importance&direction=customer&element=on-time")
    assert '<a href="/accounts/nordmarkt" aria-label=' in accounts
    assert '<a href="/accounts/stadtkette" aria-label=' in accounts  # measured, with the importance of the others
    found = await (await client.get("/api/v1/crm/matrices?element=on-time")).json()
    places = {each["id"]: each for each in found["places"]}
    assert places["nordmarkt"]["evaluation"] == {"asked": "must-improve", "measured": "keep-or-improve"}
    assert places["stadtkette"]["measured"] == "1.00"
    await page(client, "/matrices?element=nonsense", 404)
    for matrix in ("portfolio", "loyalty"):
        assert "Satisfaction and loyalty" in await page(client, f"/matrices?matrix={matrix}&direction=supplier")


async def test_satisfaction_meets_loyalty_on_the_page(client: TestClient, selling: Selling, scene: Scene) -> None:
    satisfied(selling)
    selling.note_answers("csat", "nordmarkt", {"csat": 5}, "", "mei")
    measure(scene)
    shown = await page(client, "/matrices?matrix=loyalty")
    assert "apostle" in shown
    assert shown.count("<circle") == 1
    assert "Satisfaction" in await page(client, "/accounts/nordmarkt")


async def test_cells_and_cuts_are_the_houses_and_the_preset_comes_back(client: TestClient, selling: Selling) -> None:
    satisfied(selling)
    form = {"account": "nordmarkt", "q.importance:on-time": "6", "q.performance:on-time": "2"}
    await send(client, "/selling/survey/audit/note", **form)

    async def cell() -> str:
        found = await (await client.get("/api/v1/crm/matrices")).json()
        return next(each for each in found["places"] if each["id"] == "on-time")["evaluation"]["asked"]

    assert await cell() == "must-improve"
    await send(client, "/matrices/settings", **{"high.low": "improve", "matrix": "evaluation"})
    assert await cell() == "improve"
    await send(client, "/matrices/settings", 400, **{"high.low": "stop"})
    await send(client, "/matrices/settings", preset="yes")
    assert await cell() == "must-improve"


async def test_who_may_only_read_changes_nothing(client: TestClient, selling: Selling, scene: Scene) -> None:
    satisfied(selling)
    await sign_in(scene, client, "paul", "auditor")
    shown = await page(client, "/selling/survey/csat")
    assert 'name="person"' not in shown
    assert 'name="version"' not in shown
    answer = await client.post("/selling/call", data={"csrf": "x", "title": "t"}, allow_redirects=False)
    assert answer.status == 403


async def test_reports_are_pages_files_and_json(client: TestClient) -> None:
    assert "Which goods sell best" in await page(client, "/reports")
    shown = await page(client, "/reports/returned?group=account")
    assert '<a class="reach" href="/accounts/nordmarkt">Nordmarkt Handels AG</a>' in shown
    for form in ("csv", "xlsx"):
        answer = await client.get(f"/reports/returned/file?format={form}")
        assert answer.status == 200
        assert f".{form}" in answer.headers["Content-Disposition"]
    told = await (await client.get("/api/v1/crm/reports/returned")).json()
    assert {each["key"] for each in told["rows"]} == {"nordmarkt", "stadtkette"}
    assert (await client.get("/api/v1/crm/reports/returned/file?format=pdf")).status == 400
    await page(client, "/reports/weather", 404)
    await page(client, "/reports/goods?days=0", 400)


@pytest.mark.parametrize("report", sorted(REPORTS))
async def test_every_report_has_its_page_in_both_languages(client: TestClient, report: str) -> None:
    for group in REPORTS[report].groups or ("",):
        answer = await client.get(f"/reports/{report}?group={group}", headers={"Cookie": "gateway_language=zh-CN"})
        assert answer.status == 200
        await page(client, f"/reports/{report}?group={group}")


async def test_the_brief_of_an_account_is_one_page(client: TestClient, selling: Selling) -> None:
    selling.save_entry("opportunity", "o", {"title": "Oats", "account": "nordmarkt"}, None, "mei")
    shown = await page(client, "/accounts/nordmarkt/brief")
    assert "Late" in shown
    assert "/selling/opportunity/o" in shown
    await page(client, "/accounts/nobody/brief", 404)
