"""Drain a lane: prepare what has arrived, apply what was prepared, in order, until nothing is left."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar, cast

from gateway.app.ids import uuid7
from gateway.app.planning_ahead import AT_ONCE, RunsAhead, holds_run, stretches
from gateway.app.workers import Workers
from gateway.domain.replenishment.facts import PlannedAhead
from gateway.model.faults import Fault, OurFault
from gateway.model.replenishment import PlanningRequest
from gateway.pipeline.accept import message_lane
from gateway.pipeline.apply import Applied, apply
from gateway.pipeline.book import Book
from gateway.pipeline.prepare import Prepared
from gateway.pipeline.stored import process, store_prepared
from gateway.ports.journal import Journal, Tx
from gateway.ports.records import ArrivalRow, LaneClaim, MessageRow
from gateway.ports.shell import Clock
from gateway.store.mapping_versions import chosen_layers
from gateway.store.sql_tx import SqlTx

log = logging.getLogger(__name__)
T = TypeVar("T")

LEASE = timedelta(minutes=5)
BATCH = 32
TOGETHER = 64  # messages that may share one transaction: while it runs on SQLite, nothing is accepted
STARTS = 20  # of reading one arrival, each cut off by the end of the whole gateway: after that it is set aside


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a lane has to do. arrivals come after the messages, which are older."""

    replays: list[tuple[MessageRow, ArrivalRow]]
    messages: list[MessageRow]
    arrivals: list[ArrivalRow]

    @property
    def anything(self) -> bool:
        return bool(self.replays or self.messages or self.arrivals)

    @property
    def arrivals_only(self) -> bool:
        return bool(self.arrivals) and not self.messages and not self.replays


def _count_starts(tx: Tx, claim: LaneClaim, found: _Found) -> None:
    """Mark the arrivals that are read next: what ends the whole gateway is known by its count."""
    if found.arrivals_only:
        tx.count_attempts(claim, [each.id for each in found.arrivals])


def _applied(
    tx: Tx,
    book: Book,
    claim: LaneClaim,
    row: MessageRow,
    now: datetime,
    new_id: Callable[[], str],
    ahead: PlannedAhead | None,
) -> Applied:
    return apply(tx, book, claim, row, now, new_id, ahead)


