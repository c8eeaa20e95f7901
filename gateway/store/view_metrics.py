"""Figures for monitoring: what has happened since the last look, and what waits now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, and_, func, literal, select

from gateway.store import tables as t
from gateway.store.forms import micros, moment

EVENTS_AT_ONCE = 20_000  # a look after a long pause takes several


@dataclass(frozen=True, slots=True)
class Happened:
    """How often one thing happened to messages (in) or parcels (out) of one kind; seconds: from coming in to it, all
    together."""

    direction: str
    partner: str
    channel: str
    type: str
    what: str
    count: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """queue: arrivals, messages, parcels (the gateway's own work), attention (waits for a person)."""

    queue: str
    count: int
    oldest_at: datetime | None


_OPEN = {
    "arrivals": (t.arrival, t.arrival.c.state.in_(("received", "retry")), t.arrival.c.received_at),
    "messages": (t.message, t.message.c.state.in_(("received", "parsed", "retry")), t.message.c.received_at),
    "parcels": (t.parcel, t.parcel.c.state.in_(("queued", "wrapped", "sending", "retry")), t.parcel.c.created_at),
    "attention": (t.message, t.message.c.state.in_(("parked", "quarantined", "held")), t.message.c.received_at),
}


class MetricViews:
    """What /metrics tells: events as they are written, and what stands open."""

    _engine: Engine

    def happened(self, after: int) -> tuple[int, tuple[Happened, ...]]:
        """Return what happened in the events after that number, and the number of the last one looked at."""
        columns, found = t.event.c, []
        with self._engine.connect() as connection:
            newest = select(columns.id).where(columns.id > after).order_by(columns.id).limit(EVENTS_AT_ONCE)
            last = connection.execute(select(func.max(newest.subquery().c.id))).scalar_one() or after
            span = and_(columns.id > after, columns.id <= last)
            for direction, table, kind, came in (
                ("in", t.message, t.message.c.type, t.message.c.received_at),
                ("out", t.parcel, t.parcel.c.document_type, t.parcel.c.created_at),
            ):
                by = (table.c.partner, table.c.channel, func.coalesce(kind, literal("?")).label("type"), columns.what)
                query = (
                    select(*by, func.count().label("number"), func.sum(columns.at - came).label("passed"))
                    .join_from(t.event, table, table.c.id == columns.subject)
                    .where(span)
                    .group_by(*by)
                )
                for row in connection.execute(query):
                    passed = max(0.0, float(row.passed or 0) / 1_000_000)
                    found.append(Happened(direction, row.partner, row.channel, row.type, row.what, row.number, passed))
        return last, tuple(found)

    def waiting(self) -> tuple[Waiting, ...]:
        with self._engine.connect() as connection:
            found = []
            for queue, (table, condition, came) in _OPEN.items():
                query = select(func.count().label("number"), func.min(came).label("oldest"))
                row = connection.execute(query.select_from(table).where(condition)).one()
                found.append(Waiting(queue, row.number, moment(row.oldest) if row.oldest else None))
            return tuple(found)

    def overdue(self, now: datetime) -> tuple[tuple[str, int], ...]:
        """Return how many documents that partners owe are overdue, by document type."""
        columns = t.expectation.c
        late = and_(columns.state.in_(("waiting", "overdue")), columns.due < micros(now))
        query = select(columns.document_type, func.count()).where(late).group_by(columns.document_type)
        with self._engine.connect() as connection:
            return tuple((row[0], row[1]) for row in connection.execute(query))
