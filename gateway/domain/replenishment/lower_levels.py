"""The next lower level of a stock agreement: what it would have served of the demand, and whether the last one was too
low."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from gateway.domain.replenishment.facts import ZERO, Pair
from gateway.model.joint import LevelChange, StockAgreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """What a level would have done. fill: None when nothing was asked for."""

    fill: Decimal | None
    stock: Decimal


def played(level: Decimal, demand: Mapping[date, Decimal], delivery_days: Sequence[int], lead_days: int) -> Played:
    """Play days forward from a full shelf: on each delivery day arrives what was missing to the level lead_days before.

    demand: of known days; an unknown day sells nothing and counts for nothing. lead_days: at least 1; orders are made
    at the close of a day. Sales that find an empty shelf are lost.
    """
    stock, asked, served, total = level, ZERO, ZERO, ZERO
    coming: dict[date, Decimal] = {}
    days = sorted(demand)
    if not days:
        return Played(fill=None, stock=level)
    day, count = days[0], 0
    while day <= days[-1]:
        stock += coming.pop(day, ZERO)
        wanted = demand.get(day)
        if wanted is not None:
            sold = min(stock, wanted)
            stock, asked, served = stock - sold, asked + wanted, served + sold
            total, count = total + stock, count + 1
        arrives = day + timedelta(days=max(lead_days, 1))
        if arrives.isoweekday() in delivery_days:
            missing = level - stock - sum(coming.values(), ZERO)
            if missing > 0:
                coming[arrives] = coming.get(arrives, ZERO) + missing
        day += timedelta(days=1)
    return Played(fill=served / asked if asked else None, stock=total / count)


def lower(
    place: str, gtin: str, level: Decimal, terms: StockAgreement, demand: Mapping[date, Decimal], lead_days: int
) -> LevelChange | None:
    """Return the next lower level: the lowest whole one within a step that would have served the agreed share of the
    demand; None when none would, or nothing is known."""
    floor = (level * (1 - terms.step)).to_integral_value(ROUND_CEILING)
    now = played(level, demand, terms.delivery_days, lead_days)
    if now.fill is None or not floor < level:
        return None
    low, high = int(max(floor, Decimal(1))), int(level.to_integral_value(ROUND_CEILING)) - 1

    def serves(candidate: int) -> bool:
        fill = played(Decimal(candidate), demand, terms.delivery_days, lead_days).fill
        return fill is not None and fill >= terms.fill

    lowest = low + bisect_left(range(low, high + 1), True, key=serves)  # more stock never serves less
    if lowest > high:
        return None
    found = played(Decimal(lowest), demand, terms.delivery_days, lead_days)
    return LevelChange(
        place=place,
        gtin=gtin,
        level=level,
        proposed=Decimal(lowest),
        days=len(demand),
        fill_now=round(now.fill, 4),
        fill_next=round(found.fill or ZERO, 4),
        stock_now=round(now.stock, 1),
        stock_next=round(found.stock, 1),
    )


def breached(
    levels: Mapping[Pair, Decimal],
    former: Mapping[Pair, Decimal],
    since: date | None,
    empty: Iterable[tuple[Pair, date]],
) -> list[Pair]:
    """Return the items and places of the last lowering, on the day since, that have been empty after it.

    former: levels before it. empty: stock-out days. The day of the lowering itself still had the former level.
    """
    if since is None:
        return []
    lowered = {pair for pair, before in former.items() if levels[pair] < before}
    return sorted({pair for pair, day in empty if pair in lowered and day > since})
