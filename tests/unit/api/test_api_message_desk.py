"""Named queries, straight to a number, and edited bytes through the JSON interface."""

import sys
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "console"))

from console_scene import NOW, Scene, fill, scenes


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    yield from scenes(tmp_path)


@pytest.fixture
def ids(scene: Scene) -> dict[str, str]:
    return fill(scene)


async def signed_in(scene: Scene, aiohttp_client: Any) -> tuple[Any, dict[str, str]]:
    client = await aiohttp_client(scene.app())
    scene.access.add_user("olga", "operator", NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link("olga", NOW), allow_redirects=False)
    cookie = client.session.cookie_jar.filter_cookies(client.make_url("/"))["gateway_session"].value
    found = scene.access.session(cookie, NOW)
    assert found is not None
    return client, {"X-CSRF-Token": found.csrf}


async def test_the_list_takes_the_terms_of_the_search_box(
    scene: Scene, ids: dict[str, str], aiohttp_client: Any
) -> None:
    client, _ = await signed_in(scene, aiohttp_client)
    answer = await (await client.get("/api/v1/messages", params={"q": "state:attention -partner:nordmarkt"})).json()
    assert [line["id"] for line in answer["lines"]] == [ids["refused"], ids["unread"]]
    assert (await client.get("/api/v1/messages", params={"q": "at:soon"})).status == 400


async def test_a_number_is_found_whole(scene: Scene, ids: dict[str, str], aiohttp_client: Any) -> None:
    client, _ = await signed_in(scene, aiohttp_client)
    found = await (await client.get("/api/v1/find", params={"q": "4500018831"})).json()
    assert found["orders"] == [["sale", "nordmarkt", "4500018831"]]
    assert {tuple(each) for each in found["subjects"]} == {(ids["good"], "message"), (ids["parcel"], "parcel")}


async def test_a_view_is_kept_listed_and_taken_away(scene: Scene, ids: dict[str, str], aiohttp_client: Any) -> None:
    client, headers = await signed_in(scene, aiohttp_client)
    body = {"name": "Mine", "query": "state:parked", "shared": True}
    made = await client.post("/api/v1/message-views", json=body, headers=headers)
    assert made.status == 201
    assert (await client.post("/api/v1/message-views", json=body, headers=headers)).status == 409
    assert (await client.post("/api/v1/message-views", json={**body, "name": " "}, headers=headers)).status == 400
    view = (await made.json())["id"]
    listed = await (await client.get("/api/v1/message-views")).json()
    assert [each["id"] for each in listed if each["name"] == "Mine"] == [view]
    for status in (200, 404):
        assert (await client.delete(f"/api/v1/message-views/{view}", headers=headers)).status == status


async def test_edited_bytes_are_taken_in_with_a_reason(scene: Scene, ids: dict[str, str], aiohttp_client: Any) -> None:
    client, headers = await signed_in(scene, aiohttp_client)
    address = f"/api/v1/messages/{ids['parked']}/resubmit"
    body = {"data": b64encode(b"UNB+...").decode(), "reason": "typing error"}
    assert (await client.post(address, json={**body, "data": "§"}, headers=headers)).status == 400
    assert (await client.post(address, json={**body, "reason": ""}, headers=headers)).status == 400
    assert scene.calls == []
    assert (await client.post(address, json=body, headers=headers)).status == 202
    assert scene.calls == [("resubmit", ids["parked"], "UNB+...", "typing error", "olga")]
