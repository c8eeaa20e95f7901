"""Accept, group commit and crashes, on every journal."""

import json
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from journal_rows import NOW, Steps, an_arrival, rows, state_of, timeline

from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.payload import read_all
from gateway.ports.journal import Tx
from gateway.ports.records import Receipt
from gateway.store.blobs import ROW_LIMIT_BYTES, FileBlobs
from gateway.store.journal import SqlJournal
from gateway.store.writer import CommitFailed

RECEIPT = Receipt(status=200, headers=(("Message-ID", "<1@here>"),), body=b"MDN\x00\xff")


def test_an_arrival_is_kept_with_its_bytes_and_can_be_prepared(journal: SqlJournal, steps: Steps) -> None:
    arrival = an_arrival(b"UNB+1'", filename="a.edi", content_type="application/edifact")
    steps.accept(arrival)
    claim = steps.claim()
    (row,) = journal.write(lambda tx: tx.arrivals_to_prepare(claim, NOW, 10))
    assert (row.id, row.state, row.filename, row.received_at) == (arrival.id, "received", "a.edi", NOW)
    assert read_all(row.payload, 1000) == b"UNB+1'"
    assert row.payload.sha256 == arrival.payload.sha256


def test_the_same_key_and_bytes_again_get_the_first_receipt_and_change_nothing(journal: SqlJournal) -> None:
    first = an_arrival(dedupe_key="as2:a:b:1", receipt=RECEIPT)
    again = an_arrival(dedupe_key="as2:a:b:1", receipt=Receipt(status=200, headers=(), body=b"other"))
    assert journal.write(lambda tx: tx.add_arrival(first, "retailer", NOW)).outcome == "new"
    repeat = journal.write(lambda tx: tx.add_arrival(again, "retailer", NOW))
    assert (repeat.outcome, repeat.arrival_id, repeat.receipt) == ("repeat", first.id, RECEIPT)
    assert len(rows(journal, "arrival")) == 1
    assert timeline(journal, first.id) == ["received", "repeated"]


def test_the_same_key_with_other_bytes_is_kept_in_quarantine(journal: SqlJournal) -> None:
    first = an_arrival(b"one", dedupe_key="as2:a:b:1")
    other = an_arrival(b"two", dedupe_key="as2:a:b:1")
    journal.write(lambda tx: tx.add_arrival(first, "retailer", NOW))
    clash = journal.write(lambda tx: tx.add_arrival(other, "retailer", NOW))
    assert (clash.outcome, clash.arrival_id) == ("clash", other.id)
    assert state_of(journal, "arrival", other.id) == "quarantined"
    (row,) = rows(journal, "arrival", id=other.id)
    assert json.loads(row["fault"])["code"] == "journal.dedupe-clash"
    (case,) = rows(journal, "case")
    assert (case["account"], case["code"], case["subject"]) == ("retailer", "journal.dedupe-clash", first.id)


def test_arrivals_without_a_key_are_never_repeats(journal: SqlJournal, steps: Steps) -> None:
    steps.accept(an_arrival(b"same"))
    steps.accept(an_arrival(b"same"))
    assert len(rows(journal, "arrival")) == 2
    assert len(rows(journal, "payload")) == 1


def test_an_unopened_arrival_is_quarantined_and_leaves_its_key_to_a_better_one(journal: SqlJournal) -> None:
    shut = an_arrival(b"sealed", dedupe_key="as2:a:b:2", fault=Finding(code="as2.decryption-failed"))
    later = an_arrival(b"sealed", dedupe_key="as2:a:b:2")
    assert journal.write(lambda tx: tx.add_arrival(shut, "retailer", NOW)).outcome == "new"
    assert state_of(journal, "arrival", shut.id) == "quarantined"
    assert journal.write(lambda tx: tx.add_arrival(later, "retailer", NOW)).outcome == "new"
    assert state_of(journal, "arrival", later.id) == "received"


