"""What a node does again and again: one shape for every endless loop, and a place where it shows that one fails.

A round that fails is tried again at the next turn: nothing that it stands for is lost by one failure, and the other
loops of the node go on. But a failure that only a log file knows is a failure nobody knows: which rounds fail now is
told by /readyz, by gateway_round_failures and by the first page of the console.
"""

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from gateway.model.faults import Fault
from gateway.ports.journal import Tx
from gateway.ports.shell import Clock, Failing
from gateway.store.journal import SqlJournal
from gateway.store.writer import DiskFailed

log = logging.getLogger(__name__)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(kw_only=True)
class Rounds:
    """The loops of one process. now: real time."""

    now: Callable[[], datetime]
    _failing: dict[str, Failing] = field(default_factory=dict)
    _failures: Counter[str] = field(default_factory=Counter)
    _one: threading.Lock = field(default_factory=threading.Lock)

    async def keep(self, name: str, every_s: float, turn: Callable[[], Awaitable[object]]) -> None:
        """Take a turn, rest for every_s seconds, and so on until cancelled.

        Raises DiskFailed: nothing can be kept any more, the whole gateway must end."""
        while True:
            await self.take(name, turn)
            await asyncio.sleep(every_s)

    async def take(self, name: str, turn: Callable[[], Awaitable[object]]) -> bool:
        """Take one turn; return whether it went well. Raises DiskFailed."""
        with self.told(name):
            await turn()
        with self._one:
            return name not in self._failing

    @contextmanager
    def told(self, name: str) -> Iterator[None]:
        """Keep what fails inside from the caller, who goes on without it, and tell that it fails. Raises DiskFailed."""
        try:
            yield
        except DiskFailed:
            raise
        except Fault as fault:
            log.warning("%s: %s %s", name, fault.code, fault.value or "")
            self._failed(name, fault.code)
        except Exception:
            log.exception("%s", name)
            self._failed(name, None)
        else:
            with self._one:
                if self._failing.pop(name, None) is not None:
                    log.info("%s: goes well again", name)

    def failing(self) -> tuple[Failing, ...]:
        """Return what fails now, the longest first."""
        with self._one:
            return tuple(sorted(self._failing.values(), key=lambda each: (each.since, each.name)))

    def failures(self) -> dict[str, int]:
        """Return how many turns have failed since this process began, by name."""
        with self._one:
            return dict(self._failures)

    def _failed(self, name: str, code: str | None) -> None:
        with self._one:
            known = self._failing.get(name) or Failing(name=name, since=self.now(), times=0, code=code)
            self._failing[name] = replace(known, times=known.times + 1, code=code)
            self._failures[name] += 1


@dataclass(kw_only=True)
class Daily:
    """A turn that does its work once a day, on one node of all. job: the name of the firing; at: hours after midnight
    UTC; clock: the gateway's.

    The node that has taken the day's firing tries until the work is done: nobody else will."""

    job: str
    at: timedelta
    journal: SqlJournal
    clock: Clock
    work: Callable[[], Awaitable[None]]
    _done: datetime | None = None
    _ours: datetime | None = None

    async def __call__(self) -> None:
        first = _EPOCH + self.at
        planned = first + (self.clock.now() - first) // _DAY * _DAY
        if planned == self._done:
            return
        if self._ours != planned and await asyncio.wrap_future(
            self.journal.submit(partial(_tick, job=self.job, planned=planned))
        ):
            self._ours = planned
        if self._ours == planned:
            await self.work()
        self._done = planned


def _tick(tx: Tx, *, job: str, planned: datetime) -> bool:
    return tx.tick(job, planned)
