"""How high to fill: the stock position that keeps the promise over the protection interval, for many series at once.

The promises. Cycle service: the share of order cycles without a stock-out. Fill rate: the share of units served from
stock; contracts mean this one. Least stock: one unit more of any item would sell the same share 1 - a of a unit in a
cycle (Lagrange), so that a range of items serves what it serves with the least stock; one cycle service for all comes
near it, one fill rate for each item is what a contract says.

With x = the position just after ordering, lead-time demand L and protection demand P, a cycle misses
E(P - x)+ - E(L - x)+ units of the demand between two deliveries. Whole packs leave the position evenly spread over one
pack (one lot) above the target, so the mean over that spread is what must be small enough; ignoring it would order a
pack's half too much.

Source: E. A. Silver, D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains, chapter 6 (R, S),
(R, s, nQ), (s, S), (s, Q); R. H. Teunter, M. Z. Babai, A. A. Syntetos on undershoot.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gateway.domain.replenishment.distributions import (
    COUNTS,
    DISTRIBUTION_NAMES,
    choose_distribution,
    losses,
)
from gateway.domain.replenishment.forecasting import Forecast, IntervalDemand
from gateway.domain.replenishment.series import Floats, Ints

UP_TO, MIN_MAX, REORDER_LOT, REORDER_UP_TO = range(4)
RULE_NAMES = ("order-up-to", "min-max", "reorder-lot", "reorder-up-to")
CYCLE, FILL, RANGE = range(3)
MEASURE_NAMES = ("cycle-service", "fill-rate", "least-stock")
AUTOMATIC = -1  # distribution by the size of the mean
BY_SERVICE, BY_PRESENTATION, BY_LUMPY_CAP, BY_CAPACITY, BY_LIFE, BY_PARTNER, BY_NOTHING = range(7)
LIMIT_NAMES = ("service", "presentation", "lumpy-cap", "capacity", "shelf-life", "partner", "no-demand")
LUMPY_CAP = 6.0  # deviations above the mean; a quantile of a long tail would tie up a year of stock
_LEAST = 1e-9
_TINY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Of each series. rule, measure, distribution: codes above. service: 0 to 1. lot: units that an order is rounded to
    (the pack; the fixed quantity of (s, Q); S - s of (s, S)). presentation: units that shall stand on the shelf beyond
    the expected demand. capacity, life_cap: most units in position; inf = none. minimum, maximum: of MIN_MAX."""

    rule: Ints
    measure: Ints
    service: Floats
    lot: Floats
    presentation: Floats
    capacity: Floats
    life_cap: Floats
    minimum: Floats
    maximum: Floats
    distribution: Ints


