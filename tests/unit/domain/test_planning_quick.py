"""Quick response: what a report makes due leaves with the run that the report sets off."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from domain_scene import HOUSE, TEA, TODAY, answered, only
from test_planning_runs import BOUGHT, FILLED, STORE, YESTERDAY, Gateway, counted, house_count, weeks

from gateway.domain.decision import Decision
from gateway.model.planning import PlanCalendar, PlanningTerms
from gateway.model.planning_effects import LineOrdered
from gateway.store.journal import SqlJournal


def playing(**terms: object) -> Iterator[Gateway]:
    journal = SqlJournal.in_memory()
    agreement = replace(FILLED, **terms)  # type: ignore[arg-type]
    made = Gateway(journal, PlanningTerms(agreements=(agreement, BOUGHT), history_days=56))
    made.take(house_count(tea=1000), HOUSE)
    weeks(made)
    made.take(counted(YESTERDAY, tea=12))
    yield made
    journal.close()


def set_off(gateway: Gateway) -> Decision:
    """Run as a message does that changes a position."""
    return gateway.run(release=False, changed=500)


@pytest.mark.parametrize("quick", [True, False], ids=["quick", "nightly"])
def test_the_run_after_a_report_orders_only_under_quick_response(quick: bool) -> None:
    for gateway in playing(quick=quick):
        made = set_off(gateway)
        ordered = [(each.location, each.gtin) for each in only(LineOrdered, made)]
        assert ordered == ([(STORE, TEA)] if quick else [])
        assert bool(answered(made, "warehouse")) is quick
        assert only(LineOrdered, set_off(gateway)) == [], "once"


def test_order_days_hold_for_quick_response_too() -> None:
    other = tuple({1, 2, 3, 4, 5, 6, 7} - {TODAY.isoweekday()})
    for gateway in playing(quick=True, calendar=PlanCalendar(lead_days=2, order_days=other)):
        assert only(LineOrdered, set_off(gateway)) == []


def test_what_a_planner_shall_see_waits_under_quick_response_too() -> None:
    for gateway in playing(quick=True, approval="planner"):
        assert only(LineOrdered, set_off(gateway)) == []
        assert gateway.plans((STORE, TEA))[STORE, TEA].status == "exception"


def test_quick_response_gives_out_no_more_than_there_is() -> None:
    """Two runs in a row see what the first has allocated."""
    for gateway in playing(quick=True):
        gateway.take(replace(house_count(tea=12), id="H2"), HOUSE)
        made = set_off(gateway)
        confirmed = sum(line.confirmed_quantity.value for each in answered(made, "shop")
                        for line in getattr(each, "lines", ()) if hasattr(line, "confirmed_quantity"))  # fmt: skip
        assert confirmed <= 12
