"""Items without a history: what like items sold stands for so many days of their own, and fades as their own come in.

Source: A. Gelman and others, Bayesian Data Analysis, chapter 2: gamma prior, Poisson counts.
"""

import numpy as np

from gateway.domain.replenishment.recursion import State, from_columns
from gateway.domain.replenishment.series import Floats, Ints

PRIOR_DAYS = 14.0  # days of its own after which an item's own sales weigh as much as its like


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
