from collections.abc import Iterator

import pytest
from pipeline_scene import Line

from gateway.store.journal import SqlJournal


@pytest.fixture
def line() -> Iterator[Line]:
    journal = SqlJournal.in_memory()
    yield Line(journal)
    journal.close()
