"""Calendars: on which days a company or one of its places orders, is delivered to or takes goods in."""

from dataclasses import dataclass
from datetime import date, time
from typing import Literal, get_args

CalendarKind = Literal["ordering", "delivery", "receiving", "holiday"]
CALENDAR_KINDS: tuple[CalendarKind, ...] = get_args(CalendarKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """One version of one calendar of one owner.

    owner     partner id (self: our own company) or GLN of a place
    kind      ordering: days on which orders are taken, until cut_off; delivery: days on which goods are brought to the
              owner (of a supplier: by it); receiving: days on which the owner takes goods in; holiday: days closed
              for all of it
    valid_from, valid_to  first and last day; of several that are valid the one that begins last counts
    weekdays  ISO week days (1 Monday) that are open; empty: every day
    closed    days that are not open although their week day is; opened: days that are open although it is not
    cut_off   local time in zone (an IANA name) until which the day counts; None: all day
    """

    owner: str
    kind: CalendarKind
    valid_from: date = date(2000, 1, 1)
    valid_to: date | None = None
    weekdays: tuple[int, ...] = ()
    closed: frozenset[date] = frozenset()
    opened: frozenset[date] = frozenset()
    cut_off: time | None = None
    zone: str = "UTC"

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def is_open(self, day: date) -> bool:
        """Tell whether this version has the day open, whether it is in force or not."""
        if day in self.opened:
            return True
        return day not in self.closed and (not self.weekdays or day.isoweekday() in self.weekdays)
