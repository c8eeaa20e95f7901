"""Sending a file as it is: to a partner, over the channel that is agreed, by the same deliveries as everything else."""

import re
from pathlib import Path

from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.model.faults import OurFault
from gateway.model.partner import Partner
from gateway.ports.journal import Tx
from gateway.ports.records import NewParcel

FILE_MAPPING = "file/as-is"
_SNIFFED = (
    (re.compile(rb"\s*(UNA|UNB)"), "application/EDIFACT"),
    (re.compile(rb"\s*ISA"), "application/EDI-X12"),
    (re.compile(rb"(\xef\xbb\xbf)?\s*<"), "application/xml"),
    (re.compile(rb"\s*[{\[]"), "application/json"),
)


def content_type_of(data: bytes) -> str:
    """Return the media type by the first bytes; octet-stream when they say nothing."""
    return next((name for pattern, name in _SNIFFED if pattern.match(data)), "application/octet-stream")


def channel_for(partner: Partner, over: str | None) -> str:
    """Return the key of the channel to send over: the one asked for, or the partner's first.

    Raises OurFault parcel.no-channel."""
    chosen = over or next(iter(partner.channels), "")
    if chosen not in partner.channels:
        raise OurFault("parcel.no-channel", value=chosen, partner=partner.id)
    return chosen


def send_file(instance: Instance, path: Path, partner_id: str, user: str, over: str | None = None) -> str:
    """Queue a file for a partner and return the parcel's id; a running server sends it within a second.

    Raises OurFault partner.unknown, parcel.no-channel, parcel.too-large."""
    partner = instance.book.partner(partner_id)
    limit = instance.settings.limits.payload_max_bytes
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise OurFault("parcel.too-large", value=path.name, limit=str(limit))
    now = instance.clock.now()
    parcel = NewParcel(
        id=uuid7(now),
        partner=partner.id,
        channel=channel_for(partner, over),
        mapping=FILE_MAPPING,
        document_type="File",
        payload=data,
        content_type=content_type_of(data[:200]),
        filename=path.name[:120],
        test=partner.mode == "test",
    )

    def work(tx: Tx) -> None:
        tx.add_parcels([parcel], now)
        tx.audit(user, "parcel.send-file", parcel.id, None, path.name[:120], now)

    instance.journal.write(work)
    return parcel.id
