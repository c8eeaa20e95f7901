"""The HTTP channel and the partner listener over loopback."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count
from typing import Any

import aiohttp
import pytest
from as2_world import EDIFACT, MemoryInbox, MemoryKeys, key_pair, parcel

from gateway.channels.http import HttpChannel
from gateway.channels.listener import start_listener
from gateway.channels.memory import MemoryChannel
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.model.faults import NetworkFault, OurFault, PartnerFault
from gateway.model.partner import ChannelSettings, Partner
from gateway.model.payload import MemoryPayload
from gateway.model.values import PartnerId
from gateway.ports.records import Wrapped

TOKEN = "token-of-beta"


class World:
    def __init__(self) -> None:
        ids = (f"0000-{number}" for number in count(1))
        self.inbox = MemoryInbox()
        self.keys = MemoryKeys(key_pair("alpha"), {}, {"beta-outbound": TOKEN}, {TOKEN: "beta", "other": "gamma"})
        self.outbound = Outbound(AddressGuard(["127.0.0.0/8"]), timeout_s=3)
        self.room: int | None = None
        self.channel = HttpChannel(
            keys=self.keys,
            new_id=lambda: next(ids),
            outbound=self.outbound,
            status=self.status,
            admit=lambda: self.room,
            limit_bytes=100_000,
        )
        self.url = ""

    def status(self, partner: str, arrival_id: str) -> dict[str, Any] | None:
        found = [each for each in self.inbox.arrivals if (each.partner, each.id) == (partner, arrival_id)]
        return {"id": arrival_id, "state": "done"} if found else None

    async def ask(self, method: str = "POST", path: str = "/inbox", token: str | None = TOKEN, **more: Any) -> Any:
        """Return (status, headers, JSON)."""
        headers = {"Content-Type": "application/xml", **more.pop("headers", {})}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, self.url + path, headers=headers, **more) as response,
        ):
            return response.status, response.headers, await response.json()

    def partner(self, **settings: str) -> Partner:
        merged = {"url": f"{self.url}/inbox", "token": "beta-outbound", **settings}
        channel = ChannelSettings(kind="http", settings=merged)
        return Partner(id=PartnerId("beta"), name="Beta", channels={"web": channel})


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    runner = await start_listener("127.0.0.1", 0, [made.channel], made.inbox.accept)
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await made.outbound.close()
    await runner.cleanup()


# --- in ---------------------------------------------------------------------------------------------------------------


async def test_a_document_is_kept_and_answered_with_its_id(world: World) -> None:
    headers = {"X-Filename": "bestellung%20%E8%AE%A2.xml"}
    status, answer, body = await world.ask(data=b"<Order/>", headers=headers)
    assert (status, body) == (202, {"id": "0000-1", "state": "received", "status_url": "/inbox/0000-1"})
    assert answer["Location"] == "/inbox/0000-1"
    arrival = world.inbox.arrivals[0]
    assert (arrival.partner, arrival.channel, arrival.content_type) == ("beta", "http", "application/xml")
    assert (arrival.filename, arrival.test, arrival.dedupe_key) == ("bestellung 订.xml", False, None)
    assert world.inbox.contents == [b"<Order/>"]
    assert (await world.ask("GET", "/inbox/0000-1"))[2] == {"id": "0000-1", "state": "done"}


async def test_a_repeat_with_its_key_gets_the_same_answer_and_is_kept_once(world: World) -> None:
    answers = [await world.ask(data=b"<Order/>", headers={"Idempotency-Key": "k-1"}) for _ in range(3)]
    assert {(status, body["id"]) for status, _, body in answers} == {(202, "0000-1")}
    assert len(world.inbox.arrivals) == 1


async def test_a_key_used_again_for_other_content_is_refused(world: World) -> None:
    await world.ask(data=b"<Order/>", headers={"Idempotency-Key": "k-1"})
    status, answer, body = await world.ask(data=b"<Other/>", headers={"Idempotency-Key": "k-1"})
    assert (status, body["code"]) == (409, "http.id-reused")
    assert answer.getall("Content-Type") == ["application/problem+json; charset=utf-8"]


async def test_two_partners_may_use_the_same_key(world: World) -> None:
    for token in (TOKEN, "other"):
        assert (await world.ask(data=b"<Order/>", headers={"Idempotency-Key": "k"}, token=token))[0] == 202
    assert [each.partner for each in world.inbox.arrivals] == ["beta", "gamma"]


@pytest.mark.parametrize("test", [{"headers": {"X-Test": "1"}}, {"path": "/inbox?test=1"}])
async def test_test_traffic_is_marked(world: World, test: dict[str, Any]) -> None:
    await world.ask(data=b"<Order/>", **test)
    assert world.inbox.arrivals[0].test is True


@pytest.mark.parametrize("token", [None, "", "wrong", TOKEN + "x", TOKEN[:-1], "two words"])
async def test_without_a_known_key_nothing_is_read_or_told(world: World, token: str | None) -> None:
    for method, path in (("POST", "/inbox"), ("GET", "/inbox/0000-1")):
        status, answer, body = await world.ask(method, path, token=token, data=b"<Order/>")
        assert (status, body["code"]) == (401, "http.unauthorized")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert world.inbox.arrivals == []


async def test_a_partner_sees_its_own_documents_only(world: World) -> None:
    await world.ask(data=b"<Order/>")
    for token, path in (("other", "/inbox/0000-1"), (TOKEN, "/inbox/0000-2"), (TOKEN, "/inbox/..%2Fx")):
        status, _, body = await world.ask("GET", path, token=token)
        assert (status, body["code"]) == (404, "http.not-found")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"data": b""}, 400, "http.empty-body"),
        ({"data": b"x" * 100_001}, 413, "http.too-large"),
        ({"data": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 415, "http.content-type"),
        ({"data": b"x", "headers": {"Idempotency-Key": "x" * 256}}, 400, "http.bad-key"),
        ({"data": b"x", "headers": {"Idempotency-Key": "a b"}}, 400, "http.bad-key"),
    ],
)
async def test_what_cannot_be_taken_is_a_problem_document(
    world: World, more: dict[str, Any], status: int, code: str
) -> None:
    found, _, body = await world.ask(**more)
    assert (found, body["status"], body["code"]) == (status, status, code)
    assert body["cure"]
    assert "{" not in body["title"]
    assert world.inbox.arrivals == []


async def test_problems_are_told_in_chinese_to_who_prefers_it(world: World) -> None:
    _, _, body = await world.ask(data=b"", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert body["title"] == "请求没有正文。"


async def test_a_compressed_body_is_not_inflated_at_the_door(world: World) -> None:
    import gzip

    body = gzip.compress(bytes(50_000_000))
    assert (await world.ask(data=body, headers={"Content-Encoding": "gzip"}))[0] == 202
    assert world.inbox.contents == [body]


async def test_a_busy_gateway_says_when_to_come_back(world: World) -> None:
    world.room = 5
    status, answer, body = await world.ask(data=b"x")
    assert (status, answer["Retry-After"], body["code"]) == (503, "5", "http.busy")


async def test_the_listener_has_nothing_else_on_it(world: World) -> None:
    async with aiohttp.ClientSession() as session:
        for path, expected in (("/livez", 200), ("/", 404), ("/api/v1/work", 404), ("/inbox", 405)):
            async with session.get(world.url + path) as response:
                assert response.status == expected
                assert response.headers["Server"] == "edi-gateway"


# --- out --------------------------------------------------------------------------------------------------------------


async def test_a_parcel_goes_out_once_with_its_id_as_key(world: World) -> None:
    partner = world.partner()
    wrapped = world.channel.wrap(replace(parcel(), content_type="application/xml", test=True), partner, "web")
    assert TOKEN not in repr(wrapped)
    for _ in range(2):
        proof = await world.channel.send(wrapped, partner, "web")
        assert proof.state == "acked"
    assert world.inbox.contents == [EDIFACT]
    arrival = world.inbox.arrivals[0]
    assert (arrival.transport_id, arrival.test, arrival.filename) == (parcel().id, True, "order.edi")


async def test_a_refusal_is_the_partners_and_a_full_house_is_tried_again(world: World) -> None:
    partner = world.partner()
    refused = Wrapped(headers=(("Content-Type", "image/png"),), body=b"x", transport_id="1")
    with pytest.raises(PartnerFault, match=r"http\.refused"):
        await world.channel.send(refused, partner, "web")
    world.room = 1
    with pytest.raises(NetworkFault, match=r"http\.unavailable"):
        await world.channel.send(world.channel.wrap(parcel(), partner, "web"), partner, "web")


async def test_missing_settings_and_secrets_are_ours(world: World) -> None:
    for settings, code in (({"url": ""}, "http.setting-missing"), ({"token": "nobody"}, "keys.missing")):
        partner = world.partner(**settings)
        with pytest.raises(OurFault) as fault:
            await world.channel.send(world.channel.wrap(parcel(), partner, "web"), partner, "web")
        assert fault.value.code == code


# --- the guard --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("192.168.0.1", False),
        ("172.16.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),  # IPv4-compatible
        ("::ffff:0:127.0.0.1", False),  # IPv4-translated
        ("64:ff9b:1::a00:1", False),  # NAT64 of the house (RFC 8215)
        ("fec0::1", False),  # site-local (RFC 3879)
        ("4000::1", False),  # given out to nobody
    ],
)
def test_addresses_inside_the_house_are_refused(address: str, allowed: bool) -> None:
    assert AddressGuard().allows(address) == allowed


def test_a_listed_network_is_allowed_and_nothing_more() -> None:
    guard = AddressGuard(["10.1.0.0/16", "fd00::/8"])
    assert guard.allows("10.1.9.9")
    assert guard.allows("fd00::7")
    assert guard.allows("::ffff:10.1.0.1")
    assert not guard.allows("10.2.0.1")
    assert not guard.allows("127.0.0.1")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1"])
async def test_no_connection_is_made_to_an_address_inside(host: str) -> None:
    connected = []

    async def inside(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.append(1)
        writer.close()

    server = await asyncio.start_server(inside, "127.0.0.1", 0)
    outbound = Outbound(AddressGuard(), timeout_s=3)
    with pytest.raises((OurFault, NetworkFault)) as refused:
        await outbound.post(f"http://{host}:{server.sockets[0].getsockname()[1]}/", [], MemoryPayload(b"x"))
    if host in ("127.0.0.1", "localhost", "[::1]"):
        assert refused.value.code == "http.address-refused"
    await outbound.close()
    server.close()
    assert connected == []


@pytest.mark.parametrize("url", ["ftp://x/", "file:///etc/passwd", "http://", "http://user:pw@x/", "x", "http://[::1"])
async def test_only_plain_http_addresses_are_called(url: str) -> None:
    outbound = Outbound(AddressGuard())
    with pytest.raises(OurFault, match=r"http\.bad-url"):
        await outbound.post(url, [], MemoryPayload(b""))
    await outbound.close()


async def test_an_answer_that_never_ends_or_never_comes_is_given_up(world: World) -> None:
    stop = asyncio.Event()

    async def partner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"/endless" not in head:
            await stop.wait()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            while not stop.is_set():
                writer.write(b"x" * 65_536)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(partner, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    outbound = Outbound(AddressGuard(["127.0.0.0/8"]), timeout_s=0.5)
    for path, code in (("/endless", "http.answer-too-large"), ("/silent", "http.timeout")):
        with pytest.raises(NetworkFault) as fault:
            await outbound.post(url + path, [], MemoryPayload(b""))
        assert fault.value.code == code
    stop.set()
    await outbound.close()
    server.close()
    await server.wait_closed()


# --- the channel in memory ------------------------------------------------------------------------------------------


async def test_the_memory_channel_keeps_the_rules_of_the_port() -> None:
    inbox, ids = MemoryInbox(), (str(number) for number in count(1))
    channel = MemoryChannel(new_id=lambda: next(ids))
    partner = Partner(id=PartnerId("beta"), name="Beta")
    wrapped = channel.wrap(parcel(), partner, "memory")
    channel.fails.append(NetworkFault("http.timeout"))
    with pytest.raises(NetworkFault):
        await channel.send(wrapped, partner, "memory")
    for _ in range(2):
        assert (await channel.send(wrapped, partner, "memory")).state == "acked"
    assert [each.wrapped.body for each in channel.sent] == [EDIFACT]
    outcomes = [(await channel.receive(inbox.accept, "beta", data, key="1")).outcome for data in (b"a", b"a", b"b")]
    assert outcomes == ["new", "repeat", "clash"]
