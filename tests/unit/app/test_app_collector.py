"""What stays is walked once; what is replaced may go."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from gateway.app.collector import YOUNG, spare_what_stays


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


class Ring:
    """An object in a cycle: only the collector finds it."""

    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_is_not_walked_any_more() -> None:
    spare_what_stays()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold()[0] == YOUNG


def test_a_book_that_was_replaced_goes_at_the_next_call() -> None:
    ring = Ring()
    gone = weakref.ref(ring)
    spare_what_stays()
    del ring
    gc.collect()
    assert gone() is not None
    spare_what_stays()
    assert gone() is None
