"""The journal over SQL: every write through one group-commit thread, every read on a snapshot of its own."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from gateway.model.faults import OurFault
from gateway.model.payload import Payload
from gateway.ports.journal import Journal, Tx
from gateway.ports.shell import Blobs
from gateway.store.blobs import ROW_LIMIT_BYTES, MemoryBlobs
from gateway.store.database import Database, JournalAway, open_database, open_memory, open_postgres
from gateway.store.legal_holds import LegalHoldsTx
from gateway.store.liveness import NodeSession
from gateway.store.migrate import upgrade
from gateway.store.tx_bulk import BulkTx
from gateway.store.tx_effects import EffectsTx
from gateway.store.tx_holds import HoldsTx
from gateway.store.tx_import import ImportTx
from gateway.store.tx_nodes import NodesTx
from gateway.store.tx_time import TimeTx
from gateway.store.writer import Kind, Writer

S = TypeVar("S")
T = TypeVar("T")

DECIDING = "SELECT pg_advisory_xact_lock(1162103111)"  # the turn: held to the end of the transaction
WRITE_WAIT_S = 30.0  # how long write() waits for room; submit() never waits


class SqlTx(HoldsTx, EffectsTx, BulkTx, TimeTx, NodesTx, LegalHoldsTx, ImportTx):
    """One open transaction on the journal. connection: for other modules of the store."""


class SqlJournal:
    """ports.Journal on SQLAlchemy. Thread-safe; several processes may open one file, writes then wait for each other.

    on_commit: called with "before" and "after" around each commit; tests plant crashes there.
    """

    def __init__(self, database: Database, blobs: Blobs, on_commit: Callable[[str], None] | None = None) -> None:
        self._database = database
        self._blobs = blobs
        self._session: NodeSession | None = None
        # Hot statements run on the driver's own cursor, whose errors SQLAlchemy does not wrap.
        driver = database.reader.dialect.loaded_dbapi.OperationalError
        self._away: tuple[type[BaseException], ...] = (OperationalError, driver) if database.several_writers else ()
        upgrade(database.writer)
        self._writer = Writer(database.writer, on_commit)
        # Deciding reads stock and orders and writes them: one such transaction at a time, over all nodes. On SQLite
        # every writer is the only one; on PostgreSQL a thread of its own waits for the turn, not the accepting one.
        self._deciding = Writer(database.writer, on_commit, DECIDING) if database.several_writers else self._writer

    @classmethod
    def open(cls, path: Path, blobs: Blobs, on_commit: Callable[[str], None] | None = None) -> "SqlJournal":
        """Open or create the SQLite file at path and bring its tables up to date.

        Raises OurFault journal.not-durable, journal.too-new; journal.unusable when the file cannot be written, is
        damaged or is no journal.
        """
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return cls(open_database(path), blobs, on_commit)
        except (OSError, DBAPIError) as error:
            detail = str(error.orig) if isinstance(error, DBAPIError) else error.strerror or type(error).__name__
            raise OurFault("journal.unusable", value=str(path), detail=detail[:300]) from error

    @classmethod
    def connect(cls, url: str, blobs: Blobs, on_commit: Callable[[str], None] | None = None) -> "SqlJournal":
        """Open the PostgreSQL database at url and bring its tables up to date; several nodes may share it.

        Raises OurFault journal.unreachable, journal.not-durable, journal.too-new.
        """
        return cls(open_postgres(url), blobs, on_commit)

    @classmethod
    def in_memory(cls) -> "SqlJournal":
        """Return a journal that ends with the process: for tests and dry runs."""
        return cls(open_memory(), MemoryBlobs())

    @property
    def reader(self) -> Engine:
        """Read-only connections, for gateway.store.views."""
        return self._database.reader

    @property
    def commits(self) -> int:
        return sum(each.commits for each in self._writers)

    @property
    def _writers(self) -> set[Writer]:
        return {self._writer, self._deciding}

    @property
    def waiting(self) -> int:
        """Works queued for the writer: what back-pressure at the edge looks at."""
        return sum(each.waiting for each in self._writers)

    @property
    def blobs(self) -> Blobs:
        return self._blobs

    row_limit_bytes = ROW_LIMIT_BYTES

    def keep_payload(self, payload: Payload) -> None:
        """Make a payload above row_limit_bytes durable before the transaction that refers to it. Blocks on the disk."""
        self._blobs.put(payload)

    def announce(self, node_id: str) -> Callable[[str], bool]:
        """Hold a session with the database while this process lives; return how to ask whether another node does.

        On SQLite nobody can tell: every node counts as alive until it falls silent.
        """
        if not self._database.several_writers:
            return lambda _: True
        self._session = NodeSession(self._database.writer, node_id)
        return self._session.is_alive

    def decide(self, work: Callable[[Tx], T]) -> "Future[T]":
        """See ports.journal. Raises as submit does."""
        return self._deciding.submit(partial(self._run, work))

    def submit(self, work: Callable[[Tx], T]) -> "Future[T]":
        """See ports.journal. Never blocks. Raises JournalBusy (code journal.busy), OurFault journal.closed."""
        return self._writer.submit(partial(self._run, work))

    def take(self, works: Callable[[Tx, Sequence[S]], Sequence[T]], item: S) -> "Future[T]":
        """See ports.journal. Raises as submit does."""

        def together(connection: Connection, items: Sequence[S]) -> Sequence[T]:
            return self._run(lambda tx: works(tx, items), connection)

        return self._writer.submit(lambda connection: together(connection, [item])[0], kind=Kind(works, together, item))

    def _run(self, work: Callable[[Tx], T], connection: Connection) -> T:
        tx = SqlTx(connection, self._blobs)
        found = work(tx)
        tx.flush()
        return found

    def write(self, work: Callable[[Tx], T]) -> T:
        """submit and wait, for room in the queue too. Inside another work it is refused: the writer would wait for
        itself."""
        return self._written(partial(self._run, work))

    def _written(self, work: Callable[[Connection], T]) -> T:
        if any(each.is_current_thread for each in self._writers):
            raise RuntimeError("a work may not wait for another work: both run in the writer's thread")
        result: T = self._writer.submit(work, WRITE_WAIT_S).result()
        return result

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run work on a snapshot; the database refuses what it would write. Raises JournalAway (journal.away)."""
        if self._database.shared:
            return self._written(lambda connection: self._read_only(connection, work))
        try:
            with self._database.reader.begin() as connection:  # one snapshot for all that work reads
                return work(SqlTx(connection, self._blobs, reading=True))
        except self._away as error:
            raise JournalAway(error) from error

    def _read_only(self, connection: Connection, work: Callable[[Tx], T]) -> T:
        connection.exec_driver_sql("PRAGMA query_only=ON")
        try:
            return work(SqlTx(connection, self._blobs, reading=True))
        finally:
            connection.exec_driver_sql("PRAGMA query_only=OFF")

    def close(self) -> None:
        """Commit what is queued, then close every connection. A second call does nothing more."""
        for each in self._writers:
            each.close()
        if self._session is not None:
            self._session.close()
        self._database.dispose()


def _conforms(journal: SqlJournal, tx: SqlTx) -> tuple[Journal, Tx]:
    """The type checker compares both classes with their ports here."""
    return journal, tx
