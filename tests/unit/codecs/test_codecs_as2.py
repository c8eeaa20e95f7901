"""AS2 messages without a network: layers, digests, addresses, and broken messages."""

import base64
import random
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256, sha512
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs.as2 import (
    Opened,
    Protection,
    Sealed,
    modifier,
    open_message,
    read_addressing,
    read_id,
    seal,
    write_id,
)
from gateway.codecs.cms.algorithms import ACCEPTED_DIGESTS, COMPRESSED_DATA, DATA, DIGESTS, SIGNED_DATA, ZLIB
from gateway.codecs.cms.ber import OCTET_STRING, SEQUENCE, context, integer, tlv
from gateway.codecs.cms.enveloped import encrypt
from gateway.codecs.cms.identity import Identity, load_identity
from gateway.codecs.cms.signed import sign, verify
from gateway.codecs.mdn import Mic, signed_entity
from gateway.codecs.mime import Headers
from gateway.model.faults import Fault, PartnerFault
from gateway.model.payload import MemoryPayload
from gateway.store.keys import FileKeys

PLAIN = Protection(signed=False, encrypted=False)
DATA_PART = b"Content-Type: application/EDIFACT\r\n\r\nUNA:+.? '"


@cache
def identity(name: str) -> Identity:
    with TemporaryDirectory() as folder:
        pair = FileKeys(Path(folder), passphrase=b"x").create_own("self", name, datetime(2026, 11, 21, tzinfo=UTC))
    return load_identity(pair.private_pem, pair.certificate_pem)


def dice(count: int) -> bytes:
    return random.Random(count).randbytes(count)


def pieces(data: bytes, step: int) -> Iterator[bytes]:
    return (data[at : at + step] for at in range(0, len(data), step))


def made(data: bytes = b"UNA:+.? '", security: str = "signed+encrypted", **more: Any) -> Sealed:
    arguments: dict[str, Any] = {
        "sender": "alpha",
        "receiver": "beta",
        "message_id": "<1@alpha>",
        "content_type": "application/EDIFACT",
        "filename": "订单 1.edi",
        "protection": Protection.read(security),
        "identity": identity("alpha"),
        "recipients": [identity("beta").certificate],
        "receipt": "signed-sync",
        "random": dice,
    }
    return seal(MemoryPayload(data), **(arguments | more))


def opened(headers: Any, body: bytes, protection: Protection = PLAIN, *, step: int = 1_000, **more: Any) -> Opened:
    arguments: dict[str, Any] = {
        "identities": [identity("beta")],
        "pinned": [identity("alpha").certificate],
        "protection": protection,
        "random": dice,
    }
    return open_message(Headers(tuple(headers)), pieces(body, step), **(arguments | more))


def pkcs7(kind: str) -> list[tuple[str, str]]:
    return [("Content-Type", f"application/pkcs7-mime; smime-type={kind}; name=smime.p7m")]


def compressed(data: bytes) -> bytes:
    inner = tlv(SEQUENCE, DATA, tlv(context(0), tlv(OCTET_STRING, zlib.compress(data))))
    outer = tlv(SEQUENCE, integer(0), tlv(SEQUENCE, ZLIB), inner)
    return tlv(SEQUENCE, COMPRESSED_DATA, tlv(context(0), outer))


def encrypted(data: bytes) -> bytes:
    return b"".join(encrypt([data], [identity("beta").certificate], dice))


def mic_of(data: bytes) -> Mic:
    return Mic(value=base64.b64encode(sha256(data).digest()).decode(), algorithm="sha-256")


