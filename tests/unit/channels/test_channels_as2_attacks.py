"""What a hostile or broken sender may try against the AS2 channel, and what an honest repeat must get."""

import asyncio
import secrets
from collections.abc import Iterable

import aiohttp
import pytest
from as2_world import EDIFACT, Company, company, key_pair, parcel, two_companies

from gateway.channels import as2_inbound
from gateway.channels.listener import start_listener
from gateway.codecs import mdn
from gateway.codecs.as2 import Protection, seal
from gateway.codecs.cms.algorithms import DATA, SIGNED_DATA
from gateway.codecs.cms.ber import SEQUENCE, SET, context, integer, tlv
from gateway.codecs.cms.identity import Identity, load_identity
from gateway.codecs.mime import Headers
from gateway.model.faults import Fault, NetworkFault
from gateway.model.payload import MemoryPayload
from gateway.ports.records import Wrapped
from gateway.texts.catalogue import text


def identity(name: str) -> Identity:
    pair = key_pair(name)
    return load_identity(pair.private_pem, pair.certificate_pem)


def sealed(
    data: bytes = EDIFACT,
    *,
    message_id: str = "<1@alpha.example>",
    security: str = "signed+encrypted",
    signer: str = "alpha",
    sender: str = "alpha",
    receiver: str = "beta",
    receipt: str = "signed-sync",
) -> Wrapped:
    made = seal(
        MemoryPayload(data),
        sender=sender,
        receiver=receiver,
        message_id=message_id,
        content_type="application/EDIFACT",
        filename="order.edi",
        protection=Protection.read(security),
        identity=identity(signer),
        recipients=[identity("beta").certificate],
        receipt=receipt,
        random=secrets.token_bytes,
    )
    return Wrapped(headers=made.headers, body=made.body, transport_id=made.message_id, mic=made.mic)


async def post(to: Company, headers: Iterable[tuple[str, str]], body: bytes) -> tuple[int, Headers, bytes]:
    url = f"http://127.0.0.1:{to.port}/as2"
    async with aiohttp.ClientSession() as session, session.post(url, headers=list(headers), data=body) as response:
        return response.status, Headers(tuple(response.headers.items())), await response.read()


def disposition(headers: Headers, body: bytes, *, signed: bool = True) -> str:
    found = mdn.parse(headers, body, [identity("beta").certificate])
    assert (found.signer is not None) == signed
    return str(found.disposition).partition("; ")[2]


# --- what comes in ----------------------------------------------------------------------------------------------------


async def test_a_repeat_gets_the_first_receipt_byte_for_byte_and_is_kept_once() -> None:
    async with two_companies() as (_, beta):
        message = sealed()
        first = await post(beta, message.headers, message.body)
        again = sealed()  # encrypted anew: other bytes on the wire, the same content
        second = await post(beta, again.headers, again.body)
    assert again.body != message.body
    assert first[2] == second[2]
    assert first[1].get("message-id") == second[1].get("message-id")
    assert beta.inbox.contents == [EDIFACT]


async def test_the_same_message_id_with_other_content_is_refused() -> None:
    async with two_companies() as (_, beta):
        for data in (EDIFACT, EDIFACT + b" "):
            message = sealed(data)
            status, headers, body = await post(beta, message.headers, message.body)
    assert status == 200
    assert disposition(headers, body) == "processed/error: duplicate-document"
    assert beta.inbox.contents == [EDIFACT]


@pytest.mark.parametrize(
    ("made", "code", "told"),
    [
        ({"security": "encrypted"}, "as2.protection-missing", "decryption-failed"),
        ({"security": "signed"}, "as2.protection-missing", "insufficient-message-security"),
        ({"security": "plain"}, "as2.protection-missing", "insufficient-message-security"),
        ({"signer": "mallory"}, "as2.signer-unknown", "decryption-failed"),
        ({"signer": "mallory", "security": "signed"}, "as2.signer-unknown", "authentication-failed"),
    ],
)
async def test_a_message_less_protected_than_agreed_is_quarantined(made: dict[str, str], code: str, told: str) -> None:
    async with two_companies() as (_, beta):
        message = sealed(**made)
        status, headers, body = await post(beta, message.headers, message.body)
    assert (status, disposition(headers, body)) == (200, f"processed/error: {told}")
    (arrival,) = beta.inbox.arrivals
    assert arrival.fault_code == code
    assert "?" not in text(arrival.fault)  # what was wrong is told to the person who looks at it
    assert beta.inbox.contents == [message.body]  # as it came, never the content


