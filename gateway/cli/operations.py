"""holds, nodes, messages skip, resubmit and bulk: what operations does when something is stuck."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.exits import PARTLY
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import MOMENT
from gateway.ports.records import Bulk, HoldKind, ReplayFilter

if TYPE_CHECKING:
    from gateway.app.actions import JournalActions

KIND = click.Choice(["partner", "channel", "type"])
REASON = click.option("--reason", required=True, help="Why; kept in the audit.")
PORTION = 100


@click.group()
def holds() -> None:
    """Pause and resume a partner, a channel or a document type. Receiving never stops."""


@holds.command("list")
@json_option
@invocation
def list_holds(call: Invocation, *, as_json: bool) -> None:
    """List what is paused, since when and why."""
    with call.instance() as instance:
        found = instance.journal.read(lambda tx: tx.holds())
    print_rows(
        [{"kind": e.kind, "key": e.key, "reason": e.reason, "user": e.user, "since": e.at} for e in found],
        as_json=as_json,
    )


@holds.command("pause")
@click.argument("kind", type=KIND)
@click.argument("key")
@REASON
@invocation
def pause(call: Invocation, kind: HoldKind, key: str, reason: str) -> None:
    """Stop applying and sending. KEY: a partner id, a channel (as2, http) or a document type (ORDERS, Order)."""
    with call.actions() as actions:
        actions.pause(kind, key, reason, user_name())
    click.echo(f"{kind} {key} is paused")


@holds.command("resume")
@click.argument("kind", type=KIND)
@click.argument("key")
@invocation
def resume(call: Invocation, kind: HoldKind, key: str) -> None:
    """Go on with what was paused; what waited is processed in its order."""
    with call.actions() as actions:
        actions.resume(kind, key, user_name())
    click.echo(f"{kind} {key} goes on")


@click.command()
@json_option
@invocation
def nodes(call: Invocation, *, as_json: bool) -> None:
    """List the processes that serve this journal: when each was seen last, and which have stopped."""
    with call.instance() as instance:
        found = instance.journal.read(lambda tx: tx.nodes())
        now = instance.wall.now()
    print_rows(
        [
            {
                "node": each.id,
                "state": "stopped" if each.stopped_at else "runs",
                "build": each.build,
                "started": each.started_at,
                "seen": each.seen_at,
                "silent_s": None if each.stopped_at else round((now - each.seen_at).total_seconds()),
            }
            for each in found
        ],
        as_json=as_json,
    )


@click.command()
@click.argument("message_id", metavar="ID")
@REASON
@invocation
def skip(call: Invocation, message_id: str, reason: str) -> None:
    """Let a strict lane go on without this message. It stays parked and can still be replayed."""
    with call.actions() as actions:
        actions.skip(message_id, reason, user_name())
    click.echo(f"{message_id} is skipped")


@click.command()
@click.argument("arrival_id", metavar="ID")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@REASON
@invocation
def resubmit(call: Invocation, arrival_id: str, file: Path, reason: str) -> None:
    """Put an edited file in as a new arrival, linked to the arrival or message ID, which stays as it is."""
    with call.actions() as actions:
        made = actions.resubmit(arrival_id, file.read_bytes(), reason, user_name())
    click.echo(made)


@click.command("replay-all")
@click.option("--fault", "fault_code", metavar="CODE", help="Only what was parked for this cause.")
@click.option("--partner", help="Only of this partner.")
@click.option("--type", "type_", help="Only of this message type.")
@click.option("--since", type=MOMENT, help="Received then or later, UTC.")
@click.option("--until", type=MOMENT, help="Received before, UTC.")
@click.option("--preview", is_flag=True, help="Only show what would be replayed.")
@click.option("--reason", default="", help="Why; kept in the audit. Needed unless --preview.")
@json_option
@invocation
def replay_all(
    call: Invocation,
    *,
    fault_code: str | None,
    partner: str | None,
    type_: str | None,
    since: datetime | None,
    until: datetime | None,
    preview: bool,
    reason: str,
    as_json: bool,
) -> None:
    """Replay everything that was parked for one cause, in portions. Ctrl-C cancels; so does replay-cancel from
    elsewhere: what was put back until then is processed."""
    chosen = ReplayFilter(fault_code=fault_code, partner=partner, type=type_, since=_utc(since), until=_utc(until))
    with call.actions() as actions:
        groups = actions.replay_preview(chosen)
        if preview:
            print_rows([{"fault": f, "partner": p, "count": n} for f, p, n in groups], as_json=as_json)
            return
        if not reason:
            raise click.UsageError("--reason is missing")
        done = _run_bulk(actions, chosen, reason)
    if as_json:
        print_json(done)
    else:
        click.echo(f"{done.state}: {done.done} of {done.total} put back")
    if done.state == "cancelled":
        click.get_current_context().exit(PARTLY)


def _run_bulk(actions: "JournalActions", chosen: ReplayFilter, reason: str) -> Bulk:
    bulk = actions.start_bulk(chosen, reason, user_name())
    click.echo(f"replay {bulk.id}: {bulk.total} messages", err=True)
    try:
        while bulk.state == "running":
            bulk = actions.advance_bulk(bulk.id, PORTION)
            click.echo(f"{bulk.done} of {bulk.total}", err=True)
    except KeyboardInterrupt:
        bulk = actions.cancel_bulk(bulk.id, user_name())
    return bulk


@click.command("replay-cancel")
@click.argument("bulk_id", metavar="ID")
@invocation
def replay_cancel(call: Invocation, bulk_id: str) -> None:
    """Stop a bulk replay that runs elsewhere."""
    with call.actions() as actions:
        bulk = actions.cancel_bulk(bulk_id, user_name())
    click.echo(f"{bulk.state}: {bulk.done} of {bulk.total} put back")


def _utc(given: datetime | None) -> datetime | None:
    return None if given is None else given.replace(tzinfo=UTC)
