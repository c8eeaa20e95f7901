"""Numbers are the partners' own words: one with what divides addresses still leads to its own page."""

import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene, _good_order
from yarl import URL

LINES = [("9521001100014", "Rolled oats 500 g", 240)]
NUMBER = "45/2026?1#a%2F"


@pytest.fixture
async def client(scene: Scene, aiohttp_client) -> TestClient:
    """A signed-in administrator."""
    found = await aiohttp_client(scene.app())
    scene.access.add_user("root", "admin", NOW, by="test")
    await found.get("/login?token=" + scene.access.make_login_link("root", NOW), allow_redirects=False)
    return found


async def page(client: TestClient, address: str) -> str:
    answer = await client.get(URL(address, encoded=True))
    assert answer.status == 200, address
    return await answer.text()


async def test_an_order_number_with_marks_of_addresses_leads_to_its_order(client: TestClient, scene: Scene) -> None:
    _good_order(scene, NUMBER, LINES, NOW - timedelta(minutes=3))
    [address] = set(re.findall(r'href="(/orders/[^"]+)"', await page(client, "/orders")))
    straight = (await client.get("/find", params={"q": NUMBER}, allow_redirects=False)).headers["Location"]
    assert NUMBER in (await page(client, address)).split("</h1>")[0]
    assert NUMBER in (await page(client, straight)).split("</h1>")[0]
