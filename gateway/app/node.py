"""One running process of the gateway: accept, process, deliver and keep time, wired together."""

import asyncio
import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from gateway.app.delivery import Delivery
from gateway.app.engine import LocalEngine
from gateway.app.instance import Instance
from gateway.app.processing import Processing
from gateway.app.timers import Timers
from gateway.app.workers import Workers
from gateway.pipeline.accept import accept, lane_of
from gateway.pipeline.retry import RetryPolicy
from gateway.ports.records import Accepted, Arrival
from gateway.ports.shell import Channel

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 1.0


@dataclass(kw_only=True)
class Node:
    """One running process of the gateway. Make it with make_node, inside the event loop."""

    instance: Instance
    engine: LocalEngine
    workers: Workers
    processing: Processing
    delivery: Delivery
    timers: Timers
    loop: asyncio.AbstractEventLoop

    async def accept(self, arrival: Arrival) -> Accepted:
        """Keep arrival durably, then wake its lane. What every channel calls."""
        instance = self.instance
        now = instance.clock.now()
        done = instance.journal.submit(lambda tx: accept(tx, instance.book, arrival, now))
        accepted = await asyncio.wrap_future(done)
        if accepted.outcome == "new":
            self.engine.wake(lane_of(arrival.partner))
        return accepted

    def wake_lane(self, lane: str) -> None:
        """Wake lane from any thread."""
        self.loop.call_soon_threadsafe(self.engine.wake, lane)

    def wake_delivery(self) -> None:
        """Wake the delivery from any thread."""
        self.loop.call_soon_threadsafe(self.delivery.wake)

    async def run(self) -> None:
        """Process, deliver and keep time until cancelled."""
        parts = [self.engine.run(self.processing.drain), self.delivery.run(), self.timers.run(), self.sweep()]
        tasks = [asyncio.create_task(part) for part in parts]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.processing.release()
            self.workers.close()

    async def sweep(self) -> None:
        """Find what a lost wake missed, and follow new definitions. Runs until cancelled."""
        while True:
            try:
                await asyncio.to_thread(self._look)
            except Exception:
                log.exception("sweep")
            await asyncio.sleep(SWEEP_EVERY_S)

    def _look(self) -> None:
        if self.instance.refresh():
            self.workers.replace_book(self.instance.book_builder())
        now = self.instance.clock.now()
        for lane in self.instance.journal.read(lambda tx: tx.lanes_with_work(now)):
            self.wake_lane(lane)


def make_node(instance: Instance, channels: Mapping[str, Channel]) -> Node:
    """Wire one node. Call it inside the event loop."""
    settings = instance.settings
    owner = f"{socket.gethostname()}:{os.getpid()}"
    policy = RetryPolicy(
        first=timedelta(seconds=settings.retry.first_s),
        longest=timedelta(seconds=settings.retry.longest_s),
        attempts=settings.retry.attempts,
    )
    workers = Workers(instance.book_builder(), settings.workers)
    delivery = Delivery(
        journal=instance.journal,
        book=lambda: instance.book,
        channels=channels,
        clock=instance.clock,
        owner=owner,
        policy=policy,
    )
    engine = LocalEngine()
    processing = Processing(
        journal=instance.journal,
        book=lambda: instance.book,
        workers=workers,
        clock=instance.clock,
        owner=owner,
        on_parcels=delivery.wake,
    )
    timers = Timers(
        journal=instance.journal,
        book=lambda: instance.book,
        clock=instance.clock,
        wake=engine.wake,
        planning_every=settings.planning_every,
    )
    return Node(
        instance=instance,
        engine=engine,
        workers=workers,
        processing=processing,
        delivery=delivery,
        timers=timers,
        loop=asyncio.get_running_loop(),
    )
