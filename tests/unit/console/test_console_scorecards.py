"""Scorecards on pages, in the API, as CSV: the same figures, for whoever may see the partner."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, OATS, RICE, Scene

from gateway.model.effects import OrderLineState, OrderSaved, ShipmentSaved, StockReported
from gateway.texts.labels import label
from gateway.texts.labels_measures import LABELS

DAY = NOW.date() - timedelta(days=20)
SHOP = "9521002000016"


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    made = Scene(tmp_path)
    for partner, ordered, sent in (("nordmarkt", 10, 8), ("stadtkette", 10, 10)):
        line = OrderLineState(
            number="1",
            gtin=OATS,
            ordered=Decimal(ordered),
            confirmed=Decimal(sent),
            despatched=Decimal(sent),
            requested=str(DAY + timedelta(days=2)),
            promised=str(DAY + timedelta(days=2)),
        )
        effects = (
            OrderSaved(
                key="o",
                side="sale",
                partner=partner,
                number=f"PO-{partner}",
                status="shipped",
                ordered_on=DAY,
                lines=(line, replace(line, number="2", gtin=RICE)),
                ship_to=SHOP,
            ),
            ShipmentSaved(
                key="s",
                side="sale",
                partner=partner,
                number=f"D-{partner}",
                order=f"PO-{partner}",
                status="despatched",
                despatched_at=str(DAY + timedelta(days=2)),
                lines=(("1", OATS, Decimal(sent)), ("2", RICE, Decimal(sent))),
            ),
        )
        made.journal.write(lambda tx, e=effects: tx.write_effects(made.next_id(), e, NOW, test=False))
    empty = StockReported(
        key="count",
        partner="nordmarkt",
        location=SHOP,
        gtin=OATS,
        type="onHand",
        quantity=Decimal(0),
        at=DAY - timedelta(days=9),
    )
    made.journal.write(lambda tx: tx.write_effects(made.next_id(), (empty,), NOW, test=False))
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


async def test_the_scorecard_shows_each_side_and_leads_to_the_documents(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    found = await text(client, "/scorecards?partner=nordmarkt")
    assert "80.0 %" in found
    assert "not enough data" in found
    assert 'href="/scorecards/fill-rate?partner=nordmarkt"' in found
    behind = await text(client, "/scorecards/fill-rate?partner=nordmarkt")
    assert "/messages?q=PO-nordmarkt" in behind
    assert "Rolled oats" in behind
    assert "90.0 %" in await text(client, "/scorecards")


async def test_every_figure_has_a_page_in_both_languages(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene, language="zh-CN")
    for name in [key.removeprefix("measure.") for key in LABELS if key.startswith("measure.")]:
        found = await text(client, f"/scorecards/{name}")
        assert label(f"formula.{name}", "zh-CN").split("；")[0][:8] in found
    assert (await client.get("/scorecards/unheard-of")).status == 404


async def test_behind_an_empty_shelf_stands_its_cause(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    assert "No order was to cover the day" in await text(client, "/scorecards/stockout-days?partner=nordmarkt")
    found = await (await client.get("/api/v1/stockouts")).json()
    assert [(each["cause"], each["days"], each["share"]) for each in found["causes"]] == [("not-ordered", 1, "1")]
    assert [each["gtin"] for each in found["days"]] == [OATS]


async def test_categories_add_up_on_the_page_and_in_the_api(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    assert "Without a category" in await text(client, "/categories")
    (found,) = await (await client.get("/api/v1/categories?partner=nordmarkt")).json()
    assert (found["path"], found["items"], found["stock"]) == ([""], 1, "0")
    assert "No shop has told" in await text(client, "/categories?partner=stadtkette")


async def test_the_csv_and_the_api_tell_what_the_page_tells(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    rows = list(csv.DictReader(io.StringIO((await text(client, "/scorecards.csv?partner=nordmarkt")).lstrip("\ufeff"))))
    told = {row["measure"]: row for row in rows}
    assert (told["fill-rate"]["value"], told["fill-rate"]["top"]) == ("0.8", "16")
    assert told["turns"]["value"] == ""
    answer = await (await client.get("/api/v1/scorecard?partner=nordmarkt")).json()
    figures = {each["name"]: each for each in answer["figures"]}
    assert (figures["fill-rate"]["value"], figures["fill-rate"]["count"]) == ("0.8", 2)
    by_item = await (await client.get("/api/v1/measures/otif-requested?by=item")).json()
    assert [(each["key"], each["top"], each["bottom"]) for each in by_item] == [(OATS, "1", "2"), (RICE, "1", "2")]
    parts = await (await client.get("/api/v1/measures/otif-requested/parts?limit=1")).json()
    assert [each["document"] for each in parts] == ["PO-nordmarkt"]


@pytest.mark.parametrize(
    "query",
    ["from=2026-13-01", "until=x", "from=2026-11-10&until=2026-11-01", "from=2020-01-01", "item=abc", "earlyDays=61"],
)
async def test_a_wrong_address_is_said_and_no_error(client: TestClient, scene: Scene, query: str) -> None:
    await sign_in(client, scene)
    assert (await client.get(f"/api/v1/scorecard?{query}")).status == 400
    assert (await client.get(f"/scorecards?{query}")).status == 400


async def test_who_sees_one_partner_sees_its_figures_alone(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene, partners=frozenset({"stadtkette"}))
    found = await text(client, "/scorecards")
    assert "100.0 %" in found
    assert "80.0 %" not in found
    assert "No documents" in await text(client, "/scorecards?partner=nordmarkt")


async def test_an_empty_period_says_what_to_do(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    assert "Choose another period" in await text(client, "/scorecards?from=2025-01-01&until=2025-01-31")
