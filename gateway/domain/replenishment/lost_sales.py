"""What would have been sold: days on which the shelf was empty, and units that were asked for and not there."""

import numpy as np

from gateway.domain.replenishment.distributions import COUNTS, tail
from gateway.domain.replenishment.series import Flags, Floats

PHANTOM_CHANCE = 0.01


def censored_days(opening: Floats, received: Floats, sold: Floats, asked: Floats, expected: Floats) -> Flags:
    """Return the days whose sales say less than demand was: asked for and not there, or sold out below what was
    expected.

    asked: units reported as asked for and not there (quantity code 217), 0 without a report.
    """
    empty = opening + received - sold <= 0
    return np.asarray((asked > 0) | (empty & (sold < expected)))


def lost_units(sold: Floats, asked: Floats, expected: Floats, censored: Flags) -> Floats:
    """Return the units lost: as reported where reported, else what was expected beyond what was sold; 0 on other
    days."""
    return np.asarray(np.where(asked > 0, asked, np.where(censored, np.maximum(expected - sold, 0.0), 0.0)))


def demand_signal(sold: Floats, returned: Floats, excluded: Floats, *, net: bool) -> Floats:
    """Return demand of each day: gross sales less what is not to be replenished; never below 0, NaN stays unknown.

    net: sold is after returns (code 212), so that they are added again. excluded: code 41.
    """
    gross = sold + returned if net else sold
    return np.asarray(np.maximum(gross - excluded, 0.0))


def phantom_stock(on_hand: Floats, days_without_sale: Floats, rate: Floats, relative: Floats) -> Flags:
    """Return where stock is reported, yet so long without a sale that it is hardly there: chance below PHANTOM_CHANCE.

    relative: relative variance of the demand over those days beyond Poisson (spread).
    """
    mean = np.maximum(rate * days_without_sale, 1e-9)
    none = 1.0 - tail(COUNTS, np.zeros(len(mean)), mean, mean + relative * mean * mean)
    return np.asarray((on_hand > 0) & (days_without_sale > 0) & (none < PHANTOM_CHANCE))
