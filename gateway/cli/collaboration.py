"""promotions, stock-agreements, joint-plans: what is planned together with partners."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import AMOUNT, LIST_LIMIT_BYTES, text_of
from gateway.domain.replenishment import cpfr, crp
from gateway.model.faults import OurFault

if TYPE_CHECKING:
    from gateway.app.actions import JournalActions
    from gateway.app.agreed import AgreedActions


@click.group()
def promotions() -> None:
    """The calendar of promotions and introductions that the forecast reads."""


@promotions.command("list")
@click.option("--partner", help="Its and those of all (partner id).")
@click.option("--cancelled", is_flag=True, help="With those that were cancelled.")
@json_option
@invocation
def list_events(call: Invocation, *, partner: str | None, cancelled: bool, as_json: bool) -> None:
    """List events by their first day."""
    with call.instance() as instance:
        found = instance.views.planning_events(partner=partner, cancelled=cancelled)
    if as_json:
        print_json(found)
        return
    print_rows(
        [
            {
                "id": each.event.id,
                "name": each.event.name,
                "kind": each.event.kind,
                "from": each.event.first_day,
                "until": each.event.last_day,
                "partner": each.event.partner or "all",
                "items": len(each.event.gtins),
                "uplift": "" if each.event.uplift is None else each.event.uplift,
                "state": each.event.state,
            }
            for each in found
        ],
        as_json=False,
    )


@promotions.command("show")
@click.argument("identity", metavar="ID")
@json_option
@invocation
def show_event(call: Invocation, *, identity: str, as_json: bool) -> None:
    """Show what came of an event: baseline, uplift and stock left of each item and place."""
    with call.instance() as instance:
        found = instance.views.planning_event(identity)
        if found is None:
            raise OurFault("event.unknown", value=identity[:80])
        outcomes = instance.views.event_outcomes(identity, instance.clock.now().date())
    if as_json:
        print_json({"event": found, "outcomes": outcomes})
        return
    print_rows(
        [
            {
                "item": each.gtin,
                "place": each.place,
                "days": each.days,
                "sold": each.sold,
                "baseline": _short(each.baseline),
                "uplift": _short(each.uplift),
                "left": _short(each.left),
            }
            for each in outcomes
        ],
        as_json=False,
    )


@promotions.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@invocation
def load_events(call: Invocation, *, file: Path) -> None:
    """Take events from a CSV: id, kind, name, first_day, last_day, gtin, place, mechanic, uplift, price, partner."""
    with call.actions() as actions:
        office = _office(actions)
        click.echo(f"{office.load_events(text_of(file, LIST_LIMIT_BYTES), user_name())} events")


@promotions.command("cancel")
@click.argument("identity", metavar="ID")
@invocation
def cancel_event(call: Invocation, *, identity: str) -> None:
    """Take an event back."""
    with call.actions() as actions:
        _office(actions).cancel_event(identity, user_name())
    click.echo(f"{identity} cancelled")


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
        levels = _office(actions).next_levels(found)
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
                "fill": f"{_short(each.fill_now)} to {_short(each.fill_next)}",
                "stock": f"{_short(each.stock_now)} to {_short(each.stock_next)}",
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
        click.echo(f"{_office(actions).look()} words said")


@stock_agreements.command("say")
@click.argument("identity", metavar="ID")
@click.argument("act", type=click.Choice([each for each in crp.ACTS if each in ("accept", "decline", "end")]))
@click.option("--proposal", help="Number of the proposal that is meant.")
@click.option("--reason", default="")
@invocation
def say_stock(call: Invocation, *, identity: str, act: str, proposal: str | None, reason: str) -> None:
    """Accept or decline the open proposal, or end an agreement."""
    with call.actions() as actions:
        office = _office(actions)
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
                "value": _short(each.exception.value),
                "ours": _short(each.exception.row.ours),
                "theirs": _short(each.exception.row.theirs),
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
        office = _office(actions)
        office.answer("joint", identity, act, user_name(), about=about, reason=reason, quantity=quantity)
    click.echo(f"{identity}: {act}")


def _office(actions: "JournalActions") -> "AgreedActions":
    from gateway.app.agreed import AgreedActions  # only here: help and completion load no tables

    return AgreedActions(instance=actions.instance, wake=actions.wake)


def _short(value: Decimal | None) -> str:
    return "-" if value is None else f"{round(value, 4).normalize():f}"
