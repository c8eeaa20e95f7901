"""Lists that planners hand in as CSV with a header line: read row by row, told with the line where one is wrong."""

import csv
import io
from collections.abc import Iterator, Set

from gateway.model.faults import OurFault


def read_list(text: str, needed: Set[str], code: str) -> tuple[tuple[str, ...], Iterator[tuple[int, dict[str, str]]]]:
    """Return the columns, and the rows as (line, column -> text without spaces around it); a short row has fewer
    columns.

    needed: columns that must be there. Raises OurFault of that code, at once or while the rows are read.
    """
    rows = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        columns = tuple(each.strip() for each in rows.fieldnames or ())
    except csv.Error as error:
        raise OurFault(code, value=str(error)[:80], line=str(rows.line_num)) from None
    if not needed <= set(columns):
        raise OurFault(code, value=",".join(columns)[:80], line="1")
    return columns, _cells(rows, code)


def _cells(rows: "csv.DictReader[str]", code: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for row in rows:
            yield (
                rows.line_num,
                {name.strip(): value.strip() for name, value in row.items() if isinstance(value, str)},
            )
    except csv.Error as error:
        raise OurFault(code, value=str(error)[:80], line=str(rows.line_num)) from None
