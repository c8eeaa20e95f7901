"""Arrivals that the gateway makes itself: planning requests and people's decisions on proposals.

They take the same way as a partner's documents: kept, prepared, applied, on the lane of our own company.
"""

from datetime import datetime
from hashlib import sha256

from gateway.app.ids import uuid7
from gateway.model.documents import Document
from gateway.model.json_form import dumps
from gateway.model.payload import MemoryPayload
from gateway.pipeline.accept import accept
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.ports.records import Accepted, Arrival

OWN = "self"


def internal_key(document_type: str, number: str) -> str:
    """Return the key by which a document of our own making is taken once."""
    return sha256(f"internal:{document_type}:{number}".encode()).hexdigest()


def accept_internal(tx: Tx, book: Book, document: Document, now: datetime) -> Accepted:
    """Accept a document of our own making; the same id a second time is a repeat."""
    payload = MemoryPayload(dumps(document).encode())
    arrival = Arrival(
        id=uuid7(now),
        channel="internal",
        partner=OWN,
        payload=payload,
        content_type="application/json",
        dedupe_key=internal_key(type(document).__name__, document.id),
    )
    return accept(tx, book, arrival, now)
