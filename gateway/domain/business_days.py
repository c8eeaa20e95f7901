"""Days on which something may happen: what several calendars say together. Where none is told, every day is open."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, tzinfo

from gateway.domain.days import later
from gateway.model.calendar import Calendar, CalendarKind

FARTHEST_DAYS = 400  # that a closed calendar is searched for an open day


def in_force(calendars: Iterable[Calendar], day: date) -> list[Calendar]:
    """Return the version of each calendar that counts on a day: of those valid, the one that begins last."""
    found: dict[tuple[str, str], Calendar] = {}
    for each in calendars:
        if each.in_force(day):
            known = found.get((each.owner, each.kind))
            if known is None or known.valid_from < each.valid_from:
                found[each.owner, each.kind] = each
    return list(found.values())


def is_open(calendars: Iterable[Calendar], kinds: Iterable[CalendarKind], day: date) -> bool:
    """Tell whether every calendar of these kinds has the day open, with no holiday of any owner on it.

    A calendar of kind holiday without week days and closed days closes nothing; week days of it are ignored.
    """
    wanted = frozenset(kinds)
    for each in in_force(calendars, day):
        if each.kind == "holiday":
            if day in each.closed and day not in each.opened:
                return False
        elif each.kind in wanted and not each.is_open(day):
            return False
    return True


def first_open(day: date, may: Callable[[date], bool]) -> date | None:
    """Return the first day from `day` on that may be used, None when there is none for more than a year."""
    days = (later(day, n) for n in range(FARTHEST_DAYS))
    return next((each for each in days if may(each)), None)


def ordering_day(calendars: Iterable[Calendar], now: datetime, zones: Mapping[str, tzinfo]) -> date:
    """Return the day from which lead time counts for an order that comes now: today, or the next day on which orders
    are taken when it comes after the cut-off or on a day on which none are. The day is that of the calendar's zone;
    without a calendar that of now. None open for over a year: today."""
    known = [each for each in calendars if each.kind in ("ordering", "holiday")]
    today = now.date()
    first = today
    for each in in_force(known, today):
        local = now.astimezone(zones.get(each.zone, UTC))
        late = each.cut_off is not None and local.time() >= each.cut_off
        if each.kind == "ordering":
            first = max(first, local.date() + timedelta(days=1 if late else 0))
    return first_open(first, lambda day: is_open(known, ("ordering",), day)) or first
