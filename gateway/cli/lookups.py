"""lookups: the tables that say what a partner's own numbers and codes mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.output import json_option, print_json, print_rows
from gateway.cli.values import text_of

if TYPE_CHECKING:  # opening an instance is slow to import
    from gateway.app.definition_edits import Edited
    from gateway.app.lookups import LookupActions

FILE_LIMIT_BYTES = 50_000_000


@click.group("lookups")
def lookup_tables() -> None:
    """Partners' tables (partners/ID/tables/NAME.csv) that mappings look values up in.

    \b
    gateway lookups add acme items A-4711 4099990100018     a number of theirs, and ours
    gateway messages replay ID                              then the message that waited for it
    """


@contextmanager
def _actions(call: Invocation) -> "Iterator[LookupActions]":
    from gateway.app.lookups import LookupActions

    with call.instance() as instance:
        yield LookupActions(instance=instance, follow=lambda: None)


@lookup_tables.command("list")
@click.argument("partner")
@click.argument("table", required=False)
@json_option
@invocation
def list_lookups(call: Invocation, partner: str, table: str | None, *, as_json: bool) -> None:
    """List the tables of PARTNER with their columns, or the rows of TABLE."""
    with _actions(call) as actions:
        if table is not None:
            print_rows(list(actions.table(partner, table).rows.values()), as_json=as_json)
            return
        found = actions.tables(partner)
    rows = [{"table": n, "columns": ", ".join(t.columns), "rows": len(t.rows)} for n, t in found.items()]
    print_rows(rows, as_json=as_json)


@lookup_tables.command("add")
@click.argument("partner")
@click.argument("table")
@click.argument("key")
@click.argument("values", nargs=-1, required=True, metavar="VALUE...")
@click.option("--change", is_flag=True, help="Replace the row of KEY if there is one.")
@json_option
@invocation
def add_row(
    call: Invocation, partner: str, table: str, key: str, values: tuple[str, ...], *, change: bool, as_json: bool
) -> None:
    """Add a row to TABLE and bring it into force. VALUE: of the other columns, in their order."""
    with _actions(call) as actions:
        _told(actions.add(partner, table, key, values, user_name(), change=change), as_json=as_json)


@lookup_tables.command("remove")
@click.argument("partner")
@click.argument("table")
@click.argument("key")
@json_option
@invocation
def remove_row(call: Invocation, partner: str, table: str, key: str, *, as_json: bool) -> None:
    """Take the row of KEY out of TABLE."""
    with _actions(call) as actions:
        _told(actions.remove(partner, table, key, user_name()), as_json=as_json)


@lookup_tables.command("import")
@click.argument("partner")
@click.argument("table")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@invocation
def import_table(call: Invocation, partner: str, table: str, file: Path, *, as_json: bool) -> None:
    """Make or replace TABLE by a CSV file: UTF-8, comma, the first line names the columns, the first column is the
    key."""
    text = text_of(file, FILE_LIMIT_BYTES)
    with _actions(call) as actions:
        _told(actions.put(partner, table, text, user_name()), as_json=as_json)


@lookup_tables.command("export")
@click.argument("partner")
@click.argument("table")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; else to the terminal.")
@invocation
def export_table(call: Invocation, partner: str, table: str, *, output: Path | None) -> None:
    """Print TABLE as CSV."""
    with _actions(call) as actions:
        text = actions.text(partner, table)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8", newline="")


def _told(done: "Edited", *, as_json: bool) -> None:
    if as_json:
        print_json({"digest": done.digest, "changed": done.changed, "written": done.written})
        return
    click.echo(f"in force: {done.digest[:12]}" if done.changed else "nothing to change")
    if done.changed and not done.written:
        click.echo("the file in the partner's folder could not be changed: change it there too", err=True)
