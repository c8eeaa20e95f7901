"""AS2 messages: seal what we send, open what comes, and the header rules. No I/O: bytes in, bytes out.

Source: RFC 4130 (sections 4 to 7), RFC 5402 (compression), RFC 5751 (digest names).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gateway.codecs.cms.algorithms import ACCEPTED_CIPHERS, ACCEPTED_DIGESTS, DIGESTS, Digest, digest_named
from gateway.codecs.cms.compressed import decompress
from gateway.codecs.cms.enveloped import Envelope, Random, encrypt
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.codecs.cms.signed import Verified, sign, verify
from gateway.codecs.mdn import Mic, mic_of, signature_part, signed_content_type
from gateway.codecs.mime import (
    Headers,
    PartScanner,
    decoded,
    disposition,
    header_block,
    parameters,
    quoted,
    read_header_block,
    safe_filename,
    split_entity,
    tapped,
)
from gateway.model.faults import Fault, PartnerFault
from gateway.model.payload import MemoryPayload, Payload

if TYPE_CHECKING:
    from hashlib import _Hash

AS2_VERSION = "1.1"
MAX_SIGNATURE_BYTES = 262_144
MAX_LAYERS = 4
DER_UP_TO_BYTES = 1_000_000  # small messages get definite lengths, which every product reads; larger ones stream
_PLAIN_ID = re.compile(r"[!#-\[\]-~]{1,128}")
_QUOTED_ID = re.compile(r'"((?:[ !#-\[\]-~]|\\[\\"]){1,256})"')
_MESSAGE_ID = re.compile(r"<[!-~ ]{1,996}>|[!-~]{1,998}")
_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")


# --- headers ----------------------------------------------------------------------------------------------------------


def write_id(as2_id: str) -> str:
    """Return an AS2 identifier as it stands in AS2-From and AS2-To (RFC 4130 section 6.2)."""
    return as2_id if _PLAIN_ID.fullmatch(as2_id) else quoted(as2_id)


def read_id(value: str) -> str | None:
    """Return the identifier meant by an AS2-From or AS2-To value; None when it is not one."""
    match = _QUOTED_ID.fullmatch(value.strip())
    if match:
        found = re.sub(r"\\(.)", r"\1", match.group(1))
        return found if len(found) <= 128 else None
    return value.strip() if _PLAIN_ID.fullmatch(value.strip()) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptWish:
    """What the sender asked for. algorithm: digest for the MIC and the receipt's signature; async_url: as asked, we
    never call it."""

    wanted: bool = False
    signed: bool = False
    algorithm: str = "sha-256"
    async_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressing:
    """The header side of a message: who, to whom, which id, which receipt."""

    sender: str
    receiver: str
    message_id: str
    subject: str
    receipt: ReceiptWish


def read_addressing(headers: Headers) -> Addressing:
    """Raises PartnerFault as2.bad-header: AS2-From, AS2-To or Message-ID missing, repeated or not allowed."""
    values = {}
    for name in ("AS2-From", "AS2-To", "Message-ID"):
        found = headers.get_all(name)
        if len(found) != 1:
            raise PartnerFault("as2.bad-header", field=name)
        values[name] = found[0].strip()
    sender, receiver = read_id(values["AS2-From"]), read_id(values["AS2-To"])
    if sender is None or receiver is None:
        raise PartnerFault("as2.bad-header", field="AS2-From" if sender is None else "AS2-To")
    if not _MESSAGE_ID.fullmatch(values["Message-ID"]):
        raise PartnerFault("as2.bad-header", field="Message-ID")
    return Addressing(
        sender=sender,
        receiver=receiver,
        message_id=values["Message-ID"],
        subject=headers.get("subject")[:500],
        receipt=_read_wish(headers),
    )


def _read_wish(headers: Headers) -> ReceiptWish:
    options: dict[str, list[str]] = {}
    for option in headers.get("disposition-notification-options").split(";"):
        name, _, value = option.partition("=")
        options[name.strip().lower()] = [each.strip() for each in value.split(",")][1:]
    signed = "pkcs7-signature" in (each.lower() for each in options.get("signed-receipt-protocol", []))
    known = [digest for each in options.get("signed-receipt-micalg", []) if (digest := digest_named(each))]
    return ReceiptWish(
        wanted=bool(headers.get("disposition-notification-to").strip()),
        signed=signed,
        algorithm=known[0].name if known else "sha-256",
        async_url=headers.get("receipt-delivery-option").strip() or None,
    )


# --- sealing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Which layers a message must have (receiving: at least; sending: exactly), by agreement with the partner."""

    signed: bool = True
    encrypted: bool = True
    digests: frozenset[str] = ACCEPTED_DIGESTS
    ciphers: frozenset[str] = ACCEPTED_CIPHERS

    @classmethod
    def read(cls, text: str) -> "Protection":
        """Parse signed+encrypted, signed, encrypted or plain. Raises ValueError."""
        names = set(text.split("+"))
        if not names <= {"signed", "encrypted"} and names != {"plain"}:
            raise ValueError(f"{text!r} is not one of signed+encrypted, signed, encrypted, plain")
        return cls(signed="signed" in names, encrypted="encrypted" in names)


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