async def test_a_message_in_clear_is_not_let_in_by_calling_it_compressed() -> None:
    headers = [
        ("AS2-From", "alpha"),
        ("AS2-To", "beta"),
        ("Message-ID", "<c@x>"),
        ("Content-Type", "application/pkcs7-mime; smime-type=compressed-data"),
    ]
    async with two_companies() as (_, beta):
        beta.other(security="encrypted")
        await post(beta, headers, compressed(b"Content-Type: application/EDIFACT\r\n\r\n" + EDIFACT))
        assert [each.fault_code for each in beta.inbox.arrivals] == ["as2.protection-missing"]
        beta.other(security="plain")
        await post(beta, headers, compressed(b"Content-Type: application/EDIFACT\r\n\r\n" + EDIFACT))
    assert beta.inbox.contents[1] == EDIFACT


def compressed(data: bytes) -> bytes:
    import zlib

    from gateway.codecs.cms.algorithms import COMPRESSED_DATA, ZLIB
    from gateway.codecs.cms.ber import OCTET_STRING

    inner = tlv(SEQUENCE, DATA, tlv(context(0), tlv(OCTET_STRING, zlib.compress(data, 9))))
    outer = tlv(SEQUENCE, integer(0), tlv(SEQUENCE, ZLIB), inner)
    return tlv(SEQUENCE, COMPRESSED_DATA, tlv(context(0), outer))


async def test_a_decompression_bomb_is_stopped() -> None:
    bomb = compressed(b"Content-Type: text/plain\r\n\r\n" + bytes(300_000_000))
    headers = [
        ("AS2-From", "alpha"),
        ("AS2-To", "beta"),
        ("Message-ID", "<c@x>"),
        ("Content-Type", "application/pkcs7-mime; smime-type=compressed-data"),
    ]
    async with two_companies() as (_, beta):
        beta.other(security="plain")
        await post(beta, headers, bomb)
    assert [each.fault_code for each in beta.inbox.arrivals] == ["as2.too-large"]


