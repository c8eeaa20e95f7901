"""Which algorithms exist here: names as policies and headers write them, object identifiers, primitives.

Source: RFC 5754 (SHA-2), RFC 3565 (AES), RFC 5084 (AES-GCM), RFC 3370 (RSA, SHA-1, Triple-DES), RFC 8017, RFC 3274.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from gateway.codecs.cms.ber import INTEGER, NULL, OCTET_STRING, SEQUENCE, children, content, dotted, integer, oid, tlv
from gateway.model.faults import PartnerFault

if TYPE_CHECKING:
    from hashlib import _Hash

DATA = oid("1.2.840.113549.1.7.1")
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
ENVELOPED_DATA = oid("1.2.840.113549.1.7.3")
AUTH_ENVELOPED_DATA = oid("1.2.840.113549.1.9.16.1.23")
COMPRESSED_DATA = oid("1.2.840.113549.1.9.16.1.9")
CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
RSA = oid("1.2.840.113549.1.1.1")
ZLIB = oid("1.2.840.113549.1.9.16.3.8")
_NULL = tlv(NULL)
_OLD = {  # never taken, but known by name to who has to change it
    "1.2.840.113549.2.2": "md2",
    "1.2.840.113549.2.5": "md5",
    "1.2.840.113549.3.2": "rc2-cbc",
    "1.2.840.113549.3.4": "rc4",
    "1.3.14.3.2.7": "des-cbc",
    "1.2.392.200011.61.1.1.1.2": "camellia-128-cbc",
    "1.2.392.200011.61.1.1.1.4": "camellia-256-cbc",
}
_FRONT_BYTES = 24  # a SEQUENCE header of at most 8 bytes, then the object identifier
GCM_NONCE_BYTES = 12  # what NIST SP 800-38D recommends, and what we make
GCM_TAG_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """name: as in micalg and Received-content-MIC (RFC 5751 section 3.4.3.2)."""

    name: str
    oid: bytes
    rsa_oid: bytes  # combined signature identifiers
    ecdsa_oid: bytes
    primitive: type[hashes.HashAlgorithm]
    hashlib_name: str

    def new(self) -> "_Hash":
        return hashlib.new(self.hashlib_name, usedforsecurity=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cipher:
    """A block cipher in CBC mode, or AES in GCM (is_authenticated). Lengths in bytes."""

    name: str
    oid: bytes
    primitive: Callable[[bytes], BlockCipherAlgorithm]
    key_length: int
    block_length: int
    is_authenticated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CipherUse:
    """A cipher as a message names it. vector: of CBC, or GCM's nonce. tag_length: in bytes, 0 for CBC."""

    cipher: Cipher
    vector: bytes
    tag_length: int = 0


