"""The list of messages: received messages, parcels we send and arrivals without a message, as one list by time.

Each of the three tables is asked for one page by its own (time, id) index; the pages are merged. No OFFSET, no sort
over a whole table, counts stop at a cap.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, literal, or_, select, tuple_

from gateway.store import tables as t
from gateway.store.forms import moment
from gateway.store.view_reading import contains, optional_finding, read_cursor, write_cursor
from gateway.store.view_rows import STATE_GROUPS, Count, MessageFilter, MessageLine, MessagePage
from gateway.store.view_search import Hits, hits_of


def message_columns() -> Select[Any]:
    return select(
        t.message.c.id,
        literal("message").label("kind"),
        literal("in").label("direction"),
        t.message.c.received_at.label("at"),
        t.message.c.partner,
        t.message.c.channel,
        t.message.c.type,
        t.message.c.document_type,
        t.message.c.business_number,
        t.message.c.reference,
        t.arrival.c.filename,
        t.message.c.state,
        t.message.c.fault,
        t.message.c.test,
    ).join_from(t.message, t.arrival, t.message.c.arrival == t.arrival.c.id)


def parcel_columns() -> Select[Any]:
    return select(
        t.parcel.c.id,
        literal("parcel").label("kind"),
        literal("out").label("direction"),
        t.parcel.c.created_at.label("at"),
        t.parcel.c.partner,
        t.parcel.c.channel,
        t.parcel.c.mapping.label("type"),
        t.parcel.c.document_type,
        t.parcel.c.business_number,
        t.parcel.c.control_reference.label("reference"),
        t.parcel.c.filename,
        t.parcel.c.state,
        t.parcel.c.fault,
        t.parcel.c.test,
    )


def arrival_columns() -> Select[Any]:
    return select(
        t.arrival.c.id,
        literal("arrival").label("kind"),
        literal("in").label("direction"),
        t.arrival.c.received_at.label("at"),
        t.arrival.c.partner,
        t.arrival.c.channel,
        literal("?").label("type"),
        literal(None).label("document_type"),
        literal(None).label("business_number"),
        literal(None).label("reference"),
        t.arrival.c.filename,
        t.arrival.c.state,
        t.arrival.c.fault,
        t.arrival.c.test,
    ).where(~select(t.message.c.id).where(t.message.c.arrival == t.arrival.c.id).exists())


def line_from(row: Row[Any]) -> MessageLine:
    values = row._mapping
    return MessageLine(
        **{key: values[key] for key in values if key not in ("at", "type", "test", "fault")},
        at=moment(values["at"]),
        type=values["type"].rpartition("/")[2],  # of a parcel: family/TYPE
        fault=optional_finding(values["fault"]),
        test=bool(values["test"]),
    )


def _common(table: Any, wanted: MessageFilter) -> list[ColumnElement[bool]]:
    """The conditions that all three tables share."""
    found: list[ColumnElement[bool]] = []
    if wanted.state:
        found.append(table.c.state.in_(STATE_GROUPS.get(wanted.state, (wanted.state,))))
    if wanted.partner:
        found.append(table.c.partner == wanted.partner)
    if wanted.test is not None:
        found.append(table.c.test == wanted.test)
    return found


def _branches(wanted: MessageFilter, hits: Hits | None) -> Iterable[tuple[Select[Any], Any, Any]]:
    """Yield (query, time column, id column) for each table that can hold what is wanted. hits: of the filter's text."""
    if wanted.direction != "out":
        found = _common(t.message, wanted)
        if hits is not None:
            own, whole = hits.among("message", t.message.c.id), hits.among("arrival", t.message.c.arrival)
            found.append(or_(own, whole))
        if wanted.type:
            found.append(or_(t.message.c.type == wanted.type, t.message.c.document_type == wanted.type))
        yield message_columns().where(*found), t.message.c.received_at, t.message.c.id
    if wanted.direction != "in":
        found = _common(t.parcel, wanted)
        if hits is not None:
            found.append(or_(hits.among("parcel", t.parcel.c.id), t.parcel.c.transport_id == hits.text))
        if wanted.type:
            as_sent = t.parcel.c.mapping.like("%/" + contains(wanted.type)[1:-1], escape="\\")
            found.append(or_(as_sent, t.parcel.c.document_type == wanted.type))
        yield parcel_columns().where(*found), t.parcel.c.created_at, t.parcel.c.id
    if wanted.direction != "out" and not wanted.type:
        found = _common(t.arrival, wanted)
        if hits is not None:
            found.append(hits.among("arrival", t.arrival.c.id))
        yield arrival_columns().where(*found), t.arrival.c.received_at, t.arrival.c.id


