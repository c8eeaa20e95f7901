"""What a key can do in CMS: carry the content key to a recipient, and sign.

RSA v1.5 and OAEP, ECDH with AES key wrap; RSA v1.5 and PSS, ECDSA. Everything by table, no third-party ASN.1.
Source: RFC 3370, RFC 3560 (OAEP), RFC 4056 (PSS), RFC 5753 (ECDH and ECDSA in CMS), RFC 8017 appendix A.
"""

from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    ECDSA,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP, PSS, PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from gateway.codecs.cms.algorithms import DIGESTS, RSA, Digest, algorithm_name, bare, identifier, with_null
from gateway.codecs.cms.ber import BIT_STRING, OCTET_STRING, SEQUENCE, children, content, context, integer, oid, tlv
from gateway.model.faults import PartnerFault

PrivateKey = RSAPrivateKey | EllipticCurvePrivateKey
PublicKey = RSAPublicKey | EllipticCurvePublicKey

_OAEP = oid("1.2.840.113549.1.1.7")
_MGF1 = oid("1.2.840.113549.1.1.8")
_PSS = oid("1.2.840.113549.1.1.10")
_SPECIFIED = oid("1.2.840.113549.1.1.9")
_EC_PUBLIC_KEY = oid("1.2.840.10045.2.1")
_AGREEMENTS: dict[
    bytes, Callable[[], hashes.HashAlgorithm]
] = {  # ECDH with cofactor one, by its key derivation's digest (RFC 5753 section 7.1.4)
    oid("1.3.133.16.840.63.0.2"): hashes.SHA1,
    oid("1.3.132.1.11.1"): hashes.SHA256,
    oid("1.3.132.1.11.2"): hashes.SHA384,
    oid("1.3.132.1.11.3"): hashes.SHA512,
}
_AGREEMENT_WE_MAKE = oid("1.3.132.1.11.1")
_WRAPS = {  # AES key wrap: object identifier -> length of the wrapping key
    oid("2.16.840.1.101.3.4.1.5"): 16,
    oid("2.16.840.1.101.3.4.1.25"): 24,
    oid("2.16.840.1.101.3.4.1.45"): 32,
}
_WRAP_FOR = {length: name for name, length in _WRAPS.items()}
_DEFAULT_SALT = 20


# --- parameters of RSA ----------------------------------------------------------------------------------------------


def _named_digest(element: bytes, kind: str) -> Digest:
    wanted, _ = identifier(element)
    found = next((each for each in DIGESTS.values() if each.oid == wanted), None)
    if found is None:
        raise PartnerFault("as2.algorithm-refused", kind=kind, value=algorithm_name(wanted))
    return found


def _tagged(parameters: Sequence[bytes], kind: str) -> dict[int, bytes]:
    """Return the fields of RSASSA-PSS or RSAES-OAEP parameters by their tag number."""
    if not parameters:
        return {}
    found: dict[int, bytes] = {}
    for each in children(parameters[0], limit=4):
        inner = children(each, limit=1)
        if each[0] & 0xE0 != context(0) or not inner:
            raise PartnerFault("as2.cms-malformed", detail=f"{kind} parameters")
        found[each[0] & 0x1F] = inner[0]
    return found


def _mask_digest(fields: dict[int, bytes], kind: str) -> Digest:
    if 1 not in fields:
        return DIGESTS["sha-1"]
    name, parameters = identifier(fields[1])
    if name != _MGF1 or not parameters:
        raise PartnerFault("as2.algorithm-refused", kind=kind, value=algorithm_name(name))
    return _named_digest(parameters[0], kind)


def _oaep(parameters: Sequence[bytes]) -> OAEP:
    """Digests of OAEP protect no signature: SHA-1, the default, is as safe here as any (RFC 8017 appendix B.1)."""
    fields = _tagged(parameters, "OAEP")
    digest = _named_digest(fields[0], "OAEP") if 0 in fields else DIGESTS["sha-1"]
    if 2 in fields:
        name, label = identifier(fields[2])
        if name != _SPECIFIED or (label and content(label[0])):
            raise PartnerFault("as2.algorithm-refused", kind="OAEP", value="label")
    return OAEP(mgf=MGF1(_mask_digest(fields, "OAEP").primitive()), algorithm=digest.primitive(), label=None)


