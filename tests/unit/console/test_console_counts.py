"""A tab that counts what waits says when it has stopped counting."""

import re
from datetime import timedelta

from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene, _good_order


async def test_more_than_were_counted_is_said(scene: Scene, aiohttp_client, monkeypatch) -> None:
    monkeypatch.setattr("gateway.console.invoices.SHOWN", 0)
    monkeypatch.setattr("gateway.console.orders_work.COUNTED", 0)
    monkeypatch.setattr("gateway.console.returns.SHOWN", 0)
    _good_order(scene, "4500", [("9521001100014", "Rolled oats 500 g", 240)], NOW - timedelta(minutes=3))
    client: TestClient = await aiohttp_client(scene.app())
    scene.access.add_user("root", "admin", NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link("root", NOW), allow_redirects=False)
    for address in ("/orders", "/invoices", "/returns"):
        html = await (await client.get(address)).text()
        assert len(re.findall(r"<small>0\+</small>", html)) == 1, address
