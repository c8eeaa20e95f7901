"""The service desk: when it is open, on which days it is not, and what is promised for each type of case and urgency.

Settings are words that a person writes. `hours` mon-fri=08:00-17:00 sat=09:00-12:00. `holidays` 2026-12-24 01-01 (the
latter every year). `promises` high=2/9 complaint.high=1/4 (hours of service until the first answer and the solution).
`always` partner-health: types whose clock never stops. `unpaused` complaint: types whose clock goes on while we wait.
`mailboxes` mei=mei@example.com: where a user is reminded of plans.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from gateway.domain.crm.cases import (
    PROMISES,
    TYPES,
    URGENCIES,
    CaseEvent,
    Course,
    Promise,
    Urgency,
    course,
    escalated_to,
)
from gateway.domain.crm.service_hours import WEEKDAYS, ServiceHours, always_open
from gateway.model.faults import OurFault
from gateway.model.values import plain_number

SETTINGS = ("hours", "holidays", "promises", "always", "unpaused", "mailboxes")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(r"([a-z]{3})(?:-([a-z]{3}))?=(\d\d?:\d\d)-(\d\d?:\d\d)")
_MAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
_YEARLY = re.compile(r"(\d\d)-(\d\d)")
_LONGEST_H = Decimal(8_760)
_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceDesk:
    """promises: (type, urgency) -> what is promised, over that of the urgency alone, type "". always: types counted
    round the clock; unpaused: types whose clock goes on while a case waits for the partner."""

    hours: ServiceHours
    promises: Mapping[tuple[str, Urgency], Promise] = field(default_factory=dict)
    always: frozenset[str] = frozenset()
    unpaused: frozenset[str] = frozenset()

    def promises_of(self, case_type: str) -> dict[Urgency, Promise]:
        """Return what is promised for a type of case."""
        found: dict[Urgency, Promise] = {}
        for each in URGENCIES:
            common = self.promises.get(("", each), PROMISES[each])
            found[each] = self.promises.get((case_type, each), common)
        return found

    def course(self, case_type: str, events: list[CaseEvent], now: datetime) -> tuple[Course, tuple[str, ...]]:
        """Return the course of a case of a type, and the roles that it has been raised to."""
        hours = always_open() if case_type in self.always else self.hours
        told = (
            [each for each in events if each.kind not in ("waiting", "resumed")]
            if case_type in self.unpaused
            else events
        )
        promises = self.promises_of(case_type)
        found = course(told, hours, now, promises)
        raised = escalated_to(found, hours, told, now, promises)
        if told is not events:  # its state is still told as it is
            shown = course(events, hours, now, promises)
            found = replace(found, state=shown.state, in_state=shown.in_state, answered_after=shown.answered_after)
        return found, raised


def desk_of(settings: Mapping[str, str], zone: ZoneInfo) -> ServiceDesk:
    """Return the desk from what a house has set, weekdays from 8 to 17 where it has not.

    Raises OurFault crm.setting-wrong.
    """
    mailboxes_of(settings.get("mailboxes", ""))
    week = _week(settings.get("hours", ""))
    days, yearly = _holidays(settings.get("holidays", ""))
    return ServiceDesk(
        hours=ServiceHours(zone=zone, week=week or dict(WEEKDAYS), holidays=days, yearly=yearly),
        promises=_promises(settings.get("promises", "")),
        always=_types("always", settings.get("always", "")),
        unpaused=_types("unpaused", settings.get("unpaused", "")),
    )


def mailboxes_of(text: str) -> dict[str, str]:
    """Return by user where it is written to. Raises OurFault crm.setting-wrong."""
    found: dict[str, str] = {}
    for word in _words(text):
        user, _, address = word.partition("=")
        if not user or not _MAIL.fullmatch(address):
            raise _wrong("mailboxes", word)
        found[user] = address
    return found


def _words(text: str) -> Iterable[str]:
    return text.replace(",", " ").split()


def _wrong(name: str, word: str) -> OurFault:
    return OurFault("crm.setting-wrong", value=word[:60], field=name)


def _week(text: str) -> dict[int, list[tuple[time, time]]]:
    found: dict[int, list[tuple[time, time]]] = {}
    for word in _words(text):
        told = _SPAN.fullmatch(word)
        if told is None or told[1] not in _DAYS or (told[2] or told[1]) not in _DAYS:
            raise _wrong("hours", word)
        first, last = _DAYS.index(told[1]), _DAYS.index(told[2] or told[1])
        try:
            opens = time.fromisoformat(told[3].zfill(5))
            closes = time.max if told[4] == "24:00" else time.fromisoformat(told[4].zfill(5))
        except ValueError:
            raise _wrong("hours", word) from None
        if opens >= closes or first > last:
            raise _wrong("hours", word)
        for day in range(first, last + 1):
            found.setdefault(day, []).append((opens, closes))
    for spans in found.values():
        spans.sort()
        if any(after[0] < before[1] for before, after in pairwise(spans)):
            raise _wrong("hours", text.strip())
    return found


def _holidays(text: str) -> tuple[frozenset[date], frozenset[tuple[int, int]]]:
    days: set[date] = set()
    yearly: set[tuple[int, int]] = set()
    for word in _words(text):
        told = _YEARLY.fullmatch(word)
        try:
            if told is not None:
                day = date(_LEAP_YEAR, int(told[1]), int(told[2]))
                yearly.add((day.month, day.day))
            else:
                days.add(date.fromisoformat(word))
        except ValueError:
            raise _wrong("holidays", word) from None
    return frozenset(days), frozenset(yearly)


def _promises(text: str) -> dict[tuple[str, Urgency], Promise]:
    found: dict[tuple[str, Urgency], Promise] = {}
    for word in _words(text):
        name, sign, told = word.partition("=")
        case_type, _, level = name.rpartition(".")
        answer, _, solve = told.partition("/")
        urgency = next((each for each in URGENCIES if each == level), None)
        if not sign or urgency is None or (case_type and case_type not in TYPES):
            raise _wrong("promises", word)
        found[case_type, urgency] = Promise(answer=_hours(answer, word), solve=_hours(solve, word))
    return found


def _hours(text: str, word: str) -> timedelta:
    number = plain_number(text)
    if number is None or not 0 < number <= _LONGEST_H:
        raise _wrong("promises", word)
    return timedelta(seconds=round(float(number * 3600)))


def _types(name: str, text: str) -> frozenset[str]:
    for word in _words(text):
        if word not in TYPES:
            raise _wrong(name, word)
    return frozenset(_words(text))
