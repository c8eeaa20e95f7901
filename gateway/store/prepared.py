"""Statements that are compiled once and then run on the driver's own cursor.

SQLAlchemy's execution costs about ten times what SQLite needs for the statement itself. The hot path has some twenty
statements per message: they are written in Core (so that each dialect gets its own SQL) and executed here.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple, cast

from sqlalchemy import BindParameter, Boolean, ColumnElement, Connection, Dialect, Table, Text, bindparam
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeEngine

from gateway.store.database import insert_for

_PREFIX = "given_"  # a bind of an UPDATE may not be named like a column

Inserter = Callable[[Table], Insert]


def given(name: str, type_: TypeEngine[Any] | None = None) -> BindParameter[Any]:
    """Return the place of a value that the caller names when the statement runs."""
    return bindparam(_PREFIX + name, type_=type_)


class listed(ColumnElement[Any]):  # noqa: N801 - reads like a SQL function
    """The values of a JSON list that the caller gives as text, for IN: a list of any length in one fixed statement."""

    inherit_cache = False  # statements that hold it are prepared once

    def __init__(self, name: str) -> None:
        self.bind = given(name, Text())


@compiles(listed, "sqlite")
def _listed_on_sqlite(element: listed, compiler: Any, **_: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.bind)}))"  # noqa: S608 - a place, no value


@compiles(listed, "postgresql")
def _listed_on_postgresql(element: listed, compiler: Any, **_: Any) -> str:
    return f"(SELECT json_array_elements_text(CAST({compiler.process(element.bind)} AS json)))"


class _Compiled(NamedTuple):
    sql: str
    fill: Callable[[Mapping[str, Any]], Any]  # from the caller's values to what the driver takes
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
        names = list((made.positiontup if made.positional else constants) or ())
        own = {name: constants[name] for name in names if not (name in made.binds and made.binds[name].required)}
        fill = _in_order(names, own) if made.positional else _by_name(names, own)
        columns = list(statement.exported_columns)
        row = namedtuple("row", [column.key for column in columns], rename=True)  # type: ignore[misc]
        booleans = tuple(n for n, column in enumerate(columns) if isinstance(column.type, Boolean))
        return _Compiled(str(made), fill, row._make, booleans)


class Driver:
    """Runs prepared statements in the transaction that connection has open."""

    def __init__(self, connection: Connection) -> None:
        self._dialect = connection.dialect
        self._cursor: DBAPICursor = cast("Any", connection.connection.dbapi_connection).cursor()
        self._later: dict[Prepared, list[Mapping[str, Any]]] = {}

    def run(self, statement: Prepared, /, **values: Any) -> int:
        """Return how many rows it hit."""
        self._execute(statement, values)
        return self._cursor.rowcount

    def first(self, statement: Prepared, /, **values: Any) -> Any:
        """Return the first row by column names, or None."""
        compiled = self._execute(statement, values)
        found = self._cursor.fetchone()
        self._cursor.fetchall()  # SQLite ends a statement, and applies all of a RETURNING one, at its last row
        return None if found is None else _row(compiled, found)

    def all(self, statement: Prepared, /, **values: Any) -> list[Any]:
        """Return every row by column names."""
        compiled = self._execute(statement, values)
        rows = self._cursor.fetchall()
        if compiled.booleans:
            return [_row(compiled, row) for row in rows]
        return [compiled.row(row) for row in rows]

    def many(self, statement: Prepared, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run it for each row and return how many rows were hit in all; no row is no statement."""
        if not rows:
            return 0
        compiled = statement.compiled(self._dialect)
        if len(rows) == 1:
            self._cursor.execute(compiled.sql, compiled.fill(rows[0]))
        else:
            self._cursor.executemany(compiled.sql, [compiled.fill(row) for row in rows])
        return self._cursor.rowcount

    def later(self, statement: Prepared, rows: Iterable[Mapping[str, Any]]) -> None:
        """Run it for each row at flush(), all in one call: for rows that nothing reads before."""
        self._later.setdefault(statement, []).extend(rows)

    def flush(self) -> None:
        """Run what was left for later, statement by statement in the order in which they first came."""
        waiting, self._later = self._later, {}
        for statement, rows in waiting.items():
            self.many(statement, rows)

    def _execute(self, statement: Prepared, values: Mapping[str, Any]) -> _Compiled:
        compiled = statement.compiled(self._dialect)
        self._cursor.execute(compiled.sql, compiled.fill(values))
        return compiled


def _row(compiled: _Compiled, values: Sequence[Any]) -> Any:
    if not compiled.booleans:
        return compiled.row(values)
    changed = list(values)
    for place in compiled.booleans:
        changed[place] = None if changed[place] is None else bool(changed[place])
    return compiled.row(changed)


def _in_order(names: Sequence[str], own: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    """Fill the places of a statement from left to right. own: values that the statement brings itself."""
    wanted = [f"={name}" if name in own else name.removeprefix(_PREFIX) for name in names]
    if not wanted:
        return lambda _: ()
    if own:
        fixed = {f"={name}": value for name, value in own.items()}  # no caller's name looks like that
        get = itemgetter(*wanted)
        if len(wanted) == 1:
            return lambda values: (get({**values, **fixed}),)
        return lambda values: get({**values, **fixed})
    if len(wanted) == 1:
        only = wanted[0]
        return lambda values: (values[only],)
    return itemgetter(*wanted)


def _by_name(names: Sequence[str], own: Mapping[str, Any]) -> Callable[[Mapping[str, Any]], Any]:
    asked = [(name, name.removeprefix(_PREFIX)) for name in names if name not in own]
    return lambda values: {**own, **{place: values[name] for place, name in asked}}
