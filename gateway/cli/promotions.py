"""gateway promotions: the calendar that the forecast reads."""

from pathlib import Path

import click

from gateway.cli.collaboration import agreed_office, short
from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import LIST_LIMIT_BYTES, text_of
from gateway.model.faults import OurFault


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
                "baseline": short(each.baseline),
                "uplift": short(each.uplift),
                "left": short(each.left),
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
        office = agreed_office(actions)
        click.echo(f"{office.load_events(text_of(file, LIST_LIMIT_BYTES), user_name())} events")


@promotions.command("cancel")
@click.argument("identity", metavar="ID")
@invocation
def cancel_event(call: Invocation, *, identity: str) -> None:
    """Take an event back."""
    with call.actions() as actions:
        agreed_office(actions).cancel_event(identity, user_name())
    click.echo(f"{identity} cancelled")
