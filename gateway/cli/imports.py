"""gateway import: lists of our house (items, prices, customers, ...) from CSV or Excel, and undoing them."""

import sys
from pathlib import Path

import click

from gateway.cli.context import Invocation, invocation, user_name
from gateway.cli.exits import FINDINGS, PARTLY
from gateway.cli.output import json_option, print_fields, print_finding, print_json, print_rows
from gateway.cli.progress import Progress, lines_of
from gateway.domain.imports import KINDS
from gateway.model.faults import OurFault
from gateway.ports.records import ImportRun

LIST_LENGTH = 50


@click.command("import")
@click.argument("kind", type=click.Choice([*KINDS, "list"]), required=False)
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--dry-run", is_flag=True, help="Read and check the file, write nothing.")
@click.option("--column", "said", multiple=True, metavar="OURS=THEIRS", help="What a column means; remembered.")
@click.option("--sheet", help="Sheet of an Excel file [the first].")
@click.option("--undo", "undo", metavar="ID", help="Put everything back as it was before import ID.")
@json_option
@invocation
def import_list(
    call: Invocation,
    kind: str | None,
    file: Path | None,
    *,
    dry_run: bool,
    said: tuple[str, ...],
    sheet: str | None,
    undo: str | None,
    as_json: bool,
) -> None:
    """Import a list of items, packs, prices, places, stock, calendars or customers from a CSV or Excel file.

    \b
    gateway import items items.xlsx --dry-run     what would be taken, and what is wrong
    gateway import stock count.csv --column on_hand=Menge
    gateway import list                           what was imported
    gateway import --undo ID                      put it back as it was
    """
    if undo is not None:
        _undo(call, undo, as_json=as_json)
    elif kind == "list":
        _list(call, as_json=as_json)
    elif kind is None or file is None:
        raise click.UsageError("Say what and which file: gateway import items FILE")
    else:
        _import(call, kind, file, dry_run, _pairs(said), sheet, as_json=as_json)


def _pairs(said: tuple[str, ...]) -> dict[str, str]:
    pairs = {}
    for each in said:
        ours, mark, theirs = each.partition("=")
        if not mark or not ours or not theirs:
            raise click.BadParameter(f"{each}: write OURS=THEIRS", param_hint="--column")
        pairs[ours.strip()] = theirs.strip()
    return pairs


def _import(
    call: Invocation, kind: str, file: Path, dry: bool, said: dict[str, str], sheet: str | None, *, as_json: bool
) -> None:
    from gateway.app.imports import import_file

    progress = Progress("reading" if dry else "importing", lines_of(file))
    with call.instance() as instance:
        found = import_file(instance, kind, file, user=user_name(), said=said, sheet=sheet, dry=dry, progress=progress)
    progress.end()
    if as_json:
        print_json(
            {
                **_fields(found.run),
                "dry_run": dry,
                "columns": found.columns,
                "problems": found.problems,
                "sample": found.sample,
            }
        )
    else:
        for finding in found.problems:
            print_finding(finding, call.language, sys.stderr)
        print_fields({**_fields(found.run), "columns": ", ".join(f"{o}={t}" for o, t in found.columns.items())})
    if found.run.rejected:
        partly = not dry and found.run.rejected < found.run.rows
        click.get_current_context().exit(PARTLY if partly else FINDINGS)


def _fields(run: ImportRun) -> dict[str, object]:
    return {
        "id": "" if run.state == "dry" else run.id,
        "kind": run.kind,
        "file": run.file,
        "state": run.state,
        "rows": run.rows,
        "changed": run.changed,
        "rejected": run.rejected,
        "at": run.at,
        "user": run.user,
    }


def _list(call: Invocation, *, as_json: bool) -> None:
    with call.instance() as instance:
        found = instance.journal.read(lambda tx: tx.imports(LIST_LENGTH))
    print_rows([_fields(each) for each in found], as_json=as_json)


def _undo(call: Invocation, run_id: str, *, as_json: bool) -> None:
    from gateway.app.imports import undo_import

    progress = Progress("undoing")
    with call.instance() as instance:
        run, left = undo_import(instance, run_id, user=user_name(), progress=progress)
    progress.end()
    shown = {**_fields(run), "left": left}
    if as_json:
        print_json(shown)
    else:
        print_fields(shown)
    if left:
        fault = OurFault("import.changed-since", value=str(left))
        print_finding(fault.as_finding(), call.language, sys.stderr)
        click.get_current_context().exit(PARTLY)
