"""JSON: what partners plan together: promotions and introductions with what came of them."""

from dataclasses import dataclass

from gateway.api.given import day_of, document_of
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.replenishment.promotions import KINDS, MECHANICS, Outcome
from gateway.model.faults import OurFault
from gateway.model.retail_event import RetailEvent
from gateway.store.view_collaboration import EventRow

TABLE = RouteTable()
_BAD = {400: "bad value"}
_TEXT = {"type": "string", "maxLength": 200}
_DAY = {"type": "string", "format": "date"}
_EVENT = {
    "type": "object",
    "required": ["id", "kind", "name", "firstDay", "lastDay", "items"],
    "properties": {
        "id": _TEXT,
        "kind": {"type": "string", "enum": list(KINDS)},
        "name": _TEXT,
        "firstDay": _DAY,
        "lastDay": _DAY,
        "items": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2000,
            "items": {"type": "object", "properties": {"gtin": _TEXT}, "required": ["gtin"]},
        },
        "places": {"type": "array", "items": _TEXT, "maxItems": 5000},
        "partner": _TEXT,
        "mechanic": {"type": "string", "enum": list(MECHANICS)},
        "uplift": {"type": "string", "description": "0.5: half as much again"},
        "price": {"type": "object", "properties": {"value": _TEXT, "currency": _TEXT}},
        "like": {"type": "string", "description": "of an introduction: GTIN of the item that it will sell like"},
        "launch": {"type": "string", "description": "of an introduction: units that each place starts with"},
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventAnswer:
    """outcomes: so far, for each item at each place that has told its sales."""

    event: EventRow
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """count: events that were kept."""

    count: int


@TABLE.route(
    "GET",
    "/api/v1/events",
    summary="Promotions and introductions by their first day",
    permission="proposals.read",
    query={"partner": "its and those of all", "kind": ", ".join(KINDS), "from": "first day", "until": "last day"},
    responses=_BAD,
)
async def list_events(call: Call) -> tuple[EventRow, ...]:
    return await call.read(
        call.services.views.planning_events,
        partner=call.query("partner"),
        kind=call.choice("kind", KINDS),
        since=day_of(call.query("from"), "from"),
        until=day_of(call.query("until"), "until"),
    )


@TABLE.route(
    "GET",
    "/api/v1/events/{id}",
    summary="One event with what came of it: baseline, uplift and stock left of each item and place",
    permission="proposals.read",
    responses=NOT_FOUND,
)
async def show_event(call: Call) -> EventAnswer:
    views, identity = call.services.views, call.path("id")
    found = await call.read(views.planning_event, identity)
    if found is None:
        raise OurFault("api.not-found", value=identity[:80], kind="event")
    today = call.services.clock.now().date()
    return EventAnswer(event=found, outcomes=await call.read(views.event_outcomes, identity, today))


@TABLE.route(
    "POST",
    "/api/v1/events",
    summary="Keep an event; one of the same number is replaced",
    permission="proposals.decide",
    status=202,
    body=_EVENT,
    responses={**_BAD, 409: "makes no sense"},
)
async def save_event(call: Call) -> Kept:
    if call.caller.partners is not None:
        raise OurFault("access.forbidden", role=call.caller.user.role, permission="proposals.decide")
    event = document_of(
        RetailEvent, await call.body(), issuedAt=call.services.clock.now().date().isoformat(), function="replace"
    )
    return Kept(count=await call.services.actions.save_events([event], call.user))


@TABLE.route(
    "POST",
    "/api/v1/events/{id}/cancel",
    summary="Take an event back",
    permission="proposals.decide",
    status=202,
    responses={**NOT_FOUND, 409: "unknown"},
)
async def cancel_event(call: Call) -> Kept:
    if call.caller.partners is not None:
        raise OurFault("access.forbidden", role=call.caller.user.role, permission="proposals.decide")
    await call.services.actions.cancel_event(call.path("id"), call.user)
    return Kept(count=1)
