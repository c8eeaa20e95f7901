"""Worker processes for the pure half. A message that kills its worker takes nothing else with it."""

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from gateway.model.faults import OurFault
from gateway.pipeline.book import Book
from gateway.pipeline.prepare import Prepared, prepare
from gateway.pipeline.reread import reread
from gateway.ports.records import ArrivalRow, MessageRow, NewMessage

log = logging.getLogger(__name__)
T = TypeVar("T")

ALONE = 2  # further tries for a message whose worker died, in a process of its own

_book: Book | None = None  # one per worker process, set once by its initializer


def _start(build: Callable[[], Book]) -> None:
    global _book
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _book = build()


def _end_with_parent() -> None:
    """A parent that is killed closes no queue: its workers would wait for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _prepare(arrival: ArrivalRow) -> Prepared:
    assert _book is not None
    return prepare(_book, arrival)


def _reread(arrival: ArrivalRow, message: MessageRow) -> NewMessage:
    assert _book is not None
    return reread(_book, arrival, message)


class Workers:
    """Prepare in `count` processes; 0: in threads of this process (tests).

    build must be picklable: it makes the book from the definitions in each process.
    """

    def __init__(self, build: Callable[[], Book], count: int) -> None:
        self._build, self._count = build, count
        self._pool: Executor | None = None
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

    async def reread(self, arrival: ArrivalRow, message: MessageRow) -> NewMessage:
        """Read one message of arrival again. Raises OurFault message.poison."""
        if self._count == 0:
            return await asyncio.to_thread(reread, self._book(), arrival, message)
        return await self._run(_reread, arrival, message)

    async def _run(self, task: Callable[..., T], *given: object) -> T:
        """Run task in the pool. When the pool dies, the task may be innocent: it is tried again alone."""
        pool = self._executor()
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(pool, task, *given)
        except BrokenProcessPool:
            if self._pool is pool:  # others may have noticed first and made a new one
                self._pool = None
        for _ in range(ALONE):
            with self._new_pool(1) as own:
                try:
                    return await loop.run_in_executor(own, task, *given)
                except BrokenProcessPool:
                    log.error("a worker process died on a message that it had for itself")
        raise OurFault("message.poison", attempts=str(ALONE + 1))

    def _new_pool(self, count: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(count, context, initializer=_start, initargs=(self._build,))

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

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
