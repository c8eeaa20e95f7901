"""The daily recursion: by hand, against its own replay, and over any split of the series."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.replenishment.classes import ERRATIC, INTERMITTENT, LUMPY, NEW, SMOOTH, classify
from gateway.domain.replenishment.forecasting import forecast, forecast_of, interval_demand, overridden, variance_of
from gateway.domain.replenishment.patterns import HORIZONS, fit_patterns, flat_patterns
from gateway.domain.replenishment.recursion import (
    LEVEL,
    SBA,
    TSB,
    advance,
    fit_spread,
    fresh_state,
    from_columns,
    rate,
    replay,
    smoothing,
    spread,
)
from gateway.domain.replenishment.series import Events, block_of, no_events
from tests.unit.domain.planning_scene import CODES, GROUPS, scene

MONDAY = date(2026, 1, 5)


def flat(rows: list[float], **more: object):  # type: ignore[no-untyped-def]
    return block_of(MONDAY, np.array(rows, np.float64)[:, None], **more)  # type: ignore[arg-type]


@pytest.fixture
def no_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.domain.replenishment.recursion.WEEKDAY_PRIOR", 1e12)


@pytest.mark.usefixtures("no_profile")
def test_exponential_smoothing_by_hand() -> None:
    """10, then 14 and 6 with gain 0.2: 10, 10.8, 9.84."""
    after = replay(flat([10, 14, 6]), flat_patterns(), smoothing(1, LEVEL, 0.2, start=1))
    assert after.level[0] == pytest.approx(9.84)


@pytest.mark.usefixtures("no_profile")
def test_the_start_is_the_plain_mean() -> None:
    after = replay(flat([3, 9, 0, 4]), flat_patterns(), smoothing(1, LEVEL, 0.05))
    assert after.level[0] == pytest.approx(4.0)


@pytest.mark.usefixtures("no_profile")
def test_croston_by_hand() -> None:
    """Sales of 4 on day 1 and 8 on day 4, gain 0.1: size 4.4, interval 1 + 0.1 (3 - 1) = 1.2, SBA 0.95 x 4.4 / 1.2."""
    how = smoothing(1, SBA, 0.1, start=1)
    after = replay(flat([4, 0, 0, 8, 0]), flat_patterns(), how)
    assert (after.size[0], after.interval[0]) == (pytest.approx(4.4), pytest.approx(1.2))
    assert rate(after, how)[0] == pytest.approx(0.95 * 4.4 / 1.2)


@pytest.mark.usefixtures("no_profile")
def test_tsb_by_hand() -> None:
    """Probability 1, then 0.9 and 0.81 on two days without a sale; the size stays 5."""
    how = smoothing(1, TSB, 0.1, 0.1, start=1)
    after = replay(flat([5, 0, 0]), flat_patterns(), how)
    assert rate(after, how)[0] == pytest.approx(0.81 * 5)


@pytest.mark.parametrize("method", [LEVEL, TSB, SBA])
def test_an_unknown_day_moves_nothing_and_a_zero_does(method: int) -> None:
    known = [4.0, 6, 0, 5, 7, 3, 6] * 8
    how = smoothing(1, method)
    before = replay(flat(known), flat_patterns(), how)
    events = no_events(MONDAY, 100, 1)
    unknown = advance(before, np.array([np.nan]), np.array([False]), events, flat_patterns(), np.array([0]), how)
    zero = advance(before, np.array([0.0]), np.array([False]), events, flat_patterns(), np.array([0]), how)
    assert rate(unknown, how)[0] == rate(before, how)[0]
    if method == SBA:  # Croston's quotient moves with the next sale
        assert zero.since[0] == unknown.since[0] + 1
    else:
        assert rate(zero, how)[0] < rate(before, how)[0]
    assert unknown.through == before.through + timedelta(days=1)


def test_on_a_day_the_shelf_was_empty_little_sold_does_not_mean_little_wanted() -> None:
    known = [6.0] * 30
    open_day = replay(flat([*known, 1.0]), flat_patterns(), smoothing(1))
    empty = np.zeros((31, 1), np.bool_)
    empty[30] = True
    sold_out = replay(flat([*known, 1.0], censored=empty), flat_patterns(), smoothing(1))
    assert open_day.level[0] < 6.0 - 0.05
    assert sold_out.level[0] == pytest.approx(6.0)
    more = replay(flat([*known, 11.0], censored=empty), flat_patterns(), smoothing(1))
    assert more.level[0] > 6.0, "what was sold before the shelf was empty is still a lower bound"


def test_weekdays_are_learned_by_the_series_and_start_at_the_group() -> None:
    week = [20.0, 20, 20, 20, 40, 80, 10]
    _, found = forecast(flat(week * 26), flat_patterns())
    assert found.daily[:7, 0] == pytest.approx(week, rel=0.15)
    patterns = flat_patterns()
    patterns.weekday[:, 0] = np.array(week) / 30.0
    _, few = forecast(flat([1.0, 2, 1, 2, 4, 9, 1]), patterns)
    assert few.daily[5, 0] / few.daily[6, 0] == pytest.approx(8.0, rel=0.2)


def _promoted(share: bool):  # type: ignore[no-untyped-def]
    units = np.full((140, 1), 10.0)
    events = no_events(MONDAY, 200, 1)
    for start in (28, 63, 98, 154):
        events.promotion[start : start + 7] = 1
        units[start : min(start + 7, 140)] = 30.0
    if not share:
        events = no_events(MONDAY, 200, 1)
    return block_of(MONDAY, units, events=events)


def test_a_shared_promotion_is_forecast_and_leaves_the_base_alone() -> None:
    block = _promoted(share=True)
    patterns = fit_patterns(block, 1, 2)
    assert patterns.effect[1, 0] == pytest.approx(3.0, rel=0.15)
    _, found = forecast(block, patterns)
    assert found.daily[14:21, 0].mean() == pytest.approx(30.0, rel=0.12)
    assert found.daily[21:28, 0].mean() == pytest.approx(10.0, rel=0.06)


def test_a_promotion_nobody_told_of_raises_the_variance_instead() -> None:
    told, silent = _promoted(share=True), _promoted(share=False)
    informed = spread(*_after(told, fit_patterns(told, 1, 2)))
    guessing = spread(*_after(silent, fit_patterns(silent, 1, 2)))
    assert (guessing[2:5] > 3 * informed[2:5]).all()


def _after(block, patterns):  # type: ignore[no-untyped-def]
    return replay(block, patterns, smoothing(block.series)), patterns, block.group


def test_a_lower_price_sells_more_by_the_elasticity_of_the_group() -> None:
    rng = np.random.default_rng(8)
    price = np.where(rng.random((400, 40)) < 0.2, 0.8, 1.0)
    units = rng.poisson(12.0 * price**-2.0).astype(float)
    quiet = no_events(MONDAY, 430, 40)
    price = np.vstack([price, np.full((30, 40), 0.8)])
    events = Events(first_day=MONDAY, promotion=quiet.promotion, holiday=quiet.holiday, price=price)
    block = block_of(MONDAY, units, events=events)
    patterns = fit_patterns(block, 1, 1)
    assert patterns.elasticity[0] == pytest.approx(2.0, abs=0.15)
    _, found = forecast(block, patterns)
    assert found.daily[:7].mean() == pytest.approx(12.0 * 0.8**-2, rel=0.06)


def test_the_course_of_the_year_is_found_in_two_years_and_not_claimed_from_less() -> None:
    days = np.arange(800)
    units = 20.0 * (1 + 0.4 * np.sin(2 * np.pi * days / 365.25))[:, None] * np.ones((1, 5))
    patterns = fit_patterns(block_of(date(2023, 1, 1), units), 1, 1)
    assert patterns.year[13, 0] == pytest.approx(1.4, abs=0.05)
    assert patterns.year[39, 0] == pytest.approx(0.6, abs=0.05)
    assert (fit_patterns(block_of(date(2023, 1, 1), units[:700]), 1, 1).year == 1.0).all()


def test_the_pattern_of_a_known_law_is_found() -> None:
    made = scene(5, 120)
    found = fit_patterns(made.block, GROUPS, CODES)
    assert found.effect[1:4].mean(axis=1) == pytest.approx([1.4, 1.9, 2.8], rel=0.15)
    assert found.effect[4].mean() == pytest.approx(0.5, rel=0.25)


def test_the_variance_of_cumulative_errors_is_that_of_a_known_law() -> None:
    """Independent days with relative variance 0.3: over h days mean h m, variance h m + 0.3 h m ** 2: c = 0.3 / h."""
    rng = np.random.default_rng(2)
    units = rng.negative_binomial(1 / 0.3, 1 / (1 + 0.3 * 20.0), (500, 400)).astype(float)
    block = block_of(MONDAY, units)
    how = smoothing(400, alpha=0.005, start=200)
    state = replay(block, flat_patterns(), how)
    patterns = fit_spread(state, flat_patterns(), block.group)
    expected = np.array([0.3 / h for h in HORIZONS])
    assert patterns.spread[:4, 0] == pytest.approx(expected[:4], rel=0.12)
    assert spread(state, patterns, block.group)[:4].mean(axis=1) == pytest.approx(expected[:4], rel=0.15)


@pytest.mark.usefixtures("no_profile")
def test_cumulative_errors_are_those_of_the_forecasts_that_were_made() -> None:
    """Every forecast of every day is kept aside and held against what was sold after it, bursts included."""
    rng = np.random.default_rng(7)
    units = rng.poisson(9.0, 70).astype(float)
    units[40:47] *= 3
    how = smoothing(1, alpha=0.1, burst=0.4)
    events, group = no_events(MONDAY, 140, 1), np.array([0])
    state = fresh_state(MONDAY - timedelta(days=1), 1)
    made = []
    squares = np.zeros(len(HORIZONS))
    for day, sold in enumerate(units):
        made.append(forecast_of(state, events, flat_patterns(), group, how, 28).daily[:, 0])
        for number, horizon in enumerate(HORIZONS):
            origin = day - horizon + 1
            if day >= 14 + horizon:
                error = units[origin : day + 1].sum() - made[origin][:horizon].sum()
                squares[number] = 0.995 * squares[number] + error**2
        state = advance(state, np.array([sold]), np.array([False]), events, flat_patterns(), group, how)
    assert state.squares[:, 0] == pytest.approx(squares)


def test_days_without_a_report_are_no_forecast_errors() -> None:
    """As above with a fifth of the days unknown: 5.6 days of a week are known, so c = 0.3 / 5.6."""
    rng = np.random.default_rng(2)
    units = rng.negative_binomial(1 / 0.3, 1 / (1 + 0.3 * 20.0), (400, 300)).astype(float)
    units[rng.random(units.shape) < 0.2] = np.nan
    block = block_of(MONDAY, units)
    state = replay(block, flat_patterns(), smoothing(300, alpha=0.005, start=200))
    found = fit_spread(state, flat_patterns(), block.group).spread[:, 0]
    assert found[0] == pytest.approx(0.3, rel=0.1)
    assert found[3] == pytest.approx(0.3 / 5.6, rel=0.15)


def test_correlated_days_have_a_wider_interval_than_the_square_root_says() -> None:
    rng = np.random.default_rng(4)
    weeks = np.repeat(rng.gamma(4.0, 5.0, (80, 200)), 7, axis=0)  # good and bad weeks
    block = block_of(MONDAY, rng.poisson(weeks).astype(float))
    state = replay(block, flat_patterns(), smoothing(200, alpha=0.01))
    found = spread(state, flat_patterns(), block.group).mean(axis=1)
    week = variance_of(found[:, None], np.array([7]), np.array([140.0]))[0]
    day = variance_of(found[:, None], np.array([1]), np.array([20.0]))[0]
    assert week > 3 * 7 * day


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 6), min_size=1, max_size=3))
def test_a_day_at_a_time_and_any_split_over_workers_give_the_same_bits(seed: int, cuts: list[int]) -> None:
    rng = np.random.default_rng(seed)
    series, days = 7, 45
    units = rng.poisson(3.0, (days, series)).astype(float)
    units[rng.random((days, series)) < 0.2] = np.nan
    events = no_events(MONDAY, days + 30, series)
    events.promotion[:] = rng.integers(0, 3, events.promotion.shape)
    events.price[:] = rng.choice([1.0, 0.8], events.price.shape)
    group = rng.integers(0, 2, series)
    block = block_of(MONDAY, units, group=group, censored=rng.random((days, series)) < 0.1, events=events)
    patterns = flat_patterns(2, 3)
    patterns.elasticity[:] = 1.5
    how = smoothing(series, burst=0.2)
    how.method[:] = rng.integers(0, 3, series)
    whole, found = forecast(block, patterns, how, horizon=20)
    state = fresh_state(MONDAY - timedelta(days=1), series, 3)
    for row in range(days):
        state = advance(state, block.units[row], block.censored[row], events, patterns, group, how)
        state = from_columns(state.through, {name: each.copy() for name, each in state.columns().items()})
    for name, each in whole.columns().items():
        assert np.array_equal(each, state.columns()[name]), name
    edges = [0, *sorted(cuts), series]
    for left, right in pairwise(edges):
        part = slice(left, right)
        if left == right:
            continue
        alone, some = forecast(block.of(part), patterns, how.of(part), horizon=20)
        for name, each in alone.columns().items():
            assert np.array_equal(each, whole.columns()[name][..., part]), name
        assert np.array_equal(some.daily, found.daily[:, part])
        assert np.array_equal(some.spread, found.spread[:, part])


def test_a_restated_day_is_replayed_from_the_day_before_it() -> None:
    block = flat([5.0, 7, 3, 6, 8, 2, 4] * 6)
    how = smoothing(1)
    checkpoint = replay(block.until(30), flat_patterns(), how)
    block.units[35] = 20.0
    again = replay(block, flat_patterns(), how)
    rest = block_of(MONDAY + timedelta(days=30), block.units[30:], events=no_events(MONDAY + timedelta(days=30), 80, 1))
    assert replay(rest, flat_patterns(), how, checkpoint).level[0] == again.level[0]


def test_a_state_of_another_day_is_refused() -> None:
    block = flat([1.0, 2, 3])
    with pytest.raises(ValueError, match="day before"):
        replay(block, flat_patterns(), smoothing(1), fresh_state(MONDAY, 1))


def test_interval_demand_sums_the_days_of_each_series_interval() -> None:
    _, found = forecast(block_of(MONDAY, np.tile([[4.0, 10.0]], (60, 1))), flat_patterns())
    demand = interval_demand(found, np.array([2, 3]), np.array([4, 10]))
    assert demand.mean == pytest.approx([16.0, 100.0])
    assert demand.lead_mean == pytest.approx([8.0, 30.0])
    assert (demand.variance >= demand.mean).all(), "never below Poisson"
    shaky = interval_demand(found, np.array([2, 3]), np.array([4, 10]), lead_deviation=np.array([0.0, 2.0]))
    assert shaky.variance - demand.variance == pytest.approx([0.0, 400.0])
    with pytest.raises(ValueError, match="within"):
        interval_demand(found, np.array([5, 3]), np.array([4, 10]))


def test_an_override_replaces_the_days_it_names_and_no_other() -> None:
    _, found = forecast(block_of(MONDAY, np.full((40, 1), 4.0)), flat_patterns(), horizon=5)
    units = np.full((5, 1), np.nan)
    units[2] = 50.0
    changed = overridden(found, units)
    assert changed.daily[2, 0] == 50.0
    assert np.array_equal(changed.daily[[0, 1, 3, 4]], found.daily[[0, 1, 3, 4]])


def test_forecasts_beyond_the_known_events_have_none() -> None:
    block = block_of(MONDAY, np.full((40, 1), 4.0), horizon=3)
    state = replay(block, flat_patterns(), smoothing(1))
    found = forecast_of(state, block.events, flat_patterns(), block.group, smoothing(1), 30)
    assert found.daily.shape == (30, 1)


def test_classes_by_hand() -> None:
    """Interval 1.32 and squared variation 0.49 divide; an unknown day is no day without a sale."""
    smooth = [4.0, 5, 4, 6, 5, 4, 6] * 8
    erratic = [1.0, 20, 1, 1, 18, 1, 1] * 8
    intermittent = [0.0, 0, 4, 0, 5, 0, 4] * 8
    lumpy = [0.0, 0, 1, 0, 20, 0, 1] * 8
    few = [np.nan] * 50 + [3.0] * 6
    found = classify(block_of(MONDAY, np.array([smooth, erratic, intermittent, lumpy, few]).T))
    assert list(found.code) == [SMOOTH, ERRATIC, INTERMITTENT, LUMPY, NEW]
    assert found.adi[2] == pytest.approx(56 / 24)
    assert found.cv2[3] == pytest.approx(((1 + 400 + 1) / 3) / (22 / 3) ** 2 - 1)
    gaps = np.array([[4.0, np.nan, np.nan, 5, 4, 6, 5] * 8]).T
    assert classify(block_of(MONDAY, gaps)).code[0] == SMOOTH


def test_returns_are_no_negative_demand_and_infinity_is_refused() -> None:
    assert flat([5.0, -3.0]).units[1, 0] == 0.0
    with pytest.raises(ValueError, match="describe"):
        flat([1.0, np.inf])
