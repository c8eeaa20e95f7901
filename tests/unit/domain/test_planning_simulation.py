"""A shelf played forward by hand, and the backtest on demand of a known law."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.replenishment.backtest import (
    LOT_STEPS,
    Split,
    backtest,
    fit,
    measure,
    min_max,
    oracle,
    ours,
    price_of_late_reports,
    price_of_missing_asn,
    world_of,
)
from gateway.domain.replenishment.recursion import smoothing
from gateway.domain.replenishment.series import block_of
from gateway.domain.replenishment.simulation import View, perfect_world, play
from tests.unit.domain.planning_scene import CODES, GROUPS, scene

MONDAY = date(2026, 1, 5)


class Fixed:
    """Orders what a table says, and remembers what it was shown."""

    def __init__(self, orders: list[float]) -> None:
        self.orders, self.views, self.seen = orders, [], []

    def see(self, day, units, censored) -> None:  # type: ignore[no-untyped-def]
        self.seen.append((day, units[0], bool(censored[0])))

    def order(self, view: View):  # type: ignore[no-untyped-def]
        self.views.append(view)
        return np.array([self.orders[len(self.views) - 1]])


def world(demand: list[float], lead: int = 2, pack: float = 1.0, **more):  # type: ignore[no-untyped-def]
    made = perfect_world(MONDAY, np.array(demand)[:, None], np.array([lead]), np.array([pack]))
    return replace(
        made, **{name: np.array(each)[:, None] if isinstance(each, list) else each for name, each in more.items()}
    )


def test_a_week_by_hand() -> None:
    """Opening 10, demand 4 a day, lead time 2 days: Monday's 6 can be sold on Wednesday; on Friday 2 are lost."""
    planner = Fixed([6, 0, 0, 0, 0])
    found = play(world([4, 4, 4, 4, 4]), planner, np.array([10.0]))
    assert found.stock[:, 0].tolist() == [6, 2, 4, 0, 0]
    assert found.sold[:, 0].tolist() == [4, 4, 4, 4, 0]
    assert [view.position[0] for view in planner.views] == [10, 12, 8, 4, 0]
    assert planner.seen[2] == (MONDAY + timedelta(days=2), 4.0, False)
    assert planner.seen[3][2], "sold out: more may have been wanted"
    assert found.summary(slice(0, 5), slice(0, 1)).fill == pytest.approx(16 / 20)
    assert found.summary(slice(0, 5), slice(0, 1)).stock_days == pytest.approx(12 / 20)


def test_late_reports_leave_the_planner_with_an_older_picture() -> None:
    planner = Fixed([6, 0, 0, 0, 0])
    play(world([4, 4, 4, 4, 4], late=2), planner, np.array([10.0]))
    assert [view.position[0] for view in planner.views] == [10, 16, 16, 12, 8]
    assert [int(view.age[0]) for view in planner.views] == [0, 1, 2, 2, 2]


def test_a_report_that_never_comes_is_unknown_and_the_next_one_tells_the_stock() -> None:
    planner = Fixed([0, 0, 0, 0])
    play(world([4, 4, 2, 0], reported=[True, False, True, True]), planner, np.array([20.0]))
    assert np.isnan(planner.seen[1][1])
    assert [view.position[0] for view in planner.views] == [20, 16, 16, 10]
    assert [int(view.age[0]) for view in planner.views] == [0, 0, 1, 0]


