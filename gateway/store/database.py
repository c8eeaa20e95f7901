"""Open the journal's database: one engine for the writer, one for readers, and what differs between dialects.

SQLite runs in WAL mode with synchronous=FULL: a commit that returned survives a power cut. Both are verified, because
a network drive or an old file may silently refuse them. PostgreSQL is told to wait for its disk (and its synchronous
standby) at every commit, whatever its configuration says; that fsync is on is verified.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from gateway.model.faults import OurFault

BUSY_TIMEOUT_MS = 30_000  # the command line may hold the write lock for a moment
WAL_KEPT_BYTES = 64 * 1024 * 1024
SYNCHRONOUS_FULL = 2


class JournalAway(OurFault):
    """The database did not answer. The same call may succeed later; partners are told to come back."""

    temporary = True

    def __init__(self, cause: BaseException) -> None:
        super().__init__("journal.away")
        self.__cause__ = cause


@dataclass(frozen=True, slots=True)
class Database:
    """writer: BEGIN IMMEDIATE, used by one thread. reader: own connections that cannot write.

    shared: both are the same connection (a database in memory), so that reads must run in the writer's thread.
    """

    writer: Engine
    reader: Engine
    shared: bool = False

    @property
    def several_writers(self) -> bool:
        """True where transactions of several threads and hosts write side by side."""
        return self.writer.dialect.name == "postgresql"

    def dispose(self) -> None:
        """Close every connection."""
        self.reader.dispose()
        self.writer.dispose()


def open_database(path: Path) -> Database:
    """Open or create the SQLite file at path.

    Raises OurFault journal.not-durable when the file system refuses WAL or synchronous=FULL.
    """
    url = URL.create("sqlite+pysqlite", database=str(path))
    writer = create_engine(url, pool_size=1, max_overflow=0)
    _on_connect(writer, {"journal_mode": "WAL", "synchronous": "FULL", "journal_size_limit": WAL_KEPT_BYTES})
    _on_begin(writer, "BEGIN IMMEDIATE")
    _verify(writer, path)
    reader = create_engine(url, pool_size=8, max_overflow=24)
    _on_connect(reader, {"query_only": "ON"})
    _on_begin(reader, "BEGIN")
    return Database(writer, reader)


_PATIENCE = {  # a cut line or a stopped peer is noticed within half a minute, not after the system's two hours
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "gateway",
}
_SESSION = "-c timezone=UTC -c synchronous_commit=on -c idle_in_transaction_session_timeout=60000 -c jit=off"
_CARE = "-c timezone=UTC -c synchronous_commit=on -c jit=off"
_READING = (  # without workers: starting two for one page costs more than they save, and it does so for everybody
    "-c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
    " -c max_parallel_workers_per_gather=0"
)


def open_postgres(url: str) -> Database:
    """Connect to a PostgreSQL database. url: as libpq takes it; a password comes from PGPASSWORD or ~/.pgpass.

    Raises OurFault journal.unreachable, or journal.not-durable when the server runs with fsync=off.
    """
    address = make_url(url).set(drivername="postgresql+psycopg")
    given = {**_PATIENCE, "options": _SESSION}
    writer = create_engine(address, pool_size=3, max_overflow=2, pool_pre_ping=True, connect_args=given)
    reading = {**_PATIENCE, "options": f"{_SESSION} {_READING}"}
    if address.query.get("target_session_attrs") == "read-write":  # no server gives that to a session that only reads
        reading["target_session_attrs"] = "primary"
    reader = create_engine(address, pool_size=4, max_overflow=16, pool_pre_ping=True, connect_args=reading)
    event.listen(reader, "handle_error", _tell_when_away)
    try:
        with writer.connect() as connection:
            fsync = connection.exec_driver_sql("SHOW fsync").scalar_one()
    except OperationalError as error:
        writer.dispose()
        raise OurFault("journal.unreachable", value=_shown(url), detail=str(error.orig)[:300]) from None
    if fsync != "on":
        writer.dispose()
        raise OurFault("journal.not-durable", value=_shown(url), mode="fsync", synchronous=str(fsync))
    return Database(writer, reader)


def _tell_when_away(met: ExceptionContext) -> JournalAway | None:
    """Whoever reads, through whatever module, meets one and the same fault while there is no connection to be had."""
    return JournalAway(met.original_exception) if met.is_disconnect or met.connection is None else None


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)


def open_memory() -> Database:
    """Return a new database that ends with the process: for tests and dry runs. Nothing in it is durable."""
    engine = create_engine("sqlite+pysqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    _on_connect(engine, {})
    _on_begin(engine, "BEGIN IMMEDIATE")
    return Database(engine, engine, shared=True)


def open_for_care(url: URL) -> Engine:
    """Return an engine of its own for housekeeping beside a journal in use, given the address of an open one.

    Foreign keys are not enforced on it: each would be looked up row by row. `journal check` verifies them.
    """
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_size=1, pool_pre_ping=True, connect_args={**_PATIENCE, "options": _CARE})
    engine = create_engine(url, pool_size=1, max_overflow=0)
    _on_connect(engine, {"synchronous": "FULL", "foreign_keys": "OFF"})
    _on_begin(engine, "BEGIN IMMEDIATE")
    return engine


def _on_connect(engine: Engine, pragmas: Mapping[str, str | int]) -> None:
    """Set up each new connection. The driver's own transactions are switched off: ours are explicit."""
    wiped = {"secure_delete": "ON"}  # what is erased stays in no free page: Debian's default, not all's
    every = {"busy_timeout": BUSY_TIMEOUT_MS, "foreign_keys": "ON", **wiped, **pragmas}

    def set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for name, value in every.items():
            cursor.execute(f"PRAGMA {name}={value}")
        cursor.close()

    event.listen(engine, "connect", set_up)


def _on_begin(engine: Engine, statement: str) -> None:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    event.listen(engine, "begin", begin)


def _verify(writer: Engine, path: Path) -> None:
    with writer.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    if mode != "wal" or synchronous != SYNCHRONOUS_FULL:
        writer.dispose()
        raise OurFault("journal.not-durable", value=str(path), mode=str(mode), synchronous=str(synchronous))


def insert_for(dialect: str, table: Table) -> sqlite.Insert:
    """Return the dialect's own INSERT, which knows ON CONFLICT. Both dialects spell the methods alike."""
    if dialect == "postgresql":
        other: Any = postgresql.insert(table)
        return other  # type: ignore[no-any-return]  # same methods, different class
    return sqlite.insert(table)
