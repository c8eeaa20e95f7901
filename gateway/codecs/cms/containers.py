"""A partner's certificates as people send them: PEM, DER, or PKCS #7 (.p7b) of either kind; and what is said in them.

Source: RFC 5280 section 4 (certificate), RFC 5652 section 5.1 (certificates in SignedData), RFC 7468 (PEM).
"""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    load_der_pkcs7_certificates,
    load_pem_pkcs7_certificates,
)

from gateway.codecs.cms.ber import BerReader
from gateway.codecs.cms.identity import Certificate, load_certificates, read_certificate
from gateway.model.faults import Fault, OurFault

LIMIT_BYTES = 262_144
LIMIT_CERTIFICATES = 20
_PKCS12 = b"\x02\x01\x03\x30"  # PFX ::= SEQUENCE { version 3, authSafe ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """pem: the certificate alone. subject, issuer: RFC 4514 text. serial: hexadecimal. key: "RSA 2048", "EC secp256r1".

    usages: of the key usage extension, "" entries never; authority: it may issue others; self_signed: issued by itself
    """

    pem: str
    subject: str
    issuer: str
    serial: str
    fingerprint: str  # SHA-256, lower-case hexadecimal
    key: str
    not_before: datetime
    not_after: datetime
    usages: tuple[str, ...] = ()
    authority: bool = False
    self_signed: bool = False

    @property
    def name(self) -> str:
        """The common name, else the whole subject."""
        parts = (each.partition("=") for each in self.subject.split(","))
        return next((value for kind, _, value in parts if kind.strip() == "CN"), self.subject)


def read_container(data: bytes) -> tuple[CertificateFacts, ...]:
    """Return every certificate of a file, those that may issue others last.

    Raises OurFault keys.private-inside when there is a private key in it, keys.bad-certificate when there is no usable
    certificate, keys.too-many.
    """
    if len(data) > LIMIT_BYTES:
        raise OurFault("keys.bad-certificate", detail=f"larger than {LIMIT_BYTES} bytes")
    if b"PRIVATE KEY-----" in data or _PKCS12 in data[:32]:
        raise OurFault("keys.private-inside")
    found = [facts_of(each) for each in _certificates(data)]
    if len(found) > LIMIT_CERTIFICATES:
        raise OurFault("keys.too-many", value=str(len(found)), limit=str(LIMIT_CERTIFICATES))
    return tuple(sorted({each.fingerprint: each for each in found}.values(), key=lambda each: each.authority))


def _certificates(data: bytes) -> tuple[Certificate, ...]:
    if b"-----BEGIN CERTIFICATE-----" in data:
        return load_certificates(data)
    try:
        if b"-----BEGIN PKCS" in data:
            several = load_pem_pkcs7_certificates(data)
        elif data[:1] == b"\x30":
            try:
                return (read_certificate(BerReader([data]).element(LIMIT_BYTES)),)  # without a line end behind it
            except Fault:
                several = load_der_pkcs7_certificates(data)
        else:
            raise OurFault("keys.bad-certificate", detail="neither PEM, DER nor PKCS #7")
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise OurFault("keys.bad-certificate", detail=str(error)[:200]) from error
    if not several:
        raise OurFault("keys.bad-certificate", detail="no certificate inside")
    return tuple(read_certificate(each.public_bytes(Encoding.DER)) for each in several)


def facts_of(certificate: Certificate) -> CertificateFacts:
    """Return what a certificate says. Parts that old certificates write wrongly are left empty.

    Raises OurFault keys.bad-certificate when it cannot be read as a whole.
    """
    try:
        shown = x509.load_der_x509_certificate(certificate.der)
    except (ValueError, x509.InvalidVersion) as error:
        raise OurFault("keys.bad-certificate", detail=str(error)[:200]) from error
    subject, issuer = _name(shown, "subject"), _name(shown, "issuer")
    public = certificate.public_key
    key = f"RSA {public.key_size}" if isinstance(public, RSAPublicKey) else "EC"
    if isinstance(public, EllipticCurvePublicKey):
        key = f"EC {public.curve.name}"
    usages, authority = _uses(shown)
    return CertificateFacts(
        pem=shown.public_bytes(Encoding.PEM).decode("ascii"),
        subject=subject,
        issuer=issuer,
        serial=_serial(shown),
        fingerprint=certificate.fingerprint,
        key=key,
        not_before=certificate.not_before,
        not_after=certificate.not_after,
        usages=usages,
        authority=authority,
        self_signed=_is_own(shown),
    )


def _name(shown: x509.Certificate, which: str) -> str:
    try:
        name: x509.Name = getattr(shown, which)
        return name.rfc4514_string()
    except ValueError:
        return ""


def _serial(shown: x509.Certificate) -> str:
    try:
        return f"{shown.serial_number:x}"
    except ValueError:
        return ""


def _is_own(shown: x509.Certificate) -> bool:
    try:
        shown.verify_directly_issued_by(shown)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _uses(shown: x509.Certificate) -> tuple[tuple[str, ...], bool]:
    """Return what the key may be used for, and whether it may issue certificates."""
    try:
        usage = next((e.value for e in shown.extensions if isinstance(e.value, x509.KeyUsage)), None)
        basic = next((e.value for e in shown.extensions if isinstance(e.value, x509.BasicConstraints)), None)
    except (ValueError, x509.DuplicateExtension):
        return (), False
    names = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    told = tuple(name.replace("_", "-") for name in names if usage is not None and getattr(usage, name))
    return told, bool(basic is not None and basic.ca)
