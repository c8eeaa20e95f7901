"""Items without a history: what like items sold stands for so many days of their own, and fades as their own come in.

Source: A. Gelman and others, Bayesian Data Analysis, chapter 2: gamma prior, Poisson counts.
"""

from dataclasses import replace

import numpy as np

from gateway.domain.replenishment.recursion import State, from_columns
from gateway.domain.replenishment.series import Floats, Ints, SeriesBlock

PRIOR_DAYS = 14.0  # days of its own after which an item's own sales weigh as much as its like


def analogue_rate(like_rate: Floats, like_size: Floats, own_size: float) -> tuple[float, float]:
    """Return mean and variance of the daily rate to expect from like items, scaled by size of place (or range).

    like_size, own_size: turnover, floor space, whatever both have. Raises ValueError without like items.
    """
    if not len(like_rate):
        raise ValueError("a new item needs like items")
    scaled = like_rate * own_size / like_size
    return float(scaled.mean()), float(scaled.var())


def prior(mean: Floats, variance: Floats, most_days: float = PRIOR_DAYS) -> tuple[Floats, Floats]:
    """Return a and b of the gamma prior, b in days: mean = a / b, variance = a / b ** 2, b at most most_days.

    The more like items differ, the fewer days they stand for.
    """
    days = np.minimum(np.where(variance > 0, mean / np.maximum(variance, 1e-12), most_days), most_days)
    return mean * days, days


def posterior(a: Floats, b: Floats, sold: Floats, days: Floats) -> tuple[Floats, Floats]:
    """Return mean rate and relative variance of the rate after days of own sales: (a + sold) / (b + days), 1 / (a +
    sold)."""
    shape = a + sold
    return shape / (b + days), 1.0 / np.maximum(shape, 1e-9)


def begin(state: State, columns: Ints, a: Floats, b: Floats) -> State:
    """Return the state with new series started from their priors.

    The recursion's start is a plain mean over `seen` days; seen = b makes its level the posterior mean day by day.
    """
    begun = from_columns(state.through, state.columns())
    begun.level[columns] = a / b
    begun.seen[columns] = b
    begun.size[columns] = np.maximum(a / b, 1.0)
    begun.probability[columns] = np.minimum(a / b, 1.0)
    begun.interval[columns] = np.maximum(b / np.maximum(a, 1e-9), 1.0)
    begun.sales[columns] = np.minimum(a, b)
    return begun


def new_item_variance(mean: Floats, variance: Floats, relative: Floats) -> Floats:
    """Return the variance of an interval's demand, widened by how little is known of the rate: relative x mean ** 2."""
    return np.maximum(variance, mean + relative * mean * mean)


def succeed(block: SeriesBlock, predecessor: int, successor: int, factor: float, from_row: int) -> SeriesBlock:
    """Return the history in which the successor takes over what the predecessor sold before from_row.

    factor: units of the successor per unit of the predecessor (a 500 g pack for a 250 g pack: 0.5). Where both sold
    (the old stock runs out while the new one is there), the successor's history is the sum. The predecessor keeps its
    history up to from_row and is unknown from then on: it is not to be ordered any more.
    """
    units, censored = block.units.copy(), block.censored.copy()
    old, new = units[:, predecessor] * factor, units[:, successor]
    both = np.where(np.isnan(old), new, np.where(np.isnan(new), old, old + new))
    units[:, successor] = both
    units[from_row:, predecessor] = np.nan
    censored[:, successor] = np.where(
        np.arange(block.days) < from_row, censored[:, predecessor], censored[:, successor]
    )
    return replace(block, units=units, censored=censored)


def succeeding_position(position: Floats, predecessor_stock: Floats, factor: Floats) -> Floats:
    """Return the successor's position: the predecessor's stock serves the same customers until it is gone."""
    return np.asarray(position + np.maximum(predecessor_stock, 0.0) * factor)
