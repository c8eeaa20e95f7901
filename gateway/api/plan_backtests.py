"""JSON: backtests of planning: start, follow, cancel, read and remove them."""

from collections.abc import Mapping
from typing import Any

from gateway.api.given import amount_of, bad, is_count
from gateway.api.messages import NOT_FOUND, Taken
from gateway.api.routes import Call, RouteTable
from gateway.domain.replenishment.trial_terms import CLASSES, TrialTerms
from gateway.model.faults import OurFault
from gateway.model.values import gtin14
from gateway.store.view_backtests import Backtest

TABLE = RouteTable()
_LIST = {"type": "array", "items": {"type": "string"}}
_WHOLE = {"type": "integer"}
MOST_NAMED = 500


def asked(given: Mapping[str, Any]) -> TrialTerms:
    """Return what a person or a program asks; absent: as TrialTerms has it. Raises OurFault api.bad-value."""
    found: dict[str, Any] = {"agreement": str(given.get("agreement") or "")}
    for name in ("places", "items"):
        named = given.get(name) or ()
        if not isinstance(named, list | tuple) or len(named) > MOST_NAMED:
            raise OurFault("api.bad-value", name=name, value=str(named)[:80], expected=f"a list, at most {MOST_NAMED}")
        found[name] = tuple(gtin14(str(each)) if name == "items" else str(each) for each in named)
    if given.get("class"):
        found["item_class"] = str(given["class"])
    if given.get("fill") not in (None, ""):
        found["fill"] = float(amount_of(str(given["fill"]), "fill"))
    for name in ("lead", "review", "tuning", "test"):
        value = given.get(name)
        if value in (None, ""):
            continue
        if not is_count(str(value)):
            raise bad(name, value, "a whole number")
        found[name] = int(str(value))
    return TrialTerms(**found)


@TABLE.route(
    "GET",
    "/api/v1/plan-backtests",
    summary="Backtests of planning, the newest first: what was asked, how far they are, what came of them",
    permission="proposals.read",
    query={"limit": "1 to 100"},
)
async def list_backtests(call: Call) -> tuple[Backtest, ...]:
    return await call.read(call.services.views.backtests, call.number("limit", 20, 100))


@TABLE.route(
    "POST",
    "/api/v1/plan-backtests",
    summary="Play the history of an agreement with our planning, minimum and maximum, the textbook and an oracle",
    permission="proposals.decide",
    status=202,
    body={
        "type": "object",
        "properties": {
            "agreement": {"type": "string", "description": "of planning.yaml"},
            "places": {**_LIST, "description": "GLNs; absent: all of the agreement"},
            "items": {**_LIST, "description": "GTINs; absent: all"},
            "class": {"enum": list(CLASSES), "description": "value class; absent: all"},
            "fill": {"type": "number", "description": "share of units served, 0.5 to 0.999"},
            "lead": {**_WHOLE, "description": "days from order to arrival; absent: as the calendar has it"},
            "review": {**_WHOLE, "description": "days from one order to the next; absent: as the calendar has it"},
            "tuning": {**_WHOLE, "description": "days to tune on"},
            "test": {**_WHOLE, "description": "days to measure"},
        },
        "required": ["agreement"],
    },
    responses={400: "a value out of its bounds", 409: "no such agreement, or too many backtests at once"},
)
async def start_backtest(call: Call) -> Taken:
    terms = asked(await call.body())
    return Taken(id=await call.services.actions.start_backtest(terms, call.user, call.caller.partners))


@TABLE.route(
    "GET",
    "/api/v1/plan-backtests/{id}",
    summary="A backtest: stock at equal fill for each way of planning, the price of late reports and of a missing ASN",
    permission="proposals.read",
    responses=NOT_FOUND,
)
async def show_backtest(call: Call) -> Backtest:
    return await seen(call)


@TABLE.route(
    "POST",
    "/api/v1/plan-backtests/{id}/cancel",
    summary="End a backtest; one that is over stays as it is",
    permission="proposals.decide",
    responses=NOT_FOUND,
)
async def cancel_backtest(call: Call) -> Backtest:
    return await call.services.actions.cancel_backtest((await seen(call)).id, call.user)


@TABLE.route(
    "DELETE",
    "/api/v1/plan-backtests/{id}",
    summary="Take the result of a backtest away",
    permission="proposals.decide",
    responses={**NOT_FOUND, 409: "not over yet"},
)
async def remove_backtest(call: Call) -> Backtest:
    found = await seen(call)
    await call.services.actions.remove_backtest(found.id, call.user)
    return found


async def seen(call: Call) -> Backtest:
    """Return the backtest of the address, as the caller may see it. Raises OurFault plan.backtest-unknown."""
    found = await call.read(call.services.views.backtest, call.path("id"))
    if found is None:
        raise OurFault("plan.backtest-unknown", value=call.path("id")[:40])
    return found
