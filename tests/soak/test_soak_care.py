"""Care of a journal at size and under load: moving it to PostgreSQL, backing it up while it works, many rows.

GATEWAY_SOAK_ROWS: messages of the large journal, where a shorter run is wanted.
"""

import os
import re
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import psycopg
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))

from hosts_stage import Hosts
from node_program import PARTNERS

from gateway.store.audit_journal import check
from gateway.store.blobs import FileBlobs
from gateway.store.copying import move_to_postgres
from gateway.store.journal import SqlJournal
from tests.benchmarks import bench_journal_rows as rows
from tests.servers.postgres import PostgresServer, new_server

pytestmark = pytest.mark.soak

ROWS = int(os.environ.get("GATEWAY_SOAK_ROWS", "10000000"))
MOVED = 100_000
WAVE = 10  # orders of one sender, one after the other
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


@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_a_backup_taken_under_load_is_brought_back_and_goes_on_with_nothing_lost_or_twice(
    tmp_path: Path, store: str, server: PostgresServer
) -> None:
    hosts = Hosts(folder=tmp_path / "hosts", url=server.fresh_database() if store == "postgresql" else None)
    try:
        hosts.start("one")
        with load(hosts) as shares:
            backups: list[tuple[Path, set[int]]] = []
            for number in range(2):
                sleep(3)
                backups.append((tmp_path / f"backup-{number}", hosts.mail.answered()))
                hosts.command("one", "backup", str(backups[-1][0]))
        hosts.await_answers(last_of(shares), 180)
        hosts.audit(shares)
        assert hosts.stop_gently("one") == 0
        for folder, told in backups:
            bring_back(hosts, folder, told, shares)
    finally:
        hosts.close()


@contextmanager
def load(hosts: Hosts) -> Iterator[list[tuple[int, int]]]:
    """Let four senders send wave after wave until the end of the block; give their shares, all sent by then."""
    shares: list[tuple[int, int]] = []
    enough = threading.Event()

    def waves() -> None:
        while not enough.is_set():
            first = last_of(shares) + 1
            wave = [(first + n * WAVE, first + n * WAVE + WAVE - 1) for n in range(4)]
            shares.extend(wave)
            for each in hosts.feeding(wave, pause_s=1.0):
                each.join(180)

    sender = threading.Thread(target=waves, daemon=True)
    sender.start()
    try:
        yield shares
    finally:
        enough.set()
        sender.join(180)


def last_of(shares: Sequence[tuple[int, int]]) -> int:
    return max((last for _, last in shares), default=0)


def bring_back(hosts: Hosts, backup: Path, told: set[int], shares: Sequence[tuple[int, int]]) -> None:
    """Restore, let the partners forget what the restored journal does not know of, let them send all they have again,
    and judge: with what was settled before the backup each order is answered once."""
    name = f"restored-{backup.name}"
    restored = hosts.folder / name
    hosts.command("one", "restore", str(backup), str(restored))
    kept, settled = known_to(restored)
    assert told <= kept, sorted(told - kept)
    before = hosts.box.rename(hosts.box.with_name(f"before-{name}"))
    for path in (path for partner in PARTNERS for path in (before / partner).glob("*")):
        found = re.search(rb"RFF\+ON:(PO-\d+)|UCI\+(R\d+)\+", path.read_bytes())
        if found and (found[1] or found[2]).decode() in settled:
            there = hosts.box / path.relative_to(before)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, there)
    hosts.box.mkdir(exist_ok=True)
    lines = [line for path in before.glob("taken-*") for line in path.read_text().splitlines()]
    (hosts.box / "taken-before").write_text("".join(f"{line}\n" for line in lines if int(line.split()[0]) in kept))
    hosts.ports = {name: hosts.ports["one"]}
    hosts.start(name)
    for each in hosts.feeding(shares):
        each.join(180)
    hosts.await_answers(last_of(shares), 180)
    sleep(2)  # whatever might still come twice
    hosts.audit(shares)
    assert hosts.stop_gently(name) == 0
    shutil.rmtree(hosts.box)
    before.rename(hosts.box)
    hosts.ports = {"one": hosts.ports[name]}
    print(f"{name}: {len(told)} acknowledged before it began, {len(kept)} in it, {len(settled)} answers settled")


def known_to(restored: Path) -> tuple[set[int], set[str]]:
    """Return the orders that a restored journal holds, and what those parcels are about that need not be sent again."""
    journal = SqlJournal.open(restored / "var" / "journal.sqlite", FileBlobs(restored / "var" / "blobs"))
    try:
        assert check(journal.reader, journal.blobs) == []
        with journal.reader.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            found = connection.exec_driver_sql("SELECT transport_id FROM arrival WHERE transport_id LIKE 'order-%'")
            kept = {int(row.transport_id.removeprefix("order-")) for row in found}
            done = connection.exec_driver_sql("SELECT about FROM parcel WHERE state IN ('sent', 'acked', 'accepted')")
            return kept, {str(row.about) for row in done}
    finally:
        journal.close()


def test_ten_million_messages_are_claimed_and_dropped_as_fast_as_few_on_sqlite(tmp_path: Path) -> None:
    found = rows.on_sqlite(tmp_path, ROWS)
    assert found[rows.CLAIM] < CLAIM_MS, found


def test_ten_million_messages_are_claimed_and_dropped_as_fast_as_few_on_postgresql(
    tmp_path: Path, server: PostgresServer
) -> None:
    found = rows.on_postgres(tmp_path, ROWS, server.fresh_database())
    assert found[rows.CLAIM] < CLAIM_MS, found
    assert found[rows.DROP] < DROP_S, found
