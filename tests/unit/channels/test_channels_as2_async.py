"""Receipts on connections of their own: asked for and taken in, given and sent, and nobody else called."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest
from as2_world import EDIFACT, Company, parcel, two_companies
from test_channels_as2_attacks import identity

from gateway.channels.as2_receipts import RECEIPT_MAPPING
from gateway.codecs import mdn
from gateway.codecs.as2 import ReceiptRequest, seal
from gateway.codecs.as2.protection import Protection
from gateway.codecs.cms.identity import Certificate
from gateway.codecs.mime import Headers
from gateway.model.faults import Fault, NetworkFault, OurFault, PartnerFault
from gateway.model.payload import MemoryPayload
from gateway.ports.records import NewParcel, ParcelRow, Proof, Wrapped


@dataclass
class MemoryDesk:
    """ports.shell.ReceiptDesk in memory."""

    parcels: dict[str, ParcelRow] = field(default_factory=dict)
    settled: list[Proof | Fault] = field(default_factory=list)

    def sent(self, row: ParcelRow, wrapped: Wrapped) -> None:
        self.parcels[wrapped.transport_id] = replace(row, wrapped=wrapped)

    async def parcel(self, partner: str, transport_id: str) -> ParcelRow | None:
        return self.parcels.get(transport_id)

    async def settle(self, parcel: ParcelRow, outcome: Proof | Fault) -> None:
        self.settled.append(outcome)


@asynccontextmanager
async def companies(**settings: str) -> AsyncIterator[tuple[Company, Company, MemoryDesk]]:
    """Yield (alpha that asks for an asynchronous receipt, beta that may send one to alpha, alpha's desk)."""
    async with two_companies() as (alpha, beta):
        desk = MemoryDesk()
        alpha.channel._inbound._desk = desk
        here = f"http://127.0.0.1:{alpha.port}/as2"
        own = alpha.book.own.partner.channels["as2"].settings
        own["url"] = f"{here}?to=alpha"  # type: ignore[index]
        alpha.other(receipt="signed-async", **settings)
        beta.other(receipt_url=here)
        yield alpha, beta, desk


async def exchange(alpha: Company, desk: MemoryDesk, number: int = 1) -> tuple[ParcelRow, Wrapped, Proof]:
    row = parcel(number=number)
    wrapped = alpha.channel.wrap(row, alpha.book.partners[0], "as2")
    desk.sent(row, wrapped)
    return row, wrapped, await alpha.channel.send(wrapped, alpha.book.partners[0], "as2")


async def deliver(company: Company, queued: NewParcel) -> Proof:
    row = replace(
        parcel(queued.payload), id=queued.id, content_type=queued.content_type, mapping=queued.mapping,
        partner=queued.partner, channel=queued.channel,
    )  # fmt: skip
    partner = company.book.partners[0]
    return await company.channel.send(company.channel.wrap(row, partner, queued.channel), partner, queued.channel)


async def test_a_receipt_comes_on_its_own_connection_and_settles_the_parcel() -> None:
    async with companies() as (alpha, beta, desk):
        _, wrapped, proof = await exchange(alpha, desk)
        assert proof.state == "sent"
        assert desk.settled == []
        arrival = beta.inbox.arrivals[0]
        assert beta.inbox.contents == [EDIFACT]
        assert (arrival.receipt.status, arrival.receipt.body) == (200, b"")
        [queued] = arrival.answers
        assert (queued.mapping, queued.cause, queued.partner) == (RECEIPT_MAPPING, arrival.id, "alpha")
        assert b"?to=alpha" in queued.payload  # the path that an authenticated message asked for
        sent = await deliver(beta, queued)
        assert sent.state == "acked"
        [settled] = desk.settled
    assert isinstance(settled, Proof)
    assert settled.evidence["mic"] == wrapped.mic
    assert settled.evidence["signer"]
    assert b"disposition-notification" in settled.body


async def test_a_repeat_queues_no_second_receipt_and_the_same_bytes_go_out() -> None:
    async with companies() as (alpha, beta, desk):
        _, wrapped, _ = await exchange(alpha, desk)
        await alpha.channel.send(wrapped, alpha.book.partners[0], "as2")
        [arrival] = beta.inbox.arrivals
        [queued] = arrival.answers
        first = beta.channel.wrap(replace(parcel(queued.payload), mapping=queued.mapping), beta.book.partners[0], "as2")
        again = beta.channel.wrap(replace(parcel(queued.payload), mapping=queued.mapping), beta.book.partners[0], "as2")
    assert first == again


@pytest.mark.parametrize(
    ("asked", "goes_to"),
    [
        ("http://127.0.0.1:{port}/other?x=1", "http://127.0.0.1:{port}/other?x=1"),
        ("http://169.254.169.254/latest/meta-data", "http://127.0.0.1:{port}/as2"),
        ("http://127.0.0.1:22/", "http://127.0.0.1:{port}/as2"),
        ("http://user:word@127.0.0.1:{port}/", "http://127.0.0.1:{port}/as2"),
        ("file:///etc/passwd", "http://127.0.0.1:{port}/as2"),
        ("mailto:mdn@example.org", "http://127.0.0.1:{port}/as2"),
    ],
)
async def test_only_the_agreed_origin_is_ever_called(asked: str, goes_to: str) -> None:
    async with companies() as (alpha, beta, desk):
        own = alpha.book.own.partner.channels["as2"].settings
        own["url"] = asked.format(port=alpha.port)  # type: ignore[index]
        await exchange(alpha, desk)
        [queued] = beta.inbox.arrivals[0].answers
        assert queued.payload.startswith(f":url: {goes_to.format(port=alpha.port)}\r\n".encode())


async def test_without_an_agreed_address_the_receipt_comes_on_the_same_connection() -> None:
    async with companies() as (alpha, beta, desk):
        beta.other(receipt_url="")
        _, _, proof = await exchange(alpha, desk)
        assert beta.inbox.arrivals[0].answers == ()
    assert proof.state == "acked"


async def test_a_message_that_is_not_authentic_chooses_no_address() -> None:
    async with companies(security="encrypted") as (alpha, beta, desk):
        own = alpha.book.own.partner.channels["as2"].settings
        own["url"] = f"http://127.0.0.1:{alpha.port}/somewhere-else"  # type: ignore[index]
        beta.other(security="encrypted")
        await exchange(alpha, desk)
        [queued] = beta.inbox.arrivals[0].answers
        assert queued.payload.startswith(f":url: http://127.0.0.1:{alpha.port}/as2\r\n".encode())


async def test_a_receipt_is_not_sent_where_it_is_no_longer_agreed() -> None:
    async with companies() as (alpha, beta, desk):
        await exchange(alpha, desk)
        [queued] = beta.inbox.arrivals[0].answers
        beta.other(receipt_url="https://elsewhere.example/as2")
        with pytest.raises(OurFault, match="receipt-address"):
            await deliver(beta, queued)


async def post_receipt(alpha: Company, built: mdn.Built, **changed: str) -> int:
    headers = {"AS2-From": "beta", "AS2-To": "alpha", **dict(built.headers), **changed}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"http://127.0.0.1:{alpha.port}/as2", headers=headers, data=built.body) as response,
    ):
        return response.status