async def test_every_change_of_an_encrypted_message_gets_one_and_the_same_answer() -> None:
    message = sealed()
    answers = set()
    async with two_companies() as (_, beta):
        size = len(message.body)
        for at in (260, size // 3, size // 2, size - 40, size - 17, size - 1):
            changed = bytearray(message.body)
            changed[at] ^= 0x41
            status, headers, body = await post(beta, message.headers, bytes(changed))
            told = mdn.parse(headers, body, [identity("beta").certificate])
            answers.add((status, disposition(headers, body), told.explanation, told.mic))
    codes = [each.fault_code for each in beta.inbox.arrivals]
    assert {each[:2] for each in answers} == {(200, "processed/error: decryption-failed")}
    assert len(answers) == 1
    assert len(set(codes)) > 1  # inside we know more than the sender is told
    assert None not in codes


async def test_an_unknown_sender_gets_an_unsigned_refusal_and_nothing_is_kept() -> None:
    async with two_companies() as (_, beta):
        for sender, receiver in (("mallory", "beta"), ("alpha", "gamma"), ("Alpha", "beta"), ("beta", "beta")):
            message = sealed(sender=sender, receiver=receiver)
            status, headers, body = await post(beta, message.headers, message.body)
            assert status == 200
            same = "failed/failure: sender-equals-receiver"
            told = same if sender == receiver else "processed/error: unknown-trading-relationship"
            assert disposition(headers, body, signed=False) == told
    assert beta.inbox.arrivals == []


@pytest.mark.parametrize("field", ["AS2-From", "AS2-To", "Message-ID"])
async def test_a_header_that_is_missing_or_repeated_is_refused(field: str) -> None:
    message = sealed()
    async with two_companies() as (_, beta):
        without = [each for each in message.headers if each[0] != field]
        assert (await post(beta, without, message.body))[0] == 400
        assert (await post(beta, [*message.headers, (field, "alpha")], message.body))[0] == 400
    assert beta.inbox.arrivals == []


async def test_a_receipt_delivery_option_makes_us_call_nobody() -> None:
    called = []

    async def attacker(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.append(1)
        writer.close()

    server = await asyncio.start_server(attacker, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    message = sealed()
    async with two_companies() as (_, beta):
        asked = [*message.headers, ("Receipt-Delivery-Option", f"http://127.0.0.1:{port}/")]
        status, headers, body = await post(beta, asked, message.body)
    server.close()
    await server.wait_closed()
    assert (status, disposition(headers, body)) == (200, "processed")
    assert called == []


async def test_a_body_over_the_limit_is_refused_before_and_while_it_is_read() -> None:
    message = sealed()

    async def chunks():  # type: ignore[no-untyped-def]
        for _ in range(120):
            yield b"x" * 65_536

    async with two_companies() as (_, beta):
        url = f"http://127.0.0.1:{beta.port}/as2"
        async with aiohttp.ClientSession() as session:
            async with session.post(url, headers=list(message.headers), data=b"x" * 5_000_001) as response:
                assert response.status == 413
            try:
                async with session.post(url, headers=list(message.headers), data=chunks()) as response:
                    assert response.status == 413
            except aiohttp.ClientError:
                pass  # the connection was closed on us while we were still sending
    assert beta.inbox.arrivals == []


async def test_both_length_and_chunked_together_are_refused() -> None:
    async with two_companies() as (_, beta):
        reader, writer = await asyncio.open_connection("127.0.0.1", beta.port)
        writer.write(
            b"POST /as2 HTTP/1.1\r\nHost: x\r\nAS2-From: alpha\r\nAS2-To: beta\r\nMessage-ID: <1@x>\r\n"
            b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
        )
        answer = await reader.read(65_536)
        writer.close()
    assert b" 400 " in answer.split(b"\r\n")[0]
    assert b"ok\n" not in answer
    assert beta.inbox.arrivals == []


async def test_a_sender_that_stops_in_the_middle_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.channels.intake.PAUSE_S", 0.2)
    async with two_companies() as (_, beta):
        reader, writer = await asyncio.open_connection("127.0.0.1", beta.port)
        writer.write(
            b"POST /as2 HTTP/1.1\r\nHost: x\r\nAS2-From: alpha\r\nAS2-To: beta\r\nMessage-ID: <1@x>\r\n"
            b"Content-Length: 500\r\n\r\nhalf"
        )
        answer = await asyncio.wait_for(reader.read(65_536), 5)
        writer.close()
    assert b" 408 " in answer.split(b"\r\n")[0]


async def test_a_busy_gateway_says_when_to_come_back_before_it_reads() -> None:
    async with two_companies() as (_, beta):
        beta.channel._inbound._admit = lambda: 7
        status, headers, _ = await post(beta, sealed().headers, b"")
    assert (status, headers.get("retry-after")) == (503, "7")


async def test_our_own_missing_key_makes_the_sender_come_back() -> None:
    async with two_companies() as (_, beta):
        beta.keys.certificates.clear()
        message = sealed()
        assert (await post(beta, message.headers, message.body))[0] == 503
    assert beta.inbox.arrivals == []


async def test_unopened_messages_of_a_claimed_sender_fill_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(as2_inbound, "FAULTS_KEPT", 3)
    async with two_companies() as (_, beta):
        for number in range(5):
            message = sealed(message_id=f"<{number}@x>", signer="mallory")
            assert (await post(beta, message.headers, message.body))[0] == 200
    assert len(beta.inbox.arrivals) == 3


async def test_a_message_that_could_not_be_opened_may_be_sent_again_after_repair() -> None:
    async with two_companies() as (_, beta):
        good = beta.keys.certificates["alpha"]
        beta.keys.certificates["alpha"] = key_pair("mallory").certificate_pem
        message = sealed()
        status, headers, body = await post(beta, message.headers, message.body)
        assert "error" in disposition(headers, body)
        beta.keys.certificates["alpha"] = good
        status, headers, body = await post(beta, message.headers, message.body)
    assert (status, disposition(headers, body)) == (200, "processed")
    assert beta.inbox.contents[1] == EDIFACT


async def test_a_new_certificate_beside_the_old_one_counts() -> None:
    async with two_companies() as (_, beta):
        beta.keys.certificates["alpha"] += key_pair("mallory").certificate_pem
        for number, signer in enumerate(("alpha", "mallory")):
            message = sealed(message_id=f"<{number}@x>", signer=signer)
            _, headers, body = await post(beta, message.headers, message.body)
            assert disposition(headers, body) == "processed"


async def test_nothing_is_answered_before_accept_has_kept_it() -> None:
    gate = asyncio.Event()
    beta = company("beta", "alpha")

    async def slow_accept(arrival):  # type: ignore[no-untyped-def]
        await gate.wait()
        return await beta.inbox.accept(arrival)

    beta.runner = await start_listener("127.0.0.1", 0, [beta.channel], slow_accept)
    message = sealed()
    asked = asyncio.create_task(post(beta, message.headers, message.body))
    done, _ = await asyncio.wait([asked], timeout=0.5)
    assert not done
    gate.set()
    assert (await asked)[0] == 200
    await beta.outbound.close()
    await beta.runner.cleanup()


# --- what the partner answers -----------------------------------------------------------------------------------------


def answered(
    wrapped: Wrapped, *, mic: str | None = "", message_id: str = "", told: str = "", signer: str | None = "beta"
):  # type: ignore[no-untyped-def]
    """Return the answer a partner could give to wrapped."""
    return mdn.build(
        original_message_id=message_id or wrapped.transport_id,
        recipient="beta",
        disposition=mdn.Disposition.read(told) if told else mdn.PROCESSED,
        mic=mdn.Mic.read(wrapped.mic or "") if mic == "" else mdn.Mic.read(mic) if mic else None,
        explanation="hello",
        identity=identity(signer) if signer else None,
    )


async def outcome(built: mdn.Built, status: int = 200) -> str:
    """Return "acked", or the code of the fault with which alpha's send ends when the partner answers built."""
    alpha = company("alpha", "beta")

    async def partner(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        await reader.readexactly(length)
        lines = "".join(f"{name}: {value}\r\n" for name, value in built.headers)
        top = f"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {len(built.body)}\r\n{lines}\r\n"
        writer.write(top.encode() + built.body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(partner, "127.0.0.1", 0)
    settings = alpha.other(url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    try:
        proof = await alpha.channel.send(alpha.channel.wrap(parcel(), settings, "as2"), settings, "as2")
        return proof.state
    except Fault as fault:
        return f"{fault.code}{' again' if fault.temporary else ''}"
    finally:
        server.close()
        await alpha.outbound.close()


def wrapped_by_alpha() -> Wrapped:
    alpha_identity = identity("alpha")
    made = seal(
        parcel().payload,
        sender="alpha",
        receiver="beta",
        message_id=f"<{parcel().id}@alpha.example>",
        content_type="application/EDIFACT",
        filename="order.edi",
        protection=Protection(),
        identity=alpha_identity,
        recipients=[identity("beta").certificate],
        receipt="signed-sync",
        random=secrets.token_bytes,
    )
    return Wrapped(headers=made.headers, body=made.body, transport_id=made.message_id, mic=made.mic)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, "acked"),
        ({"told": "processed/warning: some-remark"}, "acked"),
        ({"told": "processed/Warning: duplicate-document", "mic": None}, "acked"),
        ({"told": "processed/error: duplicate-document", "mic": None}, "as2.disposition-error"),
        ({"told": "processed/error: decryption-failed"}, "as2.disposition-error"),
        ({"told": "failed/failure: unsupported format"}, "as2.disposition-error"),
        ({"signer": None}, "as2.receipt-unsigned"),
        ({"signer": None, "mic": None}, "as2.receipt-unsigned"),
        ({"signer": None, "told": "processed/warning: duplicate-document", "mic": None}, "as2.receipt-unsigned"),
        ({"signer": "mallory"}, "as2.signer-unknown"),
        ({"mic": None}, "as2.mic-mismatch"),
        ({"mic": "AAAA, sha-256"}, "as2.mic-mismatch"),
        ({"message_id": "<another@alpha.example>"}, "as2.receipt-stranger"),
    ],
)
async def test_only_the_agreed_receipt_counts(answer: dict[str, str | None], expected: str) -> None:
    assert await outcome(answered(wrapped_by_alpha(), **answer)) == expected


async def test_a_receipt_with_no_signer_at_all_does_not_count() -> None:
    built = answered(wrapped_by_alpha())
    empty = tlv(SEQUENCE, integer(1), tlv(SET), tlv(SEQUENCE, DATA), tlv(SET))
    signature = tlv(SEQUENCE, SIGNED_DATA, tlv(context(0), empty))
    boundary = dict(built.headers)["Content-Type"].partition('boundary="')[2].rstrip('"')
    part = built.body.split(f"--{boundary}".encode())[1][2:-2]
    assert await outcome(mdn.signed_entity(part, signature, "sha-256", boundary)) == "as2.signer-unknown"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (408, "http.unavailable again"),
        (425, "http.unavailable again"),
        (429, "http.unavailable again"),
        (500, "http.unavailable again"),
        (503, "http.unavailable again"),
        (400, "http.refused"),
        (403, "http.refused"),
        (301, "http.refused"),
        (307, "http.refused"),
    ],
)
async def test_a_status_says_whether_sending_again_may_help(status: int, expected: str) -> None:
    built = answered(wrapped_by_alpha())
    elsewhere = ("Location", "http://127.0.0.1:9/")  # nobody there: following it would be seen
    assert await outcome(mdn.Built(headers=(*built.headers, elsewhere), body=built.body), status) == expected


async def test_a_200_without_a_receipt_is_tried_again() -> None:
    page = mdn.Built(headers=(("Content-Type", "text/html"),), body=b"<h1>It works</h1>")
    assert await outcome(page) == "as2.receipt-missing again"


async def test_a_connection_that_fails_is_tried_again() -> None:
    alpha = company("alpha", "beta")
    partner = alpha.other(url="http://127.0.0.1:9/")
    with pytest.raises(NetworkFault, match=r"http\.unreachable"):
        await alpha.channel.send(wrapped_by_alpha(), partner, "as2")
    await alpha.outbound.close()


def test_wrapping_the_same_parcel_again_keeps_its_message_id() -> None:
    message = wrapped_by_alpha()
    assert message.transport_id == f"<{parcel().id}@alpha.example>"
    assert wrapped_by_alpha().mic == message.mic
