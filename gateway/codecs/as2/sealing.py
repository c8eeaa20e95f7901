"""Making AS2 messages: sign, encrypt, address.

Source: RFC 4130 sections 4 and 5.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gateway.codecs.as2.addressing import AS2_VERSION, write_id
from gateway.codecs.as2.protection import Protection
from gateway.codecs.cms.algorithms import DIGESTS, Digest
from gateway.codecs.cms.enveloped import Random, encrypt
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.codecs.cms.signed import sign
from gateway.codecs.mdn import mic_of, signature_part, signed_content_type
from gateway.codecs.mime import disposition, header_block, tapped
from gateway.model.payload import Payload

DER_UP_TO_BYTES = 1_000_000  # small messages get definite lengths, which every product reads; larger ones stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A message ready to be sent, the same on every attempt. mic: what the receipt must say, "base64, sha-256"."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    message_id: str
    mic: str


def _signed_chunks(part: Iterable[bytes], digest: Digest, identity: Identity, boundary: str) -> Iterator[bytes]:
    """Yield the body of a multipart/signed around part, which streams by once."""
    computed = digest.new()
    yield f"--{boundary}\r\n".encode()
    yield from tapped(part, computed.update)
    line = f"\r\n--{boundary}".encode()
    yield line + b"\r\n" + signature_part(sign(computed.digest(), digest, identity)) + line + b"--\r\n"


def seal(
    payload: Payload,
    *,
    sender: str,
    receiver: str,
    message_id: str,
    content_type: str,
    filename: str,
    protection: Protection,
    identity: Identity,
    recipients: Sequence[Certificate],
    receipt: str,
    random: Random,
    subject: str = "EDI",
    digest_name: str = "sha-256",
    cipher_name: str = "aes-256-cbc",
) -> Sealed:
    """Sign, encrypt and address payload.

    receipt: signed-sync, unsigned-sync or none. recipients: who may decrypt. random: gives unpredictable bytes.
    """
    digest = DIGESTS[digest_name]
    fields = [
        ("Content-Type", content_type),
        ("Content-Transfer-Encoding", "binary"),
        ("Content-Disposition", disposition(filename)),
    ]
    chunks: Iterable[bytes] = payload.chunks()
    computed = digest.new()
    if protection.signed:
        boundary = f"part-{random(16).hex()}"
        part = tapped(_entity(fields, chunks), computed.update)
        chunks = _signed_chunks(part, digest, identity, boundary)
        fields = [("Content-Type", signed_content_type(digest_name, boundary))]
    if protection.encrypted:
        entity = _entity(fields, chunks)
        if not protection.signed:
            entity = tapped(entity, computed.update)
        size = None
        if payload.size_bytes <= DER_UP_TO_BYTES:
            whole = b"".join(entity)
            entity, size = iter((whole,)), len(whole)
        chunks = encrypt(entity, recipients, random, cipher_name=cipher_name, size_bytes=size)
        fields = [
            ("Content-Type", "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"),
            ("Content-Transfer-Encoding", "binary"),
            ("Content-Disposition", "attachment; filename=smime.p7m"),
        ]
    elif not protection.signed:
        chunks = tapped(chunks, computed.update)  # a plain message: the content without its headers
    body = b"".join(chunks)
    head = _head(sender, receiver, message_id, subject, receipt, digest_name)
    mic = mic_of(computed.digest(), digest.name)
    return Sealed(headers=(*head, *fields), body=body, message_id=message_id, mic=str(mic))


def _entity(fields: Iterable[tuple[str, str]], chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield header_block(fields)
    yield from chunks


def _head(
    sender: str, receiver: str, message_id: str, subject: str, receipt: str, digest_name: str
) -> list[tuple[str, str]]:
    head = [
        ("AS2-Version", AS2_VERSION),
        ("AS2-From", write_id(sender)),
        ("AS2-To", write_id(receiver)),
        ("Message-ID", message_id),
        ("Subject", subject),
        ("MIME-Version", "1.0"),
    ]
    if receipt != "none":
        head.append(("Disposition-Notification-To", write_id(sender)))
    if receipt == "signed-sync":
        options = f"signed-receipt-protocol=required, pkcs7-signature; signed-receipt-micalg=required, {digest_name}"
        head.append(("Disposition-Notification-Options", options))
    return head
