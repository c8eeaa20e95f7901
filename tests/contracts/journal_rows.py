"""Rows for the journal's tests: short to write, whole in form."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from gateway.model.payload import MemoryPayload
from gateway.ports.records import Arrival, LaneClaim, NewInterchange, NewMessage, NewParcel
from gateway.store import tables
from gateway.store.journal import SqlJournal

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEASE = timedelta(minutes=3)
_serials = count(1)


def new_id(prefix: str = "id") -> str:
    return f"{prefix}-{next(_serials)}"


def an_arrival(data: bytes = b"UNB+UNOC:3'", **changes: Any) -> Arrival:
    fields: dict[str, Any] = {"id": new_id("arrival"), "channel": "as2", "partner": "retailer"} | changes
    return Arrival(payload=MemoryPayload(data), **fields)


def a_message(**changes: Any) -> NewMessage:
    fields: dict[str, Any] = {"id": new_id("message"), "position": 0, "state": "parsed", "type": "ORDERS"}
    return NewMessage(**(fields | changes))


def an_interchange(**changes: Any) -> NewInterchange:
    fields: dict[str, Any] = {"syntax": "edifact", "sender": "S", "receiver": "R", "reference": "7", "test": False}
    return NewInterchange(**(fields | {"status": "accepted"} | changes))


def a_parcel(**changes: Any) -> NewParcel:
    fields: dict[str, Any] = {
        "id": new_id("parcel"),
        "partner": "retailer",
        "channel": "as2",
        "mapping": "eancom-1997/ORDRSP",
        "document_type": "OrderResponse",
        "payload": b"UNB+answer'",
        "content_type": "application/edifact",
        "filename": "answer.edi",
    }
    return NewParcel(**(fields | changes))


class Steps:
    """The pipeline's steps on a journal, in one line each."""

    def __init__(self, journal: SqlJournal) -> None:
        self.journal = journal

    def accept(self, arrival: Arrival, lane: str = "retailer") -> str:
        return self.journal.write(lambda tx: tx.add_arrival(arrival, lane, NOW)).arrival_id

    def claim(self, lane: str = "retailer", owner: str = "node-1", now: datetime = NOW) -> LaneClaim:
        claim = self.journal.write(lambda tx: tx.claim_lane(lane, owner, now, LEASE))
        assert claim is not None
        return claim

    def prepared(self, *messages: NewMessage, arrival: Arrival | None = None, state: Any = "parsed") -> LaneClaim:
        """Accept an arrival and store messages as what prepare found in it."""
        arrival_id = self.accept(arrival or an_arrival())
        claim = self.claim()
        self.journal.write(lambda tx: tx.store_prepared(claim, arrival_id, state, [], messages, NOW))
        return claim

    def applied(self, message: NewMessage, *parcels: NewParcel) -> None:
        """Apply a message that causes parcels (their cause must be its id)."""
        claim = self.prepared(message)
        self.journal.write(lambda tx: tx.add_parcels(parcels, NOW))
        self.journal.write(lambda tx: tx.finish_message(claim, message.id, "applied", NOW))


def rows(journal: SqlJournal, table: str, **equal: object) -> list[Mapping[str, Any]]:
    """Return the rows of a table as they stand."""
    source = tables.metadata.tables[table]
    wanted = select(source).where(*(source.c[name] == value for name, value in equal.items()))
    return journal.read(lambda tx: [dict(row) for row in tx.connection.execute(wanted).mappings()])  # type: ignore[attr-defined]


def state_of(journal: SqlJournal, table: str, key: str) -> str:
    (row,) = rows(journal, table, id=key)
    return str(row["state"])


def timeline(journal: SqlJournal, subject: str) -> list[str]:
    return [str(row["what"]) for row in rows(journal, "event", subject=subject)]
