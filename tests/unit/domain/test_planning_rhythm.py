"""What the week's rhythm of untold promotions teaches: on which day a burst is over, before which stock is needed."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from gateway.domain.replenishment.forecasting import forecast_of
from gateway.domain.replenishment.learned import Learned, Shared, from_json, to_json
from gateway.domain.replenishment.patterns import BURST_STAYS, HORIZONS, flat_patterns
from gateway.domain.replenishment.recursion import replay, smoothing, spread
from gateway.domain.replenishment.rhythm import fit_stays, fit_weekly
from gateway.domain.replenishment.series import SeriesBlock, block_of

MONDAY = date(2024, 1, 1)
THURSDAY = 3
FOUR_DAYS = HORIZONS.index(4)
HOW = smoothing(40, alpha=0.02, burst=0.3)


def untold(*, every: int = 7, seed: int = 3) -> SeriesBlock:
    """Forty items of 12 a day, 29 a day in a tenth of the weeks, of which nobody tells; they begin on a Thursday, or
    with another period than seven days on any day."""
    rng = np.random.default_rng(seed)
    mean = np.full((420, 40), 12.0)
    for start in range(THURSDAY, 410, every):
        mean[start : start + 7, rng.random(40) < 0.1] = 29.0
    return block_of(MONDAY, rng.poisson(mean).astype(float))


def test_a_burst_is_over_on_the_day_on_which_promotions_change_and_stays_until_then() -> None:
    stays = fit_stays(untold(), flat_patterns()).stays[:, 0]
    assert stays[THURSDAY] < 0.3
    assert all(stays[day] > 0.8 for day in (5, 6, 0, 1, 2)), stays
    block, patterns = untold(), fit_stays(untold(), flat_patterns())
    wednesday = next(n for n in range(300, 420) if (MONDAY + timedelta(days=n - 1)).weekday() == 2)
    state = replay(block.until(wednesday), patterns, HOW)
    lifted = int(np.argmax(state.burst))
    assert state.burst[lifted] > 5
    daily = forecast_of(state, block.events, patterns, block.group, HOW, 7).daily[:, lifted]
    assert daily[0] < state.level[lifted] + 0.3 * state.burst[lifted], "what is ordered for Thursday is back to normal"


def test_days_that_begin_before_the_change_are_more_uncertain_than_those_after_it() -> None:
    block = untold()
    patterns = fit_weekly(block, fit_stays(block, flat_patterns()), HOW)
    weekly = patterns.weekly[:, FOUR_DAYS, 0]
    assert weekly[THURSDAY] == max(weekly)
    assert weekly[THURSDAY] > 1.5 * weekly[0]
    state = replay(block, patterns, HOW)
    thursday, monday = MONDAY + timedelta(days=THURSDAY), MONDAY
    told = [spread(state, patterns, block.group, day)[FOUR_DAYS].mean() for day in (thursday, monday)]
    assert told[0] / told[1] == pytest.approx(weekly[THURSDAY] / weekly[0])


def test_without_a_rhythm_there_is_none() -> None:
    block = untold(every=11)
    patterns = fit_weekly(block, fit_stays(block, flat_patterns()), HOW)
    stays, weekly = patterns.stays[:, 0], patterns.weekly[:, FOUR_DAYS, 0]
    assert max(stays) - min(stays) < 0.2
    assert max(weekly) < 1.35 * min(weekly)


def test_a_short_history_keeps_what_a_group_without_any_has() -> None:
    block = untold().until(20)
    patterns = fit_weekly(block.of(slice(0, 2)), fit_stays(block.of(slice(0, 2)), flat_patterns()), smoothing(2))
    assert patterns.stays[:, 0] == pytest.approx(BURST_STAYS, abs=0.1)
    assert patterns.weekly == pytest.approx(1.0, abs=0.05)


def test_a_record_from_before_there_was_a_rhythm_is_read_as_without_one() -> None:
    shared = Shared(
        weekday=(1.0,) * 7, year=(1.0,) * 53, effects={}, elasticity=0.0, spread=(0.5,) * 6, rate=1.0,
        rate_variance=0.0, series=3,
    )  # fmt: skip
    learned = Learned(through=MONDAY, groups={"": replace(shared, stays=(0.5,) * 7)})
    assert from_json(to_json(learned)) == learned
    old = to_json(learned).replace(', "stays": [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]', "")
    assert from_json(old).groups[""].stays == (BURST_STAYS,) * 7
