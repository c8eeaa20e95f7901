"""messages, parcels: what came in, what went out, what to do again."""

from pathlib import Path
from typing import Literal

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.show import print_arrival, print_message
from gateway.model.faults import OurFault

LIMIT = click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most lines.")
STATE = click.option("--state", help="A state, or attention, open, finished.")
PARTNER = click.option("--partner", help="Id of a partner.")


@click.group()
def messages() -> None:
    """Messages in and out."""


@messages.command("list")
@STATE
@PARTNER
@click.option("--type", "type_", help="ORDERS, Order, DESADV, ...")
@click.option(
    "--search",
    "--text",
    "text",
    help="Beginning of a number, reference, GLN, file name or Message-ID; or the number's last part.",
)
@click.option("--direction", type=click.Choice(["in", "out"]), help="Only received or only sent ones.")
@click.option("--own", type=click.Choice(["yes", "no", "all"]), help="Our own documents, such as planning runs.")
@LIMIT
@json_option
@invocation
def list_messages(
    call: Invocation,
    *,
    state: str | None,
    partner: str | None,
    type_: str | None,
    text: str | None,
    direction: Literal["in", "out"] | None,
    own: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """List messages, the newest first. Our own documents are left out unless they are named or wait for a person."""
    _list(
        call, limit, as_json=as_json, state=state, partner=partner, type_=type_, text=text, direction=direction, own=own
    )


@messages.command("show")
@click.argument("message_id", metavar="ID")
@json_option
@invocation
def show_message(call: Invocation, message_id: str, *, as_json: bool) -> None:
    """Show one message: state, what is wrong with it, what it caused, what went out. ID: of a message or an arrival."""
    with call.instance() as instance:
        detail = instance.views.message(message_id)
        arrival = None if detail else instance.views.arrival(message_id)
        if arrival and len(arrival.messages) == 1:
            detail = instance.views.message(arrival.messages[0].id)
    found = detail or arrival
    if found is None:
        raise OurFault("cli.not-found", value=message_id)
    if as_json:
        print_json(found)
    elif detail:
        print_message(detail, call.language)
    elif arrival:
        print_arrival(arrival, call.language)


@messages.command("replay")
@click.argument("message_id", metavar="ID")
@invocation
def replay(call: Invocation, message_id: str) -> None:
    """Process a parked message again from its bytes, after its cause is mended. ID: of a message or an arrival."""
    with call.actions() as actions:
        actions.replay(message_id, user_name())
    click.echo(f"{message_id} is put back")


@messages.command("evidence")
@click.argument("message_id", metavar="ID")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Folder to make; else evidence-ID.")
@invocation
def evidence(call: Invocation, message_id: str, folder: Path | None) -> None:
    """Write all that proves a message, arrival or parcel into a folder that openssl alone can check."""
    from gateway.app.evidence import write_evidence

    where = folder or Path(f"evidence-{message_id}")
    with call.instance() as instance:
        names = write_evidence(instance, message_id, where)
        now = instance.clock.now()
        instance.journal.write(lambda tx: tx.audit(user_name(), "messages.evidence", message_id, None, None, now))
    click.echo(f"{where}: {', '.join(names)}")
    click.echo(f"check it with: cd {where} && sh VERIFY.sh", err=True)


@click.group()
def parcels() -> None:
    """What we send."""


@parcels.command("list")
@STATE
@PARTNER
@LIMIT
@json_option
@invocation
def list_parcels(call: Invocation, *, state: str | None, partner: str | None, limit: int, as_json: bool) -> None:
    """List parcels, the newest first."""
    _list(call, limit, as_json=as_json, state=state, partner=partner, direction="out")


@parcels.command("resend")
@click.argument("parcel_id", metavar="ID")
@invocation
def resend(call: Invocation, parcel_id: str) -> None:
    """Send a parked, refused or expired parcel again: the same bytes, the same Message-ID."""
    with call.actions() as actions:
        actions.resend(parcel_id, user_name())
    click.echo(f"{parcel_id} is queued again")


def _list(
    call: Invocation,
    limit: int,
    *,
    as_json: bool,
    state: str | None = None,
    partner: str | None = None,
    type_: str | None = None,
    text: str | None = None,
    direction: Literal["in", "out"] | None = None,
    own: str | None = None,
) -> None:
    from gateway.store.view_rows import MessageFilter, own_wanted

    wanted = MessageFilter(
        state=state,
        partner=partner,
        type=type_,
        text=text,
        direction=direction,
        own=own_wanted(own, named=bool(text or partner or type_)),
    )
    with call.instance() as instance:
        page = instance.views.messages(wanted, limit=limit)
    rows: list[dict[str, object]] = [
        {
            "time": each.at,
            "direction": each.direction,
            "partner": each.partner,
            "type": each.type,
            "number": each.business_number,
            "state": each.state,
            "fault": each.fault_code,
            "test": each.test if as_json else "test" if each.test else None,
            "id": each.id,
        }
        for each in page.lines
    ]
    print_rows(rows, as_json=as_json)
    if page.next and not as_json:
        click.echo(f"more than {limit}: narrow the list or raise --limit", err=True)
