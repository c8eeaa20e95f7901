"""The writer holds no more than it may, and the journal's open work is found without reading all of it."""

import sqlite3
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from gateway.model.faults import OurFault
from gateway.store.blobs import FileBlobs
from gateway.store.database import open_database
from gateway.store.journal import SqlJournal
from gateway.store.tables import ARRIVAL_OPEN, MESSAGE_OPEN, PARCEL_OPEN
from gateway.store.writer import WAITING_WORKS, WORKS_PER_COMMIT, CommitFailed, DiskFailed, JournalBusy, Writer


def test_a_full_queue_refuses_at_once_and_recovers(tmp_path: Path) -> None:
    database = open_database(tmp_path / "j.sqlite")
    writer, started, gate = Writer(database.writer), Event(), Event()

    def hold(_: object) -> None:
        started.set()
        gate.wait(10)

    first = writer.submit(hold)
    assert started.wait(10)
    futures = [writer.submit(lambda _, n=n: n) for n in range(WAITING_WORKS)]
    with pytest.raises(JournalBusy) as caught:
        writer.submit(lambda _: None)
    assert (caught.value.code, caught.value.temporary) == ("journal.busy", True)
    assert writer.waiting == WAITING_WORKS
    gate.set()
    assert first.result(10) is None
    assert [each.result(10) for each in futures] == list(range(WAITING_WORKS))
    assert writer.commits == 1 + WAITING_WORKS // WORKS_PER_COMMIT
    writer.close()
    database.dispose()


def test_a_cancelled_work_is_not_run(tmp_path: Path) -> None:
    database = open_database(tmp_path / "j.sqlite")
    writer, started, gate, ran = Writer(database.writer), Event(), Event(), []

    def hold(_: object) -> None:
        started.set()
        gate.wait(10)

    writer.submit(hold)
    assert started.wait(10)
    cancelled = writer.submit(lambda _: ran.append("cancelled"))
    kept = writer.submit(lambda _: ran.append("kept"))
    assert cancelled.cancel()
    gate.set()
    kept.result(10)
    assert ran == ["kept"]
    writer.close()
    database.dispose()


def test_a_transaction_that_the_database_gave_up_fails_every_work_in_it(tmp_path: Path) -> None:
    database = open_database(tmp_path / "j.sqlite")
    writer, started, gate = Writer(database.writer), Event(), Event()

    def hold(connection: object) -> None:
        started.set()
        gate.wait(10)

    writer.submit(hold)
    assert started.wait(10)
    good = writer.submit(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)"))
    gone = writer.submit(lambda connection: connection.exec_driver_sql("ROLLBACK"))  # as SQLite does on a full disk
    after = writer.submit(lambda connection: connection.exec_driver_sql("CREATE TABLE u (x)"))
    gate.set()
    for each in (good, gone, after):
        error = each.exception(10)
        assert isinstance(error, OurFault)
        assert error.code == "journal.commit-failed"
    names = writer.submit(lambda c: c.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()).result(10)
    assert names == []
    writer.close()
    database.dispose()


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (f"SELECT id FROM arrival WHERE arrival.{ARRIVAL_OPEN} AND lane = ? ORDER BY seq LIMIT 9", "ix_arrival_open"),
        (f"SELECT id FROM message WHERE message.{MESSAGE_OPEN} AND lane = ? ORDER BY seq LIMIT 9", "ix_message_open"),
        (
            f"SELECT id FROM parcel WHERE parcel.{PARCEL_OPEN} AND next_at <= ? ORDER BY next_at, seq LIMIT 9",
            "ix_parcel_open",
        ),
        (f"SELECT count(*) FROM parcel WHERE parcel.{PARCEL_OPEN} AND 1 = ?", "ix_parcel_open"),
        (f"SELECT DISTINCT lane FROM message WHERE message.{MESSAGE_OPEN} AND next_at <= ?", "ix_message_open"),
    ],
)
def test_open_work_is_found_by_partial_indexes(tmp_path: Path, query: str, index: str) -> None:
    journal = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"))
    with journal.reader.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (1,)).all()
    steps = " / ".join(str(row[-1]) for row in plan)
    assert index in steps, steps
    assert "TEMP B-TREE FOR ORDER BY" not in steps
    journal.close()


def test_readers_refuse_to_write(tmp_path: Path) -> None:
    journal = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"))
    with journal.reader.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.execute(text("DELETE FROM arrival"))
    journal.close()


def test_a_disk_that_could_not_flush_ends_the_writer_although_the_next_flush_would_succeed(tmp_path: Path) -> None:
    database = open_database(tmp_path / "j.sqlite")

    def fail_once(when: str) -> None:
        if when == "before" and writer.commits == 1:
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
            raise error

    writer = Writer(database.writer, fail_once)
    writer.submit(lambda connection: connection.exec_driver_sql("CREATE TABLE t (x)")).result(10)
    lost = writer.submit(lambda connection: connection.exec_driver_sql("INSERT INTO t VALUES (1)")).exception(10)
    assert isinstance(lost, CommitFailed)
    with pytest.raises(DiskFailed) as caught:
        writer.submit(lambda connection: connection.exec_driver_sql("INSERT INTO t VALUES (2)")).result(10)
    assert (caught.value.code, caught.value.temporary) == ("journal.disk-failed", True)
    assert writer.commits == 1
    writer.close()
    database.dispose()


def test_a_database_that_goes_away_inside_a_work_is_told_as_what_may_be_tried_again(tmp_path: Path) -> None:
    database = open_database(tmp_path / "j.sqlite")
    writer = Writer(database.writer)

    def cut(_: object) -> None:
        raise OperationalError("SELECT 1", None, Exception("server closed the connection"), connection_invalidated=True)

    error = writer.submit(cut).exception(10)
    assert isinstance(error, CommitFailed)
    assert error.temporary
    writer.close()
    database.dispose()


def test_a_work_whose_transaction_ends_under_it_failed_by_the_commit_and_not_by_itself(tmp_path: Path) -> None:
    database = open_database(tmp_path / "j.sqlite")
    writer = Writer(database.writer)

    def cut(connection: Connection) -> None:  # what the driver's own cursor meets is no error of SQLAlchemy
        connection.connection.cursor().execute("ROLLBACK")
        raise ConnectionError("server closed the connection")

    error = writer.submit(cut).exception(10)
    assert isinstance(error, CommitFailed)
    assert error.temporary
    writer.close()
    database.dispose()
