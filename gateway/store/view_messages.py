"""The list of messages: received messages, parcels we send and arrivals without a message, as one list by time.

Each of the three tables is asked for one page by its own (time, id) index; the pages are merged. No OFFSET, no sort
over a whole table, counts stop at a cap.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    and_,
    false,
    func,
    literal,
    or_,
    select,
    text,
    true,
    tuple_,
)

from gateway.model.documents import DOCUMENTS
from gateway.store import tables as t
from gateway.store.forms import micros, moment
from gateway.store.view_reading import contains, optional_finding, read_cursor, write_cursor
from gateway.store.view_rows import ATTENTION, SELF, STATE_GROUPS, Count, MessageFilter, MessageLine, MessagePage
from gateway.store.view_search import Exact, Hits, exact, hits_of

_CANONICAL = {  # type on the wire (EDIFACT) -> the document that it becomes
    "ORDERS": "Order",
    "ORDCHG": "OrderChange",
    "ORDRSP": "OrderResponse",
    "DESADV": "DespatchAdvice",
    "RECADV": "ReceivingAdvice",
    "INVOIC": "Invoice",
    "REMADV": "RemittanceAdvice",
    "SLSRPT": "SalesReport",
    "INVRPT": "InventoryReport",
    "SLSFCT": "Forecast",
    "DELFOR": "DeliverySchedule",
    "PARTIN": "PartyInfo",
    "PRICAT": "PriceCatalogue",
    "CONTRL": "Acknowledgement",
    "APERAK": "Acknowledgement",
}
Older = Callable[[Collection[int]], Sequence[Connection]]  # archives that hold lines of these times (microseconds)


def message_columns() -> Select[Any]:
    """Select messages as lines of the list."""
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


def listed_messages() -> Select[Any]:
    """Return message_columns without the name of the file, which is asked for the lines that are shown: a join of two
    tables in monthly partitions costs more than the whole page."""
    columns = [each for each in message_columns().selected_columns if each.key != "filename"]
    return select(*columns, t.message.c.arrival, literal(None).label("filename"))


def parcel_columns() -> Select[Any]:
    """Select parcels as lines of the list."""
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
    """Select arrivals in which no message was found, as lines of the list."""
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
    ).where(text(f"arrival.{t.ARRIVAL_ALONE}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Branch:
    """One of the three tables of the list. type, document: the column on the wire and the canonical one, or None.
    sets: the states that its partial indexes hold, in the order in which the index names them."""

    table: Any
    at: Any
    columns: Select[Any]
    sets: tuple[tuple[str, ...], ...]
    states: frozenset[str]


def _all_branches() -> tuple[_Branch, ...]:
    return (
        _Branch(
            table=t.message,
            at=t.message.c.received_at,
            columns=listed_messages(),
            sets=(("parked", "quarantined", "held"), t.MESSAGE_UNFINISHED),
            states=frozenset((*t.MESSAGE_UNFINISHED, "done", "parked", "quarantined", "held")),
        ),
        _Branch(
            table=t.parcel,
            at=t.parcel.c.created_at,
            columns=parcel_columns(),
            sets=(("refused", "parked", "expired"), t.PARCEL_UNFINISHED),
            states=frozenset((*t.PARCEL_UNFINISHED, "acked", "accepted", "refused", "parked", "expired")),
        ),
        _Branch(
            table=t.arrival,
            at=t.arrival.c.received_at,
            columns=arrival_columns(),
            sets=(("parked", "quarantined"), ("received", "retry")),
            states=frozenset(("received", "retry", "parsed", "parked", "quarantined")),
        ),
    )


def line_from(row: Row[Any], names: Mapping[str, str | None] | None = None) -> MessageLine:
    """names: of the files, by arrival, for a row that names its arrival instead."""
    values = dict(row._mapping)
    arrival = values.pop("arrival", None)
    if arrival is not None:
        values["filename"] = (names or {}).get(arrival)
    return MessageLine(
        **{key: values[key] for key in values if key not in ("at", "type", "test", "fault")},
        at=moment(values["at"]),
        type=values["type"].rpartition("/")[2],  # of a parcel: family/TYPE
        fault=optional_finding(values["fault"]),
        test=bool(values["test"]),
    )


def _by_index(branch: _Branch, states: frozenset[str]) -> list[frozenset[str]]:
    """Split states by the index that holds them, so that each part is read in its order; all together where some state
    is in none."""
    possible = states & branch.states
    parts = [possible & set(each) for each in branch.sets]
    return [each for each in parts if each] if possible == frozenset().union(*parts) else [possible]


def _state_condition(branch: _Branch, possible: frozenset[str]) -> ColumnElement[bool]:
    """Say it in the words of an index where one holds just those states: a planner does not look into parameters."""
    chosen: ColumnElement[bool] = branch.table.c.state.in_(sorted(possible))
    fitting = next((each for each in branch.sets if possible <= set(each)), None)
    if fitting is None:
        return chosen
    listed = ", ".join(f"'{each}'" for each in fitting)
    return and_(text(f"{branch.table.name}.state IN ({listed})"), chosen)


def _states(wanted: str) -> frozenset[str]:
    found = (STATE_GROUPS.get(each, (each,)) for each in _values(wanted))
    return frozenset(state for each in found for state in each)


def _values(text_: str) -> list[str]:
    return [each for each in text_.split(",") if each]


def _type_condition(branch: _Branch, wanted: str) -> ColumnElement[bool]:
    """A canonical name is looked for as such alone: one column, one index in the order of the list."""
    table, names = branch.table, _values(wanted)
    if all(each in DOCUMENTS for each in names):
        return _one_of(table.c.document_type, names)
    if table is t.message:
        wire = _one_of(table.c.type, names)
        return wire if not set(names) & DOCUMENTS.keys() else or_(wire, table.c.document_type.in_(names))
    sent = or_(*(table.c.mapping.like("%/" + contains(each)[1:-1], escape="\\") for each in names))
    if all(each in _CANONICAL for each in names):  # what is sent keeps its type in its mapping's name, in no index
        return and_(_one_of(table.c.document_type, [_CANONICAL[each] for each in names]), sent)
    return or_(sent, table.c.document_type.in_(names))


def _any_of(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.in_(list(values))
    return found


def _one_of(column: Any, values: list[str]) -> ColumnElement[bool]:
    """A single value as an equality, which leaves an index in the order of its next column."""
    found: ColumnElement[bool] = column == values[0] if len(values) == 1 else column.in_(values)
    return found


def _common(branch: _Branch, wanted: MessageFilter, states: frozenset[str]) -> list[ColumnElement[bool]]:
    """The conditions that all three tables share. states: none is any."""
    table, found = branch.table, list[ColumnElement[bool]]()
    if states:
        found.append(_state_condition(branch, states))
    if wanted.partner:
        found.append(_one_of(table.c.partner, _values(wanted.partner) or [wanted.partner]))
    if wanted.type and table is not t.arrival:
        found.append(_type_condition(branch, wanted.type))
    if wanted.test is not None:
        found.append(and_(text(f"{table.name}.{t.IS_TEST}")) if wanted.test else table.c.test.is_(False))
    if wanted.fault:
        low, high = wanted.fault, wanted.fault + "\U0010ffff"
        found.append(and_(text(f"{table.name}.{t.HAS_FAULT}"), table.c.fault_code >= low, table.c.fault_code < high))
    if wanted.since is not None:
        found.append(branch.at >= micros(wanted.since))
    if wanted.until is not None:
        found.append(branch.at < micros(wanted.until))
    if wanted.own is not None and table is not t.parcel:
        mine = table.c.partner == SELF
        found.append(mine if wanted.own else or_(~mine, table.c.state.in_(ATTENTION)))
    for name, value in wanted.unwanted:
        found.append(_without(branch, name, value))
    return found


def _without(branch: _Branch, name: str, value: str) -> ColumnElement[bool]:
    table = branch.table
    unwanted: dict[str, Iterable[str]] = {"state": sorted(_states(value)), "partner": _values(value)}
    if name in unwanted:
        return ~_any_of(table.c[name], unwanted[name])
    if name == "err":
        beginnings = (table.c.fault_code.startswith(each, autoescape=True) for each in _values(value))
        return or_(table.c.fault_code.is_(None), ~or_(*beginnings))
    return true() if table is t.arrival else ~func.coalesce(_type_condition(branch, value), false())


def _branches(wanted: MessageFilter, hits: Hits | None) -> Iterable[tuple[Select[Any], Any, Any]]:
    """Yield (query, time column, id column) for each table that can hold what is wanted, more than one where its states
    are in several indexes. hits: of the filter's text."""
    for branch in _all_branches():
        parcels = branch.table is t.parcel
        if wanted.direction == ("in" if parcels else "out") or (branch.table is t.arrival and wanted.type):
            continue
        if parcels and wanted.own:
            continue
        for states in _by_index(branch, _states(wanted.state)) if wanted.state else [frozenset[str]()]:
            if wanted.state and not states:
                continue
            found = _common(branch, wanted, states)
            if hits is not None:
                found.append(_found_by(branch.table, hits))
            yield branch.columns.where(*found), branch.at, branch.table.c.id