# --- opening ----------------------------------------------------------------------------------------------------------


class Spool(Protocol):
    """Where content is kept until it is known to be good."""

    def write(self, data: bytes) -> object: ...

    def finish(self) -> Payload: ...


class MemorySpool:
    """Keeps content in memory: for what is known to be small."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        self._parts.append(data)

    def finish(self) -> Payload:
        return MemoryPayload(b"".join(self._parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was inside, and how it was really protected.

    layers     as seen from outside in: encrypted, signed, compressed
    signer     the pinned certificate whose signature held
    signature  the detached SignedData, kept as evidence
    """

    payload: Payload
    content_type: str
    filename: str | None
    mic: Mic
    layers: tuple[str, ...]
    signer: Certificate | None = None
    digest: str | None = None
    cipher: str | None = None
    signature: bytes | None = None


@dataclass(slots=True, kw_only=True)
class _Opening:
    """The state of one message being opened."""

    identities: Sequence[Identity]
    pinned: Sequence[Certificate]
    protection: Protection
    random: Random
    spool: Spool
    limit_bytes: int
    mic_digest: Digest
    layers: list[str] = field(default_factory=list)
    mic: Mic | None = None
    mic_running: "_Hash | None" = None
    verified: Verified | None = None
    cipher: str | None = None
    signature: bytes | None = None
    leaf: Headers | None = None

    def read(self, headers: Headers, chunks: Iterable[bytes], *, outermost: bool = False) -> None:
        """Follow the layers to the content and spool it; every chunk is read to the end."""
        if len(self.layers) > MAX_LAYERS:
            raise PartnerFault("as2.layers", layers="+".join(self.layers))
        chunks = chunks if headers.content_type == "multipart/signed" else decoded(chunks, headers.encoding)
        if headers.content_type == "multipart/signed":
            self._add("signed")
            self._read_signed(headers, chunks)
        elif headers.content_type in _PKCS7:
            kind = parameters(headers.get("content-type")).get("smime-type", "enveloped-data").lower()
            if kind == "compressed-data":
                self._add("compressed")
                self._read_entity(decompress(chunks, self.limit_bytes), with_mic="signed" not in self.layers)
            elif kind == "enveloped-data":
                self._add("encrypted")
                self._read_encrypted(chunks)
            else:
                raise PartnerFault("as2.layers", layers=kind)
        else:
            self._read_leaf(headers, chunks, plain=outermost)

    def _add(self, layer: str) -> None:
        """One layer of each kind, encryption outermost (RFC 4130 section 5.2, RFC 5402 section 4)."""
        if layer in self.layers or (layer == "encrypted" and self.layers):
            raise PartnerFault("as2.layers", layers="+".join([*self.layers, layer]))
        self.layers.append(layer)

    def _read_encrypted(self, chunks: Iterable[bytes]) -> None:
        envelope = Envelope(chunks, self.identities, self.random, self.protection.ciphers)
        self.cipher = envelope.cipher_name
        plaintext = envelope.chunks()
        try:
            self._read_entity(plaintext, with_mic=True)
        finally:
            for _ in plaintext:  # the same work whatever was wrong inside: no timing tells it
                pass

    def _read_entity(self, chunks: Iterable[bytes], *, with_mic: bool) -> None:
        """Read headers and body; the digest over both is the MIC unless a layer further in makes another."""
        if with_mic:
            running = self.mic_digest.new()
            self.mic_running = running
            chunks = tapped(chunks, running.update)
        head, body = split_entity(chunks)
        self.read(read_header_block(head), body)

    def _read_signed(self, headers: Headers, chunks: Iterable[bytes]) -> None:
        settings = parameters(headers.get("content-type"))
        named = {found for each in settings.get("micalg", "").split(",") if (found := digest_named(each))}
        digests = {each.name: each.new() for each in named or DIGESTS.values()}
        scanner = PartScanner(chunks, settings.get("boundary", ""))
        part, signature = scanner.next_part(), b""
        if part is None:
            raise PartnerFault("as2.bad-mime", detail="multipart/signed without parts")
        head, body = split_entity(tapped(part, *(each.update for each in digests.values())))
        self.read(read_header_block(head), body)
        for piece in scanner.next_part() or ():
            signature += piece
            if len(signature) > MAX_SIGNATURE_BYTES:
                raise PartnerFault("as2.bad-mime", detail="signature too long")
        scanner.drain()
        if not signature:
            raise PartnerFault("as2.signature-invalid", detail="signature part missing")
        head, rest = split_entity([signature])
        signature = b"".join(decoded(rest, read_header_block(head).encoding))
        computed = {name: each.digest() for name, each in digests.items()}
        self.verified = verify(signature, computed, self.pinned, self.protection.digests)
        self.signature = signature
        self.mic = mic_of(computed[self.verified.digest.name], self.verified.digest.name)

    def _read_leaf(self, headers: Headers, chunks: Iterable[bytes], *, plain: bool) -> None:
        self.leaf = headers
        if plain:
            self.mic_running = self.mic_digest.new()
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > self.limit_bytes:
                raise PartnerFault("as2.too-large", limit=str(self.limit_bytes))
            if plain and self.mic_running is not None:
                self.mic_running.update(chunk)
            self.spool.write(chunk)

    def check_protection(self) -> None:
        """Compare what was seen with what was agreed (a compressed layer protects nothing)."""
        missing = [
            name
            for name, wanted, seen in (
                ("encrypted", self.protection.encrypted, "encrypted" in self.layers),
                ("signed", self.protection.signed, self.verified is not None),
            )
            if wanted and not seen
        ]
        if missing:
            raise PartnerFault("as2.protection-missing", missing="+".join(missing))


