"""Accept: keep the bytes, drop repeats. One transaction; only after its commit may a channel say "received".

A lane is what keeps its order: by default all documents of a partner; with `order_per: type` each document type of the
partner by itself. `order: strict` holds the lane behind a message that failed until it is mended or skipped; `loose`
lets it step aside; `none` spreads the partner's documents over several lanes that are worked off side by side.
"""

from collections.abc import Sequence
from datetime import datetime
from zlib import crc32

from gateway.model.partner import Partner
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.ports.records import Accepted, Arrival

UNORDERED_LANES = 8


def lane_of(partner: Partner, arrival_id: str) -> str:
    """Return the lane in which an arrival waits to be read."""
    if partner.order != "none":
        return partner.id
    return f"{partner.id}~{crc32(arrival_id.encode()) % UNORDERED_LANES}"


def message_lane(partner: Partner, message_type: str, arrival_lane: str) -> str:
    """Return the lane in which a message of an arrival waits to be applied."""
    if partner.order != "none" and partner.order_per == "type":
        return f"{partner.id}/{message_type}"
    return arrival_lane


def accept(tx: Tx, book: Book, arrival: Arrival, now: datetime) -> Accepted:
    """Keep arrival. A second call with the same dedupe key and bytes changes nothing and gives the first receipt.

    Raises OurFault partner.unknown when the channel named a partner that is no longer defined.
    """
    (accepted,) = accept_all(tx, book, [(arrival, now)])
    return accepted


def accept_all(tx: Tx, book: Book, arriving: Sequence[tuple[Arrival, datetime]]) -> list[Accepted]:
    """Keep several arrivals, each with the instant of its coming, in their order. See accept.

    All get the instant of the last one: they are kept together.
    """
    lanes = [(arrival, lane_of(book.partner(arrival.partner), arrival.id)) for arrival, _ in arriving]
    found = tx.add_arrivals(lanes, arriving[-1][1])
    for (arrival, now), accepted in zip(arriving, found, strict=True):
        if arrival.answers and accepted.outcome == "new":
            tx.add_parcels(arrival.answers, now)
        elif arrival.answers and accepted.outcome == "repeat":
            tx.send_again(accepted.arrival_id, arrival.answers[0].mapping, now)
    return found
