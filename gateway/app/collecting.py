"""Works that share a commit: those at hand at once, and those that come one shortly after the other."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from gateway.model.faults import OurFault
from gateway.ports.journal import Journal, Tx

Work = Callable[[Tx], Any]


async def write_together(journal: Journal, works: Sequence[Work]) -> list[Any]:
    """Run works in one transaction; when one of them fails, each in its own. Returns what each gave, or raised.

    Raises as Journal.submit does."""
    if len(works) > 1:
        done = asyncio.wrap_future(journal.submit(lambda tx: [work(tx) for work in works]))
        found: Any = (await asyncio.gather(done, return_exceptions=True))[0]
        if isinstance(found, list):
            return found
    alone = [asyncio.wrap_future(journal.submit(work)) for work in works]
    return await asyncio.gather(*alone, return_exceptions=True)


class Collector:
    """Collects works for wait_s from the first one on, at most `most`, and writes them together.

    Belongs to one event loop. What a death within wait_s costs is what a death before the commit costs."""

    def __init__(self, journal: Journal, wait_s: float = 0.02, most: int = 32) -> None:
        self._journal, self._wait_s, self._most = journal, wait_s, most
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def write(self, work: Work) -> Any:
        """Return what work gives, after its commit. Raises what it raises, and as Journal.submit does."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Any] = loop.create_future()
        self._waiting.append((work, done))
        if len(self._waiting) >= self._most:
            self._start()
        elif self._timer is None:
            self._timer = loop.call_later(self._wait_s, self._start)
        return await done

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        batch, self._waiting = self._waiting, []
        task = asyncio.create_task(self._commit(batch))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _commit(self, batch: Sequence[tuple[Work, "asyncio.Future[Any]"]]) -> None:
        try:
            found = await write_together(self._journal, [work for work, _ in batch])
        except OurFault as error:  # the journal takes nothing now
            found = [error] * len(batch)
        for (_, done), each in zip(batch, found, strict=True):
            if done.done():  # who asked has been cancelled
                continue
            if isinstance(each, BaseException):
                done.set_exception(each)
            else:
                done.set_result(each)