def test_a_flood_of_unopened_arrivals_is_one_case(journal: SqlJournal, steps: Steps) -> None:
    for n in range(3):
        steps.accept(an_arrival(b"%d" % n, fault=Finding(code="as2.decryption-failed")))
    steps.accept(an_arrival(b"test", fault=Finding(code="as2.decryption-failed"), test=True))
    (case,) = rows(journal, "case")
    assert (case["code"], case["subject"], case["times"]) == ("as2.decryption-failed", "as2", 3)


def test_a_large_payload_is_kept_outside_its_row_and_read_back_whole(journal: SqlJournal, steps: Steps) -> None:
    data = b"x" * (ROW_LIMIT_BYTES + 1)
    steps.accept(an_arrival(data))
    (kept,) = rows(journal, "payload")
    assert kept["data"] is None
    claim = steps.claim()
    (row,) = journal.write(lambda tx: tx.arrivals_to_prepare(claim, NOW, 10))
    assert read_all(row.payload, len(data)) == data


def test_a_work_that_raises_leaves_no_trace_and_harms_no_other(journal: SqlJournal) -> None:
    def broken(tx: Tx) -> None:
        tx.add_arrival(an_arrival(b"lost"), "retailer", NOW)
        raise LookupError("planned")

    before = journal.commits
    journal.submit(lambda tx: __import__("time").sleep(0.2))  # so that the others queue up behind it
    first = journal.submit(lambda tx: tx.add_arrival(an_arrival(b"first"), "retailer", NOW))
    failing = journal.submit(broken)
    last = journal.submit(lambda tx: tx.add_arrival(an_arrival(b"last"), "retailer", NOW))
    assert isinstance(failing.exception(), LookupError)
    kept = {first.result().arrival_id, last.result().arrival_id}
    assert {row["id"] for row in rows(journal, "arrival")} == kept
    assert journal.commits - before <= 3  # the three shared one commit (a read in memory is one more)


def test_a_failed_commit_fails_every_future_and_keeps_nothing(tmp_path: Path) -> None:
    broken = [False]

    def crash(moment: str) -> None:
        if broken[0] and moment == "before":
            raise OSError("disk full")

    journal = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"), crash)
    broken[0] = True
    futures = [journal.submit(lambda tx: tx.add_arrival(an_arrival(), "retailer", NOW)) for _ in range(3)]
    assert all(isinstance(each.exception(), CommitFailed) for each in futures)
    broken[0] = False
    assert rows(journal, "arrival") == []
    assert journal.write(lambda tx: tx.add_arrival(an_arrival(), "retailer", NOW)).outcome == "new"
    journal.close()


def test_an_unknown_outcome_is_told_as_failure_and_the_dedupe_key_knows_better(tmp_path: Path) -> None:
    broken = [False]

    def crash(moment: str) -> None:
        if broken[0] and moment == "after":
            raise OSError("gone after the commit")

    journal = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"), crash)
    broken[0] = True
    arrival = an_arrival(dedupe_key="k")
    with pytest.raises(CommitFailed):
        journal.write(lambda tx: tx.add_arrival(arrival, "retailer", NOW))
    broken[0] = False
    assert journal.write(lambda tx: tx.add_arrival(arrival, "retailer", NOW)).outcome == "repeat"
    journal.close()


def test_a_read_cannot_write(journal: SqlJournal) -> None:
    with pytest.raises(Exception, match=r"read-?only"):
        journal.read(lambda tx: tx.serial())
    assert journal.write(lambda tx: tx.serial()) == 1


def test_a_work_that_would_wait_for_itself_is_refused(journal: SqlJournal) -> None:
    with pytest.raises(RuntimeError, match="writer's thread"):
        journal.write(lambda tx: journal.write(lambda other: other.serial()))
    assert journal.write(lambda tx: tx.serial()) == 1


def test_a_read_sees_one_moment_while_others_write(tmp_path: Path) -> None:
    journal = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"))

    def look_twice(tx: Tx) -> tuple[int, int]:
        before = tx.open_work()
        journal.write(lambda other: other.add_arrival(an_arrival(), "retailer", NOW))
        return before, tx.open_work()

    assert journal.read(look_twice) == (0, 0)
    assert journal.read(lambda tx: tx.open_work()) == 1
    journal.close()


