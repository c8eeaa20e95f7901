"""The service audit: elements in the matrices, asked beside measured, for all accounts and for each."""

from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.crm.audit import STANDARD, audit, audit_accounts, elements_in_force, loyalties
from gateway.domain.crm.matrices import NARROW, WIDE, Scheme, checked_setting, scheme_of, scores_of
from gateway.domain.crm.registers import REGISTERS, checked, next_state, stalled, weighted_revenue
from gateway.domain.crm.surveys import checked_scores, questions
from gateway.model.faults import OurFault

D = Decimal
ON_TIME = next(each for each in STANDARD if each.id == "on-time")


def test_a_low_measure_can_be_good():
    assert [ON_TIME.score(D(late)) for late in ("0.01", "0.02", "0.08", "0.14", "0.5")] == [7, 7, 4, 1, 1]
    assert ON_TIME.score(None) is None


def test_an_element_lies_where_answers_and_documents_put_it():
    told = {
        "on-time": {"importance": (D(6), 3), "performance": (D(2), 3), "competitor": (D(5), 2), "expected": (D(5), 1)}
    }
    measures = {"nord": {"late-rate": D("0.02")}, "shop": {"late-rate": D("0.08")}, "new": {"late-rate": None}}
    (found,) = audit([ON_TIME], told, measures, Scheme())
    assert (found.asked, found.measured, found.answers, found.accounts) == (2, D("5.5"), 3, 2)
    assert (found.field_asked, found.field_measured) == ("improve", "advantage")
    assert (found.advice_asked, found.advice_measured) == ("must-improve", "keep-or-improve")
    assert found.gap == -3
    assert found.position is not None
    assert (found.position.name, found.position.relative, found.position.drawn) == ("major-weakness", -3, -2)


def test_an_element_nobody_was_asked_about_has_no_cell():
    (found,) = audit([ON_TIME], {}, {"nord": {"late-rate": D(0)}}, Scheme())
    assert (found.measured, found.field_measured, found.position) == (7, None, None)


def test_each_account_lies_in_one_element_and_takes_the_common_importance():
    told = {"nord": {"on-time": {"importance": (D(6), 1), "performance": (D(5), 1)}}}
    measures = {"nord": {"late-rate": D("0.02")}, "shop": {"late-rate": D("0.14")}, "none": {}}
    found = {each.id: each for each in audit_accounts(ON_TIME, told, measures, Scheme())}
    assert set(found) == {"nord", "shop"}
    assert (found["shop"].importance, found["shop"].measured, found["shop"].field_measured) == (6, 1, "improve")
    assert found["nord"].field_asked == "advantage"


def test_cuts_may_be_the_mean_over_the_elements():
    told = {
        "on-time": {"importance": (D(6), 1), "performance": (D(6), 1)},
        "in-full": {"importance": (D(5), 1), "performance": (D(5), 1)},
    }
    elements = [each for each in STANDARD if each.id in told]
    fixed = [each.field_asked for each in audit(elements, told, {}, Scheme())]
    means = [
        each.field_asked for each in audit(elements, told, {}, scheme_of({"cuts": "importance=mean performance=mean"}))
    ]
    assert (fixed, means) == (["advantage", "advantage"], ["advantage", "opportunity"])


def test_a_house_changes_adds_and_ends_elements():
    entries = {
        "on-time": ("active", {"title": "Punctual", "target": "0.1"}),
        "in-full": ("ended", {}),
        "advice": ("active", {"title": "Advice", "titleZh": "建议", "direction": "supplier"}),
    }
    found = {each.id: each for each in elements_in_force(entries)}
    assert (found["on-time"].title, found["on-time"].target, found["on-time"].measure) == (
        "Punctual",
        D("0.1"),
        "late-rate",
    )
    assert "in-full" not in found
    assert (found["advice"].direction, found["advice"].measure) == ("supplier", None)
    assert len(elements_in_force({})) == len(STANDARD)


def test_loyal_and_satisfied_by_the_cuts_of_the_house():
    measures = {"nord": {"satisfaction": D(4), "loyalty": D("0.4")}, "shop": {"satisfaction": None, "loyalty": D(1)}}
    assert [each.type for each in loyalties(measures, Scheme())] == ["mercenary", None]
    assert loyalties(measures, scheme_of({"cuts": "loyal=0.3"}))[0].type == "apostle"


