"""JSON: what is planned for each item and place and why, and a planner's words on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from gateway.api.given import amount_of, day_of
from gateway.api.messages import NOT_FOUND, Taken
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.model.replenishment import LineApproval, PlanValue
from gateway.model.values import gtin14
from gateway.store.view_planning import STATES, OverrideRow, PlanCount, PlannedOrderRow, PlanRow, WordRow

TABLE = RouteTable()
_VALUES = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "place": {"type": "string", "description": "GLN"},
            "gtin": {"type": "string"},
            "name": {"type": "string", "description": "of a parameter"},
            "value": {"type": "string", "description": "absent: what the agreement says"},
            "quantity": {"type": "string"},
            "first_day": {"type": "string", "format": "date"},
            "last_day": {"type": "string", "format": "date"},
        },
        "required": ["place", "gtin"],
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPlanAnswer:
    """parameters: set for this item and place beside the agreement's."""

    plan: PlanRow
    parameters: Mapping[str, str]
    overrides: tuple[OverrideRow, ...]
    orders: tuple[PlannedOrderRow, ...]


@TABLE.route(
    "GET",
    "/api/v1/plans",
    summary="Planned items and places: what waits for a person first, then what runs out first",
    permission="proposals.read",
    query={"status": ", ".join(STATES), "partner": "partner id", "place": "GLN", "limit": "1 to 5000"},
    responses={400: "unknown status"},
)
async def list_plans(call: Call) -> tuple[PlanRow, ...]:
    return await call.read(
        call.services.views.plan_rows,
        status=call.choice("status", STATES),
        partner=call.query("partner"),
        place=call.query("place"),
        limit=call.number("limit", 500, 5000),
    )


@TABLE.route("GET", "/api/v1/plans/counts", summary="How many plans stand how", permission="proposals.read")
async def count_plans(call: Call) -> tuple[PlanCount, ...]:
    return await call.read(call.services.views.plan_counts)


@TABLE.route(
    "GET",
    "/api/v1/plans/{place}/{gtin}",
    summary="The plan of one item at one place with every figure that led to it",
    permission="proposals.read",
    responses=NOT_FOUND,
)
async def show_plan(call: Call) -> ItemPlanAnswer:
    views, place, gtin = call.services.views, call.path("place"), gtin14(call.path("gtin"))
    plan = await call.read(views.plan_row, place, gtin)
    if plan is None:
        raise OurFault("api.not-found", value=f"{gtin} {place}", kind="plan")
    return ItemPlanAnswer(
        plan=plan,
        parameters=await call.read(views.plan_parameters, place, gtin),
        overrides=await call.read(views.plan_overrides, place, gtin),
        orders=await call.read(views.planned_orders, place=place, gtin=gtin),
    )


@TABLE.route(
    "POST",
    "/api/v1/plans/{place}/{gtin}/what-if",
    summary="The plan as it would be with other parameters; nothing is written",
    permission="proposals.read",
    body={"type": "object", "additionalProperties": {"type": "string"}},
    responses={**NOT_FOUND, 400: "unknown parameter"},
)
async def what_if(call: Call) -> dict[str, Any]:
    await show_plan(call)  # who may not see it may not ask either
    changes = {str(name): str(value) for name, value in (await call.body()).items()}
    return await call.services.actions.what_if(call.path("place"), gtin14(call.path("gtin")), changes)


@TABLE.route(
    "POST",
    "/api/v1/plans/approve-normal",
    summary="Order every waiting line that has no exception",
    permission="proposals.decide",
    status=202,
)
async def approve_normal(call: Call) -> dict[str, int]:
    return {"lines": await call.services.actions.approve_normal(call.user, call.caller.partners)}


