"""What counts of stock say of the past: since when an item is at a place, and on which days its shelf was empty."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection, func, select, text

from gateway.domain.replenishment.position import SELLABLE, TOTAL
from gateway.store.tables_planning import stock_fact

_EMPTY = text("stock_fact.quantity <= 0")  # a constant, so that the index of empty shelves is found
_AT_ONCE = 500


def counted_from(connection: Connection, place: str, gtins: Sequence[str] | None, since: date) -> dict[str, date]:
    """Return of each GTIN the day of its first count since a day. gtins: None: of all at the place."""
    found = {}
    columns = stock_fact.c
    for some in _portions(gtins):
        chosen = select(columns.gtin, func.min(columns.at)).where(
            columns.location == place, columns.at >= since.isoformat()
        )
        if some is not None:
            chosen = chosen.where(columns.gtin.in_(some))
        for gtin, at in connection.execute(chosen.group_by(columns.gtin)):
            found[gtin] = date.fromisoformat(at[:10])
    return found


def emptied(connection: Connection, place: str, gtins: Sequence[str] | None, since: date) -> dict[str, frozenset[date]]:
    """Return of each GTIN the days since a day whose last count found nothing. gtins: None: of all at the place."""
    found: dict[str, set[date]] = defaultdict(set)
    columns = stock_fact.c
    for some in _portions(gtins):
        chosen = select(columns.gtin, columns.at).where(
            columns.location == place, columns.at >= since.isoformat(), _EMPTY, columns.type.in_((SELLABLE, TOTAL))
        )
        if some is not None:
            chosen = chosen.where(columns.gtin.in_(some))
        for gtin, day in {(row.gtin, row.at[:10]) for row in connection.execute(chosen)}:
            if _last(connection, place, gtin, day) <= 0:
                found[gtin].add(date.fromisoformat(day))
    return {gtin: frozenset(days) for gtin, days in found.items()}


def _last(connection: Connection, place: str, gtin: str, day: str) -> int:
    columns = stock_fact.c
    next_day = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    chosen = (
        select(columns.quantity)
        .where(columns.location == place, columns.gtin == gtin, columns.type.in_((SELLABLE, TOTAL)))
        .where(columns.at >= day, columns.at < next_day)
        .order_by(columns.at.desc(), columns.issued_at.desc(), columns.message.desc(), columns.type)
    )
    return int(connection.execute(chosen.limit(1)).scalar_one())


def _portions(gtins: Sequence[str] | None) -> list[Sequence[str] | None]:
    if gtins is None:
        return [None]
    return [gtins[start : start + _AT_ONCE] for start in range(0, len(gtins), _AT_ONCE)]
