"""A person of one partner sees nothing of another, by any address, page or action; and every role gets what it may."""

import re
from collections import defaultdict
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene

from gateway.api.identity import Caller
from gateway.api.permissions import PERMISSIONS, ROLES
from gateway.api.surface import all_routes
from gateway.console.app import TABLES, make_console
from gateway.store.access import User
from gateway.store.view_rows import MessageFilter

A, B = "stadtkette", "nordmarkt"
PAGES = [each for table in TABLES for each in table.routes]
PLACE = re.compile(r"\{(\w+)[^}]*\}")


class Recorder:
    """Actions that only note what reached them."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        async def act(*args: Any, **kwargs: Any) -> str:
            self.calls.append((name, (*args, *kwargs.values())))
            return "done"

        return act


@pytest.fixture
def actions() -> Recorder:
    return Recorder()


@pytest.fixture
async def client(scene: Scene, ids: dict[str, str], actions: Recorder, aiohttp_client) -> TestClient:
    from dataclasses import replace

    return await aiohttp_client(make_console(replace(scene.services(), actions=actions)))


def key(scene: Scene, role: str, **sight: Any) -> dict[str, str]:
    return {"Authorization": "Bearer " + scene.access.issue_key("walk", role, NOW, by="test", **sight)}


def secrets_of(scene: Scene, partner: str) -> set[str]:
    """Return ids and numbers of everything that concerns partner, and its names."""
    lines = scene.views.messages(MessageFilter(partner=partner), None, 200).lines
    found = {each.id for each in lines} | {each.business_number for each in lines if each.business_number}
    for line in lines:
        message = scene.views.message(line.id)
        found |= {message.arrival.id} if message else set()
    known = scene.book.partners[partner]
    found.discard("4500018831")  # the example in the search's own hints
    return found | {known.name, str(known.name_zh), known.ids[0].value}


def addresses(path: str, candidates: set[str]) -> list[str]:
    """Return path with every candidate in its first place; the others hold the partner or a record."""
    names = PLACE.findall(path)
    if not names:
        return [path]
    found = []
    for each in sorted(candidates):
        values = defaultdict(lambda: "1", dict.fromkeys(names, each))
        found.append(PLACE.sub(lambda place, values=values: values[place[1]], path))  # type: ignore[misc]
    return found


SIGHTS = {
    "operator": {"partners": frozenset({A})},
    "account-manager": {"partners": frozenset({A})},
    "partner": {"partner": A},
}


@pytest.mark.parametrize("role", sorted(SIGHTS))
async def test_nothing_of_another_partner_is_seen_by_any_address(
    client: TestClient, scene: Scene, ids: dict[str, str], role: str
) -> None:
    headers = key(scene, role, **SIGHTS[role])
    secrets = secrets_of(scene, B)
    assert len(secrets) > 20
    candidates = {ids["good"], ids["parked"], ids["parcel"], ids["proposal"], "4500018831", B}
    paths = {route.path for route in all_routes() if route.method == "GET"}
    paths |= {route.path for route in PAGES if route.method == "GET"}
    queries = ("", f"?partner={B}&q=4500018831&text=4500018831&limit=200")
    for path in sorted(paths):
        for address in addresses(path, candidates):
            for query in queries if address == path else ("",):
                answer = await client.get(address + query, headers=headers, allow_redirects=False)
                assert answer.status < 500, address + query
                text = (await answer.text(errors="replace")) + str(answer.headers.get("Location"))
                asked = set(re.split(r"[/?&=]", address + query))
                seen = {each for each in secrets - asked if each in text and not any(each in part for part in asked)}
                assert not seen, (role, address + query, answer.status, seen)


@pytest.mark.parametrize("role", sorted(SIGHTS))
async def test_no_action_reaches_a_record_of_another_partner(
    client: TestClient, scene: Scene, ids: dict[str, str], actions: Recorder, role: str
) -> None:
    headers = key(scene, role, **SIGHTS[role])
    candidates = {ids["parked"], ids["good"], ids["parcel"], ids["proposal"], B, "4500018831"}
    body = {"partner": B, "decision": "accept", "reason": "because", "supplier": B, "ids": [ids["parked"]]}
    for route in (*all_routes(), *PAGES):
        if route.method == "GET" or route.path in ("/logout", "/api/v1/keys", "/keys"):
            continue
        for address in addresses(route.path, candidates):
            sent = {"json": body} if address.startswith("/api/") else {"data": {**body, "ids": ids["parked"]}}
            answer = await client.request(route.method, address, headers=headers, allow_redirects=False, **sent)
            assert answer.status < 500, (route.method, address)
    named = {B, *candidates}
    reached = [call for call in actions.calls if any(str(value) in named for value in call[1])]
    assert reached == []


async def test_ones_own_partner_is_seen(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    for role, sight in SIGHTS.items():
        page = await (await client.get("/api/v1/messages?limit=200", headers=key(scene, role, **sight))).json()
        assert {line["partner"] for line in page["lines"]} == {A}
        own = next(line["id"] for line in page["lines"] if line["kind"] == "message")
        shown = await client.get(f"/api/v1/messages/{own}", headers=key(scene, role, **sight))
        assert shown.status == 200


async def test_a_stranger_gets_the_door_at_every_page_and_a_401_at_every_address(client: TestClient) -> None:
    for route in PAGES:
        (address,) = addresses(route.path, {"x"})
        answer = await client.request(route.method, address, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, "/login"), address


async def test_a_stranger_gets_a_401_at_every_address_until_it_asks_too_often(client: TestClient) -> None:
    answers = []
    for route in all_routes():
        (address,) = addresses(route.path, {"x"})
        answer = await client.request(route.method, address)
        if route.permission is not None:
            answers.append(answer.status)
    assert set(answers) == {401, 429}
    assert answers[:50] == [401] * 50


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_every_page_is_refused_to_who_may_not(client: TestClient, scene: Scene, role: str) -> None:
    sight = {"partner": A} if role == "partner" else {}
    headers, user = (
        key(scene, role, **sight),
        User(id=0, name="x", role=role, partner=sight.get("partner"), language=None),
    )
    for route in PAGES:
        if route.method != "GET" or route.permission is None:
            continue
        (address,) = addresses(route.path, {"x"})
        answer = await client.get(address, headers=headers, allow_redirects=False)
        refused = not Caller(user=user).may(route.permission)
        assert answer.status == 403 or not refused, (role, address, answer.status)


async def test_a_scope_opens_what_it_names_and_nothing_else(client: TestClient, scene: Scene) -> None:
    for scope in sorted(PERMISSIONS - {"documents.send"}):
        headers = key(scene, "admin", scopes=frozenset({scope}))
        for route in all_routes():
            if not route.permission:
                continue
            (address,) = addresses(route.path, {"x"})
            caller = Caller(
                user=User(id=0, name="k", role="admin", partner=None, language=None), scopes=frozenset({scope})
            )
            if caller.may(route.permission) or route.method != "GET":
                continue
            answer = await client.get(address, headers=headers)
            assert answer.status == 403, (scope, address)
            break  # one refusal a scope; what it opens is walked above


@pytest.mark.parametrize(
    "address", ["/orders", "/orders/4500018831", "/proposals", "/accounts", "/", "/api/v1/orders/4500018831"]
)
async def test_hidden_prices_show_nowhere(client: TestClient, scene: Scene, ids: dict[str, str], address: str) -> None:
    open_ = await (await client.get(address, headers=key(scene, "admin"))).text()
    answer = await client.get(address, headers=key(scene, "admin", fields=frozenset({"persons"})))
    text = await answer.text()
    assert answer.status == 200
    figures = {"1.89", "312.00", "order_value", "orderValue"}
    assert not {each for each in figures if each in text and each in open_}


async def test_who_may_not_see_every_field_gets_no_raw_bytes(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    for fields, status in ((frozenset({"prices", "persons", "raw"}), 200), (frozenset({"prices", "raw"}), 403)):
        answer = await client.get(f"/api/v1/messages/{ids['good']}/raw", headers=key(scene, "admin", fields=fields))
        assert answer.status == status
