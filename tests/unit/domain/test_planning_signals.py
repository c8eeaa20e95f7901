"""New items, accuracy, choice of a recursion: worked by hand."""

from datetime import date, timedelta

import numpy as np
import pytest

from gateway.domain.replenishment.accuracy import (
    Signal,
    bias,
    coverage,
    mase,
    pinball,
    rmsse,
    tracked,
    value_added,
    wape,
)
from gateway.domain.replenishment.choosing import CANDIDATES, Candidate, choose
from gateway.domain.replenishment.new_items import (
    begin,
    new_item_variance,
    posterior,
    prior,
)
from gateway.domain.replenishment.patterns import flat_patterns
from gateway.domain.replenishment.recursion import LEVEL, TSB, advance, fresh_state, rate, smoothing
from gateway.domain.replenishment.series import block_of, no_events

MONDAY = date(2026, 1, 5)
NAN = float("nan")


def row(*values: float):  # type: ignore[no-untyped-def]
    return np.array(values)


def test_a_prior_fades_as_own_sales_come_in() -> None:
    """Like items: 3 a day, variance 0.5: b = 6 days, a = 18. After 14 days with 70 sold: 88 / 20 = 4.4."""
    a, b = prior(row(3.0), row(0.5))
    assert (a[0], b[0]) == (18.0, 6.0)
    mean, relative = posterior(a, b, row(70.0), row(14.0))
    assert mean[0] == pytest.approx(4.4)
    assert relative[0] == pytest.approx(1 / 88)
    assert prior(row(3.0), row(0.0))[1][0] == 14.0
    assert new_item_variance(row(10.0), row(11.0), row(0.25))[0] == 35.0
    assert new_item_variance(row(10.0), row(50.0), row(0.25))[0] == 50.0


def test_the_recursion_of_a_new_item_is_the_posterior_mean_day_by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.domain.replenishment.recursion.WEEKDAY_PRIOR", 1e12)
    how = smoothing(1, alpha=0.001)
    state = begin(fresh_state(MONDAY - timedelta(days=1), 1), np.array([0]), row(18.0), row(6.0))
    sold = [5.0, 2, 7, 4, 0, 6, 3, 8]
    events = no_events(MONDAY, 30, 1)
    for count, units in enumerate(sold, 1):
        state = advance(state, row(units), np.array([False]), events, flat_patterns(), np.array([0]), how)
        expected, _ = posterior(row(18.0), row(6.0), row(sum(sold[:count])), row(count))
        assert rate(state, how)[0] == pytest.approx(expected[0])


def test_wape_and_bias_by_hand_leave_unknown_days_out() -> None:
    actual, found = row(10, 0, NAN, 20), row(12, 3, 99, 15)
    assert wape(actual, found) == pytest.approx(10 / 30)
    assert bias(actual, found) == pytest.approx(0.0)
    assert np.isnan(wape(row(0, 0), row(1, 1)))


def test_mase_and_rmsse_by_hand() -> None:
    history = row(1, 2, 3, 4, 5, 6, 7, 3, 4, 5, 6, 7, 8, 9)
    assert mase(row(5, 9), row(6, 6), history) == pytest.approx(2.0 / 2.0)
    steps = np.diff(history) ** 2
    assert rmsse(row(5, 9), row(6, 6), history) == pytest.approx(np.sqrt(5.0 / steps.mean()))


def test_an_override_that_helps_adds_value_and_one_that_harms_takes_it() -> None:
    actual = row(10, 10)
    assert value_added(actual, row(9, 11), row(6, 14)) == pytest.approx(0.75)
    assert value_added(actual, row(2, 18), row(6, 14)) == pytest.approx(-1.0)


def test_pinball_and_coverage_by_hand() -> None:
    actual, quantiles = row(10, 4, NAN), row(8, 8, 8)
    assert pinball(actual, quantiles, 0.9) == pytest.approx((0.9 * 2 + 0.1 * 4) / 2)
    assert coverage(actual, quantiles) == pytest.approx(0.5)


def test_a_forecast_that_is_always_too_high_is_signalled_and_luck_is_not() -> None:
    off = even = Signal(errors=np.zeros(1), deviations=np.zeros(1))
    for count in range(40):
        off = tracked(off, row(5), row(7))
        even = tracked(even, row(5), row(7 if count % 2 else 3))
    assert off.value[0] > 4
    assert abs(even.value[0]) < 2
    assert tracked(off, row(NAN), row(99)).value[0] == off.value[0]


def test_the_choice_follows_the_demand_of_the_class() -> None:
    rng = np.random.default_rng(6)
    steps = np.repeat(rng.gamma(6.0, 5.0, (5, 30)), 30, axis=0)  # level shifts: a fast gain is right
    steady = np.full((150, 30), 20.0)
    some = [Candidate(method=LEVEL, alpha=alpha) for alpha in (0.02, 0.3)]
    moving = choose(block_of(MONDAY, rng.poisson(steps).astype(float)), flat_patterns(), 4, some)
    resting = choose(block_of(MONDAY, rng.poisson(steady).astype(float)), flat_patterns(), 4, some)
    assert set(moving.alpha) == {0.3}
    assert set(resting.alpha) == {0.02}


def test_every_class_gets_a_recursion_and_new_items_get_the_best_of_all() -> None:
    units = np.full((40, 3), 4.0)
    units[:30, 1] = NAN
    found = choose(
        block_of(MONDAY, units),
        flat_patterns(),
        4,
        [Candidate(method=LEVEL, alpha=0.1), Candidate(method=TSB, alpha=0.1)],
    )
    assert set(found.method.tolist()) <= {LEVEL, TSB}
    assert {each.method for each in CANDIDATES} == {0, 1, 2}
