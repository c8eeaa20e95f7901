"""Service time and the course of a case, against the calendar of a real fortnight."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.crm.cases import CaseEvent, course, escalated_to
from gateway.domain.crm.service_hours import ServiceHours, always_open, due, served

BERLIN = ServiceHours(zone=ZoneInfo("Europe/Berlin"), holidays=frozenset({date(2026, 12, 25)}))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


def test_a_weekend_is_no_service_time():
    friday, monday = at("2026-11-20 16:00"), at("2026-11-23 09:30")
    assert served(BERLIN, friday, monday) == timedelta(hours=2.5)
    assert due(BERLIN, friday, timedelta(hours=2.5)) == monday


def test_a_holiday_is_no_service_time():
    assert served(BERLIN, at("2026-12-24 16:00"), at("2026-12-28 09:00")) == timedelta(hours=2)


def test_a_question_at_night_is_counted_from_the_morning():
    assert due(BERLIN, at("2026-11-23 23:00"), timedelta(hours=1)) == at("2026-11-24 09:00")


def test_the_day_the_clock_is_put_back_has_twenty_five_hours():
    zone = ZoneInfo("Europe/Berlin")
    hours = ServiceHours(zone=zone, week=dict.fromkeys(range(7), ((time(), time.max),)))
    assert served(hours, at("2026-10-25 00:00"), at("2026-10-26 00:00")) == timedelta(hours=25)


def test_a_pause_puts_off_what_is_due_and_a_running_one_stops_the_clock():
    start = at("2026-11-23 08:00")
    pause = (at("2026-11-23 10:00"), at("2026-11-24 10:00"))
    assert due(BERLIN, start, timedelta(hours=4), [pause]) == at("2026-11-24 12:00")
    assert served(BERLIN, start, at("2026-11-24 12:00"), [pause]) == timedelta(hours=4)
    endless = (at("2026-11-23 10:00"), datetime.max.replace(tzinfo=UTC))
    assert due(BERLIN, start, timedelta(hours=4), [endless]) is None
    assert due(BERLIN, start, timedelta(hours=2), [endless]) == at("2026-11-23 10:00")


def test_what_is_due_and_what_was_served_agree_at_every_length():
    start = at("2026-11-20 15:10")
    pauses = [(at("2026-11-23 07:00"), at("2026-11-23 09:15")), (at("2026-11-24 12:00"), at("2026-11-26 16:59"))]
    for minutes in range(1, 3_000, 37):
        end = due(BERLIN, start, timedelta(minutes=minutes), pauses)
        assert served(BERLIN, start, end, pauses) == timedelta(minutes=minutes)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Pacific/Auckland", "America/St_Johns"])
def test_service_time_over_years_is_that_of_quarters_counted_one_by_one(zone: str):
    hours = ServiceHours(zone=ZoneInfo(zone), holidays=frozenset({date(2026, 12, 28)}), yearly=frozenset({(1, 1)}))
    start, quarter = at("2026-12-22 03:30"), timedelta(minutes=15)
    pause = (at("2026-12-30 10:00"), at("2027-01-05 15:00"))
    counted, now = timedelta(), start
    while now < at("2027-01-12 00:00"):
        assert served(hours, start, now, [pause]) == counted
        local = now.astimezone(ZoneInfo(zone))
        closed = local.date() in hours.holidays or (local.month, local.day) in hours.yearly or local.weekday() > 4
        if not closed and time(8) <= local.time() < time(17) and not pause[0] <= now < pause[1]:
            counted += quarter
        now += quarter
    assert counted > timedelta(days=1)


def test_a_desk_that_never_opens_is_never_due():
    assert due(ServiceHours(zone=ZoneInfo("UTC"), week={}), at("2026-11-20 08:00"), timedelta(hours=1)) is None


def event(when: str, kind: str, **values: str) -> CaseEvent:
    return CaseEvent(at=at(when), kind=kind, actor="operator", values=values)


STORY = [
    event("2026-11-23 08:00", "opened"),
    event("2026-11-23 09:00", "again"),
    event("2026-11-23 10:00", "assigned", owner="li"),
    event("2026-11-23 12:00", "waiting"),
    event("2026-11-24 12:00", "resumed"),
    event("2026-11-24 16:00", "solved", cause="short pick", measure="second check"),
]


def test_the_course_of_a_case_is_told_by_its_events():
    found = course(STORY, BERLIN, at("2026-11-25 08:00"))
    assert (found.state, found.owner, found.count, found.cause, found.measure) == (
        "solved", "li", 2, "short pick", "second check",
    )  # fmt: skip
    assert found.answered_after == timedelta(hours=4)  # asking the other side is an answer
    assert found.solved_after == timedelta(hours=4 + 4)
    assert found.solve_clock == "kept"
    assert found.in_state["waiting"] == timedelta(hours=24)
    assert found.in_state["new"] == timedelta(hours=2)


def test_a_case_that_waits_for_the_partner_is_paused_and_not_breached():
    found = course(STORY[:4], BERLIN, at("2026-12-10 12:00"))
    assert (found.solve_clock, found.solve_due, found.state) == ("paused", None, "waiting")


def test_a_case_nobody_touches_is_warned_of_and_then_breached_and_raised():
    urgent = [event("2026-11-23 08:00", "opened"), event("2026-11-23 08:01", "urgency", urgency="critical")]
    assert course(urgent, BERLIN, at("2026-11-23 10:00")).solve_clock == "running"
    assert course(urgent, BERLIN, at("2026-11-23 11:30")).solve_clock == "warned"
    late = at("2026-11-23 12:30")
    found = course(urgent, BERLIN, late)
    assert (found.solve_clock, found.answer_clock) == ("breached", "breached")
    assert escalated_to(found, BERLIN, urgent, late) == ("account-manager",)
    assert escalated_to(found, BERLIN, urgent, at("2026-11-23 14:30")) == ("account-manager", "admin")


def test_reopening_takes_the_solution_back_and_the_rest_of_the_promise_runs_on():
    again = [*STORY, event("2026-11-25 08:00", "reopened")]
    found = course(again, BERLIN, at("2026-11-25 10:00"))
    assert (found.state, found.solved_after, found.reopened) == ("working", None, 1)
    assert found.solve_due == due(BERLIN, at("2026-11-25 08:00"), timedelta(hours=36 - 8))


def test_a_case_begins_with_its_opening():
    with pytest.raises(ValueError, match="opening"):
        course(STORY[1:], always_open(), at("2026-11-25 08:00"))
