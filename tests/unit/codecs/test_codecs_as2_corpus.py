"""Malformed but legal: one case for each defect of the list of resolved interoperability issues, made by hand here.

The list is of products that were certified and still sent, or could not read, these forms.
"""

import base64
import re
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from test_codecs_as2 import dice, identity, made

from gateway.codecs.as2 import Opened, Protection, open_message
from gateway.codecs.cms.algorithms import COMPRESSED_DATA, DATA, DIGESTS, ENVELOPED_DATA, SIGNED_DATA, ZLIB, with_null
from gateway.codecs.cms.ber import NULL, OCTET_STRING, SEQUENCE, SET, children, context, integer, tlv
from gateway.codecs.cms.enveloped import encrypt
from gateway.codecs.cms.signed import sign
from gateway.codecs.mdn import Mic, parse
from gateway.codecs.mime import Headers, safe_filename
from gateway.model.faults import PartnerFault

EDI = b"UNA:+.? 'UNB+UNOC:3+A+B+261121:1200+1'UNZ+0+1'"
SIGNED = Protection(encrypted=False)
PLAIN = Protection(signed=False, encrypted=False)


def digest(data: bytes, name: str = "sha-256") -> bytes:
    running = DIGESTS[name].new()
    running.update(data)
    return running.digest()


def signed_body(
    part: bytes, *, end: bytes = b"\r\n", encode: Callable[[bytes], bytes] | None = None, name: str = "sha-256",
    header: bytes = b"Content-Transfer-Encoding: base64\r\n", epilogue: bytes = b"", preamble: bytes = b"",
) -> bytes:  # fmt: skip
    signature = sign(digest(part, name), DIGESTS[name], identity("alpha"))
    encoded = (encode or base64.encodebytes)(signature)
    return (
        preamble + b"--b\r\n" + part + b"\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n" + header + b"\r\n"
        + encoded + b"\r\n--b--" + end + epilogue
    )  # fmt: skip


def opened(content_type: str, body: bytes, protection: Protection = SIGNED, *more: tuple[str, str]) -> Opened:
    return open_message(
        Headers((("Content-Type", content_type), *more)),
        (body[at : at + 37] for at in range(0, len(body), 37)),
        identities=[identity("beta")],
        pinned=[identity("alpha").certificate],
        protection=protection,
        random=dice,
    )


def text(found: Opened) -> bytes:
    return b"".join(found.payload.chunks())


SIGNED_TYPE = 'multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=b'
PART = b"Content-Type: application/EDIFACT\r\n\r\n" + EDI


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"encode": lambda s: base64.b64encode(s)},  # one line, no line end
        {"encode": lambda s: base64.encodebytes(s).replace(b"\n", b"\r\n")},
        {"encode": lambda s: base64.encodebytes(s).replace(b"\n", b"\n\n")},  # line feeds inside
        {"encode": lambda s: s, "header": b"Content-Transfer-Encoding: binary\r\n"},
        {"encode": lambda s: s, "header": b""},  # no encoding named: binary
        {"header": b"content-transfer-encoding:BASE64\r\n"},
        {"end": b""},  # no line end after the closing boundary
        {"end": b"\r\n\r\n"},  # one more
        {"epilogue": b"some text after the end\r\n--b\r\n"},
        {"preamble": b"This is a signed message.\r\n\r\n"},
        {"preamble": b"\r\n"},
    ],
    ids=[
        "plain",
        "one-line",
        "line-breaks",
        "line-feeds",
        "binary",
        "no-encoding-named",
        "small-letters",
        "no-last-line-end",
        "two-last-line-ends",
        "epilogue",
        "preamble",
        "empty-preamble",
    ],
)
def test_a_signature_is_read_however_it_is_carried(changed: dict[str, Any]) -> None:
    found = opened(SIGNED_TYPE, signed_body(PART, **changed))
    assert text(found) == EDI
    assert found.mic == Mic(value=base64.b64encode(digest(PART)).decode(), algorithm="sha-256")


@pytest.mark.parametrize("micalg", ["sha256", "SHA-256", "Sha256", "rsa-sha256", '"sha-256"', "sha1,sha256", "", "x"])
def test_the_digest_may_be_named_in_any_way(micalg: str) -> None:
    kind = f'multipart/signed; protocol="application/pkcs7-signature"; micalg={micalg}; boundary="b"'
    assert text(opened(kind, signed_body(PART))) == EDI


@pytest.mark.parametrize("micalg", ["sha1", "SHA-1", "SHA", "rsa-sha1", "RSA-SHA1", "sha-1"])
def test_sha1_is_read_in_every_spelling_where_it_is_agreed(micalg: str) -> None:
    kind = f'multipart/signed; protocol="application/pkcs7-signature"; micalg={micalg}; boundary="b"'
    legacy = Protection(encrypted=False, digests=frozenset({"sha-1"}))
    assert opened(kind, signed_body(PART, name="sha-1"), legacy).mic.algorithm == "sha-1"
    with pytest.raises(PartnerFault, match="algorithm-refused") as refused:
        opened(kind, signed_body(PART, name="sha-1"))
    assert refused.value.value == "sha-1"  # by the name that a person knows