def test_what_was_not_shipped_is_known_by_the_asn_or_only_by_the_next_count() -> None:
    short = [0.5, 1.0, 1.0, 1.0]
    told, untold = Fixed([8, 0, 0, 0]), Fixed([8, 0, 0, 0])
    play(world([1, 1, 1, 1], shipped=short), told, np.array([5.0]))
    play(world([1, 1, 1, 1], shipped=short, asn=False), untold, np.array([5.0]))
    assert [view.position[0] for view in told.views] == [5, 8, 7, 6]
    assert [view.position[0] for view in untold.views] == [5, 12, 11, 6]


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(0, 9), min_size=5, max_size=30),
    st.integers(0, 4),
    st.sampled_from([1.0, 6.0]),
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 999),
)
def test_no_unit_is_lost_or_counted_twice(
    demand: list[int], lead: int, pack: float, late: int, asn: bool, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    shipped = rng.choice([0.0, 0.5, 1.0], len(demand)).tolist()
    told = (rng.random(len(demand)) < 0.7).tolist()
    orders = (rng.integers(0, 3, len(demand)) * pack).tolist()
    planner = Fixed(orders)
    played = play(
        world([float(each) for each in demand], lead, pack, shipped=shipped, reported=told, late=late, asn=asn),
        planner,
        np.array([12.0]),
    )
    arrived = [
        np.floor(units * share / pack) * pack
        for day, (units, share) in enumerate(zip(orders, shipped, strict=True))
        if day + lead < len(demand)
    ]
    assert 12 + sum(arrived) == pytest.approx(played.sold.sum() + played.stock[-1, 0])
    last = planner.views[-1]
    if asn and int(last.age[0]) == 0 and len(demand) > 1:
        underway = [
            np.floor(units * share / pack) * pack
            for day, (units, share) in enumerate(zip(orders, shipped, strict=True))
            if day < len(demand) - 1 and day + lead >= len(demand) - 1
        ]
        assert last.position[0] == pytest.approx(played.stock[-2, 0] + sum(underway))


@pytest.fixture(scope="module")
def made():  # type: ignore[no-untyped-def]
    return scene(3, 24, days=520)


SPLIT = Split(tuning=100, test=140)


@pytest.fixture(scope="module")
def fitted(made):  # type: ignore[no-untyped-def]
    before = made.block.days - SPLIT.tuning - SPLIT.test
    how = smoothing(made.block.series, alpha=0.03, burst=0.1)
    return (
        fit(made.block.until(before), GROUPS, CODES, 4, how),
        world_of(made.block, before, np.full(24, 3), np.array([1.0, 6.0, 12.0] * 8)),
    )


STEPS = (0.9, 0.96, 0.985, 0.995)


def test_a_shared_calendar_needs_a_third_less_stock_than_min_max_at_the_same_fill(fitted) -> None:  # type: ignore[no-untyped-def]
    found, shelf = fitted
    mine = measure("ours", ours(found, shelf, STEPS), shelf, SPLIT)
    usual = measure("min/max", min_max(found, shelf), shelf, SPLIT, len(LOT_STEPS))
    assert mine.test.fill > 0.965
    assert mine.test.stock_days < 0.65 * usual.test.stock_days
    fills = [each.test.fill for each in mine.curve]
    stocks = [each.test.stock_days for each in mine.curve]
    assert fills == sorted(fills), "more promised, more kept"
    assert stocks == sorted(stocks)


def test_nobody_beats_the_planner_that_knows_the_law_by_much(made, fitted) -> None:  # type: ignore[no-untyped-def]
    found, shelf = fitted
    rows = slice(made.block.days - SPLIT.tuning - SPLIT.test, made.block.days)
    best = measure("law", oracle(shelf, made.mean[rows], made.variance[rows], STEPS), shelf, SPLIT)
    mine = measure("ours", ours(found, shelf, STEPS), shelf, SPLIT)
    assert best.iso_days < mine.iso_days < 1.6 * best.iso_days


def test_late_reports_and_missing_asn_cost_stock(fitted) -> None:  # type: ignore[no-untyped-def]
    found, shelf = fitted
    (late,) = price_of_late_reports(found, shelf, SPLIT, (5,))
    fresh = measure("ours", ours(found, shelf), shelf, SPLIT)
    assert late.iso_days > 1.15 * fresh.iso_days
    told, untold = price_of_missing_asn(found, shelf, SPLIT, 0.3)
    assert untold.iso_days > told.iso_days


def test_the_same_backtest_twice_gives_the_same_numbers(fitted) -> None:  # type: ignore[no-untyped-def]
    found, shelf = fitted
    first, second = (measure("ours", ours(found, shelf, (0.97,)), shelf, SPLIT) for _ in range(2))
    assert first == second


def test_a_history_with_gaps_can_be_replayed_and_a_short_one_is_refused() -> None:
    rng = np.random.default_rng(9)
    units = rng.poisson(6.0, (260, 3)).astype(float)
    units[rng.random(units.shape) < 0.2] = np.nan
    block = block_of(MONDAY, units)
    found = backtest(block, 1, 1, np.full(3, 2), np.ones(3), Split(tuning=50, test=60))
    assert [each.name for each in found] == ["forecast", "min-max", "textbook", "clairvoyant"]
    assert all(0.9 < each.test.fill <= 1.0 for each in found)
    assert found[3].test.stock_days < found[0].test.stock_days, "who knows the demand needs least"
    with pytest.raises(ValueError, match="short"):
        backtest(block, 1, 1, np.full(3, 2), np.ones(3), Split(tuning=100, test=100))
