"""Bring a database's tables up to date. Only one that is behind pays for alembic, whose import alone costs more than
most commands do; an empty SQLite file gets at once what all steps would make of it."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from gateway.model.faults import OurFault

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(1162103112)"  # several nodes may start together
SCRIPTS = Path(__file__).parent / "migrations"
AT_ONCE = SCRIPTS / "sqlite.sql"  # made from the steps by pytest tests/unit/store/test_store_migrate.py --update


@cache
def head() -> str:
    """Return the revision to which upgrade leads."""
    return max(path.name for path in (SCRIPTS / "versions").glob("[0-9]*.py"))[:4]


def upgrade(engine: Engine) -> None:
    """Run every migration that is missing, all in one transaction. A second call changes nothing.

    A SQLite file is copied first. Raises OurFault journal.too-new when the database was written by a later version of
    the gateway, journal.migration-failed when a step failed: then everything is as it was before.
    """
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(ONE_AT_A_TIME)
        current = _revision(connection)
        if current == head() or (current is None and _made_at_once(connection)):
            return
        _take_steps(connection, current)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def _made_at_once(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite" or inspect(connection).get_table_names():
        return False
    for statement in AT_ONCE.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
    return True


def _take_steps(connection: Connection, current: str | None) -> None:
    from alembic.util import CommandError

    from gateway.store import migration_steps

    if current is not None and current not in migration_steps.revisions():
        raise OurFault("journal.too-new", value=current)
    try:
        if current is not None and connection.dialect.name == "sqlite":
            _copy_before(str(connection.engine.url.database or ""), current)
        migration_steps.take(connection)
    except (SQLAlchemyError, CommandError, RuntimeError, OSError, sqlite3.Error) as error:
        detail = f"{type(error).__name__}: {error}"[:300]
        raise OurFault("journal.migration-failed", revision=current or "-", detail=detail) from error


def _copy_before(database: str, revision: str) -> None:
    """Keep the file as it is beside it: journal.sqlite.before-0007. The newest such copy alone is kept."""
    path = Path(database)
    if not database or not path.is_file():
        return
    for old in path.parent.glob(f"{path.name}.before-*"):
        old.unlink()
    draft = path.with_name(f".{path.name}.before")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as reading, closing(sqlite3.connect(draft)) as writing:
        reading.backup(writing)
    draft.replace(path.with_name(f"{path.name}.before-{revision}"))
