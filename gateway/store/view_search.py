"""Search in the list of messages: a range of the index of search keys, never a scan of the messages.

Few hits are fetched by their ids. More than FEW mean that the text is short or common: then the list is walked from
the newest on and the keys of each line are looked up; where hits are that dense, a page is full soon.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, false, literal, or_, select
from sqlalchemy import text as sql_text

from gateway.store import tables as t
from gateway.store.search_keys import normal, span

FEW = 4_000
_GTIN_LENGTHS = (8, 12, 13, 14)
_ORDERS_OF_ITEM = 200  # the latest by number

_KEY = t.search_key.c


@dataclass(frozen=True, slots=True)
class Hits:
    """What a text finds. ids: by kind (arrival, message, parcel), None when there are too many to name; times: when
    the named ones were listed, in microseconds."""

    text: str
    ids: dict[str, set[str]] | None
    times: frozenset[int] = frozenset()

    def among(self, of: str, column: ColumnElement[str]) -> ColumnElement[bool]:
        """Return the condition that the subject in column, an id of that kind, is found."""
        if self.ids is not None:
            named = self.ids.get(of, set()) | {self.text}
            return column.in_(sorted(named))
        low, high = span(self.text)
        keyed = select(literal(1)).where(_KEY.subject == column, _KEY.value >= low, _KEY.value < high)
        return or_(exists(keyed), column == self.text)

    def any(self, of: str) -> bool:
        """False when nothing of that kind is found, apart from the text itself being an id."""
        return self.ids is None or bool(self.ids.get(of))


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
    found: Sequence[Any] = connection.execute(keys.limit(FEW)).all() if numbers else ()
    message = t.message.c
    because = select(message.id.label("subject"), literal("message").label("of"), message.received_at.label("at"))
    waits = because.where(sql_text(f"message.{t.MESSAGE_PARKED}"), message.fault.like(f"%{digits}%"))
    return [*found, *connection.execute(waits.limit(_ORDERS_OF_ITEM)).all()]


def hits_of(connection: Connection, text: str) -> Hits:
    """Look text up as the beginning of a key."""
    low, high = span(text)
    inside = (_KEY.value >= low, _KEY.value < high) if low else (false(),)
    keys = select(_KEY.subject, _KEY.of, _KEY.at).where(*inside).limit(FEW + 1)
    found: Sequence[Any] = connection.execute(keys).all() or _by_item(connection, text)
    if len(found) > FEW:
        return Hits(text.strip(), None)
    ids: dict[str, set[str]] = {}
    for row in found:
        ids.setdefault(row.of, set()).add(row.subject)
    return Hits(text.strip(), ids, frozenset(row.at for row in found))
