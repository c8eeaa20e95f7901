"""Works that come close together share a commit, and fail alone."""

import asyncio
from collections.abc import Iterator

import pytest

from gateway.app.collecting import Collector, write_together
from gateway.store.journal import SqlJournal


@pytest.fixture
def journal() -> Iterator[SqlJournal]:
    made = SqlJournal.in_memory()
    yield made
    made.close()


async def test_what_comes_within_the_wait_is_one_commit(journal: SqlJournal) -> None:
    collector, before = Collector(journal, wait_s=0.05), journal.commits
    found = await asyncio.gather(*(collector.write(lambda tx: tx.serial()) for _ in range(20)))
    assert found == list(range(1, 21))
    assert journal.commits == before + 1


async def test_no_more_wait_for_each_other_than_may(journal: SqlJournal) -> None:
    collector, before = Collector(journal, wait_s=60, most=4), journal.commits
    async with asyncio.timeout(30):
        await asyncio.gather(*(collector.write(lambda tx: tx.serial()) for _ in range(8)))
    assert 1 <= journal.commits - before <= 2  # the writer may have taken both at once


async def test_who_fails_fails_alone_and_leaves_no_trace(journal: SqlJournal) -> None:
    collector = Collector(journal, wait_s=0.01)

    def broken(tx: object) -> None:
        tx.serial()  # type: ignore[attr-defined]
        raise ZeroDivisionError

    works = [lambda tx: tx.serial(), broken, lambda tx: tx.serial()]
    first, failed, last = await asyncio.gather(*(collector.write(work) for work in works), return_exceptions=True)
    assert isinstance(failed, ZeroDivisionError)
    assert (first, last) == (1, 2)
    assert [str(type(each)) for each in await write_together(journal, works)][1] == str(ZeroDivisionError)
    assert journal.write(lambda tx: tx.serial()) == 5


async def test_a_cancelled_caller_takes_nobody_with_it(journal: SqlJournal) -> None:
    collector = Collector(journal, wait_s=0.02)
    gone, kept = (asyncio.create_task(collector.write(lambda tx: tx.serial())) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await kept in (1, 2)
