"""Which algorithms exist here: names as policies and headers write them, object identifiers, primitives.

Source: RFC 5754 (SHA-2), RFC 3565 (AES), RFC 3370 (RSA, SHA-1, Triple-DES), RFC 8017, RFC 3274.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from gateway.codecs.cms.ber import NULL, SEQUENCE, children, oid, tlv
from gateway.model.faults import PartnerFault

if TYPE_CHECKING:
    from hashlib import _Hash

DATA = oid("1.2.840.113549.1.7.1")
SIGNED_DATA = oid("1.2.840.113549.1.7.2")
ENVELOPED_DATA = oid("1.2.840.113549.1.7.3")
COMPRESSED_DATA = oid("1.2.840.113549.1.9.16.1.9")
CONTENT_TYPE = oid("1.2.840.113549.1.9.3")
MESSAGE_DIGEST = oid("1.2.840.113549.1.9.4")
RSA = oid("1.2.840.113549.1.1.1")
ZLIB = oid("1.2.840.113549.1.9.16.3.8")
_NULL = tlv(NULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """name: as in micalg and Received-content-MIC (RFC 5751 section 3.4.3.2)."""

    name: str
    oid: bytes
    rsa_oid: bytes  # combined signature identifier
    primitive: type[hashes.HashAlgorithm]
    hashlib_name: str

    def new(self) -> "_Hash":
        return hashlib.new(self.hashlib_name, usedforsecurity=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cipher:
    """A block cipher in CBC mode. Lengths in bytes."""

    name: str
    oid: bytes
    primitive: Callable[[bytes], BlockCipherAlgorithm]
    key_length: int
    block_length: int


DIGESTS = {
    name: Digest(name=name, oid=oid(dotted), rsa_oid=oid(rsa), primitive=primitive, hashlib_name=name.replace("-", ""))
    for name, dotted, rsa, primitive in (
        ("sha-256", "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", hashes.SHA256),
        ("sha-384", "2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", hashes.SHA384),
        ("sha-512", "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", hashes.SHA512),
        ("sha-1", "1.3.14.3.2.26", "1.2.840.113549.1.1.5", hashes.SHA1),
    )
}
CIPHERS = {
    name: Cipher(name=name, oid=oid(dotted), primitive=primitive, key_length=key_length, block_length=block_length)
    for name, dotted, primitive, key_length, block_length in (
        ("aes-128-cbc", "2.16.840.1.101.3.4.1.2", AES, 16, 16),
        ("aes-192-cbc", "2.16.840.1.101.3.4.1.22", AES, 24, 16),
        ("aes-256-cbc", "2.16.840.1.101.3.4.1.42", AES, 32, 16),
        ("3des-cbc", "1.2.840.113549.3.7", TripleDES, 24, 8),
    )
}
ACCEPTED_DIGESTS = frozenset({"sha-256", "sha-384", "sha-512"})
ACCEPTED_CIPHERS = frozenset({"aes-128-cbc", "aes-192-cbc", "aes-256-cbc"})


def digest_named(name: str) -> Digest | None:
    """Return the digest for a name as partners spell it: sha-256, SHA256, rsa-sha256, sha1, SHA-1, SHA, ..."""
    plain = name.strip().strip('"').lower().removeprefix("rsa-").replace("_", "-")
    if plain == "sha":
        plain = "sha1"
    if plain.startswith("sha") and not plain.startswith("sha-"):
        plain = "sha-" + plain[3:]
    return DIGESTS.get(plain)


def identifier(element: bytes) -> tuple[bytes, list[bytes]]:
    """Split an AlgorithmIdentifier into its object identifier and parameters."""
    parts = children(element, limit=4)
    if not parts:
        raise PartnerFault("as2.cms-malformed", detail="algorithm without identifier")
    return parts[0], parts[1:]


def digest_of(element: bytes, accepted: frozenset[str]) -> Digest:
    """Return the digest an AlgorithmIdentifier names. Raises PartnerFault as2.algorithm-refused."""
    wanted, _ = identifier(element)
    for each in DIGESTS.values():
        if each.oid == wanted and each.name in accepted:
            return each
    raise PartnerFault("as2.algorithm-refused", kind="digest", value=wanted.hex())


def cipher_of(element: bytes, accepted: frozenset[str]) -> tuple[Cipher, bytes]:
    """Return the cipher and its initialisation vector. Raises PartnerFault as2.algorithm-refused."""
    wanted, parameters = identifier(element)
    for each in CIPHERS.values():
        if each.oid == wanted and each.name in accepted:
            vector = parameters[0][2:] if parameters else b""
            if len(vector) != each.block_length:
                raise PartnerFault("as2.cms-malformed", detail="initialisation vector")
            return each, vector
    raise PartnerFault("as2.algorithm-refused", kind="cipher", value=wanted.hex())


def with_null(identifier_oid: bytes) -> bytes:
    """Return an AlgorithmIdentifier with NULL parameters, as RSA needs them (RFC 8017 appendix A.1)."""
    return tlv(SEQUENCE, identifier_oid, _NULL)


def bare(identifier_oid: bytes) -> bytes:
    """Return an AlgorithmIdentifier without parameters, as SHA-2 has them (RFC 5754 section 2)."""
    return tlv(SEQUENCE, identifier_oid)
