"""Calendars and customers as our house tells them, on every journal."""

from dataclasses import replace
from datetime import date, time
from decimal import Decimal

from journal_rows import NOW, rows

from gateway.domain.decision import Needs
from gateway.model.account_terms import AccountTerms
from gateway.model.calendar import Calendar
from gateway.model.effects import CalendarSaved, CustomerSaved, Effect
from gateway.store.journal import SqlJournal

DAY = date(2026, 3, 1)
CALENDAR = Calendar(
    owner="shop",
    kind="delivery",
    valid_from=DAY,
    valid_to=date(2026, 12, 31),
    weekdays=(2, 4),
    closed=frozenset({date(2026, 4, 3), date(2026, 4, 6)}),
    opened=frozenset({date(2026, 4, 4)}),
    cut_off=time(14, 30),
    zone="Europe/Berlin",
)
TERMS = AccountTerms(
    price_list="A",
    currency="EUR",
    minimum_value=Decimal("50.00"),
    lead_time_days=3,
    delivery_days=(2, 4),
    response_h=4,
    credit_class="B",
    credit_limit=Decimal("5000"),
    items="all",
    auto_value=Decimal("0"),
    auto_quantity=Decimal("0.5"),
    price_tolerance=Decimal("1.5"),
    quantity_tolerance=Decimal("0"),
    substitutes=False,
    partial=True,
    payment_days=0,
)


def write(journal: SqlJournal, *effects: Effect, message: str = "m-1", test: bool = False) -> None:
    journal.write(lambda tx: tx.write_effects(message, effects, NOW, test=test))


def told(journal: SqlJournal, *owners: str) -> tuple[Calendar, ...]:
    return journal.read(lambda tx: tx.snapshot(Needs(calendars=frozenset(owners)), "4012345000009")).calendars


def test_a_calendar_comes_back_as_it_was_told(journal: SqlJournal) -> None:
    plain = Calendar(owner="4012345000009", kind="holiday")
    write(journal, CalendarSaved(key="a", calendar=CALENDAR), CalendarSaved(key="b", calendar=plain))
    assert told(journal, "shop") == (CALENDAR,)
    assert set(told(journal, "shop", "4012345000009", "nobody")) == {CALENDAR, plain}
    assert told(journal) == ()


def test_the_same_first_day_replaces_a_version_and_another_adds_one(journal: SqlJournal) -> None:
    write(journal, CalendarSaved(key="a", calendar=CALENDAR))
    later = replace(CALENDAR, valid_from=date(2026, 6, 1), weekdays=(1,))
    changed = replace(CALENDAR, weekdays=(), cut_off=None)
    write(journal, CalendarSaved(key="a", calendar=changed), CalendarSaved(key="b", calendar=later), message="m-2")
    assert told(journal, "shop") == (changed, later)
    write(journal, CalendarSaved(key="a", calendar=changed, drop=True), message="m-3")
    assert told(journal, "shop") == (later,)


def test_a_customers_terms_come_back_version_by_version_and_make_its_account(journal: SqlJournal) -> None:
    first = CustomerSaved(
        key="a", account="shop", valid_from=DAY, name="Shop", number="4711", data={"city": "Ulm"}, terms=TERMS
    )
    second = replace(first, key="b", valid_from=date(2026, 7, 1), valid_to=date(2026, 7, 31), terms=AccountTerms())
    other = replace(first, key="c", account="other", terms=AccountTerms(payment_days=14))
    write(journal, second, first, other)
    assert journal.read(lambda tx: tx.account_terms("shop")) == {
        "shop": [(DAY, None, TERMS), (date(2026, 7, 1), date(2026, 7, 31), AccountTerms())]
    }
    assert set(journal.read(lambda tx: tx.account_terms(None))) == {"shop", "other"}
    assert journal.read(lambda tx: tx.account_terms("nobody")) == {}
    assert sorted(each["id"] for each in rows(journal, "account")) == ["other", "shop"]


def test_test_traffic_tells_nothing(journal: SqlJournal) -> None:
    customer = CustomerSaved(key="b", account="shop", valid_from=DAY)
    write(journal, CalendarSaved(key="a", calendar=CALENDAR), customer, test=True)
    assert told(journal, "shop") == ()
    assert journal.read(lambda tx: tx.account_terms(None)) == {}
    assert rows(journal, "account") == []
