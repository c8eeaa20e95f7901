"""Scores, matrices and money, against cases worked out by hand."""

from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.crm import asked, health, matrices, receivables, value

D = Decimal


def test_customer_value_is_the_margin_less_what_it_costs_to_serve():
    found = value.customer_value(D(1000), {"order": 10, "return": 2, "late-delivery": 0})
    assert found.value == D(1000) - 30 - 70
    assert found.costs == {"order": 30, "return": 70}
    assert value.customer_value(None, {}) is None


def test_the_formulas_of_value_say_nothing_without_their_terms():
    assert value.price_value(D("1.2"), D(1), D("0.8"), D(1)) == D("1.5")
    assert value.price_value(D(1), D(1), D(0), D(1)) is None
    assert value.perceived_value(D(4), D(5), D(2), D(1)) == 3
    assert value.perceived_value(D(4), None, D(2), D(1)) is None


@pytest.mark.parametrize(
    ("history", "potential", "cell"),
    [(9, 9, "invest"), (1, 9, "nurture"), (9, 1, "restructure"), (1, 1, "automate"), (5, 5, "invest")],
)
def test_the_portfolio_has_four_cells_and_the_cut_is_high(history, potential, cell):
    assert matrices.portfolio(D(history), D(potential), matrices.Cuts(history=D(5), potential=D(5))) == cell


def test_the_cut_of_the_potential_is_the_median_of_accounts_with_a_history():
    cuts = matrices.portfolio_cuts({"a": D(9), "b": D(1), "c": D(0)}, {"a": D(4), "b": D(2), "c": D(99)}, D(9))
    assert (cuts.history, cuts.potential) == (9, 3)
    assert matrices.portfolio_cuts({}, {}, D(1)) is None


def test_importance_and_performance_meet_in_four_fields():
    places = {(i, p): matrices.importance_performance(D(i), D(p), D(4), D(4)) for i in (2, 6) for p in (2, 6)}
    assert places == {(6, 6): "advantage", (6, 2): "improve", (2, 6): "maintain", (2, 2): "opportunity"}


def test_the_evaluation_has_nine_cells_and_a_border_belongs_to_the_higher_band():
    assert matrices.evaluation(D(7), D(1)) == "must-improve"
    assert matrices.evaluation(D(5), D(5)) == "keep-or-improve"
    assert matrices.evaluation(D("4.9"), D("2.9")) == "improve"
    assert matrices.evaluation(D(1), D(7)) == "shift-resources"
    counts = [list(matrices.EVALUATION.values()).count(each) for each in matrices.ADVICE]
    assert sorted(counts) == [1, 1, 1, 2, 2, 2]
    with pytest.raises(ValueError, match="outside"):
        matrices.evaluation(D(8), D(1))


def test_a_house_may_name_other_advice_for_a_cell():
    cells = {**matrices.EVALUATION, ("high", "low"): "stop"}
    assert matrices.evaluation(D(6), D(2), cells) == "stop"


@pytest.mark.parametrize(
    ("importance", "ours", "theirs", "name", "drawn"),
    [
        ("6", "3", "5.5", "major-weakness", "-2.0"),
        ("2", "3", "4", "minor-weakness", "-1"),
        ("6", "5", "4.3", "parity", "0.7"),
        ("6", "5", "4.2", "major-strength", "0.8"),
        ("4", "6", "4", "minor-strength", "2"),
    ],
)
def test_competitive_position_by_the_narrow_thresholds(importance, ours, theirs, name, drawn):
    found = matrices.competitive_position(D(importance), D(ours), D(theirs))
    assert (found.name, found.drawn) == (name, D(drawn))


def test_the_wide_thresholds_need_a_whole_point():
    assert matrices.competitive_position(D(6), D(5), D("4.1"), matrices.WIDE).name == "parity"


def test_loyalty_types():
    types = [matrices.loyalty_type(s, loyal) for s in (True, False) for loyal in (True, False)]
    assert types == ["apostle", "mercenary", "hostage", "defector"]


@pytest.mark.parametrize(("share", "score"), [("0.99", 7), ("0.98", 7), ("0.93", 4), ("0.88", 1), ("0.5", 1)])
def test_a_measured_share_becomes_a_score_by_target_and_tolerance(share, score):
    assert matrices.measured_score(D(share), D("0.98"), D("0.05")) == score


def test_nothing_measured_is_no_score():
    assert matrices.measured_score(None, D(1), D(1)) is None
    assert matrices.mean_score([]) is None


def test_health_is_the_weighted_mean_of_what_is_known():
    found = health.health({"first-time-right": D(1), "otif": D("0.5"), "response-in-time": None})
    assert found.index == D("75.0")
    assert "response-in-time" in found.missing
    assert sum(given for _, given, _ in found.parts.values()) == 75


def test_health_needs_half_of_the_weight():
    assert health.health({"first-time-right": D(1), "certificate": D(1)}).index is None
    with pytest.raises(ValueError, match="part"):
        health.health({"otif": D("1.1")})


def test_certificates_and_cases_as_shares():
    assert [health.certificate_share(each) for each in (None, 90, 30, -5)] == [None, 1, D("0.5"), 0]
    assert [health.open_cases_share(each) for each in (0, 1, 3)] == [1, D("0.5"), D("0.25")]


def test_satisfaction_and_recommendation_carry_their_n():
    assert asked.csat([5, 4, 3], 6) == asked.Asked(score=D(4), answers=3, response_rate=D("0.5"))
    assert asked.nps([10, 9, 8, 0]).score == 25
    assert asked.nps([10, 0]).score is None
    with pytest.raises(ValueError, match="outside"):
        asked.csat([6])


def test_open_items_by_age_and_days_outstanding():
    today = date(2026, 3, 31)
    items = [
        receivables.OpenItem(document="1", due_on=date(2026, 4, 2), open_amount=D(100)),
        receivables.OpenItem(document="2", due_on=date(2026, 3, 31), open_amount=D(1)),
        receivables.OpenItem(document="3", due_on=date(2026, 3, 30), open_amount=D(10)),
        receivables.OpenItem(document="4", due_on=date(2025, 12, 1), open_amount=D(7)),
        receivables.OpenItem(document="5", due_on=date(2026, 3, 1), open_amount=D(-4)),
    ]
    assert receivables.ageing(items, today) == {"not-due": 101, "1-30": 6, "31-60": 0, "61-90": 0, "over-90": 7}
    assert receivables.days_outstanding(D(300), D(900), 90) == 30
    assert receivables.days_outstanding(D(300), D(0), 90) is None


def test_reliability_is_weighted_by_money():
    due = date(2026, 3, 10)
    paid = [
        receivables.Settled(amount=D(900), due_on=due, paid_on=due),
        receivables.Settled(amount=D(100), due_on=due, paid_on=date(2026, 3, 30)),
    ]
    assert receivables.on_time_share(paid) == D("0.9")
    assert receivables.mean_days_late(paid) == 2
    assert receivables.on_time_share([]) is None
