"""Copies of a whole journal: to another database, and to a file while others write."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, Table, func, insert, select, text

from gateway.model.faults import OurFault
from gateway.store.archive import open_archive
from gateway.store.database import insert_for, open_database, open_postgres
from gateway.store.migrate import upgrade
from gateway.store.serials import sequence_of
from gateway.store.tables import metadata

PORTION = 500
TOLD_EVERY = 10_000
_ARCHIVED = ("payload", "arrival", "interchange", "message", "parcel", "effect", "event")
_ORDERED = ("arrival", "parcel")


def move_to_postgres(source: Engine, url: str, archives: Sequence[Path] = ()) -> Iterator[tuple[str, int]]:
    """Copy every table, and the archive files of earlier months, to the database at url, all in one transaction.

    Yields table and rows so far, every TOLD_EVERY rows and at its end; of an archive file its name and all its rows.
    Raises OurFault journal.not-empty when the target holds anything already, journal.unreachable.
    """
    target = open_postgres(url)
    try:
        upgrade(target.writer)
        with source.connect() as reading, target.writer.begin() as writing:
            yield from _copy(reading, writing)
            _set_sequences(writing)
            for path in archives:
                yield path.name, _copy_archive(path, writing)
            _set_sequences(writing)
    finally:
        target.dispose()


def _copy_archive(path: Path, writing: Connection) -> int:
    """Add the rows of an archive file. Payloads may be there already; events are numbered anew, nothing names them."""
    count = 0
    engine = open_archive(path)
    with engine.connect() as reading:
        for table in (metadata.tables[name] for name in _ARCHIVED):
            adding = insert_for("postgresql", table)
            for rows in _portions(reading, table):
                if table.name == "event":
                    rows = [{name: row[name] for name in row if name != "id"} for row in rows]
                writing.execute(adding.on_conflict_do_nothing() if table.name == "payload" else adding, rows)
                count += len(rows)
    engine.dispose()
    return count


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
        for rows in _portions(reading, table):
            writing.execute(insert(table), rows)
            count += len(rows)
            if count % TOLD_EVERY == 0:
                yield table.name, count
        yield table.name, count


def _portions(reading: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    rows = reading.execution_options(stream_results=True).execute(select(table)).mappings()
    while portion := [dict(row) for row in islice(rows, PORTION)]:
        yield portion


def _set_sequences(writing: Connection) -> None:
    numbered = [
        (f'"{table.name}"', "id", f"{table.name}_id_seq")
        for table in metadata.sorted_tables
        if "id" in table.c and isinstance(table.c.id.type, BigInteger)
    ]
    for table, column, sequence in (*numbered, *((name, "seq", sequence_of(name)) for name in _ORDERED)):
        writing.execute(
            text(f"SELECT setval('{sequence}', greatest((SELECT max({column}) FROM {table}), 1))")  # noqa: S608 - own names
        )
