"""SQLite: finished months leave the journal for files of their own, one a month, which stay readable.

A month is copied, compared value by value with what the journal still holds, and only then deleted from it, in
portions that leave the writer its turn. A crash at any point is made good by the next round: copying again adds what
is missing, deleting goes on where it stopped. What is not finished, or waits for a person, stays where it is.
"""

# ruff: noqa: S608 - names and conditions are our own, values are parameters

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from gateway.model.faults import OurFault
from gateway.store import units
from gateway.store.blobs import ROW_LIMIT_BYTES
from gateway.store.database import open_database
from gateway.store.migrate import head, upgrade
from gateway.store.months import bounds, name_of
from gateway.store.retention_rules import ARRIVAL_FINISHED, MESSAGE_FINISHED, PARCEL_FINISHED, Keeping

SUFFIX = ".sqlite"
BUSY_MS = 30_000

_ARRIVALS = (
    f"SELECT a.id FROM live.arrival a WHERE a.id >= :lo AND a.id < :hi AND {ARRIVAL_FINISHED} AND NOT EXISTS"
    f" (SELECT 1 FROM live.message m WHERE m.arrival = a.id AND NOT {MESSAGE_FINISHED})"
)
_PARCELS = f"SELECT p.id FROM live.parcel p WHERE p.id >= :lo AND p.id < :hi AND {PARCEL_FINISHED}"
_DIGESTS = units.DIGESTS["sqlite"].format(
    s="live.", a="a.id IN (SELECT id FROM unit_arrival)", p="p.id IN (SELECT id FROM unit_parcel)"
)
_CHOSEN = (
    ("unit_arrival", _ARRIVALS),
    ("unit_parcel", _PARCELS),
    ("unit_message", "SELECT id FROM live.message WHERE arrival IN (SELECT id FROM unit_arrival)"),
    ("unit", "SELECT id FROM unit_arrival UNION SELECT id FROM unit_parcel UNION SELECT id FROM unit_message"),
    ("digest", _DIGESTS),
)
# Table, its rows among the chosen ones, and its key; in the order of their references.
_COPIED = (
    ("payload", "sha256 IN (SELECT sha256 FROM digest)", ("sha256",)),
    ("arrival", "id IN (SELECT id FROM unit_arrival)", ("id",)),
    ("interchange", "arrival IN (SELECT id FROM unit_arrival)", ("id",)),
    ("message", "id IN (SELECT id FROM unit_message)", ("id",)),
    ("parcel", "id IN (SELECT id FROM unit_parcel)", ("id",)),
    ("effect", "message IN (SELECT id FROM unit_message)", ("message", "kind", "key")),
    ("event", "subject IN (SELECT id FROM unit)", ("id",)),
)


def has_finished(connection: Connection, month: int) -> bool:
    """Tell whether the journal holds anything of month that can be moved away."""
    low, high = bounds(month)
    for query in (_ARRIVALS, _PARCELS):
        if connection.execute(text(query.replace("live.", "")).bindparams(lo=low, hi=high)).first() is not None:
            return True
    return False


def path_of(folder: Path, month: int) -> Path:
    """Return the archive file of month."""
    return folder / f"{name_of(month)}{SUFFIX}"


def months(folder: Path) -> list[int]:
    """Return the months that have an archive file, the oldest first."""
    found = []
    for path in folder.glob(f"????_??{SUFFIX}") if folder.is_dir() else ():
        year, _, number = path.stem.partition("_")
        if year.isdigit() and number.isdigit():
            found.append(int(year) * 12 + int(number) - 1)
    return sorted(found)


def bring_up_to_date(path: Path) -> None:
    """Make the archive file or migrate it; it is one file afterwards, nothing beside it."""
    database = open_database(path)
    try:
        upgrade(database.writer)
    finally:
        database.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def open_archive(path: Path) -> Engine:
    """Return an engine that only reads the archive file, brought up to date when a later version first reads it."""
    if _revision(path) != head():
        bring_up_to_date(path)
    address = URL.create("sqlite+pysqlite", database=f"file:{path.absolute()}", query={"mode": "ro", "uri": "true"})
    return create_engine(address, poolclass=NullPool)


