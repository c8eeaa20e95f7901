"""The protection interval walked by hand on a calendar. 5 January 2026 is a Monday."""

from datetime import date, datetime, time

import pytest

from gateway.domain.replenishment.calendars import EVERY_DAY, WORKDAYS, Lane, arrival, protection


def at(day: int, hour: int = 8, month: int = 1) -> datetime:
    return datetime(2026, month, day, hour)


def test_daily_review_protects_lead_time_and_one_day() -> None:
    found = protection(Lane(lead_days=3), at(6))
    assert (found.order_on, found.arrives_on) == (date(2026, 1, 6), date(2026, 1, 9))
    assert (found.lead_days, found.days) == (3, 4)
    assert found.dates == tuple(date(2026, 1, day) for day in (6, 7, 8, 9))


def test_two_order_days_a_week_protect_until_the_second_one_arrives() -> None:
    """Monday's order arrives on Wednesday, Thursday's on Monday after the weekend: 7 days, not L + R = 2 + 3."""
    lane = Lane(lead_days=2, order_days=frozenset({0, 3}), work_days=WORKDAYS, receiving_days=WORKDAYS)
    found = protection(lane, at(5))
    assert found.arrives_on == date(2026, 1, 7)
    assert found.next_order_on == date(2026, 1, 8)
    assert found.next_arrives_on == date(2026, 1, 12)
    assert (found.lead_days, found.days) == (2, 7)


def test_after_the_cut_off_the_order_waits_for_the_next_order_day() -> None:
    lane = Lane(lead_days=1, order_days=frozenset({0, 3}), cut_off=time(11, 0))
    assert protection(lane, at(5, 11)).order_on == date(2026, 1, 5)
    assert protection(lane, at(5, 12)).order_on == date(2026, 1, 8)


def test_a_cut_off_that_passed_on_no_order_day_delays_nothing() -> None:
    lane = Lane(lead_days=1, order_days=frozenset({0, 3}), cut_off=time(11, 0))
    assert protection(lane, at(7, 15)).order_on == date(2026, 1, 8)


def test_a_holiday_of_the_supplier_lengthens_the_lead_time_and_moves_the_order_day() -> None:
    plain = Lane(lead_days=2, work_days=WORKDAYS)
    closed = Lane(lead_days=2, work_days=WORKDAYS, supplier_holidays=frozenset({date(2026, 1, 6)}))
    assert arrival(plain, date(2026, 1, 5)) == date(2026, 1, 7)
    assert arrival(closed, date(2026, 1, 5)) == date(2026, 1, 8)
    assert protection(closed, at(6)).order_on == date(2026, 1, 7)


def test_goods_that_arrive_when_the_place_is_closed_are_received_on_the_next_open_day() -> None:
    lane = Lane(lead_days=1, receiving_days=frozenset({1, 3}), place_holidays=frozenset({date(2026, 1, 6)}))
    assert arrival(lane, date(2026, 1, 5)) == date(2026, 1, 8)


def test_days_until_the_shelf_and_another_lead_time_on_fridays_count() -> None:
    lane = Lane(lead_days=1, sold_after_days=1, lead_by_weekday={4: 3})
    assert arrival(lane, date(2026, 1, 5)) == date(2026, 1, 7)
    assert arrival(lane, date(2026, 1, 9)) == date(2026, 1, 13)


def test_old_stock_figures_lengthen_the_interval_by_their_age() -> None:
    fresh = protection(Lane(lead_days=3), at(6))
    old = protection(Lane(lead_days=3), at(6), first_day=date(2026, 1, 4))
    assert (old.lead_days, old.days) == (fresh.lead_days + 2, fresh.days + 2)
    assert old.arrives_on == fresh.arrives_on


def test_the_next_delivery_is_never_on_the_day_of_this_one() -> None:
    """Tuesday's and Wednesday's order both arrive on Thursday: the interval still has a day to protect."""
    found = protection(Lane(lead_days=1, receiving_days=frozenset({3})), at(6))
    assert found.arrives_on == date(2026, 1, 8)
    assert found.next_arrives_on > found.arrives_on


def test_order_dates_of_an_agreement_replace_the_weekdays() -> None:
    lane = Lane(lead_days=2, order_dates=frozenset({date(2026, 1, 8), date(2026, 1, 20)}))
    found = protection(lane, at(6))
    assert (found.order_on, found.next_order_on) == (date(2026, 1, 8), date(2026, 1, 20))


def test_a_calendar_that_never_opens_is_said_to_be_one() -> None:
    with pytest.raises(ValueError, match="order day"):
        protection(Lane(lead_days=1, order_days=frozenset()), at(6))
    with pytest.raises(ValueError, match="working day"):
        protection(Lane(lead_days=1, work_days=frozenset()), at(6))
    with pytest.raises(ValueError, match="receiving day"):
        protection(Lane(lead_days=1, order_days=EVERY_DAY, receiving_days=frozenset()), at(6))
