"""A PostgreSQL server that dies: who asks is told to come back, and nobody is told that his document is at fault."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.model.faults import OurFault
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from gateway.store.views import Views
from gateway.store.writer import CommitFailed
from tests.servers.postgres import new_server

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def test_a_database_that_is_away_is_a_temporary_fault_of_ours_for_readers_and_writers(tmp_path: Path) -> None:
    server = new_server()
    server.start()
    try:
        journal = SqlJournal.connect(server.fresh_database(), FileBlobs(tmp_path / "blobs"))
        assert journal.read(lambda tx: tx.lanes_with_work(NOW)) == []
        Views(journal.reader).ping()
        server.kill()
        for _ in range(2):  # the first meets a connection that is open, the second makes one
            with pytest.raises(OurFault) as read:
                journal.read(lambda tx: tx.lanes_with_work(NOW))
            assert (read.value.code, read.value.temporary) == ("journal.away", True)
            with pytest.raises(CommitFailed):
                journal.write(lambda tx: tx.serial())
            with pytest.raises(OurFault) as viewed:
                Views(journal.reader).ping()
            assert (viewed.value.code, viewed.value.temporary) == ("journal.away", True)
        server.start()
        assert journal.read(lambda tx: tx.lanes_with_work(NOW)) == []
        journal.close()
    finally:
        server.remove()


def test_a_database_that_dies_inside_a_work_has_not_parked_the_document(tmp_path: Path) -> None:
    server = new_server()
    server.start()
    try:
        journal = SqlJournal.connect(server.fresh_database(), FileBlobs(tmp_path / "blobs"))

        def work(tx: object) -> None:
            server.kill()
            tx.serial()  # type: ignore[attr-defined]

        error = journal.decide(work).exception(30)
        assert isinstance(error, CommitFailed), error
        journal.close()
    finally:
        server.remove()