def test_settings_are_read_as_written_and_refused_when_wrong():
    assert scheme_of({}).thresholds == NARROW
    assert scheme_of({"thresholds": "wide"}).thresholds == WIDE
    assert scheme_of({"thresholds": "parity=0.5 end=2"}).thresholds.parity == D("0.5")
    assert scheme_of({"evaluation": "low/low=improve"}).cells["low", "low"] == "improve"
    assert scores_of("margin=0.3\norder=4") == {"margin": D("0.3"), "order": D(4)}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("evaluation", "low/best=improve"),
        ("evaluation", "low/low=stop"),
        ("thresholds", "parity=3 end=2"),
        ("cuts", "importance=nine"),
        ("cuts", "importance=8"),
        ("scores", "margin"),
        ("colour", "red"),
    ],
)
def test_a_setting_that_says_nothing_is_refused(name, value):
    with pytest.raises(OurFault, match=r"matrix\.setting-wrong"):
        checked_setting(name, value)


# --- registers and surveys --------------------------------------------------------------------------------------------


def test_an_entry_is_kept_in_canonical_form():
    data = {"title": " Oats ", "account": "nord", "expectedRevenue": "1E+3", "expectedOn": "2026-12-01", "note": ""}
    kept = checked(REGISTERS["opportunity"], data)
    assert kept == {"title": "Oats", "account": "nord", "expectedRevenue": "1000", "expectedOn": "2026-12-01"}


@pytest.mark.parametrize(
    ("register", "data", "field"),
    [
        ("opportunity", {"title": "x"}, "account"),
        ("opportunity", {"title": "x", "account": "a", "probability": "2"}, "probability"),
        ("opportunity", {"title": "x", "account": "a", "expectedRevenue": "NaN"}, "expectedRevenue"),
        ("opportunity", {"title": "x", "account": "a", "colour": "red"}, "colour"),
        ("opportunity", {"title": "x" * 201, "account": "a"}, "title"),
        ("call", {"title": "x", "account": "a", "way": "sideways"}, "way"),
        ("campaign", {"title": "x", "items": "1", "since": "2026-02-01", "until": "2026-01-01"}, "until"),
        ("campaign", {"title": "x", "items": "1", "since": "soon", "until": "2026-01-01"}, "since"),
    ],
)
def test_what_a_field_does_not_take_is_refused_by_its_name(register, data, field):
    with pytest.raises(OurFault, match=r"crm\.entry-wrong") as refused:
        checked(REGISTERS[register], data)
    assert refused.value.params["field"] == field


def test_a_lost_opportunity_needs_its_reason_and_a_stage_that_lasts_is_told():
    register = REGISTERS["opportunity"]
    with pytest.raises(OurFault, match=r"crm\.entry-wrong"):
        next_state(register, "lost", {})
    assert next_state(register, "lost", {"reason": "price"}) == "lost"
    assert not stalled("lead", date(2026, 1, 1), date(2026, 1, 31))
    assert stalled("lead", date(2026, 1, 1), date(2026, 2, 1))
    assert not stalled("won", date(2020, 1, 1), date(2026, 2, 1))
    assert weighted_revenue("proposed", {"expectedRevenue": "100"}) == 50
    assert weighted_revenue("proposed", {"expectedRevenue": "100", "probability": "0.2"}) == 20
    assert weighted_revenue("won", {"expectedRevenue": "100", "probability": "0.2"}) == 100
    assert weighted_revenue("lead", {}) is None


def test_a_form_asks_its_questions_and_takes_its_scale():
    assert questions("audit", ("a",)) == ("importance:a", "performance:a", "competitor:a")
    assert checked_scores("csat", {"csat": "5"}) == {"csat": 5}
    assert checked_scores("audit", {"importance:a": 7, "performance:a": ""}, ("a",)) == {"importance:a": 7}
    for form, given in (
        ("csat", {"csat": "6"}),
        ("csat", {"nps": "5"}),
        ("nps", {}),
        ("nps", {"nps": "٣"}),
        ("audit", {"importance:b": 1}),
    ):
        with pytest.raises(OurFault, match=r"survey\.answer-wrong"):
            checked_scores(form, given, ("a",))
