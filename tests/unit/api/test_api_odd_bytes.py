"""Bytes that are no text, wherever a stranger may write: refused like any other wrong value, never a crash."""

import asyncio

import pytest
from aiohttp.test_utils import TestServer
from console_scene import NOW, Scene

NO_TEXT = b"\xff\xfe\xed\xa0\x80"
STATUSES = {200, 202, 303, 400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 429}


async def asked(server: TestServer, head: bytes, body: bytes = b"") -> int:
    """Return the status of what is sent just as it stands."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(head + b"Host: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1])


@pytest.fixture
async def server(scene: Scene, ids: dict[str, str], aiohttp_server) -> TestServer:
    return await aiohttp_server(scene.app())


@pytest.fixture
def cookie(scene: Scene) -> bytes:
    scene.access.add_user("walker", "admin", NOW, by="test")
    ticket = scene.access.redeem(scene.access.make_login_link("walker", NOW), NOW)
    assert ticket is not None
    return ticket.token.encode()


FIELDS = {
    "cookie": b"Cookie: gateway_session=%s\r\n" % NO_TEXT,
    "key": b"Authorization: Bearer %s\r\n" % NO_TEXT,
    "scheme": b"Authorization: %s\r\n" % NO_TEXT,
    "language": b"Accept-Language: %s\r\n" % NO_TEXT,
    "wanted": b"Cookie: gateway_session_next=%s; language=%s; theme=%s\r\n" % (NO_TEXT, NO_TEXT, NO_TEXT),
    "agent": b"User-Agent: %s\r\n" % NO_TEXT,
    "origin": b"Origin: http://%s:x\r\nSec-Fetch-Site: %s\r\n" % (NO_TEXT, NO_TEXT),
    "odd origin": b"Origin: http://[::1\r\n",
    "type": b"Content-Type: %s\r\n" % NO_TEXT,
    "form": b"Content-Type: multipart/form-data; boundary=%s\r\n" % NO_TEXT,
    "charset": b"Content-Type: application/x-www-form-urlencoded; charset=%s\r\n" % NO_TEXT,
    "odd charset": b"Content-Type: application/x-www-form-urlencoded; charset=base64\r\n",
    "no boundary": b"Content-Type: multipart/form-data\r\n",
    "other boundary": b"Content-Type: multipart/form-data; boundary=x\r\n",
    "not compressed": b"Content-Encoding: gzip\r\n",
}


@pytest.mark.parametrize("name", FIELDS)
async def test_a_header_that_is_no_text_is_a_strangers_mistake(server: TestServer, name: str) -> None:
    for line in (b"GET / ", b"GET /login ", b"GET /login/code ", b"GET /api/v1/messages ", b"GET /view?language=en "):
        assert await asked(server, line + b"HTTP/1.1\r\n" + FIELDS[name]) in STATUSES, line
    for line in (b"POST /login ", b"POST /login/code ", b"POST /api/v1/items "):
        sent = await asked(server, line + b"HTTP/1.1\r\n" + FIELDS[name], b"name=x&password=" + NO_TEXT)
        assert sent in STATUSES, line


SIGNED_IN = {
    "token": b"X-CSRF-Token: %s\r\n" % NO_TEXT,
    "once": b"X-CSRF-Token: x\r\nIdempotency-Key: %s\r\n" % NO_TEXT,
    "match": b"If-Match: %s\r\nIf-None-Match: %s\r\n" % (NO_TEXT, NO_TEXT),
    "type": b"Content-Type: application/json; charset=%s\r\n" % NO_TEXT,
    "form": b"Content-Type: application/x-www-form-urlencoded\r\n",
    "odd charset": b"Content-Type: application/x-www-form-urlencoded; charset=base64\r\n",
    "multipart": b"Content-Type: multipart/form-data; boundary=x\r\n",
}


@pytest.mark.parametrize("name", SIGNED_IN)
async def test_what_somebody_signed_in_sends_may_be_any_bytes(server: TestServer, cookie: bytes, name: str) -> None:
    fields = b"Cookie: gateway_session=" + cookie + b"\r\n" + SIGNED_IN[name]
    for line in (b"GET /messages?q=%FF%ED%A0%80&cursor=%FF ", b"GET /messages/%FF ", b"GET /api/v1/messages/%FF%00 ",
                 b"GET /api/v1/find?q=%ED%A0%80 ", b"GET /static/%FF/x.css ", b"GET /%FF "):  # fmt: skip
        assert await asked(server, line + b"HTTP/1.1\r\n" + fields) in STATUSES, line
    for line in (b"GET /messages?q=%00 ", b"GET /messages/a%00b ", b"GET /api/v1/find?q=%00 ", b"GET /items?%00=x "):
        assert await asked(server, line + b"HTTP/1.1\r\n" + fields) == 400, line
    for line in (b"POST /cases/new ", b"POST /api/v1/items ", b"POST /logout%FF ", b"POST /users "):
        assert await asked(server, line + b"HTTP/1.1\r\n" + fields, b"csrf=%FF&name=\xff") in STATUSES, line


@pytest.mark.parametrize("charset", [b"utf-8", b"unicode_escape", b"utf-16", b"utf-7", b"punycode", b"idna"])
@pytest.mark.parametrize("value", [b"a%00b", b"%5Cud800", b"%5Cx00", b"+AAA-"])
async def test_a_form_keeps_neither_nul_nor_half_a_character(
    scene: Scene, server: TestServer, cookie: bytes, charset: bytes, value: bytes
) -> None:
    signed_in = scene.access.session(cookie.decode(), NOW)
    assert signed_in is not None
    fields = b"Cookie: gateway_session=%s\r\nContent-Type: application/x-www-form-urlencoded; charset=%s\r\n"
    body = b"csrf=%s&name=%s&role=operator" % (signed_in.csrf.encode(), value)
    assert await asked(server, b"POST /users HTTP/1.1\r\n" + fields % (cookie, charset), body) in STATUSES


@pytest.mark.parametrize(
    ("name", "status"), [(r"a\u0000b", 400), (r"\\\u0000", 400), (r"a\ud800", 400), (r"\\u0000", 201)]
)
async def test_json_keeps_neither_nul_nor_half_a_character(
    scene: Scene, server: TestServer, name: str, status: int
) -> None:
    key = scene.access.issue_key("walk", "admin", NOW, by="test")
    head = f"POST /api/v1/message-views HTTP/1.1\r\nAuthorization: Bearer {key}\r\n".encode()
    assert await asked(server, head, b'{"name": "%s", "query": "state:parked"}' % name.encode()) == status
