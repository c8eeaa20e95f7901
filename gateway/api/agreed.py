"""JSON: agreements on continuous replenishment, joint plans, our word on them, exceptions by shared rules."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.api.given import amount_of, document_of
from gateway.api.messages import NOT_FOUND
from gateway.api.routes import Call, RouteTable
from gateway.domain.replenishment import cpfr, crp
from gateway.domain.replenishment.cpfr import Joint
from gateway.domain.replenishment.joint_exceptions import Compared
from gateway.model.faults import OurFault
from gateway.model.joint import JointPlan, LevelChange, StockAgreement
from gateway.store.frozen_orders import FrozenRow
from gateway.store.view_agreed import ExceptionRow, StockAgreementRow

TABLE = RouteTable()
T = TypeVar("T")
_REFUSED = {400: "bad value", 403: "not all partners are seen", 409: "makes no sense now"}
_TEXT = {"type": "string", "maxLength": 200}
_NUMBER = {"type": "string", "description": "as text: 12.5"}
_LEVELS = {
    "type": "array",
    "maxItems": 20_000,
    "items": {
        "type": "object",
        "required": ["place", "gtin"],
        "properties": {"place": _TEXT, "gtin": _TEXT, "level": _NUMBER, "proposed": _NUMBER},
    },
}
_STOCK = {
    "type": "object",
    "required": ["id", "partner", "name", "lines"],
    "properties": {
        "id": _TEXT,
        "partner": _TEXT,
        "name": _TEXT,
        "lines": _LEVELS,
        "deliveryDays": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 7}},
        "periodDays": {"type": "integer", "minimum": 1, "maximum": 366},
        "step": _NUMBER,
        "fill": _NUMBER,
    },
}
_JOINT = {
    "type": "object",
    "required": ["id", "partner", "name", "criteria"],
    "properties": {
        "id": _TEXT,
        "partner": _TEXT,
        "name": _TEXT,
        "criteria": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["metric", "limit"],
                "properties": {"metric": {"type": "string", "enum": list(cpfr.METRICS)}, "limit": _NUMBER},
            },
        },
        "items": {"type": "array", "items": {"type": "object", "properties": {"gtin": _TEXT}}},
        "places": {"type": "array", "items": _TEXT},
        "calendar": {
            "type": "array",
            "items": {"type": "object", "properties": {"on": {"type": "string", "format": "date"}, "what": _TEXT}},
        },
        "frozenDays": {"type": "integer", "minimum": 0, "maximum": 366},
        "horizonDays": {"type": "integer", "minimum": 1, "maximum": 366},
    },
}


def _act(acts: tuple[str, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["act"],
        "properties": {
            "act": {"type": "string", "enum": list(acts)},
            "proposal": _TEXT,
            "reason": {"type": "string", "maxLength": 2000},
            "lines": _LEVELS,
            "about": {"type": "string", "description": "of resolve: place/item/first day/last day"},
            "quantity": _NUMBER,
        },
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """id: of the agreement that our word is about."""

    id: str


@TABLE.route(
    "GET",
    "/api/v1/stock-agreements",
    summary="Agreements on continuous replenishment with levels, open proposal and course",
    permission="proposals.read",
    query={"partner": "partner id"},
)
async def list_stock(call: Call) -> tuple[StockAgreementRow, ...]:
    return await call.read(call.services.views.stock_agreements, call.query("partner"))


@TABLE.route(
    "GET",
    "/api/v1/stock-agreements/{id}",
    summary="One agreement on continuous replenishment",
    permission="proposals.read",
    responses=NOT_FOUND,
)
async def show_stock(call: Call) -> StockAgreementRow:
    return await _stock(call)


@TABLE.route(
    "GET",
    "/api/v1/stock-agreements/{id}/next-levels",
    summary="The next lower levels with their backtests; nothing is written",
    permission="proposals.decide",
    responses={**NOT_FOUND, **_REFUSED},
)
async def next_levels(call: Call) -> tuple[LevelChange, ...]:
    require_all(call)
    return tuple(await call.services.actions.next_levels(await _stock(call)))


@TABLE.route(
    "POST",
    "/api/v1/stock-agreements",
    summary="Offer an agreement on continuous replenishment, or other terms of one",
    permission="proposals.decide",
    status=202,
    body=_STOCK,
    responses=_REFUSED,
)
async def offer_stock(call: Call) -> Said:
    require_all(call)
    said = document_of(StockAgreement, await call.body(), issuedAt=call.services.clock.now().date().isoformat())
    await call.services.actions.offer_stock(said, call.user)
    return Said(id=said.id)


@TABLE.route(
    "POST",
    "/api/v1/stock-agreements/{id}/acts",
    summary="Our word on an agreement: propose, accept, decline, restore or end",
    permission="proposals.decide",
    status=202,
    body=_act(crp.ACTS),
    responses={**NOT_FOUND, **_REFUSED},
)
async def act_stock(call: Call) -> Said:
    return await _answer(call, "stock", _stock)


@TABLE.route(
    "GET",
    "/api/v1/joint-plans",
    summary="Joint plans (CPFR) with their rules, notes and course",
    permission="proposals.read",
    query={"partner": "partner id"},
)
async def list_plans(call: Call) -> tuple[Joint, ...]:
    return await call.read(call.services.views.joint_plans, call.query("partner"))


@TABLE.route(
    "GET", "/api/v1/joint-plans/{id}", summary="One joint plan", permission="proposals.read", responses=NOT_FOUND
)
async def show_plan(call: Call) -> Joint:
    return await _plan(call)


@TABLE.route(
    "GET",
    "/api/v1/joint-plans/{id}/forecasts",
    summary="Both sides' forecasts beside each other",
    permission="proposals.read",
    responses=NOT_FOUND,
)
async def compared(call: Call) -> tuple[Compared, ...]:
    found, today = await _plan(call), call.services.clock.now().date()
    return await call.read(call.services.views.joint_compared, found.id, today)


@TABLE.route(
    "GET",
    "/api/v1/joint-plans/{id}/frozen",
    summary="The frozen order forecast beside what was ordered of it, the widest difference first",
    permission="proposals.read",
    responses=NOT_FOUND,
)
async def list_frozen(call: Call) -> tuple[FrozenRow, ...]:
    found = await _plan(call)
    return await call.read(call.services.views.joint_frozen, found.id)


@TABLE.route(
    "GET",
    "/api/v1/joint-plans/{id}/exceptions",
    summary="What breaks the rules that both sides apply, the widest first, with the last note",
    permission="proposals.read",
    responses=NOT_FOUND,
)
async def list_exceptions(call: Call) -> tuple[ExceptionRow, ...]:
    found, today = await _plan(call), call.services.clock.now().date()
    return await call.read(call.services.views.joint_exceptions, found.id, today)


@TABLE.route(
    "POST",
    "/api/v1/joint-plans",
    summary="Offer a joint plan, or another version of one",
    permission="proposals.decide",
    status=202,
    body=_JOINT,
    responses=_REFUSED,
)
async def offer_plan(call: Call) -> Said:
    require_all(call)
    said = document_of(JointPlan, await call.body(), issuedAt=call.services.clock.now().date().isoformat())
    await call.services.actions.offer_plan(said, call.user)
    return Said(id=said.id)


@TABLE.route(
    "POST",
    "/api/v1/joint-plans/{id}/acts",
    summary="Our word on a joint plan: accept, decline, resolve, freeze, share our forecast, or end",
    permission="proposals.decide",
    status=202,
    body=_act(cpfr.ACTS),
    responses={**NOT_FOUND, **_REFUSED},
)
async def act_plan(call: Call) -> Said:
    return await _answer(call, "joint", _plan)


async def _stock(call: Call) -> StockAgreementRow:
    return await call.one(call.services.views.stock_agreement, "agreement")


async def _plan(call: Call) -> Joint:
    return await call.one(call.services.views.joint_plan, "plan")


async def _answer(
    call: Call, kind: str, wanted: Callable[[Call], Coroutine[Any, Any, StockAgreementRow | Joint]]
) -> Said:
    """Say our word on the agreement that the address names."""
    require_all(call)
    agreement = (await wanted(call)).id
    body = await call.body()
    lines = body.get("lines", [])
    if not isinstance(lines, list) or not all(isinstance(each, Mapping) for each in lines):
        raise OurFault("api.bad-body")
    await call.services.actions.answer(
        kind,
        agreement,
        str(body.get("act", ""))[:40],
        call.user,
        proposal=_optional(body, "proposal"),
        lines=[_line(each) for each in lines],
        reason=str(body.get("reason", ""))[:2000],
        about=_optional(body, "about"),
        quantity=amount_of(str(body["quantity"]), "quantity") if body.get("quantity") is not None else None,
    )
    return Said(id=agreement)


def _line(said: Mapping[str, Any]) -> LevelChange:
    proposed = amount_of(str(said.get("proposed")), "proposed")
    level = amount_of(str(said["level"]), "level") if said.get("level") is not None else proposed
    return LevelChange(place=str(said.get("place", "")), gtin=str(said.get("gtin", "")), level=level, proposed=proposed)


def _optional(said: Mapping[str, Any], name: str) -> str | None:
    value = said.get(name)
    return None if value is None else str(value)[:300]


def require_all(call: Call) -> None:
    """What concerns all partners' planning is said by who sees them all. Raises OurFault access.forbidden."""
    if call.caller.partners is not None:
        raise OurFault("access.forbidden", role=call.caller.user.role, permission="proposals.decide")
