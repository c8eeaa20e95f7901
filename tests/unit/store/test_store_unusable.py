"""A file that is no journal, or where none can be: a word and nothing changed, never a traceback."""

from pathlib import Path

import pytest

from gateway.model.faults import OurFault
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal


def refused(path: Path) -> str:
    with pytest.raises(OurFault) as caught:
        SqlJournal.open(path, MemoryBlobs())
    assert caught.value.value == str(path)
    return f"{caught.value.code}: {caught.value.params['detail']}"


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"Dear diary, " * 1_000)
    assert refused(path) == "journal.unusable: file is not a database"
    assert path.read_bytes() == b"Dear diary, " * 1_000


def test_a_journal_whose_first_page_is_damaged_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    SqlJournal.open(path, MemoryBlobs()).close()
    damaged = b"SQLite format 3\0" + b"\xff" * 4_080 + path.read_bytes()[4_096:]
    path.write_bytes(damaged)
    assert refused(path).startswith("journal.unusable: ")
    assert path.read_bytes() == damaged


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path) == "journal.unusable: unable to open database file"


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("x")
    assert refused(tmp_path / "var" / "journal.sqlite").startswith("journal.unusable: ")
