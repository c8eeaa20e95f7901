"""How good the forecasts were, on the page, in the API and on the command line."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, OATS, Scene

from gateway.domain.replenishment.facts import ACCURACY
from gateway.model.planning_effects import RecordSaved


def run(through: str, wape: float) -> str:
    row = {
        "ahead": 7, "bias": -0.031, "mase": None, "series": 3, "units": 1234.0, "value_added": 0.25, "wape": wape,
        "windows": 99,
    }  # fmt: skip
    keys = (("all", ""), ("class", "lumpy"), ("place", "9521002000016"), ("item", OATS))
    said = {
        "agreement": "shops", "partner": "nordmarkt", "first_day": "2026-01-01", "through": through, "series": 3,
        "rows": [{**row, "by": by, "key": key} for by, key in keys],
    }  # fmt: skip
    return json.dumps(said)


@pytest.fixture
def scene(tmp_path: Any) -> Iterator[Scene]:
    made = Scene(tmp_path)
    effects = [
        RecordSaved(
            key=f"a{n}", kind=ACCURACY, id=f"shops {n}", partner="nordmarkt", state="active", data=run(through, wape)
        )
        for n, (through, wape) in enumerate((("2026-02-22", 0.472), ("2026-03-01", 0.418)))
    ]
    made.journal.write(lambda tx: tx.write_effects(made.next_id(), effects, NOW, test=False))
    yield made
    made.close()


@pytest.fixture
async def client(scene: Scene, aiohttp_client: Any) -> TestClient[Any, Any]:
    found: TestClient[Any, Any] = await aiohttp_client(scene.app())
    scene.access.add_user("planner", "planner", NOW, by="test")
    await found.get("/login?token=" + scene.access.make_login_link("planner", NOW), allow_redirects=False)
    return found


async def test_the_page_tells_the_newest_run_by_parts_and_the_runs_before(client: TestClient[Any, Any]) -> None:
    page = await client.get("/accuracy")
    text = await page.text()
    assert page.status == 200
    assert text.count("41.8 %") == 5, "all, class, place, item, and the run itself"
    assert text.count("47.2 %") == 1, "the run before"
    assert "lumpy" in text
    assert OATS in text
    month = await (await client.get("/accuracy?ahead=28")).text()
    assert month.count("41.8 %") == 1, "of four weeks nothing was told; that of one week stands among the spans"
    chinese = await (await client.get("/accuracy", headers={"Accept-Language": "zh-CN"})).text()
    assert "预测准确度" in chinese


async def test_the_same_stands_in_the_api(client: TestClient[Any, Any]) -> None:
    found = json.loads(await (await client.get("/api/v1/plan-accuracy?agreement=shops")).text())
    assert [each["through"] for each in found] == ["2026-03-01", "2026-02-22"]
    assert found[0]["rows"][0] | {"key": None} == {
        "by": "all", "key": None, "ahead": 7, "series": 3, "windows": 99, "units": 1234.0, "wape": 0.418,
        "bias": -0.031, "valueAdded": 0.25,
    }  # fmt: skip
    assert json.loads(await (await client.get("/api/v1/plan-accuracy?partner=other")).text()) == []
