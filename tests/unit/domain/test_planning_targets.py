"""Targets against worked cases and against simulation by brute force."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from gateway.domain.replenishment.distributions import COUNTS, GAMMA, NORMAL
from gateway.domain.replenishment.forecasting import IntervalDemand
from gateway.domain.replenishment.targets import (
    BY_CAPACITY,
    BY_LIFE,
    BY_LUMPY_CAP,
    BY_NOTHING,
    BY_PARTNER,
    BY_PRESENTATION,
    CYCLE,
    FILL,
    MIN_MAX,
    RANGE,
    REORDER_LOT,
    REORDER_UP_TO,
    Policy,
    missed_units,
    policy,
    targets,
)


def demand(
    mean: float, variance: float, lead_mean: float = 0.0, lead_variance: float = 0.0, days: int = 4
) -> IntervalDemand:
    return IntervalDemand(
        lead_days=np.array([days - 1]),
        days=np.array([days]),
        lead_mean=np.array([lead_mean]),
        lead_variance=np.array([lead_variance]),
        mean=np.array([mean]),
        variance=np.array([variance]),
    )


def one(service: float = 0.98, measure: int = FILL, lot: float = 1.0, kind: int = COUNTS, **more: float) -> Policy:
    made = policy(1, service, measure, lot)
    made.distribution[:] = kind
    for name, value in more.items():
        getattr(made, name)[:] = value
    return made


def test_cycle_service_of_the_textbook() -> None:
    """Mean 400 over L + R, deviation 60, 97.5 %: z = 1.96, S = 400 + 117.6."""
    found = targets(demand(400.0, 3600.0), one(0.975, CYCLE, kind=NORMAL))
    assert found.order_up_to[0] == pytest.approx(517.6, abs=0.05)
    assert found.safety_stock[0] == pytest.approx(117.6, abs=0.05)


def test_fill_rate_of_the_textbook() -> None:
    """Deviation 50 over the interval, 200 a cycle, 99 %: G(k) = 0.01 x 200 / 50 = 0.04, k = 1.365 in the table."""
    found = targets(demand(200.0, 2500.0), one(0.99, kind=NORMAL))
    assert found.safety_stock[0] == pytest.approx(1.365 * 50, abs=0.5)


def test_fill_rate_of_poisson_demand_by_hand() -> None:
    """Mean 2: E(D - S)+ for S = 2..5 is 0.5413, 0.2180, 0.0751, 0.0224; 98 % of 2 units allow 0.04: S = 5."""
    assert targets(demand(2.0, 2.0), one(0.98)).order_up_to[0] == 5.0
    assert targets(demand(2.0, 2.0), one(0.96)).order_up_to[0] == 4.0


@pytest.mark.parametrize("lot", [1.0, 6.0, 12.0])
@pytest.mark.parametrize("service", [0.8, 0.95, 0.98, 0.995])
@pytest.mark.parametrize(("mean", "variance"), [(0.4, 0.9), (3.0, 3.0), (11.0, 40.0), (28.0, 90.0)])
def test_the_level_is_the_least_that_misses_no_more_than_allowed(
    mean: float, variance: float, service: float, lot: float
) -> None:
    how = one(service, lot=lot)
    what = demand(mean, variance, mean * 0.75, variance * 0.7)
    level = targets(what, how).order_up_to
    cap = math.ceil(mean + 6 * math.sqrt(variance))
    allowed = (1 - service) * mean * 0.25
    if level[0] >= mean + 6 * math.sqrt(variance):
        assert missed_units(COUNTS, np.array([cap - 1.0]), what, how.lot)[0] > allowed
        return
    assert missed_units(COUNTS, level, what, how.lot)[0] <= allowed
    assert level[0] == 0 or missed_units(COUNTS, level - 1, what, how.lot)[0] > allowed


def test_missed_units_with_packs_are_the_mean_over_the_positions_a_pack_leaves() -> None:
    units = np.arange(0, 400)
    whole = stats.nbinom(20.0**2 / (44.0 - 20.0), 20.0 / 44.0).pmf(units)
    lead = stats.nbinom(15.0**2 / (30.0 - 15.0), 15.0 / 30.0).pmf(units)
    expected = np.mean([
        (whole * np.maximum(units - x, 0)).sum() - (lead * np.maximum(units - x, 0)).sum() for x in range(18, 24)
    ])  # fmt: skip
    found = missed_units(COUNTS, np.array([18.0]), demand(20.0, 44.0, 15.0, 30.0), np.array([6.0]))
    assert found[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("lot", "service"), [(1.0, 0.95), (6.0, 0.98), (24.0, 0.98)])
def test_a_played_out_year_reaches_the_fill_rate_that_was_promised(lot: float, service: float) -> None:
    """Daily review, 3 days of lead time, backorders, 200,000 days of negative binomial demand: mean 5, variance 9."""
    lead, days = 3, 200_000
    sold = np.random.default_rng(5).negative_binomial(25 / 4, 5 / 9, days)
    level = targets(demand(20.0, 36.0, 15.0, 27.0), one(service, lot=lot)).order_up_to[0]
    on_hand, position, missed = float(level), float(level), 0.0
    due = [0.0] * (lead + 1)
    for today, units in enumerate(sold):
        arriving = due[today % (lead + 1)]
        due[today % (lead + 1)] = 0.0
        on_hand += arriving
        need = max(level - position, 0.0)
        order = math.ceil(need / lot) * lot
        due[(today + lead) % (lead + 1)] += order
        position += order - units
        missed += max(units - max(on_hand, 0.0), 0.0)
        on_hand -= units
    assert 1 - missed / sold.sum() == pytest.approx(service, abs=0.006)
    assert 1 - missed / sold.sum() >= service - 0.002


def test_whole_packs_need_less_safety_stock_than_single_units() -> None:
    what = demand(20.0, 44.0, 15.0, 33.0)
    assert targets(what, one(lot=12.0)).order_up_to[0] < targets(what, one(lot=1.0)).order_up_to[0] - 3


def test_a_lumpy_item_is_capped_and_not_stocked_for_a_year() -> None:
    found = targets(demand(0.2, 20.0), one(0.999))
    assert found.order_up_to[0] == pytest.approx(0.2 + 6 * math.sqrt(20.0))
    assert found.limited_by[0] == BY_LUMPY_CAP


def test_without_demand_nothing_is_kept_but_what_shall_stand_on_the_shelf() -> None:
    assert targets(demand(0.0, 0.0), one()).order_up_to[0] == 0.0
    assert targets(demand(0.0, 0.0), one()).limited_by[0] == BY_NOTHING
    shown = targets(demand(0.0, 0.0), one(presentation=4.0))
    assert (shown.order_up_to[0], shown.limited_by[0]) == (4.0, BY_PRESENTATION)


def test_presentation_stock_stands_beyond_the_expected_demand() -> None:
    assert targets(demand(10.0, 12.0), one(presentation=30.0)).order_up_to[0] == 40.0


@pytest.mark.parametrize(("cap", "code"), [("capacity", BY_CAPACITY), ("life_cap", BY_LIFE)])
def test_shelf_and_shelf_life_cap_the_level_whatever_the_service(cap: str, code: int) -> None:
    found = targets(demand(10.0, 30.0), one(0.999, **{cap: 11.0}))
    assert (found.order_up_to[0], found.limited_by[0]) == (11.0, code)


def test_minimum_and_maximum_of_a_partner_are_taken_as_they_are() -> None:
    found = targets(demand(10.0, 30.0), one(rule=MIN_MAX, minimum=8.0, maximum=20.0))
    assert (found.reorder_point[0], found.order_up_to[0], found.limited_by[0]) == (8.0, 20.0, BY_PARTNER)


@pytest.mark.parametrize("rule", [REORDER_LOT, REORDER_UP_TO])
def test_a_reorder_point_leaves_one_lot_between_itself_and_the_level(rule: int) -> None:
    found = targets(demand(20.0, 44.0), one(lot=24.0, rule=rule))
    assert found.order_up_to[0] - found.reorder_point[0] == 24.0
    lowest = np.array([found.reorder_point[0] + 1])
    assert missed_units(COUNTS, lowest, demand(20.0, 44.0), np.array([24.0]))[0] <= 0.02 * 20.0


def test_more_service_or_more_variance_never_asks_for_less() -> None:
    levels = np.array([
        [targets(demand(9.0, variance), one(service, lot=6.0)).order_up_to[0] for service in (0.9, 0.95, 0.98, 0.99)]
        for variance in (9.0, 14.0, 30.0, 60.0)
    ])  # fmt: skip
    assert (np.diff(levels, axis=0) >= 0).all()
    assert (np.diff(levels, axis=1) >= 0).all()


def test_series_are_answered_alone_as_in_company() -> None:
    rng = np.random.default_rng(3)
    size = 300
    mean = rng.gamma(1.0, 12.0, size) + 0.01
    what = IntervalDemand(
        lead_days=np.full(size, 3),
        days=np.full(size, 4),
        lead_mean=mean * 0.75,
        lead_variance=mean,
        mean=mean,
        variance=mean * 1.4 + 0.05 * mean**2,
    )
    how = replace(policy(size, lot=6.0), service=rng.uniform(0.9, 0.995, size))
    together = targets(what, how).order_up_to
    for column in range(0, size, 17):
        alone = targets(
            IntervalDemand(
                lead_days=what.lead_days[[column]],
                days=what.days[[column]],
                lead_mean=what.lead_mean[[column]],
                lead_variance=what.lead_variance[[column]],
                mean=what.mean[[column]],
                variance=what.variance[[column]],
            ),
            replace(policy(1, lot=6.0), service=how.service[[column]]),
        ).order_up_to
        assert alone[0] == together[column]


def test_large_means_use_the_gamma_law_and_small_ones_counts() -> None:
    assert targets(demand(5.0, 9.0), policy(1)).distribution[0] == COUNTS
    assert targets(demand(500.0, 900.0), policy(1)).distribution[0] == GAMMA


def test_at_least_stock_one_unit_more_would_sell_the_same_share_of_any_item() -> None:
    """Poisson demand of 3 days' lead time and one day of review: the last unit still sells more than 1 - a a cycle."""
    for rate in (0.4, 2.0, 6.0):
        lead, whole = stats.poisson(3 * rate), stats.poisson(4 * rate)
        level = targets(demand(4 * rate, 4 * rate, 3 * rate, 3 * rate), one(0.97, RANGE)).order_up_to[0]
        sells = [whole.sf(each) - lead.sf(each) for each in (level - 1, level)]
        assert sells[0] > 0.03 >= sells[1], f"{rate} a day: {sells}"


def test_a_range_at_least_stock_serves_as_much_with_less_than_with_equal_fill_rates() -> None:
    """Two items of 10 a day, one of them seven times as uneven: the even one takes over from the uneven one."""
    even, uneven = demand(40.0, 60.0, 30.0, 45.0), demand(40.0, 420.0, 30.0, 300.0)

    def served(levels: list[float]) -> tuple[float, float]:
        missed = sum(
            float(missed_units(GAMMA, np.array([level]), each, np.ones(1))[0])
            for level, each in zip(levels, (even, uneven), strict=True)
        )
        return sum(levels), missed

    equal = served([float(targets(each, one(0.97, FILL, kind=GAMMA)).order_up_to[0]) for each in (even, uneven)])
    found = [
        served([float(targets(each, one(service, RANGE, kind=GAMMA)).order_up_to[0]) for each in (even, uneven)])
        for service in np.linspace(0.9, 0.995, 96)
    ]
    stock = min(level for level, missed in found if missed <= equal[1])
    assert stock < equal[0] * 0.99
