"""The edge says "come back later" before it reads a body, and opens again only well below the mark."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.app.admission import Admission, Marks
from gateway.ports.records import Backlog

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MARKS = Marks(waiting=100, backlog=1000, age=timedelta(minutes=10), disk_bytes=0, retry_s=5)


class Queue:
    length = 0

    def __call__(self) -> int:
        return self.length


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def admission(queue: Queue, tmp_path: Path) -> Admission:
    return Admission(marks=MARKS, waiting=queue, folder=tmp_path)


def test_an_idle_gateway_takes_everything(admission: Admission) -> None:
    admission.sample(Backlog(count=0, oldest_at=None), NOW)
    assert admission.ask() is None
    assert admission.refused == 0


@pytest.mark.parametrize(
    ("backlog", "refused"),
    [
        (Backlog(count=1001, oldest_at=NOW), True),
        (Backlog(count=1000, oldest_at=NOW), False),
        (Backlog(count=1, oldest_at=NOW - timedelta(minutes=11)), True),
        (Backlog(count=1, oldest_at=NOW - timedelta(minutes=9)), False),
    ],
)
def test_a_backlog_too_long_or_too_old_shuts_the_edge(admission: Admission, backlog: Backlog, refused: bool) -> None:
    admission.sample(backlog, NOW)
    answer = admission.ask()
    assert (answer is not None) == refused
    assert answer is None or 5 <= answer <= 10


def test_it_opens_again_below_four_fifths(admission: Admission, queue: Queue) -> None:
    answers = []
    for queue.length in (100, 101, 100, 81, 80, 100):
        answers.append(admission.ask() is None)
    assert answers == [True, False, False, False, True, True]
    assert admission.refused == 3


def test_a_full_disk_shuts_the_edge(queue: Queue, tmp_path: Path) -> None:
    admission = Admission(marks=Marks(disk_bytes=2**60), waiting=queue, folder=tmp_path)
    admission.sample(Backlog(count=0, oldest_at=None), NOW)
    assert admission.ask() is not None
    assert admission.figures()["refused"] == 1


def test_too_many_bytes_on_their_way_shut_the_edge(tmp_path: Path) -> None:
    admission = Admission(marks=replace(MARKS, waiting_bytes=1000), waiting=Queue(), folder=tmp_path)
    with admission.keeping(900):
        assert admission.ask() is None
        with admission.keeping(101):
            assert admission.ask() is not None
            assert admission.figures()["waiting_bytes"] == 1001
        assert admission.ask() is not None, "open again only below four fifths"
    assert admission.ask() is None


def test_a_writer_that_does_not_answer_shuts_the_edge(tmp_path: Path) -> None:
    now = 100.0
    admission = Admission(marks=MARKS, waiting=Queue(), folder=tmp_path, timer=lambda: now)
    with admission.keeping(1):
        now = 104.0
        with admission.keeping(1):
            assert admission.ask() is None
            now = 106.0
            assert admission.ask() is not None
            assert admission.figures()["writer_wait_s"] == 6.0
    assert admission.ask() is None
