"""Digits that are none, and numbers without end, in addresses and forms of the console: a mistake, never a crash."""

import re

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene

from gateway.console.fill_chart import fill_chart
from gateway.store.view_backtests import BacktestWay


@pytest.fixture
async def client(scene: Scene, ids: dict[str, str], aiohttp_client) -> TestClient:
    found = await aiohttp_client(scene.app())
    scene.access.add_user("root", "admin", NOW, by="test")
    await found.get("/login?token=" + scene.access.make_login_link("root", NOW), allow_redirects=False)
    return found


@pytest.mark.parametrize("fill", ["²", "9²", "1" * 5000, "nan", "inf"])
async def test_an_odd_share_is_refused(client: TestClient, fill: str) -> None:
    token = re.search(r'name="csrf" value="([^"]+)"', await (await client.get("/backtests")).text())[1]  # type: ignore[index]
    answer = await client.post("/backtests", data={"csrf": token, "fill": fill, "agreement": "x"})
    assert answer.status == 400


def test_a_chart_without_any_stock_is_drawn_at_its_left() -> None:
    curve = ((0.0, 0.98), (0.0, 0.99))
    ways = [BacktestWay(**{**dict.fromkeys(BacktestWay.__dataclass_fields__), "way": "ours", "curve": curve})]
    assert fill_chart(ways, 0.98) is not None
