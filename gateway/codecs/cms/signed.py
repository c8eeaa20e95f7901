"""SignedData: make a detached signature, check one against pinned certificates, and read opaque ones as a stream.

Source: RFC 5652 sections 5.1 to 5.6 and 11 (signed attributes), RFC 5754 section 3.2, RFC 4056 (PSS), RFC 5753 (ECDSA).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hmac import compare_digest
from typing import TYPE_CHECKING

from gateway.codecs.cms.algorithms import (
    CONTENT_TYPE,
    DATA,
    DIGESTS,
    MESSAGE_DIGEST,
    SIGNED_DATA,
    Digest,
    bare,
    digest_of,
)
from gateway.codecs.cms.ber import (
    OCTET_STRING,
    SEQUENCE,
    SET,
    BerReader,
    children,
    content,
    context,
    integer,
    set_of,
    tlv,
)
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.codecs.cms.keys import check_signature, signed
from gateway.model.faults import PartnerFault

if TYPE_CHECKING:
    from hashlib import _Hash

MAX_SIGNERS = 8
_TYPED_AS_DATA = tlv(SEQUENCE, CONTENT_TYPE, set_of(DATA))
_VERSION_1 = integer(1)
_CONTENT_IS_DATA = tlv(SEQUENCE, DATA)
_ATTRIBUTES = bytes([context(0)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """certificate: the pinned one whose signature held; digest: the algorithm it used; kind: rsa, rsa-pss, ecdsa."""

    certificate: Certificate
    digest: Digest
    kind: str = "rsa"


def sign(content_digest: bytes, digest: Digest, identity: Identity, *, pss: bool = False) -> bytes:
    """Return a detached SignedData (DER) over content whose digest is given, with our certificate inside.

    pss: RSASSA-PSS instead of v1.5; an EC key always signs by ECDSA."""
    attributes = set_of(
        _TYPED_AS_DATA,
        tlv(SEQUENCE, MESSAGE_DIGEST, set_of(tlv(OCTET_STRING, content_digest))),
    )
    algorithm, signature = signed(identity.private_key, attributes, digest, pss=pss)
    own = identity.certificate
    signer = tlv(
        SEQUENCE,
        _before_attributes(own.name, digest.oid),
        _ATTRIBUTES,
        attributes[1:],
        algorithm,
        tlv(OCTET_STRING, signature),
    )
    signed_data = tlv(SEQUENCE, _before_signers(own.der, digest.oid), tlv(SET, signer))
    return tlv(SEQUENCE, SIGNED_DATA, tlv(context(0), signed_data))


@lru_cache(maxsize=64)
def _before_attributes(name: bytes, digest_oid: bytes) -> bytes:
    return _VERSION_1 + name + bare(digest_oid)


@lru_cache(maxsize=64)
def _before_signers(certificate: bytes, digest_oid: bytes) -> bytes:
    return _VERSION_1 + tlv(SET, bare(digest_oid)) + _CONTENT_IS_DATA + tlv(context(0), certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    identifier: bytes
    digest: bytes
    attributes: bytes  # as a SET, as it was signed
    algorithm: bytes
    signature: bytes


class _SignedData:
    """A cursor over one SignedData: what stands before the content, the content if it is inside, the signers."""

    def __init__(self, source: Iterable[bytes]) -> None:
        self._reader = reader = BerReader(source)
        reader.enter(SEQUENCE)
        if reader.element() != SIGNED_DATA:
            raise PartnerFault("as2.cms-malformed", detail="not SignedData")
        reader.enter(context(0))
        reader.enter(SEQUENCE)
        reader.skip()  # version
        self.algorithms = reader.element()
        reader.enter(SEQUENCE)
        self.content_type = reader.element()

    def chunks(self) -> Iterator[bytes]:
        """Yield the content that is inside; nothing for a detached signature."""
        if self._reader.peek() is None:
            return
        self._reader.enter(context(0))
        yield from self._reader.octets()
        self._reader.leave()

    def signers(self) -> list[_Signer]:
        """Return the signers. Certificates and revocation lists that came along are not looked at: only pinned
        certificates count."""
        reader = self._reader
        reader.leave()
        while reader.peek() in (context(0), context(1)):
            reader.skip()
        reader.enter(SET)
        found: list[_Signer] = []
        while reader.peek() is not None:
            if len(found) == MAX_SIGNERS:
                raise PartnerFault("as2.cms-malformed", detail="too many signers")
            found.append(_read_signer(reader.element()))
        return found


def _detached(signature: bytes) -> tuple[bytes, list[_Signer]]:
    """Return the content type and the signers of a SignedData that is held in memory.

    Content that came along proves nothing: the bytes outside were hashed. Certificates and revocation lists are not
    looked at: only pinned certificates count."""
    outer = children(signature, limit=2)
    inner = children(outer[1], limit=1) if len(outer) == 2 and outer[0] == SIGNED_DATA else []
    if not inner or outer[1][0] != context(0) or inner[0][0] != SEQUENCE:
        raise PartnerFault("as2.cms-malformed", detail="not SignedData")
    parts = children(inner[0], limit=6)
    described = children(parts[2], limit=2) if len(parts) > 3 else []
    if not described or parts[-1][0] != SET:
        raise PartnerFault("as2.cms-malformed", detail="no signers")
    return described[0], [_read_signer(each) for each in children(parts[-1], limit=MAX_SIGNERS)]


def _read_signer(element: bytes) -> _Signer:
    parts = children(element, limit=8)
    if len(parts) < 6 or parts[3][0] != context(0):
        raise PartnerFault("as2.signature-invalid", detail="signed attributes missing")
    return _Signer(
        identifier=parts[1],
        digest=parts[2],
        attributes=bytes([SET]) + parts[3][1:],
        algorithm=parts[4],
        signature=content(parts[5]),
    )


def _attribute(attributes: Sequence[Sequence[bytes]], wanted: bytes) -> bytes:
    """Return the one value of a signed attribute that must be there exactly once."""
    found = [parts for parts in attributes if parts[:1] == [wanted]]
    if len(found) != 1 or len(found[0]) != 2:
        raise PartnerFault("as2.signature-invalid", detail="signed attributes missing")
    values = children(found[0][1])
    if len(values) != 1:
        raise PartnerFault("as2.signature-invalid", detail="signed attribute repeated")
    return values[0]


def _check(signer: _Signer, certificate: Certificate, digest: Digest, content_type: bytes, actual: bytes) -> str:
    """Check one signer and return the kind of its signature."""
    attributes = [children(each) for each in children(signer.attributes)]
    if _attribute(attributes, CONTENT_TYPE) != content_type:
        raise PartnerFault("as2.signature-invalid", detail="content type differs from the signed one")
    if not compare_digest(content(_attribute(attributes, MESSAGE_DIGEST)), actual):
        raise PartnerFault("as2.digest-mismatch")
    return check_signature(certificate.public_key, signer.algorithm, signer.signature, signer.attributes, digest)


def verify(
    signature: bytes,
    content_digests: Mapping[str, bytes],
    pinned: Sequence[Certificate],
    accepted_digests: frozenset[str],
) -> Verified:
    """Check a detached signature: at least one signer must be a pinned certificate, and every signer that is one
    must hold. Certificates that come with the signature prove nothing and are not read.

    content_digests  of the signed bytes, by digest name
    Raises PartnerFault as2.signer-unknown (also for no signer at all), as2.digest-mismatch, as2.signature-invalid,
    as2.algorithm-refused, as2.cms-malformed.
    """
    content_type, signers = _detached(signature)
    return _judged(content_type, signers, content_digests, pinned, accepted_digests)


def _judged(
    content_type: bytes,
    signers: Sequence[_Signer],
    content_digests: Mapping[str, bytes],
    pinned: Sequence[Certificate],
    accepted_digests: frozenset[str],
) -> Verified:
    held: Verified | None = None
    for signer in signers:
        for certificate in pinned:
            if certificate.is_named_by(signer.identifier):
                digest = digest_of(signer.digest, accepted_digests)
                actual = content_digests.get(digest.name)
                if actual is None:
                    raise PartnerFault("as2.signature-invalid", detail=f"micalg does not name {digest.name}")
                kind = _check(signer, certificate, digest, content_type, actual)
                held = held or Verified(certificate=certificate, digest=digest, kind=kind)
    if held is None:
        raise PartnerFault("as2.signer-unknown", signers=str(len(signers)))
    return held


class Opaque:
    """A SignedData with its content inside (application/pkcs7-mime; smime-type=signed-data; RFC 8551 section 3.5.2).

    Read chunks() to the end, then verify()."""

    def __init__(self, source: Iterable[bytes]) -> None:
        """Raises PartnerFault as2.cms-malformed."""
        self._read = _SignedData(source)
        named = children(self._read.algorithms, limit=MAX_SIGNERS)
        wanted = [each for each in DIGESTS.values() if any(each.oid in part for part in named)]
        self._running: dict[str, _Hash] = {each.name: each.new() for each in wanted}

    @property
    def digests(self) -> dict[str, bytes]:
        return {name: each.digest() for name, each in self._running.items()}

    def chunks(self) -> Iterator[bytes]:
        """Yield the content. It is not authenticated before verify() returned."""
        for chunk in self._read.chunks():
            for each in self._running.values():
                each.update(chunk)
            yield chunk

    def verify(self, pinned: Sequence[Certificate], accepted_digests: frozenset[str]) -> Verified:
        """Raises what verify above raises."""
        return _judged(self._read.content_type, self._read.signers(), self.digests, pinned, accepted_digests)
