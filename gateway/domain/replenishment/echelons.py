"""A distribution centre and its stores: plan the centre on what customers buy, not on what stores order.

Echelon position of the centre = its own position + stock and goods in transit of all its stores. Raised to the stores'
demand over the centre's lead time and review plus the stores' own interval, it needs no forecast of store orders, and
the bullwhip of their packs and batches never arrives.

Source: A. J. Clark, H. Scarf, Management Science 6 (1960), echelon stock; S. C. Graves, S. P. Willems, Manufacturing
and Service Operations Management 2 (2000), guaranteed service.
"""

from dataclasses import dataclass

import numpy as np

from gateway.domain.replenishment.series import Floats, Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class EchelonDemand:
    """Demand of all stores of each centre's item over the echelon's interval."""

    mean: Floats
    variance: Floats


def echelon_position(centre_of: Ints, centre_position: Floats, on_hand: Floats, in_transit: Floats) -> Floats:
    """Return the echelon position of each centre. centre_of: index of the centre, one for each store."""
    count = len(centre_position)
    held = np.bincount(centre_of, weights=np.maximum(on_hand, 0.0) + in_transit, minlength=count)
    return np.asarray(centre_position + held)


def echelon_demand(
    centre_of: Ints, mean: Floats, variance: Floats, centres: int, correlation: float = 0.0
) -> EchelonDemand:
    """Return mean and variance of the sum over the stores of each centre.

    correlation: of the errors of two stores of one item, 0 to 1: with c, the sum's variance is (1 - c) x sum of
    variances + c x (sum of deviations) ** 2.
    """
    total = np.bincount(centre_of, weights=mean, minlength=centres)
    alone = np.bincount(centre_of, weights=variance, minlength=centres)
    together = np.bincount(centre_of, weights=np.sqrt(variance), minlength=centres) ** 2
    return EchelonDemand(
        mean=total.astype(np.float64), variance=np.asarray((1.0 - correlation) * alone + correlation * together)
    )


def lead_time_variance(mean_days: Floats, deviation_days: Floats, daily_mean: Floats, daily_variance: Floats) -> Floats:
    """Return the variance of demand over a lead time that varies: E(L) var(D) + E(D) ** 2 var(L)."""
    return np.asarray(mean_days * daily_variance + (daily_mean * deviation_days) ** 2)


def guaranteed_service(
    factor: Floats, daily_deviation: Floats, inbound_days: Floats, own_days: Floats, promised_days: Floats
) -> Floats:
    """Return the safety stock of each stage: z x sigma x sqrt(inbound service time + own time - promised service time).

    Raises ValueError when a stage promises a time that it does not even need.
    """
    net = inbound_days + own_days - promised_days
    if (net < 0).any():
        raise ValueError("a stage cannot promise more time than it has")
    return np.asarray(factor * daily_deviation * np.sqrt(net))
