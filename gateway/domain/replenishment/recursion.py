"""The forecasting recursion: one day in, all series at once; a replay of the same days gives the same state bit by bit.

Demand of a day = rate x weekday x course of the year x event effects x price. The rate is a smoothed level, Teunter's
probability x size, or Croston's quotient, whichever suits the series. Weekday and event factors are gamma-Poisson:
units sold on such days over units expected, with the group's factor as so many prior units, so that few sales stay near
the group.

Unknown days move nothing. On censored days the larger of what was sold and what was expected counts.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, timedelta

import numpy as np

from gateway.domain.replenishment.intermittent import croston_step, sba_rate, tsb_step
from gateway.domain.replenishment.patterns import HORIZONS, Patterns
from gateway.domain.replenishment.series import WEEK, Codes, Events, Flags, Floats, Ints, SeriesBlock, week_of_year

LEVEL, TSB, SBA = range(3)
METHOD_NAMES = ("level", "tsb", "sba")
RING = 28  # days of rates, units and factors that are kept for the cumulative errors
WEEKDAY_PRIOR = 40.0  # units a weekday must have sold to weigh as much as its group
WEEKDAY_DECAY = 0.97  # a week
EFFECT_PRIOR = 60.0  # expected units, likewise, for an event
EFFECT_DECAY = 0.98  # a day of that event
SPREAD_DECAY = 0.995  # a day
SPREAD_PRIOR = 4.0  # windows that a series must have seen to weigh as much as its group
BURST_UNITS = 2.0  # units a day at which half of the gain of a burst is used: rare sales are luck, not bursts
FIRST_DAYS = 14  # observed days before the first error counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothing:
    """Of each series. method: index into METHOD_NAMES. alpha: gain of level and size; beta: gain of the probability.
    start: number of observations over which the start is their plain mean; 1 = the textbook's first value."""

    method: Ints
    alpha: Floats
    beta: Floats
    burst: Floats
    start: int = 60

    def of(self, columns: slice | Ints) -> "Smoothing":
        """Return the settings of some series."""
        return Smoothing(
            method=self.method[columns],
            alpha=self.alpha[columns],
            beta=self.beta[columns],
            burst=self.burst[columns],
            start=self.start,
        )


def smoothing(
    series: int, method: int = LEVEL, alpha: float = 0.05, beta: float = 0.05, burst: float = 0.0, start: int = 60
) -> Smoothing:
    """Return one setting for all series."""
    return Smoothing(
        method=np.full(series, method),
        alpha=np.full(series, alpha),
        beta=np.full(series, beta),
        burst=np.full(series, burst),
        start=start,
    )


@dataclass(slots=True, kw_only=True)
class State:
    """What is remembered of each series after the day `through`; last axis = series. Plain arrays: see columns().

    seen, sales: observed days, and days with sales. rates, units, factors: rings of RING days by day number; a factor
    of 0 is an unknown day. errors, squares, scales, windows: decayed sums over cumulative errors, rows as HORIZONS.
    """

    through: date
    level: Floats
    burst: Floats
    seen: Floats
    probability: Floats
    size: Floats
    sales: Floats
    interval: Floats
    since: Floats
    weekday_sold: Floats
    weekday_expected: Floats
    effect_sold: Floats
    effect_expected: Floats
    rates: Floats
    bursts: Floats
    units: Floats
    factors: Floats
    errors: Floats
    squares: Floats
    scales: Floats
    windows: Floats

    @property
    def series(self) -> int:
        """Return how many series there are."""
        return len(self.level)

    def columns(self) -> dict[str, Floats]:
        """Return the arrays by name, as they are to be stored; from_columns is the way back."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "through"}

    def of(self, columns: slice | Ints) -> "State":
        """Return the state of some series."""
        return from_columns(self.through, {name: each[..., columns] for name, each in self.columns().items()})


def from_columns(through: date, columns: dict[str, Floats]) -> State:
    """Return the state of stored columns, copied."""
    return State(through=through, **{name: np.array(each, np.float64) for name, each in columns.items()})


def fresh_state(before: date, series: int, codes: int = 1) -> State:
    """Return the state of series of which nothing has been seen. before: the day before the first. codes: as
    Patterns."""
    one = {name: np.zeros(series) for name in ("level", "burst", "seen", "probability", "size", "sales", "interval")}
    ring = {name: np.zeros((RING, series)) for name in ("rates", "bursts", "units", "factors")}
    spread = {name: np.zeros((len(HORIZONS), series)) for name in ("errors", "squares", "scales", "windows")}
    return State(
        through=before,
        since=np.ones(series),
        weekday_sold=np.zeros((WEEK, series)),
        weekday_expected=np.zeros((WEEK, series)),
        effect_sold=np.zeros((codes, series)),
        effect_expected=np.zeros((codes, series)),
        **one,
        **ring,
        **spread,
    )


def rate(state: State, how: Smoothing) -> Floats:
    """Return the units of a plain average day."""
    found = np.where(how.method == TSB, state.probability * state.size, state.level)
    return np.where(how.method == SBA, sba_rate(state.size, state.interval, how.alpha), found)


def weekday_factors(state: State, patterns: Patterns, group: Ints) -> Floats:
    """Return the seven factors of each series, mean 1."""
    shared = patterns.weekday[:, group]
    raw = (state.weekday_sold + WEEKDAY_PRIOR * shared) / (state.weekday_expected + WEEKDAY_PRIOR)
    total = raw[0].copy()
    for number in range(1, WEEK):
        total += raw[number]
    return np.asarray(raw / (total / WEEK))


def event_factor(state: State, patterns: Patterns, group: Ints, codes: Codes) -> Floats:
    """Return the factor of each series for its code of a day; 1 for code 0."""
    found = np.ones(state.series)
    at = np.flatnonzero(codes)
    code = codes[at]
    shared = patterns.effect[code, group[at]]
    sold, expected = state.effect_sold[code, at], state.effect_expected[code, at]
    found[at] = (sold + EFFECT_PRIOR * shared) / (expected + EFFECT_PRIOR)
    return found


def price_factor(patterns: Patterns, group: Ints, price: Floats) -> Floats:
    """Return the effect of the day's price: price ** -elasticity."""
    if (price == 1.0).all():
        return np.ones(len(price))
    return np.asarray(np.exp(-patterns.elasticity[group] * np.log(price)))


