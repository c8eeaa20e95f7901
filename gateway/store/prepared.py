"""Statements that are compiled once and then run on the driver's own cursor.

SQLAlchemy's execution costs about ten times what SQLite needs for the statement itself. The hot path has some twenty
statements per message: they are written in Core (so that each dialect gets its own SQL) and executed here.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, cast

from sqlalchemy import BindParameter, Boolean, Connection, Dialect, Table, bindparam
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.types import TypeEngine

from gateway.store.database import insert_for

_PREFIX = "given_"  # a bind of an UPDATE may not be named like a column

Inserter = Callable[[Table], Insert]


def given(name: str, type_: TypeEngine[Any] | None = None) -> BindParameter[Any]:
    """Return the place of a value that the caller names when the statement runs."""
    return bindparam(_PREFIX + name, type_=type_)


_FROM_CALLER = object()


class _Compiled(NamedTuple):
    sql: str
    places: tuple[tuple[str, str, Any], ...]  # bind, name, and the statement's own constant or _FROM_CALLER
    by_name: bool  # the driver takes a mapping, not a sequence
    row: Callable[[Iterable[Any]], Any]
    booleans: tuple[int, ...]  # columns that the driver gives as 0 and 1


class Prepared:
    """A statement. make: builds it, given the dialect's INSERT; columns: of an INSERT, filled by name."""

    def __init__(self, make: Callable[[Inserter], Any], columns: Sequence[str] = ()) -> None:
        self._make = make
        self._columns = columns or None
        self._compiled: dict[str, _Compiled] = {}

    def compiled(self, dialect: Dialect) -> _Compiled:
        """Return the form for dialect; made at the first call."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = self._compile(dialect)
        return found

    def _compile(self, dialect: Dialect) -> _Compiled:
        statement = self._make(partial(insert_for, dialect.name))
        made = statement.compile(dialect=dialect, column_keys=self._columns)
        if "POSTCOMPILE" in str(made):
            raise NotImplementedError("a list of values (IN) has no fixed form: write it as comparisons")
        constants = made.params
        places = tuple(
            (
                name,
                name.removeprefix(_PREFIX),
                _FROM_CALLER if name in made.binds and made.binds[name].required else constants[name],
            )
            for name in (made.positiontup if made.positional else constants) or ()
        )
        columns = list(statement.exported_columns)
        row = namedtuple("row", [column.key for column in columns], rename=True)  # type: ignore[misc]
        booleans = tuple(n for n, column in enumerate(columns) if isinstance(column.type, Boolean))
        return _Compiled(str(made), places, not made.positional, row._make, booleans)


class Driver:
    """Runs prepared statements in the transaction that connection has open."""

    def __init__(self, connection: Connection) -> None:
        self._dialect = connection.dialect
        self._cursor: DBAPICursor = cast("Any", connection.connection.dbapi_connection).cursor()

    def run(self, statement: Prepared, /, **values: Any) -> int:
        """Return how many rows it hit."""
        self._execute(statement.compiled(self._dialect), values)
        return self._cursor.rowcount

    def first(self, statement: Prepared, /, **values: Any) -> Any:
        """Return the first row by column names, or None."""
        found = self.all(statement, **values)
        return found[0] if found else None

    def all(self, statement: Prepared, /, **values: Any) -> list[Any]:
        """Return every row by column names."""
        compiled = statement.compiled(self._dialect)
        self._execute(compiled, values)
        rows = self._cursor.fetchall()
        if compiled.booleans:
            rows = [[bool(value) if n in compiled.booleans else value for n, value in enumerate(row)] for row in rows]
        return [compiled.row(row) for row in rows]

    def many(self, statement: Prepared, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run it for each row; no row is no statement."""
        if rows:
            compiled = statement.compiled(self._dialect)
            self._cursor.executemany(compiled.sql, [_filled(compiled, row) for row in rows])

    def _execute(self, compiled: _Compiled, values: Mapping[str, Any]) -> None:
        self._cursor.execute(compiled.sql, _filled(compiled, values))


def _filled(compiled: _Compiled, values: Mapping[str, Any]) -> Any:
    if compiled.by_name:
        return {b: values[name] if constant is _FROM_CALLER else constant for b, name, constant in compiled.places}
    return tuple(values[name] if constant is _FROM_CALLER else constant for _, name, constant in compiled.places)
