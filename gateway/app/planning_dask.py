"""dask.distributed as an executor of planning: the one module that imports it (an extra of the installation: dask).

The scheduler and its workers are processes of ours inside the house. dask sends functions and values between them as
pickles, so whoever reaches the scheduler's port can run code as the gateway does: it never listens to the outside.
"""

from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from typing import Any

import distributed

from gateway.model.faults import OurFault

LOST: tuple[type[BaseException], ...] = (distributed.KilledWorker, CancelledError)
_distributed: Any = distributed  # it has no types


class ClusterExecutor(Executor):
    """Tasks on the workers of a scheduler; it gives a task whose worker dies to another one."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster, which goes on without us."""
        self._client.close()


def executor_of(scheduler: str, answers_s: float) -> Executor:
    """Connect to a scheduler. Raises OurFault plan.workers-away when nobody answers in time."""
    try:
        client = _distributed.Client(scheduler, timeout=answers_s, set_as_default=False)
    except (OSError, ValueError) as error:
        raise OurFault("plan.workers-away", value=scheduler[:80], detail=str(error)[:200]) from None
    if not client.scheduler_info()["workers"]:
        client.close()
        raise OurFault("plan.workers-away", value=scheduler[:80], detail="no workers")
    return ClusterExecutor(client)