def receipt_of(wrapped: Wrapped, **changed: Any) -> mdn.Built:
    arguments: dict[str, Any] = {
        "original_message_id": wrapped.transport_id,
        "recipient": "beta",
        "disposition": mdn.PROCESSED,
        "mic": mdn.Mic.read(wrapped.mic or ""),
        "explanation": "Here.",
        "identity": identity("beta"),
    }
    return mdn.build(**(arguments | changed))


async def test_a_receipt_without_message_id_or_brackets_is_matched() -> None:
    async with companies() as (alpha, _, desk):
        _, wrapped, _ = await exchange(alpha, desk)
        built = receipt_of(wrapped, original_message_id=wrapped.transport_id.strip("<>"))
        assert await post_receipt(alpha, built) == 200
    assert isinstance(desk.settled[0], Proof)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"disposition": mdn.failed("decryption-failed"), "mic": None}, "as2.disposition-error"),
        ({"mic": mdn.Mic(value="AAAA", algorithm="sha-256")}, "as2.mic-mismatch"),
        ({"mic": None}, "as2.mic-mismatch"),
    ],
)
async def test_a_signed_refusal_ends_the_delivery(changed: dict[str, Any], code: str) -> None:
    async with companies() as (alpha, _, desk):
        _, wrapped, _ = await exchange(alpha, desk)
        assert await post_receipt(alpha, receipt_of(wrapped, **changed)) == 200
    [settled] = desk.settled
    assert isinstance(settled, Fault)
    assert settled.code == code


