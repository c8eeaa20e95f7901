"""gateway stock-agreements and joint-plans: what is planned together with partners."""

from decimal import Decimal
from typing import TYPE_CHECKING

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import AMOUNT
from gateway.domain.replenishment import cpfr, crp
from gateway.model.faults import OurFault

if TYPE_CHECKING:
    from gateway.app.actions import JournalActions
    from gateway.app.agreed import AgreedActions


@click.group("stock-agreements")
def stock_agreements() -> None:
    """Continuous replenishment: agreed stock, lowered step by step."""


@stock_agreements.command("list")
@click.option("--partner", help="Only its (partner id).")
@json_option
@invocation
def list_stock(call: Invocation, *, partner: str | None, as_json: bool) -> None:
    """List agreements with what waits for whom."""
    with call.instance() as instance:
        found = instance.views.stock_agreements(partner)
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "id": each.id,
                "partner": each.partner,
                "state": each.state,
                "items": len(each.levels),
                "since": each.since or "",
                "proposal": each.proposal.id if each.proposal else "",
                "waits for": ", ".join(each.waits_for),
            }
            for each in found
        ],
        as_json=False,
    )


@stock_agreements.command("next")
@click.argument("identity", metavar="ID")
@json_option
@invocation
def next_levels(call: Invocation, *, identity: str, as_json: bool) -> None:
    """Show the next lower levels with their backtests; nothing is written."""
    with call.actions() as actions:
        found = actions.instance.views.stock_agreement(identity)
        if found is None:
            raise OurFault("crp.unknown", value=identity[:80])
        levels = agreed_office(actions).next_levels(found)
    if as_json:
        print_json(levels)
        return
    print_rows(
        [
            {
                "item": each.gtin,
                "place": each.place,
                "level": each.level,
                "proposed": each.proposed,
                "fill": f"{short(each.fill_now)} to {short(each.fill_next)}",
                "stock": f"{short(each.stock_now)} to {short(each.stock_next)}",
            }
            for each in levels
        ],
        as_json=False,
    )


@stock_agreements.command("look")
@invocation
def look(call: Invocation) -> None:
    """Propose the next lower levels and restore after empty shelves now; a running gateway does so once a day."""
    with call.actions() as actions:
        click.echo(f"{agreed_office(actions).look()} words said")


@stock_agreements.command("say")
@click.argument("identity", metavar="ID")
@click.argument("act", type=click.Choice([each for each in crp.ACTS if each in ("accept", "decline", "end")]))
@click.option("--proposal", help="Number of the proposal that is meant.")
@click.option("--reason", default="")
@invocation
def say_stock(call: Invocation, *, identity: str, act: str, proposal: str | None, reason: str) -> None:
    """Accept or decline the open proposal, or end an agreement."""
    with call.actions() as actions:
        office = agreed_office(actions)
        office.answer("stock", identity, act, user_name(), proposal=proposal, reason=reason)
    click.echo(f"{identity}: {act}")


@click.group("joint-plans")
def joint_plans() -> None:
    """CPFR: forecasts of both sides, compared by rules that both apply."""


@joint_plans.command("list")
@json_option
@invocation
def list_plans(call: Invocation, *, as_json: bool) -> None:
    """List joint plans."""
    with call.instance() as instance:
        found = instance.views.joint_plans()
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "id": each.id,
                "partner": each.partner,
                "state": each.state,
                "rules": len(each.plan.criteria),
                "notes": len(each.notes),
                "waits for": ", ".join(each.waits_for),
            }
            for each in found
        ],
        as_json=False,
    )


@joint_plans.command("frozen")
@click.argument("identity", metavar="ID")
@json_option
@invocation
def list_frozen(call: Invocation, *, identity: str, as_json: bool) -> None:
    """Show the frozen order forecast beside what was ordered, the widest difference first."""
    with call.instance() as instance:
        if instance.views.joint_plan(identity) is None:
            raise OurFault("cpfr.unknown", value=identity[:80])
        found = instance.views.joint_frozen(identity)
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "item": each.gtin,
                "place": each.place,
                "from": each.first,
                "until": each.last,
                "frozen": each.frozen,
                "ordered": each.ordered,
                "difference": each.difference,
            }
            for each in found
        ],
        as_json=False,
    )


@joint_plans.command("exceptions")
@click.argument("identity", metavar="ID")
@json_option
@invocation
def list_exceptions(call: Invocation, *, identity: str, as_json: bool) -> None:
    """List what breaks the rules, the widest first."""
    with call.instance() as instance:
        if instance.views.joint_plan(identity) is None:
            raise OurFault("cpfr.unknown", value=identity[:80])
        found = instance.views.joint_exceptions(identity, instance.clock.now().date())
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "about": each.about,
                "rule": each.exception.metric,
                "value": short(each.exception.value),
                "ours": short(each.exception.row.ours),
                "theirs": short(each.exception.row.theirs),
                "note": each.note.reason if each.note else "",
            }
            for each in found
        ],
        as_json=False,
    )


@joint_plans.command("say")
@click.argument("identity", metavar="ID")
@click.argument("act", type=click.Choice(cpfr.ACTS))
@click.option("--about", help="Of resolve: place/item/first day/last day.")
@click.option("--reason", default="", help="Of resolve: why.")
@click.option("--quantity", type=AMOUNT, help="Of resolve: units a day that both plan with.")
@invocation
def say_plan(
    call: Invocation, *, identity: str, act: str, about: str | None, reason: str, quantity: Decimal | None
) -> None:
    """Accept or decline a plan, resolve an exception, send or freeze our forecast, or end the plan."""
    with call.actions() as actions:
        office = agreed_office(actions)
        office.answer("joint", identity, act, user_name(), about=about, reason=reason, quantity=quantity)
    click.echo(f"{identity}: {act}")


def agreed_office(actions: "JournalActions") -> "AgreedActions":
    """Return what acts on agreements and events."""
    from gateway.app.agreed import AgreedActions  # only here: help and completion load no tables

    return AgreedActions(instance=actions.instance, wake=actions.wake)


def short(value: Decimal | None) -> str:
    """Return a figure for a table, to four places."""
    return "-" if value is None else f"{round(value, 4).normalize():f}"