def advance(
    state: State, units: Floats, censored: Flags, events: Events, patterns: Patterns, group: Ints, how: Smoothing
) -> State:
    """Return the state one day later; the given one is left as it is. units: NaN where no report came."""
    changed = from_columns(state.through, state.columns())
    _advance(changed, units, censored, events, patterns, group, how)
    return changed


def replay(block: SeriesBlock, patterns: Patterns, how: Smoothing, state: State | None = None) -> State:
    """Return the state after all days of the block, from nothing or from the state of the day before its first."""
    if state is None:
        state = fresh_state(block.first_day - timedelta(days=1), block.series, len(patterns.effect))
    elif state.through != block.first_day - timedelta(days=1):
        raise ValueError("the state does not end on the day before the block")
    changed = from_columns(state.through, state.columns())
    for row, censored in zip(block.units, block.censored, strict=True):
        _advance(changed, row, censored, block.events, patterns, block.group, how)
    return changed


def _advance(
    state: State, units: Floats, censored: Flags, events: Events, patterns: Patterns, group: Ints, how: Smoothing
) -> None:
    day = state.through + timedelta(days=1)
    row, number = events.row(day), day.weekday()
    weekdays = weekday_factors(state, patterns, group)
    year = patterns.year[week_of_year(day)][group]
    promotion = event_factor(state, patterns, group, events.promotion[row])
    holiday = event_factor(state, patterns, group, events.holiday[row])
    price = price_factor(patterns, group, events.price[row])
    usual = weekdays[number] * year
    event = promotion * holiday * price
    factor = usual * event
    last, burst, stays = rate(state, how), state.burst, patterns.stays[:, group]
    before = np.maximum(last + stays[number] * burst, 0.0)
    known = ~np.isnan(units)
    sold = np.where(known, units, 0.0)
    sold = np.where(censored & known, np.maximum(sold, before * factor), sold)
    _keep_errors(state, day, sold, np.where(known, factor, 0.0), (last, burst), stays)
    plain = known & (events.promotion[row] == 0) & (events.holiday[row] == 0)
    _learn_weekday(state, number, sold, before * year * event, plain)
    _learn_effect(state, events.promotion[row], sold, before * usual * holiday * price, known)
    _learn_effect(state, events.holiday[row], sold, before * usual * promotion * price, known)
    state.burst = stays[number] * burst
    _learn_rate(state, sold, factor, event, known, how)
    state.rates[day.toordinal() % RING], state.bursts[day.toordinal() % RING] = rate(state, how), state.burst
    state.through = day


