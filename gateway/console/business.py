"""Overview and replenishment."""

from decimal import Decimal
from typing import Any

from aiohttp import web

from gateway.console.overview import overview_values
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader, segment
from gateway.store.view_rows import ProposalView

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
    raise web.HTTPSeeOther(f"/proposals/{segment(proposal_id)}?done=decide")


@TABLE.post("/proposals/{id}/reject", "proposals.decide")
async def reject(reader: Reader) -> web.StreamResponse:
    proposal_id = reader.request.match_info["id"]
    await reader.services.actions.decide_proposal(proposal_id, "reject", reader.user)
    raise web.HTTPSeeOther(f"/proposals/{segment(proposal_id)}?done=decide")


@TABLE.post("/plan/run", "plan.run")
async def run_plan(reader: Reader) -> web.StreamResponse:
    await reader.services.actions.request_plan(reader.user)
    raise web.HTTPSeeOther("/proposals?done=plan")
