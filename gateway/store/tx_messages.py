"""What prepare found and apply decided: arrivals, interchanges and messages change state here."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import update

from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.ports.records import (
    ArrivalRow,
    ArrivalState,
    LaneClaim,
    MessageRow,
    MessageState,
    NewInterchange,
    NewMessage,
)
from gateway.store import message_statements as statements
from gateway.store import search_keys
from gateway.store.forms import (
    clip,
    dump,
    fault_place,
    fault_text,
    finding_plain,
    findings_of,
    findings_text,
    micros,
    moment,
    optional_micros,
    sources_of,
    sources_text,
)
from gateway.store.tables import interchange, message
from gateway.store.tx_accept import AcceptTx
from gateway.store.tx_lanes import LanesTx
from gateway.store.tx_open import exactly_one, lost_claim

EDITS_FOLLOWED = 50  # of one document, each an edit of the one before


class MessagesTx(LanesTx, AcceptTx):
    """Messages from their reading to their end."""

    def earlier_interchange(self, dedupe_key: str, digest: str, arrival_id: str) -> Literal["repeat", "clash"] | None:
        """See ports.journal. The arrival that brought it first may ask again: it is not its own repeat."""
        bringer = self._driver.first(statements.BRINGER, arrival=arrival_id)
        at = moment(bringer.received_at)
        first = self._remember("interchange", dedupe_key, digest, arrival_id, at)
        if first is None or first.arrival == arrival_id or self._descends(bringer.origin, first.arrival):
            return None
        return "repeat" if first.sha256 == digest else "clash"

    def _descends(self, origin: str | None, ancestor: str) -> bool:
        """True when ancestor is what a person has edited, in one or several steps: the new content is wanted."""
        for _ in range(EDITS_FOLLOWED):
            if origin is None or origin == ancestor:
                break
            found = self._driver.first(statements.BRINGER, arrival=origin)
            origin = found.origin if found else None  # archived or dropped
        return origin == ancestor

    def store_prepared(
        self,
        claim: LaneClaim,
        arrival_id: str,
        state: ArrivalState,
        interchanges: Sequence[NewInterchange],
        messages: Sequence[NewMessage],
        now: datetime,
    ) -> set[str]:
        """See ports.journal. A message that is replaced keeps its row's id."""
        self._check(claim)
        moved = self._driver.first(
            statements.MARK_PREPARED, arrival=arrival_id, lane=claim.lane, state=state, alone=not messages
        )
        if moved is None:
            raise lost_claim(arrival_id)
        self._event(arrival_id, state, now, messages=len(messages))
        numbers = self._store_interchanges(arrival_id, interchanges)
        known = {row.position: row for row in self._driver.all(statements.KNOWN, arrival=arrival_id)}
        fresh: list[dict[str, Any]] = []
        for each in messages:
            reading = _reading(each, now)
            reading["interchange"] = None if each.interchange is None else numbers[each.interchange]
            old = known.get(each.position)
            if old is None:
                fixed = {"id": each.id, "seq": moved.seq, "arrival": arrival_id, "position": each.position}
                place = {"lane": each.lane or claim.lane, "partner": moved.partner, "channel": moved.channel}
                fresh.append({**reading, **fixed, **place, "received_at": moved.received_at})
            elif old.state == "received":
                self._overwrite(old.id, reading)
                self._find_by([{**reading, "id": old.id}], moved.received_at)
                self._event(old.id, each.state, now, code=each.fault.code if each.fault else None)
        self._driver.many(statements.ADD_MESSAGES, fresh)
        self._in_hand.new.update(row["id"] for row in fresh)
        named = [(arrival_id, "reference", each.reference) for each in interchanges]
        search_keys.put(self._driver, "arrival", moved.received_at, named)
        self._find_by(fresh, moved.received_at)
        self._events([(row["id"], row["state"], {"code": row["fault_code"]}) for row in fresh], now)
        return {row["id"] for row in fresh if row["state"] == "parsed"} - self._hold_new(arrival_id, now)

    def _find_by(self, messages: Sequence[dict[str, Any]], at: int) -> None:
        keys = (key for row in messages for key in search_keys.message_keys(row))
        search_keys.put(self._driver, "message", at, keys)

    def _hold_new(self, arrival_id: str, now: datetime) -> set[str]:
        """Hold what a person has paused: it was read, and waits. Returns the messages held."""
        if self._once("no-hold", lambda: self._driver.first(statements.ANY_HOLD) is None):
            return set()
        held = [row.id for row in self._driver.all(statements.HOLD_NEW, arrival=arrival_id, now=micros(now))]
        self._events([(each, "held", {}) for each in held], now)
        return set(held)

    def _store_interchanges(self, arrival_id: str, interchanges: Sequence[NewInterchange]) -> list[int]:
        """Insert or, on a replay, refresh; return the row number of each."""
        numbers = []
        for position, each in enumerate(interchanges):
            row = self._driver.first(
                statements.PUT_INTERCHANGE,
                arrival=arrival_id,
                position=position,
                syntax=each.syntax,
                sender=clip(each.sender, interchange.c.sender),
                receiver=clip(each.receiver, interchange.c.receiver),
                reference=clip(each.reference, interchange.c.reference),
                test=each.test,
                status=each.status,
                findings=findings_text(each.findings),
            )
            numbers.append(row.id)
        return numbers

    def _overwrite(self, message_id: str, reading: dict[str, Any]) -> None:
        changed = self.connection.execute(
            update(message).where(message.c.id == message_id, message.c.state == "received").values(**reading)
        )
        exactly_one(changed.rowcount, message_id)

    def messages_to_apply(self, claim: LaneClaim, now: datetime, limit: int) -> list[MessageRow]:
        self._check(claim)
        found = self._driver.all(statements.TO_APPLY, lane=claim.lane, now=micros(now), limit=limit)
        stuck = self._driver.first(statements.STUCK, lane=claim.lane, now=micros(now)) if found else None
        if stuck is not None:  # in a strict lane what follows waits
            found = [row for row in found if not row.blocks or (row.seq, row.position) < (stuck.seq, stuck.position)]
        return [_message_row(row) for row in found]

    def messages_to_replay(self, claim: LaneClaim, limit: int) -> list[tuple[MessageRow, ArrivalRow]]:
        """See ports.journal. Messages of an arrival that itself waits to be prepared come with that."""
        self._check(claim)
        found = self._driver.all(statements.TO_REPLAY, lane=claim.lane, limit=limit)
        return [(_message_row(row), self._arrival_row(row)) for row in found]

    def store_replayed(self, claim: LaneClaim, message: NewMessage, now: datetime) -> None:
        self._check(claim)
        reading = _reading(message, now)
        del reading["blocks"]  # as it was when the message came
        self._overwrite(message.id, reading)
        self._find_by([{**reading, "id": message.id}], micros(now))
        self._event(message.id, message.state, now, code=message.fault.code if message.fault else None)
        self._hold_new(self._driver.first(statements.ARRIVAL_OF, message=message.id).arrival, now)

    def finish_message(
        self,
        claim: LaneClaim,
        message_id: str,
        state: MessageState,
        now: datetime,
        *,
        fault: Finding | None = None,
        owner: str | None = None,
        findings: Sequence[Finding] = (),
        retry_at: datetime | None = None,
    ) -> None:
        """See ports.journal. findings are added to those of the reading, each once."""
        self._check(claim)
        queued = message_id in self._in_hand.awaited
        if state == "applied" and not queued and not self._parcels_awaited(message_id):
            state = "done"
        moved = self._driver.run(
            statements.FINISH_MESSAGE,
            message=message_id,
            lane=claim.lane,
            state=state,
            next_at=optional_micros(retry_at),
            now=micros(now),
            fault=fault_text(fault),
            fault_code=fault.code if fault else None,
            fault_place=fault_place(fault),
            owner=owner,
            unfinished=state not in ("applied", "done"),
            more_attempts=1 if state == "retry" else 0,
            findings=self._findings_with(message_id, findings) if findings else None,
        )
        if moved == 0 and self._driver.first(statements.IS_BLOCKED, message=message_id) is not None:
            raise OurFault("journal.lane-blocked", value=message_id)
        exactly_one(moved, message_id)
        self._event(message_id, state, now, code=fault.code if fault else None)

    def _findings_with(self, message_id: str, more: Sequence[Finding]) -> str:
        kept = self._driver.first(statements.FINDINGS, message=message_id)
        found = json.loads(kept.findings) if kept is not None else []
        for each in map(finding_plain, more):
            if each not in found:
                found.append(each)
        return dump(found)

    def finish_arrival(
        self,
        claim: LaneClaim,
        arrival_id: str,
        state: ArrivalState,
        now: datetime,
        *,
        fault: Finding | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        self._check(claim)
        moved = self._driver.run(
            statements.FINISH_ARRIVAL,
            arrival=arrival_id,
            lane=claim.lane,
            state=state,
            next_at=optional_micros(retry_at),
            fault=fault_text(fault),
            fault_code=fault.code if fault else None,
            fault_place=fault_place(fault),
        )
        exactly_one(moved, arrival_id)
        self._event(arrival_id, state, now, code=fault.code if fault else None)


def _reading(new: NewMessage, now: datetime) -> dict[str, Any]:
    """Return the columns that hold what was read from the bytes."""
    return {
        "state": new.state,
        "type": clip(new.type, message.c.type),
        "mapping": new.mapping,
        "mapping_hash": new.mapping_hash,
        "reference": clip(new.reference, message.c.reference),
        "document_type": new.document_type,
        "document": new.document,
        "business_number": clip(new.business_number, message.c.business_number),
        "findings": findings_text(new.findings),
        "sources": sources_text(new.sources),
        "fault": fault_text(new.fault),
        "fault_code": new.fault.code if new.fault else None,
        "fault_place": fault_place(new.fault),
        "owner": new.owner,
        "start": new.start,
        "end": new.end,
        "test": new.test,
        "next_at": None,
        "updated_at": micros(now),
        "blocks": new.strict and new.state not in ("applied", "done"),
    }


def _message_row(row: Any) -> MessageRow:
    return MessageRow(
        id=row.id,
        arrival_id=row.arrival,
        position=row.position,
        lane=row.lane,
        partner=row.partner,
        state=row.state,
        type=row.type,
        mapping=row.mapping,
        reference=row.reference,
        document=row.document,
        document_type=row.document_type,
        business_number=row.business_number,
        sources=sources_of(row.sources),
        findings=findings_of(row.findings),
        test=row.test,
        attempts=row.attempts,
        interchange_sender=row.interchange_sender,
        interchange_receiver=row.interchange_receiver,
        interchange_reference=row.interchange_reference,
    )
