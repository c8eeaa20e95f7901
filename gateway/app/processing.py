"""Drain a lane: prepare what has arrived, apply what was prepared, in order, until nothing is left."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from gateway.app.ids import uuid7
from gateway.app.workers import Workers
from gateway.model.faults import Fault, OurFault
from gateway.pipeline.apply import apply
from gateway.pipeline.book import Book
from gateway.pipeline.stored import store_prepared
from gateway.ports.journal import Journal, Tx
from gateway.ports.records import ArrivalRow, LaneClaim, MessageRow, NewMessage
from gateway.ports.shell import Clock

log = logging.getLogger(__name__)
T = TypeVar("T")

LEASE = timedelta(minutes=5)
BATCH = 16
STARTS = 20  # of reading one arrival, each cut off by the end of the whole gateway: after that it is set aside


@dataclass(kw_only=True)
class Processing:
    """One node's processing. owner: unique per process start; on_parcels: called when parcels were queued."""

    journal: Journal
    book: Callable[[], Book]
    workers: Workers
    clock: Clock
    owner: str
    on_parcels: Callable[[], None]

    async def drain(self, lane: str) -> None:
        """Work the lane off, unless another owner holds it."""
        now = self.clock.now()
        claim = await self._write(lambda tx: tx.claim_lane(lane, self.owner, now, LEASE))
        if claim is None:
            return
        try:
            while await self._round(claim):
                pass
        finally:
            await self._write(lambda tx: tx.release_lane(claim))

    async def _round(self, claim: LaneClaim) -> bool:
        now = self.clock.now()

        def look(tx: Tx) -> tuple[list[tuple[MessageRow, ArrivalRow]], list[ArrivalRow], list[MessageRow]]:
            return (
                tx.messages_to_replay(claim, BATCH),
                tx.arrivals_to_prepare(claim, now, BATCH),
                tx.messages_to_apply(claim, now, BATCH),
            )

        replays, arrivals, messages = await asyncio.to_thread(self.journal.read, look)
        for message, arrival in replays:
            await self._replay(claim, message, arrival)
        for message in messages:  # older than what is prepared next: order per lane
            await self._apply(claim, message)
        if not messages:
            for arrival in arrivals:
                await self._prepare(claim, arrival)
        return bool(replays or arrivals or messages)

    async def _prepare(self, claim: LaneClaim, arrival: ArrivalRow) -> None:
        attempts = await self._write(lambda tx: tx.count_attempt(claim, arrival.id))
        now = self.clock.now()
        if attempts > STARTS:
            poison = OurFault("message.poison", attempts=str(attempts - 1)).as_finding()
            await self._write(lambda tx: tx.finish_arrival(claim, arrival.id, "parked", now, fault=poison))
            return
        try:
            prepared = await self.workers.prepare(arrival)
        except OurFault as fault:
            poison = fault.as_finding()
            await self._write(lambda tx: tx.finish_arrival(claim, arrival.id, "parked", now, fault=poison))
            return
        named = replace(prepared, messages=tuple(self._named(each) for each in prepared.messages))
        sent = await self._write(
            lambda tx: store_prepared(tx, self.book(), claim, arrival, named, self.clock.now(), self._new_id)
        )
        if sent:
            self.on_parcels()

    async def _replay(self, claim: LaneClaim, message: MessageRow, arrival: ArrivalRow) -> None:
        try:
            reread = await self.workers.reread(arrival, message)
        except OurFault as fault:
            poison, now = fault.as_finding(), self.clock.now()
            await self._write(lambda tx: tx.finish_message(claim, message.id, "parked", now, fault=poison, owner="us"))
            return
        await self._write(lambda tx: tx.store_replayed(claim, reread, self.clock.now()))

    async def _apply(self, claim: LaneClaim, message: MessageRow) -> None:
        now = self.clock.now()
        try:
            applied = await self._write(lambda tx: apply(tx, self.book(), claim, message, now, self._new_id))
        except Fault:
            raise
        except Exception:
            log.exception("message %s", message.id)
            bug = OurFault("message.bug").as_finding()
            await self._write(lambda tx: tx.finish_message(claim, message.id, "parked", now, fault=bug, owner="us"))
            return
        if applied.parcels:
            self.on_parcels()

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self.journal.submit(work))

    def _named(self, message: NewMessage) -> NewMessage:
        return replace(message, id=self._new_id())

    def _new_id(self) -> str:
        return uuid7(self.clock.now())
