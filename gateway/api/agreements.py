"""JSON: what our house says of customers, and when who is open: told one by one, or read with every version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from gateway.api.house_actions import ImportAnswer
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.imports import KINDS
from gateway.model.calendar import Calendar, CalendarKind
from gateway.model.faults import OurFault
from gateway.store.view_agreements import CustomerVersion

TABLE = RouteTable()
_MOST = 1000
_LIMIT = "1 to 1000, default 1000"
_BAD = {400: "bad value"}
_REFUSED = {400: "bad body", 409: "a value that cannot be: see positions"}


def _body(kind: str, owner: str, required: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """Return the schema of one row of an imported list without the column that the address names."""
    names = [each.name for each in KINDS[kind].columns if each.name != owner]
    texts = {name: {"type": "string", "maxLength": 4000} for name in names}
    return {"type": "object", "required": list(required), "additionalProperties": False, "properties": texts}


_CUSTOMER = _body("customers", "account")
_CALENDAR = _body("calendars", "owner", ("kind",))


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarLine:
    """One version of a calendar; fields as in model.calendar.Calendar. cut_off: HH:MM in zone."""

    owner: str
    kind: CalendarKind
    valid_from: date
    valid_to: date | None
    weekdays: tuple[int, ...]
    closed: tuple[date, ...]
    opened: tuple[date, ...]
    cut_off: str | None
    zone: str


def _line(each: Calendar) -> CalendarLine:
    return CalendarLine(
        owner=each.owner,
        kind=each.kind,
        valid_from=each.valid_from,
        valid_to=each.valid_to,
        weekdays=each.weekdays,
        closed=tuple(sorted(each.closed)),
        opened=tuple(sorted(each.opened)),
        cut_off=each.cut_off.isoformat("minutes") if each.cut_off else None,
        zone=each.zone,
    )


def _values(body: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the texts of a body. Raises OurFault api.bad-value."""
    known = schema["properties"]
    for name, value in body.items():
        if name not in known or not isinstance(value, str) or len(value) > known[name]["maxLength"]:
            raise OurFault("api.bad-value", name=name[:40], value=str(value)[:100], expected=", ".join(known))
    for name in schema["required"]:
        if name not in body:
            raise OurFault("api.bad-value", name=name, value="", expected="text")
    return dict(body)


def _account(call: Call) -> str:
    """Return the partner of the address; one that the caller may not see is not there. Raises OurFault."""
    found = call.services.book().partners.get(call.path("id"))
    if found is None:
        raise OurFault("api.not-found", value=call.path("id")[:100], kind="partner")
    return found.id


@TABLE.route(
    "GET",
    "/api/v1/customers",
    summary="Customers' records and terms as our house tells them, every version, by account and first day",
    permission="terms.read",
    query={"limit": _LIMIT},
    responses=_BAD,
)
async def list_customers(call: Call) -> tuple[CustomerVersion, ...]:
    return await call.read(call.services.views.customers, None, call.number("limit", _MOST, _MOST))


@TABLE.route(
    "GET",
    "/api/v1/customers/{id}",
    summary="What our house tells of one customer, every version; none when it has told nothing",
    permission="terms.read",
    responses=NOT_FOUND,
)
async def show_customer(call: Call) -> tuple[CustomerVersion, ...]:
    return await call.read(call.services.views.customers, _account(call))


@TABLE.route(
    "PUT",
    "/api/v1/customers/{id}",
    summary="Tell a version of a customer from a day on (without valid_from: today); kept as an import of one row",
    permission="imports.write",
    body=_CUSTOMER,
    responses={**NOT_FOUND, **_REFUSED},
)
async def put_customer(call: Call) -> ImportAnswer:
    values = {"account": _account(call), **_values(await call.body(), _CUSTOMER)}
    return await call.services.actions.save_row("customers", values, call.user)


@TABLE.route(
    "GET",
    "/api/v1/calendars",
    summary="Calendars of partners, places and ourselves, every version, by owner, kind and first day",
    permission="terms.read",
    query={"limit": _LIMIT},
    responses=_BAD,
)
async def list_calendars(call: Call) -> tuple[CalendarLine, ...]:
    found = await call.read(call.services.views.calendars, None, call.number("limit", _MOST, _MOST))
    return tuple(_line(each) for each in found)


@TABLE.route(
    "GET",
    "/api/v1/calendars/{owner}",
    summary="Calendars of one owner: partner id, self, or GLN of a place; none when nothing was told",
    permission="terms.read",
)
async def show_calendars(call: Call) -> tuple[CalendarLine, ...]:
    found = await call.read(call.services.views.calendars, call.path("owner")[:100])
    return tuple(_line(each) for each in found)


@TABLE.route(
    "PUT",
    "/api/v1/calendars/{owner}",
    summary="Tell a version of a calendar: of its kind, from valid_from on; kept as an import of one row",
    permission="imports.write",
    body=_CALENDAR,
    responses=_REFUSED,
)
async def put_calendar(call: Call) -> ImportAnswer:
    values = {"owner": call.path("owner")[:100], **_values(await call.body(), _CALENDAR)}
    return await call.services.actions.save_row("calendars", values, call.user)