def open_message(
    headers: Headers,
    body: Iterable[bytes],
    *,
    identities: Sequence[Identity],
    pinned: Sequence[Certificate],
    protection: Protection,
    random: Random,
    mic_algorithm: str = "sha-256",
    spool: Callable[[], Spool] = MemorySpool,
    limit_bytes: int = 50_000_000,
) -> Opened:
    """Decrypt, verify and decompress one message. Nothing of the content is given out before all of it is good.

    identities   our keys that may decrypt; pinned: the sender's certificates; protection: agreed with the sender
    mic_algorithm  for unsigned messages: what the sender asked for
    Raises PartnerFault with a code of area as2; params["layers"] names the layers seen until then.
    """
    opening = _Opening(
        identities=identities,
        pinned=pinned,
        protection=protection,
        random=random,
        spool=spool(),
        limit_bytes=limit_bytes,
        mic_digest=DIGESTS[mic_algorithm],
    )
    try:
        opening.read(headers, body, outermost=True)
        opening.check_protection()
    except Fault as fault:
        fault.params["layers"] = "+".join(opening.layers)
        raise
    mic = opening.mic
    if mic is None and opening.mic_running is not None:
        mic = mic_of(opening.mic_running.digest(), mic_algorithm)
    if mic is None or opening.leaf is None:
        raise PartnerFault("as2.bad-mime", detail="no content")
    leaf = opening.leaf
    named = parameters(leaf.get("content-disposition")).get("filename") or parameters(leaf.get("content-type")).get(
        "name"
    )
    return Opened(
        payload=opening.spool.finish(),
        content_type=leaf.content_type,
        filename=safe_filename(named),
        mic=mic,
        layers=tuple(opening.layers),
        signer=opening.verified.certificate if opening.verified else None,
        digest=opening.verified.digest.name if opening.verified else None,
        cipher=opening.cipher,
        signature=opening.signature,
    )


# --- what the partner is told -----------------------------------------------------------------------------------------

MODIFIERS = {
    "as2.decryption-failed": "decryption-failed",
    "as2.not-for-us": "decryption-failed",
    "as2.decompression-failed": "decompression-failed",
    "as2.digest-mismatch": "integrity-failed",
    "as2.signature-invalid": "integrity-failed",
    "as2.signer-unknown": "authentication-failed",
    "as2.protection-missing": "insufficient-message-security",
    "as2.unknown-partner": "unknown-trading-relationship",
    "as2.id-reused": "duplicate-document",
}


def modifier(fault: Fault) -> str:
    """Return the disposition modifier for a fault (RFC 4130 section 7.5.4).

    For an encrypted message that proved nothing there is one answer for every cause: whoever changes a ciphertext
    must not learn from the answer how far it got.
    """
    if "encrypted" in str(fault.params.get("layers", "")):
        return "decryption-failed"
    return MODIFIERS.get(fault.code, "unexpected-processing-error")


EXPLANATIONS = {
    "decryption-failed": "The message could not be decrypted, or is not protected as agreed.",
    "decompression-failed": "The message could not be decompressed.",
    "integrity-failed": "The signature does not fit the content.",
    "authentication-failed": "The message is not signed with a certificate known here for its sender.",
    "insufficient-message-security": "The message is not protected as agreed.",
    "unknown-trading-relationship": "No trading relationship is known for this AS2-From and AS2-To.",
    "duplicate-document": "This Message-ID was used before for other content. It was not processed.",
    "unexpected-processing-error": "The message could not be read.",
}