@pytest.mark.parametrize(
    "part",
    [
        b"Content-Type: application/EDI-X12\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(EDI),
        b"content-type: application/edifact\r\ncontent-transfer-encoding: Binary\r\n\r\n" + EDI,
        b"Content-Type: application/EDIFACT;\r\n name=order.edi\r\n\r\n" + EDI,
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + EDI,  # no Content-Type
        b"\r\n" + EDI,  # no header at all
    ],
    ids=lambda part: part[:30].decode(),
)
def test_a_part_is_read_with_the_headers_it_has(part: bytes) -> None:
    assert text(opened(SIGNED_TYPE, signed_body(part))).rstrip() == EDI


def without_null(element: bytes) -> bytes:
    return element.replace(tlv(NULL), b"")


@pytest.mark.parametrize("parameters", ["absent", "null"])
def test_digest_parameters_may_be_null_or_absent(parameters: str) -> None:
    signature = sign(digest(PART), DIGESTS["sha-256"], identity("alpha"))
    bare = tlv(SEQUENCE, DIGESTS["sha-256"].oid)
    body = signed_body(PART)
    if parameters == "null":
        data = children(children(children(signature)[1])[0])
        signer = children(data[-1])[0]
        fields = [with_null(DIGESTS["sha-256"].oid) if each == bare else each for each in children(signer)]
        data = [data[0], tlv(SET, with_null(DIGESTS["sha-256"].oid)), *data[2:-1], tlv(SET, tlv(SEQUENCE, *fields))]
        again = tlv(SEQUENCE, SIGNED_DATA, tlv(context(0), tlv(SEQUENCE, *data)))
        body = signed_body(PART, encode=lambda _: base64.encodebytes(again))
    assert text(opened(SIGNED_TYPE, body)) == EDI


def test_indefinite_lengths_all_the_way_and_a_line_feed_after_the_end() -> None:
    made_ = b"".join(encrypt([PART], [identity("beta").certificate], dice))
    assert made_.startswith(b"\x30\x80")
    found = opened("application/pkcs7-mime; smime-type=enveloped-data", made_ + b"\n", PLAIN)
    assert text(found) == EDI


def test_the_originator_may_be_a_recipient_too() -> None:
    both = [identity("alpha").certificate, identity("beta").certificate]
    made_ = b"".join(encrypt([PART], both, dice, size_bytes=len(PART)))
    assert ENVELOPED_DATA in made_
    assert text(opened("application/pkcs7-mime", made_, PLAIN)) == EDI  # smime-type may be missing


@pytest.mark.parametrize(
    "kind",
    ["application/x-pkcs7-mime; smime-type=enveloped-data", "Application/PKCS7-MIME;smime-type=Enveloped-Data;name=x",
     "application/pkcs7-mime; smime-type=signed-data"],
)  # fmt: skip
def test_what_is_inside_counts_and_not_what_smime_type_says(kind: str) -> None:
    made_ = b"".join(encrypt([PART], [identity("beta").certificate], dice, size_bytes=len(PART)))
    found = opened(kind, base64.encodebytes(made_), PLAIN, ("Content-Transfer-Encoding", "base64"))
    assert (text(found), found.layers) == (EDI, ("encrypted",))


def test_base64_inside_the_encrypted_part_is_undone() -> None:
    inner = b"Content-Type: application/EDIFACT\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(EDI)
    made_ = b"".join(encrypt([inner], [identity("beta").certificate], dice))
    assert text(opened("application/pkcs7-mime", made_, PLAIN)) == EDI


@pytest.mark.parametrize("level", [0, 1, 9])
def test_compressed_data_of_any_level_and_in_pieces(level: int) -> None:
    packed = zlib.compress(PART, level)
    pieces = b"".join(tlv(OCTET_STRING, packed[at : at + 20]) for at in range(0, len(packed), 20))
    inner = tlv(SEQUENCE, DATA, tlv(context(0), b"\x24\x80" + pieces + b"\0\0"))
    data = tlv(SEQUENCE, integer(0), tlv(SEQUENCE, ZLIB), inner)
    made_ = tlv(SEQUENCE, COMPRESSED_DATA, tlv(context(0), data))
    found = opened("application/pkcs7-mime; smime-type=compressed-data", made_, PLAIN)
    assert (text(found), found.mic.value) == (EDI, base64.b64encode(digest(PART)).decode())


def related(*parts: bytes, extra: str = "") -> tuple[str, bytes]:
    body = b"".join(b"\r\n--r\r\n" + each for each in parts) + b"\r\n--r--\r\n"
    return f"multipart/related; boundary=r{extra}", body[2:]


