"""Certificates in files that are not quite right."""

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gateway.codecs.cms.containers import read_container
from gateway.codecs.cms.identity import load_certificates
from gateway.model.faults import OurFault

KEY = generate_private_key(SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Nordkorn")])
SHOWN = (
    x509.CertificateBuilder()
    .subject_name(NAME)
    .issuer_name(NAME)
    .public_key(KEY.public_key())
    .serial_number(7)
    .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
    .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC))
    .sign(KEY, SHA256())
)
DER = SHOWN.public_bytes(Encoding.DER)
VERSION = b"\xa0\x03\x02\x01\x02"  # [0] EXPLICIT version 3


@pytest.mark.parametrize("behind", [b"", b"\n", b"\r\n"])
def test_a_line_end_behind_a_certificate_does_not_matter(behind: bytes) -> None:
    (found,) = read_container(DER + behind)
    assert (found.name, found.serial) == ("Nordkorn", "7")


@pytest.mark.parametrize(
    "data",
    [
        DER[:-3],
        DER.replace(VERSION, VERSION[:-1] + b"\x09"),
        b"-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n",
    ],
    ids=["cut", "version", "base64"],
)
def test_what_cannot_be_read_is_said_to_be_no_certificate(data: bytes) -> None:
    with pytest.raises(OurFault) as caught:
        read_container(data)
    assert caught.value.code == "keys.bad-certificate"


def test_base64_that_ends_too_early_is_no_certificate() -> None:
    with pytest.raises(OurFault) as caught:
        load_certificates(b"-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n")
    assert caught.value.code == "keys.bad-certificate"
