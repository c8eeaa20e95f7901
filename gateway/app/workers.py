"""Worker processes for the pure half. A message that kills or holds its worker takes nothing else with it.

Time and memory of one reading are limited by the system, not by the interpreter: a signal ends the process even inside
a regular expression that never comes back, and what asks for more memory than there may be fails in that process alone.
What is limited is the processor's time: on a busy machine a large file takes minutes by the clock, and is no poison.
"""

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from gateway.app.collector import spare_what_stays
from gateway.app.reread_with import Chosen, with_chosen
from gateway.model.faults import OurFault
from gateway.pipeline.book import Book
from gateway.pipeline.prepare import Prepared, prepare
from gateway.pipeline.reread import reread
from gateway.ports.records import ArrivalRow, MessageRow, NewMessage

log = logging.getLogger(__name__)
T = TypeVar("T")

ALONE = 2  # further tries for a message whose worker died, in a process of its own
LIMIT_S = 60.0  # of reading one arrival, by the processor's time
BUSY = 4  # how many times as long it may take by the clock; still below a lane's lease
MEMORY_BYTES = 4 * 1024**3  # of one worker process, whatever the size of what it reads

_book: Book | None = None  # one per worker process, set once by its initializer
_limit_s = LIMIT_S


def _start(build: Callable[[], Book], limit_s: float) -> None:
    global _book, _limit_s
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # the end of the process
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    _limit_s = limit_s
    threading.Thread(target=end_with_parent, daemon=True).start()
    _book = build()
    spare_what_stays()


def end_with_parent() -> None:
    """A parent that is killed closes no queue: its workers would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _limited() -> Iterator[Book]:
    """Give the book; the process ends when its use takes too long."""
    assert _book is not None
    signal.setitimer(signal.ITIMER_PROF, _limit_s)
    signal.setitimer(signal.ITIMER_REAL, _limit_s * BUSY)
    try:
        yield _book
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _prepare(arrival: ArrivalRow) -> Prepared:
    with _limited() as book:
        found = prepare(book, arrival)
    # a document goes to another process as its JSON text, which costs a third of the objects
    return replace(found, messages=tuple(replace(each, read=None) for each in found.messages))


def _reread(arrival: ArrivalRow, message: MessageRow, chosen: Chosen | None) -> NewMessage:
    with _limited() as book:
        return reread(with_chosen(book, arrival.partner, chosen), arrival, message)


class Workers:
    """Prepare in `count` processes; 0: in threads of this process, without limits (tests).

    build must be picklable: it makes the book from the definitions in each process. limit_s: most of the processor's
    time for one reading, and a BUSYth of the most by the clock; a process that takes longer is killed.
    """

    def __init__(self, build: Callable[[], Book], count: int, limit_s: float = LIMIT_S) -> None:
        self._build, self._count, self._limit_s = build, count, limit_s
        self._pool: Executor | None = None
        self._alone: Executor | None = None  # one process, for what was in a pool that died
        self._alone_turn = asyncio.Lock()
        self._suspects = 0  # that wait for a turn in it, or have it
        self._inline: Book | None = None

    def _executor(self) -> Executor:
        if self._pool is None:
            self._pool = self._new_pool(self._count)
        return self._pool

    async def prepare(self, arrival: ArrivalRow) -> Prepared:
        """Raises OurFault message.poison when no process survives the bytes."""
        if self._count == 0:
            return await asyncio.to_thread(prepare, self._book(), arrival)
        return await self._run(_prepare, arrival)

    async def reread(self, arrival: ArrivalRow, message: MessageRow, chosen: Chosen | None = None) -> NewMessage:
        """Read one message of arrival again. chosen: the version of a mapping for it, None for what is in force.

        Raises OurFault message.poison, and of a version that does not compile any more.
        """
        if self._count == 0:
            book = with_chosen(self._book(), arrival.partner, chosen)
            return await asyncio.to_thread(reread, book, arrival, message)
        return await self._run(_reread, arrival, message, chosen)

    async def _run(self, task: Callable[..., T], *given: object) -> T:
        """Run task in the pool. When the pool dies, the task may be innocent: it is tried again alone.

        All that were in the pool take turns in one process, which only a guilty one ends: a start costs a second of
        CPU, and there may be hundreds of them.
        """
        pool = self._executor()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(pool, task, *given)
        except BrokenProcessPool:
            if self._pool is pool:  # others may have noticed first and made a new one
                self._pool = None
        self._suspects += 1
        try:
            async with self._alone_turn:
                return await self._run_alone(loop, task, *given)
        finally:
            self._suspects -= 1
            if not self._suspects:
                self._end_alone()

    async def _run_alone(self, loop: asyncio.AbstractEventLoop, task: Callable[..., T], *given: object) -> T:
        for _ in range(ALONE):
            self._alone = self._alone or self._new_pool(1)
            try:
                return await loop.run_in_executor(self._alone, task, *given)
            except BrokenProcessPool:
                self._alone = None
                log.error(
                    "a worker process died on a message that it had for itself, or was ended after %s s of CPU",
                    self._limit_s,
                )
        raise OurFault("message.poison", attempts=str(ALONE + 1))

    def _end_alone(self) -> None:
        """Without waiting for it: the loop has other work."""
        if self._alone is not None:
            self._alone.shutdown(wait=False)
            self._alone = None

    def _new_pool(self, count: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(count, context, initializer=_start, initargs=(self._build, self._limit_s))

    def _book(self) -> Book:
        if self._inline is None:
            self._inline = self._build()
        return self._inline

    def replace_book(self, build: Callable[[], Book]) -> None:
        """Work with other definitions from now on; running tasks finish with the old ones."""
        old, self._pool = self._pool, None
        self._build, self._inline = build, None
        if old is not None:
            old.shutdown(wait=False)
        self._end_alone()  # whoever has a turn in it ends it; the next one gets a new process

    def close(self) -> None:
        self._end_alone()
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