@settings(max_examples=60, deadline=None)
@given(
    st.binary(max_size=3_000),
    st.sampled_from(["signed+encrypted", "signed", "encrypted", "plain"]),
    st.integers(1, 4_000),
)
def test_what_is_sealed_opens_to_the_same_bytes_however_it_is_cut(data: bytes, security: str, step: int) -> None:
    message = made(data, security)
    found = opened(message.headers, message.body, Protection.read(security), step=step)
    assert b"".join(found.payload.chunks()) == data
    assert str(found.mic) == message.mic
    assert found.filename == "订单 1.edi"


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2_600), st.integers(1, 255), st.sampled_from(["signed+encrypted", "signed"]))
def test_a_changed_byte_never_changes_the_content(at: int, flip: int, security: str) -> None:
    message = made(security=security)
    body = bytearray(message.body)
    body[at % len(body)] ^= flip
    try:
        found = opened(message.headers, bytes(body), Protection.read(security))
    except Fault:
        return
    assert b"".join(found.payload.chunks()) == b"UNA:+.? '"
    assert str(found.mic) == message.mic


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2_600), st.sampled_from(["signed+encrypted", "signed", "encrypted"]))
def test_a_message_cut_short_is_refused_or_whole(length: int, security: str) -> None:
    message = made(security=security)
    body = message.body[: length % len(message.body)]
    try:
        found = opened(message.headers, body, Protection.read(security))
    except Fault:
        return
    assert b"".join(found.payload.chunks()) == b"UNA:+.? '"


# --- the digest, case by case (RFC 4130 section 7.3.1, RFC 5402) ------------------------------------------------------


def test_the_mic_of_a_plain_message_is_over_the_content_alone() -> None:
    found = opened([("Content-Type", "application/EDIFACT")], b"content")
    assert found.mic == mic_of(b"content")


def test_the_mic_of_an_encrypted_message_is_over_headers_and_content() -> None:
    assert opened(pkcs7("enveloped-data"), encrypted(DATA_PART)).mic == mic_of(DATA_PART)


def test_the_mic_of_a_compressed_message_is_over_what_was_compressed() -> None:
    assert opened(pkcs7("compressed-data"), compressed(DATA_PART)).mic == mic_of(DATA_PART)


def test_the_mic_of_a_compressed_and_encrypted_message_is_over_what_was_compressed() -> None:
    entity = b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n\r\n" + compressed(DATA_PART)
    found = opened(pkcs7("enveloped-data"), encrypted(entity))
    assert (found.mic, found.layers) == (mic_of(DATA_PART), ("encrypted", "compressed"))


def signed_around(part: bytes) -> tuple[bytes, bytes]:
    """Return (headers, body) of a multipart/signed around any part, by the sealing of a message that is that part."""
    built = signed_entity(part, sign(sha256(part).digest(), DIGESTS["sha-256"], identity("alpha")), "sha-256", "edge")
    return built.headers[0][1].encode(), built.body


def test_the_mic_of_a_message_compressed_before_signing_is_over_the_compressed_part() -> None:
    part = b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n\r\n" + compressed(DATA_PART)
    content_type, body = signed_around(part)
    found = opened([("Content-Type", content_type.decode())], body)
    assert (found.mic, found.layers) == (mic_of(part), ("signed", "compressed"))
    assert b"".join(found.payload.chunks()) == b"UNA:+.? '"


def test_the_mic_of_a_message_compressed_after_signing_is_over_the_signed_part() -> None:
    content_type, body = signed_around(DATA_PART)
    entity = b"Content-Type: " + content_type + b"\r\n\r\n" + body
    found = opened(pkcs7("compressed-data"), compressed(entity))
    assert (found.mic, found.layers) == (mic_of(DATA_PART), ("compressed", "signed"))


def test_an_unsigned_message_takes_the_digest_that_the_receipt_was_asked_with() -> None:
    found = opened([("Content-Type", "text/plain")], b"content", mic_algorithm="sha-512")
    assert str(found.mic) == base64.b64encode(sha512(b"content").digest()).decode() + ", sha-512"


# --- legal but odd ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sha256", "SHA-256", "rsa-sha256", '"sha-256"', "sha1, sha-256", "unknown"])
def test_the_digest_name_may_be_spelled_in_many_ways(name: str) -> None:
    message = made(security="signed")
    headers = [(n, v.replace("micalg=sha-256", f"micalg={name}")) for n, v in message.headers]
    if name.startswith("sha1,"):
        headers = [(n, v.replace("micalg=sha1, sha-256", 'micalg="sha1, sha-256"')) for n, v in headers]
    assert str(opened(headers, message.body).mic) == message.mic


