"""Dates that nobody means: a delivery twenty years away, 9999-12-31 where a field had to be filled, a wish long past.

A wish that is past is answered with the next possible day, as any that comes too soon. One beyond what is plausible is
neither promised nor refused by itself: nobody holds goods for twenty years, and nobody throws a customer's order away
for a slip of the pen. The order waits, and a person says which day is promised.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from gateway.domain.decision import Context
from gateway.domain.parties import day_of
from gateway.model.findings import Finding, Where
from gateway.model.order import Order, OrderLine
from gateway.model.partner import Plausible
from gateway.model.values import Moment


def implausible(order: Order, context: Context) -> list[Finding]:
    """Return a finding for each wished delivery date outside of what the partner's, else our own, limits allow.

    The end of a window is no wish: 9999-12-31 there means "until further notice".
    """
    limits = context.partner.plausible or context.own.partner.plausible or Plausible()
    today = context.now.date()
    last = today + timedelta(days=limits.ahead_days)
    first = None if limits.past_days is None else today - timedelta(days=limits.past_days)
    found = []
    for moment, path in _wished(order):
        day = day_of(moment)
        if day > last:
            found.append(_finding("order.date-far", path, day, last))
        elif first is not None and day < first:
            found.append(_finding("order.date-long-past", path, day, first))
    return found


def _wished(order: Order) -> Iterator[tuple[Moment, str]]:
    """Yield the dates from which goods are wanted, with their paths."""
    parts: list[tuple[Order | OrderLine, str]] = [(order, "")]
    parts += [(line, f"lines[{n}].") for n, line in enumerate(order.lines)]
    for part, path in parts:
        if part.requested_delivery is not None:
            yield part.requested_delivery, f"{path}requestedDelivery"
        if part.delivery_window is not None and part.delivery_window.earliest is not None:
            yield part.delivery_window.earliest, f"{path}deliveryWindow.earliest"


def _finding(code: str, path: str, day: date, limit: date) -> Finding:
    return Finding(
        code=code,
        severity="warning",
        where=Where(path=path),
        value=day.isoformat(),
        params=(("limit", limit.isoformat()),),
    )
