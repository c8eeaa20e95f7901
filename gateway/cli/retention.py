"""journal hold, release, holds, keep, archives: how long what is kept, and what may not go."""

from datetime import UTC, datetime

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_rows
from gateway.cli.values import MOMENT


@click.command("hold")
@click.option("--partner", help="Everything of this partner.")
@click.option("--type", "type_", help="Everything of this document type (ORDERS, Order).")
@click.option("--id", "subject", help="One arrival, message or parcel.")
@click.option("--since", type=MOMENT, help="Received then or later, UTC.")
@click.option("--until", type=MOMENT, help="Received before, UTC.")
@click.option("--reason", required=True, help="Why; kept in the audit.")
@invocation
def hold(
    call: Invocation,
    *,
    partner: str | None,
    type_: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    reason: str,
) -> None:
    """Keep what meets every condition given, whatever its time: a legal hold. It ends with `journal release`."""
    from gateway.app.ids import uuid7

    with call.instance() as instance:
        now = instance.clock.now()
        made = instance.journal.write(
            lambda tx: tx.hold_records(
                uuid7(now),
                reason,
                user_name(),
                now,
                partner=partner,
                type=type_,
                subject=subject,
                since=_utc(since),
                until=_utc(until),
            )
        )
    click.echo(made.id)


@click.command("release")
@click.argument("hold_id", metavar="ID")
@click.option("--reason", required=True, help="Why; kept in the audit.")
@invocation
def release(call: Invocation, hold_id: str, reason: str) -> None:
    """End a legal hold: what it kept goes in its time."""
    with call.instance() as instance:
        now = instance.clock.now()
        instance.journal.write(lambda tx: tx.release_records(hold_id, user_name(), reason, now))
    click.echo(f"{hold_id} is released")


@click.command("holds")
@json_option
@invocation
def list_holds(call: Invocation, *, as_json: bool) -> None:
    """List legal holds, the newest first, released ones too."""
    with call.instance() as instance:
        found = instance.journal.read(lambda tx: tx.legal_holds())
    print_rows(
        [
            {
                "id": each.id,
                "partner": each.partner,
                "type": each.type,
                "subject": each.subject,
                "since": each.since,
                "until": each.until,
                "reason": each.reason,
                "user": each.user,
                "at": each.at,
                "released": each.released_at,
            }
            for each in found
        ],
        as_json=as_json,
    )


@click.command("keep")
@json_option
@invocation
def keep(call: Invocation, *, as_json: bool) -> None:
    """Do the daily housekeeping now: make partitions, archive finished months, drop what is past its time."""
    from gateway.app.housekeeping import keep_house

    with call.instance() as instance:
        done = keep_house(instance)
    rows: list[dict[str, object]] = [
        {"what": what, "month": month, "units": count}
        for what, found in (
            ("archived", done.archived),
            ("dropped", done.dropped),
            ("thinned", done.thinned),
            ("kept", done.kept),
        )
        for month, count in sorted(found.items())
    ]
    rows += [{"what": "payloads", "units": done.payloads}] if done.payloads else []
    rows += [{"what": "dedupe keys", "units": done.keys}] if done.keys else []
    print_rows(rows, as_json=as_json)


def _utc(given: datetime | None) -> datetime | None:
    return None if given is None else given.replace(tzinfo=UTC)
