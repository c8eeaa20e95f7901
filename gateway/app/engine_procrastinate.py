"""Procrastinate as the engine: wakes travel through PostgreSQL, so that any node may take up a lane.

One job per lane waits at most (queueing lock) and one runs at most (lock). A job only says "this lane has work"; losing
it costs a sweep. Wakes are collected and sent every 20 ms at most, on a connection of their own: a notification inside
the data's transaction would make all commits of the database wait for one lock.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable

from procrastinate import App, PsycopgConnector, exceptions
from procrastinate.jobs import DeleteJobCondition, Status

from gateway.app.engine import LocalEngine

log = logging.getLogger(__name__)

TASK = "gateway.drain"
COLLECT_S = 0.02
HEARTBEAT_S = 5.0
STALLED_AFTER_S = 15.0
RECONNECT_S = 1.0


class ProcrastinateEngine:
    """parallel: lanes that this node works on at the same time."""

    def __init__(self, url: str, parallel: int = 8) -> None:
        self._app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=4))
        self._parallel = parallel
        self._local = LocalEngine(parallel)
        self._waiting: set[str] = set()
        self._woken = asyncio.Event()
        self._swept: set[str] = set()
        self._drain = self._app.task(name=TASK)(self._run_job)
        self.sent = 0

    def wake(self, lane: str) -> None:
        """Ask for a run of lane on any node."""
        self._waiting.add(lane)
        self._woken.set()

    def sweep(self, lanes: Iterable[str]) -> None:
        """Take lanes that have work. One that was here a sweep ago too is worked off on this node, without a job: its
        wake was lost, or stands behind the job of a node that died."""
        found = set(lanes)
        for lane in found:
            if lane in self._swept:
                self._local.wake(lane)
            else:
                self.wake(lane)
        self._swept = found

    async def run(self, handler: Callable[[str], Awaitable[None]]) -> None:
        """See ports.shell. While the database is away, wakes wait and sweeps go on."""
        local = asyncio.create_task(self._local.run(handler))
        try:
            while True:
                try:
                    await self._connected()
                except (exceptions.ConnectorException, ExceptionGroup) as error:
                    log.warning("procrastinate: %s", error)
                    await asyncio.sleep(RECONNECT_S)
        finally:
            local.cancel()
            await asyncio.gather(local, return_exceptions=True)

    async def _connected(self) -> None:
        opening = asyncio.create_task(self._open())
        try:
            await asyncio.shield(opening)  # a pool that is cancelled while it opens is never closed
            async with asyncio.TaskGroup() as group:
                group.create_task(self._send())
                group.create_task(self._rescue())
                group.create_task(
                    self._app.run_worker_async(
                        concurrency=self._parallel,
                        fetch_job_polling_interval=5.0,
                        update_heartbeat_interval=HEARTBEAT_S,
                        stalled_worker_timeout=STALLED_AFTER_S,
                        install_signal_handlers=False,
                        shutdown_graceful_timeout=1.0,
                        delete_jobs=DeleteJobCondition.ALWAYS,
                    )
                )
        finally:
            await asyncio.gather(opening, return_exceptions=True)
            await self._app.close_async()

    async def _open(self) -> None:
        await self._app.open_async()

    async def _run_job(self, lane: str) -> None:
        await self._local.finished(lane)

    async def _send(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            lanes, self._waiting = self._waiting, set()
            for lane in sorted(lanes):
                with contextlib.suppress(exceptions.AlreadyEnqueued):
                    await self._drain.configure(queueing_lock=lane, lock=lane).defer_async(lane=lane)
                    self.sent += 1
            await asyncio.sleep(COLLECT_S)

    async def _rescue(self) -> None:
        """Jobs of a worker that died block their lane: run them again, or, where a newer job of the lane already waits,
        end them: retrying would collide with it."""
        jobs = self._app.job_manager
        while True:
            for job in await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER_S, task_name=TASK):
                try:
                    await jobs.retry_job(job)
                except exceptions.UniqueViolation:
                    await jobs.finish_job(job, status=Status.FAILED, delete_job=True)
                log.warning("stalled job of lane %s is freed", job.lock)
            await asyncio.sleep(HEARTBEAT_S)

    def health(self) -> dict[str, int]:
        return {**self._local.health(), "unsent": len(self._waiting)}
