"""AS2 as other products write it: whole requests byte for byte, and what may not pass for one."""

import asyncio
import base64
from collections.abc import Callable

import pytest
from as2_world import EDIFACT, Company, company, two_companies
from test_channels_as2_attacks import disposition, identity, post, sealed

from gateway.channels.as2_proof import checked_receipt
from gateway.channels.outbound import Answer
from gateway.codecs import mdn
from gateway.codecs.cms.algorithms import DIGESTS
from gateway.codecs.cms.enveloped import encrypt
from gateway.codecs.cms.signed import sign
from gateway.codecs.mime import Headers, read_header_block
from gateway.model.faults import PartnerFault
from gateway.ports.records import Wrapped

CRLF = b"\r\n"


def random(count: int) -> bytes:
    return bytes(range(count))


def signed_part(
    content: bytes = EDIFACT,
    *,
    head: bytes = b"Content-Type: application/EDI-X12\r\nContent-Transfer-Encoding: binary\r\n",
    end: bytes = CRLF,
    digest: str = "sha-256",
    boundary: bytes = b"----=_Part_7_1263.1699",
) -> tuple[bytes, bytes]:
    """Return (Content-Type value, body) of a multipart/signed, with the line ends of the product."""
    part = head.replace(CRLF, end) + end + content
    running = DIGESTS[digest].new()
    running.update(part)
    signature = base64.encodebytes(sign(running.digest(), DIGESTS[digest], identity("alpha"))).replace(b"\n", end)
    lines = [
        b"--" + boundary, part, b"--" + boundary, b"Content-Type: application/pkcs7-signature; name=smime.p7s",
        b"Content-Transfer-Encoding: base64", b"Content-Disposition: attachment; filename=smime.p7s", b"",
        signature, b"--" + boundary + b"--", b"",
    ]  # fmt: skip
    kind = b'multipart/signed; protocol="application/pkcs7-signature"; micalg=%b; boundary="%b"'
    return kind % (digest.encode(), boundary), end.join(lines)


def enveloped(kind: bytes, body: bytes, end: bytes = CRLF) -> bytes:
    entity = b"Content-Type: " + kind + end + end + body
    return b"".join(encrypt([entity], [identity("beta").certificate], random, size_bytes=len(entity)))


