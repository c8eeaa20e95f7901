"""Search in the list of messages: a range of the index of search keys, never a scan of the messages.

Up to FEW keys are sorted by time inside the index, and only the newest of them are fetched, in growing portions until
the page is full. More than FEW mean that the text is short or common: then the list is walked from the newest on and
the keys of each line are looked up; where hits are that dense, a page is full soon.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, false, func, literal, or_, select, tuple_
from sqlalchemy import text as sql_text

from gateway.store import tables as t
from gateway.store.search_keys import normal, span

FEW = 30_000
FETCHED = (1_200, 5_000)  # keys at once, since each time all that begin with the text are looked at: the first are
# enough for a page and its count, the last goes on repeating
FIRST = 200  # of them often fill a page
_ITEM_KEYS = 4_000
_GTIN_LENGTHS = (8, 12, 13, 14)
_ORDERS_OF_ITEM = 200  # the latest by number

_KEY = t.search_key.c


@dataclass(frozen=True, slots=True)
class Portion:
    """Some hits, newer than all that follow. ids: by kind (arrival, message, parcel); since: the time of the oldest, in
    microseconds (others of that time may follow), None when no more follow."""

    ids: dict[str, list[str]]
    times: frozenset[int]
    since: int | None

    @classmethod
    def of(cls, rows: Sequence[Any], *, more: bool) -> "Portion":
        ids: dict[str, list[str]] = {}
        for row in dict.fromkeys((row.of, row.subject) for row in rows):
            ids.setdefault(row[0], []).append(row[1])
        return cls(ids, frozenset(row.at for row in rows), rows[-1].at if more else None)


@dataclass(frozen=True, slots=True)
class Hits:
    """What a text finds. many: more than FEW keys, which nobody names; named: all of them, where they are no keys that
    begin with the text. fetched: the newest keys, kept for whoever asks next: a page and its count ask both."""

    text: str
    many: bool
    named: tuple[Any, ...] = ()
    fetched: list[Any] = field(default_factory=list)

    @property
    def _range(self) -> tuple[ColumnElement[bool], ...]:
        low, high = span(self.text)
        return (_KEY.value >= low, _KEY.value < high) if low else (false(),)

    def among(self, of: str, column: ColumnElement[str]) -> ColumnElement[bool]:
        """Return the condition that the subject in column, an id of that kind, is found."""
        if self.named:
            return column.in_([self.text, *(row.subject for row in self.named if row.of == of)])
        if self.many:
            keyed = select(literal(1)).where(_KEY.subject == column, *self._range)
            return or_(exists(keyed), column == self.text)
        return or_(column.in_(select(_KEY.subject).where(*self._range, _KEY.of == of)), column == self.text)

    def portions(self, connection: Connection, newest: int | None) -> Iterator[Portion]:
        """Yield the hits, the newest first. newest: the time to begin at, in microseconds; None: at the newest."""
        if self.named:
            yield Portion.of(self.named, more=False)
            return
        after = [] if newest is None else [_KEY.at <= newest]
        found = self._keys(connection, after, FETCHED[0]) if after else self._newest(connection)
        more = len(found) == FETCHED[0]
        if len(found) > FIRST:
            yield Portion.of(found[:FIRST], more=True)
            found = found[FIRST:]
        yield Portion.of(found, more=more)
        while more:
            last = tuple_(_KEY.at, _KEY.subject) < (found[-1].at, found[-1].subject)
            found = self._keys(connection, [last], FETCHED[1])
            more = len(found) == FETCHED[1]
            yield Portion.of(found, more=more)

    def _newest(self, connection: Connection) -> Sequence[Any]:
        if not self.fetched:
            self.fetched.extend(self._keys(connection, [], FETCHED[0]))
        return self.fetched

    def _keys(self, connection: Connection, after: Sequence[ColumnElement[bool]], size: int) -> Sequence[Any]:
        """Return the newest keys. Without DISTINCT, which would sort every key and not only find the newest: those of a
        subject stand side by side."""
        keys = select(_KEY.subject, _KEY.of, _KEY.at).order_by(_KEY.at.desc(), _KEY.subject.desc())
        return connection.execute(keys.where(*self._range, *after).limit(size)).all()

    def count(self, connection: Connection) -> int:
        """Return how many keys begin with the text, up to one more than FEW."""
        some = select(_KEY.subject).where(*self._range).limit(FEW + 1).subquery()
        return int(connection.execute(select(func.count()).select_from(some)).scalar_one())


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """What bears just that number. orders: (side, partner, number); subjects: (id, arrival | message | parcel), the
    newest first."""

    orders: tuple[tuple[str, str, str], ...] = ()
    subjects: tuple[tuple[str, str], ...] = ()


def exact(connection: Connection, text: str, limit: int = 20) -> Exact:
    """Look text up as a whole number, not as the beginning of one."""
    order = t.business_order.c
    orders = select(order.side, order.partner, order.number).where(order.number == text.strip()).limit(limit)
    keys = select(_KEY.subject, _KEY.of, _KEY.at).where(_KEY.value == normal(text), _KEY.kind != "gln").distinct()
    found = connection.execute(keys.order_by(_KEY.at.desc(), _KEY.subject).limit(limit)).all()
    return Exact(
        orders=tuple((row.side, row.partner, row.number) for row in connection.execute(orders)),
        subjects=tuple((row.subject, row.of) for row in found),
    )


def _by_item(connection: Connection, text: str) -> Sequence[Any]:
    """Return the keys of the documents of the latest orders of an item, and what waits because of it."""
    digits = normal(text)
    if not digits.isdigit() or len(digits) not in _GTIN_LENGTHS:
        return []
    line = t.order_line.c
    ordered = select(line.order_number).where(line.gtin == digits.rjust(14, "0")).distinct()
    numbers = connection.execute(ordered.order_by(line.order_number.desc()).limit(_ORDERS_OF_ITEM)).scalars().all()
    keys = select(_KEY.subject, _KEY.of, _KEY.at).where(_KEY.value.in_([normal(each) for each in numbers]))
    found: Sequence[Any] = connection.execute(keys.limit(_ITEM_KEYS)).all() if numbers else ()
    message = t.message.c
    because = select(message.id.label("subject"), literal("message").label("of"), message.received_at.label("at"))
    waits = because.where(sql_text(f"message.{t.MESSAGE_PARKED}"), message.fault.like(f"%{digits}%"))
    return [*found, *connection.execute(waits.limit(_ORDERS_OF_ITEM)).all()]


def hits_of(connection: Connection, text: str) -> Hits:
    """Look text up as the beginning of a key."""
    hits = Hits(text.strip(), many=False)
    count = hits.count(connection)
    if count == 0:
        return Hits(hits.text, many=False, named=tuple(_by_item(connection, text)))
    return Hits(hits.text, many=count > FEW)
