"""Days that partners name: counted on from, and the periods that reports spread over them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from gateway.domain.parties import day_of
from gateway.model.faults import PartnerFault
from gateway.model.findings import Where
from gateway.model.values import Period

LONGEST_DAYS: Final = 366


def later(day: date, days: int) -> date:
    """Return the day so many days after `day`, before it where days is negative; the first or last day of the calendar
    where it would lie beyond: 9999-12-31 is how partners write "never"."""
    return date.fromordinal(min(max(day.toordinal() + days, date.min.toordinal()), date.max.toordinal()))


def days_of(period: Period | None, path: str) -> list[date]:
    """Return every calendar day of the period, both ends included.

    Raises PartnerFault sales.period-missing (also for a period without an end), or sales.period-wrong when it ends
    before it starts or exceeds a year.
    """
    if period is None or period.end is None:
        raise PartnerFault("sales.period-missing", Where(path=path))
    start, end = day_of(period.start), day_of(period.end)
    count = (end - start).days + 1
    if not 1 <= count <= LONGEST_DAYS:
        raise PartnerFault("sales.period-wrong", Where(path=path), value=f"{start.isoformat()}/{end.isoformat()}")
    return [start + timedelta(days=n) for n in range(count)]


def spread(total: Decimal, count: int) -> list[Decimal]:
    """Return count parts that add up to total exactly and differ by at most one step, the first days getting more.

    The step is one unit for whole totals, else a thousandth: nobody sells a seventh of a bottle.
    """
    step = Decimal(1) if total == total.to_integral_value() else Decimal("0.001")
    steps, rest = divmod(int(abs(total) / step), count)
    sign = -1 if total < 0 else 1
    return [sign * step * (steps + (1 if n < rest else 0)) for n in range(count)]
