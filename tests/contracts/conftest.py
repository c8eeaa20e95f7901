"""Every journal there is, and the steps that the tests take on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from journal_rows import Steps

from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal


@pytest.fixture(params=["file", "memory", "postgresql"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlJournal]:
    if request.param == "file":
        opened = SqlJournal.open(tmp_path / "journal.sqlite", FileBlobs(tmp_path / "blobs"))
    elif request.param == "memory":
        opened = SqlJournal.in_memory()
    else:
        opened = SqlJournal.connect(request.getfixturevalue("postgres_url"), FileBlobs(tmp_path / "blobs"))
    yield opened
    opened.close()


@pytest.fixture
def steps(journal: SqlJournal) -> Steps:
    return Steps(journal)
