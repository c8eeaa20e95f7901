"""A simulated partner in front of the product's own channels, over loopback, with real keys."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import ClientSession, web
from demo_world import NOW, settings_for

from gateway.channels.as2 import As2Channel
from gateway.channels.http import HttpChannel
from gateway.channels.listener import start_listener
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.demo import edifact_texts
from gateway.demo.mailbox import Mailbox
from gateway.demo.partner import Partner, wires_of
from gateway.demo.settings import FILE_NAME, As2Line, PartnerSettings
from gateway.model.partner import ChannelSettings
from gateway.model.partner import Partner as PartnerRecord
from gateway.model.payload import MemoryPayload
from gateway.model.values import PartnerId
from gateway.ports.records import Accepted, Arrival, ParcelRow
from gateway.ports.shell import KeyPair
from gateway.store.keys import FileKeys
from tests.stepped_clock import SteppedClock

ORDERS = edifact_texts.interchange(
    edifact_texts.Envelope(sender="9521001000000", receiver="4000002000004", reference="1", at=NOW),
    "ORDRSP",
    [edifact_texts.segment("BGM", "231", "OR000001", "29")],
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def made_keys(folder: Path) -> tuple[KeyPair, KeyPair]:
    keys = FileKeys(folder, passphrase=b"for tests")
    return keys.create_own("partner", "partner", NOW), keys.create_own("gateway", "gateway", NOW)


@dataclass
class Gate:
    """What stands for the gateway: its real channels and an accept that keeps arrivals in memory."""

    as2: As2Channel
    http: HttpChannel
    record: PartnerRecord
    arrivals: list[Arrival] = field(default_factory=list)
    seen: dict[str, Arrival] = field(default_factory=dict)

    async def accept(self, arrival: Arrival) -> Accepted:
        first = self.seen.setdefault(arrival.dedupe_key or arrival.id, arrival)
        if first is not arrival:
            return Accepted(outcome="repeat", arrival_id=first.id, receipt=first.receipt)
        kept = b"".join(arrival.payload.chunks())  # the channel's own copy lives only for the request
        self.arrivals.append(replace(arrival, payload=MemoryPayload(kept)))
        return Accepted(outcome="new", arrival_id=arrival.id, receipt=arrival.receipt)

    def bytes_of(self, place: int = -1) -> bytes:
        return b"".join(self.arrivals[place].payload.chunks())


@dataclass
class Stage:
    settings: PartnerSettings
    folder: Path
    gate: Gate
    gate_port: int
    clock: SteppedClock

    @asynccontextmanager
    async def partner(self) -> AsyncIterator[Partner]:
        found = Partner(self.settings, Mailbox(self.folder), wires_of(self.settings, self.folder), self.clock)
        runner = web.AppRunner(found.application(), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.settings.port).start()
        try:
            yield found
        finally:
            await runner.cleanup()

    @asynccontextmanager
    async def gateway(self) -> AsyncIterator[Gate]:
        runner = await start_listener("127.0.0.1", self.gate_port, [self.gate.as2, self.gate.http], self.gate.accept)
        try:
            yield self.gate
        finally:
            await runner.cleanup()

    async def control(self, path: str, **content: Any) -> tuple[int, dict[str, Any]]:
        url = f"http://127.0.0.1:{self.settings.port}/control/{path}"
        headers = {"X-Control-Token": content.pop("token", "scene-token")}
        method = "GET" if path == "state" else "POST"
        async with ClientSession() as session, session.request(method, url, headers=headers, **content) as response:
            return response.status, (await response.json() if response.status != 403 else {})


def partner_settings(folder: Path, partner_port: int, gate_port: int, behaviour: str = "grocer") -> PartnerSettings:
    base = settings_for("nordmarkt", behaviour, partner_port)
    assert base.http
    line = As2Line(own_id="P-AS2", gateway_id="G-AS2", gateway_url=f"http://127.0.0.1:{gate_port}/as2")
    settings = replace(base, as2=line, http=replace(base.http, gateway_url=f"http://127.0.0.1:{gate_port}/inbox"))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(settings.to_json())
    return settings


@pytest.fixture(scope="module")
def key_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("keys")


@pytest.fixture
async def stage(tmp_path: Path, key_folder: Path) -> AsyncIterator[Stage]:
    partner_port, gate_port = free_port(), free_port()
    folder = tmp_path / "nordmarkt"
    settings = partner_settings(folder, partner_port, gate_port)
    own, gateway = made_keys(key_folder)
    partner_keys, gateway_keys = FileKeys(folder / "keys"), FileKeys(tmp_path / "gateway-keys")
    partner_keys.add_own("self", own.private_pem, own.certificate_pem)
    partner_keys.add_certificate("gateway", gateway.certificate_pem)
    gateway_keys.add_own("self", gateway.private_pem, gateway.certificate_pem)
    gateway_keys.add_certificate("nordmarkt", own.certificate_pem)
    gateway_keys.add_secret("to-nordmarkt", "theirs")
    gateway_keys.partner_for_token = lambda token: "nordmarkt" if token == "ours" else None  # type: ignore[method-assign]
    url = f"http://127.0.0.1:{partner_port}"
    channels = {
        "as2": {"id": "P-AS2", "url": f"{url}/as2", "certificate": "nordmarkt", "receipt": "signed-sync"},
        "http": {"url": f"{url}/inbox", "token": "to-nordmarkt"},
    }
    record = PartnerRecord(
        id=PartnerId("nordmarkt"),
        name="Nordmarkt",
        channels={kind: ChannelSettings(kind=kind, settings=each) for kind, each in channels.items()},
    )
    own_record = replace(
        record,
        id=PartnerId("self"),
        channels={"as2": ChannelSettings(kind="as2", settings={"id": "G-AS2", "key": "self"})},
    )
    book = SimpleNamespace(
        own=SimpleNamespace(partner=own_record),
        partner_by_as2_id=lambda as2_id: record if as2_id == "P-AS2" else None,
    )
    outbound = Outbound(AddressGuard(["127.0.0.0/8"]))
    numbers = count(1)
    new_id = lambda: f"00000000-0000-7000-8000-{next(numbers):012d}"  # noqa: E731
    gate = Gate(
        as2=As2Channel(
            book=lambda: book,
            keys=gateway_keys,
            instance="gw",
            new_id=new_id,
            outbound=outbound,
            now=lambda: datetime.now(UTC),
        ),
        http=HttpChannel(keys=gateway_keys, new_id=new_id, outbound=outbound, status=lambda partner, row: None),
        record=record,
    )
    yield Stage(settings, folder, gate, gate_port, SteppedClock(NOW))
    await outbound.close()


def parcel(data: bytes, kind: str) -> ParcelRow:
    return ParcelRow(
        id="00000000-0000-7000-8000-0000000000aa",
        partner="nordmarkt",
        channel=kind,
        payload=MemoryPayload(data),
        content_type="application/EDIFACT",
        filename="answer.edi",
        attempts=0,
        epoch=1,
        wrapped=None,
        expects=None,
        test=False,
    )


async def test_a_day_goes_out_signed_and_encrypted_and_the_mailbox_holds_the_signed_receipts(stage: Stage) -> None:
    async with stage.gateway() as gate, stage.partner():
        status, answer = await stage.control("day")
        assert status == 200
        assert [each.evidence["layers"] for each in gate.arrivals] == ["encrypted+signed"] * len(gate.arrivals)
        assert {each["kind"] for each in answer["sent"]} == {"SLSRPT", "ORDERS"}
        for each in answer["sent"]:
            assert each["state"] == "acked"
            assert each["outcome"]["mdn"]["signed"] is True
            assert each["outcome"]["mdn"]["mic"] == each["outcome"]["mic"]
        assert sorted(gate.bytes_of(n) for n in range(2)) == sorted(
            path.read_bytes() for path in (stage.folder / "outbox").glob("*.edi")
        )


async def test_a_day_that_is_repeated_sends_nothing_again(stage: Stage) -> None:
    async with stage.gateway() as gate, stage.partner():
        await stage.control("day")
        await stage.control("day")
        assert len(gate.arrivals) == 2


async def test_while_the_gateway_is_away_files_wait_and_go_out_once_under_the_same_message_id(stage: Stage) -> None:
    async with stage.partner() as partner:
        asking = asyncio.create_task(stage.control("day"))
        while sum(each.attempts for each in partner.mailbox.pending()) < 3:
            await asyncio.sleep(0.02)
        waiting = {each.message_id for each in partner.mailbox.pending()}
        async with stage.gateway() as gate:
            await asking
            assert {(each.transport_id or "").strip("<>") for each in gate.arrivals} == waiting
            assert partner.mailbox.pending() == []


async def test_what_waited_when_the_partner_ended_is_sent_after_it_starts_again(stage: Stage) -> None:
    async with stage.partner() as partner:
        asking = asyncio.create_task(stage.control("day"))
        while not partner.mailbox.pending():
            await asyncio.sleep(0.02)
        waiting = {each.message_id for each in partner.mailbox.pending()}
        asking.cancel()
    async with stage.gateway() as gate, stage.partner() as again:
        while again.mailbox.pending():
            await asyncio.sleep(0.02)
        assert {(each.transport_id or "").strip("<>") for each in gate.arrivals} == waiting


@pytest.mark.parametrize("kind", ["as2", "http"])
async def test_what_comes_twice_is_kept_once_and_acknowledged_twice(stage: Stage, kind: str) -> None:
    channel = stage.gate.as2 if kind == "as2" else stage.gate.http
    async with stage.gateway(), stage.partner() as partner:
        wrapped = channel.wrap(parcel(ORDERS, kind), stage.gate.record, kind)
        proofs = [await channel.send(wrapped, stage.gate.record, kind) for _ in range(2)]
        assert [each.state for each in proofs] == ["acked", "acked"]
        (kept,) = partner.mailbox.received()
        assert (kept.kind, kept.number, kept.seen) == ("ORDRSP", "OR000001", 2)
        assert partner.mailbox.data_of(kept) == ORDERS
        if kind == "as2":
            first, second = (each.body.partition(b"\r\n\r\n")[2] for each in proofs)  # the Date before it may differ
            assert first == second


async def test_an_interchange_is_answered_with_one_contrl_even_when_it_comes_twice(stage: Stage) -> None:
    channel = stage.gate.as2
    async with stage.gateway() as gate, stage.partner() as partner:
        wrapped = channel.wrap(parcel(ORDERS, "as2"), gate.record, "as2")
        for _ in range(2):
            await channel.send(wrapped, gate.record, "as2")
        while partner.mailbox.pending():
            await asyncio.sleep(0.02)
        (contrl,) = [edifact_texts.read(gate.bytes_of(n)) for n in range(len(gate.arrivals))]
        assert (contrl.kind, contrl.receiver[0]) == ("CONTRL", "9521001000000")


async def test_other_content_under_a_used_idempotency_key_is_refused(stage: Stage) -> None:
    async with stage.partner() as partner, ClientSession() as session:
        headers = {"Authorization": "Bearer theirs", "Idempotency-Key": "k"}
        url = f"http://127.0.0.1:{stage.settings.port}/inbox"
        statuses = [(await session.post(url, data=data, headers=headers)).status for data in (b"{}", b"{}", b"{ }")]
        assert statuses == [202, 202, 409]
        assert len(partner.mailbox.received()) == 1


async def test_a_stranger_comes_in_by_no_door(stage: Stage) -> None:
    async with stage.partner() as partner, ClientSession() as session:
        url = f"http://127.0.0.1:{stage.settings.port}"
        assert (await session.post(f"{url}/inbox", data=b"{}")).status == 401
        assert (await session.post(f"{url}/as2", data=b"{}")).status == 400
        assert (await stage.control("day", token="guessed"))[0] == 403
        assert partner.mailbox.counts() == {"pending": 0, "sent": 0, "received": 0}


async def test_a_file_handed_over_twice_is_two_transmissions(stage: Stage) -> None:
    async with stage.gateway() as gate, stage.partner():
        answers = [await stage.control("send", data=b"UNB+anything at all") for _ in range(2)]
        assert [answer["sent"][0]["state"] for _, answer in answers] == ["acked", "acked"]
        assert len(gate.arrivals) == 2
        assert gate.bytes_of() == b"UNB+anything at all"


async def test_a_refused_file_is_not_tried_again(stage: Stage) -> None:
    stage.gate.http._keys.partner_for_token = lambda token: None  # type: ignore[attr-defined]
    async with stage.gateway(), stage.partner():
        _, answer = await stage.control("send", data=b"<Order/>")
        assert [each["state"] for each in answer["sent"]] == ["refused"]
        assert answer["sent"][0]["outcome"]["status"] == 401


async def test_an_act_that_does_not_exist_is_a_bad_request(stage: Stage) -> None:
    async with stage.partner():
        status, answer = await stage.control("act", json={"what": "dance"})
        assert status == 400
        assert "dance" in answer["title"]


async def test_the_time_is_that_of_the_clock_file(stage: Stage) -> None:
    async with stage.gateway(), stage.partner():
        stage.clock.advance(timedelta(days=1))
        _, answer = await stage.control("act", json={"what": "order"})
        assert answer["sent"][0]["queued_at"].startswith("2026-03-12T08:30")


def test_a_partner_process_ends_when_its_parent_is_gone_and_on_sigterm(tmp_path: Path) -> None:
    folder = tmp_path / "stadtkette"
    settings = replace(settings_for("stadtkette", "chain", free_port()), as2=None)
    folder.mkdir()
    (folder / FILE_NAME).write_text(settings.to_json())
    for parent, end in ((1, None), (os.getpid(), signal.SIGTERM)):
        arguments = [sys.executable, "-m", "gateway.demo.partner", str(folder), "--clock", str(tmp_path / "clock.json")]
        with subprocess.Popen([*arguments, "--parent", str(parent)], stdout=subprocess.PIPE) as process:
            assert process.stdout
            assert b"listens on" in process.stdout.readline()
            if end:
                process.send_signal(end)
            assert process.wait(10) == 0


def test_settings_survive_the_way_through_their_file(tmp_path: Path) -> None:
    settings = partner_settings(tmp_path / "x", 1, 2)
    assert PartnerSettings.from_json((tmp_path / "x" / FILE_NAME).read_text()) == settings
    assert json.loads(settings.to_json())["first_day"] == "2026-03-01"