class _Wanted(NamedTuple):
    """allowed: what may be missed (units, or a chance); lot: see Policy."""

    allowed: Floats
    lot: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Of each series, in units. Order when the position is below or at reorder_point, up to order_up_to. safety_stock:
    order_up_to less the mean of the protection interval. limited_by: what set the level, index into LIMIT_NAMES."""

    reorder_point: Floats
    order_up_to: Floats
    safety_stock: Floats
    distribution: Ints
    limited_by: Ints


def policy(series: int, service: float = 0.98, measure: int = FILL, lot: Floats | float = 1.0) -> Policy:
    """Return order-up-to with one service for all series and no caps."""
    return Policy(
        rule=np.full(series, UP_TO),
        measure=np.full(series, measure),
        service=np.full(series, service),
        lot=np.broadcast_to(np.asarray(lot, np.float64), (series,)).copy(),
        presentation=np.zeros(series),
        capacity=np.full(series, np.inf),
        life_cap=np.full(series, np.inf),
        minimum=np.zeros(series),
        maximum=np.zeros(series),
        distribution=np.full(series, AUTOMATIC),
    )


def targets(demand: IntervalDemand, how: Policy) -> Targets:
    """Return the levels. Without expected demand only the presentation stock is kept."""
    kind = np.where(how.distribution == AUTOMATIC, choose_distribution(demand.mean), how.distribution)
    lowest = np.zeros(len(kind))
    for each in range(len(DISTRIBUTION_NAMES)):
        for measure in range(len(MEASURE_NAMES)):
            at = np.flatnonzero((kind == each) & (how.measure == measure) & (demand.mean > _LEAST))
            if len(at):
                lowest[at] = _service_level(each, measure, _of(demand, at), how.service[at], how.lot[at])
    return _limited(demand, how, kind, lowest)


def _limited(demand: IntervalDemand, how: Policy, kind: Ints, lowest: Floats) -> Targets:
    limit = np.where(demand.mean > _LEAST, BY_SERVICE, BY_NOTHING)
    level, limit = _least(lowest, demand.mean + LUMPY_CAP * np.sqrt(demand.variance), limit, BY_LUMPY_CAP)
    shown = np.where(how.presentation > 0, demand.mean + how.presentation, 0.0)
    limit = np.where(shown > level, BY_PRESENTATION, limit)
    level = np.maximum(level, shown)
    level, limit = _least(level, how.capacity, limit, BY_CAPACITY)
    level, limit = _least(level, how.life_cap, limit, BY_LIFE)
    partner = how.rule == MIN_MAX
    fixed = (how.rule == REORDER_LOT) | (how.rule == REORDER_UP_TO)
    whole = np.where(kind == COUNTS, 1.0, 0.0)  # counts: an order is due at s and below, so that s + 1 is the lowest
    reorder = np.where(partner, how.minimum, np.where(fixed, level - whole, level))
    upper = np.where(partner, how.maximum, np.where(fixed, level - whole + how.lot, level))
    upper = np.where(fixed, np.minimum(np.minimum(upper, how.capacity), how.life_cap), upper)
    return Targets(
        reorder_point=reorder,
        order_up_to=upper,
        safety_stock=upper - demand.mean,
        distribution=kind,
        limited_by=np.where(partner, BY_PARTNER, limit),
    )


def _least(level: Floats, cap: Floats, limit: Ints, code: int) -> tuple[Floats, Ints]:
    return np.minimum(level, cap), np.where(cap < level, code, limit)


def _of(demand: IntervalDemand, at: Ints) -> IntervalDemand:
    return IntervalDemand(
        lead_days=demand.lead_days[at],
        days=demand.days[at],
        lead_mean=demand.lead_mean[at],
        lead_variance=demand.lead_variance[at],
        mean=demand.mean[at],
        variance=demand.variance[at],
    )


def missed_units(kind: int, level: Floats, demand: IntervalDemand, lot: Floats) -> Floats:
    """Return the units that a cycle misses when positions after ordering lie evenly in [level, level + lot)."""
    return _missed(kind, level, demand, lot)[0]


def _missed(kind: int, level: Floats, demand: IntervalDemand, lot: Floats) -> tuple[Floats, Floats]:
    """Return missed_units and by how much one more unit of level lowers them."""
    found, slope = _mean_shortage(kind, level, demand.mean, demand.variance, lot)
    # what is missed before the first delivery was the promise of the order before
    lead = np.flatnonzero(demand.lead_mean + LUMPY_CAP * np.sqrt(demand.lead_variance) > level)
    lead = lead[demand.lead_mean[lead] > _LEAST]
    if len(lead):
        less = _mean_shortage(kind, level[lead], demand.lead_mean[lead], demand.lead_variance[lead], lot[lead])
        found[lead] = np.maximum(found[lead] - less[0], 0.0)
        slope[lead] = np.maximum(slope[lead] - less[1], 0.0)
    return found, slope


def _mean_shortage(kind: int, level: Floats, mean: Floats, variance: Floats, lot: Floats) -> tuple[Floats, Floats]:
    """Return E(D - x)+ averaged over the spread of x, and its slope; a lot of one unit (or none) spreads nothing."""
    low = losses(kind, level, mean, variance)
    at = np.flatnonzero(lot > 1.0)
    if not len(at):
        return low.missed, low.beyond
    high = losses(kind, level[at] + lot[at], mean[at], variance[at])
    found, slope = low.missed.copy(), low.beyond.copy()
    found[at] = np.maximum(low.second[at] - high.second, 0.0) / lot[at]
    slope[at] = np.maximum(low.missed[at] - high.missed, 0.0) / lot[at]
    return found, slope


def _short(kind: int, measure: int, level: Floats, demand: IntervalDemand, how: _Wanted) -> tuple[Floats, Floats]:
    """Return by what share the level falls short of the promise (log of what is over what may be), and the next
    step."""
    if measure == CYCLE:  # the promise counts the whole interval, its lead time included
        missed, slope = _mean_shortage(kind, level, demand.mean, demand.variance, how.lot)
    else:
        missed, slope = _missed(kind, level, demand, how.lot)
    per_unit = np.maximum(slope, _TINY) / np.maximum(missed, _TINY)
    found = missed if measure == FILL else slope
    over = np.log(np.maximum(found, _TINY) / np.maximum(how.allowed, _TINY))
    if measure == RANGE:  # far below the demand one more unit sells nothing before the next delivery either
        over = np.where(level < demand.mean, np.maximum(over, 1.0), over)
    return over, over / per_unit


def _service_level(kind: int, measure: int, demand: IntervalDemand, service: Floats, lot: Floats) -> Floats:
    """Return the least level that keeps the promise.

    Newton's method on the logarithm inside a bracket: tails fall about exponentially. Each series stops on its own: at
    a whole unit for counts, at a thousandth of a deviation else; a level above the lumpy cap is the cap.
    """
    between = demand.mean - demand.lead_mean
    allowed = (1.0 - service) * (np.where(between > _LEAST, between, demand.mean) if measure == FILL else 1.0)
    deviation = np.sqrt(demand.variance)
    counts = kind == COUNTS
    lot = np.maximum(np.round(lot), 1.0) if counts else lot
    low, high = np.full(len(allowed), -1.0 if counts else 0.0), demand.mean + LUMPY_CAP * deviation
    high = np.ceil(high) if counts else high
    width = np.ones(len(allowed)) if counts else np.maximum(0.001 * deviation, 1e-6)
    guess = demand.mean + 1.2 * deviation - lot / 3.0
    active = np.arange(len(allowed))
    while len(active):
        bottom, top = low[active], high[active]
        x = np.floor(guess[active]) if counts else guess[active]
        middle = np.floor((bottom + top) / 2.0) if counts else (bottom + top) / 2.0
        x = np.where((x > bottom) & (x < top), x, middle)
        over, move = _short(kind, measure, x, _of(demand, active), _Wanted(allowed[active], lot[active]))
        enough = over <= 0
        high[active], low[active] = np.where(enough, x, top), np.where(enough, bottom, x)
        # a hair beyond the root, so that the next point closes the bracket from the other side
        nudge = np.where(enough, -0.4, 0.4) * width[active]
        guess[active] = np.where(counts, np.ceil(x + move) - enough * 1.0, x + move + nudge)
        active = active[high[active] - low[active] > width[active]]
    return high


def life_cap(found: Forecast, days: Ints, share: float = 1.0) -> Floats:
    """Return the units expected to be sold within days from now: more would be out of date before it is sold.

    days: the life left on arrival less the least life at sale, plus the days until arrival.
    """
    total = np.zeros((len(found.daily) + 1, found.daily.shape[1]))
    np.cumsum(found.daily, axis=0, out=total[1:])
    return np.asarray(total[np.minimum(days, len(found.daily)), np.arange(len(days))] * share)
