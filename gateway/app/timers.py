"""Time-outs and repeated jobs. What is due is a row compared with Clock; APScheduler only wakes the look."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from gateway.app import planning
from gateway.app.house import OWN, accept_internal
from gateway.app.ids import uuid7
from gateway.app.rounds import Rounds
from gateway.domain.expectations import due_by_calendar
from gateway.model.faults import OurFault
from gateway.pipeline.batching import put_off, send_due_lot
from gateway.pipeline.book import Book
from gateway.ports.journal import Journal, Tx
from gateway.ports.records import Accepted
from gateway.ports.shell import Clock

if TYPE_CHECKING:  # the formulas are slow to import
    from gateway.app.planning_shards import Elsewhere

log = logging.getLogger(__name__)
T = TypeVar("T")

LOOK_EVERY_S = 0.5
LOOK_WAITS_S = 2  # for the look before a run, in one turn
EXPECT_EVERY = timedelta(hours=1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(kw_only=True)
class Timers:
    """planning_every: None means only on demand. wake(lane) is called when a timer made work. elsewhere: where the look
    over a large book is computed."""

    journal: Journal
    book: Callable[[], Book]
    clock: Clock
    wake: Callable[[str], None]
    planning_every: timedelta | None
    rounds: Rounds
    elsewhere: Callable[[], "Elsewhere | None"] = lambda: None
    _expected: datetime | None = None
    _changed: planning.Change | None = None
    _looking: tuple[datetime, asyncio.Future[int | None]] | None = None  # before the run of that firing
    _planned: datetime | None = None  # last firing seen by this node: saves asking the journal twice a second

    async def run(self) -> None:
        """Look at the clock until cancelled."""
        scheduler = AsyncIOScheduler(timezone=UTC)
        scheduler.add_job(self.look, "interval", seconds=LOOK_EVERY_S, max_instances=1, coalesce=True)
        scheduler.start()
        try:
            await asyncio.Event().wait()
        finally:
            scheduler.shutdown(wait=False)

    async def look(self) -> None:
        """Fire what is due now. Calling it again at the same time fires nothing."""
        now = self.clock.now()
        turns = {
            "planning": self._plan_if_due,
            "planning-changes": self._plan_changes,
            "timers": self._fire,
            "expectations": self._expect_if_due,
            "batches": self._send_lots,
        }
        for name, turn in turns.items():  # one that fails does not hold up the others
            await self.rounds.take(name, partial(turn, now))

    async def _fire(self, now: datetime) -> None:
        if await asyncio.to_thread(self.journal.read, lambda tx: tx.timers_due(now)):
            await self._write(lambda tx: tx.due_timers(now, 100))

    async def _send_lots(self, now: datetime) -> None:
        for lot in await asyncio.to_thread(self.journal.read, lambda tx: tx.lots_due(now)):
            await self._send_lot(lot, now)

    async def _send_lot(self, lot: str, now: datetime) -> None:
        """Send messages that have waited for others long enough, all in one transaction."""
        book = self.book()
        try:
            await self._write(lambda tx: send_due_lot(tx, book, lot, now, lambda: uuid7(now)))
        except OurFault as fault:
            log.warning("a batch cannot be sent: %s", fault)
            code = fault.code
            await self._write(lambda tx: put_off(tx, lot, code, now))

    async def _expect_if_due(self, now: datetime) -> None:
        """Once an hour write down what is due by the calendar; at every look find what has not come."""
        planned = EPOCH + (now - EPOCH) // EXPECT_EVERY * EXPECT_EVERY
        if planned != self._expected:
            await self._write(lambda tx: self._expect(tx, planned))
            self._expected = planned
        if await asyncio.to_thread(self.journal.read, lambda tx: tx.expectations_due(now)):
            await self._write(lambda tx: tx.overdue(now, 100))

    def _expect(self, tx: Tx, planned: datetime) -> None:
        """A clock that was set forward, or a gateway that was off, has missed what fell due meanwhile."""
        before = tx.ticked_before("expectations", planned)
        missed = before if before is not None and planned - before > EXPECT_EVERY else None
        if tx.tick("expectations", planned):
            for partner in self.book().partners.values():
                zones = {e.zone: ZoneInfo(e.zone) for e in partner.expects}
                tx.expect(due_by_calendar(partner, planned, zones, missed), missed)

    async def _plan_if_due(self, now: datetime) -> None:
        if self.planning_every is None:
            return
        planned = EPOCH + (now - EPOCH) // self.planning_every * self.planning_every
        if planned == self._planned:
            return
        if self._looking is None:
            look = asyncio.to_thread(self._looked_over, self.book(), _name(planned), now)
            self._looking = planned, asyncio.ensure_future(look)
        planned, looking = self._looking
        await asyncio.wait({looking}, timeout=LOOK_WAITS_S)
        if not looking.done():  # a look over very much: the other timers need not wait for it
            return
        self._looking = None
        failure = looking.exception()  # without a look everything is planned
        due = None if failure is not None else looking.result()
        if await self._write(lambda tx: self._plan(tx, planned, now, due)):
            self.wake(OWN)
        self._planned = planned
        if failure is not None:
            raise failure

    def _looked_over(self, book: Book, name: str, now: datetime) -> int | None:
        if book.own.planning is None:
            return None
        from gateway.app.looking import looked_over  # the formulas are slow to import

        return looked_over(self.journal, book, name, now, self.elsewhere())

    def _plan(self, tx: Tx, planned: datetime, now: datetime, due: int | None) -> bool:
        if not tx.tick("planning", planned):
            return False
        book = self.book()
        for request in planning.requests(tx, book, _name(planned), now, due=due):
            accept_internal(tx, book, request, now)
        return True

    async def _plan_changes(self, now: datetime) -> None:
        """Plan what has changed: a report is in its proposals within seconds."""
        book = self.book()
        if book.own.planning is None:
            return
        oldest = await asyncio.to_thread(self.journal.read, planning.oldest_change)
        if oldest is None or oldest == self._changed:
            return

        def work(tx: Tx) -> Accepted:
            request = planning.change_request(oldest, now, planning.standings(tx, book, now))
            return accept_internal(tx, book, request, now)

        await self._write(work)
        self._changed = oldest
        self.wake(OWN)

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self.journal.submit(work))


def _name(planned: datetime) -> str:
    return f"plan-{planned:%Y%m%dT%H%M}"