def test_a_closed_journal_takes_nothing_and_says_so(journal: SqlJournal) -> None:
    last = journal.submit(lambda tx: tx.serial())
    journal.close()
    assert last.result() == 1
    with pytest.raises(OurFault) as caught:
        journal.submit(lambda tx: tx.serial())
    assert caught.value.code == "journal.closed"
    journal.close()


def test_counters_are_unique_and_gap_free_under_eight_threads(journal: SqlJournal) -> None:
    def take(n: int) -> tuple[int, str]:
        return journal.write(lambda tx: (tx.serial(), tx.control_reference(f"partner-{n % 2}")))

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(200)))
    assert sorted(serial for serial, _ in taken) == list(range(1, 201))
    for kind in (0, 1):
        references = [int(reference) for n, (_, reference) in enumerate(taken) if n % 2 == kind]
        assert sorted(references) == list(range(1, 101))


def test_a_serial_is_taken_back_with_its_transaction(journal: SqlJournal) -> None:
    def broken(tx: Tx) -> None:
        tx.serial()
        raise LookupError("planned")

    with pytest.raises(LookupError):
        journal.write(broken)
    assert journal.write(lambda tx: tx.serial()) == 1


CHILD = """
    import os, sys
    from pathlib import Path
    from gateway.store.blobs import FileBlobs
    from gateway.store.journal import SqlJournal
    from journal_rows import NOW, an_arrival

    folder, at, commits = Path(sys.argv[1]), sys.argv[2], [0]

    def crash(moment):
        commits[0] += moment == "after"
        if commits[0] == 5 and moment == at or commits[0] > 5:
            os._exit(137)

    journal = SqlJournal.open(folder / "j.sqlite", FileBlobs(folder / "blobs"), crash)
    for n in range(50):
        arrival = an_arrival(b"%d" % n, id=f"child-{n}", dedupe_key=f"key-{n}")
        journal.write(lambda tx: tx.add_arrival(arrival, "retailer", NOW))
        print(arrival.id, flush=True)
"""


@pytest.mark.parametrize("at", ["before", "after"])
def test_a_killed_process_loses_nothing_that_it_acknowledged(tmp_path: Path, at: str) -> None:
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(tmp_path), at],
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parents[2]}"},
    )
    assert child.returncode == 137, child.stderr
    acknowledged = child.stdout.split()
    assert acknowledged
    assert len(acknowledged) < 50
    journal = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"))
    kept = {row["id"] for row in rows(journal, "arrival")}
    assert kept >= set(acknowledged)
    assert len(kept) - len(acknowledged) <= 1  # committed, but killed before it could say so
    for key in acknowledged:
        again = an_arrival(key.removeprefix("child-").encode(), dedupe_key=f"key-{key.removeprefix('child-')}")
        assert journal.write(lambda tx, again=again: tx.add_arrival(again, "retailer", NOW)).outcome == "repeat"
    journal.close()


LOAD = """
    import sys
    from concurrent.futures import ThreadPoolExecutor
    from decimal import Decimal
    from pathlib import Path
    from gateway.model.effects import StockMoved
    from gateway.store.blobs import FileBlobs
    from gateway.store.journal import SqlJournal
    from journal_rows import NOW, an_arrival

    folder, first = Path(sys.argv[1]), int(sys.argv[2])
    journal = SqlJournal.open(folder / "j.sqlite", FileBlobs(folder / "blobs"))

    def both(tx, n):
        tx.add_arrival(an_arrival(b"%d" % n, id=f"load-{n}", dedupe_key=f"key-{n}"), "retailer", NOW)
        one = StockMoved(key="1", gtin="1", location="1", measure="on_hand", delta=Decimal(1), reason="", reference="")
        tx.write_effects(f"load-{n}", [one], NOW, test=False)

    def caller(share):
        for n in range(first + share, 1_000_000, 16):
            journal.write(lambda tx: both(tx, n))
            sys.stdout.write(f"load-{n}\\n")
            sys.stdout.flush()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(caller, range(16)))
"""


