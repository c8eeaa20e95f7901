"""Signing in, one's own account, users, keys, sessions, audit and the reference, as a person walks through them."""

import re
from datetime import timedelta

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene
from pyotp import TOTP

from gateway.store.access import Access
from gateway.store.keys import FileKeys

PASSWORD = "wet gravel under tall pines"


@pytest.fixture
async def client(scene: Scene, aiohttp_client) -> TestClient:
    scene.access = Access(scene.journal.reader, scene.journal, FileKeys(scene.folder / "keys", passphrase=b"test"))
    scene.access.add_user("chief", "admin", NOW, by="test")
    return await aiohttp_client(scene.app())


async def enter(client: TestClient, scene: Scene, name: str = "chief") -> None:
    await client.get("/login?token=" + scene.access.make_login_link(name, scene.now), allow_redirects=False)


async def page(client: TestClient, path: str, status: int = 200) -> str:
    answer = await client.get(path)
    assert answer.status == status, (path, answer.status)
    return await answer.text()


def token_in(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found
    return found[1]


async def send(client: TestClient, path: str, form: object, status: int = 303) -> str:
    """Send a form with the token of the person's own page; return where it leads, or the page that is shown."""
    csrf = token_in(await page(client, "/me"))
    values = [*(form.items() if isinstance(form, dict) else form), ("csrf", csrf)]  # type: ignore[attr-defined]
    answer = await client.post(path, data=values, allow_redirects=False)
    assert answer.status == status, (path, answer.status, await answer.text())
    return answer.headers.get("Location", "") if status == 303 else await answer.text()


# --- the door ---------------------------------------------------------------------------------------------------------


async def test_a_password_leads_to_where_the_person_wanted_to_go(client: TestClient, scene: Scene, ids: dict) -> None:
    scene.access.set_password("chief", PASSWORD, NOW, by="chief")
    await client.get("/orders?side=sale", allow_redirects=False)
    answer = await client.post("/login", data={"name": " chief ", "password": PASSWORD}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/orders?side=sale")
    cookie = answer.cookies["gateway_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert "chief" in await page(client, "/me")


async def test_a_wrong_password_says_nothing_about_who_there_is_and_tries_are_counted(
    client: TestClient, scene: Scene
) -> None:
    scene.access.set_password("chief", PASSWORD, NOW, by="chief")
    texts = set()
    for name in ("chief", "nobody"):
        answer = await client.post("/login", data={"name": name, "password": "x"})
        assert answer.status == 403
        texts.add((await answer.text()).replace(f'value="{name}"', ""))
    assert len(texts) == 1
    for _ in range(4):
        await client.post("/login", data={"name": "chief", "password": "x"})
    answer = await client.post("/login", data={"name": "chief", "password": PASSWORD})
    assert (answer.status, answer.headers["Retry-After"]) == (429, "30")
    scene.now = NOW + timedelta(seconds=31)
    answer = await client.post("/login", data={"name": "chief", "password": PASSWORD}, allow_redirects=False)
    assert answer.status == 303


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
async def test_a_foreign_page_signs_nobody_in(client: TestClient, scene: Scene, headers: dict) -> None:
    scene.access.set_password("chief", PASSWORD, NOW, by="chief")
    form = {"name": "chief", "password": PASSWORD}
    answer = await client.post("/login", data=form, headers=headers, allow_redirects=False)
    assert answer.status == 403
    assert "gateway_session" not in answer.cookies


async def test_a_second_factor_is_set_up_asked_for_and_turned_off(client: TestClient, scene: Scene) -> None:
    scene.access.set_password("chief", PASSWORD, NOW, by="chief")
    await enter(client, scene)
    await send(client, "/me/second-factor", {})
    html = await page(client, "/me")
    assert "<svg" in html
    assert "style=" not in html
    secret = re.search(r"<code>([A-Z2-7 ]{32,})</code>", html)
    assert secret
    app = TOTP(secret[1].replace(" ", ""))
    assert "access.wrong-code" not in await send(client, "/me/second-factor/confirm", {"code": "1"}, 403)
    html = await send(client, "/me/second-factor/confirm", {"code": app.at(NOW)}, 200)
    codes = re.findall(r"^(?:.*<code>)?([a-z2-9]{5}-[a-z2-9]{5})(?:</code>.*)?$", html, re.M)
    assert len(codes) == 10
    assert codes[0] not in await page(client, "/me")
    await send(client, "/logout", {})
    scene.now = NOW + timedelta(minutes=1)
    first = await client.post("/login", data={"name": "chief", "password": PASSWORD}, allow_redirects=False)
    assert first.headers["Location"] == "/login/code"
    assert (await client.get("/messages", allow_redirects=False)).headers["Location"] == "/login"
    assert (await client.post("/login/code", data={"code": "000000"}, allow_redirects=False)).status == 403
    full = await client.post("/login/code", data={"code": app.at(scene.now)}, allow_redirects=False)
    assert full.headers["Location"] == "/messages"
    await send(client, "/me/second-factor/off", {"code": "000000"}, 403)
    assert await send(client, "/me/second-factor/off", {"code": codes[0]}) == "/me?done=factor-off"


async def test_a_code_without_a_password_before_leads_to_the_door(client: TestClient) -> None:
    answer = await client.post("/login/code", data={"code": "000000"}, allow_redirects=False)
    assert answer.headers["Location"] == "/login"


async def test_ones_own_password_needs_the_one_before_and_ends_other_sessions(client: TestClient, scene: Scene) -> None:
    await enter(client, scene)
    other = scene.access.redeem(scene.access.make_login_link("chief", NOW), NOW)
    assert other is not None
    form = {"new": PASSWORD, "again": PASSWORD + "!"}
    assert "not the same" in await send(client, "/me/password", form, 400)
    assert "too easy" in await send(client, "/me/password", {"new": "short", "again": "short"}, 400)
    assert await send(client, "/me/password", {"new": PASSWORD, "again": PASSWORD}) == "/me?done=password"
    assert scene.access.session(other.token, NOW) is None
    again = {"new": PASSWORD + "2", "again": PASSWORD + "2", "current": "wrong"}
    await send(client, "/me/password", again, 403)
    assert await send(client, "/me/password", {**again, "current": PASSWORD}) == "/me?done=password"


# --- users ------------------------------------------------------------------------------------------------------------


async def test_a_user_is_added_given_a_link_changed_and_disabled(client: TestClient, scene: Scene) -> None:
    await enter(client, scene)
    form = [("name", "anna"), ("role", "operator"), ("partners", "nordmarkt"), ("partners", "quellhof")]
    assert await send(client, "/users", [*form, ("fields_by", "own"), ("fields", "prices")]) == "/users/anna?done=added"
    anna = scene.access.user("anna")
    assert anna is not None
    assert (anna.partners, anna.fields) == (frozenset({"nordmarkt", "quellhof"}), frozenset({"prices"}))
    assert "Nordmarkt" in await page(client, "/users")
    html = await send(client, "/users/anna/link", {}, 200)
    link = re.search(r"/login\?token=([\w-]+)", html)
    assert link
    assert scene.access.redeem(link[1], NOW) is not None
    assert await send(client, "/users/anna", {"role": "planner", "fields_by": "role"}) == "/users/anna?done=changed"
    assert scene.access.user("anna").partners is None  # type: ignore[union-attr]
    await send(client, "/users/anna/disable", {})
    assert "cannot sign in" in await page(client, "/users/anna")
    await send(client, "/users/anna/enable", {})
    assert scene.access.people(NOW, "anna")[0].disabled_at is None


@pytest.mark.parametrize(
    ("path", "form", "status", "said"),
    [
        ("/users", {"name": "bad name", "role": "admin"}, 400, "cannot be a name"),
        ("/users", {"name": "chief", "role": "admin"}, 409, "already"),
        ("/users", {"name": "x", "role": "partner"}, 400, "not a role"),
        ("/users", {"name": "x", "role": "planner", "partners": "unknown"}, 409, "unknown"),
        ("/users/chief", {"role": "planner"}, 409, "your own role"),
        ("/users/chief/disable", {}, 409, "disable yourself"),
        ("/users/nobody", {"role": "planner"}, 404, "no user"),
        ("/keys", {"name": "", "role": "admin"}, 400, "name of a key"),
        ("/keys", {"name": "k", "role": "planner", "scopes": "users.write"}, 400, "scope"),
        ("/keys", {"name": "k", "role": "planner", "expires": "2020-01-01"}, 400, "past"),
        ("/keys", {"name": "k", "role": "planner", "expires": "soon"}, 400, "2026-03-02"),
        ("/keys/0123456789abcdef/revoke", {}, 404, "no API key"),
        ("/sessions/0123456789abcdef/end", {}, 404, "no running session"),
    ],
)
async def test_what_makes_no_sense_is_said_and_changes_nothing(
    client: TestClient, scene: Scene, path: str, form: dict, status: int, said: str
) -> None:
    await enter(client, scene)
    before = (scene.access.people(NOW), scene.access.keys(revoked=True))
    assert said in await send(client, path, form, status)
    assert (scene.access.people(NOW), scene.access.keys(revoked=True)) == before


async def test_a_key_is_shown_once_listed_without_it_and_revoked(client: TestClient, scene: Scene) -> None:
    await enter(client, scene)
    form = {"name": "zulu", "role": "operator", "scopes": "messages.read", "expires": "2026-12-31"}
    html = await send(client, "/keys", form, 200)
    key = re.search(r"gw_[\w-]{40,}", html)
    assert key
    (line,) = scene.access.keys()
    assert (line.scopes, line.expires_at.isoformat()) == (("messages.read",), "2027-01-01T00:00:00+00:00")  # type: ignore[union-attr]
    assert key[0] not in await page(client, "/keys")
    headers = {"Authorization": f"Bearer {key[0]}"}
    assert (await client.get("/api/v1/messages", headers=headers)).status == 200
    assert (await client.get("/api/v1/orders", headers=headers)).status == 403
    await send(client, f"/keys/{line.id}/revoke", {})
    assert (await client.get("/api/v1/messages", headers=headers)).status == 401
    assert "zulu" not in await page(client, "/keys")
    assert "zulu" in await page(client, "/keys?revoked=yes")


async def test_a_session_of_another_is_ended_from_the_list(client: TestClient, scene: Scene) -> None:
    scene.access.add_user("anna", "operator", NOW, by="test")
    other = scene.access.redeem(scene.access.make_login_link("anna", NOW), NOW, "Firefox", "192.0.2.7")
    assert other is not None
    await enter(client, scene)
    assert "192.0.2.7" in await page(client, "/sessions")
    (line,) = scene.access.sessions(NOW, "anna")
    assert await send(client, f"/sessions/{line.id}/end", {}) == "/sessions?done=ended"
    assert scene.access.session(other.token, NOW) is None


async def test_the_audit_log_shows_every_change_with_before_and_after_and_finds_it(
    client: TestClient, scene: Scene
) -> None:
    await enter(client, scene)
    await send(client, "/users", {"name": "anna", "role": "operator"})
    await send(client, "/users/anna", {"role": "planner"})
    html = await page(client, "/audit?action=user.changed")
    assert "<del>operator</del>" in html
    assert "<ins>planner</ins>" in html
    assert "user.added" not in re.sub(r"<option.*?</option>", "", html)
    for query in ("user=nobody", "subject=zzz", "since=2027-01-01", "until=2026-01-01"):
        assert "No changes of that kind" in await page(client, f"/audit?{query}")
    await page(client, "/audit?since=yesterday", 400)
    await page(client, "/audit?cursor=zzz", 400)
    for number in range(60):
        scene.access.make_login_link("anna", NOW + timedelta(seconds=number))
    first = await page(client, "/audit")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    assert "user.added" in await page(client, following[1].replace("&amp;", "&"))


async def test_the_reference_shows_every_address_of_the_document(client: TestClient, scene: Scene) -> None:
    await enter(client, scene)
    html = await page(client, "/reference")
    described = await (await client.get("/api/v1/openapi.json")).json()
    for path, methods in described["paths"].items():
        assert f"<code>{path}</code>" in html
        assert all(f'id="{each["operationId"]}"' in html for each in methods.values())
    assert "/api/v1/orders" not in await page(client, "/reference?q=second-factor")


@pytest.mark.parametrize(
    "path", ["/users", "/users/chief", "/me", "/sessions", "/keys", "/audit", "/reference", "/login"]
)
async def test_pages_are_translated_and_without_anything_inline(client: TestClient, scene: Scene, path: str) -> None:
    if path != "/login":
        await enter(client, scene)
    html = await (await client.get(path, headers={"Accept-Language": "zh-CN"})).text()
    assert 'lang="zh-CN"' in html
    assert not re.search(r"<script(?![^>]* src=)|<style|style=|\son\w+=", html)
    assert (await client.get(path)).headers["Content-Security-Policy"].startswith("default-src 'none'")