def hits_for(connection: Connection, wanted: MessageFilter) -> Hits | None:
    """Return what the filter's text finds; None without a text."""
    text = (wanted.text or "").strip()
    return hits_of(connection, text) if text else None


def page_of(
    connection: Connection, wanted: MessageFilter, cursor: str | None, limit: int, older: Iterable[Connection] = ()
) -> MessagePage:
    """older: of archives that hold what the filter's text finds."""
    before = read_cursor(cursor) if cursor else None
    rows: list[Row[Any]] = []
    hits = hits_for(connection, wanted)
    for each in (connection, *older):
        rows = _newest(each, wanted, hits, before, limit, rows)
    shown = rows[:limit]
    more = len(rows) > limit
    return MessagePage(
        lines=tuple(line_from(row) for row in shown),
        next=write_cursor(shown[-1].at, shown[-1].id) if more else None,
    )


def _newest(
    connection: Connection,
    wanted: MessageFilter,
    hits: Hits | None,
    before: tuple[int, str] | None,
    limit: int,
    rows: list[Row[Any]],
) -> list[Row[Any]]:
    """Add to rows, the newest first, what this database holds of one page and a row more."""
    for query, at, row_id in _branches(wanted, hits):
        if len(rows) > limit:  # older rows of this table cannot be on the page: do not look for them
            query = query.where(at >= rows[limit].at)
        if before is not None:
            query = query.where(tuple_(at, row_id) < before)
        rows += connection.execute(query.order_by(at.desc(), row_id.desc()).limit(limit + 1))
        rows.sort(key=lambda row: (row.at, row.id), reverse=True)
    return rows


def count_of(connection: Connection, wanted: MessageFilter, cap: int) -> Count:
    total = 0
    for query, _, row_id in _branches(wanted, hits_for(connection, wanted)):
        if total > cap:
            break
        inner = query.with_only_columns(row_id, maintain_column_froms=True).limit(cap + 1).subquery()
        total += connection.execute(select(func.count()).select_from(inner)).scalar_one()
    return Count(value=min(total, cap), capped=total > cap)


def lines_where(connection: Connection, query: Select[Any], limit: int) -> tuple[MessageLine, ...]:
    return tuple(line_from(row) for row in islice(connection.execute(query.limit(limit)), limit))


class MessageViews:
    """The list, over a read connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def messages(self, wanted: MessageFilter, cursor: str | None = None, limit: int = 50) -> MessagePage:
        """Return one page, newest first. Raises OurFault api.bad-cursor."""
        with self._engine.connect() as connection:
            return page_of(connection, wanted, cursor, limit)

    def count_messages(self, wanted: MessageFilter, cap: int = 10_000) -> Count:
        with self._engine.connect() as connection:
            return count_of(connection, wanted, cap)

    def open_work(self) -> int:
        """Arrivals and messages not yet finished and parcels not yet out; what waits for a person does not count."""
        arrivals = t.arrival.c.state.in_(("received", "retry"))
        messages = t.message.c.state.in_(("received", "parsed", "retry"))
        parcels = t.parcel.c.state.in_(("queued", "wrapped", "sending", "retry"))
        with self._engine.connect() as connection:
            return sum(
                connection.execute(select(func.count()).select_from(table).where(and_(condition))).scalar_one()
                for table, condition in ((t.arrival, arrivals), (t.message, messages), (t.parcel, parcels))
            )
