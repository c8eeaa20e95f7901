"""Dates, times and periods of UN/EDIFACT (data element 2379) and XML Schema, both ways."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone

from gateway.model.values import Moment, Period

# 2379 -> strptime pattern and length. Source: UN/EDIFACT code list 2379, D.96A
_PATTERNS = {
    "101": ("%y%m%d", 6),
    "102": ("%Y%m%d", 8),
    "201": ("%y%m%d%H%M", 10),
    "203": ("%Y%m%d%H%M", 12),
    "204": ("%Y%m%d%H%M%S", 14),
}
_BY_LENGTH = {length: code for code, (_, length) in _PATTERNS.items()}
_ZONED = {"303": ("203", 12), "304": ("204", 14)}  # with a zone behind: UTC, GMT or hours from it, +01
_ZONE_NAMES = {"UTC": UTC, "GMT": UTC, "Z": UTC}
_ZONE_HOURS = re.compile(r"[+-](?:0?\d|1[0-4])\Z", re.ASCII)


def read_edi_moment(text: str, code: str) -> Moment:
    """Return the date or the local date and time; an absent code is told by the length. Raises ValueError."""
    text = text.strip()
    code = code or _BY_LENGTH.get(len(text), "")
    if code in _ZONED:
        return _zoned(text, *_ZONED[code])
    if code not in _PATTERNS:
        raise ValueError(f"2379={code}")
    pattern, length = _PATTERNS[code]
    if len(text) != length or not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    if code == "102":  # the usual one, ten times faster than strptime
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    found = datetime.strptime(text, pattern)  # noqa: DTZ007  2380 carries no zone: local to the ship-to
    return found.date() if code == "101" else found


def _zoned(text: str, code: str, length: int) -> datetime:
    """Return the instant. Raises ValueError, also for a zone by name: that alone does not tell the hours."""
    zone = text[length:].strip()
    found = read_edi_moment(text[:length], code)
    assert isinstance(found, datetime)
    if zone in _ZONE_NAMES:
        return found.replace(tzinfo=_ZONE_NAMES[zone])
    if not _ZONE_HOURS.match(zone):
        raise ValueError(text)
    return found.replace(tzinfo=timezone(timedelta(hours=int(zone))))


def write_edi_moment(value: Moment) -> tuple[str, str]:
    """Return the text and its 2379: 102 for a date, 203 or 204 for a time. A zone cannot be carried and is left out."""
    if not isinstance(value, datetime):
        return f"{value.year:04}{value.month:02}{value.day:02}", "102"
    code = "204" if value.second else "203"
    return f"{value.year:04}{value.strftime(_PATTERNS[code][0][2:])}", code


def read_edi_period(text: str, code: str) -> Period:
    """Return what a period of 2379 covers: a year, half, quarter, month or ISO week (602, 603, 608, 610, 616; with two
    digits of the year 609, 615), or both ends (711 and 713 to 719). A single date is a period of one day.

    A hyphen between the ends is read, though 2379 has none on the wire. Raises ValueError.
    """
    text = text.strip()
    if code in _SPANS:
        return _span(text, code)
    code = code or ("718" if len(text) == 16 else "")
    if code in _ENDS:
        return _between(text, _ENDS[code])
    moment = read_edi_moment(text, code)
    return Period(start=moment, end=moment)


def read_first_day(text: str, code: str) -> Moment:
    """Return the date, or the first day of a period (a week, a month). Raises ValueError."""
    return read_edi_period(text, code).start if code in PERIODS else read_edi_moment(text, code)


def read_last_day(text: str, code: str) -> Moment:
    """Return the date, or the last day of a period: until when something happens or keeps. Raises ValueError."""
    if code not in PERIODS:
        return read_edi_moment(text, code)
    found = read_edi_period(text, code)
    assert found.end is not None
    return found.end


def _span(text: str, code: str) -> Period:
    length, span = _SPANS[code]
    if len(text) != length or not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    if code in _SHORT_YEARS:
        text = str(datetime.strptime(text[:2], "%y").year) + text[2:]  # noqa: DTZ007  a year alone
    return span(int(text[:4]), int(text[4:] or 0))


def _between(text: str, code: str) -> Period:
    """Return the period between two ends that are written alike, each in the format code."""
    halves = text.split("-") if "-" in text else [text[: len(text) // 2], text[len(text) // 2 :]]
    if len(halves) != 2:
        raise ValueError(text)
    if code in _SPANS:
        start, end = _span(halves[0], code).start, _span(halves[1], code).end
        assert end is not None
    else:
        start, end = read_edi_moment(halves[0], code), read_edi_moment(halves[1], code)
    return _ordered(start, end, text)


def _ordered(start: Moment, end: Moment, text: str) -> Period:
    if end < start:
        raise ValueError(text)
    return Period(start=start, end=end)


def _months(year: int, first: int, count: int) -> Period:
    if not 1 <= first <= 13 - count:
        raise ValueError(first)
    after = date(year + (first + count - 1) // 12, (first + count - 1) % 12 + 1, 1)
    return Period(start=date(year, first, 1), end=after - timedelta(days=1))


def _week(year: int, week: int) -> Period:
    return Period(start=date.fromisocalendar(year, week, 1), end=date.fromisocalendar(year, week, 7))


# 2379 -> length of the text, and the period of a year and its part
_SPANS: dict[str, tuple[int, Callable[[int, int], Period]]] = {
    "602": (4, lambda year, _: Period(start=date(year, 1, 1), end=date(year, 12, 31))),
    "603": (5, lambda year, half: _months(year, 6 * half - 5, 6)),
    "608": (5, lambda year, quarter: _months(year, 3 * quarter - 2, 3)),
    "609": (4, lambda year, month: _months(year, month, 1)),
    "610": (6, lambda year, month: _months(year, month, 1)),
    "615": (4, _week),
    "616": (6, _week),
}
_SHORT_YEARS = ("609", "615")
_ENDS = {"711": "102", "713": "201", "715": "615", "716": "609", "717": "101", "718": "102", "719": "203"}
PERIODS = frozenset(_SPANS) | frozenset(_ENDS)  # formats that cover more than a day


def write_edi_period(value: Period) -> tuple[str, str]:
    """Return both dates as a 718; an open period as its first day alone."""
    if value.end is None:
        return write_edi_moment(_day(value.start))
    return write_edi_moment(_day(value.start))[0] + write_edi_moment(_day(value.end))[0], "718"


def _day(value: Moment) -> date:
    return value.date() if isinstance(value, datetime) else value


_ZONED_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})\Z", re.ASCII)
_FRACTION = re.compile(r"(\.\d{6})\d+")


def read_iso_moment(text: str) -> Moment:
    """Return the value of an xsd:date (its zone is dropped: a date is a date) or xsd:dateTime. Raises ValueError."""
    text = text.strip()
    if len(text) == 10:
        return date.fromisoformat(text)
    if zoned := _ZONED_DATE.match(text):
        return date.fromisoformat(zoned[1])
    return datetime.fromisoformat(_FRACTION.sub(r"\1", text))


def read_clock_time(text: str) -> time:
    """Return the value of an xsd:time. Raises ValueError."""
    return time.fromisoformat(_FRACTION.sub(r"\1", text.strip()))


def write_iso_date(value: Moment) -> str:
    """Return the date part."""
    return _day(value).isoformat()


def write_iso_time(value: Moment) -> str | None:
    """Return the time part with its zone, None for a date."""
    return value.timetz().isoformat() if isinstance(value, datetime) else None


def at_time(day: Moment, clock: time | None) -> Moment:
    """Return day at that time; day itself when there is no time or day has one already."""
    if clock is None or isinstance(day, datetime):
        return day
    return datetime.combine(day, clock)
