"""send, partners test: a file to a partner as it is, and the way to a partner rung by rung."""

import sys
from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.exits import FINDINGS
from gateway.cli.output import json_option, print_finding, print_json


@click.command("send")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--to", "partner", required=True, help="Id of the partner.")
@click.option("--over", help="Which of the partner's channels; else the first.")
@invocation
def send(call: Invocation, file: Path, partner: str, over: str | None) -> None:
    """Send FILE to a partner as it is; print the parcel's id. A running server sends it within a second."""
    from gateway.app.sending import send_file

    with call.instance() as instance:
        click.echo(send_file(instance, file, partner, user_name(), over))


@click.command("test")
@click.argument("partner")
@click.option("--over", help="Which of the partner's channels; else the first.")
@click.option("--echo", is_flag=True, help="Really send a small text message and judge its receipt.")
@json_option
@invocation
def try_partner(call: Invocation, partner: str, *, over: str | None, echo: bool, as_json: bool) -> None:
    """Try the way to PARTNER rung by rung: settings, certificates, name, connection, message and receipt."""
    from gateway.app.ladder import try_way

    with call.instance() as instance:
        rungs = try_way(instance, partner, over=over, echo=echo)
        now = instance.clock.now()
        instance.journal.write(lambda tx: tx.audit(user_name(), "partners.test", partner, None, rungs[-1].name, now))
    if as_json:
        print_json([{"rung": r.name, "holds": r.fault is None, "detail": r.detail, "fault": _code(r)} for r in rungs])
    for rung in () if as_json else rungs:
        click.echo(f"{'ok  ' if rung.fault is None else 'FAIL'} {rung.name:13} {rung.detail}".rstrip())
        if rung.fault is not None:
            print_finding(rung.fault.as_finding(), call.language, sys.stderr)
    if rungs[-1].fault is not None:
        raise SystemExit(FINDINGS)


def _code(rung: object) -> str | None:
    fault = getattr(rung, "fault", None)
    return fault.code if fault else None
