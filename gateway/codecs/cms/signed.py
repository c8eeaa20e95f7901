"""SignedData with detached content: make a signature, and check one against pinned certificates.

Source: RFC 5652 sections 5.1 to 5.6 and 11 (signed attributes), RFC 5754 section 3.2.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from gateway.codecs.cms.algorithms import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    RSA,
    SIGNED_DATA,
    Digest,
    bare,
    digest_of,
    identifier,
    with_null,
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
from gateway.model.faults import PartnerFault

MAX_SIGNERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """certificate: the pinned one whose signature held; digest: the algorithm it used."""

    certificate: Certificate
    digest: Digest


def sign(content_digest: bytes, digest: Digest, identity: Identity) -> bytes:
    """Return a detached SignedData (DER) over content whose digest is given, with our certificate inside."""
    attributes = set_of(
        tlv(SEQUENCE, CONTENT_TYPE, set_of(DATA)),
        tlv(SEQUENCE, MESSAGE_DIGEST, set_of(tlv(OCTET_STRING, content_digest))),
    )
    signature = identity.private_key.sign(attributes, PKCS1v15(), digest.primitive())
    own = identity.certificate
    signer = tlv(
        SEQUENCE,
        integer(1),
        tlv(SEQUENCE, own.issuer, own.serial),
        bare(digest.oid),
        bytes([context(0)]) + attributes[1:],
        with_null(RSA),
        tlv(OCTET_STRING, signature),
    )
    signed_data = tlv(
        SEQUENCE,
        integer(1),
        tlv(SET, bare(digest.oid)),
        tlv(SEQUENCE, DATA),
        tlv(context(0), own.der),
        tlv(SET, signer),
    )
    return tlv(SEQUENCE, SIGNED_DATA, tlv(context(0), signed_data))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    identifier: bytes
    digest: bytes
    attributes: bytes  # as a SET, as it was signed
    algorithm: bytes
    signature: bytes


def _read_signers(signature: bytes) -> tuple[bytes, list[_Signer]]:
    """Return the content type and the signers of a SignedData. Certificates inside are not looked at."""
    reader = BerReader([signature])
    reader.enter(SEQUENCE)
    if reader.element() != SIGNED_DATA:
        raise PartnerFault("as2.cms-malformed", detail="not SignedData")
    reader.enter(context(0))
    reader.enter(SEQUENCE)
    reader.skip()  # version
    reader.skip()  # digest algorithms: each signer names its own
    reader.enter(SEQUENCE)
    content_type = reader.element()
    reader.leave()
    while reader.peek() in (context(0), context(1)):
        reader.skip()  # certificates and revocation lists: only pinned certificates count
    reader.enter(SET)
    signers: list[_Signer] = []
    while reader.peek() is not None:
        if len(signers) == MAX_SIGNERS:
            raise PartnerFault("as2.cms-malformed", detail="too many signers")
        signers.append(_read_signer(reader.element()))
    return content_type, signers


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


def _attribute(attributes: bytes, wanted: bytes) -> bytes:
    """Return the one value of a signed attribute that must be there exactly once."""
    found = [parts for each in children(attributes) if (parts := children(each))[0] == wanted]
    if len(found) != 1 or len(found[0]) != 2:
        raise PartnerFault("as2.signature-invalid", detail="signed attributes missing")
    values = children(found[0][1])
    if len(values) != 1:
        raise PartnerFault("as2.signature-invalid", detail="signed attribute repeated")
    return values[0]


def _check(signer: _Signer, certificate: Certificate, digest: Digest, content_type: bytes, actual: bytes) -> None:
    if _attribute(signer.attributes, CONTENT_TYPE) != content_type:
        raise PartnerFault("as2.signature-invalid", detail="content type differs from the signed one")
    if not compare_digest(content(_attribute(signer.attributes, MESSAGE_DIGEST)), actual):
        raise PartnerFault("as2.digest-mismatch")
    algorithm, _ = identifier(signer.algorithm)
    if algorithm not in (RSA, digest.rsa_oid):
        raise PartnerFault("as2.algorithm-refused", kind="signature", value=algorithm.hex())
    try:
        certificate.public_key.verify(signer.signature, signer.attributes, PKCS1v15(), digest.primitive())
    except InvalidSignature:
        raise PartnerFault("as2.signature-invalid", detail="RSA signature wrong") from None


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
    content_type, signers = _read_signers(signature)
    held: Verified | None = None
    for signer in signers:
        for certificate in pinned:
            if certificate.is_named_by(signer.identifier):
                digest = digest_of(signer.digest, accepted_digests)
                actual = content_digests.get(digest.name)
                if actual is None:
                    raise PartnerFault("as2.signature-invalid", detail=f"micalg does not name {digest.name}")
                _check(signer, certificate, digest, content_type, actual)
                held = held or Verified(certificate=certificate, digest=digest)
    if held is None:
        raise PartnerFault("as2.signer-unknown", signers=str(len(signers)))
    return held
