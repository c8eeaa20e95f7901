"""The executors behind ports.workers.Workers: processes of this machine, or a cluster that dask.distributed runs.

Both are kept only as long as a night lasts. What travels between the processes are functions by name, numbers of
shards, our own definitions and plain values; nothing that a partner has sent is ever unpickled.
"""

import logging
import multiprocessing
import os
import resource
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from gateway.app.instance import Instance
from gateway.app.planning_shards import Elsewhere, Source
from gateway.app.workers import MEMORY_BYTES, end_with_parent
from gateway.model.faults import OurFault

log = logging.getLogger(__name__)
T = TypeVar("T")
R = TypeVar("R")

ALONE = 2  # further tries of a task whose process died, with no other beside it
AHEAD = 2  # tasks given out for each process, so that none waits for the next
ANSWERS_S = 10  # within which a scheduler answers
SILENT_S = 900  # longest that no shard is done: then nobody works on them
DASK_AT_ONCE = 32  # shards given out to a cluster: the scheduler shares them out


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningWorkers:
    """ports.workers.Workers on an executor that is started with the first task and ended after the last.

    start(count) makes it. lost: what a future raises when the process of its task has died.
    """

    start: Callable[[int], Executor]
    processes: int
    lost: tuple[type[BaseException], ...] = (BrokenExecutor,)

    def each(self, work: Callable[[T], R], tasks: Sequence[T]) -> Iterator[tuple[T, R]]:
        """See ports.workers. What was given out when a process died may be innocent: it is done again one by one."""
        waiting, suspects = deque(tasks), list[T]()
        while waiting:
            executor, lost = self.start(min(self.processes, len(waiting))), list[T]()
            try:
                yield from self._together(executor, work, waiting, lost)
            finally:
                suspects += lost
                executor.shutdown(wait=False, cancel_futures=True)
        for task in suspects:
            yield task, self._alone(work, task)

    def _together(
        self, executor: Executor, work: Callable[[T], R], waiting: "deque[T]", suspects: list[T]
    ) -> Iterator[tuple[T, R]]:
        """Yield results until all are there, or a process has died: then suspects holds what it may have been."""
        running: dict[Future[R], T] = {}
        while running or (waiting and not suspects):
            while waiting and not suspects and len(running) < AHEAD * self.processes:
                try:
                    running[executor.submit(work, waiting[0])] = waiting[0]
                except self.lost:  # between two tasks
                    break
                waiting.popleft()
            if not running:
                return
            done = wait(running, timeout=SILENT_S, return_when=FIRST_COMPLETED).done
            if not done:
                raise OurFault("plan.workers-away", value=str(len(running)), detail=f"{SILENT_S} s")
            for future in done:
                task = running.pop(future)
                try:
                    found = future.result()
                except self.lost:
                    suspects.append(task)
                else:
                    yield task, found

    def _alone(self, work: Callable[[T], R], task: T) -> R:
        for _ in range(ALONE):
            executor = self.start(1)
            try:
                return executor.submit(work, task).result(SILENT_S)
            except self.lost:
                log.error("a planning process died on a shard that it had for itself: %s", task)
            except TimeoutError:
                raise OurFault("plan.workers-away", value=str(task)[:80], detail=f"{SILENT_S} s") from None
            finally:
                executor.shutdown(wait=False, cancel_futures=True)
        raise OurFault("plan.worker-lost", value=str(task)[:80], attempts=str(ALONE + 1))


def pool_workers(processes: int) -> PlanningWorkers:
    """Return so many processes of this machine."""
    return PlanningWorkers(start=_pool, processes=processes)


def _pool(processes: int) -> Executor:
    return ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_start)


def _start() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    threading.Thread(target=end_with_parent, daemon=True).start()


def dask_workers(scheduler: str) -> PlanningWorkers:
    """Return the workers of a cluster of our own. scheduler: tcp://host:port, inside the house.

    Raises OurFault plan.dask-missing when dask.distributed is not installed.
    """
    try:
        from gateway.app.planning_dask import LOST, executor_of  # an extra of the installation
    except ImportError as error:
        raise OurFault("plan.dask-missing", detail=str(error)[:200]) from None
    return PlanningWorkers(
        start=lambda _: executor_of(scheduler, ANSWERS_S), processes=DASK_AT_ONCE // AHEAD, lost=LOST
    )


def elsewhere(instance: Instance) -> Elsewhere | None:
    """Return where the settings have shards computed; None: in this process. Raises OurFault plan.dask-missing."""
    settings = instance.settings
    scheduler, count = settings.planning_scheduler, settings.planning_processes
    if count is None:
        count = max((os.cpu_count() or 1) - 1, 1)
    if scheduler is None and not count:
        return None
    source = Source(
        address=settings.database or str(settings.var / "journal.sqlite"),
        digest=instance.definitions.digest,
        build=instance.book_builder(),
    )
    return Elsewhere(workers=pool_workers(count) if scheduler is None else dask_workers(scheduler), source=source)
