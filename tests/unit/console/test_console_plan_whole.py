"""What the page of an item tells of its surroundings: promotions, the whole order, shares; orders by hand."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient
from console_scene import NOW, OATS, Scene
from test_console_plan import ITEM, STORE, Planned, page, plan, send, sign_in

from gateway.domain.decision import Needs
from gateway.model.planning_effects import LinesPlanned


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    made = Planned(tmp_path)
    yield made
    made.close()


@pytest.fixture
async def client(scene: Scene, aiohttp_client: Any) -> TestClient[Any, Any]:
    found: TestClient[Any, Any] = await aiohttp_client(scene.app())
    return found


def with_more(scene: Scene) -> None:
    """Let the plan say what a whole run says of a line."""
    plan(scene)
    pair = (STORE, OATS)
    known = scene.journal.read(lambda tx: tx.snapshot(Needs(plan_why=frozenset({pair})), "")).plans[pair]
    why = json.loads(known.why)
    event = {
        "id": "E1",
        "kind": "promotion",
        "mechanic": "leaflet",
        "first_day": "2026-11-23",
        "last_day": "2026-11-28",
    }
    why["forecast"]["events"] = [{**event, "uplift": "1.8", "price": "0.75"}]
    why["load"] = {"measure": "value", "least": 600.0, "before": 412.5, "after": 604.0, "result": "pulled-forward",
                   "line_before": "24"}  # fmt: skip
    why["shortage"] = {"available": "100", "wanted": "60", "wanted_by_all": "180", "places": 3, "given": "36"}
    why["through_dock"] = {"wanted": "36", "given": "41", "pack": "50", "wanted_by_all": "95", "places": 2}
    why["cross_dock"] = {"needed": "95", "pack": "50", "waiting": [{"shop": STORE, "units": "95", "order": "A1"}],
                         "splits": [{"shop": STORE, "units": "77"}]}  # fmt: skip
    why["supplier_plans"] = {"position": "6", "offered": "90", "minimum": "80", "maximum": "200"}
    why["policy"]["service_from"] = "customer-class A"
    why["demand"]["lead_deviation"] = 1.5
    changed = replace(known, why=json.dumps(why), exceptions=("plan.supplier-offers",))
    effects = (LinesPlanned(key="more", lines=(changed,)),)
    scene.journal.write(lambda tx: tx.write_effects(scene.next_id(), effects, NOW, test=False))


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("leaflet", "× 1.8", "75 %", "packs pulled forward", "412.5 → 604", "180 by 3 places", "60 → 36",
                "customer&#39;s class A", "± 1.5 d", "36 → 41", "Orders waiting: 1;", ">77<", "80 – 200")),
        ("zh-CN", ("提前订购部分包装", "3 个地点共 180", "客户类别 A", "手工订货")),
    ],
)  # fmt: skip
async def test_the_page_tells_promotion_price_whole_order_share_and_class(
    client: TestClient[Any, Any], scene: Scene, language: str, words: tuple[str, ...]
) -> None:
    with_more(scene)
    await sign_in(client, scene, language=language)
    text = " ".join((await page(client, ITEM)).split())
    for each in words:
        assert each in text, each
    listed = await page(client, "/plan")
    assert f'href="/proposals/{scene.views.plan_rows()[0].proposal}"' in listed, "an offer can be refused"
    assert "data-cover" in listed


async def test_an_order_by_hand_and_taking_it_back_are_said_with_their_reason(
    client: TestClient[Any, Any], scene: Scene
) -> None:
    plan(scene)
    await sign_in(client, scene)
    assert await send(client, scene, f"{ITEM}/say", kind="order", quantity="24", reason="opening") == 303
    assert await send(client, scene, f"{ITEM}/say", kind="cancel-order", about="VM000001-1", reason="twice") == 303
    assert scene.calls[-2:] == [
        ("say", "order", f"{STORE} None None 24", "opening"),
        ("say", "cancel-order", "VM000001-1"),
    ]
    assert await send(client, scene, f"{ITEM}/say", kind="order", quantity="many", reason="opening") == 409


async def test_parameters_of_many_items_are_taken_from_a_file(client: TestClient[Any, Any], scene: Scene) -> None:
    plan(scene)
    await sign_in(client, scene)
    token = re.search(r'name="csrf" value="([^"]+)"', await page(client, "/plan"))
    assert token is not None

    async def upload(data: bytes) -> int:
        form = FormData({"csrf": token[1], "reason": "season"})
        form.add_field("file", data, filename="p.csv", content_type="text/csv")
        return (await client.post("/plan/parameters", data=form, allow_redirects=False)).status

    text = f"place,gtin,name,value\n{STORE},{OATS},service,0.99\n"
    assert await upload(text.encode()) == 303
    assert scene.calls[-1] == ("parameters", text, "season")
    assert await upload(b"\xff\xfe") == 409
