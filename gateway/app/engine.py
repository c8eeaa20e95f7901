"""The local engine: wakes within this process. Losing a wake costs at most a sweep."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable

log = logging.getLogger(__name__)


class LocalEngine:
    """Run a handler per woken lane, each lane at most once at a time, up to `parallel` lanes together."""

    def __init__(self, parallel: int = 8) -> None:
        self._slots = asyncio.Semaphore(parallel)
        self._woken: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[str] = set()
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._awaited: dict[str, list[asyncio.Future[None]]] = {}

    async def finished(self, lane: str) -> None:
        """Wake lane and wait for the end of the next run of it that begins from now on."""
        ended = asyncio.get_running_loop().create_future()
        self._awaited.setdefault(lane, []).append(ended)
        self.wake(lane)
        await ended

    def sweep(self, lanes: Iterable[str]) -> None:
        """Wake lanes that were found to have work."""
        for lane in lanes:
            self.wake(lane)

    def wake(self, lane: str) -> None:
        """Ask for a run of lane; many wakes before it starts are one."""
        if lane in self._running:
            self._again.add(lane)
        elif lane not in self._waiting:
            self._waiting.add(lane)
            self._woken.put_nowait(lane)

    async def run(self, handler: Callable[[str], Awaitable[None]]) -> None:
        try:
            while True:
                lane = await self._woken.get()
                await self._slots.acquire()
                self._waiting.discard(lane)
                self._running.add(lane)
                task = asyncio.create_task(self._handle(lane, handler))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _handle(self, lane: str, handler: Callable[[str], Awaitable[None]]) -> None:
        awaited = self._awaited.pop(lane, [])
        try:
            await handler(lane)
        except Exception:
            log.exception("lane %s", lane)
        finally:
            for each in awaited:
                if not each.done():
                    each.set_result(None)
            self._slots.release()
            self._running.discard(lane)
            if lane in self._again:
                self._again.discard(lane)
                self.wake(lane)

    def health(self) -> dict[str, int]:
        return {"waiting": len(self._waiting), "running": len(self._running)}
