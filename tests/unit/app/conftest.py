from collections.abc import Iterator
from pathlib import Path

import pytest
from app_scene import World

from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """On a file: works that are submitted together run in the writer while others read."""
    journal = SqlJournal.open(tmp_path / "journal.sqlite", FileBlobs(tmp_path / "blobs"))
    yield World(journal)
    journal.close()
