"""The order forecast that a joint plan has frozen, beside what was ordered of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection, and_, func, select

from gateway.domain.parties import day_of
from gateway.domain.replenishment.cpfr import Joint
from gateway.model.values import gtin14
from gateway.store.forms import units
from gateway.store.tables import business_order, order_line


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenRow:
    """Units of an item at a place over the days, both included. ordered: of orders wanted within them so far, whoever
    raised them, not what was cancelled or refused. difference: ordered less frozen."""

    place: str
    gtin: str
    first: date
    last: date
    frozen: Decimal
    ordered: Decimal

    @property
    def difference(self) -> Decimal:
        return self.ordered - self.frozen


def frozen_rows(connection: Connection, found: Joint) -> tuple[FrozenRow, ...]:
    """Return the frozen forecast with its orders, the widest difference first; nothing while none is frozen."""
    if found.frozen is None:
        return ()
    rows = []
    for line in found.frozen.lines:
        period = line.period or found.frozen.period
        if period is None or not line.item.gtin or not line.location:
            continue
        first, last = day_of(period.start), day_of(period.end or period.start)
        pair = (line.location, gtin14(line.item.gtin))
        ordered = _ordered(connection, found.partner, pair, first, last)
        rows.append(
            FrozenRow(place=pair[0], gtin=pair[1], first=first, last=last, frozen=line.quantity.value, ordered=ordered)
        )
    return tuple(sorted(rows, key=lambda each: (-abs(each.difference), each.place, each.gtin, each.first)))


def _ordered(connection: Connection, partner: str, pair: tuple[str, str], first: date, last: date) -> Decimal:
    orders, lines = business_order.c, order_line.c
    same = and_(lines.side == orders.side, lines.partner == orders.partner, lines.order_number == orders.number)
    wanted = func.substr(func.coalesce(lines.requested, lines.promised, orders.ordered_on), 1, 10)
    chosen = (
        select(func.sum(lines.ordered))
        .select_from(order_line.join(business_order, same))
        .where(orders.side == "sale", orders.partner == partner, orders.ship_to == pair[0], lines.gtin == pair[1])
        .where(orders.status.not_in(("cancelled", "rejected")), lines.status.not_in(("cancelled", "rejected")))
        .where(wanted >= first.isoformat(), wanted <= last.isoformat())
    )
    return units(int(connection.execute(chosen).scalar() or 0))
