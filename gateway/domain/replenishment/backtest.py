"""What a way of planning is worth: replay of a history, each way tuned on one window and measured on a later one.

The history is split: patterns and smoothing are fitted on its first part; every way of planning is then played from
there to the end with several settings side by side; the setting that reaches the fill rate on the tuning window is
kept, and the window after it, which nothing was tuned on, is the result. Forecasts go on learning day by day from what
is reported, as they would.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from gateway.domain.replenishment.choosing import choose
from gateway.domain.replenishment.patterns import Patterns, fit_patterns
from gateway.domain.replenishment.planners import (
    ClairvoyantPlanner,
    ForecastPlanner,
    MinMaxPlanner,
    OraclePlanner,
    TextbookPlanner,
    Trailing,
)
from gateway.domain.replenishment.price_effect import judged_elasticity
from gateway.domain.replenishment.recursion import Smoothing, State, fit_spread, replay
from gateway.domain.replenishment.rhythm import fit_stays, fit_weekly
from gateway.domain.replenishment.rounding import packing
from gateway.domain.replenishment.series import Floats, Ints, SeriesBlock
from gateway.domain.replenishment.simulation import Planner, Summary, World, perfect_world, play
from gateway.domain.replenishment.targets import RANGE, policy

SETTLE_DAYS = 28  # of the tuning window: the opening stock is nobody's merit
TRAILING_DAYS = 91
SERVICE_STEPS = (0.9, 0.95, 0.97, 0.98, 0.987, 0.992, 0.995, 0.9972, 0.9985, 0.9994)
COVER_STEPS = (1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0, 5.0, 6.5)  # of the protection interval
FACTOR_STEPS = (0.0, 0.5, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5, 4.5, 6.0)
LOT_STEPS = (0.0, 1.0, 3.0)  # days between minimum and maximum


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """What the first part of the history taught."""

    patterns: Patterns
    how: Smoothing
    state: State
    history: SeriesBlock


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of a way of planning, on the tuning and on the test window."""

    parameter: str
    tuning: Summary
    test: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """name: of the way of planning. test: figures of the test window at the setting (between two of the curve) whose
    fill rate was right on the tuning window. curve: all settings. iso_days: stock days of the test window at exactly
    the fill rate, for comparison only: it looks at the test window."""

    name: str
    test: Summary
    iso_days: float
    curve: tuple[Setting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Days of the tuning and of the test window at the end of the history, and the fill rate to reach."""

    tuning: int
    test: int
    fill: float = 0.98


def fit(history: SeriesBlock, groups: int, codes: int, interval_days: int, how: Smoothing | None = None) -> Fitted:
    """Return patterns, smoothing chosen by backtest for the interval, and the state after the history."""
    patterns = fit_patterns(history, groups, codes)
    patterns = fit_stays(history, replace(patterns, elasticity=judged_elasticity(history, patterns)))
    how = choose(history, patterns, interval_days) if how is None else how
    patterns = fit_weekly(history, patterns, how)
    patterns = fit_spread(replay(history, patterns, how), patterns, history.group)
    return Fitted(patterns=patterns, how=how, state=replay(history, patterns, how), history=history)


def ours(fitted: Fitted, world: World, steps: tuple[float, ...] = SERVICE_STEPS) -> tuple[Planner, tuple[str, ...]]:
    """Return our planner with each service of steps, as least stock, side by side."""
    times, series = len(steps), fitted.state.series
    many = np.tile(np.arange(series), times)
    lot = np.tile(world.pack, times)
    how = policy(series * times, measure=RANGE, lot=lot)
    how.service[:] = np.repeat(steps, series)
    planner = ForecastPlanner(
        state=fitted.state.of(many),
        events=fitted.history.events.of(many),
        patterns=fitted.patterns,
        group=fitted.history.group[many],
        how=fitted.how.of(many),
        policy=how,
        packing=packing(lot),
        lead_days=np.tile(world.lead_days, times),
        review_days=world.review_days,
    )  # fmt: skip
    return planner, tuple(f"service {each:g}" for each in steps)


def _trailing(history: SeriesBlock, times: int) -> Trailing:
    return Trailing(window=TRAILING_DAYS, rows=list(np.tile(history.units[-TRAILING_DAYS:], (1, times))))


def min_max(fitted: Fitted, world: World, every: int = 91) -> tuple[Planner, tuple[str, ...]]:
    """Return minimum and maximum in days of cover, every pair of steps side by side."""
    pairs = [(cover, lot) for lot in LOT_STEPS for cover in COVER_STEPS]
    series, interval = fitted.state.series, float(np.median(world.lead_days)) + world.review_days
    planner = MinMaxPlanner(
        cover=np.repeat([cover * interval for cover, _ in pairs], series),
        lot=np.repeat([lot for _, lot in pairs], series),
        pack=np.tile(world.pack, len(pairs)),
        trailing=_trailing(fitted.history, len(pairs)),
        every=max(every // world.review_days, 1),
    )
    return planner, tuple(f"{cover * interval:g} days, {lot:g} between" for cover, lot in pairs)


def textbook(fitted: Fitted, world: World, every: int = 91) -> tuple[Planner, tuple[str, ...]]:
    """Return order-up-to from trailing mean and deviation, each safety factor side by side."""
    times, series = len(FACTOR_STEPS), fitted.state.series
    planner = TextbookPlanner(
        factor=np.repeat(FACTOR_STEPS, series),
        pack=np.tile(world.pack, times),
        lead_days=np.tile(world.lead_days, times),
        trailing=_trailing(fitted.history, times),
        every=max(every // world.review_days, 1),
        review_days=world.review_days,
    )
    return planner, tuple(f"z {each:g}" for each in FACTOR_STEPS)


def oracle(
    world: World, mean: Floats, variance: Floats, steps: tuple[float, ...] = SERVICE_STEPS
) -> tuple[Planner, tuple[str, ...]]:
    """Return the planner that knows the true law of each day of the world."""
    times, series = len(steps), world.demand.shape[1]
    lot = np.tile(world.pack, times)
    how = policy(series * times, measure=RANGE, lot=lot)
    how.service[:] = np.repeat(steps, series)
    planner = OraclePlanner(
        first_day=world.first_day,
        mean=np.tile(mean, (1, times)),
        variance=np.tile(variance, (1, times)),
        policy=how,
        packing=packing(lot),
        lead_days=np.tile(world.lead_days, times),
        review_days=world.review_days,
    )
    return planner, tuple(f"service {each:g}" for each in steps)


def clairvoyant(world: World) -> tuple[Planner, tuple[str, ...]]:
    """Return the planner that knows the demand."""
    shares = (0.9, 0.94, 0.96, 0.97, 0.98, 0.99, 1.0)
    times, series = len(shares), world.demand.shape[1]
    planner = ClairvoyantPlanner(
        first_day=world.first_day,
        demand=np.tile(world.demand, (1, times)),
        share=np.repeat(shares, series),
        pack=np.tile(world.pack, times),
        lead_days=np.tile(world.lead_days, times),
        review_days=world.review_days,
    )
    return planner, tuple(f"share {each:g}" for each in shares)


def measure(name: str, made: tuple[Planner, tuple[str, ...]], world: World, split: Split, families: int = 1) -> Outcome:
    """Return how a way of planning did in a world that begins with the tuning window and ends with the test window.

    families: the settings are so many equally long curves, one after the other; the one with the least stock on the
    tuning window is taken.
    """
    planner, labels = made
    wide = world.repeated(len(labels))
    opening = np.ceil(np.tile(_opening(world), len(labels)) / wide.pack) * wide.pack
    played = play(wide, planner, opening)
    series = world.demand.shape[1]
    windows = slice(SETTLE_DAYS, split.tuning), slice(split.tuning, split.tuning + split.test)
    curve = tuple(
        Setting(
            parameter=label,
            tuning=played.summary(windows[0], slice(number * series, (number + 1) * series)),
            test=played.summary(windows[1], slice(number * series, (number + 1) * series)),
        )
        for number, label in enumerate(labels)
    )
    length = len(curve) // families
    parts = [curve[start : start + length] for start in range(0, len(curve), length)]
    best = min(parts, key=lambda part: _days_at(part, split.fill, lambda setting: setting.tuning))
    iso = _days_at(best, split.fill, lambda setting: setting.test)
    return Outcome(
        name=name, test=_chosen(best, split.fill), iso_days=iso if iso < np.inf else float("nan"), curve=curve
    )


def backtest(
    history: SeriesBlock, groups: int, codes: int, lead_days: Ints, pack: Floats, split: Split
) -> tuple[Outcome, ...]:
    """Return ours, minimum/maximum and the textbook's order-up-to on a history, and the planner that knows the demand.

    Raises ValueError when the history is not longer than both windows by a quarter.
    """
    before = history.days - split.tuning - split.test
    if before < TRAILING_DAYS:
        raise ValueError("the history is too short for these windows")
    fitted = fit(history.until(before), groups, codes, int(np.median(lead_days)) + 1)
    world = world_of(history, before, lead_days, pack)
    return (
        measure("forecast", ours(fitted, world), world, split),
        measure("min-max", min_max(fitted, world), world, split, len(LOT_STEPS)),
        measure("textbook", textbook(fitted, world), world, split),
        measure("clairvoyant", clairvoyant(world), world, split),
    )


def world_of(history: SeriesBlock, before: int, lead_days: Ints, pack: Floats) -> World:
    """Return what happened after so many days. A day without a report has no report here either; what was asked for on
    it is taken as the mean of its series."""
    units = history.units[before:]
    known = ~np.isnan(units)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, units, 0.0).sum(axis=0) / count
    first = history.first_day + timedelta(days=before)
    return perfect_world(first, np.where(known, units, np.round(mean)), lead_days, pack, known)


def price_of_late_reports(
    fitted: Fitted, world: World, split: Split, days: tuple[int, ...] = (1, 3, 7)
) -> tuple[Outcome, ...]:
    """Return ours with reports so many days late: what each day of delay costs in stock."""
    return tuple(
        measure(f"reports {late} days late", ours(fitted, replace(world, late=late)), replace(world, late=late), split)
        for late in days
    )


def price_of_missing_asn(fitted: Fitted, world: World, split: Split, cut: float = 0.15) -> tuple[Outcome, Outcome]:
    """Return ours when a share of the order lines is shipped by half: with an ASN that says so, and without."""
    days, series = world.demand.shape
    # a fixed scatter over days and series, so that every run cuts the same lines
    scatter = (np.arange(days)[:, None] * 7919 + np.arange(series)[None, :] * 104729) % 1000
    short = replace(world, shipped=np.where(scatter < cut * 1000, 0.5, 1.0))
    told, untold = replace(short, asn=True), replace(short, asn=False)
    return (
        measure("lines cut, ASN", ours(fitted, told), told, split),
        measure("lines cut, no ASN", ours(fitted, untold), untold, split),
    )


def _opening(world: World) -> Floats:
    """Return a fortnight of the world's mean demand."""
    return np.asarray(world.demand.mean(axis=0) * 14.0)


def _frontier(curve: tuple[Setting, ...], of: Callable[[Setting], Summary]) -> list[Setting]:
    """Return the settings of which no other has as much fill with less stock, from the least stock."""
    found: list[Setting] = []
    for each in sorted(curve, key=lambda setting: (of(setting).stock_days, -of(setting).fill)):
        if not found or of(each).fill > of(found[-1]).fill:
            found.append(each)
    return found


def _chosen(curve: tuple[Setting, ...], fill: float) -> Summary:
    """Return the test figures of the setting that just reaches the fill rate on the tuning window.

    Between two settings of a curve the figures are interpolated: a setting between them would give about that.
    """
    line = _frontier(curve, lambda setting: setting.tuning)
    for below, above in itertools.pairwise(line):
        if below.tuning.fill < fill <= above.tuning.fill:
            share = (fill - below.tuning.fill) / (above.tuning.fill - below.tuning.fill)
            return _between(below.test, above.test, share)
    return line[0].test if line[0].tuning.fill >= fill else line[-1].test


def _between(low: Summary, high: Summary, share: float) -> Summary:
    def mixed(name: str) -> float:
        return float(getattr(low, name) * (1.0 - share) + getattr(high, name) * share)

    return Summary(
        fill=mixed("fill"),
        stock_days=mixed("stock_days"),
        lost=mixed("lost"),
        order_lines=mixed("order_lines"),
        bullwhip=mixed("bullwhip"),
    )


def _days_at(curve: tuple[Setting, ...], fill: float, of: Callable[[Setting], Summary]) -> float:
    """Return the stock days at exactly the fill rate on a window; inf where no setting reaches it."""
    line = _frontier(curve, of)
    for low, high in itertools.pairwise(line):
        below, above = of(low), of(high)
        if below.fill < fill <= above.fill:
            return _between(below, above, (fill - below.fill) / (above.fill - below.fill)).stock_days
    return of(line[0]).stock_days if of(line[0]).fill >= fill else float("inf")
