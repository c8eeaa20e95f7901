"""Results for people (tables) and for programs (JSON). stdout carries results only, stderr the rest."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TextIO, TypeVar
from unicodedata import east_asian_width

import click

from gateway.api.csv_file import safe
from gateway.model.findings import Finding
from gateway.texts.catalogue import Lang, cure, text

CELL_WIDTH = 48

FORMATS = ("table", "json", "ndjson", "csv")
_FORMAT = "gateway.output"
F = TypeVar("F", bound=Callable[..., Any])


json_flag = click.option("--json", "as_json", is_flag=True, help="Print JSON.")  # where --output is a file


def json_option(command: F) -> F:
    """Give a command --json and --output; it is told as_json, and print_json and print_rows write what was asked."""
    both = (
        click.option("--json", "as_json", is_flag=True, callback=_machine, help="Print JSON instead of a table."),
        click.option(
            "--output", type=click.Choice(FORMATS), is_eager=True, expose_value=False, callback=_remember,
            help="table; json; ndjson: an object a line; csv: rows with a header.",
        ),
    )  # fmt: skip
    for option in both:
        command = option(command)
    return command


def _remember(context: click.Context, option: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.meta[_FORMAT] = value


def _machine(context: click.Context, option: click.Parameter, value: bool) -> bool:
    return value or context.meta.get(_FORMAT, "table") != "table"


def _format() -> str:
    context = click.get_current_context(silent=True)
    found = None if context is None else context.meta.get(_FORMAT)
    return "json" if found in (None, "table") else str(found)


def as_plain(value: object) -> Any:
    """Return rows and documents as JSON values: times ISO 8601, decimals as text, absent values null."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: as_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_plain(each) for key, each in value.items()}
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [as_plain(each) for each in value]
    return value


def print_json(value: object) -> None:
    """Print value as JSON, or as --output asks: a list line by line or as CSV, anything else as its only row."""
    plain = as_plain(value)
    wanted = _format()
    if wanted == "json":
        click.echo(json.dumps(plain, ensure_ascii=False, indent=2))
        return
    rows = plain if isinstance(plain, list) else [plain]
    if wanted == "ndjson":
        for each in rows:
            click.echo(json.dumps(each, ensure_ascii=False))
        return
    _print_csv(rows)


def _print_csv(rows: Sequence[Any]) -> None:
    """Print rows under the names of their members; a member that is itself a list or an object is JSON in its cell.

    Source: RFC 4180."""
    found = [each if isinstance(each, dict) else {"value": each} for each in rows]
    names = list(dict.fromkeys(name for row in found for name in row))
    if not names:
        return
    made = io.StringIO()
    writer = csv.DictWriter(made, names, lineterminator="\r\n")
    writer.writeheader()
    for row in found:
        writer.writerow({name: _csv_cell(value) for name, value in row.items()})
    click.echo(made.getvalue(), nl=False)


def _csv_cell(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe(value) if isinstance(value, str) else value


def print_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    """Print rows with equal keys as a table whose header are the keys, or as a JSON list."""
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo("nothing found", err=True)
        return
    table = [[key.replace("_", " ") for key in rows[0]], *([_cell(each) for each in row.values()] for row in rows)]
    widths = [max(_width(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        padded = (cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def print_fields(pairs: Mapping[str, object]) -> None:
    """Print names and values, one a line; empty values are left out."""
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        if value not in (None, "", ()):
            click.echo(f"{name.replace('_', ' '):{width}}  {printable(value)}")


def print_finding(finding: Finding, lang: Lang, stream: TextIO | None = None) -> None:
    """Print code, sentence with its place, and cure: two lines."""
    mark = {"error": "error", "warning": "warning", "info": "note"}[finding.severity]
    sentence = printable(text(finding, lang)) + _place(finding)
    click.echo(f"{mark} {finding.code}: {sentence}", file=stream or sys.stdout)
    click.echo(f"  {printable(cure(finding, lang))}", file=stream or sys.stdout)


def _place(finding: Finding) -> str:
    """Return " [segment 5 DTM, element 1, line 9, column 1]"; "" when none is known or the sentence has it."""
    where = finding.where
    if "at" in dict(finding.params):
        return ""
    segment = f"{where.segment or ''} {where.tag or ''}".strip()
    named = {
        "segment": segment,
        "element": where.element,
        "component": where.component,
        "line": where.line,
        "column": where.column,
        "at": where.path,
    }
    parts = [f"{name} {printable(value)}" for name, value in named.items() if value]
    return f" [{', '.join(parts)}]" if parts else ""


def printable(value: object) -> str:
    """Return value as text in which nothing can steer the terminal: partners write file names and numbers."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, Decimal):
        return format(value, "f")
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in str(value))


def _cell(value: object) -> str:
    shown = "" if value is None else printable(value)
    return shown if len(shown) <= CELL_WIDTH else shown[: CELL_WIDTH - 1] + "…"


def _width(cell: str) -> int:
    """Return the columns a text takes on a terminal; Chinese characters take two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in cell)
