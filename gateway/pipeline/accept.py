"""Accept: keep the bytes, drop repeats. One transaction; only after its commit may a channel say "received"."""

from datetime import datetime

from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.ports.records import Accepted, Arrival


def lane_of(partner: str) -> str:
    """Return the lane in which a partner's documents keep their order."""
    return partner


def accept(tx: Tx, book: Book, arrival: Arrival, now: datetime) -> Accepted:
    """Keep arrival. A second call with the same dedupe key and bytes changes nothing and gives the first receipt.

    Raises OurFault partner.unknown when the channel named a partner that is no longer defined.
    """
    accepted = tx.add_arrival(arrival, lane_of(book.partner(arrival.partner).id), now)
    if arrival.answers and accepted.outcome == "new":
        tx.add_parcels(arrival.answers, now)
    elif arrival.answers and accepted.outcome == "repeat":
        tx.send_again(accepted.arrival_id, arrival.answers[0].mapping, now)
    return accepted
