"""Time as a service desk counts it: only while it is open, and not while the other side has to act.

Hours are told by the clock on the wall; a day on which the clock changes is as long as it really is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HORIZON_DAYS = 3_700  # a desk that never opens within ten years never opens

Span = tuple[datetime, datetime]
WEEKDAYS: Mapping[int, Sequence[tuple[time, time]]] = {day: ((time(8), time(17)),) for day in range(5)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceHours:
    """week: weekday (Monday 0) -> spans of opening, in order, none over midnight (time.max is midnight). yearly:
    month and day of what is a holiday in every year."""

    zone: ZoneInfo
    week: Mapping[int, Sequence[tuple[time, time]]] = field(default_factory=lambda: dict(WEEKDAYS))
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    def spans(self, since: datetime) -> Iterator[Span]:
        """Yield the opening spans from an instant on, in UTC, the first one cut; ends at the horizon."""
        day = since.astimezone(self.zone).date()
        for _ in range(HORIZON_DAYS):
            if day not in self.holidays and (day.month, day.day) not in self.yearly:
                for start, end in self.week.get(day.weekday(), ()):
                    opens, closes = self._instant(day, start), self._instant(day, end)
                    if closes > since:
                        yield max(opens, since), closes
            day += timedelta(days=1)

    def _instant(self, day: date, at: time) -> datetime:
        if at == time.max:
            return datetime.combine(day + timedelta(days=1), time(), self.zone).astimezone(UTC)
        return datetime.combine(day, at, self.zone).astimezone(UTC)


def always_open() -> ServiceHours:
    return ServiceHours(zone=ZoneInfo("UTC"), week=dict.fromkeys(range(7), ((time(), time.max),)))


def served(hours: ServiceHours, start: datetime, end: datetime, pauses: Iterable[Span] = ()) -> timedelta:
    """Return the service time between two instants, without the pauses (in order, not overlapping)."""
    total = timedelta()
    stops = list(pauses)
    for opens, closes in hours.spans(start):
        if opens >= end:
            break
        until = min(closes, end)
        total += until - opens
        total -= sum((_overlap((opens, until), stop) for stop in stops), timedelta())
    return total


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


def _overlap(one: Span, other: Span) -> timedelta:
    return max(timedelta(), min(one[1], other[1]) - max(one[0], other[0]))