async def raw(to: Company, lines: list[bytes], body: bytes, *, end: bytes = CRLF) -> tuple[int, Headers, bytes]:
    """Send one request as it stands and read the answer to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", to.port)
    writer.write(end.join([b"POST /as2 HTTP/1.1", *lines, b"Connection: close", b"", b""]) + body)
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, rest = answer.partition(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    return int(status.split()[1]), read_header_block(fields), rest


COMMON = [
    b"Host: beta.example:4080",
    b"AS2-Version: 1.1",
    b"AS2-From: alpha",
    b"AS2-To: beta",
    b"Message-ID: <OPENAS2-21112026120000+0000-0001@alpha_beta>",
    b"Disposition-Notification-To: edi@alpha.example",
    b"Disposition-Notification-Options: signed-receipt-protocol=optional, pkcs7-signature;"
    b" signed-receipt-micalg=optional, SHA256",
    b"User-Agent: some product",
    b"Date: Sat, 21 Nov 2026 12:00:00 GMT",
    b"Mime-Version: 1.0",
    b"Subject: File order.edi sent from alpha to beta",
    b"Recipient-Address: http://beta.example:4080/as2",
    b'Content-Disposition: Attachment; filename="smime.p7m"',
]


def binary(body: bytes) -> tuple[list[bytes], bytes]:
    kind = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"
    return [*COMMON, kind, b"Content-Length: %d" % len(body)], body


def in_base64(body: bytes) -> tuple[list[bytes], bytes]:
    """The whole HTTP body in base64, as products do that were made for mail."""
    text = base64.encodebytes(body).replace(b"\n", CRLF)
    lines, _ = binary(text)
    return [*lines, b"Content-Transfer-Encoding: base64"], text


def leading_zeros(body: bytes) -> tuple[list[bytes], bytes]:
    lines, _ = binary(body)
    return [*lines[:-1], b"Content-Length: 000%d" % len(body)], body


def chunked(body: bytes) -> tuple[list[bytes], bytes]:
    lines, _ = binary(body)
    pieces = b"".join(b"%X\r\n%b\r\n" % (len(body[n : n + 999]), body[n : n + 999]) for n in range(0, len(body), 999))
    return [*lines[:-1], b"Transfer-Encoding: chunked"], pieces + b"0\r\n\r\n"


def chunk_extension(body: bytes) -> tuple[list[bytes], bytes]:
    lines, _ = binary(body)
    return [*lines[:-1], b"Transfer-Encoding: chunked"], b"%x;part=1\r\n%b\r\n0\r\n\r\n" % (len(body), body)


def continued(body: bytes) -> tuple[list[bytes], bytes]:
    lines, _ = binary(body)
    return [*lines, b"Expect: 100-continue"], body


def odd_case(body: bytes) -> tuple[list[bytes], bytes]:
    lines, _ = binary(body)
    return [name.upper() + b":" + value.strip() for name, _, value in (line.partition(b":") for line in lines)], body


def trailing_blanks(body: bytes) -> tuple[list[bytes], bytes]:
    lines, _ = binary(body)
    return [line + b"  \t" for line in lines], body


def tolerant_date(body: bytes) -> tuple[list[bytes], bytes]:
    lines, _ = binary(body)
    return [b"Date: 21.11.2026" if line.startswith(b"Date") else line for line in lines], body


def quoted_ids(body: bytes) -> tuple[list[bytes], bytes]:
    lines, _ = binary(body)
    return [line.replace(b": alpha", b': "alpha"').replace(b"To: beta", b'To: "beta"') for line in lines], body


@pytest.mark.parametrize(
    "carried",
    [
        binary, in_base64, leading_zeros, chunked, chunk_extension, continued, odd_case, trailing_blanks, tolerant_date,
        quoted_ids,
    ],
    ids=lambda carried: carried.__name__,
)  # fmt: skip
async def test_a_request_is_understood_however_a_product_writes_it(
    carried: Callable[[bytes], tuple[list[bytes], bytes]],
) -> None:
    lines, body = carried(enveloped(*signed_part()))
    async with two_companies() as (_, beta):
        status, headers, answer = await raw(beta, lines, body)
    if status == 100:
        head, _, answer = answer.partition(b"\r\n\r\n")
        headers = read_header_block(head.partition(b"\r\n")[2])
        status = int(head.split()[1])
    assert (status, disposition(headers, answer)) == (200, "processed")
    assert beta.inbox.contents == [EDIFACT]


@pytest.mark.parametrize(
    ("head", "content_type", "filename"),
    [
        (b"Content-Type: application/EDI-X12; name=order.edi\r\n", "application/edi-x12", "order.edi"),
        (b'Content-Type: text/plain; charset="us-ascii"; name="a b.txt"\r\n', "text/plain", "a b.txt"),
        (b"Content-Type: text/xml\r\nContent-Disposition: attachment; filename=a b.xml\r\n", "text/xml", "a b.xml"),
        (
            b"Content-Type: application/octet-stream\r\nContent-Disposition: inline\r\n",
            "application/octet-stream",
            None,
        ),
        (b"Content-Type: APPLICATION/EDI-CONSENT ; NAME=X.EDI\r\n", "application/edi-consent", "X.EDI"),
        (
            b"Content-Type: application/edifact;\r\n\tname=long.edi\r\nContent-Description: EDI\r\n"
            b"Content-ID: <1.2@x>\r\n",
            "application/edifact",
            "long.edi",
        ),
    ],
    ids=["name", "text-plain", "blanks-unquoted", "no-name", "capitals", "folded"],
)
async def test_content_of_any_type_is_taken_with_its_name(head: bytes, content_type: str, filename: str | None) -> None:
    lines, body = binary(enveloped(*signed_part(head=head)))
    async with two_companies() as (_, beta):
        status, headers, answer = await raw(beta, lines, body)
    assert (status, disposition(headers, answer)) == (200, "processed")
    [arrival] = beta.inbox.arrivals
    assert (arrival.content_type, arrival.filename) == (content_type, filename)


async def test_mime_with_bare_line_feeds_is_read_as_it_was_signed() -> None:
    kind, body = signed_part(end=b"\n")
    lines, envelope = binary(enveloped(kind, body, end=b"\n"))
    async with two_companies() as (_, beta):
        status, headers, answer = await raw(beta, lines, envelope)
    assert (status, disposition(headers, answer)) == (200, "processed")


@pytest.mark.parametrize("micalg", ["sha1", "sha-1", "SHA1", "rsa-sha1", "SHA256", "sha-512", "sha384"])
async def test_a_receipt_may_be_asked_with_any_spelling_and_is_never_signed_with_sha1(micalg: str) -> None:
    options = f"signed-receipt-protocol=optional,pkcs7-signature;signed-receipt-micalg=optional,{micalg},md5"
    message = sealed()
    headers = [
        (name, options if name == "Disposition-Notification-Options" else value) for name, value in message.headers
    ]
    async with two_companies() as (_, beta):
        status, fields, body = await post(beta, headers, message.body)
    assert (status, disposition(fields, body)) == (200, "processed")
    assert "sha1" not in fields.get("content-type").replace("-", "").lower()


async def test_an_identifier_with_blanks_is_taken_with_and_without_quotes() -> None:
    async with two_companies() as (_, beta):
        beta.other(id="Big Retailer, Inc. #7")
        for number, written in enumerate(('"Big Retailer, Inc. #7"', "Big Retailer, Inc. #7")):
            message = sealed(message_id=f"<{number}@x>")
            headers = [(name, written if name == "AS2-From" else value) for name, value in message.headers]
            status, fields, body = await post(beta, headers, message.body)
            assert (status, disposition(fields, body)) == (200, "processed")
            assert fields.get("as2-to") == '"Big Retailer, Inc. #7"'


# --- receipts of other products ---------------------------------------------------------------------------------------


def receipt(fields: bytes, *, text: bytes = b"Content-Type: text/plain\r\n\r\nThe message was received.\r\n") -> Answer:
    """Return a signed receipt as a partner's server would give it."""
    report = (
        b'Content-Type: multipart/report; report-type=disposition-notification;\r\n boundary="rep"\r\n\r\n--rep\r\n'
        + text
        + b"\r\n--rep\r\nContent-Type: message/disposition-notification\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        + fields
        + b"\r\n--rep--\r\n"
    )
    running = DIGESTS["sha-256"].new()
    running.update(report)
    signature = base64.encodebytes(sign(running.digest(), DIGESTS["sha-256"], identity("alpha")))
    body = (
        b"--sig\r\n" + report + b"\r\n--sig\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\n" + signature + b"\r\n--sig--\r\n"
    )
    kind = 'multipart/signed; protocol="application/pkcs7-signature"; micalg="sha-256"; boundary="sig"'
    return Answer(status=200, headers=(("Content-Type", kind),), body=body)