def _found_by(table: Any, hits: Hits) -> ColumnElement[bool]:
    if table is t.message:
        return or_(hits.among("message", t.message.c.id), hits.among("arrival", t.message.c.arrival))
    if table is t.parcel:
        return or_(hits.among("parcel", t.parcel.c.id), t.parcel.c.transport_id == hits.text)
    return hits.among("arrival", t.arrival.c.id)


def hits_for(connection: Connection, wanted: MessageFilter) -> Hits | None:
    """Return what the filter's text finds; None without a text."""
    named = (wanted.text or "").strip()
    return hits_of(connection, named) if named else None


def page_of(
    connection: Connection,
    wanted: MessageFilter,
    hits: Hits | None,
    cursor: str | None,
    limit: int,
    older: Older | None = None,
) -> MessagePage:
    """hits: of the filter's text; older: gives the archives that hold them."""
    before = read_cursor(cursor) if cursor else None
    used = [connection]
    if hits is None or hits.many:
        rows = _newest(connection, wanted, hits, before, limit)
    else:
        rows = _found(used, wanted, hits, before, limit, older)
    shown = rows[:limit]
    names = _filenames(used, shown)
    return MessagePage(
        lines=tuple(line_from(row, names) for row in shown),
        next=write_cursor(shown[-1].at, shown[-1].id) if len(rows) > limit else None,
    )


