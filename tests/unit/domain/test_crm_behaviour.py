"""Rhythm, lifecycle, classes and shares, against cases worked out by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.domain.crm.lapse import quantile, rhythm, silence
from gateway.domain.crm.lifecycle import stage_of, state_of
from gateway.domain.crm.pareto import pareto, value_classes
from gateway.domain.crm.rfm import SEGMENTS, Behaviour, classes, segment, standing

START = date(2026, 1, 5)


def days(*offsets: int) -> list[date]:
    return [START + timedelta(days=each) for each in offsets]


WEEKLY = days(*range(0, 70, 7))  # ten orders, nine gaps of seven days


def test_a_rhythm_of_equal_gaps_has_a_limit_of_one_and_a_half_gaps():
    found = rhythm(WEEKLY)
    assert (found.gaps, found.median_days, found.limit_days, found.own) == (9, 7.0, 10.5, True)


def test_an_irregular_account_gets_a_wider_limit_from_its_own_spread():
    found = rhythm(days(0, 5, 15, 20, 34, 40, 60))  # gaps 5 10 5 14 6 20: median 8, deviations 3 2 3 6 2 12, MAD 3
    assert found.median_days == 8
    assert found.limit_days == pytest.approx(max(1.5 * 18.5, 8 + 4 * 1.4826 * 3))  # type 7: 14 + 0.75 x 6


def test_with_few_gaps_the_fixed_days_count_and_orders_of_one_day_are_one():
    assert rhythm(days(0, 0, 7, 14, 21)).own is False
    assert rhythm(days(0, 7)).limit_days == 90


def test_only_the_last_orders_make_the_rhythm():
    slow = [START - timedelta(days=100 * each) for each in range(1, 30)]
    fast = days(*range(26))
    assert rhythm(slow + fast).limit_days == 1.5


@pytest.mark.parametrize(("after", "level"), [(0, "none"), (10, "none"), (11, "notice"), (15, "notice"), (16, "case")])
def test_silence_is_a_notice_past_the_limit_and_a_case_past_one_and_a_half(after, level):
    found = silence(WEEKLY, WEEKLY[-1] + timedelta(days=after))
    assert found.level == level
    assert found.notice_on == WEEKLY[-1] + timedelta(days=11)
    assert found.case_on == WEEKLY[-1] + timedelta(days=16)  # 15.75 days are over on the sixteenth


def test_an_account_that_never_ordered_is_not_silent():
    assert silence([], START) is None


def test_quantiles_are_interpolated_as_numpy_does():
    assert quantile([1, 2, 3, 4], 0.95) == pytest.approx(3.85)
    assert quantile([7], 0.95) == 7


def test_the_states_of_a_relation_follow_the_orders():
    last = WEEKLY[-1]
    assert state_of([], START) == "prospect"
    assert state_of(days(0), START + timedelta(days=3)) == "new"
    assert state_of(WEEKLY, last + timedelta(days=5)) == "active"
    assert state_of(WEEKLY, last + timedelta(days=12)) == "at-risk"
    assert state_of(WEEKLY, last + timedelta(days=20)) == "lapsed"
    back = [*WEEKLY, last + timedelta(days=30)]
    assert state_of(back, last + timedelta(days=31)) == "won-back"
    assert state_of(back, last + timedelta(days=31), closed=True) == "closed"


def test_won_back_becomes_active_again_after_a_quarter_of_orders():
    last = WEEKLY[-1]
    back = [*WEEKLY, *(last + timedelta(days=30 + 7 * each) for each in range(20))]
    assert state_of(back, back[-1] + timedelta(days=1)) == "active"


def test_stages_are_the_ones_of_the_textbook():
    assert stage_of([], START) == "potential"
    assert stage_of(days(0), START) == "new"
    assert stage_of(days(0), START, Decimal(5)) == "satisfied"
    assert stage_of(days(0), START, Decimal("3.9")) == "new"
    assert stage_of(days(0, 7, 14), START + timedelta(days=20)) == "retained"
    assert stage_of(days(0, 7, 400), START + timedelta(days=401)) == "established"


def test_equal_values_share_a_class_and_the_best_is_five():
    values = {"a": 1, "b": 1, "c": 1, "d": 5, "e": 9, "f": 9}
    assert classes({each: Decimal(value) for each, value in values.items()}) == {
        "a": 1, "b": 1, "c": 1, "d": 4, "e": 5, "f": 5,
    }  # fmt: skip


def test_four_accounts_are_too_few_for_classes():
    assert classes({each: Decimal(1) for each in "abcd"}) == {}


def test_every_pair_of_classes_has_a_segment_and_every_segment_a_pair():
    assert {segment(r, f) for r in range(1, 6) for f in range(1, 6)} == set(SEGMENTS)
    with pytest.raises(ValueError, match="R0"):
        segment(0, 3)


def test_the_freshest_account_has_the_highest_recency_and_the_cuts_are_kept():
    accounts = {
        name: Behaviour(last_order_on=START - timedelta(days=10 * index), orders=50 - index, money=Decimal(100 * index))
        for index, name in enumerate("abcdef")
    }
    found = standing(accounts, START)
    assert found.places["a"].recency == 5
    assert found.places["a"].segment == "champions"
    assert found.places["f"].recency == 1
    assert found.places["f"].monetary == 5
    assert found.cuts["recency"][0] == 50  # the days of the one that was silent longest
    assert found.cuts["frequency"] == (45, 46, 47, 48, 49)


def test_pareto_is_measured():
    found = pareto(
        {"big": Decimal(70), "mid": Decimal(20), "small": Decimal(10), "none": Decimal(0), "due": Decimal(-5)}
    )
    assert found.top_value_share == Decimal("0.7")
    assert found.accounts_for_most == 2
    assert found.most_cut == 20
    assert found.curve[-1] == (1, 1)
    assert pareto({"a": Decimal(0)}) is None


def test_value_classes_end_at_four_fifths_and_nineteen_twentieths():
    values = {"a": Decimal(80), "b": Decimal(15), "c": Decimal(5)}
    assert value_classes(values) == {"a": "A", "b": "B", "c": "C"}
    assert value_classes({"a": Decimal(0)}) == {"a": "C"}