def _learn_rate(state: State, sold: Floats, factor: Floats, event: Floats, known: Flags, how: Smoothing) -> None:
    """Learn the plain rate; a day that an event lifts says the less about it the more it is lifted."""
    state.seen += known
    state.sales += known & (sold > 0)
    count = np.maximum(state.seen, 1.0)
    gain = np.where(count <= how.start, np.maximum(how.alpha, 1.0 / count), how.alpha)
    gain = gain / np.maximum(event, 1.0) ** 2
    chance = np.where(count <= how.start, np.maximum(how.beta, 1.0 / count), how.beta)
    sales = np.maximum(state.sales, 1.0)
    size = np.where(sales <= how.start, np.maximum(how.alpha, 1.0 / sales), how.alpha)
    plain = sold / factor
    burst = state.burst
    error = (sold - (state.level + burst) * factor) / np.maximum(factor, 1.0)
    learned = np.where(state.seen == 1.0, plain, np.maximum(state.level + gain * error, 0.0))
    quick = how.burst * state.level / (state.level + BURST_UNITS) / np.maximum(event, 1.0) ** 2
    state.burst = np.where(known & (state.seen >= FIRST_DAYS), burst + quick * error, burst)
    state.level = np.where(known, learned, state.level)
    state.probability, _ = tsb_step(state.probability, state.size, plain, known, size, chance)
    state.size, state.interval, state.since = croston_step(state.size, state.interval, state.since, plain, known, size)


def _learn_weekday(state: State, number: int, sold: Floats, expected: Floats, plain: Flags) -> None:
    learned = plain & (state.seen >= WEEK)
    for kept, fresh in ((state.weekday_sold, sold), (state.weekday_expected, expected)):
        kept[number] = np.where(learned, WEEKDAY_DECAY * kept[number] + fresh, kept[number])


def _learn_effect(state: State, codes: Codes, sold: Floats, expected: Floats, known: Flags) -> None:
    at = np.flatnonzero((codes != 0) & known & (state.seen >= FIRST_DAYS))
    code = codes[at]
    for kept, fresh in ((state.effect_sold, sold), (state.effect_expected, expected)):
        kept[code, at] = EFFECT_DECAY * kept[code, at] + fresh[at]


def _keep_errors(
    state: State, day: date, sold: Floats, factor: Floats, before: tuple[Floats, Floats], stays: Floats
) -> None:
    """Take the day into the rings and measure the forecasts of the days HORIZONS ago over all days since.

    before: rate and burst of the evening before. stays: see Patterns.
    """
    today = day.toordinal()
    slot = today % RING
    state.units[slot], state.factors[slot] = sold, factor
    units, factors, fading = (np.zeros(state.series) for _ in range(3))
    back = 0
    for row, horizon in enumerate(HORIZONS):
        while back < horizon:
            past = (today - back) % RING
            units += state.units[past]
            factors += state.factors[past]
            # a burst of h days ago, day by day smaller
            fading = stays[(day.weekday() - back) % WEEK] * (fading + state.factors[past])
            back += 1
        then = (today - horizon) % RING  # today's own slot still holds the rate of RING days ago
        then_rate, then_burst = before if horizon == 1 else (state.rates[then], state.bursts[then])
        mean = np.maximum(then_rate * factors + then_burst * fading, 0.0)
        counted = (state.seen >= FIRST_DAYS + horizon) & (mean > 0)
        square = (units - mean) ** 2
        for kept, fresh in (
            (state.errors, square - mean),
            (state.squares, square),
            (state.scales, mean * mean),
            (state.windows, 1.0),
        ):
            kept[row] = np.where(counted, SPREAD_DECAY * kept[row] + fresh, kept[row])


def spread(state: State, patterns: Patterns, group: Ints, first_day: date | None = None) -> Floats:
    """Return c of each HORIZON and series: variance of the cumulative error = mean + c x mean ** 2; never below 0.

    first_day: of the days; None: whichever.
    """
    shared = patterns.spread[:, group]
    prior = SPREAD_PRIOR * np.array(HORIZONS, np.float64)[:, None]
    own = state.errors / np.maximum(state.scales, 1e-9)
    found = (state.windows * own + prior * shared) / (state.windows + prior)
    if first_day is not None:
        found = found * patterns.weekly[first_day.weekday()][:, group]
    return np.maximum(found, 0.0)


def fit_spread(state: State, patterns: Patterns, group: Ints) -> Patterns:
    """Return the patterns with the spread of whole groups, after a replay over them."""
    found = patterns.spread.copy()
    for row in range(len(HORIZONS)):
        errors = np.bincount(group, weights=state.errors[row], minlength=found.shape[1])
        scales = np.bincount(group, weights=state.scales[row], minlength=found.shape[1])
        found[row] = np.where(scales > 0, np.maximum(errors, 0.0) / np.maximum(scales, 1e-9), found[row])
    return replace(patterns, spread=found)