MIC = "nZkD0E3yS3rr0sXwIvR8kx5fTqCm5gZl5y0sQ1r0bWE="
SENT = Wrapped(headers=(), body=b"", transport_id="<1@beta.example>", mic=f"{MIC}, sha-256")
GOOD = b"Original-Message-ID: <1@beta.example>\r\nReceived-content-MIC: " + MIC.encode() + b", sha-256\r\n"


async def facts_of(answer: Answer) -> dict[str, str]:
    beta = company("beta", "alpha")
    line = beta.channel._line(beta.book.partners[0], beta.book.partners[0].channels["as2"])
    await beta.outbound.close()
    return checked_receipt(answer, SENT, line)


@pytest.mark.parametrize(
    "fields",
    [
        GOOD + b"Final-Recipient: rfc822; alpha\r\n"
        b"Disposition: automatic-action/MDN-sent-automatically; processed\r\n",  # no Original-Recipient
        GOOD + b"Disposition: Automatic-Action/mdn-sent-automatically; Processed\r\n",
        GOOD + b"DISPOSITION: AUTOMATIC-ACTION/MDN-SENT-AUTOMATICALLY; PROCESSED  \t\r\n",
        GOOD + b"Disposition: automatic-action/MDN-sent-automatically;processed\r\nX-Extra: 1\r\n",
        GOOD + b"Disposition: manual-action/MDN-sent-manually; processed\r\n",
        GOOD + b"Disposition: automatic-action/MDN-sent-automatically; processed/warning: something\r\n",
        GOOD.replace(b"<1@beta.example>", b"1@beta.example")
        + b"Disposition: automatic-action/MDN-sent-automatically; processed\r\n",
        GOOD.replace(b", sha-256", b",SHA256") + b"Disposition: automatic-action/MDN-sent-automatically; processed\r\n",
        GOOD.replace(b"\r\n", b"\n") + b"Disposition: automatic-action/MDN-sent-automatically; processed\n",
    ],
    ids=[
        "no-original-recipient",
        "odd-case",
        "capitals",
        "no-blank",
        "manual",
        "warning",
        "no-brackets",
        "mic-spelling",
        "line-feeds",
    ],
)
async def test_a_receipt_counts_however_a_product_writes_it(fields: bytes) -> None:
    assert (await facts_of(receipt(fields)))["mic"] == f"{MIC}, sha-256"


@pytest.mark.parametrize(
    "text",
    [
        b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>ok=</p>\r\n",
        b"\r\nno header at all\r\n",
        b'Content-Type: multipart/alternative; boundary="alt"\r\n\r\n--alt\r\n\r\nok\r\n--alt--\r\n',
    ],
    ids=["html", "no-header", "alternative"],
)
async def test_whatever_the_human_part_is_the_other_one_counts(text: bytes) -> None:
    fields = GOOD + b"Disposition: automatic-action/MDN-sent-automatically; processed\r\n"
    assert (await facts_of(receipt(fields, text=text)))["mic"] == f"{MIC}, sha-256"


