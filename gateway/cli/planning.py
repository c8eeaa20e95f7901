"""plan, proposals: replenishment on demand, and a person's word on what is above the limit."""

from typing import Literal

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.model.faults import OurFault


@click.group()
def plan() -> None:
    """Replenishment."""


@plan.command("run")
@click.option("--supplier", help="Only this supplier (partner id).")
@json_option
@invocation
def run_plan(call: Invocation, *, supplier: str | None, as_json: bool) -> None:
    """Ask for a replenishment run now; a running server does it within a second."""
    with call.actions() as actions:
        arrival_id = actions.request_plan(user_name(), supplier)
    if as_json:
        print_json({"arrival": arrival_id})
    else:
        click.echo(f"asked for a run: {arrival_id}")


@click.group()
def proposals() -> None:
    """Replenishment proposals."""


@proposals.command("list")
@click.option("--status", type=click.Choice(["proposed", "approved", "rejected"]), help="Only these.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most lines.")
@json_option
@invocation
def list_proposals(call: Invocation, *, status: str | None, limit: int, as_json: bool) -> None:
    """List proposals, the newest first."""
    with call.instance() as instance:
        found = instance.views.proposals(status, limit)
    if as_json:
        print_json(found)
        return
    rows: list[dict[str, object]] = [
        {
            "id": each.id,
            "supplier": each.supplier,
            "status": each.status,
            "value": each.value,
            "currency": each.currency,
            "made": each.created_at,
        }
        for each in found
    ]
    print_rows(rows, as_json=False)


@proposals.command("approve")
@click.argument("proposal_id", metavar="ID")
@invocation
def approve(call: Invocation, proposal_id: str) -> None:
    """Approve a proposal: the order goes to the supplier."""
    _decide(call, proposal_id, "approve")
    click.echo(f"{proposal_id} approved")


@proposals.command("reject")
@click.argument("proposal_id", metavar="ID")
@invocation
def reject(call: Invocation, proposal_id: str) -> None:
    """Reject a proposal: nothing is ordered."""
    _decide(call, proposal_id, "reject")
    click.echo(f"{proposal_id} rejected")


def _decide(call: Invocation, proposal_id: str, decision: Literal["approve", "reject"]) -> None:
    """Raises OurFault cli.not-found; plan.decided when somebody was faster."""
    with call.actions() as actions:
        if actions.instance.views.proposal(proposal_id) is None:
            raise OurFault("cli.not-found", value=proposal_id)
        actions.decide_proposal(proposal_id, decision, user_name())
