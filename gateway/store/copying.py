"""Copies of a whole journal: to another database, and to a file while others write."""

import sqlite3
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, text

from gateway.model.faults import OurFault
from gateway.store.database import open_database, open_postgres
from gateway.store.migrate import upgrade
from gateway.store.serials import sequence_of
from gateway.store.tables import metadata

PORTION = 500
_NUMBERED = ("interchange", "event", "activity", "case", "audit", "user")
_ORDERED = ("arrival", "parcel")


def move_to_postgres(source: Engine, url: str) -> Iterator[tuple[str, int]]:
    """Copy every table to the database at url, all in one transaction; yield table and row count after each.

    Raises OurFault journal.not-empty when the target holds anything already, journal.unreachable.
    """
    target = open_postgres(url)
    try:
        upgrade(target.writer)
        with source.connect() as reading, target.writer.begin() as writing:
            yield from _copy(reading, writing)
            _set_sequences(writing)
    finally:
        target.dispose()


def copy_to_file(source: Engine, path: Path) -> None:
    """Write a consistent copy of the journal behind source, of either kind, to a new SQLite file."""
    if source.dialect.name == "sqlite":
        _copy_sqlite(str(source.url.database), path)
        return
    target = open_database(path)
    try:
        upgrade(target.writer)
        with source.connect() as reading, target.writer.begin() as writing:
            for _ in _copy(reading, writing):
                pass
    finally:
        target.dispose()


def _copy_sqlite(source: str, path: Path) -> None:
    """SQLite's own online backup: it follows what is written meanwhile."""
    reading, writing = sqlite3.connect(source), sqlite3.connect(path)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
    finally:
        writing.close()
        reading.close()


def _copy(reading: Connection, writing: Connection) -> Iterator[tuple[str, int]]:
    for table in metadata.sorted_tables:
        if writing.execute(select(func.count()).select_from(table)).scalar_one():
            raise OurFault("journal.not-empty", value=table.name)
    for table in metadata.sorted_tables:
        count = 0
        rows = reading.execution_options(stream_results=True).execute(select(table)).mappings()
        while portion := [dict(row) for row in islice(rows, PORTION)]:
            writing.execute(insert(table), portion)
            count += len(portion)
        yield table.name, count


def _set_sequences(writing: Connection) -> None:
    numbered = [(f'"{name}"', "id", f"{name}_id_seq") for name in _NUMBERED]
    for table, column, sequence in (*numbered, *((name, "seq", sequence_of(name)) for name in _ORDERED)):
        writing.execute(
            text(f"SELECT setval('{sequence}', greatest((SELECT max({column}) FROM {table}), 1))")  # noqa: S608 - own names
        )
