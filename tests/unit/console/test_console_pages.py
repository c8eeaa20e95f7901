"""Every page over a real journal: content, permission, tokens, escaping, headers, both languages."""

import gzip
import re
from html import unescape
from html.parser import HTMLParser
from importlib.resources import files
from io import BytesIO
from urllib.parse import parse_qs, urlencode, urlsplit
from zipfile import ZipFile

import pytest
from aiohttp.test_utils import TestClient
from console_scene import HOSTILE, NOW, Scene
from sqlalchemy import text as sql

from gateway.console.pages import safe_next
from gateway.model.findings import Finding, Where
from gateway.ports.records import NewMessage

PAGES = (
    "/",
    "/messages",
    "/messages/{parked}",
    "/messages/{good}",
    "/messages/{test}",
    "/messages/{hostile}",
    "/messages/{unread}",
    "/parcels/{parcel}",
    "/parcels/{refused}",
    "/proposals",
    "/proposals/{proposal}",
    "/stock",
    "/orders",
    "/orders?side=sale",
    "/orders/4500018831",
    "/accounts",
    "/accounts/nordmarkt",
    "/accounts/quellhof",
    "/messages?text=nothing+at+all",
)


TRAIL = sql("SELECT action, before, after FROM audit WHERE subject = 'Parked ones' ORDER BY id")


@pytest.fixture
async def client(scene: Scene, aiohttp_client) -> TestClient:
    return await aiohttp_client(scene.app())


async def sign_in(client: TestClient, scene: Scene, role: str = "admin", language: str = "en") -> None:
    scene.access.add_user(role, role, NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link(role, NOW), allow_redirects=False)
    await client.get(f"/view?language={language}", allow_redirects=False)


async def page(client: TestClient, path: str, **options) -> str:
    answer = await client.get(path, **options)
    text = await answer.text()
    assert answer.status == 200, (path, answer.status, text[:500])
    return text