def test_base64_around_and_inside_the_encryption_is_undone() -> None:
    inner = b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"content")
    headers = [*pkcs7("enveloped-data"), ("Content-Transfer-Encoding", "base64")]
    found = opened(headers, base64.encodebytes(encrypted(inner)))
    assert b"".join(found.payload.chunks()) == b"content"
    assert found.mic == mic_of(inner)


def test_text_after_the_closing_boundary_is_ignored() -> None:
    message = made(security="signed")
    assert str(opened(message.headers, message.body + b"This is an epilogue.\r\n").mic) == message.mic


# --- not allowed ------------------------------------------------------------------------------------------------------


def code_of(headers: Any, body: bytes, protection: Protection = PLAIN, **more: Any) -> str:
    with pytest.raises(PartnerFault) as refused:
        opened(headers, body, protection, **more)
    return refused.value.code


def test_one_layer_of_each_kind_is_enough() -> None:
    compressed_entity = b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n\r\n" + compressed(
        DATA_PART
    )
    assert code_of(pkcs7("compressed-data"), compressed(compressed_entity)) == "as2.layers"
    enveloped = b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data\r\n\r\n" + encrypted(DATA_PART)
    assert code_of(pkcs7("enveloped-data"), encrypted(enveloped)) == "as2.layers"
    assert code_of(pkcs7("compressed-data"), compressed(enveloped)) == "as2.layers"


@pytest.mark.parametrize("kind", ["signed-data", "certs-only", "authEnveloped-data", "nonsense"])
def test_other_envelopes_are_refused_by_name(kind: str) -> None:
    assert code_of(pkcs7(kind), b"x") == "as2.layers"


def test_a_message_for_somebody_else_is_refused() -> None:
    assert code_of(pkcs7("enveloped-data"), encrypted(DATA_PART), identities=[identity("alpha")]) == "as2.not-for-us"


def test_content_over_the_limit_is_refused_in_every_layer() -> None:
    for security in ("plain", "signed", "encrypted"):
        message = made(bytes(10_000), security)
        assert code_of(message.headers, message.body, limit_bytes=9_999) == "as2.too-large"
    entity = DATA_PART + bytes(10_000)
    assert code_of(pkcs7("compressed-data"), compressed(entity), limit_bytes=5_000) == "as2.too-large"


def test_content_that_shrinks_more_than_any_document_is_refused() -> None:
    assert code_of(pkcs7("compressed-data"), compressed(DATA_PART + bytes(3_000_000))) == "as2.too-large"
    text = DATA_PART + b"LIN+1++4012345000009:SRV'QTY+21:5'" * 20_000
    assert opened(pkcs7("compressed-data"), compressed(text)).payload.size_bytes == len(text) - len(DATA_PART) + 9


def test_compressed_data_that_stops_early_is_refused() -> None:
    data = compressed(DATA_PART * 50)
    assert code_of(pkcs7("compressed-data"), data[:-20]) in ("as2.cms-malformed", "as2.decompression-failed")


def test_the_answer_for_an_encrypted_message_never_names_the_cause() -> None:
    for code in ("as2.digest-mismatch", "as2.bad-mime", "as2.protection-missing", "as2.decryption-failed"):
        fault = PartnerFault(code)
        fault.params["layers"] = "encrypted+signed"
        assert modifier(fault) == "decryption-failed"
    assert modifier(PartnerFault("as2.digest-mismatch")) == "integrity-failed"
    assert modifier(PartnerFault("as2.layers")) == "unexpected-processing-error"


