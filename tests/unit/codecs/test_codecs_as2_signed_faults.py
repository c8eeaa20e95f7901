"""What a signed content that cannot be decompressed is answered with: its signer may know, nobody else."""

import random
import zlib
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from gateway.codecs.as2 import Protection, modifier, open_message
from gateway.codecs.cms.algorithms import COMPRESSED_DATA, DATA, DIGESTS, ZLIB
from gateway.codecs.cms.ber import OCTET_STRING, SEQUENCE, context, integer, tlv
from gateway.codecs.cms.enveloped import encrypt
from gateway.codecs.cms.identity import Identity, load_identity
from gateway.codecs.cms.signed import sign
from gateway.codecs.mdn import signed_entity
from gateway.codecs.mime import Headers
from gateway.model.faults import PartnerFault
from gateway.store.keys import FileKeys

COMPRESSED_HEAD = b"Content-Type: application/pkcs7-mime; smime-type=compressed-data\r\n\r\n"
ENVELOPED = Headers((("Content-Type", "application/pkcs7-mime; smime-type=enveloped-data"),))


@cache
def identity(name: str) -> Identity:
    with TemporaryDirectory() as folder:
        pair = FileKeys(Path(folder), passphrase=b"x").create_own("self", name, datetime(2026, 11, 21, tzinfo=UTC))
    return load_identity(pair.private_pem, pair.certificate_pem)


def dice(count: int) -> bytes:
    return random.Random(count).randbytes(count)


def broken_part() -> bytes:
    packed = bytearray(zlib.compress(b"Content-Type: text/plain\r\n\r\n" + b"LIN+1'" * 500))
    packed[len(packed) // 2] ^= 0xFF
    inner = tlv(SEQUENCE, DATA, tlv(context(0), tlv(OCTET_STRING, bytes(packed))))
    outer = tlv(SEQUENCE, integer(0), tlv(SEQUENCE, ZLIB), inner)
    return COMPRESSED_HEAD + tlv(SEQUENCE, COMPRESSED_DATA, tlv(context(0), outer))


def refusal(part: bytes, signed: bytes, signer: str = "alpha") -> PartnerFault:
    """Return the fault of part, encrypted, with a signature over signed."""
    signature = sign(sha256(signed).digest(), DIGESTS["sha-256"], identity(signer))
    built = signed_entity(part, signature, "sha-256", "edge")
    entity = b"Content-Type: " + built.headers[0][1].encode() + b"\r\n\r\n" + built.body
    body = encrypt([entity], [identity("beta").certificate], dice)
    with pytest.raises(PartnerFault) as refused:
        open_message(
            ENVELOPED,
            body,
            identities=[identity("beta")],
            pinned=[identity("alpha").certificate],
            protection=Protection(),
            random=dice,
        )
    return refused.value


def test_the_signer_of_a_content_that_cannot_be_decompressed_is_told_so() -> None:
    part = broken_part()
    fault = refusal(part, part)
    assert (fault.code, modifier(fault)) == ("as2.decompression-failed", "decompression-failed")


@pytest.mark.parametrize(
    ("signed", "signer"), [(b"other bytes", "alpha"), (broken_part(), "mallory")], ids=["changed", "stranger"]
)
def test_who_has_not_signed_it_learns_nothing_of_the_compression(signed: bytes, signer: str) -> None:
    fault = refusal(broken_part(), signed, signer)
    assert fault.code in ("as2.digest-mismatch", "as2.signer-unknown")
    assert modifier(fault) == "decryption-failed"
