"""The week's rhythm of what no calendar tells: on which weekdays bursts end, and after which the days are uncertain.

Who does not share his promotions still begins them on a certain weekday. Then a burst is over on that day, and the days
that begin just before it are the ones that need stock. Both show in the errors of whole groups; a group without such a
rhythm gets what a group without any history has.
"""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from gateway.domain.replenishment.patterns import HORIZONS, Patterns
from gateway.domain.replenishment.recursion import (
    RING,
    SPREAD_DECAY,
    Smoothing,
    State,
    advance,
    fresh_state,
    rate,
    smoothing,
)
from gateway.domain.replenishment.series import WEEK, Floats, Ints, SeriesBlock

STAYS_PRIOR = 50.0  # of the sum of squared bursts over units expected, at which a weekday weighs as much as the prior
LEAST_UNITS = 0.5  # expected on a day: below, a burst is a single sale
WEEKLY_PRIOR = 200.0  # windows of a group at which its weekday weighs as much as no rhythm
WEEKLY_BOUNDS = (0.2, 5.0)
_QUICK = (0.02, 0.3)  # gains of level and burst by which bursts are seen at all


def fit_stays(block: SeriesBlock, patterns: Patterns) -> Patterns:
    """Return the patterns with the share of a burst that is left on each weekday of what there was the day before.

    A regression through the origin of what a day sold beyond its plain rate on the burst of the evening before, each
    weighed by the units expected; between 0 and 1.
    """
    how = smoothing(block.series, alpha=_QUICK[0], burst=_QUICK[1])
    both, squares = (np.zeros((WEEK, block.series)) for _ in range(2))
    state = fresh_state(block.first_day - timedelta(days=1), block.series, len(patterns.effect))
    for row in range(block.days):
        day = block.first_day + timedelta(days=row)
        after = _next(state, block, row, patterns, how)
        factor, units = after.factors[day.toordinal() % RING], after.units[day.toordinal() % RING]
        expected = rate(state, how) * factor
        lifted = state.burst * factor  # 0 on an unknown day
        weight = 1.0 / np.maximum(expected, LEAST_UNITS)
        both[day.weekday()] += (units - expected) * lifted * weight
        squares[day.weekday()] += lifted * lifted * weight
        state = after
    groups = patterns.weekday.shape[1]
    top, bottom = (_by_group(each, block.group, groups) for each in (both, squares))
    stays = (top + STAYS_PRIOR * patterns.stays) / (bottom + STAYS_PRIOR)
    return replace(patterns, stays=np.clip(stays, 0.0, 1.0))


def fit_weekly(block: SeriesBlock, patterns: Patterns, how: Smoothing) -> Patterns:
    """Return the patterns with the factor by which errors of days that begin on a weekday vary more than usual."""
    shape = (WEEK, len(HORIZONS), block.series)
    errors, scales, windows = (np.zeros(shape) for _ in range(3))
    state = fresh_state(block.first_day - timedelta(days=1), block.series, len(patterns.effect))
    for row in range(block.days):
        day = block.first_day + timedelta(days=row)
        after = _next(state, block, row, patterns, how)
        counted = after.windows != state.windows
        for number, horizon in enumerate(HORIZONS):
            here = (day.weekday() - horizon + 1) % WEEK, number
            errors[here] += np.where(counted[number], after.errors[number] - SPREAD_DECAY * state.errors[number], 0.0)
            scales[here] += np.where(counted[number], after.scales[number] - SPREAD_DECAY * state.scales[number], 0.0)
            windows[here] += counted[number]
        state = after
    groups = patterns.weekday.shape[1]
    top, bottom, count = (
        _by_group(each.reshape(-1, block.series), block.group, groups).reshape(WEEK, len(HORIZONS), groups)
        for each in (errors, scales, windows)
    )
    usual = top.sum(axis=0) / np.maximum(bottom.sum(axis=0), 1e-9)
    known = (usual > 0) & (bottom > 0)
    found = np.where(known, np.maximum(top, 0.0) / np.where(known, bottom * usual, 1.0), 1.0)
    shrunk = (count * found + WEEKLY_PRIOR) / (count + WEEKLY_PRIOR)
    return replace(patterns, weekly=np.clip(shrunk, *WEEKLY_BOUNDS))


def _next(state: State, block: SeriesBlock, row: int, patterns: Patterns, how: Smoothing) -> State:
    return advance(state, block.units[row], block.censored[row], block.events, patterns, block.group, how)


def _by_group(rows: Floats, group: Ints, groups: int) -> Floats:
    return np.stack([np.bincount(group, weights=row, minlength=groups) for row in rows])