def _revision(path: Path) -> str | None:
    with closing(sqlite3.connect(path, timeout=BUSY_MS / 1000)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def copy_month(live: Path, path: Path, month: int) -> tuple[list[str], list[str]]:
    """Copy what is finished of month to the file at path and compare it; return ids of arrivals and parcels.

    Raises OurFault journal.archive-differs: nothing may be deleted then.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    bring_up_to_date(path)
    low, high = bounds(month)
    with _beside(path, live) as connection:
        connection.execute("BEGIN IMMEDIATE")
        for name, query in _CHOSEN:
            made = query.replace(":lo", f"'{low}'").replace(":hi", f"'{high}'")
            connection.execute(f"CREATE TEMP TABLE {name} AS {made}")
            connection.execute(f"CREATE INDEX temp.ix_{name} ON {name} ({'sha256' if name == 'digest' else 'id'})")
        for table, chosen, _ in _COPIED:
            columns = ", ".join(_columns(connection, table))
            connection.execute(
                f"INSERT OR IGNORE INTO main.{table} ({columns}) SELECT {columns} FROM live.{table} WHERE {chosen}"
            )
        connection.execute("COMMIT")
        for table, chosen, key in _COPIED:
            _compare(connection, table, chosen, key)
        if (found := connection.execute("PRAGMA main.quick_check(1)").fetchone()[0]) != "ok":
            raise OurFault("journal.archive-differs", value=path.name, table=str(found)[:200])
        return (
            [row[0] for row in connection.execute("SELECT id FROM unit_arrival ORDER BY id")],
            [row[0] for row in connection.execute("SELECT id FROM unit_parcel ORDER BY id")],
        )


@dataclass(frozen=True, slots=True)
class Thinned:
    """What thin did. subjects: ids of arrivals, messages and parcels that are gone; units: how many arrivals and
    parcels that were; left: how many stay; large: digests of payloads that the file no longer names and whose bytes
    are blobs."""

    subjects: list[str]
    units: int
    left: int
    large: set[str]


def thin(live: Path, path: Path, month: int, keep: Keeping) -> Thinned:
    """Take out of an archive file what nothing keeps; without anything left the file itself goes.

    keep: made with holds="live.legal_hold".
    """
    bring_up_to_date(path)
    engine = create_engine(URL.create("sqlite+pysqlite", database=str(path)))
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql("ATTACH DATABASE ? AS live", (str(live),))
            found = _delete_past(connection, keep, month)
            connection.commit()
    finally:
        engine.dispose()
    if not found.left:
        path.unlink()
    elif found.units:
        with closing(sqlite3.connect(path, isolation_level=None)) as plain:
            plain.execute("VACUUM")
    return found


def _delete_past(connection: Connection, keep: Keeping, month: int) -> Thinned:
    arrivals, parcels = units.past(connection, keep, bounds(month))
    subjects = [*arrivals, *parcels]
    for portion in units.portions(arrivals):
        inside = "SELECT id FROM main.message WHERE arrival IN :ids"
        subjects += connection.execute(units.listed(inside, {"ids": portion}), {"ids": portion}).scalars()
        units.delete_arrivals(connection, portion, None)
    for portion in units.portions(parcels):
        units.delete_parcels(connection, portion)
    used = units.DIGESTS["sqlite"].format(s="main.", a="1 = 1", p="1 = 1")
    gone = connection.execute(
        text(f"DELETE FROM main.payload WHERE sha256 NOT IN ({used}) RETURNING sha256, size_bytes")
    ).all()
    left = text("SELECT (SELECT count(*) FROM main.arrival) + (SELECT count(*) FROM main.parcel)")
    return Thinned(
        subjects=subjects,
        units=len(arrivals) + len(parcels),
        left=int(connection.execute(left).scalar_one()),
        large={str(row[0]) for row in gone if row[1] > ROW_LIMIT_BYTES},
    )


@contextmanager
def _beside(path: Path, live: Path) -> Iterator[sqlite3.Connection]:
    """Open the archive file with the journal attached, for reading."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("ATTACH DATABASE ? AS live", (str(live),))
        yield connection


def _columns(connection: sqlite3.Connection, table: str) -> list[str]:
    return [f'"{row[1]}"' for row in connection.execute(f"PRAGMA main.table_info({table})")]


def _compare(connection: sqlite3.Connection, table: str, chosen: str, key: tuple[str, ...]) -> None:
    columns = _columns(connection, table)
    same = " AND ".join(f"x.{name} IS l.{name}" for name in columns if name != '"month"')
    keys = " AND ".join(f"x.{name} = l.{name}" for name in key)
    missing = connection.execute(
        f"SELECT count(*) FROM (SELECT * FROM live.{table} WHERE {chosen}) l"
        f" WHERE NOT EXISTS (SELECT 1 FROM main.{table} x WHERE {keys} AND {same})"
    ).fetchone()[0]
    if missing:
        raise OurFault("journal.archive-differs", value=str(missing), table=table)
