"""Lists that wait for a person's word, kept where every node finds them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.model.faults import OurFault
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.staged_lists import KEPT_FOR, MOST, StagedList, StagedLists

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def made(number: int = 1) -> StagedList:
    return StagedList(id=f"{number:032x}", kind="items", file="商品.csv", header=("gtin", "名称"), user="anna")


@pytest.fixture
def journals(tmp_path: Path):
    """Two nodes on one database."""
    opened = [SqlJournal.open(tmp_path / "journal.db", MemoryBlobs()) for _ in range(2)]
    yield opened
    for each in opened:
        each.close()


def lists(journal: SqlJournal) -> StagedLists:
    return StagedLists(journal.reader, journal)


def test_another_node_finds_what_one_was_given(journals: list[SqlJournal]) -> None:
    data = "gtin,名称\n1,燕麦\n".encode() * 1_000
    lists(journals[0]).keep(made(), data, NOW)
    other = lists(journals[1])
    assert other.get(made().id) == made()
    assert other.data(made().id) == data
    other.drop(made().id)
    with pytest.raises(OurFault, match=r"import\.stage-gone"):
        lists(journals[0]).get(made().id)


def test_an_unknown_id_is_refused(journals: list[SqlJournal]) -> None:
    for ask in (lists(journals[0]).get, lists(journals[0]).data):
        with pytest.raises(OurFault, match=r"import\.stage-gone"):
            ask("../../etc/passwd")


def test_what_is_too_old_or_one_too_many_goes_when_another_comes(journals: list[SqlJournal]) -> None:
    kept = lists(journals[0])
    kept.keep(made(0), b"old", NOW - KEPT_FOR - timedelta(seconds=1))
    for number in range(1, MOST + 2):
        kept.keep(made(number), b"new", NOW + timedelta(seconds=number))
    gone = []
    for number in range(MOST + 2):
        try:
            kept.get(made(number).id)
        except OurFault:
            gone.append(number)
    assert gone == [0, 1]


def test_a_partner_reaches_its_own_lists_only_and_crowds_out_nobody_elses(journals: list[SqlJournal]) -> None:
    ours = lists(journals[0])
    acme, bolt = (StagedLists(journals[0].reader, journals[0], partner) for partner in ("acme", "bolt"))
    ours.keep(made(0), b"ours", NOW)
    acme.keep(made(1), b"theirs", NOW)
    for stranger in (ours, bolt):
        for ask in (stranger.get, stranger.data):
            with pytest.raises(OurFault, match=r"import\.stage-gone"):
                ask(made(1).id)
    bolt.drop(made(1).id)
    for number in range(2, MOST + 3):
        bolt.keep(made(number), b"many", NOW + timedelta(seconds=number))
    assert (acme.data(made(1).id), ours.data(made(0).id)) == (b"theirs", b"ours")
