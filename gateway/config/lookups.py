"""A partner's lookup tables, partners/<id>/tables/<name>.csv, as text: read strictly, one row added or taken out.

The first column is the key, the others are what a mapping may ask for (`lookup: items, column: gtin`). Every change
gives a new text; the rows that stay keep their bytes.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence

from gateway.config.fields import Problems, nearest
from gateway.config.tables import lines_of, read_rows
from gateway.mapping.codes import LookupTable
from gateway.model.faults import OurFault

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
RESERVED = {"self": ("items", "suppliers")}  # have columns and commands of their own
COLUMNS_LIMIT = 30


def path_of(partner_id: str, table: str) -> str:
    """Return the logical path of a table. Raises OurFault lookup.bad-name."""
    if not NAME.fullmatch(table) or table in RESERVED.get(partner_id, ()):
        raise OurFault("lookup.bad-name", value=table)
    return f"partners/{partner_id}/tables/{table}.csv"


def read_lookup(name: str, text: str, problems: Problems) -> LookupTable:
    """Return the table; a malformed row, an empty key and a key that stands twice become problems and are left out."""
    columns = tuple(_header(text))
    if not columns or not all(columns) or len(columns) > COLUMNS_LIMIT or len(set(columns)) != len(columns):
        problems.add_at("lookup.bad-header", 1, None, ",".join(columns)[:200])
        return LookupTable(name=name, columns=columns)
    rows: dict[str, Mapping[str, str]] = {}
    for row in read_rows(text, problems):
        key = row.cells[columns[0]]
        if key in rows:
            problems.add_at("config.repeated-row", row.line, None, key)
        elif not key:
            problems.add_at("config.missing", row.line, None, key=columns[0])
        else:
            rows[key] = row.cells
    return LookupTable(name=name, columns=columns, rows=rows)


def checked(path: str, text: str) -> LookupTable:
    """Return the table of a text. Raises OurFault with every problem in it."""
    problems = Problems(path)
    table = read_lookup(path.rpartition("/")[2].removesuffix(".csv"), text, problems)
    problems.stop()
    return table


def with_row(path: str, text: str | None, key: str, values: Sequence[str], *, change: bool = False) -> str:
    """Return text with a row for key. values: of the other columns in their order. change: a row of that key gives way.

    Raises OurFault lookup.no-table, lookup.bad-row or lookup.key-there, or what is wrong with the table.
    """
    if text is None:
        raise OurFault("lookup.no-table", value=path)
    table = checked(path, text)
    row = [key.strip(), *(value.strip() for value in values)]
    if len(row) != len(table.columns) or not all(cell and cell.isprintable() for cell in row):
        raise OurFault("lookup.bad-row", value=key, columns=", ".join(table.columns), at=path)
    if row[0] in table.rows:
        if not change:
            raise OurFault("lookup.key-there", value=row[0], row=", ".join(table.rows[row[0]].values()), at=path)
        text = without_row(path, text, row[0])
    return text + ("" if text.endswith("\n") or not text else "\n") + _line(row)


def without_row(path: str, text: str | None, key: str) -> str:
    """Return text without the row of key. Raises OurFault lookup.no-table or lookup.key-missing."""
    if text is None:
        raise OurFault("lookup.no-table", value=path)
    table = checked(path, text)
    if key not in table.rows:
        raise OurFault("lookup.key-missing", value=key, at=path, nearest=nearest(key, list(table.rows)[:5000]) or "-")
    lines = list(lines_of(text))
    kept: list[str] = []
    reader, done = csv.reader(lines, strict=True), 0
    for cells in reader:  # a quoted cell may span lines
        if done == 0 or not cells or cells[0] != key:
            kept += lines[done : reader.line_num]
        done = reader.line_num
    return "".join(kept)


def imported(path: str, text: str) -> str:
    """Return a CSV from elsewhere as it is kept: without byte order mark, with line feeds. Raises OurFault for its
    problems."""
    plain = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}").replace("\r\n", "\n")
    checked(path, plain)
    return plain if plain.endswith("\n") else f"{plain}\n"


def _header(text: str) -> list[str]:
    try:
        return [name.strip() for name in next(csv.reader(lines_of(text), strict=True), [])]
    except csv.Error:
        return []


def _line(cells: Sequence[str]) -> str:
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow(cells)
    return row.getvalue()