DIGESTS = {
    name: Digest(
        name=name,
        oid=oid(dotted),
        rsa_oid=oid(rsa),
        ecdsa_oid=oid(ecdsa),
        primitive=primitive,
        hashlib_name=name.replace("-", ""),
    )
    for name, dotted, rsa, ecdsa, primitive in (
        ("sha-256", "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2", hashes.SHA256),
        ("sha-384", "2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3", hashes.SHA384),
        ("sha-512", "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4", hashes.SHA512),
        ("sha-1", "1.3.14.3.2.26", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1", hashes.SHA1),
    )
}
CIPHERS = {
    name: Cipher(
        name=name,
        oid=oid(dotted),
        primitive=primitive,
        key_length=key_length,
        block_length=block_length,
        is_authenticated=name.endswith("gcm"),
    )
    for name, dotted, primitive, key_length, block_length in (
        ("aes-128-cbc", "2.16.840.1.101.3.4.1.2", AES, 16, 16),
        ("aes-192-cbc", "2.16.840.1.101.3.4.1.22", AES, 24, 16),
        ("aes-256-cbc", "2.16.840.1.101.3.4.1.42", AES, 32, 16),
        ("aes-128-gcm", "2.16.840.1.101.3.4.1.6", AES, 16, 16),
        ("aes-192-gcm", "2.16.840.1.101.3.4.1.26", AES, 24, 16),
        ("aes-256-gcm", "2.16.840.1.101.3.4.1.46", AES, 32, 16),
        ("3des-cbc", "1.2.840.113549.3.7", TripleDES, 24, 8),
    )
}
LEGACY_DIGESTS = frozenset({"sha-1"})
ACCEPTED_DIGESTS = frozenset(DIGESTS) - LEGACY_DIGESTS
ACCEPTED_CIPHERS = frozenset(CIPHERS)  # Triple-DES inbound: old partners have nothing else (made only when told to)


def cms_kind(chunks: Iterable[bytes]) -> tuple[bytes | None, Iterator[bytes]]:
    """Return the content type of a CMS message (its object identifier, None when it is no other than these), and all
    of its chunks."""
    source = iter(chunks)
    front = b""
    while len(front) < _FRONT_BYTES and (chunk := next(source, None)) is not None:
        front += chunk
    kinds = (ENVELOPED_DATA, AUTH_ENVELOPED_DATA, COMPRESSED_DATA, SIGNED_DATA)
    return next((each for each in kinds if each in front[:_FRONT_BYTES]), None), chain((front,), source)


def digest_named(name: str) -> Digest | None:
    """Return the digest for a name as partners spell it: sha-256, SHA256, rsa-sha256, sha1, SHA-1, SHA, ..."""
    plain = name.strip().strip('"').lower().removeprefix("rsa-").replace("_", "-")
    if plain == "sha":
        plain = "sha1"
    if plain.startswith("sha") and not plain.startswith("sha-"):
        plain = "sha-" + plain[3:]
    return DIGESTS.get(plain)


def identifier(element: bytes) -> tuple[bytes, Sequence[bytes]]:
    """Split an AlgorithmIdentifier into its object identifier and parameters."""
    if (known := _USUAL.get(element)) is not None:
        return known
    parts = children(element, limit=4)
    if not parts:
        raise PartnerFault("as2.cms-malformed", detail="algorithm without identifier")
    return parts[0], parts[1:]


def algorithm_name(identifier_oid: bytes) -> str:
    """Return what to call an algorithm to a person: our name for it or that of an old one, else its numbers."""
    ours = {each.oid: each.name for each in DIGESTS.values()} | {each.oid: each.name for each in CIPHERS.values()}
    numbers = dotted(identifier_oid)
    return ours.get(identifier_oid) or _OLD.get(numbers) or numbers or identifier_oid[:40].hex()


def digest_of(element: bytes, accepted: frozenset[str]) -> Digest:
    """Return the digest an AlgorithmIdentifier names. Raises PartnerFault as2.algorithm-refused."""
    wanted, _ = identifier(element)
    for each in DIGESTS.values():
        if each.oid == wanted and each.name in accepted:
            return each
    raise PartnerFault("as2.algorithm-refused", kind="digest", value=algorithm_name(wanted))


def cipher_of(element: bytes, accepted: frozenset[str], *, authenticated: bool = False) -> CipherUse:
    """Return the cipher and its parameters. authenticated: True in AuthEnvelopedData, where only GCM may stand; GCM in
    EnvelopedData has no place for its tag and is refused.

    Raises PartnerFault as2.algorithm-refused, as2.cms-malformed."""
    wanted, parameters = identifier(element)
    for each in CIPHERS.values():
        if each.oid == wanted and each.name in accepted and each.is_authenticated == authenticated:
            return _gcm_use(each, parameters) if authenticated else _cbc_use(each, parameters)
    raise PartnerFault("as2.algorithm-refused", kind="cipher", value=algorithm_name(wanted))


def _cbc_use(cipher: Cipher, parameters: Sequence[bytes]) -> CipherUse:
    vector = content(parameters[0]) if parameters else b""
    if len(vector) != cipher.block_length:
        raise PartnerFault("as2.cms-malformed", detail="initialisation vector")
    return CipherUse(cipher=cipher, vector=vector)


def _gcm_use(cipher: Cipher, parameters: Sequence[bytes]) -> CipherUse:
    """Read GCMParameters; a tag length that is absent means 12 (RFC 5084 section 3.2)."""
    parts = children(parameters[0], limit=4) if parameters else []
    if not parts or parts[0][0] != OCTET_STRING or any(each[0] != INTEGER for each in parts[1:2]):
        raise PartnerFault("as2.cms-malformed", detail="GCM parameters")
    nonce = content(parts[0])
    tag_length = int.from_bytes(content(parts[1]), "big") if len(parts) > 1 else 12
    if not 8 <= len(nonce) <= 64 or not 12 <= tag_length <= GCM_TAG_BYTES:
        raise PartnerFault("as2.cms-malformed", detail="GCM parameters")
    return CipherUse(cipher=cipher, vector=nonce, tag_length=tag_length)


def cipher_identifier(use: CipherUse) -> bytes:
    """Return the AlgorithmIdentifier that names a cipher with its parameters."""
    vector = tlv(OCTET_STRING, use.vector)
    if use.cipher.is_authenticated:
        vector = tlv(SEQUENCE, vector, integer(use.tag_length))
    return tlv(SEQUENCE, use.cipher.oid, vector)


@cache
def with_null(identifier_oid: bytes) -> bytes:
    """Return an AlgorithmIdentifier with NULL parameters, as RSA needs them (RFC 8017 appendix A.1)."""
    return tlv(SEQUENCE, identifier_oid, _NULL)


@cache
def bare(identifier_oid: bytes) -> bytes:
    """Return an AlgorithmIdentifier without parameters, as SHA-2 has them (RFC 5754 section 2)."""
    return tlv(SEQUENCE, identifier_oid)


_USUAL: dict[bytes, tuple[bytes, Sequence[bytes]]] = {  # the ways to write those that nearly every message names
    form(name): (name, parameters)
    for name in (RSA, *(named for each in DIGESTS.values() for named in (each.oid, each.rsa_oid)))
    for form, parameters in ((bare, ()), (with_null, (_NULL,)))
}
