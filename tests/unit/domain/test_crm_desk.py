"""The service desk as a house sets it: hours, holidays, promises by type, clocks that do not stop."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.domain.crm.cases import CaseEvent
from gateway.domain.crm.desk import desk_of
from gateway.model.faults import OurFault

BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def opened(when: str, urgency: str = "high") -> list[CaseEvent]:
    return [CaseEvent(at=at(when), kind="opened", actor="gateway", values={"urgency": urgency})]


def test_without_settings_the_desk_is_as_it_was() -> None:
    found, _ = desk_of({}, BERLIN).course("order", opened("2026-11-20 16:00"), at("2026-11-20 16:30"))
    assert found.answer_due == at("2026-11-23 09:00")  # two hours: one on Friday, one on Monday


def test_saturdays_and_a_break_at_noon_count_and_holidays_do_not() -> None:
    desk = desk_of(
        {"hours": "mon-fri=08:00-12:00, mon-fri=13:00-17:00 sat=9:00-12:00", "holidays": "2026-11-23 11-24"}, BERLIN
    )
    found, _ = desk.course("order", opened("2026-11-20 16:00"), at("2026-11-20 16:30"))
    assert found.answer_due == at("2026-11-21 10:00")  # Saturday
    found, _ = desk.course("order", opened("2026-11-21 11:30"), at("2026-11-21 11:30"))
    assert found.answer_due == at("2026-11-25 09:30")  # Monday and Tuesday are holidays, the second in every year
    assert found.solve_due == at("2026-11-26 08:30")  # 9 hours: half on Saturday, eight on Wednesday


def test_promises_are_by_type_and_urgency() -> None:
    desk = desk_of({"promises": "high=4/8 complaint.high=0.5/2"}, BERLIN)
    now = at("2026-11-23 10:31")
    complaint, raised = desk.course("complaint", opened("2026-11-23 08:00"), now)
    other, not_raised = desk.course("order", opened("2026-11-23 08:00"), now)
    assert (complaint.answer_due, complaint.solve_clock) == (at("2026-11-23 08:30"), "breached")
    assert raised == ("account-manager",)
    assert (other.answer_due, other.solve_clock, not_raised) == (at("2026-11-23 12:00"), "running", ())
    low, _ = desk.course("order", opened("2026-11-23 08:00", "low"), now)
    assert low.answer_due == at("2026-11-24 15:00")  # 16 hours as before


def test_a_clock_that_never_stops_counts_the_night_and_the_wait() -> None:
    desk = desk_of({"always": "partner-health", "unpaused": "partner-health"}, BERLIN)
    story = [
        *opened("2026-11-20 20:00"),
        CaseEvent(at=at("2026-11-20 21:00"), kind="waiting", actor="mei"),
    ]
    now = at("2026-11-21 04:30")
    found, _ = desk.course("partner-health", story, now)
    assert (found.state, found.answered_after, found.solve_clock) == ("waiting", timedelta(hours=1), "warned")
    other, _ = desk.course("order", story, now)
    assert other.solve_clock == "paused"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("hours", each) for each in ("mon-fri", "mon=17:00-08:00", "fri-mon=08:00-09:00", "mon=25:00-26:00")),
        ("hours", "mon=08:00-12:00 mon=11:00-13:00"),
        *(("holidays", each) for each in ("2026-02-30", "02-30")),
        *(("promises", each) for each in ("high", "urgent=1/2", "nothing.high=1/2", "high=0/2", "high=1/NaN")),
        ("always", "nothing"),
    ],
)
def test_a_setting_that_says_nothing_is_refused(name: str, value: str) -> None:
    with pytest.raises(OurFault) as caught:
        desk_of({name: value}, BERLIN)
    assert caught.value.code == "crm.setting-wrong"
