"""The journal as another process of ours sees it that only reads: no writer, no migration, no thread."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from gateway.ports.journal import Tx
from gateway.store.blobs import MemoryBlobs
from gateway.store.database import open_database, open_postgres
from gateway.store.journal import SqlTx

T = TypeVar("T")


class ReadJournal:
    """address: path of a SQLite file of this machine, or the URL of a PostgreSQL database without its password."""

    def __init__(self, address: str) -> None:
        self._database = open_postgres(address) if "://" in address else open_database(Path(address))

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run work on a snapshot; the database refuses what it would write. Payloads in files are out of its reach."""
        with self._database.reader.begin() as connection:
            return work(SqlTx(connection, MemoryBlobs(), reading=True))

    def close(self) -> None:
        self._database.dispose()
