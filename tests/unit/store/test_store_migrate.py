"""Migrations lead to the very tables that the code uses."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, create_engine, text

from gateway.model.faults import OurFault
from gateway.store import migrate, migration_steps
from gateway.store.database import open_database
from gateway.store.migrate import AT_ONCE, head, upgrade
from gateway.store.tables import metadata

TABLES = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    database = open_database(tmp_path / "journal.sqlite")
    yield database.writer
    database.dispose()


def definitions(engine: Engine) -> dict[str, str]:
    """Return the text of every table and index, as the database keeps it, without layout."""
    with engine.connect() as connection:
        found = connection.execute(
            text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name != 'alembic_version'")
        )
        return {name: " ".join(sql.replace(")", " ").split()) for name, sql in found}


def columns_in_any_order(sql: str) -> list[str]:
    return sorted(part.strip() for part in sql.split(","))


def take_steps(engine: Engine) -> None:
    with engine.begin() as connection:
        migration_steps.take(connection)


def test_an_empty_file_gets_at_once_what_the_steps_make(
    engine: Engine, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    stepped = open_database(tmp_path / "stepped.sqlite")
    take_steps(stepped.writer)
    with stepped.writer.connect() as connection:
        tables = connection.exec_driver_sql(TABLES).scalars().all()
    if pytestconfig.getoption("--update"):
        revision = f"INSERT INTO alembic_version (version_num) VALUES ('{head()}')"
        AT_ONCE.write_text("".join(f"{each};\n" for each in (*tables, revision)), encoding="utf-8")
    upgrade(engine)
    with engine.connect() as connection:
        assert (
            connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL").scalars().all() == tables
        )
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all() == [head()]
    stepped.dispose()


def test_the_last_file_of_steps_is_the_head() -> None:
    assert migration_steps.revisions()[0] == head()


def test_migrations_make_what_the_tables_module_says(engine: Engine) -> None:
    take_steps(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_partial_indexes_and_keys_are_the_same_in_both(engine: Engine) -> None:
    take_steps(engine)
    direct = create_engine("sqlite://")
    metadata.create_all(direct)
    migrated, wanted = definitions(engine), definitions(direct)
    assert migrated.keys() == wanted.keys()
    for name, sql in wanted.items():
        assert columns_in_any_order(migrated[name]) == columns_in_any_order(sql), name
    direct.dispose()


def test_a_second_upgrade_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    before = definitions(engine)
    upgrade(engine)
    assert definitions(engine) == before


def test_a_journal_of_a_later_version_is_refused(engine: Engine) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OurFault) as caught:
        upgrade(engine)
    assert caught.value.code == "journal.too-new"


def test_a_copy_that_cannot_be_made_stops_the_upgrade_with_a_word_and_changes_nothing(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0023'"))
    before = definitions(engine)
    (tmp_path / ".journal.sqlite.before").mkdir()  # in the way of the copy
    with pytest.raises(OurFault, match="migration-failed"):
        upgrade(engine)
    (tmp_path / ".journal.sqlite.before").rmdir()
    monkeypatch.setattr(migrate, "_copy_before", full_disk)
    with pytest.raises(OurFault, match="migration-failed"):
        upgrade(engine)
    assert definitions(engine) == before


def full_disk(database: str, revision: str) -> None:
    raise sqlite3.OperationalError("database or disk is full")