def csrf_of(html: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', html)
    assert found is not None
    return found.group(1)


class Text(HTMLParser):
    """Collects text, elements, and attributes that run code."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_shown_in_its_language_and_without_anything_foreign_or_inline(
    client: TestClient, scene: Scene, ids: dict[str, str], path: str, language: str
) -> None:
    await sign_in(client, scene, language=language)
    answer = await client.get(path.format(**ids))
    html = await answer.text()
    assert answer.status == 200, html[:300]
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}"' in html
    for tag, attributes in Text(html).tags:
        assert tag != "style"
        assert not [name for name in attributes if name.startswith("on") or name == "style"], (tag, attributes)
        for name in ("src", "href", "action"):
            address = attributes.get(name)
            assert address is None or address.startswith(("/", "#")), (tag, address)
        if tag == "script":
            assert attributes.get("src", "").startswith("/static/")


async def test_a_page_has_one_heading_and_each_field_a_name(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene)
    for path in PAGES:
        tags = Text(await page(client, path.format(**ids))).tags
        assert sum(tag == "h1" for tag, _ in tags) == 1, path
        found = [each["id"] for _, each in tags if "id" in each]
        assert len(found) == len(set(found)), (path, [each for each in found if found.count(each) > 1])
        labelled = {each.get("for") for tag, each in tags if tag == "label"}
        for tag, attributes in tags:
            if tag in ("input", "select", "textarea") and attributes.get("type") != "hidden":
                named = attributes.get("aria-label") or attributes.get("id") in labelled
                assert named, (path, attributes)


async def test_security_headers_are_on_every_answer(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    for path in ("/", "/login", "/nothing", "/api/v1/messages", "/events-not", "/messages/none"):
        answer = await client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Server"] == "edi-gateway"


async def test_a_stranger_is_led_to_the_door_and_back(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    answer = await client.get("/messages?state=parked", allow_redirects=False)
    assert answer.status == 303
    assert answer.headers["Location"] == "/login"
    assert "login-link" in await page(client, "/login")
    scene.access.add_user("anna", "admin", NOW, by="test")
    token = scene.access.make_login_link("anna", NOW)
    back = await client.get(f"/login?token={token}", allow_redirects=False)
    assert back.headers["Location"] == "/messages?state=parked"
    client.session.cookie_jar.clear()
    assert (await client.get("/events")).status == 401


async def test_a_link_signs_in_once_and_its_cookie_is_out_of_scripts_reach(client: TestClient, scene: Scene) -> None:
    scene.access.add_user("anna", "admin", NOW, by="test")
    token = scene.access.make_login_link("anna", NOW)
    first = await client.get(f"/login?token={token}", allow_redirects=False)
    assert (first.status, first.headers["Location"]) == (303, "/")
    cookie = next(each for each in first.headers.getall("Set-Cookie") if each.startswith("gateway_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    client.session.cookie_jar.clear()
    second = await client.get(f"/login?token={token}", allow_redirects=False)
    assert second.status == 403
    assert "used already" in await second.text()


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ("/stock?a=b", "/stock?a=b"),
        ("//evil.example", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("", "/"),
    ],
)
def test_the_way_back_stays_on_this_console(given: str, result: str) -> None:
    assert safe_next(given) == result


async def test_signing_out_ends_the_session_for_good(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    cookie = next(each.value for each in client.session.cookie_jar if each.key == "gateway_session")
    token = csrf_of(await page(client, "/"))
    answer = await client.post("/logout", data={"csrf": token}, allow_redirects=False)
    assert answer.status == 303
    assert scene.access.session(cookie, NOW) is None


async def test_replay_is_one_form_with_a_token(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene, "operator")
    address = f"/messages/{ids['parked']}"
    html = await page(client, address)
    assert f'action="{address}/replay"' in html
    for bad in ({}, {"csrf": "x"}, {"csrf": ""}):
        assert (await client.post(f"{address}/replay", data=bad)).status == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert (await client.post(f"{address}/replay", data={"csrf": csrf_of(html)}, headers=foreign)).status == 403
    message = scene.views.message(ids["parked"])
    assert message is not None
    assert message.line.state == "parked"
    answer = await client.post(f"{address}/replay", data={"csrf": csrf_of(html)}, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, f"{address}?done=replay")
    message = scene.views.message(ids["parked"])
    assert message is not None
    assert message.line.state == "received"
    after = await page(client, f"{address}?done=replay")
    assert "Replay requested." in after
    assert "/replay" not in after


async def test_a_refused_parcel_can_be_sent_again(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene, "operator")
    address = f"/parcels/{ids['refused']}"
    html = await page(client, address)
    await client.post(f"{address}/resend", data={"csrf": csrf_of(html)}, allow_redirects=False)
    parcel = scene.views.parcel(ids["refused"])
    assert parcel is not None
    assert parcel.line.state in ("queued", "wrapped")


async def test_a_proposal_shows_its_figures_and_takes_a_decision(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene, "planner")
    address = f"/proposals/{ids['proposal']}"
    html = await page(client, address)
    assert "EUR\u00a0412.80 is above the limit of EUR\u00a0250.00" in html
    assert "Sells 41.29 a day" in html
    assert "Position 48 = on hand 96" in html
    await client.post(f"{address}/reject", data={"csrf": csrf_of(html)}, allow_redirects=False)
    assert scene.calls == [("reject", ids["proposal"], "planner")]


async def test_what_a_role_may_not_do_is_not_offered_and_not_done(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene, "account-manager")
    html = await page(client, f"/messages/{ids['parked']}")
    assert "/replay" not in html
    assert "You may not see the bytes" in html
    assert "UNH+8841" not in html
    assert (await client.get(f"/messages/{ids['parked']}/raw")).status == 403
    assert (await client.get("/proposals")).status == 403
    token = csrf_of(html)
    assert (await client.post(f"/messages/{ids['parked']}/replay", data={"csrf": token})).status == 403
    message = scene.views.message(ids["parked"])
    assert message is not None
    assert message.line.state == "parked"


async def test_hostile_words_of_a_partner_are_shown_and_never_run(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene)
    for path in (f"/messages/{ids['hostile']}", "/messages", "/orders/4500018840", f"/messages?text={HOSTILE}"):
        html = await page(client, path)
        assert HOSTILE not in html, path
        scripts = [attributes for tag, attributes in Text(html).tags if tag == "script"]
        assert len(scripts) == 1
    shown = Text(await page(client, f"/messages/{ids['hostile']}")).words
    assert sum(HOSTILE in words for words in shown) >= 3  # raw bytes, document, file name


async def test_the_exact_place_of_the_error_is_marked_and_linked(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene)
    html = await page(client, f"/messages/{ids['parked']}")
    assert '<mark id="finding-0">9521001109994</mark>' in html
    assert 'href="#finding-0"' in html
    assert html.count("<mark") == 1


async def test_a_value_and_its_source_point_at_each_other(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene)
    html = await page(client, f"/messages/{ids['good']}")
    number = re.search(r'id="s(\d+)" href="#v\1" data-link="\1" tabindex="-1">4500018831<', html)
    assert number is not None
    assert re.search(rf'href="#s{number.group(1)}" id="v{number.group(1)}">4500018831<', html)


async def test_test_traffic_is_marked_everywhere(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene)
    for path in (f"/messages/{ids['test']}", "/messages?test=yes"):
        assert "changes nothing" in await page(client, path)
    assert "Recorded as test" in await page(client, f"/messages/{ids['test']}")


async def test_an_arrival_without_a_message_has_a_page_of_its_own(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene)
    html = await page(client, f"/messages/{ids['unread']}")
    assert "scan 20261120.png" in html
    assert "found: ·PNG" in html


async def test_filters_live_in_the_address(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene)
    html = await page(client, "/messages?state=attention&partner=stadtkette")
    assert html.count('class="row') == 2
    assert '<option value="attention" selected>' in html
    assert '<option value="stadtkette" selected>' in html
    odd = await page(client, "/messages?state=%22%3E%3Cb&direction=sideways&test=perhaps")
    assert odd.count('class="row') == 22  # values that make no sense are left out; our own proposal stands apart
    assert "<b" not in odd.replace("<body", "").replace("<button", "")


async def test_the_text_and_the_drop_downs_are_one_state(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene)
    html = await page(client, "/messages?q=state:attention+partner:stadtkette+-type:CONTRL")
    assert html.count('class="row') == 2
    assert 'value="state:attention partner:stadtkette -type:CONTRL"' in html
    assert '<option value="stadtkette" selected>' in html
    sent = {"form": "1", "q": "state:attention partner:stadtkette 4711", "state": "parked", "partner": "", "at": ""}
    answer = await client.get("/messages", params=sent, allow_redirects=False)
    assert answer.status == 303
    assert parse_qs(urlsplit(answer.headers["Location"]).query) == {"q": ["state:parked 4711"]}


async def test_a_term_that_is_not_understood_is_told_and_left_out(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene)
    html = await page(client, "/messages?q=at:yesterday")
    assert "Not understood and left out: at:yesterday" in html
    assert html.count('class="row') == 22


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("-partner:nordmarkt", 5),
        ("type:ORDERS -state:done", 1),
        ("type:Order", 10),
        ("err:item.", 1),
        ("-err:item. state:attention", 2),
        ("at:<1h dir:in", 7),
        ("at:>12h", 1),
        ("at:2026-11-20..2026-11-20 dir:out state:refused", 1),
        ("partner:stadtkette,warehouse", 5),
        ("9521001109994", 1),
        ("ref:450001884*", 2),
    ],
)
async def test_terms_choose_what_they_say(
    client: TestClient, scene: Scene, ids: dict[str, str], query: str, rows: int
) -> None:
    await sign_in(client, scene)
    html = await page(client, f"/messages?{urlencode({'q': query})}")
    assert html.count('class="row') == rows


async def test_a_partner_is_found_by_its_name_in_either_language(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene)
    for words in ("stadtk", "城市连锁"):
        html = await page(client, f"/messages?{urlencode({'q': words})}")
        assert "Nothing bears this number." in html
        assert html.count('class="row') == 3


async def test_a_number_leads_straight_to_what_bears_it(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene)
    for text, place in (
        ("4500018831", "/orders/4500018831"),
        ("4500018841", f"/messages/{ids['parked']}"),
        ("or018831", f"/parcels/{ids['parcel']}"),
        (ids["good"], f"/messages/{ids['good']}"),
        ("45000188", "/messages?q=45000188"),
        ("state:parked", "/messages?q=state:parked"),
    ):
        answer = await client.get("/find", params={"q": text}, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, place)


async def test_a_view_is_kept_shared_and_taken_away_by_its_owner(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene, "operator")
    token = csrf_of(await page(client, "/messages"))
    form = {"csrf": token, "q": "state:parked", "name": "Parked ones", "shared": "yes"}
    html = await (await client.post("/messages/views", data=form)).text()
    assert "Parked ones <small>2</small>" in html
    assert "You already have a view" in await (await client.post("/messages/views", data=form)).text()
    saved = scene.services().saved
    [view] = saved.of("operator", with_shared=False)
    client.session.cookie_jar.clear()
    await sign_in(client, scene, "admin")
    html = await page(client, "/messages")
    assert 'title="Shared by operator">Parked ones' in html
    answer = await client.post(f"/messages/views/{view.id}/remove", data={"csrf": csrf_of(html)})
    assert answer.status == 404
    saved.drop("operator", view.id, NOW)
    assert saved.of("operator", with_shared=True) == ()
    trail = scene.journal.read(lambda tx: [tuple(row) for row in tx.connection.execute(TRAIL)])
    assert trail == [("view.saved", None, "state:parked"), ("view.removed", "state:parked", None)]


async def test_what_was_sent_stands_beside_what_came_each_value_tied(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene)
    html = await page(client, f"/messages/{ids['good']}")
    assert "As sent" in html
    assert re.search(r'class="course".*Order response</a>: .*Delivered', html, re.DOTALL)
    parcel = await page(client, f"/parcels/{ids['parcel']}")
    number = re.search(r'<a class="src" id="s(\d+)"[^>]*>OR018831</a>', parcel)
    assert number is not None
    assert f'<a class="src" href="#s{number[1]}" id="v{number[1]}">OR018831</a>' in parcel


async def test_edited_bytes_are_put_in_again_with_a_reason(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene, "operator")
    address = f"/messages/{ids['parked']}/edit"
    html = await page(client, address)
    shown = unescape(re.search(r"<textarea[^>]*>\n(.*)</textarea>", html, re.DOTALL)[1])  # type: ignore[index]
    shown = shown.replace("\r\n", "\n")  # as a browser does
    assert "LIN+2++9521001109994:EN" in shown
    form = {"csrf": csrf_of(html), "text": shown.replace("9521001109994", "9521001100038").replace("\n", "\r\n")}
    refused = await client.post(address, data={**form, "reason": " "})
    assert "console.reason-missing" in await refused.text()
    same = await client.post(address, data={**form, "text": shown.replace("\n", "\r\n"), "reason": "typing"})
    assert "console.nothing-edited" in await same.text()
    foreign = await client.post(address, data={**form, "text": form["text"] + "漢", "reason": "typing"})
    assert "console.not-in-charset" in await foreign.text()
    answer = await client.post(address, data={**form, "reason": "wrong number"}, allow_redirects=False)
    [(name, arrival, data, reason, user)] = scene.calls
    assert (name, reason, user) == ("resubmit", "wrong number", "operator")
    kept = scene.views.raw(arrival)
    assert kept is not None
    assert data.encode("latin-1") == kept.data.replace(b"9521001109994", b"9521001100038")
    assert answer.headers["Location"] == f"/messages/{arrival}?done=resubmit"


async def test_editing_needs_both_the_bytes_and_the_right_to_replay(
    client: TestClient, scene: Scene, ids: dict[str, str]
) -> None:
    await sign_in(client, scene, "auditor")
    assert "Edit and put in again" not in await page(client, f"/messages/{ids['parked']}")
    assert (await client.get(f"/messages/{ids['parked']}/edit")).status == 403


async def test_evidence_is_every_byte_that_is_kept(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene)
    for name, wanted in (("good", {"content", "facts.json"}), ("parcel", {"content", "sent-body", "proof-body"})):
        answer = await client.get(f"/messages/{ids[name]}/evidence")
        with ZipFile(BytesIO(await answer.read())) as archive:
            assert wanted <= set(archive.namelist())
            assert archive.read("content").startswith(b"UNB" if name == "good" else b"UNH")


async def test_a_bad_cursor_is_a_page_with_a_cure(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    answer = await client.get("/messages?cursor=zzz")
    assert answer.status == 400
    assert "api.bad-cursor" in await answer.text()


async def test_an_empty_gateway_says_so(client: TestClient, scene: Scene) -> None:
    await sign_in(client, scene)
    assert "No document has come in yet." in await page(client, "/")
    for path, words in (
        ("/messages", "Nothing has come in"),
        ("/proposals", "No proposal yet"),
        ("/stock", "No stock is known"),
        ("/orders", "No order yet"),
        ("/accounts", "No account has any"),
    ):
        assert words in await page(client, path)


async def test_the_first_page_counts_what_waits(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene)
    html = await page(client, "/")
    assert "4 things wait for you, first of all Stadtkette eG: The far end refused the request (HTTP 422)" in html
    assert "The item 9521001109994 is not in our item table." in html
    overview = scene.views.overview(NOW)
    assert (overview.received_24h, overview.sent_24h) == (14, 8)
    assert sum(came for _, came, _ in overview.hours) == 14


async def test_times_follow_the_readers_zone(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene)
    assert ">14:24:00<" in await page(client, "/messages")
    there = await page(client, "/messages", headers={"Cookie": ""}, cookies={"gateway_zone": "Asia/Shanghai"})
    assert ">22:24:00<" in there
    assert 'datetime="2026-11-20T14:24:00Z" title="20 Nov 2026, 22:24:00 CST"' in there
    await page(client, "/messages", cookies={"gateway_zone": "../../etc/passwd"})


async def test_assets_are_small_cached_and_complete(client: TestClient, scene: Scene) -> None:
    html = await page(client, "/login")
    for name, limit in (("console.css", 15_000), ("console.js", 40_000)):
        found = re.search(rf'"(/static/[0-9a-f]+/{re.escape(name)})"', html)
        assert found is not None
        answer = await client.get(found.group(1))
        assert "immutable" in answer.headers["Cache-Control"]
        assert len(gzip.compress(files("gateway.console").joinpath("static", name).read_bytes())) < limit
    assert (await client.get("/static/x/../../app.py")).status == 404


async def test_a_large_body_is_refused(client: TestClient, scene: Scene, ids: dict[str, str]) -> None:
    await sign_in(client, scene)
    answer = await client.post("/plan/run", data={"csrf": "x" * 100_000})
    assert answer.status == 413


async def test_many_notes_stay_folded_and_never_hide_the_document(client: TestClient, scene: Scene) -> None:
    data = b"<Order>\n  <ID>9</ID>\n</Order>\n"
    notes = tuple(
        Finding(code="xml.unmapped", severity="warning", where=Where(line=2, path=f"/Order/X{number}"))
        for number in range(90)
    )
    message = NewMessage(
        id=scene.next_id(),
        position=0,
        state="parsed",
        type="Order",
        document_type="Order",
        document='{"document":"Order","id":"9"}',
        business_number="9",
        findings=notes,
        end=len(data),
    )
    scene.receive(data, at=NOW, partner="stadtkette", channel="http", messages=(message,))
    await sign_in(client, scene)
    html = await page(client, f"/messages/{message.id}")
    assert "<summary>90 notes</summary>" in html
    assert html.count('class="finding warning"') == 30
    assert "and 60 more" in html
    assert "What is wrong" not in html
    assert html.count('<mark id="finding-0" class="note">') == html.count("<mark") == 1
    assert html.count('href="#finding-0"') == 30
