"""The arithmetic of a periodic-review reorder-point policy, (R, s, S), exact to 28 digits.

Source: E. A. Silver, D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains, chapters 5 (time
series) and 6 (probabilistic demand, periodic review): the protection interval of a periodic review is L + R.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Context, Decimal

from gateway.domain.decision import StockLevel

WINDOW_DAYS = 28  # four whole weeks, so that each weekday counts equally
_EXACT = Context(prec=28)  # of our own: the caller's thread may have set another precision


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Units per day. mean and deviation are 0 without history. days: length of the history in days."""

    mean: Decimal
    deviation: Decimal
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Units. safety_stock: z * sigma * sqrt(L + R); reorder_point: mean * (L + R) + safety stock; order_up_to: one
    review period's demand above it."""

    safety_stock: Decimal
    reorder_point: Decimal
    order_up_to: Decimal


def history_range(daily_sales: Mapping[str, Mapping[date, Decimal]], today: date) -> tuple[date, date] | None:
    """Return the first and last day on which anything was reported within the window before today, None if nothing.

    A day inside counts as zero for an item without sales; a day outside is unknown, not zero: no report came for it.
    Today is never complete and does not count.
    """
    first = today - timedelta(days=WINDOW_DAYS)
    days = {day for sales in daily_sales.values() for day in sales if first <= day < today}
    return (min(days), max(days)) if days else None


def daily_units(sales: Mapping[date, Decimal], known: tuple[date, date] | None) -> list[Decimal]:
    """Return net units of each day of the known range. More returned than sold is no demand, not negative demand."""
    if known is None:
        return []
    start, end = known
    count = (end - start).days + 1
    return [max(Decimal(0), sales.get(start + timedelta(days=n), Decimal(0))) for n in range(count)]


def demand(units: Sequence[Decimal]) -> Demand:
    """Return mean and sample standard deviation (divisor n - 1) of daily units; 0 where there are too few days."""
    count = len(units)
    if count == 0:
        return Demand(mean=Decimal(0), deviation=Decimal(0), days=0)
    total = Decimal(0)
    for each in units:
        total = _EXACT.add(total, each)
    mean = _EXACT.divide(total, Decimal(count))
    if count == 1:
        return Demand(mean=mean, deviation=Decimal(0), days=1)
    squares = Decimal(0)
    for each in units:
        off = _EXACT.subtract(each, mean)
        squares = _EXACT.add(squares, _EXACT.multiply(off, off))
    return Demand(mean=mean, deviation=_EXACT.sqrt(_EXACT.divide(squares, Decimal(count - 1))), days=count)


def targets(found: Demand, lead_time_days: int, review_days: int, service_factor: Decimal) -> Targets:
    """Return safety stock, reorder point and order-up-to level for lead time L and review period R in days."""
    interval = Decimal(lead_time_days + review_days)
    spread = _EXACT.multiply(found.deviation, _EXACT.sqrt(interval))
    safety = _EXACT.multiply(service_factor, spread)
    reorder = _EXACT.add(_EXACT.multiply(found.mean, interval), safety)
    upper = _EXACT.add(reorder, _EXACT.multiply(found.mean, Decimal(review_days)))
    return Targets(safety_stock=safety, reorder_point=reorder, order_up_to=upper)


def position(level: StockLevel) -> Decimal:
    """Return the inventory position: what is there or will come, less what is promised."""
    return level.on_hand - level.allocated - level.backordered + level.on_order + level.in_transit


def whole_packs(units: Decimal, pack: Decimal) -> Decimal:
    """Return units rounded up to whole packs; 0 for nothing. pack must be positive."""
    if units <= 0:
        return Decimal(0)
    return (units / pack).to_integral_value(rounding=ROUND_CEILING) * pack


def proposed_units(level: StockLevel, found: Targets, pack: Decimal) -> Decimal:
    """Return what to order now: 0 above the reorder point, else whole packs up to the order-up-to level."""
    held = position(level)
    return whole_packs(found.order_up_to - held, pack) if held <= found.reorder_point else Decimal(0)