@pytest.mark.parametrize(
    "changed",
    [
        {"identity": None},
        {"identity": None, "disposition": mdn.failed("decryption-failed")},
        {"identity": "mallory"},
        {"identity": "mallory", "disposition": mdn.failed("decryption-failed")},
        {"original_message_id": "<another@alpha.example>"},
    ],
    ids=["unsigned", "unsigned refusal", "forged", "forged refusal", "stranger"],
)
async def test_what_proves_nothing_changes_nothing(changed: dict[str, Any]) -> None:
    async with companies() as (alpha, _, desk):
        _, wrapped, _ = await exchange(alpha, desk)
        if isinstance(changed.get("identity"), str):
            changed = {**changed, "identity": identity("mallory")}
        assert await post_receipt(alpha, receipt_of(wrapped, **changed)) == 400
    assert desk.settled == []


async def test_a_receipt_of_an_unknown_sender_is_refused() -> None:
    async with companies() as (alpha, _, desk):
        _, wrapped, _ = await exchange(alpha, desk)
        assert await post_receipt(alpha, receipt_of(wrapped), **{"AS2-From": "mallory"}) == 403
    assert desk.settled == []


async def test_a_look_at_the_address_with_head_is_answered() -> None:
    async with (
        companies() as (alpha, _, _),
        aiohttp.ClientSession() as session,
        session.head(f"http://127.0.0.1:{alpha.port}/as2") as response,
    ):
        assert response.status == 200


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("signed-receipt-protocol=required, pgp-signature", "failed/failure: unsupported format"),
        ("signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, md5",
         "failed/failure: unsupported MIC-algorithms"),
        ("signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, md5, sha256", "processed"),
        ("signed-receipt-protocol=required,pkcs7-signature;signed-receipt-micalg=optional,SHA1,sha-512", "processed"),
    ],
)  # fmt: skip
async def test_a_receipt_that_cannot_be_given_as_required_is_refused_by_name(options: str, told: str) -> None:
    async with two_companies() as (_, beta):
        made = seal(
            MemoryPayload(EDIFACT), sender="alpha", receiver="beta", message_id="<1@a>",
            content_type="application/EDIFACT",
            filename="a.edi", protection=Protection(), identity=identity("alpha"),
            recipients=[identity("beta").certificate], receipt=ReceiptRequest(kind="signed-sync"), random=bytes,
        )  # fmt: skip
        headers = dict(made.headers) | {"Disposition-Notification-Options": options}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{beta.port}/as2", headers=headers, data=made.body) as response,
        ):
            pinned: list[Certificate] = [identity("beta").certificate]
            found = mdn.parse(Headers(tuple(response.headers.items())), await response.read(), pinned)
    assert str(found.disposition).endswith("; " + told)


async def test_a_far_end_that_is_not_there_is_tried_again() -> None:
    async with companies() as (alpha, beta, desk):
        await exchange(alpha, desk)
        [queued] = beta.inbox.arrivals[0].answers
        assert alpha.runner is not None
        await alpha.runner.cleanup()
        with pytest.raises(NetworkFault):
            await deliver(beta, queued)
        await asyncio.sleep(0)


async def test_the_rule_behind_a_wrong_mic_is_named() -> None:
    async with two_companies() as (alpha, _):
        row = parcel()
        wrapped = alpha.channel.wrap(row, alpha.book.partners[0], "as2")
        digest = __import__("hashlib").sha256(EDIFACT).digest()
        value = f"{mdn.mic_of(digest, 'sha-256')}"
        fault = PartnerFault("as2.mic-mismatch", value=value, sent=wrapped.mic or "")
        found = alpha.channel.explain(fault, row, wrapped)
        unknown = PartnerFault("as2.mic-mismatch", value="AAAA, sha-256", sent="")
        assert alpha.channel.explain(unknown, row, wrapped) is unknown
    assert (found.code, found.params["rule"]) == ("as2.mic-rule", "content-without-headers (sha-256)")
