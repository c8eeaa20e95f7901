"""Overview, replenishment, stock, orders and accounts."""

from decimal import Decimal
from typing import Any

from aiohttp import web

from gateway.console.overview import overview_values
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.domain.crm import measures
from gateway.store.view_rows import AccountLine, ProposalView

TABLE = PageTable()


@TABLE.get("/", "overview.read")
async def overview_page(reader: Reader) -> web.StreamResponse:
    return reader.page("overview.html", **await overview_values(reader))


@TABLE.get("/proposals", "proposals.read")
async def proposals_page(reader: Reader) -> web.StreamResponse:
    proposals = await reader.read(reader.services.views.proposals)
    waiting_first = sorted(proposals, key=lambda each: each.status != "proposed")
    return reader.page("proposals.html", proposals=waiting_first)


@TABLE.get("/proposals/{id}", "proposals.read")
async def proposal_page(reader: Reader) -> web.StreamResponse:
    found = await reader.read(reader.services.views.proposal, reader.request.match_info["id"])
    if found is None:
        return not_found(reader, "proposal", reader.request.match_info["id"])
    lines = [_explained(line) for line in found.document.get("lines", ())]
    return reader.page("proposal.html", proposal=found, lines=lines, limit=_limit(found))


def _limit(proposal: ProposalView) -> str | None:
    limit = proposal.document.get("limit")
    return limit.get("value") if isinstance(limit, dict) else None


def _explained(line: dict[str, Any]) -> dict[str, Any]:
    """Return the line with its stock position, the figure that was compared with the reorder point."""
    reason = line.get("reason")
    if not reason:
        return {**line, "position": None}
    plus = sum(Decimal(reason[key]) for key in ("onHand", "onOrder", "inTransit"))
    return {**line, "position": plus - Decimal(reason["allocated"]) - Decimal(reason["backordered"])}


@TABLE.post("/proposals/{id}/approve", "proposals.decide")
async def approve(reader: Reader) -> web.StreamResponse:
    proposal_id = reader.request.match_info["id"]
    await reader.services.actions.decide_proposal(proposal_id, "approve", reader.user)
    raise web.HTTPSeeOther(f"/proposals/{proposal_id}?done=decide")


@TABLE.post("/proposals/{id}/reject", "proposals.decide")
async def reject(reader: Reader) -> web.StreamResponse:
    proposal_id = reader.request.match_info["id"]
    await reader.services.actions.decide_proposal(proposal_id, "reject", reader.user)
    raise web.HTTPSeeOther(f"/proposals/{proposal_id}?done=decide")


@TABLE.post("/plan/run", "plan.run")
async def run_plan(reader: Reader) -> web.StreamResponse:
    await reader.services.actions.request_plan(reader.user)
    raise web.HTTPSeeOther("/proposals?done=plan")


@TABLE.get("/accounts", "accounts.read")
async def accounts_page(reader: Reader) -> web.StreamResponse:
    return reader.page("accounts.html", accounts=await reader.read(reader.services.views.accounts), measures=measures)


@TABLE.get("/accounts/{id}", "accounts.read")
async def account_page(reader: Reader) -> web.StreamResponse:
    account_id, views = reader.request.match_info["id"], reader.services.views
    partner = reader.services.book().partners.get(account_id)
    account = await reader.read(views.account, account_id)
    if account is None:
        if partner is None:
            return not_found(reader, "account", account_id)
        account = AccountLine(id=account_id, figures={}, last_activity_at=None, last_activity=None)
    return reader.page(
        "account.html",
        account=account,
        partner=partner,
        activities=await reader.read(views.activities, account_id, 40),
        cases=await reader.read(views.cases, account_id) if reader.may("cases.read") else (),
        measures=measures(account.figures),
    )
