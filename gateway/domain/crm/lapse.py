"""Silence, measured against an account's own rhythm: found after two of its cycles instead of after a fixed quarter.

limit = max(1.5 x 95th percentile, median + 4 x 1.4826 x MAD) of the gaps between the last 26 order days.
The factor 1.4826 makes the median absolute deviation an estimate of the standard deviation (normal distribution).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

LAST_ORDERS = 26
MIN_GAPS = 5
FIXED_DAYS = 90  # for an account with fewer gaps
ALARM_FACTOR = 1.5  # of the limit: a case; at the limit: a notice
_SPREAD = 4 * 1.4826

Level = Literal["none", "notice", "case"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """An account's rhythm. own False: too few orders, the fixed days count. days may have a fraction."""

    gaps: int
    median_days: float | None
    limit_days: float
    own: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """How long an account has been silent and what that means. notice_on, case_on: the days on which it will."""

    level: Level
    days: int
    notice_on: date
    case_on: date
    rhythm: Rhythm


def rhythm(order_days: Collection[date], fixed_days: int = FIXED_DAYS) -> Rhythm:
    """Return the rhythm of an account from the days on which it ordered; several orders of one day are one."""
    days = sorted(set(order_days))[-LAST_ORDERS:]
    gaps = sorted(float((later - earlier).days) for earlier, later in pairwise(days))
    if len(gaps) < MIN_GAPS:
        middle = median(gaps) if gaps else None
        return Rhythm(gaps=len(gaps), median_days=middle, limit_days=float(fixed_days), own=False)
    middle = median(gaps)
    spread = median(abs(each - middle) for each in gaps)
    limit = max(1.5 * quantile(gaps, 0.95), middle + _SPREAD * spread)
    return Rhythm(gaps=len(gaps), median_days=middle, limit_days=limit, own=True)


def silence(order_days: Collection[date], today: date, fixed_days: int = FIXED_DAYS) -> Silence | None:
    """Return how silent an account is today, None when it has never ordered."""
    if not order_days:
        return None
    found = rhythm(order_days, fixed_days)
    last = max(order_days)
    days = (today - last).days
    notice_on = _first_day_after(last, found.limit_days)
    case_on = _first_day_after(last, found.limit_days * ALARM_FACTOR)
    level: Level = "case" if today >= case_on else "notice" if today >= notice_on else "none"
    return Silence(level=level, days=days, notice_on=notice_on, case_on=case_on, rhythm=found)


def _first_day_after(last: date, limit: float) -> date:
    """Return the first day on which more than limit days have gone by."""
    return last + timedelta(days=int(limit) + 1)


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a quantile of values in ascending order, interpolated between neighbours (Hyndman and Fan's type 7)."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
