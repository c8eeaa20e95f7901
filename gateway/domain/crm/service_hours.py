"""Time as a service desk counts it: only while it is open, and not while the other side has to act.

Hours are told by the clock on the wall; a day on which the clock changes is as long as it really is.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from functools import cache
from itertools import accumulate
from typing import NamedTuple
from zoneinfo import ZoneInfo

HORIZON_YEARS = 11  # a desk that never opens within ten years never opens

Span = tuple[datetime, datetime]
WEEKDAYS: Mapping[int, Sequence[tuple[time, time]]] = {day: ((time(8), time(17)),) for day in range(5)}


class _Year(NamedTuple):
    """The opening spans of a year by the desk's clock, in UTC. closes: their ends; before: open time ahead of each, and
    of the whole year at the end."""

    spans: Sequence[Span]
    closes: Sequence[datetime]
    before: Sequence[timedelta]

    def open_until(self, at: datetime) -> timedelta:
        """Return the open time from the beginning of the year to an instant of it."""
        number = bisect_right(self.closes, at)
        opens = self.spans[number][0] if number < len(self.spans) else at
        return self.before[number] + max(at - opens, timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHours:
    """week: weekday (Monday 0) -> spans of opening, in order, none over midnight (time.max is midnight). yearly:
    month and day of what is a holiday in every year."""

    zone: ZoneInfo
    week: Mapping[int, Sequence[tuple[time, time]]] = field(default_factory=lambda: dict(WEEKDAYS))
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()
    _years: dict[int, _Year] = field(default_factory=dict, init=False, repr=False, compare=False)  # worked out so far

    def spans(self, since: datetime) -> Iterator[Span]:
        """Yield the opening spans from an instant on, in UTC, the first one cut; ends at the horizon."""
        first = since.astimezone(self.zone).year
        for number in range(first, min(first + HORIZON_YEARS, MAXYEAR)):
            year = self._year(number)
            for opens, closes in year.spans[bisect_right(year.closes, since) :]:
                yield max(opens, since), closes

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """Return how long the desk is open between two instants; nothing when the end is not behind the start."""
        if end <= start:
            return timedelta()
        first, last = start.astimezone(self.zone).year, end.astimezone(self.zone).year
        whole = sum((self._year(number).before[-1] for number in range(first, last)), timedelta())
        return whole + self._year(last).open_until(end) - self._year(first).open_until(start)

    def _year(self, number: int) -> _Year:
        if number not in self._years:
            found = list(self._spans_of(number))
            lengths = (closes - opens for opens, closes in found)
            before = list(accumulate(lengths, initial=timedelta()))
            self._years[number] = _Year(found, [closes for _, closes in found], before)
        return self._years[number]

    def _spans_of(self, year: int) -> Iterator[Span]:
        day = date(year, 1, 1)
        while day.year == year:
            if day not in self.holidays and (day.month, day.day) not in self.yearly:
                for start, end in self.week.get(day.weekday(), ()):
                    yield self._instant(day, start), self._instant(day, end)
            day += timedelta(days=1)

    def _instant(self, day: date, at: time) -> datetime:
        if at == time.max:
            return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)
        return datetime.combine(day, at, self.zone).astimezone(UTC)


@cache
def always_open() -> ServiceHours:
    """Return the hours of a desk that never closes."""
    return ServiceHours(zone=ZoneInfo("UTC"), week=dict.fromkeys(range(7), ((time(), time.max),)))


def served(hours: ServiceHours, start: datetime, end: datetime, pauses: Iterable[Span] = ()) -> timedelta:
    """Return the service time between two instants, without the pauses (in order, not overlapping)."""
    stood = (hours.open_time(max(start, since), min(end, until)) for since, until in pauses)
    return hours.open_time(start, end) - sum(stood, timedelta())


def due(hours: ServiceHours, start: datetime, allowed: timedelta, pauses: Iterable[Span] = ()) -> datetime | None:
    """Return the instant at which allowed service time has gone by since start; None when the desk never opens again.

    A pause that still runs is told with an end of datetime.max: the instant is None, the clock stands.
    """
    left = allowed
    stops = list(pauses)
    for opens, closes in hours.spans(start):
        at = opens
        for stop_start, stop_end in stops:
            if stop_end <= at or stop_start >= closes:
                continue
            if stop_start - at >= left:
                return at + left
            left -= max(stop_start - at, timedelta())
            if stop_end == datetime.max.replace(tzinfo=UTC):
                return None
            at = min(max(stop_end, at), closes)
        if closes - at >= left:
            return at + left
        left -= closes - at
    return None
