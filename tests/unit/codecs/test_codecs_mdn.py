"""Receipts as products really write them."""

import pytest

from gateway.codecs import mdn
from gateway.codecs.mime import Headers
from gateway.model.faults import PartnerFault


@pytest.mark.parametrize(
    ("text", "good", "kind", "modifier"),
    [
        ("automatic-action/MDN-sent-automatically; processed", True, None, None),
        ("automatic-action/MDN-sent-automatically;processed", True, None, None),
        ("processed", True, None, None),
        ("automatic-action / MDN-sent-automatically ;  Processed / Warning : duplicate-document", True, "warning",
         "duplicate-document"),
        ("automatic-action/MDN-sent-automatically; processed/error: decryption-failed", False, "error",
         "decryption-failed"),
        ("automatic-action/MDN-sent-automatically; processed/Error:integrity-failed", False, "error",
         "integrity-failed"),
        ("automatic-action/MDN-sent-automatically; failed/failure: unsupported format", False, "failure",
         "unsupported format"),
        ("automatic-action/MDN-sent-automatically; failed", False, None, None),
        ("automatic-action/MDN-sent-automatically; deleted", False, None, None),
    ],
)  # fmt: skip
def test_dispositions_are_read_as_written(text: str, good: bool, kind: str | None, modifier: str | None) -> None:
    found = mdn.Disposition.read(text)
    assert (found.is_good, found.kind, found.modifier) == (good, kind, modifier)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7v7F++fQaNB1sVLFtMRp+dF+eG4=, sha1", "7v7F++fQaNB1sVLFtMRp+dF+eG4=, sha-1"),
        ("AAAA,SHA-256", "AAAA, sha-256"),
        ("AAAA\r\n BBBB= , sha512", "AAAABBBB=, sha-512"),
        ("AAAA, rsa-sha256", "AAAA, sha-256"),
        ("AAAA", None),
        (", sha1", None),
        ("AAAA, md5", None),
    ],
)
def test_a_mic_is_compared_by_value_and_algorithm_however_spelled(text: str, expected: str | None) -> None:
    found = mdn.Mic.read(text)
    assert (str(found) if found else None) == expected


def test_an_unsigned_receipt_can_be_read_back() -> None:
    built = mdn.build(
        original_message_id="<a b@x>",
        recipient="their id",
        disposition=mdn.failed("decryption-failed"),
        mic=None,
        explanation="Sorry, 抱歉.",
        identity=None,
    )
    found = mdn.parse(Headers(built.headers), built.body, [])
    assert found.original_message_id == "<a b@x>"
    assert found.recipient == "their id"
    assert str(found.disposition) == "automatic-action/MDN-sent-automatically; processed/error: decryption-failed"
    assert found.explanation == "Sorry, 抱歉."
    assert (found.mic, found.signer) == (None, None)


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", b"processed"),
        ("multipart/report; boundary=b", b"--b\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b--\r\n"),
        (
            "multipart/report; boundary=b",
            b"--b\r\nContent-Type: message/disposition-notification\r\n\r\nX: y\r\n\r\n--b--\r\n",
        ),
        ("multipart/signed; boundary=b", b"--b\r\n\r\nonly one part\r\n--b--\r\n"),
    ],
)  # fmt: skip
def test_what_is_no_receipt_is_refused(content_type: str, body: bytes) -> None:
    with pytest.raises(PartnerFault, match=r"as2\.receipt-unreadable"):
        mdn.parse(Headers((("Content-Type", content_type),)), body, [])
