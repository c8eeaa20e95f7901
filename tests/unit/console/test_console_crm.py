"""Accounts, cases, rules and the portfolio, as an account manager walks through them."""

import re
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Acting, Clock, Scene, book
from sqlalchemy import insert

from gateway.app.customer_record import AsyncCustomerRecord, CustomerRecord
from gateway.domain.crm.standard_rules import STANDARD
from gateway.model.effects import ActivityAdded, CaseOpened
from gateway.store.crm_metrics import refresh
from gateway.store.crm_projection import CrmProjection
from gateway.store.tables_crm import crm_metric


def trade(scene: Scene) -> None:
    """Weekly orders of two customers, one of them silent for a month, and a difference nobody has looked at."""
    start = NOW - timedelta(days=100)
    for week in range(14):
        for account in ("nordmarkt", "stadtkette")[: 1 if week > 9 else 2]:
            figures = {"orders": Decimal(1), "order_value": Decimal(100 + week)}
            order = ActivityAdded(
                key="o", account=account, kind="order-received", reference=f"PO{week}", figures=figures
            )
            message, at = f"{account}{week}", start + timedelta(days=7 * week)
            scene.journal.write(lambda tx, m=message, o=order, a=at: tx.write_effects(m, [o], a, test=False))
    short = CaseOpened(key="c", account="nordmarkt", code="receiving.differs", subject="PO<script>", params={})
    scene.journal.write(lambda tx: tx.write_effects("short", [short], NOW - timedelta(days=1), test=False))

    def work(tx) -> None:
        projection = CrmProjection(tx.connection, STANDARD, {})
        while projection.hear().messages:
            pass
        projection.notice(NOW)
        refresh(tx.connection, NOW)

    scene.journal.write(work)


@pytest.fixture
async def client(scene: Scene, aiohttp_client, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    trade(scene)
    instance = SimpleNamespace(journal=scene.journal, clock=Clock(scene), book=book())
    desk = AsyncCustomerRecord()
    desk.record = CustomerRecord(instance=instance)  # type: ignore[arg-type]
    for name in ("case_act", "save_crm_rule"):
        act = getattr(desk, name)
        monkeypatch.setattr(Acting, name, lambda _, *args, act=act: act(*args), raising=False)
    scene.access.add_user("mei", "account-manager", NOW, by="test")
    client = await aiohttp_client(scene.app())
    await client.get("/login?token=" + scene.access.make_login_link("mei", scene.now), allow_redirects=False)
    return client


async def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status == status, (path, answer.status)
    return await answer.text()


async def test_accounts_are_told_with_state_and_money_and_chosen_by_state(client: TestClient) -> None:
    everybody = await page(client, "/accounts")
    assert everybody.index("/accounts/nordmarkt") < everybody.index("/accounts/stadtkette")  # by money
    assert "Lapsed" in everybody
    silent = await page(client, "/accounts?state=lapsed")
    assert "/accounts/stadtkette" in silent
    assert 'href="/accounts/nordmarkt"' not in silent


async def test_two_thousand_accounts_are_shown_a_hundred_at_once_and_found_by_name(
    client: TestClient, scene: Scene
) -> None:
    rows = [
        {"account": f"shop-{number:04d}", "name": "monetary", "value": str(number), "rows": 1, "until": "2026-11-20",
         "parts": "{}", "at": 0}
        for number in range(2000)
    ]  # fmt: skip
    scene.journal.write(lambda tx: tx.connection.execute(insert(crm_metric), rows))
    first = await page(client, "/accounts")
    assert first.count('class="reach"') == 100
    assert "/accounts/shop-1999" in first
    assert 'href="/accounts?page=2"' in first
    last = await page(client, "/accounts?page=21")
    assert "/accounts/shop-0000" in last
    assert "page=22" not in last
    found = await page(client, "/accounts?text=SHOP-01")
    assert found.count('class="reach"') == 100
    assert "/accounts?text=SHOP-01&amp;page=2" not in found
    assert (await page(client, "/accounts?text=nordm")).count('class="reach"') == 1
    await page(client, "/portfolio")


async def test_an_account_shows_measures_with_their_parts_and_events_with_their_message(client: TestClient) -> None:
    shown = await page(client, "/accounts/nordmarkt")
    assert "/messages/nordmarkt13" in shown
    assert "Value in a year" in shown
    assert "limitDays" not in shown  # parts have words too
    assert "&lt;script&gt;" in shown
    assert "PO<script>" not in shown


async def test_older_events_are_a_page_away(client: TestClient, scene: Scene) -> None:
    for number in range(60):
        done = ActivityAdded(key=f"s{number}", account="nordmarkt", kind="shipped", reference=f"D{number}", figures={})
        scene.journal.write(
            lambda tx, n=number, d=done: tx.write_effects(f"d{n}", [d], NOW - timedelta(minutes=n), test=False)
        )
    scene.journal.write(lambda tx: CrmProjection(tx.connection, STANDARD, {}).hear())
    first = await page(client, "/accounts/nordmarkt")
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = await page(client, older.replace("&amp;", "&"))
    assert ">D0<" in first
    assert ">D59<" in second
    assert ">D0<" not in second


async def test_a_case_is_taken_solved_and_opened_again(client: TestClient) -> None:
    listed = await page(client, "/cases")
    assert listed.count('href="/cases/') >= 2
    [case] = re.findall(r'href="(/cases/[0-9a-f]{16})"[^>]*>[^<]*receipt', listed, re.I) or re.findall(
        r'href="(/cases/[0-9a-f]{16})"', await page(client, "/cases?type=delivery")
    )
    shown = await page(client, case)
    assert "PO&lt;script&gt;" in shown
    csrf = re.search(r'name="csrf" value="([^"]+)"', shown)[1]

    async def act(**form: str) -> str:
        answer = await client.post(f"{case}/act", data={"csrf": csrf, **form}, allow_redirects=False)
        assert answer.status == 303, await answer.text()
        return await page(client, case)

    assert "In work" in await act(step="assigned")
    assert "short pick" in await act(step="solved", cause="short pick", measure="count twice")
    assert case not in await page(client, "/cases")
    assert case in await page(client, "/cases?all=yes")
    await act(step="reopened")
    assert case in await page(client, "/cases")
    refused = await client.post(f"{case}/act", data={"csrf": csrf, "step": "solved"})
    assert refused.status == 409
    assert "cause" in await refused.text()


async def test_rules_are_tried_and_switched(client: TestClient) -> None:
    tried = await page(client, "/rules?try=customer-overdue")
    assert "It would have opened 1 cases at 1 accounts" in tried
    csrf = re.search(r'name="csrf" value="([^"]+)"', tried)[1]
    answer = await client.post("/rules/customer-overdue/switch", data={"csrf": csrf}, allow_redirects=False)
    assert answer.status == 303
    assert "Customer silent for long" not in await page(client, "/cases")


async def test_the_portfolio_is_drawn_and_told(client: TestClient) -> None:
    shown = await page(client, "/portfolio")
    assert shown.count("<circle") == 2
    assert "Invest" in shown


async def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    await page(client, "/cases/0000000000000000", 404)
    await page(client, "/accounts/nobody", 404)
    await page(client, "/accounts/nordmarkt?before=yesterday", 400)
