"""The content key: whatever is wrong with it, a random one takes its place and nothing tells."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from gateway.codecs.cms.algorithms import CIPHERS, RSA, with_null
from gateway.codecs.cms.ber import OCTET_STRING, SEQUENCE, context, integer, tlv
from gateway.codecs.cms.enveloped import _Keyring
from gateway.codecs.cms.identity import Certificate, Identity
from gateway.model.faults import PartnerFault

KEY = generate_private_key(public_exponent=65_537, key_size=1_024)
NAME = tlv(SEQUENCE)
US = Identity(
    certificate=Certificate(
        der=b"",
        issuer=NAME,
        serial=integer(1),
        key_identifier=None,
        public_key=KEY.public_key(),
        not_before=datetime(2026, 1, 1, tzinfo=UTC),
        not_after=datetime(2027, 1, 1, tzinfo=UTC),
    ),
    private_key=KEY,
)
AES_256 = CIPHERS["aes-256-cbc"]


def unwrap(wrapped: bytes) -> bytes:
    keyring = _Keyring([US])
    named = tlv(SEQUENCE, NAME, integer(1))
    keyring.read(tlv(SEQUENCE, integer(0), named, with_null(RSA), tlv(OCTET_STRING, wrapped)))
    assert keyring.is_ours
    return keyring.key(AES_256, lambda count: b"r" * count)


def test_a_good_content_key_is_used() -> None:
    assert unwrap(KEY.public_key().encrypt(b"k" * 32, PKCS1v15())) == b"k" * 32


@pytest.mark.parametrize("length", [0, 1, 16, 24, 31, 33, 100])
def test_a_content_key_of_another_length_is_replaced(length: int) -> None:
    assert unwrap(KEY.public_key().encrypt(b"k" * length, PKCS1v15())) == b"r" * 32


@pytest.mark.parametrize("wrapped", [b"", b"\0" * 128, b"\xff" * 128, b"x" * 127, b"x" * 129, b"x" * 5_000])
def test_a_content_key_that_cannot_be_unwrapped_is_replaced(wrapped: bytes) -> None:
    assert len(unwrap(wrapped)) == 32  # ours, or by chance one that RSA made up: neither opens anything


def agreement(originator: bytes, recipient: bytes, *ukm: bytes) -> bytes:
    return tlv(context(1), integer(3), originator, *ukm, with_null(RSA), tlv(SEQUENCE, recipient))


@pytest.mark.parametrize(
    "element",
    [
        agreement(tlv(context(0), tlv(context(1))), tlv(SEQUENCE, tlv(SEQUENCE, NAME, integer(1)))),
        agreement(tlv(context(0)), tlv(SEQUENCE, tlv(SEQUENCE, NAME, integer(1)), tlv(OCTET_STRING))),
        agreement(tlv(context(0), tlv(context(1))), tlv(SEQUENCE), tlv(context(1))),
    ],
    ids=["no-key", "no-originator", "empty-ukm"],
)
def test_a_recipient_with_parts_missing_is_malformed(element: bytes) -> None:
    with pytest.raises(PartnerFault) as caught:
        _Keyring([US]).read(element)
    assert caught.value.code == "as2.cms-malformed"
