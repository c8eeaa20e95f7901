"""Calls made once (Idempotency-Key), on what was seen (ETag, If-Match), not too often; the document is valid."""

import asyncio

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene
from openapi_spec_validator import OpenAPIV31SpecValidator

from gateway.api.limits import Buckets
from gateway.api.openapi import document
from gateway.api.surface import all_routes
from gateway.model.faults import OurFault


@pytest.fixture
async def client(scene: Scene, aiohttp_client) -> TestClient:
    scene.access.add_user("root", "admin", NOW, by="test")
    return await aiohttp_client(scene.app())


@pytest.fixture
def headers(scene: Scene) -> dict[str, str]:
    return {"Authorization": "Bearer " + scene.access.issue_key("calls", "admin", NOW, by="test")}


async def add(client: TestClient, headers: dict[str, str], key: str, name: str = "anna", role: str = "operator"):
    body = {"name": name, "role": role}
    return await client.post("/api/v1/users", json=body, headers={**headers, "Idempotency-Key": key})


async def test_the_same_key_again_changes_nothing_and_gives_the_same_answer(
    client: TestClient, scene: Scene, headers: dict[str, str]
) -> None:
    first, again = await add(client, headers, "k1"), await add(client, headers, "k1")
    assert (first.status, again.status) == (201, 201)
    assert await first.text() == await again.text()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = await add(client, headers, "k1", "bert")
    assert (other.status, (await other.json())["code"]) == (422, "api.key-reused")
    assert [each.name for each in scene.access.users()] == ["anna", "root"]


async def test_a_refused_call_is_tried_afresh_with_its_key(client: TestClient, headers: dict[str, str]) -> None:
    assert (await add(client, headers, "k2", "root")).status == 409
    assert (await add(client, headers, "k2", "root")).status == 409
    bad = await client.post("/api/v1/users", json={}, headers={**headers, "Idempotency-Key": "x" * 201})
    assert (bad.status, (await bad.json())["code"]) == (400, "api.bad-key")


async def test_two_calls_at_once_with_one_key_make_one_change(
    client: TestClient, scene: Scene, headers: dict[str, str]
) -> None:
    answers = await asyncio.gather(*(add(client, headers, "k3") for _ in range(4)))
    assert {each.status for each in answers} <= {201, 409}
    assert [each.name for each in scene.access.users()] == ["anna", "root"]


async def test_what_is_shown_once_is_kept_sealed_for_a_repeat(
    client: TestClient, scene: Scene, headers: dict[str, str]
) -> None:
    from gateway.store.keys import FileKeys

    scene.access.keep_secrets_in(FileKeys(scene.folder / "keys", passphrase=b"test"))
    sent = {"json": {"name": "ci", "role": "operator"}, "headers": {**headers, "Idempotency-Key": "k4"}}
    first = await (await client.post("/api/v1/keys", **sent)).json()
    again = await (await client.post("/api/v1/keys", **sent)).json()
    assert first == again
    with scene.access._engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT body FROM idempotent_call").scalar_one()
    assert first["key"] not in kept


async def test_a_record_that_has_not_changed_is_not_sent_again(client: TestClient, headers: dict[str, str]) -> None:
    first = await client.get("/api/v1/users/root", headers=headers)
    again = await client.get("/api/v1/users/root", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status, await again.text()) == (304, "")


async def test_a_change_of_what_somebody_changed_meanwhile_is_refused(
    client: TestClient, scene: Scene, headers: dict[str, str]
) -> None:
    scene.access.add_user("anna", "operator", NOW, by="test")
    tag = (await client.get("/api/v1/users/anna", headers=headers)).headers["ETag"]
    seen = {**headers, "If-Match": tag}
    assert (await client.put("/api/v1/users/anna", json={"role": "planner"}, headers=seen)).status == 200
    late = await client.put("/api/v1/users/anna", json={"role": "auditor"}, headers=seen)
    assert (late.status, (await late.json())["code"]) == (412, "api.changed-since")
    assert scene.access.user("anna").role == "planner"  # type: ignore[union-attr]
    assert (await client.post("/api/v1/users/anna/disable", headers=seen)).status == 412
    assert (await client.post("/api/v1/users/anna/disable", headers={**headers, "If-Match": "*"})).status == 200
    none = await client.post("/api/v1/users", json={"name": "x", "role": "admin"}, headers=seen)
    assert (none.status, (await none.json())["code"]) == (400, "api.no-condition")


async def test_of_two_changes_at_once_of_what_both_have_seen_only_one_is_made(
    client: TestClient, scene: Scene, headers: dict[str, str]
) -> None:
    scene.access.add_user("anna", "operator", NOW, by="test")
    tag = (await client.get("/api/v1/users/anna", headers=headers)).headers["ETag"]
    seen = {**headers, "If-Match": tag}
    roles = ("planner", "auditor", "admin", "account-manager")
    sent = (client.put("/api/v1/users/anna", json={"role": each}, headers=seen) for each in roles)
    answers = await asyncio.gather(*sent)
    assert sorted(each.status for each in answers) == [200, 412, 412, 412]


async def test_a_repeat_by_its_key_is_answered_though_the_record_has_changed_by_it(
    client: TestClient, scene: Scene, headers: dict[str, str]
) -> None:
    scene.access.add_user("anna", "operator", NOW, by="test")
    tag = (await client.get("/api/v1/users/anna", headers=headers)).headers["ETag"]
    seen = {**headers, "If-Match": tag, "Idempotency-Key": "k9"}
    answers = [await client.put("/api/v1/users/anna", json={"role": "planner"}, headers=seen) for _ in range(2)]
    assert [each.status for each in answers] == [200, 200]
    assert await answers[0].text() == await answers[1].text()


def test_a_bucket_gives_its_burst_then_its_rate_and_forgets_who_was_not_seen() -> None:
    now = [100.0]
    buckets = Buckets(rate=2.0, burst=3.0, timer=lambda: now[0])
    for _ in range(3):
        buckets.take("a")
    with pytest.raises(OurFault) as caught:
        buckets.take("a")
    assert caught.value.params == {"seconds": "1"}
    buckets.take("b")
    now[0] += 0.5
    buckets.take("a")
    now[0] += 100
    assert buckets.left("a") == 3.0


def test_the_document_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(document(all_routes(), "1")).validate()


async def test_my_own_rights_are_told(client: TestClient, scene: Scene) -> None:
    key = scene.access.issue_key("k", "operator", NOW, by="test", scopes=frozenset({"messages.read"}))
    me = await (await client.get("/api/v1/me", headers={"Authorization": f"Bearer {key}"})).json()
    assert (me["role"], me["permissions"], me["scopes"]) == ("operator", ["messages.read"], ["messages.read"])
    answer = await client.post("/api/v1/me/second-factor", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status, (await answer.json())["code"]) == (403, "access.needs-person")
