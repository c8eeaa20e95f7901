"""The partner's receipt: what it must be to prove that our message arrived.

Source: RFC 4130 section 7.
"""

from gateway.channels.as2_line import Line
from gateway.channels.outbound import Answer
from gateway.codecs import mdn
from gateway.codecs.mime import Headers
from gateway.model.faults import NetworkFault, PartnerFault
from gateway.ports.records import Wrapped


def raw_receipt(answer: Answer) -> bytes:
    """Return the receipt as evidence: the header lines that matter for reading it again, then the body."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
    return lines.encode("utf-8", "replace") + b"\r\n" + answer.body


def checked_receipt(answer: Answer, wrapped: Wrapped, line: Line) -> dict[str, str]:
    """Return the facts of a receipt that proves delivery of wrapped.

    Raises NetworkFault as2.receipt-missing; PartnerFault as2.receipt-unreadable, as2.receipt-unsigned,
    as2.receipt-stranger, as2.disposition-error, as2.mic-mismatch, and what a wrong signature raises."""
    headers = Headers(answer.headers)
    if headers.content_type not in ("multipart/signed", "multipart/report"):
        raise NetworkFault("as2.receipt-missing", value=headers.content_type, status=str(answer.status))
    found = mdn.parse(headers, answer.body, line.pinned)
    if line.receipt == "signed-sync" and found.signer is None:
        raise PartnerFault("as2.receipt-unsigned", value=str(found.disposition))
    if _bare(found.original_message_id) != _bare(wrapped.transport_id):
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
    if line.receipt == "signed-sync" and (found.mic is None or found.mic != sent):
        raise PartnerFault("as2.mic-mismatch", value=str(found.mic or "-"), sent=wrapped.mic or "-")
    return facts


def _bare(message_id: str) -> str:
    return message_id.strip().removeprefix("<").removesuffix(">")