def _newest(
    connection: Connection, wanted: MessageFilter, hits: Hits | None, before: tuple[int, str] | None, limit: int
) -> list[Row[Any]]:
    """Return one page and a row more, each table by its own index. hits: of a text that finds too much to be named."""
    rows: list[Row[Any]] = []
    for query, at, row_id in _branches(wanted, hits):
        if len(rows) > limit:  # older rows of this table cannot be on the page: do not look for them
            query = query.where(at >= rows[limit].at)
        if before is not None:
            query = query.where(tuple_(at, row_id) < before)
        rows = _newest_first([*rows, *connection.execute(query.order_by(at.desc(), row_id.desc()).limit(limit + 1))])
    return rows


def _newest_first(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    once = {row.id: row for row in rows}
    return sorted(once.values(), key=lambda row: (row.at, row.id), reverse=True)


def _found(
    used: list[Connection],
    wanted: MessageFilter,
    hits: Hits,
    before: tuple[int, str] | None,
    limit: int,
    older: Older | None,
) -> list[Row[Any]]:
    """Return one page and a row more of what a text names. used: the journal; gets the archives that were asked."""
    connection = used[0]
    queries = [
        (row_id.table, query if before is None else query.where(tuple_(at, row_id) < before))
        for query, at, row_id in _branches(wanted, None)
    ]
    rows = [row for table, query in queries for row in _by_id(connection, table, query, hits.text)]
    for portion in hits.portions(connection, before[0] if before else None):
        archives = older(portion.times) if older is not None and portion.times else ()
        used += [each for each in archives if each not in used]
        for each in (connection, *archives):
            rows += [row for table, query in queries for row in _of_portion(each, table, query, portion.ids)]
        rows = _newest_first(rows)
        if portion.since is not None and sum(row.at > portion.since for row in rows) > limit:
            break
    return _newest_first(rows)


def _by_id(connection: Connection, table: Any, query: Select[Any], named: str) -> Iterator[Row[Any]]:
    """Yield the lines of a text that is a whole id, or the Message-ID of a parcel."""
    yield from connection.execute(query.where(table.c.id == named))
    if table is t.message:
        yield from connection.execute(query.where(t.message.c.arrival == named))
    elif table is t.parcel:
        yield from connection.execute(query.where(t.parcel.c.transport_id == named))


def _of_portion(
    connection: Connection, table: Any, query: Select[Any], ids: Mapping[str, Sequence[str]]
) -> Iterator[Row[Any]]:
    if own := ids.get(table.name):
        yield from connection.execute(query.where(table.c.id.in_(own)))
    if table is t.message and (whole := ids.get("arrival")):
        yield from connection.execute(query.where(t.message.c.arrival.in_(whole)))


def _filenames(connections: Iterable[Connection], rows: Iterable[Row[Any]]) -> dict[str, str | None]:
    """Return the file names of the arrivals whose messages are among rows."""
    names: dict[str, str | None] = {}
    wanted = {row.arrival for row in rows if row.kind == "message"}
    for connection in connections:
        if missing := sorted(wanted - names.keys()):
            query = select(t.arrival.c.id, t.arrival.c.filename).where(t.arrival.c.id.in_(missing))
            names.update((row.id, row.filename) for row in connection.execute(query))
    return names


def count_of(connection: Connection, wanted: MessageFilter, hits: Hits | None, cap: int) -> Count:
    """Return how many lines of the list a filter meets. cap: counted up to here."""
    if hits is not None and not hits.many:
        return _count_found(connection, wanted, hits, cap)
    total = 0
    for query, at, row_id in _branches(wanted, hits):
        if total > cap:
            break
        some = query.with_only_columns(row_id, maintain_column_froms=True)
        if hits is None:
            some = some.order_by(at.desc(), row_id.desc())  # by the index that the list is read by
        inner = some.limit(cap + 1).subquery()
        total += connection.execute(select(func.count()).select_from(inner)).scalar_one()
    return Count(value=min(total, cap), capped=total > cap)


def _count_found(connection: Connection, wanted: MessageFilter, hits: Hits, cap: int) -> Count:
    """Count what a text names, by its keys: a condition on the keys made PostgreSQL read every month."""
    queries = [
        (row_id.table, query.with_only_columns(row_id, maintain_column_froms=True))
        for query, _, row_id in _branches(wanted, None)
    ]
    alone = replace(wanted, text=None) == MessageFilter()  # then a key of a message or a parcel is a line of the list
    found = {row.id for table, query in queries for row in _by_id(connection, table, query, hits.text)}
    for portion in hits.portions(connection, None):
        ids = dict(portion.ids)
        if alone:
            found.update(ids.pop("message", ()), ids.pop("parcel", ()))
        found.update(row.id for table, query in queries for row in _of_portion(connection, table, query, ids))
        if len(found) > cap:
            break
    return Count(value=min(len(found), cap), capped=len(found) > cap)


def lines_where(connection: Connection, query: Select[Any], limit: int) -> tuple[MessageLine, ...]:
    return tuple(line_from(row) for row in islice(connection.execute(query.limit(limit)), limit))


class MessageViews:
    """The list, over a read connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def messages(self, wanted: MessageFilter, cursor: str | None = None, limit: int = 50) -> MessagePage:
        """Return one page, newest first; with a text, of the archives too. Raises OurFault api.bad-cursor."""
        with self._engine.connect() as connection, self._archived(wanted) as older:
            return page_of(connection, wanted, hits_for(connection, wanted), cursor, limit, older)

    def listed(self, wanted: MessageFilter, cursor: str | None, limit: int, cap: int) -> tuple[MessagePage, Count]:
        """Return one page and the count of all pages, up to cap: the filter's text is looked up once for both."""
        with self._engine.connect() as connection, self._archived(wanted) as older:
            hits = hits_for(connection, wanted)
            page = page_of(connection, wanted, hits, cursor, limit, older)
            if cursor is None and page.next is None:  # all there is
                return page, Count(value=len(page.lines))
            return page, count_of(connection, wanted, hits, cap)

    @contextmanager
    def _archived(self, wanted: MessageFilter) -> Iterator[Older | None]:
        """Give what opens archives for the lines of a text; None where there are none."""
        yield None

    def count_messages(self, wanted: MessageFilter, cap: int = 10_000) -> Count:
        with self._engine.connect() as connection:
            return count_of(connection, wanted, hits_for(connection, wanted), cap)

    def exact(self, text: str) -> Exact:
        """Return what bears just that number."""
        with self._engine.connect() as connection:
            return exact(connection, text)

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
