"""The JSON interface over a real journal: answers, refusals, paging, OpenAPI."""

import json
from collections import defaultdict
from datetime import datetime, timedelta

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene

from gateway.api.openapi import document
from gateway.api.permissions import PARTNER_WISE, PERMISSIONS, ROLES, may
from gateway.api.surface import all_routes
from gateway.texts.errors import ERRORS


@pytest.fixture
async def client(scene: Scene, aiohttp_client) -> TestClient:
    return await aiohttp_client(scene.app())


def bearer(scene: Scene, role: str = "admin") -> dict[str, str]:
    return {"Authorization": "Bearer " + scene.access.issue_key(f"test-{role}", role, NOW, by="test")}


async def test_a_stranger_is_refused_with_a_problem_document(client: TestClient, ids: dict[str, str]) -> None:
    answer = await client.get("/api/v1/messages")
    assert answer.status == 401
    assert answer.content_type == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert (await answer.json())["code"] == "access.not-signed-in"


async def test_an_unknown_or_revoked_key_is_a_stranger(client: TestClient, scene: Scene) -> None:
    headers = bearer(scene)
    assert (await client.get("/api/v1/messages", headers=headers)).status == 200
    (key,) = scene.access.keys()
    scene.access.revoke_key(key.id, NOW, by="test")
    assert (await client.get("/api/v1/messages", headers=headers)).status == 401
    assert (await client.get("/api/v1/messages", headers={"Authorization": "Bearer gw_x"})).status == 401


