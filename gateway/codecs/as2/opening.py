"""Opening AS2 messages: decrypt, verify, decompress in one pass, then compare with what was agreed.

Source: RFC 4130 sections 4, 5 and 7.3.1 (MIC), RFC 5402 (compression), RFC 6362 (several attachments).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.codecs.as2.protection import Protection
from gateway.codecs.as2.spool import MakeSpool, MemorySpool
from gateway.codecs.cms.algorithms import (
    AUTH_ENVELOPED_DATA,
    COMPRESSED_DATA,
    DIGESTS,
    ENVELOPED_DATA,
    SIGNED_DATA,
    Digest,
    cms_kind,
    digest_named,
)
from gateway.codecs.cms.compressed import decompress
from gateway.codecs.cms.enveloped import Envelope, Random
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.codecs.cms.signed import Opaque, Verified, verify
from gateway.codecs.mdn import Mic, mic_of
from gateway.codecs.mime import (
    Headers,
    PartScanner,
    Tap,
    decoded,
    parameters,
    read_header_block,
    safe_filename,
    split_entity,
    tapped,
)
from gateway.model.faults import Fault, PartnerFault
from gateway.model.payload import Payload

if TYPE_CHECKING:
    from hashlib import _Hash

MAX_SIGNATURE_BYTES = 262_144
MAX_LAYERS = 4
MAX_ATTACHMENTS = 100
_PKCS7 = ("application/pkcs7-mime", "application/x-pkcs7-mime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A document beside the first. filename: safe to show, None when there is none."""

    payload: Payload
    content_type: str
    filename: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was inside, and how it was really protected.

    layers     as seen from outside in: encrypted, signed, compressed
    signer     the pinned certificate whose signature held
    signature  the detached SignedData, kept as evidence; signature_kind: rsa, rsa-pss or ecdsa
    attachments  the other documents of a multipart/related
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
    signature_kind: str | None = None
    attachments: tuple[Attached, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Opening:
    """The state of one message being opened."""

    identities: Sequence[Identity]
    pinned: Sequence[Certificate]
    protection: Protection
    random: Random
    spool: MakeSpool
    limit_bytes: int
    mic_digest: Digest
    witness: Tap | None = None
    size: int = 0
    layers: list[str] = field(default_factory=list)
    mic: Mic | None = None
    mic_running: "_Hash | None" = None
    verified: Verified | None = None
    cipher: str | None = None
    signature: bytes | None = None
    documents: list[Attached] = field(default_factory=list)

    def read(self, headers: Headers, chunks: Iterable[bytes], *, outermost: bool = False) -> None:
        """Follow the layers to the content and spool it; every chunk is read to the end."""
        if len(self.layers) > MAX_LAYERS:
            raise PartnerFault("as2.layers", layers="+".join(self.layers))
        chunks = chunks if headers.content_type == "multipart/signed" else decoded(chunks, headers.encoding)
        if headers.content_type == "multipart/signed":
            self._add("signed")
            self._read_signed(headers, chunks)
        elif headers.content_type in _PKCS7:
            self._read_pkcs7(chunks)
        else:
            self._read_leaf(headers, chunks, plain=outermost)

    def _read_pkcs7(self, chunks: Iterable[bytes]) -> None:
        """Go by what the bytes are, whatever smime-type says or does not say."""
        kind, chunks = cms_kind(chunks)
        if kind == COMPRESSED_DATA:
            self._add("compressed")
            self._read_entity(decompress(chunks, self.limit_bytes), with_mic="signed" not in self.layers)
        elif kind in (ENVELOPED_DATA, AUTH_ENVELOPED_DATA):
            self._add("encrypted")
            self._read_encrypted(chunks)
        elif kind == SIGNED_DATA:
            self._add("signed")
            self._read_opaque(chunks)
        else:
            raise PartnerFault("as2.layers", layers="unknown pkcs7-mime")

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
        head, body = split_entity(chunks)
        headers = read_header_block(head)
        if with_mic and headers.content_type != "multipart/signed":  # whose digest is the MIC anyway
            running = self.mic_digest.new()
            running.update(head)
            self.mic_running = running
            body = tapped(body, running.update)
        self.read(headers, body)

    def _read_signed(self, headers: Headers, chunks: Iterable[bytes]) -> None:
        settings = parameters(headers.get("content-type"))
        named = {found for each in settings.get("micalg", "").split(",") if (found := digest_named(each))}
        digests = {each.name: each.new() for each in named or DIGESTS.values()}
        scanner = PartScanner(chunks, settings.get("boundary", ""))
        part, signature = scanner.next_part(), b""
        if part is None:
            raise PartnerFault("as2.bad-mime", detail="multipart/signed without parts")
        head, body = split_entity(tapped(part, *(each.update for each in digests.values()), *self._witnesses))
        broken = self._read_signed_part(head, body)
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
        if broken is not None:
            broken.params["signed_by"] = self.verified.certificate.fingerprint
            raise broken

    def _read_signed_part(self, head: bytes, body: Iterator[bytes]) -> PartnerFault | None:
        """Return the fault of a content that its signer could not have compressed so: whoever signed it may know.

        The rest is read, so that the signature is judged over all of it."""
        try:
            self.read(read_header_block(head), body)
        except PartnerFault as fault:
            if fault.code != "as2.decompression-failed":
                raise
            for _ in body:
                pass
            return fault
        return None

    @property
    def _witnesses(self) -> tuple[Tap, ...]:
        return (self.witness,) if self.witness is not None else ()

    def _read_opaque(self, chunks: Iterable[bytes]) -> None:
        opaque = Opaque(chunks)
        content = opaque.chunks()
        head, body = split_entity(content)
        self.read(read_header_block(head), body)
        for _ in content:  # an inner multipart may end before the signed content does
            pass
        self.verified = opaque.verify(self.pinned, self.protection.digests)
        self.mic = mic_of(opaque.digests[self.verified.digest.name], self.verified.digest.name)

    def _read_leaf(self, headers: Headers, chunks: Iterable[bytes], *, plain: bool) -> None:
        if plain:
            running = self.mic_digest.new()
            self.mic_running = running
            chunks = tapped(chunks, running.update)
        if headers.content_type in ("multipart/related", "multipart/mixed"):
            self._read_related(headers, chunks)
        else:
            self._read_document(headers, chunks)

    def _read_related(self, headers: Headers, chunks: Iterable[bytes]) -> None:
        """Read every part as a document; the first one named by start, or else the first, comes first."""
        settings = parameters(headers.get("content-type"))
        scanner = PartScanner(chunks, settings.get("boundary", ""))
        root = 0
        while (part := scanner.next_part()) is not None:
            if len(self.documents) == MAX_ATTACHMENTS:
                raise PartnerFault("as2.bad-mime", detail="too many parts")
            head, body = split_entity(part)
            found = read_header_block(head)
            if settings.get("start") and found.get("content-id").strip() == settings["start"].strip():
                root = len(self.documents)
            self._read_document(found, decoded(body, found.encoding))
        scanner.drain()
        if self.documents:
            self.documents.insert(0, self.documents.pop(root))

    def _read_document(self, headers: Headers, chunks: Iterable[bytes]) -> None:
        spool = self.spool()
        for chunk in chunks:
            self.size += len(chunk)
            if self.size > self.limit_bytes:
                raise PartnerFault("as2.too-large", limit=str(self.limit_bytes))
            spool.write(chunk)
        named = parameters(headers.get("content-disposition")).get("filename") or parameters(
            headers.get("content-type")
        ).get("name")
        self.documents.append(
            Attached(payload=spool.finish(), content_type=headers.content_type, filename=safe_filename(named))
        )

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
    spool: MakeSpool = MemorySpool,
    limit_bytes: int = 50_000_000,
    witness: Tap | None = None,
) -> Opened:
    """Decrypt, verify and decompress one message. Nothing of the content is given out before all of it is good.

    identities   our keys that may decrypt; pinned: the sender's certificates; protection: agreed with the sender
    mic_algorithm  for unsigned messages: what the sender asked for
    witness      is shown the bytes that a detached signature is over, as they pass
    Raises PartnerFault with a code of area as2; params["layers"] names the layers seen until then.
    """
    opening = _Opening(
        identities=identities,
        pinned=pinned,
        protection=protection,
        random=random,
        spool=spool,
        limit_bytes=limit_bytes,
        mic_digest=DIGESTS[mic_algorithm],
        witness=witness,
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
    if mic is None or not opening.documents:
        raise PartnerFault("as2.bad-mime", detail="no content")
    first, *others = opening.documents
    verified = opening.verified
    return Opened(
        payload=first.payload,
        content_type=first.content_type,
        filename=first.filename,
        mic=mic,
        layers=tuple(opening.layers),
        signer=verified.certificate if verified else None,
        digest=verified.digest.name if verified else None,
        cipher=opening.cipher,
        signature=opening.signature,
        signature_kind=verified.kind if verified else None,
        attachments=tuple(others),
    )
