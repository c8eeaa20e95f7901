"""What people set in motion, on the journal. Console, API and command line call the same functions."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from gateway.api.actions import Decision
from gateway.app import planning
from gateway.app.connectors import AsyncConnectors, ConnectorDesk
from gateway.app.customer_record import AsyncCustomerRecord, CustomerRecord
from gateway.app.desk import AsyncDesk, DeskJournalActions
from gateway.app.house import OWN, accept_internal
from gateway.app.house_actions import AsyncHouseActions, HouseJournalActions
from gateway.app.ids import uuid7
from gateway.app.operations import AsyncOperations, OperationsJournalActions
from gateway.app.people import AsyncPeople
from gateway.app.plan_backtests import AsyncBacktests, PlanBacktests
from gateway.app.planning import AsyncPlanning, PlanningActions
from gateway.app.privacy import AsyncPrivacy
from gateway.app.selling import AsyncSelling, Selling
from gateway.domain.decision import Needs
from gateway.model.faults import OurFault
from gateway.model.payload import MemoryPayload
from gateway.model.replenishment import ProposalDecision
from gateway.pipeline.accept import accept, lane_of
from gateway.ports.journal import Tx
from gateway.ports.records import Arrival, Bulk, HoldKind, ReplayFilter


@dataclass(kw_only=True)
class JournalActions(HouseJournalActions, OperationsJournalActions, DeskJournalActions):
    """Synchronous; each is one transaction and one audit row. wake(lane): a hint to a running node, or nothing."""

    wake_delivery: Callable[[], None]

    @property
    def planner(self) -> PlanningActions:
        return PlanningActions(instance=self.instance, wake=self.wake)

    def replay(self, message_or_arrival_id: str, user: str) -> None:
        """Raises OurFault journal.not-found, journal.not-replayable."""
        now = self.instance.clock.now()
        for lane in self.instance.journal.write(lambda tx: tx.replay(message_or_arrival_id, user, now)):
            self.wake(lane)

    def resend(self, parcel_id: str, user: str) -> None:
        """Raises OurFault journal.not-found, journal.not-resendable."""
        now = self.instance.clock.now()
        self.instance.journal.write(lambda tx: tx.resend(parcel_id, user, now))
        self.wake_delivery()

    def pause(self, kind: HoldKind, key: str, reason: str, user: str) -> None:
        now = self.instance.clock.now()
        self.instance.journal.write(lambda tx: tx.pause(kind, key, reason, user, now))

    def resume(self, kind: HoldKind, key: str, user: str) -> None:
        """Raises OurFault journal.not-paused."""
        now = self.instance.clock.now()
        for lane in self.instance.journal.write(lambda tx: tx.resume(kind, key, user, now)):
            self.wake(lane)
        self.wake_delivery()

    def skip(self, message_id: str, reason: str, user: str) -> None:
        """Raises OurFault journal.not-found, journal.not-blocking."""
        now = self.instance.clock.now()
        self.wake(self.instance.journal.write(lambda tx: tx.skip(message_id, user, reason, now)))

    def resubmit(self, message_or_arrival_id: str, data: bytes, reason: str, user: str) -> str:
        """Accept edited bytes as a new arrival that is linked to the original; return its id.

        The same edit a second time is a repeat. Raises OurFault journal.not-found.
        """
        now = self.instance.clock.now()
        payload = MemoryPayload(data)

        def work(tx: Tx) -> str:
            original = tx.arrival_of(message_or_arrival_id)
            edited = Arrival(
                id=uuid7(now),
                channel=original.channel,
                partner=original.partner,
                payload=payload,
                content_type=original.content_type,
                filename=original.filename,
                dedupe_key=f"edit:{original.id}:{payload.sha256}",
                test=original.test,
                origin=original.id,
                evidence={"edited_by": user, "reason": reason, "original": original.id},
            )
            accepted = accept(tx, self.instance.book, edited, now)
            if accepted.outcome == "new":
                tx.audit(user, "arrival.resubmit", original.id, None, f"{accepted.arrival_id}: {reason}", now)
            self.wake(lane_of(self.instance.book.partner(original.partner), accepted.arrival_id))
            return accepted.arrival_id

        return self.instance.journal.write(work)

    def replay_preview(self, chosen: ReplayFilter) -> list[tuple[str, str, int]]:
        """Return (fault code, partner, count) of what a bulk replay would take."""
        return self.instance.journal.read(lambda tx: tx.replay_preview(chosen))

    def start_bulk(self, chosen: ReplayFilter, reason: str, user: str) -> Bulk:
        now = self.instance.clock.now()
        return self.instance.journal.write(lambda tx: tx.start_bulk(uuid7(now), chosen, user, reason, now))

    def advance_bulk(self, bulk_id: str, limit: int) -> Bulk:
        """Put the next portion back. Raises OurFault journal.not-found."""
        now = self.instance.clock.now()
        bulk, lanes = self.instance.journal.write(lambda tx: tx.advance_bulk(bulk_id, limit, now))
        for lane in lanes:
            self.wake(lane)
        return bulk

    def cancel_bulk(self, bulk_id: str, user: str) -> Bulk:
        """Raises OurFault journal.not-found."""
        now = self.instance.clock.now()
        return self.instance.journal.write(lambda tx: tx.cancel_bulk(bulk_id, user, now))

    def decide_proposal(self, proposal_id: str, decision: Decision, user: str) -> str:
        """Return the id of the arrival. Raises OurFault plan.proposal-unknown or plan.already-decided."""
        now = self.instance.clock.now()

        def work(tx: Tx) -> str:
            needs = Needs(proposals=frozenset({proposal_id}))
            proposal = tx.snapshot(needs, self.instance.book.own.warehouse).proposals.get(proposal_id)
            if proposal is None:
                raise OurFault("plan.proposal-unknown", value=proposal_id)
            if proposal.status != "proposed":
                raise OurFault("plan.already-decided", value=proposal_id, status=proposal.status)
            document = ProposalDecision(
                id=f"{decision}-{proposal_id}",
                issued_at=now,
                proposal=proposal_id,
                decision=decision,
                user=user,
                items=tuple(line.item for line in proposal.lines),
                customer=proposal.supplier if proposal.method in ("vmi", "cmi") else None,
            )
            accepted = accept_internal(tx, self.instance.book, document, now)
            if accepted.outcome != "new":  # the same word is on its way
                raise OurFault("plan.already-decided", value=proposal_id, status=decision)
            tx.audit(user, f"proposal.{decision}", proposal_id, None, decision, now)
            return accepted.arrival_id

        arrival_id = self.instance.journal.write(work)
        self.wake(OWN)
        return arrival_id

    def request_plan(self, user: str, supplier: str | None = None) -> str:
        """Return the id of the arrival. Raises OurFault partner.unknown."""
        if supplier is not None:
            self.instance.book.partner(supplier)
        now = self.instance.clock.now()
        book, name = self.instance.book, uuid7(now)

        def work(tx: Tx) -> str:
            tx.audit(user, "plan.run", supplier or "*", None, None, now)
            first, *others = planning.requests(tx, book, name, now, user)
            arrival_id = accept_internal(tx, book, replace(first, supplier=supplier), now).arrival_id
            for each in others:
                accept_internal(tx, book, replace(each, supplier=supplier), now)
            return arrival_id

        arrival_id = self.instance.journal.write(work)
        self.wake(OWN)
        return arrival_id


@dataclass(kw_only=True)
class AsyncActions(
    AsyncHouseActions,
    AsyncOperations,
    AsyncDesk,
    AsyncCustomerRecord,
    AsyncPeople,
    AsyncPrivacy,
    AsyncSelling,
    AsyncConnectors,
    AsyncPlanning,
    AsyncBacktests,
):
    """The same for handlers in the event loop: gateway.api.actions.Actions."""

    actions: JournalActions
    house: HouseJournalActions = field(init=False)
    operations: OperationsJournalActions = field(init=False)
    desk: DeskJournalActions = field(init=False)
    record: CustomerRecord = field(init=False)
    planning: PlanningActions = field(init=False)
    selling: Selling = field(init=False)
    connectors: ConnectorDesk = field(init=False)
    backtests: PlanBacktests = field(init=False)

    def __post_init__(self) -> None:
        self.house = self.actions
        self.operations = self.actions
        self.desk = self.actions
        self.record = CustomerRecord(instance=self.actions.instance)
        self.planning = self.actions.planner
        self.selling = Selling(instance=self.actions.instance)
        self.connectors = ConnectorDesk(instance=self.actions.instance)
        self.backtests = PlanBacktests(instance=self.actions.instance)

    async def replay(self, message_or_arrival_id: str, user: str) -> None:
        await asyncio.to_thread(self.actions.replay, message_or_arrival_id, user)

    async def resend(self, parcel_id: str, user: str) -> None:
        await asyncio.to_thread(self.actions.resend, parcel_id, user)

    async def resubmit(self, message_or_arrival_id: str, data: bytes, reason: str, user: str) -> str:
        return await asyncio.to_thread(self.actions.resubmit, message_or_arrival_id, data, reason, user)

    async def decide_proposal(self, proposal_id: str, decision: Decision, user: str) -> str:
        return await asyncio.to_thread(self.actions.decide_proposal, proposal_id, decision, user)

    async def request_plan(self, user: str, supplier: str | None = None) -> str:
        return await asyncio.to_thread(self.actions.request_plan, user, supplier)

    async def start_replay(self, chosen: ReplayFilter, reason: str, user: str) -> Bulk:
        return await asyncio.to_thread(self.actions.start_bulk, chosen, reason, user)

    async def cancel_replay(self, replay_id: str, user: str) -> Bulk:
        return await asyncio.to_thread(self.actions.cancel_bulk, replay_id, user)

    async def pause(self, kind: HoldKind, key: str, reason: str, user: str) -> None:
        await asyncio.to_thread(self.actions.pause, kind, key, reason, user)

    async def resume(self, kind: HoldKind, key: str, user: str) -> None:
        await asyncio.to_thread(self.actions.resume, kind, key, user)
