"""Rates of items that are not sold every day, one day at a time, over all series at once.

Sources: J. D. Croston, Operational Research Quarterly 23 (1972); A. A. Syntetos, J. E. Boylan, International Journal of
Forecasting 21 (2005) for the correction 1 - a / 2; R. H. Teunter, A. A. Syntetos, M. Z. Babai, European Journal of
Operational Research 214 (2011) for the probability that is lowered on days without sales.
"""

import numpy as np

from gateway.domain.replenishment.series import Flags, Floats


def tsb_step(
    probability: Floats, size: Floats, units: Floats, known: Flags, alpha: Floats, beta: Floats
) -> tuple[Floats, Floats]:
    """Return probability and size after a day. alpha: gain of the size; beta: gain of the probability."""
    sold = known & (units > 0)
    probability = np.where(known, probability + beta * (sold - probability), probability)
    return probability, np.where(sold, size + alpha * (units - size), size)


def croston_step(
    size: Floats, interval: Floats, since: Floats, units: Floats, known: Flags, alpha: Floats
) -> tuple[Floats, Floats, Floats]:
    """Return size, interval and known days since the last sale (1 on the day after it), after a day."""
    sold = known & (units > 0)
    size = np.where(sold, size + alpha * (units - size), size)
    interval = np.where(sold, interval + alpha * (since - interval), interval)
    return size, interval, np.where(sold, 1.0, since + known)


def croston_rate(size: Floats, interval: Floats) -> Floats:
    """Return units per day; 0 before the first sale."""
    return np.where(interval > 0, size / np.maximum(interval, 1.0), 0.0)


def sba_rate(size: Floats, interval: Floats, alpha: Floats) -> Floats:
    """Return units per day without the bias of Croston's quotient."""
    return (1.0 - alpha / 2.0) * croston_rate(size, interval)