def _parameters(digest: Digest, *more: bytes) -> bytes:
    named = bare(digest.oid)
    mask = tlv(SEQUENCE, _MGF1, named)
    return tlv(SEQUENCE, tlv(context(0), named), tlv(context(1), mask), *more)


# --- the content key ------------------------------------------------------------------------------------------------


def transported(public_key: RSAPublicKey, content_key: bytes, oaep_digest: str | None) -> tuple[bytes, bytes]:
    """Return (AlgorithmIdentifier, encrypted key) of KeyTransRecipientInfo. oaep_digest None: RSA v1.5."""
    if oaep_digest is None:
        return with_null(RSA), public_key.encrypt(content_key, PKCS1v15())
    digest = DIGESTS[oaep_digest]
    padding = OAEP(mgf=MGF1(digest.primitive()), algorithm=digest.primitive(), label=None)
    return tlv(SEQUENCE, _OAEP, _parameters(digest)), public_key.encrypt(content_key, padding)


def untransport(private_key: PrivateKey, algorithm: bytes, encrypted: bytes) -> bytes | None:
    """Return the content key, None when it cannot be had. Raises PartnerFault as2.algorithm-refused."""
    name, parameters = identifier(algorithm)
    if name not in (RSA, _OAEP):
        raise PartnerFault("as2.algorithm-refused", kind="key transport", value=algorithm_name(name))
    padding = PKCS1v15() if name == RSA else _oaep(parameters)
    if not isinstance(private_key, RSAPrivateKey):
        return None
    try:
        return private_key.decrypt(encrypted, padding)
    except ValueError:
        return None


def _wrapping_key(shared: bytes, digest: hashes.HashAlgorithm, wrap: bytes, ukm: bytes) -> bytes:
    """Derive the key-encryption key; wrap: the wrap's AlgorithmIdentifier as it stands in the message."""
    length = _WRAPS[identifier(wrap)[0]]
    info = tlv(SEQUENCE, wrap, ukm, tlv(context(2), tlv(OCTET_STRING, (length * 8).to_bytes(4, "big"))))
    return X963KDF(algorithm=digest, length=length, sharedinfo=info).derive(shared)


def agreed(public_key: EllipticCurvePublicKey, content_key: bytes, recipient: bytes) -> bytes:
    """Return a KeyAgreeRecipientInfo with a key made for this message. recipient: identifier of the certificate."""
    ephemeral = generate_private_key(public_key.curve)
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    wrap = bare(_WRAP_FOR[16 if len(content_key) == 16 else 32])
    key = _wrapping_key(ephemeral.exchange(ECDH(), public_key), hashes.SHA256(), wrap, b"")
    originator = tlv(context(1), tlv(SEQUENCE, _EC_PUBLIC_KEY), tlv(BIT_STRING, b"\0" + point))
    return tlv(
        context(1),
        integer(3),
        tlv(context(0), originator),
        tlv(SEQUENCE, _AGREEMENT_WE_MAKE, wrap),
        tlv(SEQUENCE, tlv(SEQUENCE, recipient, tlv(OCTET_STRING, aes_key_wrap(key, content_key)))),
    )