def test_a_signature_must_be_over_the_content_type_it_claims() -> None:
    digest = sha256(DATA_PART).digest()
    made_by_us = sign(digest, DIGESTS["sha-256"], identity("alpha"))
    pinned = [identity("alpha").certificate]
    assert verify(made_by_us, {"sha-256": digest}, pinned, ACCEPTED_DIGESTS).certificate == pinned[0]
    claimed = made_by_us.replace(tlv(SEQUENCE, DATA), tlv(SEQUENCE, SIGNED_DATA), 1)
    assert claimed != made_by_us
    with pytest.raises(PartnerFault, match=r"as2\.signature-invalid"):
        verify(claimed, {"sha-256": digest}, pinned, ACCEPTED_DIGESTS)


def test_a_forged_signature_in_the_name_of_a_partner_is_refused() -> None:
    forger = Identity(certificate=identity("alpha").certificate, private_key=identity("mallory").private_key)
    for security in ("signed", "signed+encrypted"):
        message = made(security=security, identity=forger)
        assert code_of(message.headers, message.body, Protection.read(security)) == "as2.signature-invalid"


def test_every_byte_of_the_padding_is_checked() -> None:
    entity = DATA_PART.ljust(64, b".")  # a whole number of blocks: the last block is padding alone
    data = bytearray(b"".join(encrypt([entity], [identity("beta").certificate], dice, size_bytes=64)))
    data[-32] ^= 1  # changes the first padding byte
    assert code_of(pkcs7("enveloped-data"), bytes(data)) == "as2.decryption-failed"


def test_random_keys_replace_content_keys_that_cannot_be_unwrapped() -> None:
    data = bytearray(encrypted(DATA_PART))
    at = data.index(identity("beta").certificate.serial) + len(identity("beta").certificate.serial) + 40
    data[at] ^= 1  # inside the wrapped content key
    assert code_of(pkcs7("enveloped-data"), bytes(data), random=bytes) in ("as2.decryption-failed", "as2.bad-mime")


# --- addresses --------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=128))
def test_an_as2_identifier_survives_its_header(as2_id: str) -> None:
    if as2_id != as2_id.strip() and write_id(as2_id) == as2_id:
        return
    assert read_id(write_id(as2_id)) == as2_id


@pytest.mark.parametrize("value", ["", "   ", '"open', 'a"b', "x" * 129, "umläut", '""'])
def test_what_is_no_as2_identifier_is_refused(value: str) -> None:
    assert read_id(value) is None


def addressed(**changed: str) -> Headers:
    fields = {"AS2-From": "a", "AS2-To": '"b c"', "Message-ID": "<1@a>"} | {
        name.replace("_", "-"): value for name, value in changed.items()
    }
    return Headers(tuple(fields.items()))


def test_the_receipt_that_is_asked_for_is_read() -> None:
    options = (
        "signed-receipt-protocol=optional , pkcs7-signature ; signed-receipt-micalg = optional, md5, SHA1, sha-512"
    )
    found = read_addressing(
        addressed(
            Disposition_Notification_To="mailto:x",
            Disposition_Notification_Options=options,
            Receipt_Delivery_Option="http://attacker/",
        )
    )
    assert (found.sender, found.receiver) == ("a", "b c")
    assert (found.receipt.wanted, found.receipt.signed) == (True, True)
    assert found.receipt.algorithm == "sha-512"  # the first one that is still good
    assert found.receipt.async_url == "http://attacker/"
    assert not read_addressing(addressed()).receipt.wanted


@pytest.mark.parametrize("message_id", ["", "<a\x01b>", "<" + "x" * 1_200 + ">"])
def test_a_message_id_beyond_the_rules_is_refused(message_id: str) -> None:
    with pytest.raises(PartnerFault, match=r"as2\.bad-header"):
        read_addressing(addressed(Message_ID=message_id))


@pytest.mark.parametrize("text", ["signed+encrypted", "signed", "encrypted", "plain"])
def test_the_agreed_protection_is_read(text: str) -> None:
    found = Protection.read(text)
    assert (found.signed, found.encrypted) == ("signed" in text, "encrypted" in text)


def test_a_misspelled_protection_is_not_taken_for_none() -> None:
    for text in ("sign", "", "plain+signed", "Signed"):
        with pytest.raises(ValueError, match="not one of"):
            Protection.read(text)
