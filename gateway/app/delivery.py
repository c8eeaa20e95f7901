"""The awaiting half of deliver: claim, wrap once, send, settle. The network is used between transactions only."""

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from gateway.model.faults import Fault, OurFault
from gateway.pipeline.book import Book
from gateway.pipeline.deliver import claim, settle_fault, settle_proof
from gateway.pipeline.retry import RetryPolicy
from gateway.ports.journal import Journal, Tx
from gateway.ports.records import ParcelRow
from gateway.ports.shell import Channel, Clock

log = logging.getLogger(__name__)
T = TypeVar("T")

BATCH = 32
PARTNERS_AT_ONCE = 8


@dataclass(kw_only=True)
class Delivery:
    """One node's deliveries: partners side by side, the parcels of one partner one after the other."""

    journal: Journal
    book: Callable[[], Book]
    channels: Mapping[str, Channel]
    clock: Clock
    owner: str
    policy: RetryPolicy

    def __post_init__(self) -> None:
        self._woken = asyncio.Event()
        self._slots = asyncio.Semaphore(PARTNERS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Say that a parcel may be due. Only a hint: the loop looks by itself every second."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                if not await self._round():
                    self._woken.clear()
                    try:
                        await asyncio.wait_for(self._woken.wait(), 1.0)
                    except TimeoutError:
                        continue
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _round(self) -> bool:
        now = self.clock.now()
        if not await asyncio.to_thread(self.journal.read, lambda tx: tx.parcels_due(now)):
            return False
        parcels = await self._write(lambda tx: claim(tx, self.owner, self.clock.now(), BATCH))
        by_partner: dict[str, list[ParcelRow]] = defaultdict(list)
        for parcel in parcels:
            by_partner[parcel.partner].append(parcel)
        for batch in by_partner.values():
            await self._slots.acquire()
            task = asyncio.create_task(self._deliver_all(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return bool(parcels)

    async def _deliver_all(self, parcels: list[ParcelRow]) -> None:
        try:
            for parcel in parcels:
                await self._deliver(parcel)
        finally:
            self._slots.release()

    async def _deliver(self, parcel: ParcelRow) -> None:
        try:
            await self._attempt(parcel)
        except Fault as fault:
            await self._failed(parcel, fault)
        except Exception:
            log.exception("delivery of %s", parcel.id)
            await self._failed(parcel, OurFault("parcel.bug", value=parcel.id))

    async def _attempt(self, parcel: ParcelRow) -> None:
        partner = self.book().partner(parcel.partner)
        settings = partner.channels.get(parcel.channel)
        if settings is None:
            raise OurFault("parcel.no-channel", value=parcel.channel, partner=partner.id)
        channel = self.channels[settings.kind]
        wrapped = parcel.wrapped
        if wrapped is None:
            wrapped = await asyncio.to_thread(channel.wrap, parcel, partner, parcel.channel)
            frozen = wrapped
            await self._write(lambda tx: tx.store_wrapped(parcel, frozen, self.clock.now()))
        proof = await channel.send(wrapped, partner, parcel.channel)
        await self._write(lambda tx: settle_proof(tx, parcel, proof, self.clock.now()))

    async def _failed(self, parcel: ParcelRow, fault: Fault) -> None:
        if fault.code == "journal.lost-claim":
            log.warning("parcel %s was taken over by another worker", parcel.id)
            return
        counted = replace(parcel, attempts=max(parcel.attempts, 1))
        jitter = random.random()  # noqa: S311 - spreads retries, no secret
        await self._write(lambda tx: settle_fault(tx, counted, fault, self.clock.now(), self.policy, jitter))

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self.journal.submit(work))