@pytest.mark.parametrize(
    ("disposition_", "code"),
    [
        (b"processed/Error: authentication-failed", "as2.disposition-error"),
        (b"processed/error:decryption-failed", "as2.disposition-error"),
        (b"failed/Failure: unsupported format", "as2.disposition-error"),
        (b"displayed", "as2.disposition-error"),
        (b"deleted", "as2.disposition-error"),
        (b"", "as2.receipt-unreadable"),
    ],
)
async def test_a_receipt_that_is_not_good_never_counts(disposition_: bytes, code: str) -> None:
    fields = GOOD + b"Disposition: automatic-action/MDN-sent-automatically; " + disposition_ + b"\r\n"
    if not disposition_:
        fields = GOOD
    with pytest.raises(PartnerFault, match=code.replace(".", r"\.")):
        await facts_of(receipt(fields))


# --- what is no request -----------------------------------------------------------------------------------------------

HEAD = b"POST /as2 HTTP/1.1\r\nHost: x\r\nAS2-From: alpha\r\nAS2-To: beta\r\nMessage-ID: <1@x>\r\n"
HIDDEN = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "smuggled",
    [
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Content-Length: 0\r\nContent-Length: 34\r\n\r\n",
        HEAD + b"Content-Length: 0, 34\r\n\r\n",
        HEAD + b"Content-Length: +0\r\n\r\n",
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 0x0\r\n\r\n",
        HEAD + b"Content-Length : 0\r\n\r\n",
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n",
        HEAD + b"X: a\0b\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X: a\rContent-Length: 34\r\nContent-Length: 0\r\n\r\n",
        HEAD + b" folded: 1\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Bad Name: 1\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"X: " + b"y" * 20_000 + b"\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=[
        "length-and-chunked",
        "two-lengths",
        "length-list",
        "length-plus",
        "length-minus",
        "length-hex",
        "blank-before-colon",
        "blank-before-colon-chunked",
        "other-encoding",
        "chunked-then-identity",
        "chunked-twice",
        "chunk-minus",
        "chunk-overflow",
        "chunk-hex",
        "nul",
        "carriage-return",
        "folded",
        "blank-in-name",
        "too-long",
    ],
)
async def test_no_second_request_is_smuggled_in(smuggled: bytes) -> None:
    async with two_companies() as (_, beta):
        reader, writer = await asyncio.open_connection("127.0.0.1", beta.port)
        writer.write(smuggled + HIDDEN)
        answer = await asyncio.wait_for(reader.read(), 10)  # to the end: the connection is closed on them
        writer.close()
    assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert answer.count(b"HTTP/1.") == 1
    assert b"ok\n" not in answer
    assert beta.inbox.arrivals == []


def test_every_receipt_that_we_make_is_read_by_ourselves() -> None:
    for told in (mdn.PROCESSED, mdn.failed("decryption-failed"), mdn.failed("unsupported format")):
        built = mdn.build(
            original_message_id="<1@x>", recipient="beta", disposition=told, mic=None, explanation="x",
            identity=identity("beta"),
        )  # fmt: skip
        found = mdn.parse(Headers(built.headers), built.body, [identity("beta").certificate])
        assert found.disposition == told


# --- who only holds a place -------------------------------------------------------------------------------------------


async def test_a_body_that_trickles_is_given_up_although_it_never_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.channels.intake.PAUSE_S", 0.4)
    async with two_companies() as (_, beta):
        reader, writer = await asyncio.open_connection("127.0.0.1", beta.port)
        writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
        sent = 0
        answer = asyncio.create_task(reader.read(65_536))
        while not answer.done() and sent < 60:
            writer.write(b"x")
            sent += 1
            await asyncio.sleep(0.1)
        found = await answer
        writer.close()
    assert b" 408 " in found.split(CRLF)[0]
    assert sent < 30
    assert beta.inbox.arrivals == []


async def test_one_address_cannot_take_every_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.channels.as2_inbound.MAX_PER_REMOTE", 2)
    message = sealed()
    async with two_companies() as (_, beta):
        held = [await asyncio.open_connection("127.0.0.1", beta.port) for _ in range(2)]
        for _, writer in held:
            writer.write(HEAD + b"Content-Length: 9\r\n\r\nhalf")
        await asyncio.sleep(0.2)
        status, headers, _ = await post(beta, message.headers, message.body)
        assert (status, headers.get("retry-after")) == (503, "2")
        for _, writer in held:
            writer.close()
        await asyncio.sleep(0.2)
        assert (await post(beta, message.headers, message.body))[0] == 200
