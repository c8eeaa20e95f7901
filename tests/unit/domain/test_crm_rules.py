"""Rules as data: what they open, what they close, and that nothing counts twice."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.crm.rules import Condition, Event, Judge, Rule, dry_run, faults

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
SHORT = Rule(
    id="short",
    opens_on=frozenset({"delivery-short"}),
    closes_on=frozenset({"delivery-completed"}),
    conditions=(Condition(fact="share", operator="below", value="0.95"),),
    direction="customer",
    case_type="delivery",
)


def event(number: int, kind: str, subject: str = "PO1", direction: str = "customer", **facts: str) -> Event:
    return Event(
        id=str(number),
        kind=kind,
        at=NOW + timedelta(hours=number),
        account="nord",
        direction=direction,
        subject=subject,
        facts={name: Decimal(value) for name, value in facts.items()},
    )


def test_one_problem_is_one_case_and_a_later_document_closes_it():
    judge = Judge(rules=(SHORT,))
    first, second = event(1, "delivery-short", share="0.5"), event(2, "delivery-short", share="0.8")
    assert [each.what for each in judge.judge(first)] == ["open"]
    assert [each.what for each in judge.judge(second)] == ["again"]
    assert judge.judge(second) == []  # the same document again
    assert [each.what for each in judge.judge(event(3, "delivery-completed"))] == ["close"]
    assert judge.judge(event(4, "delivery-completed")) == []
    assert [each.what for each in judge.judge(event(5, "delivery-short", share="0.5"))] == ["open"]


def test_the_direction_counts():
    assert Judge(rules=(SHORT,)).judge(event(1, "delivery-short", direction="supplier", share="0.5")) == []


@pytest.mark.parametrize(
    ("operator", "value", "holds"),
    [
        ("is", "5", True), ("is", "5.0", True), ("is-not", "5", False), ("above", "5", False), ("at-least", "5", True),
        ("below", "5", False), ("below", "5.1", True), ("at-most", "5", True), ("is", "five", False),
        ("in", "4 5 6", True), ("in", "4 6", False), ("in", "", False),
        ("known", "", True), ("unknown", "", False),
    ],
)  # fmt: skip
def test_conditions_compare_numbers(operator, value, holds):
    assert Condition(fact="days", operator=operator, value=value).holds(event(1, "x", days="5")) is holds


def test_a_fact_that_is_absent_meets_only_what_asks_for_its_absence():
    for operator, holds in (("is", False), ("is-not", True), ("above", False), ("known", False), ("unknown", True)):
        assert Condition(fact="none", operator=operator, value="1").holds(event(1, "x")) is holds


def test_words_are_never_compared_as_numbers():
    told = Event(id="1", kind="x", at=NOW, account="a", direction="customer", subject="s", facts={"code": "7"})
    assert Condition(fact="code", operator="is", value="7").holds(told)
    assert not Condition(fact="code", operator="above", value="1").holds(told)


def test_a_rule_with_unknown_words_is_told_so():
    bad = Rule(
        id="bad",
        opens_on=frozenset({"nothing"}),
        case_type="party",
        conditions=(Condition(fact="a", operator="above", value="many"),),
    )
    assert faults(bad, {"delivery-short"}) == [("opens_on", "nothing"), ("case_type", "party"), ("value", "many")]
    assert faults(SHORT, {"delivery-short", "delivery-completed"}) == []


def test_a_dry_run_counts_without_keeping_anything():
    events = [event(1, "delivery-short", share="0.5"), event(2, "delivery-short", share="0.99"), event(3, "other")]
    events += [event(4, "delivery-short", "PO2", share="0.1"), event(5, "delivery-completed")]
    trial = dry_run(SHORT, events)
    assert (trial.events, trial.opened, trial.repeated, trial.closed, trial.still_open) == (5, 2, 0, 1, 1)
    assert [each.event.subject for each in trial.examples] == ["PO1", "PO2"]


def test_problems_may_be_grouped_by_account_or_month():
    monthly = Rule(id="m", opens_on=frozenset({"late"}), by="month")
    assert monthly.key(event(1, "late")) == "m:nord:2026-11"
    assert Rule(id="a", opens_on=frozenset({"late"}), by="account").key(event(1, "late")) == "a:nord:"


@given(
    st.lists(
        st.tuples(st.sampled_from(["delivery-short", "delivery-completed"]), st.sampled_from(["A", "B"])), max_size=30
    )
)
def test_repeats_of_any_stream_change_nothing(stream):
    events = [event(index, kind, subject, share="0.5") for index, (kind, subject) in enumerate(stream)]
    once, twice = Judge(rules=(SHORT,)), Judge(rules=(SHORT,))
    told = [step for each in events for step in once.judge(each)]
    again = [step for each in events for _ in range(2) for step in twice.judge(each)]
    assert told == again
    assert once.open == twice.open
    opened, closed = (sum(each.what == what for each in told) for what in ("open", "close"))
    assert opened - closed == len(once.open)
