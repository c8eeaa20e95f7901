"""Recency, frequency, monetary: every account's place among all, in five classes by percent rank.

Ties share a class (tiles of equal size would split them). Recency counts the other way round: fewer days, higher class.
Source: percent rank as in SQL:2011 part 2, 10.9 (PERCENT_RANK); the segments have the names that are common in retail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CLASSES = 5
MIN_ACCOUNTS = 5  # below, a place among all says nothing
WINDOW_DAYS = 365

# (lowest R, highest R, lowest F, highest F) -> segment; the first that fits
_SEGMENTS: Sequence[tuple[range, range, str]] = (
    (range(5, 6), range(4, 6), "champions"),
    (range(3, 5), range(4, 6), "loyal"),
    (range(4, 6), range(2, 4), "growing"),
    (range(5, 6), range(1, 2), "new"),
    (range(4, 5), range(1, 2), "promising"),
    (range(3, 4), range(3, 4), "needs-attention"),
    (range(3, 4), range(1, 3), "falling-asleep"),
    (range(1, 2), range(5, 6), "must-not-lose"),
    (range(1, 3), range(3, 6), "at-risk"),
    (range(2, 3), range(1, 3), "hibernating"),
    (range(1, 2), range(1, 3), "lost"),
)
SEGMENTS: tuple[str, ...] = tuple(name for _, _, name in _SEGMENTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What an account has done in the window. money: net invoiced or, if none, confirmed, in one currency."""

    last_order_on: date
    orders: int
    money: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Classes 1 (lowest) to 5 (best) and the segment that R and F give; money is shown beside."""

    recency: int
    frequency: int
    monetary: int
    recency_days: int
    segment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One run over all accounts. cuts: the least value of each class from 1 to 5, None where a class is empty (days of
    recency: the greatest). places is empty when there were fewer than MIN_ACCOUNTS: not enough data."""

    places: Mapping[str, Place]
    cuts: Mapping[str, tuple[Decimal | None, ...]]


def classes(values: Mapping[str, Decimal]) -> dict[str, int]:
    """Return each account's class by percent rank, (number below) / (n - 1); equal values share it."""
    if len(values) < MIN_ACCOUNTS:
        return {}
    below: dict[Decimal, int] = {}
    for position, value in enumerate(sorted(values.values())):
        below.setdefault(value, position)
    last = len(values) - 1
    return {account: min(CLASSES, 1 + below[value] * CLASSES // last) for account, value in values.items()}


def standing(accounts: Mapping[str, Behaviour], today: date) -> Standing:
    """Return where every account stands on the day. Accounts without an order are not among them."""
    days = {each: Decimal((today - its.last_order_on).days) for each, its in accounts.items()}
    orders = {each: Decimal(its.orders) for each, its in accounts.items()}
    money = {each: its.money for each, its in accounts.items()}
    recency = classes({each: -value for each, value in days.items()})
    frequency, monetary = classes(orders), classes(money)
    places = {
        each: Place(
            recency=recency[each],
            frequency=frequency[each],
            monetary=monetary[each],
            recency_days=int(days[each]),
            segment=segment(recency[each], frequency[each]),
        )
        for each in recency
    }
    cuts = {
        "recency": _cuts(recency, days, highest=True),
        "frequency": _cuts(frequency, orders),
        "monetary": _cuts(monetary, money),
    }
    return Standing(places=places, cuts=cuts)


def segment(recency: int, frequency: int) -> str:
    """Return the segment of two classes. Raises ValueError outside 1 to 5: a bug."""
    for r_range, f_range, name in _SEGMENTS:
        if recency in r_range and frequency in f_range:
            return name
    raise ValueError(f"no segment for R{recency} F{frequency}")


def _cuts(
    found: Mapping[str, int], values: Mapping[str, Decimal], *, highest: bool = False
) -> tuple[Decimal | None, ...]:
    edge = max if highest else min
    by_class: dict[int, list[Decimal]] = {}
    for account, its in found.items():
        by_class.setdefault(its, []).append(values[account])
    return tuple(edge(by_class[each]) if each in by_class else None for each in range(1, CLASSES + 1))
