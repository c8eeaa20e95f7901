"""From need to order: packs, layers, pallets, minima, maxima; supplier loads; shares on shortage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain.replenishment.rounding import OrderQuantities, Packing, order_quantities
from gateway.domain.replenishment.shortage import fair_shares, whole_packs
from gateway.domain.replenishment.supplier_load import (
    MET,
    NOT_REACHABLE,
    PULLED_FORWARD,
    WAITED,
    fill_load,
)
from gateway.domain.replenishment.targets import MIN_MAX, REORDER_LOT, UP_TO, Policy, Targets, policy


def ordered(position: float, level: float, *, reorder: float | None = None, mean: float = 0.0, how: Policy | None =
None,
            **units: float) -> OrderQuantities:  # fmt: skip
    packing = {
        name: np.array([units.get(name, 0.0)]) for name in ("layer", "pallet", "up", "down", "trigger", "minimum")
    }
    point = level if reorder is None else reorder
    found = Targets(
        reorder_point=np.array([point]),
        order_up_to=np.array([level]),
        safety_stock=np.array([0.0]),
        distribution=np.array([0]),
        limited_by=np.array([0]),
    )
    how = policy(1) if how is None else how
    packs = Packing(pack=np.array([units.get("pack", 1.0)]), **packing)
    return order_quantities(np.array([position]), found, how, packs, np.array([mean]))


def test_the_need_is_rounded_up_to_whole_packs() -> None:
    found = ordered(13, 30, pack=6)
    assert found.explained(0)[:2] == (("need", 17.0, "needed"), ("pack", 18.0, "whole-packs"))
    assert ordered(12, 30, pack=6).quantity[0] == 18
    assert ordered(30, 30, pack=6).quantity[0] == 0
    assert ordered(30, 30, pack=6).explained(0)[0] == ("need", 0.0, "not-due")


def test_a_sliver_of_a_pack_waits_while_the_interval_is_covered() -> None:
    assert ordered(29, 30, pack=12, trigger=0.25, mean=20).quantity[0] == 0
    assert ordered(29, 30, pack=12, trigger=0.25, mean=20).explained(0)[1] == ("pack", 0.0, "pack-dropped")
    assert ordered(29, 30, pack=12, trigger=0.25, mean=29.5).quantity[0] == 12, "not covered"
    assert ordered(26, 30, pack=12, trigger=0.25, mean=20).quantity[0] == 12, "more than a sliver"


def test_a_layer_is_filled_up_when_little_is_missing_and_cut_when_little_is_over() -> None:
    up = ordered(0, 44, pack=4, layer=48, up=0.1, down=0.1)
    assert up.explained(0)[2] == ("layer", 48.0, "up")
    down = ordered(0, 52, reorder=48, pack=4, layer=48, up=0.05, down=0.1)
    assert ordered(0, 52, pack=4, layer=48, up=0.05, down=0.1).explained(0)[2] == ("layer", 52.0, "kept"), "not covered"
    assert down.explained(0)[2] == ("layer", 48.0, "down")
    assert ordered(0, 24, pack=4, layer=48, up=0.1, down=0.1).quantity[0] == 24


def test_pallets_come_after_layers() -> None:
    found = ordered(0, 185, pack=4, layer=48, pallet=192, up=0.15, down=0.0)
    assert [units for _, units, _ in found.explained(0)] == [185, 188, 192, 192, 192, 192]


def test_a_line_minimum_raises_or_lets_wait() -> None:
    assert ordered(0, 14, pack=6, minimum=24).explained(0)[4] == ("minimum", 24.0, "raised-to-minimum")
    assert ordered(0, 5, pack=6, minimum=24).explained(0)[4] == ("minimum", 0.0, "below-minimum")


def test_what_does_not_fit_is_cut_to_whole_packs() -> None:
    how = policy(1)
    how.capacity[:] = 40.0
    assert ordered(10, 60, pack=12, how=how).explained(0)[5] == ("maximum", 24.0, "cut-to-maximum")
    how.capacity[:] = 14.0
    assert ordered(10, 14, pack=12, how=how).quantity[0] == 12, "else the item could never be ordered"


def test_min_max_orders_at_the_minimum_up_to_the_maximum() -> None:
    how = policy(1)
    how.rule[:] = MIN_MAX
    assert ordered(8, 20, reorder=8, how=how).quantity[0] == 12
    assert ordered(9, 20, reorder=8, how=how).quantity[0] == 0


def test_a_reorder_point_waits_until_it_is_reached() -> None:
    how = policy(1)
    how.rule[:] = REORDER_LOT
    assert ordered(11, 34, reorder=10, pack=24, how=how).quantity[0] == 0
    assert ordered(10, 34, reorder=10, pack=24, how=how).quantity[0] == 24
    assert ordered(-20, 34, reorder=10, pack=24, how=how).quantity[0] == 72


@given(st.floats(-50, 300), st.floats(0, 500), st.sampled_from([1.0, 6.0, 12.0]), st.floats(0, 0.5), st.floats(0, 0.5))
def test_orders_are_whole_packs_and_more_stock_never_orders_more(
    position: float, level: float, pack: float, up: float, down: float
) -> None:
    units = {"pack": pack, "layer": pack * 8, "pallet": pack * 40, "up": up, "down": down}
    less, more = ordered(position, level, **units).quantity[0], ordered(position + pack, level, **units).quantity[0]
    assert less % pack == 0
    assert less >= 0
    assert position >= level or position + less >= level - 1e-6
    assert more <= less + 40 * pack * down  # a larger need may be rounded down to the pallet below


def test_an_order_below_the_suppliers_minimum_pulls_the_shortest_cover_forward() -> None:
    """30 of 60 are missing. Cover 2, 5 and 9 days; a pack of 10 lasts 1, 2 and 5 days: twice the first, once it
    again."""
    daily, position = np.array([10.0, 5.0, 2.0]), np.array([-10.0, 25.0, 18.0])
    found = fill_load(
        np.array([30.0, 0, 0]), position, daily, np.full(3, 10.0), np.ones(3), np.full(3, 999.0), minimum=60.0
    )
    assert found.result == PULLED_FORWARD
    assert list(found.quantity) == [60.0, 0.0, 0.0]
    assert found.measure == 60.0


def least_cover(quantity: np.ndarray, position: np.ndarray, daily: np.ndarray) -> float:
    return float(((position + quantity) / daily).min())


def test_the_least_cover_is_as_large_as_any_way_to_add_the_packs_can_make_it() -> None:
    rng = np.random.default_rng(4)
    for _ in range(20):
        daily, position = rng.uniform(1, 9, 3), rng.uniform(0, 40, 3)
        start = np.array([6.0, 0.0, 0.0])
        found = fill_load(start, position, daily, np.full(3, 6.0), np.ones(3), np.full(3, 1e9), minimum=36.0)
        ways = [start + 6.0 * np.array([a, b, 5 - a - b]) for a in range(6) for b in range(6 - a)]
        best = max(least_cover(way, position, daily) for way in ways)
        assert least_cover(found.quantity, position, daily) == pytest.approx(best)


def test_a_load_waits_is_met_or_cannot_be_reached() -> None:
    one = np.ones(2)
    args = (np.array([0.0, 0.0]), one, one * 6, one, one * 1e9)
    assert fill_load(np.array([50.0, 20.0]), *args, minimum=60.0).result == MET
    waited = fill_load(np.array([12.0, 0.0]), *args, minimum=60.0, wait_below=0.5)
    assert (waited.result, waited.quantity.sum()) == (WAITED, 0.0)
    nothing = fill_load(np.zeros(2), *args, minimum=60.0)
    assert (nothing.result, nothing.quantity.sum()) == (WAITED, 0.0)
    full = fill_load(np.array([12.0, 0.0]), args[0], one, one * 6, one, np.array([18.0, 6.0]), minimum=60.0)
    assert (full.result, list(full.quantity)) == (NOT_REACHABLE, [18.0, 6.0])
    truck = fill_load(np.array([12.0, 0.0]), *args, minimum=60.0, capacity=30.0)
    assert truck.measure == 30.0


def test_on_shortage_all_get_the_same_chance_of_a_stock_out() -> None:
    position, mean, deviation = np.array([0.0, 10.0]), np.array([20.0, 20.0]), np.array([4.0, 8.0])
    found = fair_shares(30.0, position, mean, deviation, np.array([40.0, 40.0]))
    assert found.sum() == pytest.approx(30.0)
    ratio = (position + found - mean) / deviation
    assert ratio[0] == pytest.approx(ratio[1])


def test_a_place_that_is_out_comes_first_and_one_with_plenty_gets_nothing() -> None:
    found = fair_shares(5.0, np.array([-3.0, 40.0]), np.full(2, 10.0), np.full(2, 3.0), np.array([20.0, 20.0]))
    assert found == pytest.approx([5.0, 0.0])


PLACES = st.lists(
    st.tuples(st.floats(-20, 60), st.floats(0, 40), st.floats(0.1, 20), st.floats(0, 60)), min_size=1, max_size=8
)


@settings(max_examples=60, deadline=None)
@given(PLACES, st.floats(0, 200), st.sampled_from([1.0, 6.0]))
def test_shares_conserve_what_there_is(
    places: list[tuple[float, float, float, float]], available: float, pack: float
) -> None:
    position, mean, deviation, wanted = (np.array(each) for each in zip(*places, strict=True))
    found = fair_shares(available, position, mean, deviation, wanted)
    assert found.sum() == pytest.approx(min(available, wanted.sum()), abs=1e-6)
    assert (found <= wanted + 1e-9).all()
    packs = np.full(len(places), pack)
    whole = whole_packs(available, found, packs, wanted, position)
    assert whole.sum() <= available + 1e-6
    assert (whole % pack == 0).all()
    assert (whole <= wanted + 1e-6).all()
    still = (whole + pack <= wanted) & (whole.sum() + pack <= available)
    assert not still.any(), "a pack is left that somebody wants"


def test_a_place_that_is_out_gets_the_pack_that_is_left() -> None:
    shares, wanted = np.array([5.8, 2.0]), np.array([12.0, 12.0])
    assert list(whole_packs(6.0, shares, np.full(2, 6.0), wanted, np.array([9.0, -1.0]))) == [0.0, 6.0]
    assert list(whole_packs(6.0, shares, np.full(2, 6.0), wanted, np.array([9.0, 9.0]))) == [6.0, 0.0]


def test_order_up_to_is_the_rule_when_nothing_else_is_said() -> None:
    assert policy(3).rule.tolist() == [UP_TO] * 3
