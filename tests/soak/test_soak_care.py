"""Care of a journal at size and under load: moving it to PostgreSQL, backing it up while it works, many rows.

GATEWAY_SOAK_ROWS: messages of the large journal, where a shorter run is wanted.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))

from hosts_stage import Hosts

from gateway.store.audit_journal import check
from gateway.store.blobs import FileBlobs
from gateway.store.copying import move_to_postgres
from gateway.store.journal import SqlJournal
from tests.benchmarks import bench_journal_rows as rows
from tests.servers.postgres import PostgresServer, new_server

pytestmark = pytest.mark.soak

ROWS = int(os.environ.get("GATEWAY_SOAK_ROWS", "10000000"))
MOVED = 100_000
COUNTED = ("arrival", "message", "parcel", "event", "search_key", "payload")
CLAIM_MS = 2.0
DROP_S = 1.0


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    found = new_server()
    found.start()
    yield found
    found.remove()


def test_a_journal_of_a_hundred_thousand_messages_moves_whole(tmp_path: Path, server: PostgresServer) -> None:
    blobs = FileBlobs(tmp_path / "blobs")
    source = SqlJournal.open(tmp_path / "journal.sqlite", blobs)
    rows.fill_sqlite(tmp_path / "journal.sqlite", MOVED)
    url, start = server.fresh_database(), monotonic()
    told = dict(move_to_postgres(source.reader, url))
    taken = monotonic() - start
    with source.reader.connect() as here, psycopg.connect(url) as there:
        for table in COUNTED:
            count = here.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            assert there.execute(f"SELECT count(*) FROM {table}").fetchone() == (count,), table
            assert told[table] == count
    assert told["message"] == MOVED
    moved = SqlJournal.connect(url, blobs)
    broken = {each.rule for each in check(source.reader, blobs)}  # rows made in bulk are not all that a gateway writes
    assert {each.rule for each in check(moved.reader, blobs)} == broken
    print(f"moved {sum(told.values()):,} rows of {MOVED:,} messages in {taken:.0f} s")
    moved.close()
    source.close()


def test_a_backup_taken_under_load_holds_all_that_was_acknowledged_before_it(tmp_path: Path) -> None:
    shares = ((1, 60), (61, 120), (121, 180), (181, 240))
    hosts = Hosts(folder=tmp_path / "hosts", url=None)
    try:
        hosts.start("one")
        senders = hosts.feeding(shares, pause_s=0.05)
        backups: list[tuple[Path, set[int]]] = []
        for number in range(3):
            sleep(1.5)
            told = hosts.mail.answered()
            backups.append((tmp_path / f"backup-{number}", told))
            hosts.command("one", "backup", str(backups[-1][0]))
        for each in senders:
            each.join(120)
        hosts.await_answers(240, 120)
        hosts.audit(shares)
        hosts.stop_gently("one")
    finally:
        hosts.close()
    for folder, told in backups:
        restored = folder.with_name(f"restored-{folder.name}")
        hosts.command("one", "restore", str(folder), str(restored))
        journal = SqlJournal.open(restored / "var" / "journal.sqlite", FileBlobs(tmp_path / "unused"))
        with journal.reader.connect() as connection:
            found = connection.exec_driver_sql("SELECT transport_id FROM arrival WHERE transport_id LIKE 'order-%'")
            kept = {int(row.transport_id.removeprefix("order-")) for row in found}
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        journal.close()
        assert told <= kept, sorted(told - kept)
        print(f"{folder.name}: {len(told)} acknowledged before it began, {len(kept)} in it")
    assert any(len(told) < 240 for _, told in backups), "the load was over before the first backup"


def test_ten_million_messages_are_claimed_and_dropped_as_fast_as_few_on_sqlite(tmp_path: Path) -> None:
    found = rows.on_sqlite(tmp_path, ROWS)
    assert found[rows.CLAIM] < CLAIM_MS, found


def test_ten_million_messages_are_claimed_and_dropped_as_fast_as_few_on_postgresql(
    tmp_path: Path, server: PostgresServer
) -> None:
    found = rows.on_postgres(tmp_path, ROWS, server.fresh_database())
    assert found[rows.CLAIM] < CLAIM_MS, found
    assert found[rows.DROP] < DROP_S, found
