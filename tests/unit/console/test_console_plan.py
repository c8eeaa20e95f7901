"""The work list of replenishment and the page of one item at one place, over a plan that the domain has made."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, OATS, WAREHOUSE, Acting, Scene

from gateway.api.services import Services
from gateway.domain.decision import Context, Decision
from gateway.domain.table import decide, needs
from gateway.model.documents import Document
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.replenishment import LineApproval, PlanningRequest, PlanValue
from gateway.model.sales_report import InventoryLine, InventoryReport, SalesLine, SalesReport
from gateway.model.values import Item, Period, Quantity, party
from gateway.ports.journal import Tx

STORE = "9521003000015"
TODAY = NOW.date()
FILLED = PlanAgreement(id="stadtkette", method="vmi", partner="stadtkette", places=(STORE,), approval="planner")
ITEM = f"/plan/{STORE}/{OATS}"


class Planning(Acting):
    """Notes what a planner says."""

    async def approve_lines(self, proposal_id: str, lines: Sequence[LineApproval], user: str) -> str:
        self.scene.calls.append(("lines", proposal_id, *(f"{each.number}={each.quantity}" for each in lines)))
        return "arrival"

    async def approve_normal(self, user: str, partners: Any = None) -> int:
        self.scene.calls.append(("normal", user, str(partners)))
        return 1

    async def say(self, kind: str, user: str, values: Sequence[PlanValue] = (), **more: Any) -> str:
        said = (f"{each.place} {each.name} {each.value} {each.quantity}" for each in values)
        self.scene.calls.append(("say", kind, *said, str(more.get("about") or more.get("reason"))))
        return "word"

    async def load_parameters(self, text: str, user: str, reason: str) -> str:
        self.scene.calls.append(("parameters", text, reason))
        return "word"

    async def what_if(self, place: str, gtin: str, changes: Any) -> dict[str, Any]:
        return {"system_quantity": "96", "target": {"order_up_to": 123.4}}


class Planned(Scene):
    def services(self, settings: Any = None) -> Services:
        return replace(super().services(settings), actions=Planning(self))


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    made = Planned(tmp_path)
    yield made
    made.close()


@pytest.fixture
async def client(scene: Scene, aiohttp_client: Any) -> TestClient:
    return await aiohttp_client(scene.app())


def take(scene: Scene, document: Document, who: str) -> Decision:
    own = replace(scene.book.own, planning=PlanningTerms(agreements=(FILLED,), history_days=56), warehouse=WAREHOUSE)
    partners = scene.book.partners

    def work(tx: Tx) -> Decision:
        sender = replace(partners[who], kind="self") if who == "self" else partners[who]
        about = Context(partner=sender, own=own, partners=partners, now=NOW, serial=tx.serial())
        made = decide(document, about, tx.snapshot(needs(document, about), WAREHOUSE))
        tx.write_effects(scene.next_id(), made.effects, NOW, test=False)
        return made

    return scene.journal.write(work)


def plan(scene: Scene) -> None:
    """Six weeks of sales, a count of yesterday, a run: one line waits for the planner."""
    sold = [12, 9, 15, 8, 14, 20, 3]
    for n in range(42, 0, -1):
        day = TODAY - timedelta(days=n)
        line = SalesLine(item=Item(gtin=OATS), location=STORE, sold_quantity=Quantity(value=Decimal(sold[n % 7])))
        report = SalesReport(
            id=f"V{n}",
            issued_at=day,
            reporter=party("9521003000008"),
            receiver=party("9521001000000"),
            period=Period(start=day, end=day),
            lines=(line,),
        )
        take(scene, report, "stadtkette")
    yesterday = TODAY - timedelta(days=1)
    counted = InventoryLine(item=Item(gtin=OATS), type="onHand", quantity=Quantity(value=Decimal(7)), location=STORE)
    take(
        scene,
        InventoryReport(id="I1", issued_at=yesterday, at=yesterday, reporter=party("9521003000008"), lines=(counted,)),
        "stadtkette",
    )
    take(scene, PlanningRequest(id="P1", issued_at=NOW), "self")


async def sign_in(client: TestClient, scene: Scene, role: str = "planner", language: str = "en") -> None:
    scene.access.add_user(role, role, NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link(role, NOW), allow_redirects=False)
    await client.get(f"/view?language={language}", allow_redirects=False)


async def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    text = await answer.text()
    assert answer.status == status, text[:400]
    return text


async def send(client: TestClient, scene: Scene, path: str, **form: str) -> int:
    token = re.search(r'name="csrf" value="([^"]+)"', await page(client, ITEM))
    assert token is not None
    answer = await client.post(path, data={"csrf": token[1], **form}, allow_redirects=False)
    return answer.status


async def test_without_plans_the_list_says_what_to_do(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    assert "planning.yaml" in await page(client, "/plan")


async def test_the_list_shows_what_waits_with_its_reason_and_a_form_in_the_row(
    client: TestClient, scene: Scene
) -> None:
    plan(scene)
    await sign_in(client, scene)
    text = await page(client, "/plan")
    assert "Rolled oats" in text
    assert "Waits for you" in text
    assert f'action="{ITEM}/order"' in text
    assert "Nothing here" in await page(client, "/plan?status=frozen")


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_page_of_an_item_shows_where_each_figure_comes_from(
    client: TestClient, scene: Scene, language: str
) -> None:
    plan(scene)
    await sign_in(client, scene, language=language)
    text = await page(client, ITEM)
    assert "<svg" in text
    assert 'href="/messages?q=I1"' in text, "the count's document"
    assert text.count('<rect class="sold"') > 30
    assert ("Expected demand" if language == "en" else "预期需求") in text
    assert "style=" not in text


async def test_a_planner_orders_a_line_with_another_quantity(client: TestClient, scene: Scene) -> None:
    plan(scene)
    await sign_in(client, scene)
    assert await send(client, scene, f"{ITEM}/order", quantity="48,0", note="promotion") == 303
    (call,) = scene.calls
    assert call[0] == "lines"
    assert call[2] == "1=48.0"
    assert await send(client, scene, f"{ITEM}/order", quantity="many") == 409


async def test_words_are_said_and_taken_back(client: TestClient, scene: Scene) -> None:
    plan(scene)
    await sign_in(client, scene)
    assert await send(client, scene, f"{ITEM}/say", kind="parameters", name="service", value="0.99") == 303
    assert await send(client, scene, f"{ITEM}/say", kind="freeze") == 303
    days = {"first_day": "2026-11-20", "last_day": "2026-11-21"}
    assert await send(client, scene, f"{ITEM}/say", kind="override", quantity="24", reason="fair", **days) == 303
    assert await send(client, scene, "/plan/words/w-1/undo") == 303
    assert [call[1] for call in scene.calls] == ["parameters", "freeze", "override", "undo"]
    assert scene.calls[0][2] == f"{STORE} service 0.99 None"
    assert scene.calls[3][2] == "w-1"


async def test_what_if_is_shown_beside_what_is(client: TestClient, scene: Scene) -> None:
    plan(scene)
    await sign_in(client, scene)
    assert "96 instead of" in await page(client, f"{ITEM}?name=service&value=0.999")


async def test_all_normal_lines_are_approved_in_three_clicks(client: TestClient, scene: Scene) -> None:
    """Open the menu entry, open the confirmation, confirm."""
    plan(scene)
    await sign_in(client, scene)
    assert 'action="/plan/approve-normal"' in await page(client, "/plan")
    assert await send(client, scene, "/plan/approve-normal") == 303
    assert ("normal", "planner", "None") in scene.calls


async def test_who_may_only_read_gets_no_form_and_is_refused(client: TestClient, scene: Scene) -> None:
    plan(scene)
    await sign_in(client, scene, "auditor")
    text = await page(client, "/plan")
    assert f"{ITEM}/order" not in text
    answer = await client.post("/plan/approve-normal", data={}, allow_redirects=False)
    assert answer.status == 403
    assert scene.calls == []


async def test_a_person_of_one_partner_sees_only_its_plans(client: TestClient, scene: Scene) -> None:
    plan(scene)
    scene.access.add_user("narrow", "planner", NOW, by="test", partners=frozenset({"nordmarkt"}))
    await client.get("/login?token=" + scene.access.make_login_link("narrow", NOW), allow_redirects=False)
    assert "Rolled oats" not in await page(client, "/plan")
    await page(client, ITEM, 404)


async def test_an_unknown_item_is_not_found(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    await page(client, f"/plan/{STORE}/{OATS}", 404)


async def test_the_api_gives_the_same(client: TestClient, scene: Scene) -> None:
    plan(scene)
    await sign_in(client, scene)
    (row,) = await (await client.get("/api/v1/plans?status=exception")).json()
    assert (row["place"], row["gtin"], row["partner"]) == (STORE, OATS, "stadtkette")
    answer = await (await client.get(f"/api/v1/plans/{STORE}/{OATS}")).json()
    assert answer["plan"]["why"]["position"]["on_hand"] == "7"
    assert (await client.get("/api/v1/plans?status=odd")).status == 400
    assert (await client.get(f"/api/v1/plans/{WAREHOUSE}/{OATS}")).status == 404
