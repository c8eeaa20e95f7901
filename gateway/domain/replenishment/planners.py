"""Ways of planning that can be played against each other: ours, two that are common, and two that know too much."""

from dataclasses import dataclass, field
from datetime import date

import numpy as np

from gateway.domain.replenishment.forecasting import IntervalDemand, forecast_of, variance_of
from gateway.domain.replenishment.patterns import Patterns
from gateway.domain.replenishment.recursion import Smoothing, State, advance
from gateway.domain.replenishment.rounding import Packing, order_quantities
from gateway.domain.replenishment.series import Events, Flags, Floats, Ints
from gateway.domain.replenishment.simulation import View
from gateway.domain.replenishment.targets import Policy, targets


@dataclass(slots=True, kw_only=True)
class ForecastPlanner:
    """Ours: forecast, protection interval with the age of the report, target, whole packs. review_days: from one order
    day to the next."""

    state: State
    events: Events
    patterns: Patterns
    group: Ints
    how: Smoothing
    policy: Policy
    packing: Packing
    lead_days: Ints
    review_days: int = 1
    assumed: list[Floats] = field(default_factory=list)  # expected units of each day since the state's start
    first_day: date | None = None

    def see(self, day: date, units: Floats, censored: Flags) -> None:
        """Forecast the day, then learn from it."""
        if self.first_day is None:
            self.first_day = day
        expected = forecast_of(self.state, self.events, self.patterns, self.group, self.how, 1).daily[0]
        self.assumed.append(expected)
        self.state = advance(self.state, units, censored, self.events, self.patterns, self.group, self.how)

    def order(self, view: View) -> Floats:
        """Return the order: days of which nothing was reported count as sold as expected."""
        ahead = (view.day - self.state.through).days - 1  # days that no report can have reached
        lead = self.lead_days + ahead
        days = lead + self.review_days
        found = forecast_of(self.state, self.events, self.patterns, self.group, self.how, int(days.max()))
        total = np.zeros((len(found.daily) + 1, self.state.series))
        np.cumsum(found.daily, axis=0, out=total[1:])
        columns = np.arange(self.state.series)
        missing = view.age - ahead
        before = self._assumed(missing)
        mean, lead_mean = total[days, columns] + before, total[lead, columns] + before
        demand = IntervalDemand(
            lead_days=lead + missing,
            days=days + missing,
            lead_mean=lead_mean,
            lead_variance=variance_of(found.spread, lead + missing, lead_mean),
            mean=mean,
            variance=variance_of(found.spread, days + missing, mean),
        )
        levels = targets(demand, self.policy)
        return order_quantities(view.position, levels, self.policy, self.packing, mean).quantity

    def _assumed(self, missing: Ints) -> Floats:
        total = np.zeros(self.state.series)
        for back in range(min(int(missing.max(initial=0)), len(self.assumed))):
            total += np.where(missing > back, self.assumed[-1 - back], 0.0)
        return total


@dataclass(slots=True, kw_only=True)
class Trailing:
    """Mean and deviation of the last window of known days, as a planner without a forecast keeps them."""

    window: int
    rows: list[Floats]

    def see(self, units: Floats) -> None:
        """Take in a day; NaN = unknown."""
        self.rows.append(units)
        del self.rows[: -self.window]

    def figures(self) -> tuple[Floats, Floats]:
        """Return mean and standard deviation a day; 0 where nothing is known."""
        rows = np.array(self.rows)
        known = ~np.isnan(rows)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, rows, 0.0).sum(axis=0) / count
        return mean, np.sqrt(np.where(known, (rows - mean) ** 2, 0.0).sum(axis=0) / count)


