"""Receipts that we give: made and signed before anything is stored, sent on the same connection or on one of their own.

A receipt with a connection of its own is a parcel like others: queued in the transaction that keeps the arrival, sent
and tried again by the same rules, and never made twice.
Source: RFC 4130 section 7.
"""

from dataclasses import dataclass

from gateway.channels.as2_line import Line
from gateway.codecs import mdn
from gateway.codecs.as2 import AS2_VERSION, EXPLANATIONS, FEATURES, Addressing, Opened, modifier, write_id
from gateway.codecs.mime import header_block, read_header_block, split_entity
from gateway.model.faults import Fault, OurFault
from gateway.model.payload import Payload
from gateway.ports.records import NewParcel, Receipt, Wrapped

RECEIPT_MAPPING = "as2/MDN"
TARGET = ":url"  # pseudo field of what is sent elsewhere than to the partner's usual address; never on the wire
_MEDIA_TYPE = "message/http"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one request gets: the HTTP answer, and the receipt that follows on its own connection, if any."""

    receipt: Receipt
    parcels: tuple[NewParcel, ...] = ()


def headers_of(addressing: Addressing, message_id: str) -> tuple[tuple[str, str], ...]:
    """Return the header fields of a receipt: sender and receiver of what it acknowledges change places."""
    return (
        ("AS2-Version", AS2_VERSION),
        ("EDIINT-Features", FEATURES),
        ("AS2-From", write_id(addressing.receiver)),
        ("AS2-To", write_id(addressing.sender)),
        ("Message-ID", message_id),
        ("MIME-Version", "1.0"),
    )


def verdict(addressing: Addressing, opened: Opened | None, fault: Fault | None) -> tuple[mdn.Disposition, str]:
    """Return the disposition and its explanation."""
    if opened is None:
        told = modifier(fault) if fault else "unexpected-processing-error"
        return mdn.failed(told), EXPLANATIONS[told]
    if addressing.receipt.unsupported:
        told = addressing.receipt.unsupported
        return mdn.failed(told), EXPLANATIONS[told]
    return mdn.PROCESSED, "The message was received and kept."


class Receipts:
    """Makes the answers. instance: right side of their Message-IDs; parcel ids are made from the arrival's id."""

    def __init__(self, instance: str) -> None:
        self._instance = instance

    def answer(
        self,
        addressing: Addressing,
        line: Line,
        arrival_id: str,
        opened: Opened | None,
        fault: Fault | None,
        *,
        partner: str,
        over: str,
        parcel_id: str,
    ) -> Answer:
        """Return the receipt as asked for, or an empty 200 when none was."""
        wish = addressing.receipt
        if not wish.wanted:
            return Answer(receipt=Receipt(status=200, headers=(), body=b""))
        disposition, text = verdict(addressing, opened, fault)
        built = mdn.build(
            original_message_id=addressing.message_id,
            recipient=addressing.receiver,
            disposition=disposition,
            mic=opened.mic if opened else None,
            explanation=text,
            identity=line.identity if wish.signed else None,
            digest_name=wish.algorithm,
        )
        headers = (*headers_of(addressing, f"<{arrival_id}.mdn@{self._instance}>"), *built.headers)
        is_authentic = opened is not None and opened.signer is not None
        target = line.receipt_target(wish.async_url, is_authentic=is_authentic) if wish.async_url else None
        if target is None:
            return Answer(receipt=Receipt(status=200, headers=headers, body=built.body))
        parcel = NewParcel(
            id=parcel_id,
            partner=partner,
            channel=over,
            mapping=RECEIPT_MAPPING,
            document_type="Receipt",
            payload=header_block([(TARGET, target), *headers]) + built.body,
            content_type=_MEDIA_TYPE,
            filename="receipt.http",
            cause=arrival_id,
            about=addressing.message_id,
        )
        return Answer(receipt=Receipt(status=200, headers=(), body=b""), parcels=(parcel,))

    def unknown(self, addressing: Addressing, answer_id: str) -> Receipt:
        """Return an unsigned refusal for who is not known (RFC 4130 section 6.2)."""
        told = "unknown-trading-relationship"
        if addressing.sender == addressing.receiver:
            told = "sender-equals-receiver"
        built = mdn.build(
            original_message_id=addressing.message_id,
            recipient=addressing.receiver,
            disposition=mdn.failed(told),
            mic=None,
            explanation=EXPLANATIONS[told],
            identity=None,
        )
        headers = (*headers_of(addressing, f"<{answer_id}.mdn@{self._instance}>"), *built.headers)
        return Receipt(status=200, headers=headers, body=built.body)


def wrapped_receipt(payload: Payload, parcel_id: str) -> Wrapped:
    """Return a queued receipt as it goes over the wire: what was signed with the arrival, byte for byte.

    Raises OurFault parcel.bug when the payload is none."""
    head, body = split_entity(payload.chunks())
    line, _, rest = head.partition(b"\r\n")
    name, _, target = line.decode("utf-8").partition(": ")
    if name != TARGET or not target:
        raise OurFault("parcel.bug", value=parcel_id)
    headers = read_header_block(rest)
    return Wrapped(
        headers=((TARGET, target), *headers.fields),
        body=b"".join(body),
        transport_id=headers.get("message-id"),
    )
