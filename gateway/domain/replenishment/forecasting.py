"""From a history to a forecast: units of each coming day, and mean and variance of any run of days from now on."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from gateway.domain.replenishment.patterns import HORIZONS, Patterns
from gateway.domain.replenishment.recursion import (
    Smoothing,
    State,
    event_factor,
    price_factor,
    rate,
    replay,
    smoothing,
    spread,
    weekday_factors,
)
from gateway.domain.replenishment.series import Events, Floats, Ints, SeriesBlock, week_of_year

HORIZON_DAYS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """daily: expected units, shape (days, series), row 0 = first_day; rate: units of a plain average day.

    spread: shape (len(HORIZONS), series); the cumulative error over h days of mean m has variance m + spread x m ** 2.
    """

    first_day: date
    daily: Floats
    rate: Floats
    spread: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalDemand:
    """Of each series: demand over its lead time (until the goods ordered now can be sold) and over its protection
    interval (until the goods of the next order can be sold). days counts the protection interval, lead_days the lead
    time."""

    lead_days: Ints
    days: Ints
    lead_mean: Floats
    lead_variance: Floats
    mean: Floats
    variance: Floats


def forecast(
    history: SeriesBlock,
    patterns: Patterns,
    how: Smoothing | None = None,
    *,
    state: State | None = None,
    horizon: int = HORIZON_DAYS,
) -> tuple[State, Forecast]:
    """Return the state after the history and the forecast of the days after it.

    state: of the day before the history's first; None = from nothing. Feeding one day after the other gives the same.
    """
    how = smoothing(history.series) if how is None else how
    after = replay(history, patterns, how, state)
    return after, forecast_of(after, history.events, patterns, history.group, how, horizon)


def forecast_of(
    state: State, events: Events, patterns: Patterns, group: Ints, how: Smoothing, horizon: int = HORIZON_DAYS
) -> Forecast:
    """Return the forecast from a state. Days after the last known event row have no events."""
    plain = rate(state, how)
    weekdays = weekday_factors(state, patterns, group)
    first = state.through + timedelta(days=1)
    daily, burst = np.empty((horizon, state.series)), state.burst
    for number in range(horizon):
        day = first + timedelta(days=number)
        burst = burst * patterns.stays[day.weekday()][group]
        units = np.maximum(plain + burst, 0.0)
        units = units * weekdays[day.weekday()] * patterns.year[week_of_year(day)][group]
        row = (day - events.first_day).days
        if row < len(events.price):
            units = units * event_factor(state, patterns, group, events.promotion[row])
            units = units * event_factor(state, patterns, group, events.holiday[row])
            units = units * price_factor(patterns, group, events.price[row])
        daily[number] = units
    return Forecast(first_day=first, daily=daily, rate=plain, spread=spread(state, patterns, group, first))


def interval_demand(
    found: Forecast, lead_days: Ints, days: Ints, *, lead_deviation: Floats | None = None
) -> IntervalDemand:
    """Return the demand of the first lead_days and the first days of the forecast, of each series its own.

    lead_deviation: standard deviation of the lead time in days; it adds (daily mean x deviation) ** 2 to both
    variances. Raises ValueError when an interval is longer than the forecast or shorter than its lead time.
    """
    if len(days) and (days.max() > len(found.daily) or (lead_days > days).any() or lead_days.min() < 0):
        raise ValueError("intervals must lie within the forecast, and the lead time within the interval")
    columns = np.arange(len(days))
    total = np.zeros((len(found.daily) + 1, len(days)))
    np.cumsum(found.daily, axis=0, out=total[1:])
    mean, lead_mean = total[days, columns], total[lead_days, columns]
    variance = variance_of(found.spread, days, mean)
    lead_variance = variance_of(found.spread, lead_days, lead_mean)
    if lead_deviation is not None:
        moved = (mean / np.maximum(days, 1) * lead_deviation) ** 2
        variance, lead_variance = variance + moved, lead_variance + moved
    return IntervalDemand(
        lead_days=lead_days,
        days=days,
        lead_mean=lead_mean,
        lead_variance=lead_variance,
        mean=mean,
        variance=variance,
    )


def variance_of(spread_of: Floats, days: Ints, mean: Floats) -> Floats:
    """Return mean + c x mean ** 2 with c between the two nearest HORIZONS, linear in the logarithm of the days.

    Beyond the longest it stays: errors over a month are errors of the level.
    """
    at = np.log(np.clip(days, HORIZONS[0], HORIZONS[-1]))
    knots = np.log(np.array(HORIZONS, np.float64))
    right = np.clip(np.searchsorted(knots, at, side="left"), 1, len(HORIZONS) - 1)
    share = (at - knots[right - 1]) / (knots[right] - knots[right - 1])
    columns = np.arange(len(days))
    between = spread_of[right - 1, columns] * (1.0 - share) + spread_of[right, columns] * share
    return np.asarray(mean + between * mean * mean)


def overridden(found: Forecast, units: Floats) -> Forecast:
    """Return the forecast with a person's or a partner's units laid on top; NaN in units = none for that day.

    units: shape as daily. The system's forecast stays beside it with the caller: it is what the override is measured
    by.
    """
    return replace(found, daily=np.where(np.isnan(units), found.daily, np.maximum(units, 0.0)))
