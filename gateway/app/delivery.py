"""The awaiting half of deliver: claim, wrap once, send, settle. The network is used between transactions only."""

import asyncio
import logging
import random
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import monotonic
from typing import TypeVar

from gateway.app.carriers import connection_of
from gateway.app.collecting import Collector, write_together
from gateway.app.rounds import Rounds
from gateway.app.ways import Ways
from gateway.model.faults import Fault, OurFault
from gateway.model.partner import Partner
from gateway.pipeline.book import Book
from gateway.pipeline.deliver import LEASE, claim, settle_fault, settle_proof
from gateway.pipeline.retry import RetryPolicy
from gateway.ports.journal import Journal, Tx
from gateway.ports.records import ParcelRow, Proof, Wrapped
from gateway.ports.shell import Channel, Clock, Explains

log = logging.getLogger(__name__)
T = TypeVar("T")

BATCH = 32
BATCHES = 32  # claimed and not yet sent
PARTNERS_AT_ONCE = 8
AGAIN_S = 0.5  # between two tries to write what came of a delivery, while the journal cannot be written


@dataclass(kw_only=True)
class Delivery:
    """One node's deliveries: partners side by side, the parcels of one partner one after the other."""

    journal: Journal
    book: Callable[[], Book]
    channels: Mapping[str, Channel]
    clock: Clock
    owner: str
    policy: RetryPolicy
    rounds: Rounds
    _busy: bool = False  # the last round found something

    def __post_init__(self) -> None:
        self._woken = asyncio.Event()
        self._slots = asyncio.Semaphore(PARTNERS_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._outcomes = Collector(self.journal)
        self._last: dict[str, asyncio.Task[None]] = {}  # by partner
        self._ways = Ways(book=self.book, clock=self.clock, reroute=self._reroute)

    def wake(self) -> None:
        """Say that a parcel may be due. Only a hint: the loop looks by itself every second."""
        self._woken.set()

    async def run(self) -> None:
        """Deliver until cancelled."""
        try:
            while True:
                went_well = await self.rounds.take("claims", self._round)  # on a full disk, say, what is due stays due
                if not went_well or not self._busy:
                    self._woken.clear()
                    with suppress(TimeoutError):
                        async with asyncio.timeout(1.0):  # wait_for may swallow a cancellation in 3.11
                            await self._woken.wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _round(self) -> None:
        self._busy = False
        now = self.clock.now()
        if len(self._tasks) >= BATCHES or not await asyncio.to_thread(
            self.journal.read, lambda tx: tx.parcels_due(now)
        ):
            return
        parcels = await self._write(lambda tx: claim(tx, self.owner, now, BATCH))
        by_partner: dict[str, list[ParcelRow]] = defaultdict(list)
        for parcel in parcels:
            by_partner[parcel.partner].append(parcel)
        for partner, batch in by_partner.items():
            task = asyncio.create_task(self._in_turn(batch, self._last.get(partner), now + LEASE))
            self._last[partner] = task
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        self._busy = bool(parcels)

    async def _in_turn(self, parcels: list[ParcelRow], before: "asyncio.Task[None] | None", until: datetime) -> None:
        """Deliver after the same partner's batch before; what waits longer than its lease is left to the next claim."""
        if before is not None:
            await asyncio.wait([before])
        await self._slots.acquire()
        if self.clock.now() < until:
            await self._deliver_all(parcels)
        else:
            self._slots.release()

    async def _deliver_all(self, parcels: list[ParcelRow]) -> None:
        """Wrap all, keep them in one commit, send one after the other; what came of each is written as it comes."""
        try:
            settled = []
            waiting = deque(await self._wrapped([await self._chosen(parcel) for parcel in parcels]))
            while waiting:
                parcel, ready = waiting.popleft()
                outcome = await self._sent(parcel, ready)
                self._ways.note(parcel, outcome)
                settled.append(asyncio.create_task(self._settle(parcel, outcome)))
                if isinstance(outcome, Fault) and outcome.owner == "network" and outcome.temporary:
                    break  # who cannot be reached now is not asked once per parcel
            await asyncio.gather(*settled)
            await self._give_back([parcel for parcel, _ in waiting])
        finally:
            self._slots.release()

    async def _chosen(self, parcel: ParcelRow) -> ParcelRow:
        try:
            return await self._ways.chosen(parcel)
        except OurFault as fault:  # lost to another worker, or no such partner any more: found again where it matters
            log.warning("way of parcel %s: %s", parcel.id, fault.code)
            return parcel

    async def _reroute(self, parcel: ParcelRow, channel: str, although_uncertain: bool) -> ParcelRow | None:
        now = self.clock.now()
        return await self._write(lambda tx: tx.reroute(parcel, channel, now, although_uncertain=although_uncertain))

    async def _wrapped(self, parcels: list[ParcelRow]) -> list[tuple[ParcelRow, Wrapped | Fault]]:
        found = await asyncio.to_thread(lambda: [(each, self._wrap(each)) for each in parcels])
        new = [(parcel, ready) for parcel, ready in found if isinstance(ready, Wrapped) and parcel.wrapped is None]
        now = self.clock.now()
        outcomes = await write_together(self.journal, [partial(_keep, parcel, ready, now) for parcel, ready in new])
        failed = [(parcel, each) for (parcel, _), each in zip(new, outcomes, strict=True) if _failed(each)]
        away = [parcel for parcel, each in failed if _may_succeed_later(each)]
        if away:
            task = asyncio.create_task(self._give_back(away))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        if len(away) < len(failed):
            log.warning("parcels taken over by another worker: %s", ", ".join(p.id for p, _ in failed if p not in away))
        lost = {parcel.id for parcel, _ in failed}
        return [(parcel, ready) for parcel, ready in found if parcel.id not in lost]

    def _wrap(self, parcel: ParcelRow) -> Wrapped | Fault:
        if parcel.wrapped is not None:
            return parcel.wrapped
        try:
            partner, channel, over = self._way(parcel)
            return channel.wrap(parcel, partner, over)
        except Fault as fault:
            return fault
        except Exception:
            log.exception("wrapping of %s", parcel.id)
            return OurFault("parcel.bug", value=parcel.id)

    def _way(self, parcel: ParcelRow) -> tuple[Partner, Channel, str]:
        """Return whose connection is used, by which channel and under which key of that partner."""
        book = self.book()
        partner, over = connection_of(book, book.partner(parcel.partner), parcel.channel)
        return partner, self.channels[partner.channels[over].kind], over

    async def _sent(self, parcel: ParcelRow, ready: Wrapped | Fault) -> Proof | Fault:
        if isinstance(ready, Fault):
            return ready
        try:
            partner, channel, over = self._way(parcel)
        except Fault as fault:  # wrapped in an earlier attempt, and its channel taken away since
            return fault
        try:
            return await channel.send(ready, partner, over)
        except Fault as fault:
            if isinstance(channel, Explains):
                return await asyncio.to_thread(channel.explain, fault, parcel, ready)
            return fault
        except Exception:
            log.exception("delivery of %s", parcel.id)
            return OurFault("parcel.bug", value=parcel.id)

    async def _settle(self, parcel: ParcelRow, outcome: Proof | Fault) -> None:
        jitter = random.random()  # noqa: S311 - spreads retries, no secret
        now = self.clock.now()

        def settle(tx: Tx) -> None:
            if isinstance(outcome, Proof):
                settle_proof(tx, parcel, outcome, now)
            else:
                settle_fault(tx, parcel, outcome, now, self.policy, jitter)

        end = monotonic() + LEASE.total_seconds()
        while True:
            try:
                await self._outcomes.write(settle)
            except OurFault as fault:
                if fault.temporary and monotonic() < end:  # what was sent must be known, or it goes out once more
                    await asyncio.sleep(AGAIN_S)
                    continue
                if fault.code != "journal.lost-claim":
                    raise
                log.warning("parcel %s was taken over by another worker", parcel.id)
            return

    async def _give_back(self, parcels: list[ParcelRow]) -> None:
        """The others are due again, with no attempt counted; the breaker decides when. While the journal cannot be
        written they wait for it here: their lease would hold them back much longer."""
        end = monotonic() + LEASE.total_seconds()
        while parcels:
            now = self.clock.now()
            outcomes = await write_together(self.journal, [partial(_return, parcel, now) for parcel in parcels])
            failed = [(parcel, each) for parcel, each in zip(parcels, outcomes, strict=True) if _failed(each)]
            parcels = [parcel for parcel, each in failed if _may_succeed_later(each) and monotonic() < end]
            if len(parcels) < len(failed):
                log.warning("given back too late: %s", failed[0][1])
            if parcels:
                await asyncio.sleep(AGAIN_S)

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self.journal.submit(work))


def _failed(outcome: object) -> bool:
    return isinstance(outcome, BaseException)


def _may_succeed_later(outcome: object) -> bool:
    return isinstance(outcome, Fault) and outcome.temporary


def _return(parcel: ParcelRow, now: datetime, tx: Tx) -> None:
    tx.give_back(parcel, now)


def _keep(parcel: ParcelRow, wrapped: Wrapped, now: datetime, tx: Tx) -> None:
    tx.store_wrapped(parcel, wrapped, now)
