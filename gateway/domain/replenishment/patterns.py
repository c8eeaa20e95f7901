"""What the series of a group share: weekday profile, course of the year, effects of events, price elasticity, spread.

One series is too short to tell a Christmas from luck. Patterns are fitted on whole groups (a category, a chain's shops)
now and then, and are an input to the daily update, so that the update of one series depends on no other.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from gateway.domain.replenishment.series import WEEK, YEAR_WEEKS, Flags, Floats, SeriesBlock, week_of_year

HORIZONS = (1, 2, 4, 7, 14, 28)  # days over which cumulative errors are kept
PRIOR_SPREAD = 0.5  # relative variance beyond Poisson at one day, before anything was seen
AROUND = 28  # days before and after that make a day's baseline
LEAST_UNITS = 50.0  # expected units that a group's effect of an event must have seen to count as much as no effect
YEARS_NEEDED = 2
BURST_STAYS = 0.85  # of a burst from one day to the next, before anything was learned


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """Factors around 1, columns = groups. weekday (7, groups), Monday first. year (53, groups) by seven-day piece.
    effect (codes, groups): of an event code, row 0 is 1. elasticity (groups): demand goes with price ** -elasticity.
    spread (len(HORIZONS), groups): relative variance of the cumulative forecast error beyond Poisson. weekly (7,
    len(HORIZONS), groups): factor of it by the weekday on which the days begin. stays (7, groups): share of a burst
    that is left on that weekday of what there was the day before."""

    weekday: Floats
    year: Floats
    effect: Floats
    elasticity: Floats
    spread: Floats
    weekly: Floats
    stays: Floats


def flat_patterns(groups: int = 1, codes: int = 1) -> Patterns:
    """Return patterns of groups of which nothing is known. codes: number of event codes, 0 included."""
    spread = np.array([PRIOR_SPREAD / np.sqrt(h) for h in HORIZONS])
    return Patterns(
        weekday=np.ones((WEEK, groups)),
        year=np.ones((YEAR_WEEKS, groups)),
        effect=np.ones((codes, groups)),
        elasticity=np.zeros(groups),
        spread=np.repeat(spread[:, None], groups, axis=1),
        weekly=np.ones((WEEK, len(HORIZONS), groups)),
        stays=np.full((WEEK, groups), BURST_STAYS),
    )


def fit_patterns(block: SeriesBlock, groups: int, codes: int) -> Patterns:
    """Return the patterns of the block's groups; every group must be whole. spread, weekly and stays
    are the prior: see fit_spread and rhythm.

    Each estimate is a ratio of what was sold to what the series around it lead to expect, shrunk to 1.
    """
    sold, known = np.nan_to_num(block.units), ~np.isnan(block.units) & ~block.censored
    rows = slice(0, block.days)
    events = block.events
    plain = (events.promotion[rows] == 0) & (events.holiday[rows] == 0) & (events.price[rows] == 1.0)
    usable = known & plain
    weekday = np.ones((WEEK, groups))
    year = np.ones((YEAR_WEEKS, groups))
    days = [block.first_day + timedelta(days=n) for n in range(block.days)]
    for _ in range(2):  # the baseline wants the weekday, the weekday wants the baseline
        shape = weekday[[day.weekday() for day in days]][:, block.group]
        base = _baseline(sold, usable, shape)
        weekday = _weekday(sold, base, usable, days, block, groups)
    shape = weekday[[day.weekday() for day in days]][:, block.group]
    if block.days >= YEARS_NEEDED * 365:
        year = _year(sold, usable, shape, days, block, groups)
    expected = base * shape
    elasticity = _elasticity(sold, expected, known, block, groups)
    effect = _effects(sold, expected * events.price[rows] ** -elasticity[block.group], known, block, groups, codes)
    return replace(flat_patterns(groups, codes), weekday=weekday, year=year, effect=effect, elasticity=elasticity)


def _baseline(sold: Floats, usable: Flags, shape: Floats) -> Floats:
    """Return units per day around each day, from plain days AROUND it; where there are none, from all plain days."""
    top = np.cumsum(np.where(usable, sold, 0.0), axis=0)
    bottom = np.cumsum(np.where(usable, shape, 0.0), axis=0)
    days = len(sold)
    last = np.minimum(np.arange(days) + AROUND, days - 1)
    first = np.arange(days) - AROUND - 1
    before = (first >= 0)[:, None]
    units = top[last] - np.where(before, top[first], 0.0)
    weight = bottom[last] - np.where(before, bottom[first], 0.0)
    whole = top[-1] / np.maximum(bottom[-1], 1.0)
    return np.asarray(np.where(weight > 0.5, units / np.maximum(weight, 0.5), whole))


def _by_group(values: Floats, block: SeriesBlock, groups: int) -> Floats:
    return np.bincount(block.group, weights=values, minlength=groups).astype(np.float64)


def _weekday(sold: Floats, base: Floats, usable: Flags, days: list[date], block: SeriesBlock, groups: int) -> Floats:
    found = np.ones((WEEK, groups))
    of_day = np.array([day.weekday() for day in days])
    for number in range(WEEK):
        rows = of_day == number
        units = _by_group(np.where(usable[rows], sold[rows], 0.0).cumsum(axis=0)[-1], block, groups)
        expected = _by_group(np.where(usable[rows], base[rows], 0.0).cumsum(axis=0)[-1], block, groups)
        found[number] = (units + LEAST_UNITS) / (expected + LEAST_UNITS)
    return np.asarray(found / (found.cumsum(axis=0)[-1] / WEEK))


def _year(sold: Floats, usable: Flags, shape: Floats, days: list[date], block: SeriesBlock, groups: int) -> Floats:
    """Return the course of the year: units of each seven-day piece over the mean of the year around it."""
    piece = np.array([week_of_year(day) for day in days])
    daily = np.stack([_by_group(np.where(use, row, 0.0), block, groups) for use, row in zip(usable, sold, strict=True)])
    whole = np.where(usable, sold, 0.0).cumsum(axis=0)[-1] / np.maximum(
        np.where(usable, shape, 0.0).cumsum(axis=0)[-1], 1.0
    )  # so that a day without a report of the largest shop is not a day of small demand
    weight = np.stack(
        [_by_group(np.where(use, row * whole, 0.0), block, groups) for use, row in zip(usable, shape, strict=True)]
    )
    top, bottom = np.cumsum(daily, axis=0), np.cumsum(weight, axis=0)
    half = 182
    first = np.clip(np.arange(len(daily)) - half, 0, max(len(daily) - 1 - 2 * half, 0))
    last = np.minimum(first + 2 * half, len(daily) - 1)
    around = (top[last] - top[first]) / np.maximum(bottom[last] - bottom[first], 1e-9)
    found = np.ones((YEAR_WEEKS, groups))
    for number in range(YEAR_WEEKS):
        rows = piece == number
        units = daily[rows].cumsum(axis=0)[-1] if rows.any() else np.zeros(groups)
        expected = (weight[rows] * around[rows]).cumsum(axis=0)[-1] if rows.any() else np.zeros(groups)
        found[number] = (units + LEAST_UNITS) / (expected + LEAST_UNITS)
    smooth = sum(part * np.roll(found, turn, axis=0) for part, turn in ((0.25, -1), (0.5, 0), (0.25, 1)))
    return np.asarray(smooth / np.mean(smooth, axis=0))


def _effects(sold: Floats, expected: Floats, known: Flags, block: SeriesBlock, groups: int, codes: int) -> Floats:
    """Return the effect of each code: first the promotions, then the holidays on top of them."""
    found = np.ones((codes, groups))
    rows = slice(0, block.days)
    for kind in (block.events.promotion[rows], block.events.holiday[rows]):
        fresh = found.copy()
        for code in range(1, codes):
            here = known & (kind == code)
            if not here.any():
                continue
            units = _by_group(np.where(here, sold, 0.0).cumsum(axis=0)[-1], block, groups)
            usual = _by_group(np.where(here, expected, 0.0).cumsum(axis=0)[-1], block, groups)
            fresh[code] = (units + LEAST_UNITS) / (usual + LEAST_UNITS)
        expected = expected * fresh[kind, block.group]
        found = fresh
    return found


def _elasticity(sold: Floats, expected: Floats, known: Flags, block: SeriesBlock, groups: int) -> Floats:
    """Return the elasticity of each group by Newton's method on the Poisson likelihood, between 0 and 6.

    Only days whose price differs and that carry no promotion code tell; without such days it is 0.
    """
    rows = slice(0, block.days)
    price = block.events.price[rows]
    here = known & (price != 1.0) & (block.events.promotion[rows] == 0) & (expected > 0)
    found = np.zeros(groups)
    for group in np.unique(block.group[here.any(axis=0)]):
        mine = here & (block.group == group)[None, :]
        units, usual, x = sold[mine], expected[mine], -np.log(price[mine])
        value = 0.0
        for _ in range(25):
            mean = usual * np.exp(value * x)
            slope = np.sum((units - mean) * x) - value  # a unit normal prior around 0
            value = min(max(value + slope / (np.sum(mean * x * x) + 1.0), 0.0), 6.0)
        found[group] = value
    return found