def test_several_attachments_without_a_type_and_without_a_second_content_type() -> None:
    kind, body = related(PART, b'Content-Disposition: attachment; filename="a b.pdf"\r\n\r\n%PDF')
    part = f"Content-Type: {kind}\r\n\r\n".encode() + body
    found = opened(SIGNED_TYPE, signed_body(part))
    assert (text(found), len(found.attachments)) == (EDI, 1)
    assert (found.attachments[0].filename, found.attachments[0].content_type) == ("a b.pdf", "application/octet-stream")
    assert found.mic.value == base64.b64encode(digest(part)).decode()  # over the whole multipart with its headers


def test_the_document_named_by_start_comes_first() -> None:
    other = b"Content-Type: text/plain\r\nContent-ID: <one>\r\n\r\nnote"
    root = b"Content-Type: application/EDIFACT\r\nContent-ID: <two>\r\n\r\n" + EDI
    kind, body = related(other, root, extra='; start="<two>"')
    assert text(opened(kind, body, PLAIN)) == EDI


MDN = (
    b"--r\r\nContent-Type: text/plain\r\n\r\nok\r\n--r\r\nContent-Type: message/disposition-notification\r\n\r\n"
    b"%b\r\n--r--\r\n"
)


@pytest.mark.parametrize(
    "fields",
    [
        b"Original-Message-ID: <1@a>\r\nDisposition: automatic-action/MDN-sent-automatically; processed\r\n"
        b"Received-content-MIC: AAAA, sha256\r\n",
        b"original-message-id:<1@a>\r\ndisposition:automatic-action/MDN-sent-automatically;processed\r\n"
        b"received-content-mic:AAAA,sha-256\r\n",
        b"Original-Message-ID:  1@a \r\nDisposition: automatic-action/MDN-sent-automatically ; processed \r\n"
        b"Received-Content-MIC: AAAA , SHA256\r\n",
        b"Original-Message-ID: <1@a>\r\nDisposition: automatic-action/MDN-sent-automatically;\r\n processed\r\n"
        b"Received-content-MIC: AA\r\n AA, sha-256\r\n",
        b"Original-Message-ID: <1@a>\nDisposition: automatic-action/MDN-sent-automatically; processed\n"
        b"Received-content-MIC: AAAA, rsa-sha256\n",
    ],
)
def test_receipts_are_read_as_products_write_them(fields: bytes) -> None:
    kind = "multipart/report; report-type=disposition-notification; boundary=r"
    found = parse(Headers((("Content-Type", kind),)), MDN % fields, [])
    assert found.original_message_id.strip("<>") == "1@a"
    assert found.disposition.is_good
    assert found.mic == Mic(value="AAAA", algorithm="sha-256")


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ('"order.edi"', "order.edi"),
        ('""order.edi""', "order.edi"),
        ("'order.edi'", "'order.edi'"),
        ("..\\..\\boot.ini", "boot.ini"),
        ("/etc/passwd", "passwd"),
        ("<1@a>.mdn", "_1@a_.mdn"),
        ("a\x00b.edi", "a_b.edi"),
        ("....", None),
        ("", None),
    ],
)
def test_a_file_name_is_only_ever_a_name(value: str, name: str | None) -> None:
    assert safe_filename(value) == name


@pytest.mark.parametrize("name", ["=?utf-8?B?5rWL6K+VLmVkaQ==?=", "=?UTF-8?Q?=E6=B5=8B=E8=AF=95.edi?="])
def test_a_file_name_in_encoded_words_is_shown_decoded(name: str) -> None:
    part = (
        b'Content-Type: application/EDIFACT\r\nContent-Disposition: attachment; filename="%b"\r\n\r\n' % name.encode()
    )
    assert opened(SIGNED_TYPE, signed_body(part + EDI)).filename == "测试.edi"


@pytest.mark.parametrize("compression", ["no", "before-signing", "after-signing"])
@pytest.mark.parametrize("security", ["plain", "signed", "encrypted", "signed+encrypted"])
@pytest.mark.parametrize("cipher", ["aes-256-cbc", "aes-128-gcm"])
def test_every_packaging_opens_to_the_same_bytes_with_the_mic_it_was_sent_with(
    security: str, compression: Any, cipher: str
) -> None:
    from gateway.codecs.as2 import Packaging

    data = EDI * 2_000
    message = made(data, security, packaging=Packaging(compression=compression, cipher_name=cipher))
    found = open_message(
        Headers(message.headers), message.content.chunks(), identities=[identity("beta")],
        pinned=[identity("alpha").certificate], protection=Protection.read(security), random=dice,
    )  # fmt: skip
    assert (text(found), str(found.mic)) == (data, message.mic)
    assert ("compressed" in found.layers) == (compression != "no")
    order = [each for each in found.layers if each != "encrypted"]
    if security.startswith("signed") and compression != "no":
        assert order == (["signed", "compressed"] if compression == "before-signing" else ["compressed", "signed"])
    assert re.search(r"1\.2", dict(message.headers)["AS2-Version"])
    assert "multiple-attachments" in dict(message.headers)["EDIINT-Features"]
