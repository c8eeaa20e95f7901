"""What one item's forecast takes from others: the factors its group shares, and for a new item what its like sell."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np

from gateway.domain.replenishment.classes import NEW
from gateway.domain.replenishment.events import Coded
from gateway.domain.replenishment.forecasting import IntervalDemand
from gateway.domain.replenishment.new_items import begin, new_item_variance, posterior, prior
from gateway.domain.replenishment.pair_input import PairInput
from gateway.domain.replenishment.patterns import Patterns, fit_patterns, flat_patterns
from gateway.domain.replenishment.recursion import (
    Smoothing,
    State,
    event_factor,
    fresh_state,
    price_factor,
    rate,
    weekday_factors,
)
from gateway.domain.replenishment.series import Floats, Ints, SeriesBlock, week_of_year


def patterns_of(block: SeriesBlock, inputs: Sequence[PairInput], known: Coded) -> Patterns:
    """Return the factors of each series, a column of its own: those that were learned of its group, and before anything
    was learned those of its own history."""
    whole = all(each.learned is not None for each in inputs) and not known.kinds
    own = flat_patterns(block.series, known.codes) if whole else fit_patterns(block, block.series, known.codes)
    found = replace(
        own,
        weekday=own.weekday.copy(),
        year=own.year.copy(),
        effect=own.effect.copy(),
        elasticity=own.elasticity.copy(),
        spread=own.spread.copy(),
        weekly=own.weekly.copy(),
        stays=own.stays.copy(),
    )
    for column, each in enumerate(inputs):
        learned = {} if each.learned is None else each.learned.group_of(each.item.category).effects
        effects = known.effects(learned)
        said = np.array([True, *(expected is not None or name in learned for name, expected in known.kinds)])
        found.effect[:, column] = np.where(said, effects, own.effect[:, column])
        if each.learned is None:
            continue
        shared = each.learned.group_of(each.item.category)
        found.weekday[:, column], found.year[:, column] = shared.weekday, shared.year
        found.elasticity[column], found.spread[:, column] = shared.elasticity, shared.spread
        found.weekly[:, :, column], found.stays[:, column] = shared.weekly, shared.stays
    return found


def begun(block: SeriesBlock, inputs: Sequence[PairInput], code: Ints, codes: int) -> tuple[State, Floats]:
    """Return the state to begin from, and of each series the relative variance of its rate: above 0 where it is new and
    was begun from what its like sell."""
    state = fresh_state(block.first_day - timedelta(days=1), block.series, codes)
    relative = np.zeros(block.series)
    new = [column for column, each in enumerate(inputs) if code[column] == NEW and each.like is not None]
    if not new:
        return state, relative
    columns = np.array(new)
    likes = [like for like in (inputs[column].like for column in new) if like is not None]
    a, b = prior(np.array([each.rate for each in likes]), np.array([each.variance for each in likes]))
    own = block.units[:, columns]
    _, relative[columns] = posterior(a, b, np.nan_to_num(own).sum(axis=0), (~np.isnan(own)).sum(axis=0))
    return begin(state, columns, a, b), relative


def widened(demand: IntervalDemand, relative: Floats) -> IntervalDemand:
    """Return the demand with what is not known of a new item's rate; the others' stays as it is."""
    new = relative > 0
    if not new.any():
        return demand
    wide = new_item_variance(demand.mean, demand.variance, relative)
    lead = new_item_variance(demand.lead_mean, demand.lead_variance, relative)
    return replace(
        demand,
        variance=np.where(new, wide, demand.variance),
        lead_variance=np.where(new, lead, demand.lead_variance),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the forecast of each day was made from. burst: (series,), of the last day; stays: share of it that is left
    on each day of what there was the day before; factors: name -> (days, series)."""

    rate: Floats
    burst: Floats
    stays: Floats
    factors: dict[str, Floats]

    def of_day(self, number: int, column: int) -> dict[str, float]:
        """Return the factors of a day that are not 1, and what stays of a burst where there is one."""
        found = {name: float(each[number, column]) for name, each in self.factors.items()}
        left = {"stays": float(self.stays[number, column])} if self.burst[column] else {}
        return {name: value for name, value in found.items() if value != 1.0} | left


def parts_of(state: State, block: SeriesBlock, patterns: Patterns, how: Smoothing, known: Coded, days: int) -> Parts:
    """Return the parts of the forecast of so many days after state."""
    weekdays, events, group = weekday_factors(state, patterns, block.group), known.events, block.group
    names = ("weekday", "year", "promotion", "holiday", "price")
    factors = {name: np.ones((days, state.series)) for name in names}
    stays = np.empty((days, state.series))
    for number in range(days):
        day = state.through + timedelta(days=number + 1)
        stays[number] = patterns.stays[day.weekday()][group]
        factors["weekday"][number] = weekdays[day.weekday()]
        factors["year"][number] = patterns.year[week_of_year(day)][group]
        row = (day - events.first_day).days
        if row < len(events.price):
            factors["promotion"][number] = event_factor(state, patterns, group, events.promotion[row])
            factors["holiday"][number] = event_factor(state, patterns, group, events.holiday[row])
            factors["price"][number] = price_factor(patterns, group, events.price[row])
    return Parts(rate=rate(state, how), burst=state.burst, stays=stays, factors=factors)
