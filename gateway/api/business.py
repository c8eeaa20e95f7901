"""JSON: planning, stock, accounts, orders, cases."""

from dataclasses import dataclass

from gateway.api.actions import Decision
from gateway.api.given import text_of
from gateway.api.messages import NOT_FOUND, Taken
from gateway.api.routes import Call, RouteTable
from gateway.model.faults import OurFault
from gateway.store.view_rows import (
    AccountLine,
    ActivityLine,
    CaseLine,
    OrderView,
    Overview,
    ProposalView,
    StockLine,
)

TABLE = RouteTable()
PROPOSAL_STATES = ("proposed", "approved", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountAnswer:
    """An account with what happened with it, the latest first."""

    account: AccountLine
    activities: tuple[ActivityLine, ...]


@TABLE.route(
    "GET", "/api/v1/overview", summary="The last 24 hours and what waits for a person", permission="overview.read"
)
async def show_overview(call: Call) -> Overview:
    return await call.read(call.services.views.overview, call.services.clock.now())


@TABLE.route(
    "GET",
    "/api/v1/proposals",
    summary="Replenishment proposals, newest first",
    permission="proposals.read",
    query={"status": ", ".join(PROPOSAL_STATES)},
    responses={400: "unknown status"},
)
async def list_proposals(call: Call) -> tuple[ProposalView, ...]:
    return await call.read(call.services.views.proposals, call.choice("status", PROPOSAL_STATES))


@TABLE.route(
    "GET",
    "/api/v1/proposals/{id}",
    summary="One proposal with the figures behind each quantity",
    permission="proposals.read",
    responses=NOT_FOUND,
)
async def show_proposal(call: Call) -> ProposalView:
    return await call.one(call.services.views.proposal, "proposal")


async def _decide(call: Call, decision: Decision) -> Taken:
    await show_proposal(call)
    return Taken(id=await call.services.actions.decide_proposal(call.path("id"), decision, call.user))


@TABLE.route(
    "POST",
    "/api/v1/proposals/{id}/approve",
    summary="Approve a proposal: its order is sent to the supplier",
    permission="proposals.decide",
    status=202,
    responses={**NOT_FOUND, 409: "decided already"},
)
async def approve_proposal(call: Call) -> Taken:
    return await _decide(call, "approve")


@TABLE.route(
    "POST",
    "/api/v1/proposals/{id}/reject",
    summary="Reject a proposal",
    permission="proposals.decide",
    status=202,
    responses={**NOT_FOUND, 409: "decided already"},
)
async def reject_proposal(call: Call) -> Taken:
    return await _decide(call, "reject")


@TABLE.route(
    "POST",
    "/api/v1/plan/run",
    summary="Start a replenishment run now",
    permission="plan.run",
    status=202,
    body={"type": "object", "properties": {"supplier": {"type": "string", "description": "partner id; absent: all"}}},
    responses={400: "bad body"},
)
async def run_plan(call: Call) -> Taken:
    supplier = text_of(await call.body(), "supplier")
    if supplier is not None and supplier not in call.services.book().own.suppliers:
        expected = ", ".join(sorted(call.services.book().own.suppliers))
        raise OurFault("api.bad-value", name="supplier", value=str(supplier)[:100], expected=expected)
    return Taken(id=await call.services.actions.request_plan(call.user, supplier))


@TABLE.route("GET", "/api/v1/stock", summary="Stock at our places", permission="stock.read")
async def list_stock(call: Call) -> tuple[StockLine, ...]:
    return await call.read(call.services.views.stock)


@TABLE.route("GET", "/api/v1/accounts", summary="Customers and suppliers", permission="accounts.read")
async def list_accounts(call: Call) -> tuple[AccountLine, ...]:
    return await call.read(call.services.views.accounts)


@TABLE.route(
    "GET",
    "/api/v1/accounts/{id}",
    summary="One account with its newest activities",
    permission="accounts.read",
    responses=NOT_FOUND,
)
async def show_account(call: Call) -> AccountAnswer:
    account = await call.one(call.services.views.account, "account")
    return AccountAnswer(account=account, activities=await call.read(call.services.views.activities, account.id))


@TABLE.route(
    "GET",
    "/api/v1/orders",
    summary="Orders, latest change first",
    permission="orders.read",
    query={"side": "sale or purchase", "partner": "partner id", "status": "open, shipped, ..."},
    responses={400: "unknown side"},
)
async def list_orders(call: Call) -> tuple[OrderView, ...]:
    side = call.choice("side", ("sale", "purchase"))
    return await call.read(call.services.views.orders, side, call.query("partner"), call.query("status"))


@TABLE.route(
    "GET",
    "/api/v1/orders/{number}",
    summary="Every order of that number with its lines",
    permission="orders.read",
    responses=NOT_FOUND,
)
async def show_order(call: Call) -> tuple[OrderView, ...]:
    found = await call.read(call.services.views.order, call.path("number"))
    if not found:
        raise OurFault("api.not-found", value=call.path("number"), kind="order")
    return found


@TABLE.route("GET", "/api/v1/cases", summary="Open cases, latest first", permission="cases.read")
async def list_cases(call: Call) -> tuple[CaseLine, ...]:
    return await call.read(call.services.views.cases)
