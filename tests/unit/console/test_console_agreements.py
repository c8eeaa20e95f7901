"""Stock agreements and joint plans on pages and in the API."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, OATS, Acting, Scene

from gateway.api.services import Services
from gateway.domain.decision import Context, Snapshot
from gateway.domain.replenishment import cpfr
from gateway.domain.table import decide
from gateway.model.effects import OrderLineState, OrderSaved
from gateway.model.forecast import Forecast, ForecastLine
from gateway.model.joint import AgreementAct, Criterion, JointPlan, LevelChange, StockAgreement, StockLevel
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.planning_effects import LinesPlanned, OverrideSaved, PlannedLine, RecordSaved
from gateway.model.values import Item, Period, Quantity, party

STORE = "9521002000016"
TERMS = PlanningTerms(agreements=(PlanAgreement(id="v", method="vmi", partner="nordmarkt", places=(STORE,)),))


class Agreeing(Acting):
    """Notes what a person says."""

    async def offer_stock(self, said: StockAgreement, user: str) -> None:
        lines = (f"{each.place} {each.gtin} {each.level}" for each in said.lines)
        self.scene.calls.append(("stock", said.id, said.partner, str(said.step), str(said.delivery_days), *lines))

    async def offer_plan(self, said: JointPlan, user: str) -> None:
        rules = (f"{each.metric} {each.limit}" for each in said.criteria)
        dates = (f"{each.on} {each.what}" for each in said.calendar)
        self.scene.calls.append(("plan", said.id, said.partner, *rules, *dates))

    async def answer(self, kind: str, agreement: str, act: str, user: str, **more: Any) -> None:
        said = (f"{name}={value}" for name, value in more.items() if value)
        self.scene.calls.append((kind, agreement, act, user, *said))

    async def next_levels(self, found: Any) -> list[LevelChange]:
        return [LevelChange(place=STORE, gtin=OATS, level=Decimal(40), proposed=Decimal(36))]


class Agreed(Scene):
    def services(self, settings: Any = None) -> Services:
        return replace(super().services(settings), actions=Agreeing(self))  # type: ignore[arg-type]


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    made = Agreed(tmp_path)
    own = replace(made.book.own, planning=TERMS)
    records: dict[tuple[str, str], RecordSaved] = {}

    def say(document: Any, who: str) -> None:
        sender = made.book.partners[who]
        context = Context(
            partner=replace(sender, kind="self") if who == "self" else sender,
            own=own,
            partners=made.book.partners,
            now=NOW,
            serial=1,
        )
        effects = decide(document, context, Snapshot(plan_records=records)).effects
        for each in effects:
            if isinstance(each, RecordSaved):
                records[each.kind, each.id] = each
        made.journal.write(lambda tx: tx.write_effects(made.next_id(), effects, NOW, test=False))

    level = StockLevel(place=STORE, gtin=OATS, level=Decimal(40))
    say(StockAgreement(id="CR1", issued_at=NOW, partner="nordmarkt", name="Oats stock", lines=(level,)), "self")
    accept = AgreementAct(id="a", issued_at=NOW, kind="stock", agreement="CR1", act="accept", user="buyer")
    say(accept, "nordmarkt")
    change = LevelChange(
        place=STORE,
        gtin=OATS,
        level=Decimal(40),
        proposed=Decimal(36),
        days=28,
        fill_now=Decimal(1),
        fill_next=Decimal("0.992"),
        stock_now=Decimal(20),
        stock_next=Decimal(16),
    )
    propose = replace(accept, id="P7", act="propose", user="system", lines=(change,))
    say(propose, "self")
    rule = Criterion(metric="forecast-difference", limit=Decimal("0.2"))
    plan = JointPlan(id="JP1", issued_at=NOW, partner="nordmarkt", name="Oats plan", criteria=(rule,))
    say(plan, "self")
    say(plan, "nordmarkt")
    today = NOW.date()
    daily = ",".join(f'{{"day":"{today + timedelta(days=n)}","system":10.0}}' for n in range(7))
    line = PlannedLine(
        location=STORE,
        gtin=OATS,
        partner="nordmarkt",
        agreement="v",
        method="vmi",
        status="nothing",
        quantity=Decimal(0),
        why=f'{{"forecast":{{"daily":[{daily}]}}}}',
    )
    told = OverrideSaved(
        key="t",
        id="t",
        location=STORE,
        gtin=OATS,
        kind="told",
        quantity=Decimal(16),
        first_day=today,
        last_day=today + timedelta(days=6),
        reason="F",
        author="nordmarkt",
    )
    effects = (LinesPlanned(key="p", lines=(line,)), told)
    made.journal.write(lambda tx: tx.write_effects(made.next_id(), effects, NOW, test=False))
    yield made
    made.close()


@pytest.fixture
async def client(scene: Scene, aiohttp_client: Any) -> TestClient:
    return await aiohttp_client(scene.app())


async def sign_in(client: TestClient, scene: Scene, role: str = "planner", language: str = "en", **more: Any) -> None:
    scene.access.add_user(role, role, NOW, by="test", **more)
    await client.get("/login?token=" + scene.access.make_login_link(role, NOW), allow_redirects=False)
    await client.get(f"/view?language={language}", allow_redirects=False)


async def text(client: TestClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    found = await answer.text()
    assert answer.status == status, found[:400]
    return found


async def send(client: TestClient, path: str, status: int = 303, **form: str) -> None:
    token = re.search(r'name="csrf" value="([^"]+)"', await text(client, "/joint"))
    assert token is not None
    answer = await client.post(path, data={"csrf": token[1], **form}, allow_redirects=False)
    assert answer.status == status, await answer.text()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
async def test_the_pages_show_what_is_agreed_and_what_waits(client: TestClient, scene: Scene, language: str) -> None:
    await sign_in(client, scene, language=language)
    found = await text(client, "/joint")
    assert "Oats stock" in found
    assert "Oats plan" in found
    stock = await text(client, "/joint/stock/CR1")
    assert "100 → 99.2 %" in stock
    assert "20 → 16" in stock
    plan = await text(client, "/joint/plan/JP1")
    assert "46.2 %" in plan
    assert ">70<" in plan
    assert ">112<" in plan
    await text(client, "/joint/stock/JP1", 404)


async def test_a_person_accepts_declines_and_resolves(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    await send(client, "/joint/stock/CR1/act", act="accept", proposal="P7")
    about = f"{STORE}/{OATS}/2026-11-20/2026-11-26"
    await send(client, "/joint/plan/JP1/act", act="resolve", about=about, reason="fair", quantity="13")
    assert scene.calls == [
        ("stock", "CR1", "accept", "planner", "proposal=P7"),
        ("joint", "JP1", "resolve", "planner", "reason=fair", f"about={about}", "quantity=13"),
    ]
    await send(client, "/joint/plan/JP1/act", 400, act="resolve", quantity="many")


async def test_offers_are_made_with_forms(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    stock = {"id": "CR2", "name": "More", "partner": "nordmarkt", "delivery_days": "1 4", "step": "5"}
    await send(client, "/joint/stock", **stock, lines=f"{STORE} {OATS} 24\n{STORE} 9521001100038 12")
    plan = {"id": "JP2", "name": "More", "partner": "nordmarkt", "forecast-difference": "25", "stock-days": "14"}
    await send(client, "/joint/plan", **plan, calendar="2026-12-01 share forecasts")
    assert scene.calls == [
        ("stock", "CR2", "nordmarkt", "0.05", "(1, 4)", f"{STORE} {OATS} 24", f"{STORE} 09521001100038 12"),
        ("plan", "JP2", "nordmarkt", "forecast-difference 0.25", "stock-days 14", "2026-12-01 share forecasts"),
    ]
    await send(client, "/joint/stock", 400, **stock, lines=f"{STORE} {OATS}")
    await send(client, "/joint/stock", 400, **{**stock, "delivery_days": "8"}, lines=f"{STORE} {OATS} 24")
    await send(client, "/joint/plan", 400, **plan, calendar="tomorrow")


async def test_the_api_tells_and_takes_the_same(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    (stock,) = await (await client.get("/api/v1/stock-agreements?partner=nordmarkt")).json()
    assert (stock["state"], stock["waitsFor"], stock["levels"][0]["level"]) == ("active", ["us", "them"], "40")
    levels = await (await client.get("/api/v1/stock-agreements/CR1/next-levels")).json()
    assert [each["proposed"] for each in levels] == ["36"]
    (row,) = await (await client.get("/api/v1/joint-plans/JP1/exceptions")).json()
    assert (row["exception"]["row"]["ours"], row["exception"]["row"]["theirs"]) == ("70", "112")
    assert len(await (await client.get("/api/v1/joint-plans/JP1/forecasts")).json()) == 1
    token = re.search(r'name="csrf" value="([^"]+)"', await text(client, "/joint"))
    assert token is not None
    headers = {"X-CSRF-Token": token[1]}
    line = {"place": STORE, "gtin": OATS, "level": "30"}
    body = {"id": "CR3", "partner": "nordmarkt", "name": "N", "lines": [line], "deliveryDays": [2], "step": "0.1"}
    assert (await client.post("/api/v1/stock-agreements", json=body, headers=headers)).status == 202
    said = {"act": "accept", "proposal": "P7"}
    assert (await client.post("/api/v1/stock-agreements/CR1/acts", json=said, headers=headers)).status == 202
    assert [each[:3] for each in scene.calls] == [("stock", "CR3", "nordmarkt"), ("stock", "CR1", "accept")]
    assert (await client.post("/api/v1/stock-agreements", json={"id": 7}, headers=headers)).status == 400


async def test_who_sees_other_partners_sees_none_of_it(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene, partners=frozenset({"stadtkette"}))
    found = await text(client, "/joint")
    assert "Oats" not in found
    assert 'action="/joint/stock"' not in found
    await text(client, "/joint/stock/CR1", 404)
    assert await (await client.get("/api/v1/joint-plans")).json() == []
    assert (await client.get("/api/v1/stock-agreements/CR1/next-levels")).status == 403


async def test_the_frozen_order_forecast_stands_beside_what_was_ordered(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    assert "Frozen order forecast" not in await text(client, "/joint/plan/JP1")
    today = NOW.date()
    week = Period(start=today, end=today + timedelta(days=6))
    line = ForecastLine(item=Item(gtin=OATS), location=STORE, period=week, quantity=Quantity(value=Decimal(70)))
    frozen = Forecast(
        id="FC1", issued_at=NOW, sender=party("9521001000000"), receiver=party("9521002000009"), lines=(line,)
    )
    views = scene.services().views
    plan = views.joint_plan("JP1")
    assert plan is not None
    key = cpfr._record(replace(plan, frozen=frozen))

    def ordered(number: str, day: date, units: int, status: str = "open") -> OrderSaved:
        state = OrderLineState(
            number="1", gtin=OATS, ordered=Decimal(units), confirmed=Decimal(units), requested=day.isoformat()
        )
        return OrderSaved(
            key=number, side="sale", partner="nordmarkt", number=number, status=status, ordered_on=today,
            lines=(state,), ship_to=STORE,
        )  # fmt: skip

    effects = (
        key,
        ordered("N1", today, 48),
        ordered("N2", today + timedelta(days=6), 12),
        ordered("N3", today + timedelta(days=7), 999),
        ordered("N4", today, 500, "cancelled"),
    )
    scene.journal.write(lambda tx: tx.write_effects(scene.next_id(), effects, NOW, test=False))
    (row,) = await (await client.get("/api/v1/joint-plans/JP1/frozen")).json()
    assert (row["frozen"], row["ordered"], row["gtin"]) == ("70", "60", OATS)
    page = await text(client, "/joint/plan/JP1")
    assert "Frozen order forecast" in page
    assert "-10" in page or "−10" in page
