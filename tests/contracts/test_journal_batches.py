"""Interchange references and messages that wait for others, on every store."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from journal_rows import NOW, a_parcel, rows, state_of

from gateway.ports.records import MessageState, ParcelState
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from gateway.store.view_rows import STATE_GROUPS, MessageFilter
from gateway.store.views import Views

DRAWS = 60
LOT = '["retailer","as2"]'


def draw(journal: SqlJournal, count: int, first: int = 1, last: int = 10**9) -> list[str]:
    return [journal.write(lambda tx: tx.control_reference("retailer", first, last)) for _ in range(count)]


def test_references_count_up_without_gaps_for_each_partner(journal: SqlJournal) -> None:
    assert draw(journal, 3) == ["1", "2", "3"]
    assert journal.write(lambda tx: tx.control_reference("other")) == "1"


def test_references_begin_again_behind_the_end_of_their_range(journal: SqlJournal) -> None:
    assert draw(journal, 5, 7, 9) == ["7", "8", "9", "7", "8"]


@pytest.mark.parametrize(("first", "last", "expected"), [(100, 200, "100"), (1, 2, "1"), (2, 50, "4")])
def test_a_range_that_is_changed_goes_on_inside_the_new_one(
    journal: SqlJournal, first: int, last: int, expected: str
) -> None:
    draw(journal, 3)
    assert draw(journal, 1, first, last) == [expected]


def test_a_reference_of_work_that_fails_is_given_out_again(journal: SqlJournal) -> None:
    def fails(tx: object) -> None:
        tx.control_reference("retailer")  # type: ignore[attr-defined]
        raise ValueError("after the reference was drawn")

    with pytest.raises(ValueError, match="after"):
        journal.write(fails)
    assert draw(journal, 1) == ["1"]


def test_threads_side_by_side_never_get_the_same_reference_and_leave_no_gap(journal: SqlJournal) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = [each for part in pool.map(lambda _: draw(journal, DRAWS // 4), range(4)) for each in part]
    assert sorted(map(int, found)) == list(range(1, DRAWS + 1))


def _process(target: str, blobs: str, results: "multiprocessing.Queue[list[str]]") -> None:
    kept = FileBlobs(Path(blobs))
    journal = SqlJournal.connect(target, kept) if "://" in target else SqlJournal.open(Path(target), kept)
    results.put(draw(journal, DRAWS))
    journal.close()


@pytest.mark.parametrize("store", ["file", "postgresql"])
def test_processes_side_by_side_never_get_the_same_reference_and_leave_no_gap(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    target = str(tmp_path / "j.sqlite") if store == "file" else request.getfixturevalue("postgres_url")
    blobs = FileBlobs(tmp_path / "blobs")
    made = SqlJournal.open(Path(target), blobs) if store == "file" else SqlJournal.connect(target, blobs)
    made.close()
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    started = [context.Process(target=_process, args=(target, str(tmp_path / "blobs"), results)) for _ in range(2)]
    for each in started:
        each.start()
    found = [int(each) for _ in started for each in results.get(timeout=60)]
    for each in started:
        each.join(30)
    assert sorted(found) == list(range(1, 2 * DRAWS + 1))


def waits(journal: SqlJournal, count: int, **changes: object) -> list[str]:
    found = []
    for number in range(count):
        each = a_parcel(
            payload=b"UNH+%d'" % number,
            lot=LOT,
            message_reference=str(number),
            flush_at=NOW + timedelta(minutes=number + 1),
            **changes,
        )
        journal.write(lambda tx, p=each: tx.add_parcels([p], NOW))
        found.append(each.id)
    return found


@pytest.fixture
def bundle(journal: SqlJournal) -> Callable[[list[str]], str]:
    def bundled(parcels: list[str]) -> str:
        carrier = a_parcel(control_reference="1", payload=b"UNB...UNZ'", document_type="Interchange")
        journal.write(lambda tx: (tx.add_parcels([carrier], NOW), tx.carry(carrier.id, parcels, LOT, NOW)))
        return carrier.id

    return bundled


def test_what_waits_is_counted_kept_in_order_and_claimed_by_nobody(journal: SqlJournal) -> None:
    ids = waits(journal, 3)
    assert [state_of(journal, "parcel", each) for each in ids] == ["waiting"] * 3
    assert journal.read(lambda tx: tx.count_waiting(LOT)) == 3
    assert [each.id for each in journal.write(lambda tx: tx.waiting_parcels(LOT, 2))] == ids[:2]
    later = NOW + timedelta(days=1)
    assert journal.write(lambda tx: tx.claim_parcels("me", later, timedelta(minutes=1), 10)) == []
    assert not journal.read(lambda tx: tx.parcels_due(later))
    listed = Views(journal.reader).messages(MessageFilter(state="open"))
    assert {line.id for line in listed.lines} == set(ids)


def test_every_state_belongs_to_one_group_that_lists_may_be_narrowed_to() -> None:
    grouped = [state for group in STATE_GROUPS.values() for state in group]
    assert sorted(grouped) == sorted({*get_args(MessageState), *get_args(ParcelState)})


def test_a_lot_is_due_when_its_first_message_has_waited_long_enough(journal: SqlJournal) -> None:
    waits(journal, 3)
    assert journal.read(lambda tx: tx.lots_due(NOW + timedelta(seconds=59))) == []
    assert journal.read(lambda tx: tx.lots_due(NOW + timedelta(seconds=60))) == [LOT]
    journal.write(lambda tx: tx.due_timers(NOW + timedelta(days=1), 10))  # other timers' business
    assert journal.read(lambda tx: tx.lots_due(NOW + timedelta(seconds=60))) == [LOT]


def test_what_is_carried_waits_no_more_and_the_rest_is_due_at_once(
    journal: SqlJournal, bundle: Callable[[list[str]], str]
) -> None:
    ids = waits(journal, 3)
    bundle(ids[:2])
    assert journal.read(lambda tx: tx.count_waiting(LOT)) == 1
    assert journal.read(lambda tx: tx.lots_due(NOW)) == [LOT]
    bundle(ids[2:])
    assert rows(journal, "timer", kind="batch") == []


def test_a_lot_may_be_put_off(journal: SqlJournal) -> None:
    waits(journal, 1)
    journal.write(lambda tx: tx.put_off_lot(LOT, NOW + timedelta(hours=1)))
    assert journal.read(lambda tx: tx.lots_due(NOW + timedelta(minutes=5))) == []


def test_two_who_ask_for_a_lot_at_once_do_not_both_get_it(
    journal: SqlJournal, bundle: Callable[[list[str]], str]
) -> None:
    waits(journal, 8)

    def take(_: int) -> int:
        def work(tx: object) -> int:
            found = tx.waiting_parcels(LOT, 100)  # type: ignore[attr-defined]
            if found:
                carrier = a_parcel(document_type="Interchange")
                tx.add_parcels([carrier], NOW)  # type: ignore[attr-defined]
                tx.carry(carrier.id, [each.id for each in found], LOT, NOW)  # type: ignore[attr-defined]
            return len(found)

        return journal.write(work)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4))) == [0, 0, 0, 8]
