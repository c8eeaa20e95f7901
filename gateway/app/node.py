"""One running process of the gateway: accept, process, deliver and keep time, wired together."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from gateway.app.admission import Admission, Marks
from gateway.app.agreed import look_daily
from gateway.app.collector import spare_what_stays
from gateway.app.customer_record import CustomerRecord
from gateway.app.delivery import Delivery
from gateway.app.engine import LocalEngine
from gateway.app.housekeeping import keep_house_daily
from gateway.app.instance import Instance
from gateway.app.planning_ahead import RunsAhead
from gateway.app.presence import Presence, new_node
from gateway.app.processing import Processing
from gateway.app.timers import Timers
from gateway.app.workers import Workers
from gateway.config.settings import Limits, Settings
from gateway.pipeline.accept import accept_all, lane_of
from gateway.pipeline.retry import RetryPolicy
from gateway.ports.journal import Tx
from gateway.ports.records import Accepted, Arrival
from gateway.ports.shell import Channel, Engine

if TYPE_CHECKING:  # the formulas are slow to import
    from gateway.app.planning_shards import Elsewhere

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 1.0
LONGEST_LEASE = timedelta(minutes=10)


@dataclass(kw_only=True)
class Node:
    """One running process of the gateway. Make it with make_node, inside the event loop."""

    instance: Instance
    engine: Engine
    workers: Workers
    processing: Processing
    delivery: Delivery
    timers: Timers
    presence: Presence
    admission: Admission
    loop: asyncio.AbstractEventLoop
    longest_wait: timedelta  # of a retry, a probe or a lease: what waits longer was written by a clock that was ahead
    running: "asyncio.Task[None] | None" = None

    async def accept(self, arrival: Arrival) -> Accepted:
        """Keep arrival durably, then wake its lane. What every channel calls."""
        instance = self.instance
        now = instance.clock.now()
        with self.admission.keeping(arrival.payload.size_bytes):
            if arrival.payload.size_bytes > instance.journal.row_limit_bytes:  # its fsync must not hold up the writer
                await asyncio.to_thread(instance.journal.keep_payload, arrival.payload)
            accepted = await asyncio.wrap_future(instance.journal.take(self._accept_all, (arrival, now)))
        if accepted.outcome == "new":
            self.engine.wake(lane_of(instance.book.partner(arrival.partner), accepted.arrival_id))
        return accepted

    def _accept_all(self, tx: Tx, arriving: Sequence[tuple[Arrival, datetime]]) -> list[Accepted]:
        return accept_all(tx, self.instance.book, arriving)

    def wake_lane(self, lane: str) -> None:
        """Wake lane from any thread."""
        self.loop.call_soon_threadsafe(self.engine.wake, lane)

    def wake_delivery(self) -> None:
        """Wake the delivery from any thread."""
        self.loop.call_soon_threadsafe(self.delivery.wake)

    async def run(self) -> None:
        """Process, deliver and keep time until cancelled."""
        engine = self.engine.run(self.processing.drain)
        house = keep_house_daily(self.instance)
        spare_what_stays()
        record = CustomerRecord(instance=self.instance).run()
        agreed = look_daily(self.instance, self.wake_lane)
        keeping = [self.timers.run(), self.sweep(), self.presence.run(), house, record, agreed]
        parts = [engine, self.delivery.run(), *keeping]
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.processing.release()
            self.workers.close()
            await self.presence.leave()

    async def sweep(self) -> None:
        """Find what a lost wake missed, and follow new definitions. Runs until cancelled."""
        await self.instance.rounds.keep("sweep", SWEEP_EVERY_S, partial(asyncio.to_thread, self._look))

    def follow(self) -> None:
        """Work with the definitions in force from now on. From any thread but the event loop's."""
        if self.instance.refresh():
            self.workers.replace_book(self.instance.book_builder())
            spare_what_stays()

    def _look(self) -> None:
        self.follow()
        now = self.instance.clock.now()
        latest = now + self.longest_wait
        backlog, lanes, beyond = self.instance.journal.read(
            lambda tx: (tx.backlog(), tx.lanes_with_work(now), tx.waits_beyond(latest))
        )
        if beyond:
            found = self.instance.journal.write(lambda tx: tx.call_back(latest, now))
            log.warning("the clock was set back: %s waits are over now", found)
        self.admission.sample(backlog, now)
        self.loop.call_soon_threadsafe(self.engine.sweep, lanes)


def _marks(limits: Limits) -> Marks:
    return Marks(
        waiting_bytes=limits.waiting_max_bytes,
        wait_s=limits.writer_wait_max_s,
        backlog=limits.backlog,
        age=timedelta(seconds=limits.backlog_age_s),
        disk_bytes=limits.disk_free_min_bytes,
    )


def _engine(settings: Settings) -> Engine:
    if settings.database is None or settings.engine == "local":
        return LocalEngine()
    from gateway.app.engine_procrastinate import ProcrastinateEngine  # not needed, and slow to import, on SQLite

    return ProcrastinateEngine(settings.database)


def make_node(instance: Instance, channels: Mapping[str, Channel]) -> Node:
    """Wire one node. Call it inside the event loop."""
    settings = instance.settings
    loop = asyncio.get_running_loop()
    node = new_node(instance.wall.now())
    owner = node.id
    alive = instance.journal.announce(owner)
    policy = RetryPolicy(
        first=timedelta(seconds=settings.retry.first_s),
        longest=timedelta(seconds=settings.retry.longest_s),
        attempts=settings.retry.attempts,
    )
    workers = Workers(instance.book_builder(), settings.workers, settings.limits.reading_max_s)
    delivery = Delivery(
        journal=instance.journal,
        book=lambda: instance.book,
        channels=channels,
        clock=instance.clock,
        owner=owner,
        policy=policy,
        rounds=instance.rounds,
    )
    engine = _engine(settings)

    def elsewhere() -> "Elsewhere | None":
        from gateway.app import planning_workers  # the formulas are slow to import, and only a large night pays

        return planning_workers.elsewhere(instance)

    processing = Processing(
        journal=instance.journal,
        book=lambda: instance.book,
        workers=workers,
        clock=instance.clock,
        owner=owner,
        on_parcels=delivery.wake,
        wake=engine.wake,
        keeps_lanes=settings.database is None,
        ahead=RunsAhead(elsewhere=elsewhere, rounds=instance.rounds),
    )
    timers = Timers(
        journal=instance.journal,
        book=lambda: instance.book,
        clock=instance.clock,
        wake=engine.wake,
        planning_every=settings.planning_every,
        rounds=instance.rounds,
        elsewhere=elsewhere,
    )

    def wake(lane: str) -> None:
        loop.call_soon_threadsafe(engine.wake, lane)

    return Node(
        instance=instance,
        engine=engine,
        workers=workers,
        processing=processing,
        delivery=delivery,
        timers=timers,
        presence=Presence(
            journal=instance.journal,
            node=node,
            wall=instance.wall,
            clock=instance.clock,
            alive=alive,
            wake=wake,
            rounds=instance.rounds,
        ),
        admission=Admission(
            marks=_marks(settings.limits),
            waiting=lambda: instance.journal.waiting,
            folder=settings.var,
            timer=loop.time,
        ),
        loop=loop,
        longest_wait=max(policy.longest, LONGEST_LEASE) + timedelta(minutes=1),
    )
