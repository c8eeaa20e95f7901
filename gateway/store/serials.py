"""The order of acceptance: a number per arrival and per parcel that only grows."""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table
from sqlalchemy.ext.compiler import compiles


class next_in(ColumnElement[int]):  # noqa: N801 - reads like a SQL function
    """The next seq of table. Gaps are possible on PostgreSQL, where transactions draw numbers side by side; a row that
    was committed before another one was offered always has the smaller number."""

    inherit_cache = False  # statements that hold it are prepared once
    type = BigInteger()

    def __init__(self, table: Table) -> None:
        self.table = table


@compiles(next_in, "sqlite")
def _on_sqlite(element: next_in, compiler: Any, **_: Any) -> str:
    return f"(SELECT coalesce(max(seq), 0) + 1 FROM {element.table.name})"  # noqa: S608 - a name of our own


@compiles(next_in, "postgresql")
def _on_postgresql(element: next_in, compiler: Any, **_: Any) -> str:
    return f"nextval('{sequence_of(element.table.name)}')"


def sequence_of(table: str) -> str:
    """Return the name of the sequence that numbers a table's rows on PostgreSQL."""
    return f"{table}_order"