@dataclass(kw_only=True)
class Processing:
    """One node's processing. owner: unique per process start; on_parcels: called when parcels were queued; wake: called
    with a lane that got messages from another one.

    keeps_lanes: a lane once claimed is kept until half its lease is over, so that a quiet partner's next message costs
    no claim. Where several nodes share the work a lane is given back when it is empty.
    Works that belong together are submitted together: they share a commit, each in a savepoint of its own.
    """

    journal: Journal
    book: Callable[[], Book]
    workers: Workers
    clock: Clock
    owner: str
    on_parcels: Callable[[], None]
    wake: Callable[[str], None]
    keeps_lanes: bool = True
    ahead: RunsAhead | None = None
    _claims: dict[str, tuple[LaneClaim, datetime]] = field(default_factory=dict)

    async def drain(self, lane: str) -> None:
        """Work the lane off, unless another owner holds it."""
        found: _Found | None = None
        try:
            while claim := await self._claim(lane):
                found = await self._round(claim, found)
                if found is not None and not found.anything:
                    break
            if claim is not None and not self.keeps_lanes:
                self._claims.pop(lane, None)
                await self._write(lambda tx: tx.release_lane(claim))
        except OurFault as fault:
            if fault.code != "journal.lost-claim":
                raise
            self._claims.pop(lane, None)  # our lease ended while we worked: whoever has it goes on
            log.warning("lane %s was taken over", lane)

    async def _claim(self, lane: str) -> LaneClaim | None:
        now = self.clock.now()
        held = self._claims.get(lane)
        if held is not None and now < held[1] - LEASE / 2:
            return held[0]
        claim = await self._write(lambda tx: tx.claim_lane(lane, self.owner, now, LEASE))
        if claim is not None:
            self._claims[lane] = (claim, now + LEASE)
        return claim

    async def release(self) -> None:
        """Give every lane back: this node stops."""
        claims = [claim for claim, _ in self._claims.values()]
        self._claims.clear()

        def give_back(tx: Tx) -> None:
            for claim in claims:
                tx.release_lane(claim)

        await self._write(give_back)

    def _look(self, claim: LaneClaim) -> Callable[[Tx], _Found]:
        """Return a work that finds what the lane has to do now."""
        now = self.clock.now()

        def look(tx: Tx) -> _Found:
            return _Found(
                replays=tx.messages_to_replay(claim, BATCH),
                messages=tx.messages_to_apply(claim, now, BATCH),
                arrivals=tx.arrivals_to_prepare(claim, now, BATCH),
            )

        return look

    async def _round(self, claim: LaneClaim, found: _Found | None) -> _Found | None:
        """Work off what was found, or look for it first. Returns what comes next when that is known already."""
        if found is None:
            found = await asyncio.to_thread(self.journal.read, self._look(claim))
            if found.arrivals_only:
                await self._write(partial(_count_starts, claim=claim, found=found))
        if found.arrivals_only:
            return await self._process(claim, found.arrivals)
        for message, arrival in found.replays:
            await self._replay(claim, message, arrival)
        if found.messages:  # older than what would be prepared next: order per lane
            await self._apply(claim, found.messages)
        return None if found.anything else found

    async def _process(self, claim: LaneClaim, arrivals: Sequence[ArrivalRow]) -> _Found | None:
        """Read arrivals whose start is counted; store and apply them. Returns what the lane has to do next, starts
        counted, when that is known already."""
        read = await asyncio.gather(*(self._read(each) for each in arrivals))
        named = [self._named(each) for each in read]
        good = [(arrival, each) for arrival, each in zip(arrivals, named, strict=True) if isinstance(each, Prepared)]
        together = sum(len(each.messages) for _, each in good) <= TOGETHER and not any(
            holds_run(each) for _, each in good
        )
        if together and len(good) == len(named):
            caught = await self._in_one(claim, good)
            if isinstance(caught, _Found):
                self._wake_lanes(arrivals, named)
                return caught
        works = [self._stored(claim, arrival, each) for arrival, each in zip(arrivals, named, strict=True)]
        if any(await self._all(works)):
            self.on_parcels()
        self._wake_lanes(arrivals, named)
        return None

    async def _in_one(self, claim: LaneClaim, readings: Sequence[tuple[ArrivalRow, Prepared]]) -> _Found | None:
        """Store, apply and look further in one transaction; None when something stands against that: then nothing of it
        has happened, and going step by step finds out what it was."""
        now, book, look = self.clock.now(), self.book(), self._look(claim)

        def work(tx: Tx) -> tuple[int, _Found]:
            parcels = process(tx, book, claim, readings, now, self._new_id)
            found = look(tx)
            _count_starts(tx, claim, found)
            return parcels, found

        try:
            parcels, found = await asyncio.wrap_future(self.journal.decide(work))
        except Fault as fault:
            if fault.temporary or fault.code == "journal.lost-claim":
                raise
            return None
        except Exception:
            log.warning("lane %s goes step by step", claim.lane, exc_info=True)
            return None
        if parcels:
            self.on_parcels()
        return found

    def _wake_lanes(self, arrivals: Sequence[ArrivalRow], found: Sequence[Prepared | OurFault]) -> None:
        """Messages may wait in lanes of their own, by document type."""
        partners = self.book().partners
        for arrival, read in zip(arrivals, found, strict=True):
            sender = partners.get(arrival.partner)
            if sender is not None and isinstance(read, Prepared):
                for lane in {message_lane(sender, each.type, arrival.lane) for each in read.messages} - {arrival.lane}:
                    self.wake(lane)

    async def _read(self, arrival: ArrivalRow) -> Prepared | OurFault:
        if arrival.attempts >= STARTS:
            return OurFault("message.poison", attempts=str(arrival.attempts))
        try:
            return await self.workers.prepare(arrival)
        except OurFault as fault:
            return fault
        except Exception:
            log.exception("arrival %s", arrival.id)
            return OurFault("message.bug")

    def _stored(self, claim: LaneClaim, arrival: ArrivalRow, read: Prepared | OurFault) -> Callable[[Tx], int]:
        now, book = self.clock.now(), self.book()
        if isinstance(read, OurFault):
            found = read.as_finding()

            def set_aside(tx: Tx) -> int:
                tx.finish_arrival(claim, arrival.id, "parked", now, fault=found)
                if not arrival.test:
                    tx.add_case(arrival.partner, found.code, arrival.id, {"arrival": arrival.id}, now)
                return 0

            return set_aside
        return lambda tx: store_prepared(tx, book, claim, arrival, read, now, self._new_id).parcels

    def _named(self, read: Prepared | OurFault) -> Prepared | OurFault:
        if isinstance(read, OurFault):
            return read
        return replace(read, messages=tuple(replace(each, id=self._new_id()) for each in read.messages))

    async def _replay(self, claim: LaneClaim, message: MessageRow, arrival: ArrivalRow) -> None:
        try:
            chosen = await asyncio.to_thread(self.journal.read, lambda tx: chosen_layers(cast("SqlTx", tx), message.id))
            reread = await self.workers.reread(arrival, message, chosen)
        except OurFault as fault:
            await self._park(claim, message, fault)
            return
        except Exception:
            log.exception("message %s", message.id)
            await self._park(claim, message, OurFault("message.bug"))
            return
        await self._write(lambda tx: tx.store_replayed(claim, reread, self.clock.now()))

    async def _apply(self, claim: LaneClaim, messages: list[MessageRow]) -> None:
        for is_run, some in stretches(messages):
            if is_run:
                await self._apply_run(claim, [(row, request) for row, request in some if request is not None][:AT_ONCE])
                return  # what comes after is looked for anew
            await self._apply_all(claim, [row for row, _ in some])

    async def _apply_run(self, claim: LaneClaim, shards: list[tuple[MessageRow, PlanningRequest]]) -> None:
        """Apply shards of a run in their order, each in a transaction of its own, planned ahead where that pays."""
        now, book = self.clock.now(), self.book()
        planned = self.ahead.of(shards, now) if self.ahead else ((row, None) for row, _ in shards)
        while (found := await asyncio.to_thread(next, planned, None)) is not None:
            message, made = found
            work = partial(_applied, book=book, claim=claim, row=message, now=now, new_id=self._new_id, ahead=made)
            if await self._outcome(claim, message, asyncio.wrap_future(self.journal.decide(work)), ()):
                self.on_parcels()

    async def _apply_all(self, claim: LaneClaim, messages: list[MessageRow]) -> None:
        now, book = self.clock.now(), self.book()
        works = [lambda tx, each=each: apply(tx, book, claim, each, now, self._new_id) for each in messages]
        done = [asyncio.wrap_future(self.journal.decide(work)) for work in works]
        parcels = 0
        for message, future in zip(messages, done, strict=True):
            parcels += await self._outcome(claim, message, future, done)
        if parcels:
            self.on_parcels()

    async def _outcome(
        self,
        claim: LaneClaim,
        message: MessageRow,
        future: "asyncio.Future[Applied]",
        others: Sequence[Awaitable[Applied]],
    ) -> int:
        """Return how many parcels a message has caused; what its transaction could not carry is set aside."""
        try:
            return (await future).parcels
        except Fault as fault:
            if fault.code == "journal.lane-blocked":
                return 0  # strict: the good ones before are applied, this one waits
            if fault.temporary or fault.code == "journal.lost-claim":
                await asyncio.gather(*others, return_exceptions=True)
                raise
            await self._park(claim, message, fault)
        except Exception:
            log.exception("message %s", message.id)
            await self._park(claim, message, OurFault("message.bug"))
        return 0

    async def _park(self, claim: LaneClaim, message: MessageRow, fault: Fault) -> None:
        """Set a message aside that its own transaction could not carry: for a bug, or for a fault met outside of it."""
        found, now = fault.as_finding(), self.clock.now()

        def work(tx: Tx) -> None:
            tx.finish_message(claim, message.id, "parked", now, fault=found, owner=fault.owner)
            if not message.test:
                subject = message.business_number or message.id
                tx.add_case(message.partner, found.code, subject, {"message": message.id}, now)

        await self._write(work)

    async def _write(self, work: Callable[[Tx], T]) -> T:
        return await asyncio.wrap_future(self.journal.submit(work))

    async def _all(self, works: Sequence[Callable[[Tx], T]]) -> list[T]:
        """Submit all at once, so that they share commits; wait for all."""
        return await asyncio.gather(*(asyncio.wrap_future(self.journal.submit(work)) for work in works))

    def _new_id(self) -> str:
        return uuid7(self.clock.now())
