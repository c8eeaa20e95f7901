"""Calendars and customers: rows of tables_agreements, written from effects and read back as they were."""

import json
from collections.abc import Collection
from datetime import date, time
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from gateway.model.account_terms import AccountTerms
from gateway.model.calendar import Calendar
from gateway.model.effects import CalendarSaved, CustomerSaved
from gateway.store.forms import AnyRow, clip, dump
from gateway.store.prepared import Driver, Prepared, given, listed
from gateway.store.tables_agreements import calendar, customer

Row = dict[str, Any]
Version = tuple[date, date | None, AccountTerms]

AMOUNTS = ("minimum_value", "credit_limit", "auto_value", "auto_quantity", "price_tolerance", "quantity_tolerance")
_SAME = (
    "price_list",
    "currency",
    "lead_time_days",
    "response_h",
    "credit_class",
    "items",
    "substitutes",
    "partial",
    "payment_days",
)  # columns that hold the value as it is
_CALENDARS = Prepared(
    lambda _: (
        calendar.select()
        .where(calendar.c.owner.op("IN")(listed("owners")))
        .order_by(calendar.c.owner, calendar.c.kind, calendar.c.valid_from)
    )
)
_TERMS_OF = Prepared(
    lambda _: customer.select().where(customer.c.account == given("account")).order_by(customer.c.valid_from)
)
_ALL_TERMS = Prepared(lambda _: customer.select().order_by(customer.c.account, customer.c.valid_from))
DROP_CALENDAR = Prepared(
    lambda _: calendar.delete().where(
        calendar.c.owner == given("owner"),
        calendar.c.kind == given("kind"),
        calendar.c.valid_from == given("valid_from"),
    )
)


def calendars(connection: Connection, owners: Collection[str]) -> tuple[Calendar, ...]:
    """Return every version of every calendar of these owners."""
    if not owners:
        return ()
    rows = Driver(connection).all(_CALENDARS, owners=dump(sorted(owners)))
    return tuple(calendar_of(row) for row in rows)


def account_terms(connection: Connection, account: str | None) -> dict[str, list[Version]]:
    """Return what our house says of an account's terms, the earliest first; None: of every account."""
    driver = Driver(connection)
    rows = driver.all(_ALL_TERMS) if account is None else driver.all(_TERMS_OF, account=account)
    found: dict[str, list[Version]] = {}
    for row in rows:
        version = (date.fromisoformat(row.valid_from), _day(row.valid_to), terms_of(row))
        found.setdefault(row.account, []).append(version)
    return found


def calendar_of(row: AnyRow) -> Calendar:
    """Return a calendar as its row says it."""
    return Calendar(
        owner=row.owner,
        kind=row.kind,
        valid_from=date.fromisoformat(row.valid_from),
        valid_to=_day(row.valid_to),
        weekdays=tuple(int(each) for each in row.weekdays.split()),
        closed=frozenset(date.fromisoformat(each) for each in row.closed.split()),
        opened=frozenset(date.fromisoformat(each) for each in row.opened.split()),
        cut_off=None if row.cut_off is None else time.fromisoformat(row.cut_off),
        zone=row.zone,
    )


def terms_of(row: AnyRow) -> AccountTerms:
    """Return the terms in a customer's row; what it does not say is None."""
    said: dict[str, Any] = {name: getattr(row, name) for name in (*AMOUNTS, *_SAME)}
    said |= {name: Decimal(said[name]) for name in AMOUNTS if said[name] is not None}
    return AccountTerms(**said, delivery_days=tuple(int(each) for each in row.delivery_days.split()))


def customer_of(row: AnyRow) -> CustomerSaved:
    """Return a customer's record as its row says it."""
    return CustomerSaved(
        key=f"customer:{row.account}:{row.valid_from}",
        account=row.account,
        valid_from=date.fromisoformat(row.valid_from),
        valid_to=_day(row.valid_to),
        name=row.name,
        number=row.number,
        data=json.loads(row.data),
        terms=terms_of(row),
    )


def calendar_row(each: CalendarSaved, _: str, at: int) -> Row:
    """Return a calendar as its row holds it."""
    said = each.calendar
    return {
        "owner": clip(said.owner, calendar.c.owner),
        "kind": said.kind,
        "valid_from": said.valid_from.isoformat(),
        "valid_to": None if said.valid_to is None else said.valid_to.isoformat(),
        "weekdays": " ".join(str(day) for day in said.weekdays),
        "closed": _listed(said.closed),
        "opened": _listed(said.opened),
        "cut_off": None if said.cut_off is None else said.cut_off.isoformat("minutes"),
        "zone": clip(said.zone, calendar.c.zone),
        "updated_at": at,
    }


def customer_row(each: CustomerSaved, _: str, at: int) -> Row:
    """Return a customer's record as its row holds it."""
    said = each.terms
    return {
        "account": each.account,
        "valid_from": each.valid_from.isoformat(),
        "valid_to": None if each.valid_to is None else each.valid_to.isoformat(),
        "name": clip(each.name, customer.c.name),
        "number": clip(each.number, customer.c.number),
        "data": dump(dict(each.data)),
        **{name: None if (v := getattr(said, name)) is None else format(v, "f") for name in AMOUNTS},
        **{name: getattr(said, name) for name in _SAME},
        "price_list": clip(said.price_list, customer.c.price_list),
        "items": clip(said.items, customer.c["items"]),
        "delivery_days": " ".join(str(day) for day in sorted(set(said.delivery_days))),
        "updated_at": at,
    }


def _listed(days: Collection[date]) -> str:
    return " ".join(day.isoformat() for day in sorted(days))


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)
