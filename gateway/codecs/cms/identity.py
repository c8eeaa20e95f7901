"""Certificates and private keys as CMS needs them.

Issuer and serial number are taken from the certificate's own bytes, and the public key from its SubjectPublicKeyInfo:
old partner certificates have defects (a serial number of zero, odd names) that must not matter here.
Source: RFC 5280 section 4.1.
"""

import base64
import re
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_private_key

from gateway.codecs.cms.ber import CONSTRUCTED, INTEGER, children, content, context, oid
from gateway.model.faults import Fault, OurFault

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,60000}?)-----END CERTIFICATE-----")
_KEY_IDENTIFIER = oid("2.5.29.14")
_MIN_RSA_BITS = 1024  # what old partners still use; we make 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """issuer and serial: DER elements as they stand in the certificate; key_identifier: value, None when absent."""

    der: bytes
    issuer: bytes
    serial: bytes
    key_identifier: bytes | None
    public_key: RSAPublicKey = field(repr=False)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hexadecimal."""
        return sha256(self.der).hexdigest()

    def is_named_by(self, identifier: bytes) -> bool:
        """Compare with a SignerIdentifier or RecipientIdentifier (RFC 5652 sections 5.3 and 6.2.1)."""
        if identifier[0] & ~CONSTRUCTED == context(0, constructed=False):
            return self.key_identifier is not None and content(identifier) == self.key_identifier
        parts = children(identifier, limit=4)
        return len(parts) == 2 and parts[0] == self.issuer and _number(parts[1]) == _number(self.serial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Our own private key with its certificate."""

    certificate: Certificate
    private_key: RSAPrivateKey = field(repr=False)


def _number(element: bytes) -> int:
    return int.from_bytes(content(element), "big", signed=True)


def _key_identifier(extensions: bytes) -> bytes | None:
    for each in children(children(extensions)[0]):
        parts = children(each)
        if parts[0] == _KEY_IDENTIFIER:
            return content(content(parts[-1]))
    return None


def read_certificate(der: bytes) -> Certificate:
    """Raises OurFault keys.bad-certificate: anything but a certificate with an RSA key of 1024 bits or more."""
    try:
        body = children(children(der)[0])
        if body[0][0] == context(0):
            body = body[1:]
        if body[0][0] != INTEGER:
            raise OurFault("keys.bad-certificate", detail="no serial number")
        public_key = load_der_public_key(body[5])
        extensions = next((each for each in body[6:] if each[0] == context(3)), None)
        key_identifier = _key_identifier(extensions) if extensions else None
    except (Fault, ValueError, IndexError, UnsupportedAlgorithm) as error:
        raise OurFault("keys.bad-certificate", detail=str(error)) from error
    if not isinstance(public_key, RSAPublicKey) or public_key.key_size < _MIN_RSA_BITS:
        raise OurFault("keys.bad-certificate", detail="not an RSA key of 1024 bits or more")
    return Certificate(der=der, serial=body[0], issuer=body[2], key_identifier=key_identifier, public_key=public_key)


@lru_cache(maxsize=512)
def load_certificates(pem: bytes) -> tuple[Certificate, ...]:
    """Return every certificate in a PEM text: several mean that each of them counts (a change of certificate).

    Raises OurFault keys.bad-certificate, also when there is none."""
    found = tuple(read_certificate(base64.b64decode(match.group(1))) for match in _PEM.finditer(pem))
    if not found:
        raise OurFault("keys.bad-certificate", detail="no PEM certificate")
    return found


@lru_cache(maxsize=64)
def load_identity(private_pem: bytes, certificate_pem: bytes) -> Identity:
    """Raises OurFault keys.bad-key, keys.bad-certificate, keys.mismatch (the key is not the certificate's)."""
    try:
        private_key = load_pem_private_key(private_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise OurFault("keys.bad-key", detail="cannot be read") from error
    if not isinstance(private_key, RSAPrivateKey):
        raise OurFault("keys.bad-key", detail="not an RSA key")
    certificate = load_certificates(certificate_pem)[0]
    if private_key.public_key().public_numbers() != certificate.public_key.public_numbers():
        raise OurFault("keys.mismatch")
    return Identity(certificate=certificate, private_key=private_key)