@TABLE.route(
    "POST",
    "/api/v1/proposals/{id}/lines",
    summary="Order some lines of a proposal, with other quantities where they say so; the others stay",
    permission="proposals.decide",
    status=202,
    body={
        "type": "object",
        "properties": {
            "lines": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "number": {"type": "string"},
                        "quantity": {"type": "string"},
                        "note": {"type": "string"},
                    },
                    "required": ["number"],
                },
            }
        },
        "required": ["lines"],
    },
    responses={**NOT_FOUND, 409: "decided already", 400: "bad body"},
)
async def approve_lines(call: Call) -> Taken:
    proposal = call.path("id")
    if await call.read(call.services.views.proposal, proposal) is None:
        raise OurFault("api.not-found", value=proposal, kind="proposal")
    said = (await call.body()).get("lines")
    if not isinstance(said, list) or not said or not all(isinstance(each, dict) for each in said):
        raise OurFault("api.bad-body")
    lines = [
        LineApproval(number=str(each.get("number", "")), quantity=_quantity(each), note=_optional(each, "note"))
        for each in said
    ]
    return Taken(id=await call.services.actions.approve_lines(proposal, lines, call.user))


@TABLE.route(
    "POST",
    "/api/v1/plan-words",
    summary="Set parameters, override a quantity or a forecast, freeze, order, cancel an order, or take a word back",
    permission="proposals.decide",
    status=202,
    body={
        "type": "object",
        "properties": {
            "kind": {
                "enum": [
                    "parameters",
                    "override",
                    "end-override",
                    "freeze",
                    "unfreeze",
                    "undo",
                    "order",
                    "cancel-order",
                ]
            },
            "what": {"enum": ["quantity", "forecast"]},
            "reason": {"type": "string"},
            "about": {
                "type": "string",
                "description": "of an undo: the word that is taken back; of cancel-order: the order's number",
            },
            "values": _VALUES,
        },
        "required": ["kind"],
    },
    responses={400: "what is said makes no sense", 403: "not all partners are seen"},
)
async def say(call: Call) -> Taken:
    if call.caller.partners is not None:
        raise OurFault("access.forbidden", role=call.caller.user.role, permission="proposals.decide")
    body = await call.body()
    values = body.get("values", [])
    if not isinstance(values, list) or not all(isinstance(each, dict) for each in values):
        raise OurFault("api.bad-body")
    return Taken(
        id=await call.services.actions.say(
            str(body.get("kind", "")),
            call.user,
            [_value(each) for each in values],
            reason=str(body.get("reason", ""))[:2000],
            what=str(body.get("what", "quantity")),
            about=_optional(body, "about"),
        )
    )


@TABLE.route(
    "POST",
    "/api/v1/plan-parameters",
    summary="Set parameters of many items and places from CSV",
    permission="proposals.decide",
    status=202,
    body={
        "type": "object",
        "properties": {
            "csv": {"type": "string", "description": "place, gtin, name, value; or a column for each parameter"},
            "reason": {"type": "string"},
        },
        "required": ["csv"],
    },
    responses={400: "a line is wrong: none is taken", 403: "not all partners are seen"},
)
async def load_parameters(call: Call) -> Taken:
    if call.caller.partners is not None:
        raise OurFault("access.forbidden", role=call.caller.user.role, permission="proposals.decide")
    body = await call.body()
    text = body.get("csv")
    if not isinstance(text, str):
        raise OurFault("api.bad-body")
    reason = str(body.get("reason", ""))[:2000]
    return Taken(id=await call.services.actions.load_parameters(text, call.user, reason))


@TABLE.route(
    "GET", "/api/v1/plan-words", summary="What planners have changed, newest first", permission="proposals.read"
)
async def list_words(call: Call) -> tuple[WordRow, ...]:
    return await call.read(call.services.views.plan_words)


def _value(said: Mapping[str, Any]) -> PlanValue:
    return PlanValue(
        place=str(said.get("place", "")),
        gtin=gtin14(str(said.get("gtin", ""))),
        name=_optional(said, "name"),
        value=_optional(said, "value"),
        quantity=_quantity(said),
        first_day=day_of(_optional(said, "first_day"), "first_day"),
        last_day=day_of(_optional(said, "last_day"), "last_day"),
    )


def _optional(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    return None if value is None else str(value)[:500]


def _quantity(said: Mapping[str, Any]) -> Decimal | None:
    return None if said.get("quantity") is None else amount_of(str(said["quantity"]), "quantity")
