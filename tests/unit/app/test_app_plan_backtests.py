"""Backtests of planning on an instance's own history: started, followed, cancelled, kept, taken away."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.app.instance import Instance
from gateway.app.plan_backtests import MOST_OPEN, PlanBacktests
from gateway.domain.replenishment.trial_terms import PRICES, STEPS, WAYS, TrialTerms
from gateway.model.faults import OurFault
from tests.unit.app.backtest_scene import ASKED, DAYS, ITEMS, KIOSK, sold_out_of


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    opened = sold_out_of(tmp_path / "i")
    yield opened
    opened.close()


def backtests(instance: Instance) -> PlanBacktests:
    return PlanBacktests(instance=instance, own_process=False)


def test_a_backtest_keeps_what_each_way_of_planning_would_have_held(instance: Instance) -> None:
    found = backtests(instance).run(ASKED, "ada")
    assert (found.state, found.fault, found.user, found.partner) == ("done", None, "ada", "shop")
    assert [each.way for each in found.ways] == [*WAYS, *PRICES]
    assert found.done == found.steps == STEPS
    by = {each.way: each for each in found.ways}
    days = {way: each.equal_fill_days or 0.0 for way, each in by.items()}
    assert days["oracle"] < days["ours"] < days["late-7"], "late reports cost stock, and nobody beats the oracle"
    assert days["ours"] < days["min-max"]
    assert found.saving == pytest.approx(1 - days["ours"] / days["min-max"], abs=1e-3)
    assert by["ours"].fill == pytest.approx(0.95, abs=0.03)
    assert len(by["ours"].curve) > 3
    assert by["late-1"].curve == ()
    played = found.played
    assert (played["series"], played["lead"], played["review"]) == (8, 2, 1)
    assert date.fromisoformat(played["through"]) == instance.clock.now().date() - timedelta(days=1)
    assert played["unknown_days"] == pytest.approx(0.1, abs=0.02), "a day that nobody told is unknown here too"
    assert instance.views.backtests() == (found,)


def test_places_items_and_a_calendar_of_ones_own_narrow_what_is_played(instance: Instance) -> None:
    asked = TrialTerms(
        agreement="shops", places=(KIOSK,), items=ITEMS[:2], fill=0.95, tuning=56, test=56, lead=4, review=7
    )
    found = backtests(instance).run(asked, "ada")
    assert (found.played["series"], found.played["lead"], found.played["review"]) == (2, 4, 7)
    assert found.ways[0].order_lines is not None
    assert found.ways[0].order_lines <= 1 / 7 + 0.01, "one order a week"
    none = backtests(instance).run(TrialTerms(agreement="shops", item_class="A", tuning=56, test=56), "ada")
    assert none.state == "failed", "before anything was learned every item is of class C"
    assert none.fault is not None
    assert none.fault["code"] == "plan.backtest-nothing"


def test_what_cannot_be_played_says_why(instance: Instance) -> None:
    tests = backtests(instance)
    found = tests.run(TrialTerms(agreement="shops"), "ada")
    assert found.state == "failed"
    assert found.fault == {
        "code": "plan.history-short", "value": str(DAYS), "params": {"needed": "296"}
    }  # fmt: skip
    for wrong, code in (
        (TrialTerms(agreement="other"), "plan.agreement-unknown"),
        (TrialTerms(agreement="shops", fill=0.2), "plan.backtest-wrong"),
        (TrialTerms(agreement="shops", test=5000), "plan.backtest-wrong"),
        (TrialTerms(agreement="shops", item_class="Z"), "plan.backtest-wrong"),
    ):
        with pytest.raises(OurFault) as caught:
            tests.start(wrong, "ada")
        assert caught.value.code == code
    with pytest.raises(OurFault, match=r"plan\.agreement-unknown"):
        tests.start(ASKED, "ada", partners=frozenset({"somebody-else"}))


def test_one_that_is_cancelled_stops_at_its_next_step_and_can_be_taken_away(instance: Instance) -> None:
    tests = backtests(instance)
    with tests._turn:  # the one before is not over
        test_id = tests.start(ASKED, "ada")
        assert tests.find(test_id).state == "waiting"
        with pytest.raises(OurFault, match=r"plan\.backtest-open"):
            tests.remove(test_id, "ada")
        for _ in range(MOST_OPEN - 1):
            tests.start(ASKED, "ada")
        with pytest.raises(OurFault, match=r"plan\.backtests-many"):
            tests.start(ASKED, "ada")
        for each in instance.views.backtests():
            tests.cancel(each.id, "bob")
    with tests._turn:
        assert tests.find(test_id).state == "cancelled"
    assert tests.find(test_id).ways == ()
    tests.remove(test_id, "bob")
    assert test_id not in {each.id for each in instance.views.backtests()}
    with pytest.raises(OurFault, match=r"plan\.backtest-unknown"):
        tests.cancel(test_id, "bob")
    with instance.journal.reader.connect() as connection:
        done = {tuple(each) for each in connection.execute(text('SELECT "user", action FROM audit'))}
    assert {("ada", "plan.backtest"), ("bob", "plan.backtest-cancel"), ("bob", "plan.backtest-remove")} <= done


def test_one_that_waits_for_long_is_not_taken_for_lost(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.app.plan_backtests.WAITING_WORD_S", 0.02)
    tests = backtests(instance)
    with tests._turn:
        test_id = tests.start(ASKED, "ada")
        asked = instance.clock.now()
        time.sleep(0.2)
        tests.rows.end_lost(instance.clock.now(), asked)
        assert tests.find(test_id).state == "waiting"
        tests.cancel(test_id, "ada")


def test_a_process_of_its_own_gives_the_same_figures(instance: Instance) -> None:
    asked = replace(ASKED, places=(KIOSK,), items=ITEMS[:1])
    there = PlanBacktests(instance=instance).run(asked, "ada")
    assert there.state == "done"
    assert there.ways == backtests(instance).run(asked, "ada").ways


def test_a_gateway_that_ends_is_no_fault_of_a_test_that_waits_for_its_turn(tmp_path: Path) -> None:
    opened = sold_out_of(tmp_path / "i")
    desk = backtests(opened)
    test_id, told = desk._begin(ASKED, "ada", None)
    opened.close()
    desk._run(test_id, ASKED, told)
    assert told["fault"] is None
