"""The protection interval, walked on calendars: from now until the goods of the next order can be sold.

An order placed now cannot be corrected before the next order day, so it must last until that next order arrives. A long
weekend or a week of holidays lengthens the interval by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

WALK_DAYS = 400  # no calendar may be closed for longer
EVERY_DAY = frozenset(range(7))
WORKDAYS = frozenset(range(5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One supplier to one place. order_days, work_days, receiving_days: weekdays, Monday = 0. cut_off: orders later
    than this on an order day wait for the next. lead_days: the supplier's working days from order to arrival, work_days
    without supplier_holidays; goods arrive on the first receiving day then. sold_after_days: from arrival until the
    goods stand on the shelf. lead_by_weekday: another lead_days for orders of a weekday. order_dates: given, these are
    the only ones."""

    lead_days: int
    order_days: frozenset[int] = EVERY_DAY
    cut_off: time | None = None
    work_days: frozenset[int] = EVERY_DAY
    supplier_holidays: frozenset[date] = frozenset()
    receiving_days: frozenset[int] = EVERY_DAY
    place_holidays: frozenset[date] = frozenset()
    sold_after_days: int = 0
    lead_by_weekday: Mapping[int, int] = field(default_factory=dict)
    order_dates: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """first_day: the first day whose demand counts. order_on, arrives_on: of the order placed now; next_order_on,
    next_arrives_on: of the one after it. arrives_on are days on which the goods can be sold.

    lead_days = days before arrives_on, days = days before next_arrives_on, both counted from first_day.
    """

    first_day: date
    order_on: date
    arrives_on: date
    next_order_on: date
    next_arrives_on: date

    @property
    def lead_days(self) -> int:
        """Return the days of demand before the goods ordered now can be sold."""
        return max((self.arrives_on - self.first_day).days, 0)

    @property
    def days(self) -> int:
        """Return the days of demand before the goods of the next order can be sold."""
        return max((self.next_arrives_on - self.first_day).days, 1)

    @property
    def dates(self) -> tuple[date, ...]:
        """Return each day of the interval."""
        return tuple(self.first_day + timedelta(days=n) for n in range(self.days))


def protection(lane: Lane, now: datetime, first_day: date | None = None) -> Interval:
    """Return the interval of an order placed now, local time of the lane. first_day: the day after the last known stock
    (today when stock is known up to this morning); older stock lengthens the interval by its age.

    Raises ValueError when the calendars leave no day within WALK_DAYS.
    """
    earliest = now.date()
    if lane.cut_off is not None and now.time() > lane.cut_off and _may_order(lane, earliest):
        earliest += timedelta(days=1)
    order_on = _next(earliest, lambda day: _may_order(lane, day), "order day")
    next_order_on = _next(order_on + timedelta(days=1), lambda day: _may_order(lane, day), "order day")
    return Interval(
        first_day=now.date() if first_day is None else first_day,
        order_on=order_on,
        arrives_on=arrival(lane, order_on),
        next_order_on=next_order_on,
        next_arrives_on=max(arrival(lane, next_order_on), arrival(lane, order_on) + timedelta(days=1)),
    )


def arrival(lane: Lane, order_on: date) -> date:
    """Return the day on which goods ordered on a day can be sold."""
    left = lane.lead_by_weekday.get(order_on.weekday(), lane.lead_days)
    day = order_on
    for _ in range(WALK_DAYS):
        if left == 0:
            break
        day += timedelta(days=1)
        left -= day.weekday() in lane.work_days and day not in lane.supplier_holidays
    else:
        raise ValueError("the supplier's calendar leaves no working day")
    received = _next(
        day, lambda each: each.weekday() in lane.receiving_days and each not in lane.place_holidays, "receiving day"
    )
    return received + timedelta(days=lane.sold_after_days)


def _may_order(lane: Lane, day: date) -> bool:
    if lane.order_dates:
        return day in lane.order_dates
    return day.weekday() in lane.order_days and day not in lane.supplier_holidays


def _next(day: date, open_on: Callable[[date], bool], what: str) -> date:
    for _ in range(WALK_DAYS):
        if open_on(day):
            return day
        day += timedelta(days=1)
    raise ValueError(f"the calendar leaves no {what}")
