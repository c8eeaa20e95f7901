"""Bring a database's tables up to date: alembic, with the scripts that are shipped in the package."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from gateway.model.faults import OurFault

ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(1162103112)"  # several nodes may start together
SCRIPTS = Path(__file__).parent / "migrations"


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


@cache
def head() -> str | None:
    """Return the revision to which upgrade leads."""
    return ScriptDirectory.from_config(_settings()).get_current_head()


def upgrade(engine: Engine) -> None:
    """Run every migration that is missing, all in one transaction. A second call changes nothing.

    A SQLite file is copied first. Raises OurFault journal.too-new when the database was written by a later version of
    the gateway, journal.migration-failed when a step failed: then everything is as it was before.
    """
    settings = _settings()
    scripts = ScriptDirectory.from_config(settings)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(ONE_AT_A_TIME)
        current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head():
            return
        known = {script.revision for script in scripts.walk_revisions()}
        if current is not None and current not in known:
            raise OurFault("journal.too-new", value=current)
        if current is not None and engine.dialect.name == "sqlite":
            _copy_before(str(engine.url.database or ""), current)
        settings.attributes["connection"] = connection
        try:
            command.upgrade(settings, "head")
        except (SQLAlchemyError, CommandError, RuntimeError, OSError) as error:
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
