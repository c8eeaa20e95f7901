"""Calendars and customers told by our house: who may tell them, and what a promise makes of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from domain_scene import HOUSE, NOW, OTHER, OWN, PARTNERS, SHOP, SHOP_GLN, TEA, TODAY, WAREHOUSE, level, order

from gateway.domain.business_days import first_open, in_force, is_open, ordering_day
from gateway.domain.customers import with_terms
from gateway.domain.decision import Context, Decision, Snapshot
from gateway.domain.table import decide, needs
from gateway.model.account_terms import AccountTerms
from gateway.model.calendar import Calendar
from gateway.model.calendar_info import CalendarEntry, CalendarInfo
from gateway.model.effects import CalendarSaved, CustomerSaved, PlaceSaved
from gateway.model.faults import PartnerFault
from gateway.model.order import OrderResponse
from gateway.model.partner import Agreement, Partner, Terms
from gateway.model.party_info import PartyInfo, PartyRecord
from gateway.model.values import Address, Party, PartyIdentifier, party

ZONES = {"Europe/Berlin": ZoneInfo("Europe/Berlin")}
PLACE = "4099990000012"
MONDAY = TODAY  # 2026-03-02
TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=n) for n in range(1, 5))


def a_context(who: Partner = SHOP, now: datetime = NOW) -> Context:
    agreement = Agreement(direction="receive", mapping="canonical/Order", over="http")
    return Context(partner=who, own=OWN, partners=PARTNERS, now=now, serial=1, agreement=agreement, zones=ZONES)


def info(*entries: CalendarEntry) -> CalendarInfo:
    return CalendarInfo(id="CAL-1", issued_at=NOW, calendars=entries)


def promised(*calendars: Calendar, shop: Partner = SHOP, now: datetime = NOW, **more: Any) -> date:
    """Return the day on which an order that comes at `now` is promised; delivery takes two days."""
    asked = order(("1", TEA, 5), issued_at=now.date(), **more)
    context = a_context(shop, now)
    needs(asked, context)
    made = decide(asked, context, Snapshot(stock={TEA: level(100)}, calendars=calendars))
    answer = next(each.document for each in made.answers if isinstance(each.document, OrderResponse))
    day = answer.lines[0].promised_delivery
    assert isinstance(day, date)
    return day


# --- promises ---------------------------------------------------------------------------------------------------------


def test_without_calendars_lead_time_alone_counts() -> None:
    assert promised() == WEDNESDAY


def test_goods_are_promised_for_a_day_on_which_we_deliver() -> None:
    assert promised(Calendar(owner="shop", kind="delivery", weekdays=(5,))) == FRIDAY


def test_terms_and_calendars_must_agree_on_the_day() -> None:
    shop = replace(SHOP, terms=(Terms(delivery_days=(3, 4)),))
    assert promised(Calendar(owner="shop", kind="delivery", weekdays=(4, 5)), shop=shop) == THURSDAY


def test_goods_are_promised_for_a_day_on_which_the_place_takes_them_in() -> None:
    there = Calendar(owner=PLACE, kind="receiving", weekdays=(4,))
    assert promised(there, ship_to=party(PLACE)) == THURSDAY


def test_a_holiday_moves_the_promise_whoevers_it_is() -> None:
    for owner in ("shop", "self", WAREHOUSE):
        assert promised(Calendar(owner=owner, kind="holiday", closed=frozenset({WEDNESDAY}))) == THURSDAY


def test_our_own_receiving_days_do_not_hold_a_customers_goods_back() -> None:
    assert promised(Calendar(owner="self", kind="receiving", weekdays=(5,))) == WEDNESDAY
    assert promised(Calendar(owner=WAREHOUSE, kind="receiving", weekdays=(5,))) == WEDNESDAY


def test_an_order_after_the_cut_off_counts_from_the_next_ordering_day() -> None:
    ours = Calendar(owner="self", kind="ordering", cut_off=time(12), zone="Europe/Berlin")
    before, after = datetime(2026, 3, 2, 10, 59, tzinfo=UTC), datetime(2026, 3, 2, 11, tzinfo=UTC)  # 12:00 in Berlin
    assert promised(ours, now=before) == WEDNESDAY
    assert promised(ours, now=after) == THURSDAY


def test_an_order_on_a_day_without_ordering_counts_from_the_next_one() -> None:
    assert promised(Calendar(owner="shop", kind="ordering", weekdays=(2,))) == THURSDAY


def test_a_closed_calendar_keeps_nobody_waiting_for_ever() -> None:
    never = Calendar(owner="shop", kind="delivery", weekdays=(1,), closed=frozenset())
    gone = replace(never, weekdays=(), closed=frozenset(MONDAY + timedelta(days=n) for n in range(500)))
    assert promised(gone) == WEDNESDAY


def test_the_version_that_began_last_counts_and_only_while_it_is_valid() -> None:
    first = Calendar(owner="shop", kind="delivery", weekdays=(4,))
    second = replace(first, valid_from=MONDAY, valid_to=WEDNESDAY, weekdays=(3,))
    assert in_force((second, first), WEDNESDAY) == [second]
    assert in_force((second, first), THURSDAY) == [first]
    assert promised(first, second) == WEDNESDAY


def test_a_day_is_open_where_the_calendar_says_so_although_its_week_day_is_not() -> None:
    calendar = Calendar(owner="shop", kind="delivery", weekdays=(4,), opened=frozenset({WEDNESDAY}))
    assert is_open((calendar,), ("delivery",), WEDNESDAY)
    assert not is_open((calendar,), ("delivery",), FRIDAY)
    assert is_open((calendar,), ("receiving",), FRIDAY)
    assert first_open(FRIDAY, lambda day: is_open((calendar,), ("delivery",), day)) == THURSDAY + timedelta(days=7)


def test_ordering_days_are_counted_in_the_calendars_own_zone() -> None:
    calendar = Calendar(owner="shop", kind="ordering", zone="Europe/Berlin")
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # half past midnight on Tuesday in Berlin
    assert ordering_day((calendar,), late, ZONES) == TUESDAY
    assert ordering_day((), late, ZONES) == MONDAY


# --- who tells what ---------------------------------------------------------------------------------------------------


def told(decision: Decision) -> list[Calendar]:
    return [each.calendar for each in decision.effects if isinstance(each, CalendarSaved)]


def test_our_house_tells_calendars_of_everybody() -> None:
    entries = (
        CalendarEntry(kind="delivery", party=party(SHOP_GLN), weekdays=(4, 2, 2), closed=(FRIDAY,), cut_off="14:30"),
        CalendarEntry(kind="receiving", party=party(PLACE)),
        CalendarEntry(kind="ordering", zone="Europe/Berlin", valid_from=MONDAY, valid_to=FRIDAY),
        CalendarEntry(kind="holiday", party=party(WAREHOUSE)),
    )
    found = told(decide(info(*entries), a_context(HOUSE), Snapshot()))
    assert found == [
        Calendar(owner="shop", kind="delivery", weekdays=(2, 4), closed=frozenset({FRIDAY}), cut_off=time(14, 30)),
        Calendar(owner=PLACE, kind="receiving"),
        Calendar(owner="self", kind="ordering", zone="Europe/Berlin", valid_from=MONDAY, valid_to=FRIDAY),
        Calendar(owner="self", kind="holiday"),
    ]


def test_a_partner_tells_its_own_calendar_and_its_places_alone() -> None:
    places = {
        PLACE: PlaceSaved(key="p", gln=PLACE, name="Store", kind="store", partner="shop"),
        "4099990000029": PlaceSaved(key="q", gln="4099990000029", name="Store", kind="store", partner="other"),
    }
    entries = (
        CalendarEntry(kind="delivery"),
        CalendarEntry(kind="receiving", party=party(PLACE)),
        CalendarEntry(kind="receiving", party=party("4099990000029")),
        CalendarEntry(kind="ordering", party=party("4099900000001")),
        CalendarEntry(kind="delivery", party=party("4099920000012")),
    )
    made = decide(info(*entries), a_context(), Snapshot(places=places))
    assert [each.owner for each in told(made)] == ["shop", PLACE]
    assert [(each.code, each.where.path) for each in made.findings] == [
        ("calendar.of-another", f"calendars[{n}].party") for n in (2, 3, 4)
    ]


def test_a_calendar_that_is_taken_back_is_dropped() -> None:
    made = decide(info(CalendarEntry(kind="delivery", action="delete")), a_context(), Snapshot())
    assert [each.drop for each in made.effects if isinstance(each, CalendarSaved)] == [True]


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        (CalendarEntry(kind="delivery", weekdays=(0,)), "calendar.weekday-wrong"),
        (CalendarEntry(kind="delivery", cut_off="24:00"), "calendar.time-wrong"),
        (CalendarEntry(kind="delivery", zone="Mars/Base"), "calendar.zone-unknown"),
        (CalendarEntry(kind="delivery", valid_from=FRIDAY, valid_to=MONDAY), "calendar.period-wrong"),
        (CalendarEntry(kind="delivery", closed=(MONDAY,) * 2001), "calendar.too-many-days"),
        (CalendarEntry(kind="delivery", opened=(MONDAY,) * 2001), "calendar.too-many-days"),
    ],
)
def test_what_no_calendar_can_say_parks_the_message(entry: CalendarEntry, code: str) -> None:
    with pytest.raises(PartnerFault) as caught:
        decide(info(entry), a_context(), Snapshot())
    assert caught.value.code == code
    assert code != "calendar.too-many-days" or caught.value.value == "2001"


# --- customers --------------------------------------------------------------------------------------------------------


def customer(terms: AccountTerms | None = None, gln: str = SHOP_GLN, **more: Any) -> PartyInfo:
    who = Party(ids=(PartyIdentifier(scheme="0088", value=gln),), name="The Shop", address=Address(city="Ulm"))
    record = PartyRecord(role="customer", party=who, terms=terms, **more)
    return PartyInfo(id="P-1", issued_at=NOW, parties=(record,), valid_from=WEDNESDAY)


def test_our_house_tells_a_customers_record_and_terms() -> None:
    terms = AccountTerms(credit_limit=Decimal(900), payment_days=14)
    made = decide(customer(terms, account="4711", valid_to=FRIDAY), a_context(HOUSE), Snapshot())
    assert made.effects == (
        CustomerSaved(
            key=f"customer:shop:{WEDNESDAY}",
            account="shop",
            valid_from=WEDNESDAY,
            valid_to=FRIDAY,
            name="The Shop",
            number="4711",
            data={"city": "Ulm"},
            terms=terms,
        ),
    )


def test_a_customer_that_is_no_partner_and_a_customer_told_by_a_partner_are_left_out() -> None:
    unknown = decide(customer(gln="4099990000012"), a_context(HOUSE), Snapshot())
    assert ([each.code for each in unknown.findings], unknown.effects) == (["customer.unknown-partner"], ())
    foreign = decide(customer(AccountTerms(credit_limit=Decimal(10) ** 9)), a_context(OTHER), Snapshot())
    assert ([each.code for each in foreign.findings], foreign.effects) == (["customer.sender"], ())


@pytest.mark.parametrize(
    "terms",
    [
        AccountTerms(credit_limit=Decimal(-1)),
        AccountTerms(lead_time_days=366),
        AccountTerms(delivery_days=(8,)),
        AccountTerms(currency="EURO"),
        AccountTerms(credit_class="D"),
    ],
)
def test_terms_that_nobody_can_agree_on_park_the_message(terms: AccountTerms) -> None:
    with pytest.raises(PartnerFault) as caught:
        decide(customer(terms), a_context(HOUSE), Snapshot())
    assert caught.value.code == "customer.terms-wrong"


def test_told_terms_lie_over_those_of_the_definitions_from_their_first_day_on() -> None:
    written = Terms(valid_from=date(2025, 1, 1), price_list="A", credit_limit=Decimal(100), payment_days=30)
    shop = replace(SHOP, terms=(written,))
    told_terms = with_terms(shop, [(WEDNESDAY, THURSDAY, AccountTerms(credit_limit=Decimal(900)))])
    assert told_terms.terms_on(TUESDAY) == written
    assert told_terms.terms_on(WEDNESDAY) == replace(
        written, valid_from=WEDNESDAY, valid_to=THURSDAY, credit_limit=Decimal(900)
    )
    assert told_terms.terms_on(FRIDAY) == written
    same_day = with_terms(shop, [(date(2025, 1, 1), None, AccountTerms(substitutes=False, payment_days=0))])
    assert same_day.terms == (replace(written, payment_days=0),)
    assert with_terms(shop, []) is shop
