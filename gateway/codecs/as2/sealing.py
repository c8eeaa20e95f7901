"""Making AS2 messages: compress, sign, encrypt, address; one pass, nothing held but a piece.

Source: RFC 4130 sections 4 and 5, RFC 5402 (compression), RFC 6017 and 6362 (features, several attachments).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.codecs.as2.addressing import AS2_VERSION, FEATURES, ReceiptRequest, write_id
from gateway.codecs.as2.protection import Protection
from gateway.codecs.as2.spool import MakeSpool, MemorySpool, spooled
from gateway.codecs.cms.algorithms import CIPHERS, DIGESTS, Digest
from gateway.codecs.cms.compressed import compress
from gateway.codecs.cms.enveloped import Random, encrypt
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.codecs.cms.signed import sign
from gateway.codecs.mdn import mic_of, signature_part, signed_content_type
from gateway.codecs.mime import disposition, header_block, quoted, tapped
from gateway.model.payload import Payload

DER_UP_TO_BYTES = 1_000_000  # small messages get definite lengths, which every product reads; larger ones stream
Compression = Literal["no", "before-signing", "after-signing"]
COMPRESSIONS: tuple[Compression, ...] = ("no", "before-signing", "after-signing")
Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaging:
    """How messages to one partner are made. oaep_digest: None for RSA v1.5; pss: RSASSA-PSS instead of v1.5."""

    compression: Compression = "no"
    digest_name: str = "sha-256"
    cipher_name: str = "aes-256-cbc"
    oaep_digest: str | None = None
    pss: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One document beside the first."""

    payload: Payload
    content_type: str
    filename: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A message ready to be sent, the same on every attempt. mic: what the receipt must say, "base64, sha-256"."""

    headers: tuple[tuple[str, str], ...]
    content: Payload
    message_id: str
    mic: str

    @property
    def body(self) -> bytes:
        """All of the content: for what is known to be small."""
        return b"".join(self.content.chunks())


def _pkcs7(kind: str, name: str) -> Fields:
    return [
        ("Content-Type", f"application/pkcs7-mime; smime-type={kind}; name={name}"),
        ("Content-Transfer-Encoding", "binary"),
        ("Content-Disposition", f"attachment; filename={name}"),
    ]


def _signed_chunks(
    part: Iterable[bytes], digest: Digest, identity: Identity, boundary: str, *, pss: bool
) -> Iterator[bytes]:
    """Yield the body of a multipart/signed around part, which streams by once."""
    computed = digest.new()
    yield f"--{boundary}\r\n".encode()
    yield from tapped(part, computed.update)
    line = f"\r\n--{boundary}".encode()
    signature = sign(computed.digest(), digest, identity, pss=pss)
    yield line + b"\r\n" + signature_part(signature) + line + b"--\r\n"


def _document_fields(content_type: str, filename: str) -> Fields:
    return [
        ("Content-Type", content_type),
        ("Content-Transfer-Encoding", "binary"),
        ("Content-Disposition", disposition(filename)),
    ]


def _related_chunks(first: Part, others: Sequence[Part], boundary: str) -> Iterator[bytes]:
    """Yield the body of a multipart/related (RFC 6362 section 3)."""
    for number, part in enumerate((first, *others)):
        yield f"{'' if number == 0 else chr(13) + chr(10)}--{boundary}\r\n".encode()
        yield from _entity(_document_fields(part.content_type, part.filename), part.payload.chunks())
    yield f"\r\n--{boundary}--\r\n".encode()


class _Sealing:
    """One message being made: fields and chunks of what is there so far."""

    def __init__(self, fields: Fields, chunks: Iterable[bytes], digest: Digest, *, is_small: bool) -> None:
        self.fields = fields
        self.chunks = chunks
        self.digest = digest
        self.computed = digest.new()
        self._is_small = is_small
        self._tapped = False

    def entity(self, *, with_mic: bool) -> Iterator[bytes]:
        """Yield headers and body of what is there; the first to ask makes the MIC (RFC 4130 section 7.3.1)."""
        whole = _entity(self.fields, self.chunks)
        if not with_mic or self._tapped:
            return whole
        self._tapped = True
        return tapped(whole, self.computed.update)

    def plain(self) -> None:
        """A message without any layer: the MIC is over the content alone."""
        if not self._tapped:
            self._tapped = True
            self.chunks = tapped(self.chunks, self.computed.update)

    def compress(self, *, with_mic: bool) -> None:
        self.chunks = compress(self.entity(with_mic=with_mic), whole=self._is_small)
        self.fields = _pkcs7("compressed-data", "smime.p7z")

    def sign(self, identity: Identity, boundary: str, *, pss: bool) -> None:
        part = self.entity(with_mic=True)
        self.chunks = _signed_chunks(part, self.digest, identity, boundary, pss=pss)
        self.fields = [("Content-Type", signed_content_type(self.digest.name, boundary))]

    def encrypt(self, recipients: Sequence[Certificate], packaging: Packaging, random: Random) -> None:
        entity, size = self.entity(with_mic=True), None
        if self._is_small:
            whole = b"".join(entity)
            entity, size = iter((whole,)), len(whole)
        self.chunks = encrypt(
            entity,
            recipients,
            random,
            cipher_name=packaging.cipher_name,
            size_bytes=size,
            oaep_digest=packaging.oaep_digest,
        )
        gcm = CIPHERS[packaging.cipher_name].is_authenticated
        self.fields = _pkcs7("authEnveloped-data" if gcm else "enveloped-data", "smime.p7m")


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
    receipt: str | ReceiptRequest,
    random: Random,
    subject: str = "EDI",
    packaging: Packaging | None = None,
    attachments: Sequence[Part] = (),
    spool: MakeSpool = MemorySpool,
) -> Sealed:
    """Compress, sign, encrypt and address payload with its attachments.

    recipients: who may decrypt. receipt: which one is asked for. random: gives unpredictable bytes.
    """
    packaging = packaging or Packaging()
    size = payload.size_bytes + sum(each.payload.size_bytes for each in attachments)
    fields, chunks = _document_fields(content_type, filename), payload.chunks()
    if attachments:
        boundary = f"part-{random(16).hex()}"
        chunks = _related_chunks(
            Part(payload=payload, content_type=content_type, filename=filename), attachments, boundary
        )
        fields = [("Content-Type", f"multipart/related; type={quoted(content_type)}; boundary={quoted(boundary)}")]
    sealing = _Sealing(fields, chunks, DIGESTS[packaging.digest_name], is_small=size <= DER_UP_TO_BYTES)
    compresses = packaging.compression != "no"
    late = packaging.compression == "after-signing" and protection.signed
    if compresses and not late:
        sealing.compress(with_mic=not protection.signed)
    if protection.signed:
        sealing.sign(identity, f"part-{random(16).hex()}", pss=packaging.pss)
    if late:
        sealing.compress(with_mic=False)
    if protection.encrypted:
        sealing.encrypt(recipients, packaging, random)
    sealing.plain()
    content = spooled(sealing.chunks, spool())
    wish = receipt if isinstance(receipt, ReceiptRequest) else ReceiptRequest(kind=receipt)
    head = _head(sender, receiver, message_id, subject, wish.fields(write_id(sender), packaging.digest_name))
    mic = mic_of(sealing.computed.digest(), sealing.digest.name)
    return Sealed(headers=(*head, *sealing.fields), content=content, message_id=message_id, mic=str(mic))


def _entity(fields: Iterable[tuple[str, str]], chunks: Iterable[bytes]) -> Iterator[bytes]:
    yield header_block(fields)
    yield from chunks


def _head(sender: str, receiver: str, message_id: str, subject: str, receipt: Fields) -> Fields:
    return [
        ("AS2-Version", AS2_VERSION),
        ("EDIINT-Features", FEATURES),
        ("AS2-From", write_id(sender)),
        ("AS2-To", write_id(receiver)),
        ("Message-ID", message_id),
        ("Subject", subject),
        ("MIME-Version", "1.0"),
        *receipt,
    ]
