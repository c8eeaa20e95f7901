"""The learning run: from the history of many items and places of one agreement to what they share.

A sample is enough: a weekday profile or the effect of a leaflet does not need every item, and the same sample (by CRC)
gives the same figures on every machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from gateway.domain.replenishment.choosing import CANDIDATES, Candidate, choose
from gateway.domain.replenishment.classes import CLASS_NAMES, classify
from gateway.domain.replenishment.events import Coded, coded
from gateway.domain.replenishment.facts import PlanEvent
from gateway.domain.replenishment.learned import ALL, Learned, Shared
from gateway.domain.replenishment.pair_input import PairInput
from gateway.domain.replenishment.patterns import Patterns, fit_patterns
from gateway.domain.replenishment.price_effect import judged_elasticity
from gateway.domain.replenishment.recursion import Smoothing, fit_spread, rate, replay
from gateway.domain.replenishment.rhythm import fit_stays, fit_weekly
from gateway.domain.replenishment.series import Floats, Ints, SeriesBlock, block_of

LEAST_SERIES = 12  # a category with fewer in the sample is planned with what all share
LEAST_DAYS = 35  # from the first known day on
CHOICE_DAYS = 182
HORIZON = 30
A_SHARE, B_SHARE = 0.8, 0.95  # of the value sold


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """The sales of many items and places side by side. known: their events; names: of the groups of block.group."""

    block: SeriesBlock
    known: Coded
    names: Sequence[str]

    def patterns_of(self, block: SeriesBlock) -> Patterns:
        """Return what the groups show in a part of the history; what a group has not seen is that of all."""
        everyone = replace(block, group=np.zeros(block.series, np.int64))
        by_all = fit_patterns(everyone, 1, self.known.codes)
        found = _with_all(fit_patterns(block, len(self.names), self.known.codes), by_all)
        return fit_stays(block, replace(found, elasticity=judged_elasticity(block, found)))


def history_of(inputs: Sequence[PairInput]) -> History | None:
    """Return the inputs side by side, in their order; None before LEAST_DAYS with any sale."""
    if not any(day for each in inputs for day in each.demand):
        return None
    events = [_by_mechanic(each.events) for each in inputs]
    first = min(_begins(each) for each in inputs)
    last = max(each.first_day + timedelta(days=len(each.demand) - 1) for each in inputs)
    length = (last - first).days + 1
    if length < LEAST_DAYS:
        return None
    known = coded(first, length + HORIZON, events)
    names, group = _groups(inputs)
    return History(block=replace(_block(inputs, first, length, known), group=group), known=known, names=names)


def learn(inputs: Sequence[PairInput], history: History | None = None) -> Learned | None:
    """Return what the inputs (of one agreement, of any places) share; None before LEAST_DAYS with any sale.

    history: of the inputs sorted by their pairs, where it is there already.
    """
    inputs = sorted(inputs, key=lambda each: each.pair)
    history = history_of(inputs) if history is None else history
    if history is None:
        return None
    block, known, names = history.block, history.known, history.names
    everyone = replace(block, group=np.zeros(block.series, np.int64))
    by_all = fit_patterns(everyone, 1, known.codes)
    by_all = fit_stays(everyone, replace(by_all, elasticity=judged_elasticity(everyone, by_all)))
    patterns = history.patterns_of(block)
    group, last = block.group, block.through
    days = int(np.median([each.interval.days for each in inputs]))
    lately = recent(block, CHOICE_DAYS)
    how = choose(lately, patterns, days)
    code = classify(lately).code
    state = replay(block, patterns, how)
    patterns = fit_weekly(block, fit_spread(state, patterns, group), how)
    shared_by_all = fit_weekly(everyone, fit_spread(state, by_all, everyone.group), how)
    units = np.asarray(rate(state, how))
    sizes = _sizes(inputs, units)
    scaled = units / np.array([sizes[each.facts.place] for each in inputs])
    groups = {
        name: _shared(patterns, number, scaled[group == number], known)
        for number, name in enumerate(names)
        if name != ALL
    }
    groups[ALL] = _shared(shared_by_all, 0, scaled, known)
    choice = {CLASS_NAMES[each]: _candidate(how, int(np.argmax(code == each))) for each in np.unique(code)}
    return Learned(through=last, groups=groups, choice=choice, sizes=sizes, cuts=_cuts(inputs, units))


def _begins(given: PairInput) -> date:
    """Return the first day of which anything is known: a course of the year is not learned from days before."""
    rows = (number for number, day in enumerate(given.demand) if day is not None)
    return given.first_day + timedelta(days=next(rows, len(given.demand) - 1))


def _by_mechanic(events: Sequence[PlanEvent]) -> list[PlanEvent]:
    """What was expected of an event does not matter for what it did."""
    return [replace(each, uplift=None) for each in events]


def _groups(inputs: Sequence[PairInput]) -> tuple[list[str], Ints]:
    """Return the names of the groups, and of each input its number: its category, or ALL where that is small."""
    count: dict[str, int] = {}
    for each in inputs:
        count[each.item.category or ALL] = count.get(each.item.category or ALL, 0) + 1
    names = sorted({ALL, *(name for name, number in count.items() if number >= LEAST_SERIES)})
    number = {name: at for at, name in enumerate(names)}
    return names, np.array([number.get(each.item.category or ALL, number[ALL]) for each in inputs], np.int64)


def _block(inputs: Sequence[PairInput], first: date, length: int, known: Coded) -> SeriesBlock:
    units = np.full((length, len(inputs)), np.nan)
    shut = np.zeros(units.shape, np.bool_)
    for column, each in enumerate(inputs):
        before = max((first - each.first_day).days, 0)
        start = max((each.first_day - first).days, 0)
        sold = each.demand[before:]
        units[start : start + len(sold), column] = [np.nan if day is None else float(day) for day in sold]
        shut[[start + day - before for day in sorted(each.shut) if day >= before], column] = True
    return block_of(first, units, censored=shut, events=known.events)


def _with_all(patterns: Patterns, by_all: Patterns) -> Patterns:
    """The course of the year and the effects are those of all where a group has not seen any."""
    unseen = patterns.effect == 1.0
    return replace(patterns, effect=np.where(unseen, by_all.effect, patterns.effect))


def recent(block: SeriesBlock, days: int) -> SeriesBlock:
    """Return the last days of a block."""
    start = max(block.days - days, 0)
    events = block.events
    return replace(
        block,
        first_day=block.first_day + timedelta(days=start),
        units=block.units[start:],
        censored=block.censored[start:],
        events=replace(
            events,
            first_day=events.first_day + timedelta(days=start),
            promotion=events.promotion[start:],
            holiday=events.holiday[start:],
            price=events.price[start:],
        ),
    )


def _candidate(how: Smoothing, column: int) -> Candidate:
    method, alpha, beta, burst = (getattr(how, name)[column] for name in ("method", "alpha", "beta", "burst"))
    return next(
        each for each in CANDIDATES if (each.method, each.alpha, each.beta, each.burst) == (method, alpha, beta, burst)
    )


def _sizes(inputs: Sequence[PairInput], units: Floats) -> dict[str, float]:
    """Return how much a place sells of an item beside the mean of the places that sell it."""
    of_item: dict[str, list[float]] = {}
    for each, sold in zip(inputs, units, strict=True):
        of_item.setdefault(each.facts.gtin, []).append(float(sold))
    sold_there: dict[str, float] = {}
    usual: dict[str, float] = {}
    for each, sold in zip(inputs, units, strict=True):
        alike = of_item[each.facts.gtin]
        sold_there[each.facts.place] = sold_there.get(each.facts.place, 0.0) + float(sold)
        usual[each.facts.place] = usual.get(each.facts.place, 0.0) + sum(alike) / len(alike)
    return {place: max(sold_there[place] / usual[place], 0.01) if usual[place] > 0 else 1.0 for place in sold_there}


def _shared(patterns: Patterns, number: int, scaled: Floats, known: Coded) -> Shared:
    effects: Mapping[str, float] = {
        name: float(patterns.effect[code, number]) for code, (name, _) in enumerate(known.kinds, start=1)
    }
    return Shared(
        weekday=tuple(map(float, patterns.weekday[:, number])),
        year=tuple(map(float, patterns.year[:, number])),
        effects=effects,
        elasticity=float(patterns.elasticity[number]),
        spread=tuple(map(float, patterns.spread[:, number])),
        rate=float(scaled.mean()),
        rate_variance=float(scaled.var()),
        series=len(scaled),
        weekly=tuple(tuple(map(float, day)) for day in patterns.weekly[:, :, number]),
        stays=tuple(map(float, patterns.stays[:, number])),
    )


def _cuts(inputs: Sequence[PairInput], units: Floats) -> tuple[float, float]:
    """Return the value sold a day of the last item of class A, and of class B: A brings the first 80 % of the value."""
    value = np.sort([sold * worth(each) for each, sold in zip(inputs, units, strict=True)])[::-1]
    total = value.cumsum()
    if not len(value) or total[-1] <= 0:
        return (0.0, 0.0)
    first_b = int(np.searchsorted(total, A_SHARE * total[-1]))
    first_c = int(np.searchsorted(total, B_SHARE * total[-1]))
    return float(value[min(first_b, len(value) - 1)]), float(value[min(first_c, len(value) - 1)])


def worth(given: PairInput) -> float:
    """Return the price that an item is weighed by: what we sell it for, else what we pay; 1 where neither is known."""
    price = given.item.sales_price or given.item.purchase_price
    return float(price) if price else 1.0