def test_kills_under_load_lose_nothing_acknowledged_and_double_no_effect(tmp_path: Path) -> None:
    acknowledged: set[str] = set()
    for turn in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(LOAD), str(tmp_path), str(turn * 100_000)],
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parents[2]}"},
        ) as child:
            assert child.stdout is not None
            for _ in range(100 + 37 * turn):
                acknowledged.add(child.stdout.readline().strip())
            child.kill()
            acknowledged.update(line.strip() for line in child.stdout if line.endswith("\n"))
    journal = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"))
    kept = {row["id"] for row in rows(journal, "arrival")}
    assert len(acknowledged) > 500
    assert kept >= acknowledged
    (stock,) = rows(journal, "stock")
    assert stock["on_hand"] == 1000 * len(kept)  # whole transactions only: each arrival with its one effect
    assert {row["message"] for row in rows(journal, "effect")} == kept
    journal.close()


def test_two_processes_may_hold_one_file(tmp_path: Path) -> None:
    server = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"))
    command = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"))
    with ThreadPoolExecutor(2) as pool:
        taken = list(pool.map(lambda j: [j.write(lambda tx: tx.serial()) for _ in range(50)], (server, command)))
    assert sorted(taken[0] + taken[1]) == list(range(1, 101))
    server.close()
    command.close()


def test_the_file_is_kept_in_wal_mode_with_full_synchronisation(tmp_path: Path) -> None:
    journal = SqlJournal.open(tmp_path / "j.sqlite", FileBlobs(tmp_path / "blobs"))
    found = journal.write(lambda tx: tx.connection.exec_driver_sql("PRAGMA synchronous").scalar())  # type: ignore[attr-defined]
    assert found == 2
    with sqlite3.connect(tmp_path / "j.sqlite") as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
    journal.close()


def test_several_at_once_are_told_apart_as_one_after_the_other(journal: SqlJournal) -> None:
    first = an_arrival(b"one", dedupe_key="k", receipt=Receipt(status=200, headers=(), body=b"first"))
    again = an_arrival(b"one", dedupe_key="k")
    clash = an_arrival(b"two", dedupe_key="k")
    other = an_arrival(b"two", dedupe_key="other")
    arriving = [(each, "lane") for each in (first, again, clash, other)]
    found = journal.write(lambda tx: tx.add_arrivals(arriving, NOW))
    assert [each.outcome for each in found] == ["new", "repeat", "clash", "new"]
    assert found[1].arrival_id == first.id
    assert found[1].receipt == first.receipt
    kept = rows(journal, "arrival")
    assert {each["id"]: each["state"] for each in kept} == {
        first.id: "received",
        clash.id: "quarantined",
        other.id: "received",
    }
    assert [row["id"] for row in sorted(kept, key=lambda row: row["seq"])] == [first.id, clash.id, other.id]


def test_items_that_wait_together_are_one_call_and_one_that_fails_fails_alone(journal: SqlJournal) -> None:
    calls: list[int] = []

    def works(tx: Tx, items: Sequence[int]) -> list[int]:
        calls.append(len(items))
        serials = [tx.serial() for _ in items]
        if 3 in items:
            raise ZeroDivisionError
        return [10 * each + serial for each, serial in zip(items, serials, strict=True)]

    gate = Event()
    journal.submit(lambda tx: gate.wait(10))
    taken = [journal.take(works, each) for each in (1, 2)]
    gate.set()
    assert [each.result(10) for each in taken] == [11, 22]
    assert calls == [2]
    gate.clear()
    journal.submit(lambda tx: gate.wait(10))
    taken = [journal.take(works, each) for each in (4, 3, 5)]
    gate.set()
    assert [taken[0].result(10), taken[2].result(10)] == [43, 54]
    with pytest.raises(ZeroDivisionError):
        taken[1].result(10)
    assert calls == [2, 3, 1, 1, 1]