def disagree(private_key: PrivateKey, originator: bytes, ukm: bytes, algorithm: bytes, wrapped: bytes) -> bytes | None:
    """Return the content key of a KeyAgreeRecipientInfo, None when it cannot be had.

    originator: OriginatorIdentifierOrKey; ukm: the [0] of its shared info, empty without one.
    Raises PartnerFault as2.algorithm-refused (for example Triple-DES key wrap), as2.cms-malformed."""
    name, parameters = identifier(algorithm)
    if name not in _AGREEMENTS or not parameters or identifier(parameters[0])[0] not in _WRAPS:
        raise PartnerFault("as2.algorithm-refused", kind="key agreement", value=algorithm_name(name))
    if originator[0] != context(1) or not isinstance(private_key, EllipticCurvePrivateKey):
        raise PartnerFault("as2.cms-malformed", detail="originator key")
    try:
        shared = private_key.exchange(ECDH(), _point(originator, private_key))
        key = _wrapping_key(shared, _AGREEMENTS[name](), parameters[0], ukm)
        return aes_key_unwrap(key, wrapped)
    except (ValueError, InvalidUnwrap):
        return None


def _point(originator: bytes, private_key: EllipticCurvePrivateKey) -> EllipticCurvePublicKey:
    parts = children(originator, limit=2)
    if len(parts) != 2 or parts[1][0] != BIT_STRING:
        raise PartnerFault("as2.cms-malformed", detail="originator key")
    return EllipticCurvePublicKey.from_encoded_point(private_key.curve, content(parts[1])[1:])


# --- signatures -----------------------------------------------------------------------------------------------------


def signed(private_key: PrivateKey, data: bytes, digest: Digest, *, pss: bool) -> tuple[bytes, bytes]:
    """Return (AlgorithmIdentifier, signature). pss: only for RSA."""
    if isinstance(private_key, EllipticCurvePrivateKey):
        return bare(digest.ecdsa_oid), private_key.sign(data, ECDSA(digest.primitive()))
    if not pss:
        return with_null(RSA), private_key.sign(data, PKCS1v15(), digest.primitive())
    salt = digest.primitive().digest_size
    padding = PSS(mgf=MGF1(digest.primitive()), salt_length=salt)
    described = tlv(SEQUENCE, _PSS, _parameters(digest, tlv(context(2), integer(salt))))
    return described, private_key.sign(data, padding, digest.primitive())


def check_signature(public_key: PublicKey, algorithm: bytes, signature: bytes, data: bytes, digest: Digest) -> str:
    """Return the kind of signature that held: rsa, rsa-pss or ecdsa.

    Raises PartnerFault as2.signature-invalid, as2.algorithm-refused."""
    name, parameters = identifier(algorithm)
    try:
        if isinstance(public_key, EllipticCurvePublicKey):
            if name != digest.ecdsa_oid:
                raise PartnerFault("as2.algorithm-refused", kind="signature", value=algorithm_name(name))
            public_key.verify(signature, data, ECDSA(digest.primitive()))
            return "ecdsa"
        if name in (RSA, digest.rsa_oid):
            public_key.verify(signature, data, PKCS1v15(), digest.primitive())
            return "rsa"
        if name != _PSS:
            raise PartnerFault("as2.algorithm-refused", kind="signature", value=algorithm_name(name))
        public_key.verify(signature, data, _pss(parameters, digest), digest.primitive())
    except InvalidSignature:
        raise PartnerFault("as2.signature-invalid", detail="signature wrong") from None
    return "rsa-pss"


def _pss(parameters: Sequence[bytes], digest: Digest) -> PSS:
    fields = _tagged(parameters, "PSS")
    named = _named_digest(fields[0], "PSS") if 0 in fields else DIGESTS["sha-1"]
    if named != digest or _mask_digest(fields, "PSS") != digest:
        raise PartnerFault("as2.algorithm-refused", kind="signature", value="PSS with other digests")
    salt = int.from_bytes(content(fields[2]), "big") if 2 in fields else _DEFAULT_SALT
    if salt > 512:
        raise PartnerFault("as2.cms-malformed", detail="PSS parameters")
    return PSS(mgf=MGF1(digest.primitive()), salt_length=salt)


def load_public_key(spki: bytes) -> PublicKey | None:
    """Return the key of a SubjectPublicKeyInfo; None when it is of a kind that AS2 does not use.

    Raises ValueError, UnsupportedAlgorithm."""
    found = load_der_public_key(spki)
    return found if isinstance(found, RSAPublicKey | EllipticCurvePublicKey) else None
