"""Bring a database's tables up to date: alembic, with the scripts that are shipped in the package."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

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

    Raises OurFault journal.too-new when the database was written by a later version of the gateway.
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
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