async def test_pages_follow_each_other_without_gap_or_repeat(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    headers = bearer(scene)
    whole = await (await client.get("/api/v1/messages?limit=200", headers=headers)).json()
    seen, cursor, pages = [], "", 0
    while True:
        page = await (await client.get(f"/api/v1/messages?limit=4&cursor={cursor}", headers=headers)).json()
        seen += [line["id"] for line in page["lines"]]
        pages += 1
        if "next" not in page:
            break
        cursor = page["next"]
    assert seen == [line["id"] for line in whole["lines"]]
    assert len(seen) == len(set(seen)) > 20
    assert pages > 5
    times = [datetime.fromisoformat(line["at"]) for line in whole["lines"]]
    assert times == sorted(times, reverse=True)
    count = await (await client.get("/api/v1/messages/count", headers=headers)).json()
    assert count == {"value": len(seen), "capped": False}


@pytest.mark.parametrize(
    ("query", "check"),
    [
        ("state=attention", lambda line: line["state"] in ("parked", "refused")),
        ("state=parked", lambda line: line["state"] == "parked"),
        ("direction=out", lambda line: line["kind"] == "parcel"),
        ("partner=stadtkette", lambda line: line["partner"] == "stadtkette"),
        ("type=ORDRSP", lambda line: line["type"] == "ORDRSP"),
        ("type=SalesReport", lambda line: line["documentType"] == "SalesReport"),
        ("test=yes", lambda line: line["test"]),
        ("text=4500018831", lambda line: "18831" in line["businessNumber"]),
        ("text=scan+20261120", lambda line: line["kind"] == "arrival"),
    ],
)
async def test_a_filter_keeps_what_it_names_and_nothing_else(
    client: TestClient, scene: Scene, ids: dict[str, str], query: str, check
) -> None:
    headers = bearer(scene)
    found = (await (await client.get(f"/api/v1/messages?limit=200&{query}", headers=headers)).json())["lines"]
    everything = (await (await client.get("/api/v1/messages?limit=200", headers=headers)).json())["lines"]
    assert found
    assert len(found) < len(everything)
    assert all(check(line) for line in found)


async def test_wildcards_in_a_search_are_plain_characters(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    for text in ("%25", "_", "%5C"):
        page = await (await client.get(f"/api/v1/messages?text={text}", headers=bearer(scene))).json()
        assert page["lines"] == []


@pytest.mark.parametrize("query", ["cursor=nonsense", "limit=0", "limit=x", "limit=201", "direction=up", "test=maybe"])
async def test_a_bad_query_is_a_400_with_a_code(client: TestClient, scene: Scene, query: str) -> None:
    answer = await client.get(f"/api/v1/messages?{query}", headers=bearer(scene))
    assert answer.status == 400
    assert (await answer.json())["code"] in ("api.bad-cursor", "api.bad-value")


async def test_a_parked_message_says_what_where_and_what_to_do_in_two_languages(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    headers = bearer(scene)
    shown = await (await client.get(f"/api/v1/messages/{ids['parked']}", headers=headers)).json()
    problem = shown["problems"][0]
    assert problem["code"] == "item.unknown"
    assert (problem["segment"], problem["element"], problem["component"]) == (12, 3, 1)
    assert "9521001109994" in problem["text"]
    chinese = await client.get(f"/api/v1/messages/{ids['parked']}", headers={**headers, "Accept-Language": "zh-CN"})
    assert "商品" in (await chinese.json())["problems"][0]["text"]


async def test_raw_bytes_come_as_they_were_and_never_as_a_page(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    answer = await client.get(f"/api/v1/messages/{ids['hostile']}/raw", headers=bearer(scene))
    body = await answer.read()
    assert body.startswith(b"UNH+8840+")
    assert b"<script>" in body
    assert answer.content_type == "application/octet-stream"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "script" not in answer.headers["Content-Disposition"]


async def test_replay_puts_a_parked_message_back_and_refuses_a_finished_one(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    headers = bearer(scene, "operator")
    answer = await client.post(f"/api/v1/messages/{ids['parked']}/replay", headers=headers)
    assert answer.status == 202
    replayed = scene.views.message(ids["parked"])
    assert replayed is not None
    assert replayed.line.state == "received"
    assert any(event.what == "replayed" for event in replayed.events)
    again = await client.post(f"/api/v1/messages/{ids['good']}/replay", headers=headers)
    assert (again.status, (await again.json())["code"]) == (409, "journal.not-replayable")
    nothing = await client.post("/api/v1/messages/none/replay", headers=headers)
    assert nothing.status == 404


async def test_work_counts_what_is_open(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    headers = bearer(scene)
    assert await (await client.get("/api/v1/work", headers=headers)).json() == {"open": 0}
    await client.post(f"/api/v1/messages/{ids['parked']}/replay", headers=headers)
    assert await (await client.get("/api/v1/work", headers=headers)).json() == {"open": 1}


async def test_planning_actions_reach_the_gateway_and_check_their_words(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    headers = bearer(scene, "planner")
    assert (await client.post(f"/api/v1/proposals/{ids['proposal']}/approve", headers=headers)).status == 202
    assert (await client.post("/api/v1/plan/run", headers=headers, json={"supplier": "quellhof"})).status == 202
    assert scene.calls == [
        ("approve", ids["proposal"], "key:test-planner"),
        ("plan", "quellhof", "key:test-planner"),
    ]
    assert (await client.post("/api/v1/plan/run", headers=headers, json={"supplier": "nobody"})).status == 400
    assert (await client.post("/api/v1/plan/run", headers=headers, data=b"[1]")).status == 400
    assert (await client.post("/api/v1/plan/run", headers=headers, data=b"[" * 60_000)).status == 400
    assert (await client.post("/api/v1/proposals/none/reject", headers=headers)).status == 404


async def test_business_records_answer_in_exact_numbers(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    headers = bearer(scene, "auditor")
    stock = {each["gtin"]: each for each in await (await client.get("/api/v1/stock", headers=headers)).json()}
    assert stock["09521001100014"]["onHand"] == "3120"
    assert stock["09521001100014"]["allocated"] == "1692"  # seven orders of 240 and one of 12; the test order not
    assert stock["09521001100014"]["available"] == "1428"
    order = await (await client.get("/api/v1/orders/4500018831", headers=headers)).json()
    assert [line["ordered"] for line in order[0]["lines"]] == ["240", "120"]
    account = await (await client.get("/api/v1/accounts/nordmarkt", headers=headers)).json()
    assert account["account"]["figures"]["orders"] == "8"
    assert [each["code"] for each in await (await client.get("/api/v1/cases", headers=headers)).json()] == [
        "plan.approval-needed"
    ]


@pytest.mark.parametrize("role", sorted(ROLES))
async def test_every_role_gets_exactly_what_the_table_says(
    client: TestClient, scene: Scene, ids: dict[str, str], role: str
) -> None:
    partner = "nordmarkt" if role == "partner" else None
    token = scene.access.issue_key("k", role, NOW, by="test", partner=partner)
    places = defaultdict(lambda: "none", id=ids["parked"], number="4500018831", name="retail")
    for route in all_routes():
        if not route.permission:
            continue
        address = route.path.format_map(places)
        answer = await client.request(route.method, address, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status == 403) == (not may(role, route.permission)), (role, route.path, answer.status)


async def test_a_session_needs_its_token_for_changes_but_not_for_reading(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    scene.access.add_user("anna", "operator", NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link("anna", NOW), allow_redirects=False)
    assert (await client.get("/api/v1/messages")).status == 200
    refused = await client.post(f"/api/v1/messages/{ids['parked']}/replay")
    assert (refused.status, (await refused.json())["code"]) == (403, "access.csrf")
    cookie = next(iter(client.session.cookie_jar)).value
    session = scene.access.session(cookie, NOW)
    assert session is not None
    foreign = {"X-CSRF-Token": session.csrf, "Sec-Fetch-Site": "cross-site"}
    assert (await client.post(f"/api/v1/messages/{ids['parked']}/replay", headers=foreign)).status == 403
    own = {"X-CSRF-Token": session.csrf, "Sec-Fetch-Site": "same-origin"}
    assert (await client.post(f"/api/v1/messages/{ids['parked']}/replay", headers=own)).status == 202


async def test_the_document_describes_every_route_and_every_answer_fits_it(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    described = await (await client.get("/api/v1/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    for route in all_routes():
        operation = described["paths"][route.path][route.method.lower()]
        assert operation["summary"]
        assert ("401" in operation["responses"]) == (route.permission is not None)
    names = json.dumps(described).count("#/components/schemas/")
    assert names > 20
    schemas = described["components"]["schemas"]
    page = await (await client.get("/api/v1/messages", headers=bearer(scene))).json()
    for line in page["lines"]:
        assert set(schemas["MessageLine"]["required"]) <= set(line) <= set(schemas["MessageLine"]["properties"])
    proposal = await (await client.get(f"/api/v1/proposals/{ids['proposal']}", headers=bearer(scene))).json()
    assert set(schemas["ProposalView"]["required"]) <= set(proposal) <= set(schemas["ProposalView"]["properties"])


def test_operation_ids_are_unique() -> None:
    paths = document(all_routes(), "1")["paths"]
    found = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert len(found) == len(set(found))


async def test_unknown_addresses_and_methods_are_problems_too(client: TestClient, scene: Scene) -> None:
    missing = await client.get("/api/v1/nothing", headers=bearer(scene))
    assert (missing.status, missing.content_type) == (404, "application/problem+json")
    wrong = await client.delete("/api/v1/messages", headers=bearer(scene))
    assert (wrong.status, wrong.content_type) == (405, "application/problem+json")
    assert "GET" in wrong.headers["Allow"]


async def test_health_needs_no_key(client: TestClient) -> None:
    assert (await client.get("/livez")).status == 200
    assert (await client.get("/readyz")).status == 200


async def test_a_bug_is_a_500_without_its_insides(client: TestClient, scene: Scene, monkeypatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret path /etc")

    monkeypatch.setattr(scene.views, "ping", broken)
    answer = await client.get("/readyz")
    assert answer.status == 500
    assert "secret" not in await answer.text()


def test_a_partner_sees_the_state_of_its_own_arrivals_only(scene: Scene, ids: dict[str, str]) -> None:
    parked = scene.views.message(ids["parked"])
    assert parked is not None
    own = scene.views.arrival_status("nordmarkt", parked.arrival.id)
    assert own is not None
    assert own["messages"][0]["state"] == "parked"
    assert own["messages"][0]["findings"][0]["code"] == "item.unknown"
    assert scene.views.arrival_status("stadtkette", parked.arrival.id) is None
    assert scene.views.arrival_status("nordmarkt", "nothing") is None


def test_every_permission_is_somebodys_and_an_admins() -> None:
    assert ROLES["admin"] == PERMISSIONS
    assert ROLES["partner"] <= PARTNER_WISE


def test_every_code_of_this_area_has_both_languages_and_a_cure() -> None:
    for code, entry in ERRORS.items():
        if code.startswith(("api.", "access.")):
            assert entry.en
            assert entry.cure_en
            assert any("\u4e00" <= each <= "\u9fff" for each in entry.zh + entry.cure_zh), code


def test_sessions_end_when_idle_and_links_work_once(scene: Scene) -> None:
    scene.access.add_user("anna", "admin", NOW, by="test")
    link = scene.access.make_login_link("anna", NOW)
    assert scene.access.redeem(link, NOW + timedelta(minutes=16)) is None
    ticket = scene.access.redeem(link, NOW + timedelta(minutes=14))
    assert ticket is not None
    assert scene.access.redeem(link, NOW + timedelta(minutes=14)) is None
    at = NOW + timedelta(minutes=14)
    assert scene.access.session(ticket.token, at + timedelta(hours=7)) is not None  # keeps it alive
    assert scene.access.session(ticket.token, at + timedelta(hours=14)) is not None
    assert scene.access.session(ticket.token, at + timedelta(hours=22, minutes=1)) is None
    assert scene.access.session("x", at) is None


def test_a_session_ends_after_a_week_however_busy(scene: Scene) -> None:
    scene.access.add_user("anna", "admin", NOW, by="test")
    ticket = scene.access.redeem(scene.access.make_login_link("anna", NOW), NOW)
    assert ticket is not None
    for hour in range(0, 24 * 7, 4):
        assert scene.access.session(ticket.token, NOW + timedelta(hours=hour)) is not None
    assert scene.access.session(ticket.token, NOW + timedelta(days=7)) is None


def test_tokens_are_stored_as_digests_only(scene: Scene) -> None:
    scene.access.add_user("anna", "admin", NOW, by="test")
    link = scene.access.make_login_link("anna", NOW)
    ticket = scene.access.redeem(link, NOW)
    key = scene.access.issue_key("k", "admin", NOW, by="test")
    assert ticket is not None
    scene.journal.close()
    kept = b"".join(path.read_bytes() for path in scene.folder.iterdir())
    for token in (link, ticket.token, key):
        assert token.encode() not in kept
