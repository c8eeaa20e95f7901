"""journal check and move, backup, restore: care of the memory."""

from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation
from gateway.cli.exits import FINDINGS
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.retention import hold, keep, list_holds, release

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def journal() -> None:
    """The gateway's memory."""


@journal.command("check")
@json_option
@click.pass_context
def check_journal(context: click.Context, *, as_json: bool) -> None:
    """Verify what must always hold in a journal, also in a live one; ends with 3 when something does not."""
    from gateway.store.audit_journal import check

    call = context.ensure_object(Invocation)
    with call.instance() as instance:
        found = check(instance.journal.reader, instance.journal.blobs)
    if as_json:
        print_json([{"rule": each.rule, "count": each.count, "examples": each.examples} for each in found])
    else:
        print_rows(
            [{"rule": each.rule, "count": each.count, "examples": ", ".join(each.examples)} for each in found],
            as_json=False,
        )
        click.echo("all rules hold" if not found else f"{len(found)} rules are broken", err=True)
    if found:
        context.exit(FINDINGS)


@journal.command("move")
@click.argument("url")
@invocation
def move_journal(call: Invocation, url: str) -> None:
    """Copy the SQLite journal and its archive to the empty PostgreSQL database at URL. Stop the server first; then set
    database.url."""
    from gateway.app.care import move

    with call.instance() as instance:
        for table, count in move(instance, url):
            click.echo(f"{table}: {count}", err=True)
    click.echo("moved: set database.url in config.yaml, then start the server")


@click.command()
@click.argument("folder", type=FOLDER)
@invocation
def backup(call: Invocation, folder: Path) -> None:
    """Write a consistent copy of journal, payloads, keys and definitions to FOLDER (new). The server may run."""
    from gateway.app.care import back_up

    with call.instance() as instance:
        back_up(instance, folder)
    click.echo(f"backup in {folder}")


@click.command()
@click.argument("backup_folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("folder", type=FOLDER)
@invocation
def restore(call: Invocation, backup_folder: Path, folder: Path) -> None:
    """Make the instance FOLDER (new or empty) from a backup. Nothing that the backup holds is changed."""
    from gateway.app.care import bring_back

    bring_back(backup_folder, folder)
    click.echo(f"restored to {folder}; check it: gateway --instance {folder} journal check")


for _command in (hold, release, list_holds, keep):
    journal.add_command(_command)
