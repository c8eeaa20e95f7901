"""Results for people (tables) and for programs (JSON). stdout carries results only, stderr the rest."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TextIO
from unicodedata import east_asian_width

import click

from gateway.model.findings import Finding
from gateway.texts.catalogue import Lang, cure, text

CELL_WIDTH = 48

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


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
    click.echo(json.dumps(as_plain(value), ensure_ascii=False, indent=2))


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
