"""The steps from one revision of the tables to the next: alembic, with the scripts that are shipped in the package."""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from gateway.store.migrate import SCRIPTS


def _settings() -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    return settings


def revisions() -> list[str]:
    """Return every revision that has a step, the last one first."""
    return [each.revision for each in ScriptDirectory.from_config(_settings()).walk_revisions()]


def take(connection: Connection, to: str = "head") -> None:
    """Take the steps that are missing, in the caller's transaction. Raises what alembic and the database raise."""
    settings = _settings()
    settings.attributes["connection"] = connection
    command.upgrade(settings, to)
