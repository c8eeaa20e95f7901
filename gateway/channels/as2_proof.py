"""The partner's receipt: what it must be to prove that our message arrived.

Source: RFC 4130 section 7.
"""

from gateway.channels.as2_line import Line
from gateway.channels.outbound import Answer
from gateway.codecs import mdn
from gateway.codecs.mime import Headers
from gateway.model.faults import NetworkFault, PartnerFault
from gateway.ports.records import Wrapped


def raw_receipt(headers: Headers, body: bytes) -> bytes:
    """Return the receipt as evidence: the header lines as they came, then the body."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.fields)
    return lines.encode("utf-8", "replace") + b"\r\n" + body


def checked_receipt(answer: Answer, wrapped: Wrapped, line: Line) -> dict[str, str]:
    """Return the facts of a receipt that came on the same connection and proves delivery of wrapped.

    Raises NetworkFault as2.receipt-missing; PartnerFault as2.receipt-unreadable, what a wrong signature raises, and
    what judged raises."""
    headers = Headers(answer.headers)
    if headers.content_type not in ("multipart/signed", "multipart/report"):
        raise NetworkFault("as2.receipt-missing", value=headers.content_type, status=str(answer.status))
    return judged(mdn.parse(headers, answer.body, line.pinned, line.protection.digests), wrapped, line)


def judged(found: mdn.Mdn, wrapped: Wrapped, line: Line) -> dict[str, str]:
    """Return the facts of a receipt that proves delivery of wrapped.

    Raises PartnerFault as2.receipt-unsigned, as2.receipt-stranger, as2.disposition-error, as2.mic-mismatch."""
    if line.receipt.is_signed and found.signer is None:
        raise PartnerFault("as2.receipt-unsigned", value=str(found.disposition))
    if bare_id(found.original_message_id) != bare_id(wrapped.transport_id):
        raise PartnerFault("as2.receipt-stranger", value=found.original_message_id)
    facts = {
        "disposition": str(found.disposition),
        "explanation": found.explanation[:500],
        "mic": str(found.mic or ""),
        "signer": found.signer.fingerprint if found.signer else "",
    }
    if found.disposition.is_good and found.disposition.is_duplicate and found.signer is not None and found.mic is None:
        return facts  # signed by the partner for this very Message-ID: an earlier attempt had arrived
    if not found.disposition.is_good:
        raise PartnerFault("as2.disposition-error", value=str(found.disposition), text=found.explanation[:200])
    sent = mdn.Mic.read(wrapped.mic or "")
    if line.receipt.is_signed and (found.mic is None or found.mic != sent):
        raise PartnerFault("as2.mic-mismatch", value=str(found.mic or "-"), sent=wrapped.mic or "-")
    return facts


def bare_id(message_id: str) -> str:
    return message_id.strip().removeprefix("<").removesuffix(">")