@dataclass(slots=True, kw_only=True)
class MinMaxPlanner:
    """Days of cover of the trailing mean, set anew every so many days: minimum = cover x mean, maximum = (cover + lot)
    x mean. Stock without a report is taken as last reported less the mean for each day."""

    cover: Floats
    lot: Floats
    pack: Floats
    trailing: Trailing
    every: int = 91
    seen: int = 0
    minimum: Floats | None = None
    maximum: Floats | None = None
    mean: Floats | None = None

    def see(self, day: date, units: Floats, censored: Flags) -> None:
        """Take in a day."""
        self.trailing.see(units)

    def order(self, view: View) -> Floats:
        """Return whole packs up to the maximum, at or below the minimum."""
        if self.minimum is None or self.maximum is None or self.mean is None or self.seen % self.every == 0:
            self.mean = self.trailing.figures()[0]
            self.minimum, self.maximum = self.mean * self.cover, self.mean * (self.cover + self.lot)
        self.seen += 1
        position = view.position - self.mean * view.age
        need = np.where(position <= self.minimum, np.maximum(self.maximum - position, 0.0), 0.0)
        return np.asarray(np.ceil(np.round(need / self.pack, 9)) * self.pack)


@dataclass(slots=True, kw_only=True)
class TextbookPlanner:
    """Order up to mean x (L + R) + z x deviation x sqrt(L + R), mean and deviation of the trailing window."""

    factor: Floats
    pack: Floats
    lead_days: Ints
    trailing: Trailing
    every: int = 91
    review_days: int = 1
    seen: int = 0
    figures: tuple[Floats, Floats] | None = None

    def see(self, day: date, units: Floats, censored: Flags) -> None:
        """Take in a day."""
        self.trailing.see(units)

    def order(self, view: View) -> Floats:
        """Return whole packs up to the level."""
        if self.figures is None or self.seen % self.every == 0:
            self.figures = self.trailing.figures()
        self.seen += 1
        mean, deviation = self.figures
        days = self.lead_days + self.review_days + view.age
        need = np.maximum(mean * days + self.factor * deviation * np.sqrt(days) - view.position, 0.0)
        return np.asarray(np.ceil(np.round(need / self.pack, 9)) * self.pack)


@dataclass(slots=True, kw_only=True)
class OraclePlanner:
    """Knows the true mean and variance of every day, and nothing of luck: how good a forecast could be at best."""

    first_day: date
    mean: Floats
    variance: Floats
    policy: Policy
    packing: Packing
    lead_days: Ints
    review_days: int = 1

    def see(self, day: date, units: Floats, censored: Flags) -> None:
        """Learn nothing: there is nothing to learn."""

    def order(self, view: View) -> Floats:
        """Return the order from the true law of the interval."""
        start = (view.day - self.first_day).days - view.age
        first, lead = start, start + view.age + self.lead_days
        end = np.minimum(lead + self.review_days, len(self.mean))
        lead = np.minimum(lead, len(self.mean))
        columns = np.arange(self.mean.shape[1])
        mean, variance = (_between(each, first, end, columns) for each in (self.mean, self.variance))
        lead_mean, lead_variance = (_between(each, first, lead, columns) for each in (self.mean, self.variance))
        demand = IntervalDemand(
            lead_days=lead - first, days=end - first, lead_mean=lead_mean, lead_variance=lead_variance, mean=mean,
            variance=variance,
        )  # fmt: skip
        return order_quantities(view.position, targets(demand, self.policy), self.policy, self.packing, mean).quantity


def _between(rows: Floats, first: Ints, end: Ints, columns: Ints) -> Floats:
    total = np.zeros((len(rows) + 1, rows.shape[1]))
    np.cumsum(rows, axis=0, out=total[1:])
    return np.asarray(total[end, columns] - total[first, columns])


@dataclass(slots=True, kw_only=True)
class ClairvoyantPlanner:
    """Knows the demand itself: only packs and the lead time cost stock. share: of the demand that it serves."""

    first_day: date
    demand: Floats
    share: Floats
    pack: Floats
    lead_days: Ints
    review_days: int = 1

    def see(self, day: date, units: Floats, censored: Flags) -> None:
        """Learn nothing."""

    def order(self, view: View) -> Floats:
        """Return whole packs that cover what will be asked for until the next delivery."""
        start = (view.day - self.first_day).days - view.age
        end = np.minimum(start + view.age + self.lead_days + self.review_days, len(self.demand))
        need = _between(self.demand, start, end, np.arange(self.demand.shape[1])) * self.share - view.position
        return np.asarray(np.ceil(np.round(np.maximum(need, 0.0) / self.pack, 9)) * self.pack)
