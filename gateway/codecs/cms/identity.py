"""Certificates and private keys as CMS needs them.

Issuer and serial number are taken from the certificate's own bytes, and the public key from its SubjectPublicKeyInfo:
old partner certificates have defects (a serial number of zero, odd names) that must not matter here.
Source: RFC 5280 sections 4.1 and 4.1.2.5 (validity).
"""

import base64
import binascii
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)

from gateway.codecs.cms.ber import CONSTRUCTED, INTEGER, SEQUENCE, children, content, context, oid, tlv
from gateway.codecs.cms.keys import PrivateKey, PublicKey, load_public_key
from gateway.model.faults import Fault, OurFault

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]{1,60000}?)-----END CERTIFICATE-----")
_KEY_IDENTIFIER = oid("2.5.29.14")
_TIME = re.compile(r"(\d{2}|\d{4})(\d{8})(\d{2})?(?:\.\d+)?(Z|[+-]\d{4})")
_MIN_RSA_BITS = 1024  # what old partners still use; we make 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """issuer and serial: DER elements as they stand in the certificate; key_identifier: value, None when absent.

    not_before, not_after: both inclusive, UTC. name: IssuerAndSerialNumber, DER."""

    der: bytes
    issuer: bytes
    serial: bytes
    key_identifier: bytes | None
    public_key: PublicKey = field(repr=False)
    not_before: datetime
    not_after: datetime
    name: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", tlv(SEQUENCE, self.issuer, self.serial))

    def is_valid_at(self, now: datetime) -> bool:
        return self.not_before <= now <= self.not_after

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, lower-case hexadecimal."""
        return sha256(self.der).hexdigest()

    def is_named_by(self, identifier: bytes) -> bool:
        """Compare with a SignerIdentifier or RecipientIdentifier (RFC 5652 sections 5.3 and 6.2.1)."""
        if identifier == self.name:
            return True
        if identifier[0] & ~CONSTRUCTED == context(0, constructed=False):
            return self.key_identifier is not None and content(identifier) == self.key_identifier
        parts = children(identifier, limit=4)
        return len(parts) == 2 and parts[0] == self.issuer and _number(parts[1]) == _number(self.serial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Our own private key with its certificate."""

    certificate: Certificate
    private_key: PrivateKey = field(repr=False)


def _number(element: bytes) -> int:
    return int.from_bytes(content(element), "big", signed=True)


def _key_identifier(extensions: bytes) -> bytes | None:
    for each in children(children(extensions)[0]):
        parts = children(each)
        if parts[0] == _KEY_IDENTIFIER:
            return content(content(parts[-1]))
    return None


def _instant(element: bytes) -> datetime:
    """Read UTCTime or GeneralizedTime, also without seconds and with an offset as BER allows. Raises ValueError."""
    text = content(element).decode("ascii")
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"time {text!r}")
    year, rest, seconds, zone = match.groups()
    if len(year) == 2:
        year = ("19" if year >= "50" else "20") + year
    found = datetime.strptime(year + rest + (seconds or "00"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    if zone != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5]))
        found -= offset if zone[0] == "+" else -offset
    return found


def read_certificate(der: bytes) -> Certificate:
    """Raises OurFault keys.bad-certificate: anything but a certificate with an RSA key of 1024 bits or more, or an
    elliptic curve key."""
    try:
        body = children(children(der)[0])
        if body[0][0] == context(0):
            body = body[1:]
        if body[0][0] != INTEGER:
            raise OurFault("keys.bad-certificate", detail="no serial number")
        not_before, not_after = (_instant(each) for each in children(body[3], limit=2))
        public_key = load_public_key(body[5])
        extensions = next((each for each in body[6:] if each[0] == context(3)), None)
        key_identifier = _key_identifier(extensions) if extensions else None
    except (Fault, ValueError, IndexError, OverflowError, UnsupportedAlgorithm) as error:
        raise OurFault("keys.bad-certificate", detail=str(error)) from error
    if public_key is None or (isinstance(public_key, RSAPublicKey) and public_key.key_size < _MIN_RSA_BITS):
        raise OurFault("keys.bad-certificate", detail="neither an RSA key of 1024 bits or more nor an EC key")
    return Certificate(
        der=der,
        serial=body[0],
        issuer=body[2],
        key_identifier=key_identifier,
        public_key=public_key,
        not_before=not_before,
        not_after=not_after,
    )


@lru_cache(maxsize=512)
def load_certificates(pem: bytes) -> tuple[Certificate, ...]:
    """Return every certificate in a PEM text: several mean that each of them counts (a change of certificate).

    Raises OurFault keys.bad-certificate, also when there is none."""
    try:
        found = tuple(read_certificate(base64.b64decode(match.group(1))) for match in _PEM.finditer(pem))
    except binascii.Error as error:
        raise OurFault("keys.bad-certificate", detail=str(error)) from error
    if not found:
        raise OurFault("keys.bad-certificate", detail="no PEM certificate")
    return found


def _spki(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@lru_cache(maxsize=64)
def load_identity(private_pem: bytes, certificate_pem: bytes) -> Identity:
    """Raises OurFault keys.bad-key, keys.bad-certificate, keys.mismatch (the key is not the certificate's)."""
    try:
        private_key = load_pem_private_key(private_pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise OurFault("keys.bad-key", detail="cannot be read") from error
    if not isinstance(private_key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise OurFault("keys.bad-key", detail="neither an RSA nor an EC key")
    certificate = load_certificates(certificate_pem)[0]
    if _spki(private_key.public_key()) != _spki(certificate.public_key):
        raise OurFault("keys.mismatch")
    return Identity(certificate=certificate, private_key=private_key)
