"""Runs of planning as documents of our own, and what planners set in motion: one transaction and one audit row each."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid5

from gateway.app.agreed import AgreedActions, AsyncAgreed
from gateway.app.csv_lists import read_list
from gateway.app.house import OWN, accept_internal
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.domain.decision import Context, Needs, Snapshot
from gateway.domain.replenishment import plan, words
from gateway.domain.replenishment.effective import NAMES, check
from gateway.domain.replenishment.exceptions import waits
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.planning_effects import LinesPlanned
from gateway.model.replenishment import (
    LineApproval,
    PartnerStanding,
    PlanningRequest,
    PlanningWord,
    PlanValue,
    ProposalDecision,
    ReplenishmentProposal,
)
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.store import planning_due, planning_records, planning_standings
from gateway.store.sql_tx import SqlTx

Change = tuple[int, str, str]  # since, place, GTIN
LEARN_EVERY = timedelta(days=7)
SHARD_PAIRS = 2000  # items and places of one transaction
CHANGED_AT_ONCE = 500
_CHANGES = UUID("5b0c2a86-6a52-5d0b-9a67-0f6a3f0b6a11")  # namespace of the ids of runs over changes


def requests(
    tx: Tx, book: Book, name: str, now: datetime, user: str = "timer", due: int | None = None
) -> list[PlanningRequest]:
    """Return the requests of one whole run: several where there is too much for one transaction, and once a week what
    learns from the history.

    due: so many items and places need a plan, as the look of that name has found; None: nobody has looked.
    """
    terms = book.own.planning
    if terms is None:
        return [PlanningRequest(id=name, issued_at=now, requested_by=user)]
    connection = cast("SqlTx", tx).connection
    size = planning_records.size(connection) if due is None else due + len(book.own.items)
    shards = size // SHARD_PAIRS + 1
    if due is None:
        planning_due.forget(connection)
    known = standings(tx, book, now)
    found = [
        PlanningRequest(
            id=f"{name}-{part}" if shards > 1 else name,
            issued_at=now,
            requested_by=user,
            shard=part,
            shards=shards,
            due=None if due is None else name,
            standings=known,
        )
        for part in range(shards)
    ]
    learned_at = planning_records.learned_at(connection)
    if learned_at is None or now - learned_at >= LEARN_EVERY:
        learning = PlanningRequest(id=f"{name}-learn", issued_at=now, requested_by=user, learn=True)
        # what a look has found is planned with what the look knew
        found.insert(0 if due is None else len(found), learning)
    return found


def standings(tx: Tx, book: Book, now: datetime) -> tuple[PartnerStanding, ...]:
    """Return how the partners of planning stand in the customer record now."""
    terms = book.own.planning
    named = {each.partner for each in terms.agreements if each.partner} if terms is not None else set()
    return planning_standings.standings(cast("SqlTx", tx).connection, named | book.own.suppliers.keys(), now.date())


def oldest_change(tx: Tx) -> Change | None:
    """Return the change that waits longest for a plan."""
    return planning_records.oldest_change(cast("SqlTx", tx).connection)


def change_request(oldest: Change, now: datetime, standings: tuple[PartnerStanding, ...] = ()) -> PlanningRequest:
    """Return the request of a run over what has changed. The same change asked for twice is one document."""
    name = uuid5(_CHANGES, "/".join(str(each) for each in oldest))
    return PlanningRequest(
        id=f"changed-{name}",
        issued_at=now,
        requested_by="change",
        changed=CHANGED_AT_ONCE,
        release=False,
        standings=standings,
    )


@dataclass(kw_only=True)
class PlanningActions:
    """Synchronous. wake(lane): a hint to a running node, or nothing."""

    instance: Instance
    wake: Callable[[str], None]

    def approve_lines(self, proposal_id: str, lines: Sequence[LineApproval], user: str) -> str:
        """Order some lines of a proposal, with other quantities where a line says so; the others stay.

        Return the id of the arrival. Raises OurFault plan.proposal-unknown, plan.already-decided, plan.line-unknown.
        """
        now = self.instance.clock.now()

        def work(tx: Tx) -> str:
            proposal = self._open(tx, proposal_id)
            known = {line.number: line for line in proposal.lines}
            unknown = next((each.number for each in lines if each.number not in known), None)
            if unknown is not None:
                raise OurFault("plan.line-unknown", Where(path="lines"), value=unknown[:80])
            arrival = accept_internal(tx, self.instance.book, _decision(proposal, lines, user, now), now).arrival_id
            before = ", ".join(f"{n}: {line.quantity.value:f}" for n, line in known.items())
            after = ", ".join(f"{each.number}: {_said(each)}" for each in lines) or "all"
            tx.audit(user, "proposal.approve", proposal_id, before[:500], after[:500], now)
            return arrival

        arrival_id = self.instance.journal.write(work)
        self.wake(OWN)
        return arrival_id

    def approve_normal(self, user: str, partners: Iterable[str] | None = None) -> int:
        """Order every waiting line that has no exception; return how many lines. partners: only theirs; None: all."""
        now = self.instance.clock.now()
        chosen = None if partners is None else frozenset(partners)

        def work(tx: Tx) -> int:
            count = 0
            found = tx.snapshot(Needs(open_proposals=True), self.instance.book.own.warehouse).proposals
            for proposal in sorted(found.values(), key=lambda each: each.id):
                if chosen is not None and proposal.supplier not in chosen:
                    continue
                normal = [LineApproval(number=line.number) for line in proposal.lines if not waits(line.exceptions)]
                if not normal:
                    continue
                accept_internal(tx, self.instance.book, _decision(proposal, normal, user, now), now)
                tx.audit(user, "proposal.approve", proposal.id, None, f"{len(normal)} normal lines", now)
                count += len(normal)
            return count

        count = self.instance.journal.write(work)
        self.wake(OWN)
        return count

    def _open(self, tx: Tx, proposal_id: str) -> ReplenishmentProposal:
        needs = Needs(proposals=frozenset({proposal_id}))
        proposal = tx.snapshot(needs, self.instance.book.own.warehouse).proposals.get(proposal_id)
        if proposal is None:
            raise OurFault("plan.proposal-unknown", value=proposal_id)
        if proposal.status != "proposed":
            raise OurFault("plan.already-decided", value=proposal_id, status=proposal.status)
        return proposal

    def say(
        self,
        kind: str,
        user: str,
        values: Sequence[PlanValue] = (),
        *,
        reason: str = "",
        what: str = "quantity",
        about: str | None = None,
    ) -> str:
        """Take a planner's word; return its id, with which it can be taken back.

        What is wrong with it is said at once. Raises OurFault plan.*.
        """
        now = self.instance.clock.now()
        word = PlanningWord(
            id=uuid7(now),
            issued_at=now,
            kind=kind,
            user=user,
            reason=reason,
            values=tuple(values),
            what=what,
            about=about,
        )

        def work(tx: Tx) -> str:
            said = self._with_values(tx, word)
            context = self._context(now)
            snapshot = tx.snapshot(words.needs(said, context), context.own.warehouse)
            words.decide(said, context, snapshot)  # raises what the pipeline would park
            accept_internal(tx, self.instance.book, said, now)
            subject = about or (f"{said.values[0].place} {said.values[0].gtin}" if said.values else "-")
            tx.audit(user, f"plan.{kind}", subject[:200], _before(said, snapshot), _after(said)[:2000], now)
            return said.id

        found = self.instance.journal.write(work)
        self.wake(OWN)
        return found

    def _with_values(self, tx: Tx, word: PlanningWord) -> PlanningWord:
        """An undo names the items and places of the word that it takes back, a cancellation those of its order."""
        if word.kind == "cancel-order" and word.about:
            pairs = planning_records.ordered_pairs(cast("SqlTx", tx).connection, word.about)
            return replace(word, values=tuple(PlanValue(place=place, gtin=gtin) for place, gtin in pairs))
        if word.kind != "undo" or word.about is None:
            return word
        kept = planning_records.words(cast("SqlTx", tx).connection, [word.about]).get(word.about)
        if kept is None:
            raise OurFault("plan.word-unknown", value=word.about[:80], known="")
        return replace(word, values=words.values_of(kept))

    def _context(self, now: datetime) -> Context:
        book = self.instance.book
        return Context(partner=book.partner(OWN), own=book.own, partners=book.partners, now=now, serial=0)

    def what_if(self, place: str, gtin: str, changes: Mapping[str, str]) -> dict[str, Any]:
        """Return the reasons of the plan of one item as it would be now with other parameters. Nothing is written.

        Raises OurFault plan.pair-unknown, plan.parameter-*.
        """
        for name, value in changes.items():
            check(name, value)
        now = self.instance.clock.now()
        book = self.instance.book
        told = self.instance.journal.read(lambda tx: tx.items([gtin]))  # by our house, beside the tables
        own = replace(book.own, items={**book.own.items, **told})
        context = replace(self._context(now), zones=book.zones, own=own)
        known_now = self.instance.journal.read(lambda tx: standings(tx, book, now))
        request = PlanningRequest(id="what-if", issued_at=now, release=False, standings=known_now)
        needs = plan.needs(request, context)
        pair = (place, gtin)
        if needs.planning is None:
            raise OurFault("plan.pair-unknown", value=f"{gtin} {place}")
        scope = replace(needs.planning, pairs=frozenset({pair}))
        warehouse = book.own.warehouse
        snapshot = self.instance.journal.read(lambda tx: tx.snapshot(replace(needs, planning=scope), warehouse))
        facts = snapshot.planning.pairs.get(pair)
        if facts is None:
            raise OurFault("plan.pair-unknown", value=f"{gtin} {place}")
        changed = replace(facts, parameters={**facts.parameters, **changes})
        known = replace(snapshot.planning, pairs={pair: changed})
        made = plan.decide(request, context, replace(snapshot, planning=known, proposals={}))
        lines = [line for each in made.effects if isinstance(each, LinesPlanned) for line in each.lines]
        if not lines:
            raise OurFault("plan.pair-unknown", value=f"{gtin} {place}")
        found: dict[str, Any] = json.loads(lines[0].why)
        return found

    def load_parameters(self, text: str, user: str, reason: str) -> str:
        """Take parameters of many items and places from CSV (place, gtin, name, value); return the id of the word.

        Raises OurFault plan.* with the line that is wrong.
        """
        return self.say("parameters", user, parameter_rows(text), reason=reason)


def parameter_rows(text: str) -> list[PlanValue]:
    """Read a CSV with the columns place, gtin, name, value, or place, gtin and one column for each parameter. An empty
    cell of the second form changes nothing; "-" puts back what the agreement says.

    Raises OurFault plan.file-wrong, plan.parameter-*.
    """
    columns, rows = read_list(text, {"place", "gtin"}, "plan.file-wrong")
    found: list[PlanValue] = []
    for line, cells in rows:
        pairs = [(cells.get("name", ""), cells.get("value", ""))] if "name" in columns else list(cells.items())
        for name, value in pairs:
            if name in ("place", "gtin") or not value:
                continue
            if not (cells.get("place") and cells.get("gtin")):
                raise OurFault("plan.file-wrong", value=value[:80], line=str(line))
            if value != "-":
                check(name, value)
            elif name not in NAMES:
                raise OurFault("plan.parameter-unknown", value=name[:80], known=", ".join(NAMES))
            found.append(
                PlanValue(
                    place=cells["place"],
                    gtin=cells["gtin"].rjust(14, "0"),
                    name=name,
                    value=None if value == "-" else value,
                )
            )
        if len(found) > words.MOST:
            raise OurFault("plan.file-wrong", value=str(len(found)), line=str(line))
    return found


def _decision(
    proposal: ReplenishmentProposal, lines: Sequence[LineApproval], user: str, now: datetime
) -> ProposalDecision:
    return ProposalDecision(
        id=f"approve-{uuid7(now)}",
        issued_at=now,
        proposal=proposal.id,
        decision="approve",
        user=user,
        lines=tuple(lines),
        items=tuple(line.item for line in proposal.lines),
        customer=proposal.supplier if proposal.method in ("vmi", "cmi") else None,
    )


def _said(line: LineApproval) -> str:
    return "as proposed" if line.quantity is None else f"{line.quantity:f} ({line.note or '-'})"


def _before(word: PlanningWord, snapshot: Snapshot) -> str | None:
    pairs = [(each.place, each.gtin) for each in word.values[:20]]
    known = {f"{place} {gtin}": dict(snapshot.plan_parameters.get((place, gtin), {})) for place, gtin in pairs}
    return str(known)[:2000] if any(known.values()) else None


def _after(word: PlanningWord) -> str:
    values = "; ".join(_value(each) for each in word.values[:20])
    return f"{values} {word.reason}".strip()


def _value(value: PlanValue) -> str:
    if value.quantity is not None:
        return f"{value.place} {value.gtin}: {value.quantity:f} {value.first_day}..{value.last_day}"
    if value.name is None:
        return f"{value.place} {value.gtin}"
    return f"{value.place} {value.gtin}: {value.name}={value.value if value.value is not None else '-'}"


class AsyncPlanning(AsyncAgreed):
    """The same for handlers in the event loop: gateway.api.planning_actions.PlanActions."""

    planning: PlanningActions

    @property
    def collaboration(self) -> AgreedActions:
        return AgreedActions(instance=self.planning.instance, wake=self.planning.wake)

    async def approve_lines(self, proposal_id: str, lines: Sequence[LineApproval], user: str) -> str:
        return await asyncio.to_thread(self.planning.approve_lines, proposal_id, lines, user)

    async def approve_normal(self, user: str, partners: Iterable[str] | None = None) -> int:
        return await asyncio.to_thread(self.planning.approve_normal, user, partners)

    async def say(
        self,
        kind: str,
        user: str,
        values: Sequence[PlanValue] = (),
        *,
        reason: str = "",
        what: str = "quantity",
        about: str | None = None,
    ) -> str:
        return await asyncio.to_thread(self.planning.say, kind, user, values, reason=reason, what=what, about=about)

    async def load_parameters(self, text: str, user: str, reason: str) -> str:
        return await asyncio.to_thread(self.planning.load_parameters, text, user, reason)

    async def what_if(self, place: str, gtin: str, changes: Mapping[str, str]) -> dict[str, Any]:
        return await asyncio.to_thread(self.planning.what_if, place, gtin, changes)
