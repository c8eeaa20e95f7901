"""Whether the price effect of a group is believed: by its errors on days that it was not fitted on."""

from dataclasses import replace

import numpy as np

from gateway.domain.replenishment.patterns import Patterns, fit_patterns
from gateway.domain.replenishment.recursion import advance, price_factor, rate, replay, smoothing
from gateway.domain.replenishment.series import Floats, SeriesBlock

FITTED = 2 / 3  # of the history; the rest judges
LEAST_DAYS = 28.0  # of one item at one place at another price, among those that judge


def judged_elasticity(block: SeriesBlock, patterns: Patterns) -> Floats:
    """Return the elasticity of each group, 0 where it does not pay.

    What the first two thirds teach is tried on the last third, day by day: where days at another price are not foretold
    better with it than without (squared error over expected units), the group has none.
    """
    before = int(block.days * FITTED)
    changed = (block.events.price[before : block.days] != 1.0) & ~np.isnan(block.units[before:])
    if not changed.any() or not patterns.elasticity.any():
        return np.zeros_like(patterns.elasticity)
    groups = len(patterns.elasticity)
    early = fit_patterns(block.until(before), groups, len(patterns.effect))
    off = [_errors(block, replace(patterns, elasticity=each), before) for each in (early.elasticity, np.zeros(groups))]
    gained, days = (
        np.bincount(block.group, weights=each, minlength=groups)
        for each in (off[1] - off[0], changed.sum(axis=0).astype(np.float64))
    )
    return np.where((gained > 0) & (days >= LEAST_DAYS), patterns.elasticity, 0.0)


def _errors(block: SeriesBlock, patterns: Patterns, before: int) -> Floats:
    """Return of each series the squared errors over expected units of the days from before on at another price."""
    how = smoothing(block.series, alpha=0.03)
    state = replay(block.until(before), patterns, how)
    found = np.zeros(block.series)
    for row in range(before, block.days):
        usual = rate(state, how)
        state = advance(state, block.units[row], block.censored[row], block.events, patterns, block.group, how)
        slot = (block.first_day.toordinal() + row) % len(state.factors)
        price = block.events.price[row]
        plain = state.factors[slot] / price_factor(patterns, block.group, price)
        told = (price != 1.0) & (plain > 0)
        error = state.units[slot] - usual * state.factors[slot]
        found += np.where(told, error * error / np.maximum(usual * plain, 0.1), 0.0)
    return found
