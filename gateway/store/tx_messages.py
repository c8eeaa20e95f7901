"""What prepare found and apply decided: arrivals, interchanges and messages change state here."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text, update

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
from gateway.store.forms import (
    AnyRow,
    clip,
    dump,
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
from gateway.store.tables import ARRIVAL_OPEN, MESSAGE_OPEN, arrival, interchange, message, payload
from gateway.store.tx_accept import AcceptTx
from gateway.store.tx_lanes import ARRIVAL_COLUMNS, LanesTx, is_due
from gateway.store.tx_open import exactly_one, lost_claim

_MESSAGE_COLUMNS = (
    message.c.id,
    message.c.arrival,
    message.c.position,
    message.c.lane,
    message.c.partner,
    message.c.state,
    message.c.type,
    message.c.mapping,
    message.c.reference,
    message.c.document,
    message.c.document_type,
    message.c.business_number,
    message.c.sources,
    message.c.findings,
    message.c.test,
    message.c.attempts,
    interchange.c.sender.label("interchange_sender"),
    interchange.c.receiver.label("interchange_receiver"),
    interchange.c.reference.label("interchange_reference"),
)


class MessagesTx(LanesTx, AcceptTx):
    def interchange_is_known(self, dedupe_key: str, arrival_id: str) -> bool:
        """See ports.journal. The arrival that brought it first may ask again: it is not its own repeat."""
        bringer = self.connection.execute(
            select(arrival.c.sha256, arrival.c.received_at).where(arrival.c.id == arrival_id)
        ).one()
        at = moment(bringer.received_at)
        first = self._remember("interchange", dedupe_key, bringer.sha256, arrival_id, at)
        return first is not None and first.arrival != arrival_id

    def store_prepared(
        self,
        claim: LaneClaim,
        arrival_id: str,
        state: ArrivalState,
        interchanges: Sequence[NewInterchange],
        messages: Sequence[NewMessage],
        now: datetime,
    ) -> None:
        """See ports.journal. A message that is replaced keeps its row's id."""
        self._check(claim)
        moved = self.connection.execute(
            update(arrival)
            .where(text(f"arrival.{ARRIVAL_OPEN}"), arrival.c.id == arrival_id, arrival.c.lane == claim.lane)
            .values(state=state, next_at=None, fault=None)
            .returning(arrival.c.seq, arrival.c.channel, arrival.c.partner, arrival.c.received_at)
        ).first()
        if moved is None:
            raise lost_claim(arrival_id)
        self._event(arrival_id, state, now, messages=len(messages))
        numbers = self._store_interchanges(arrival_id, interchanges)
        kept = select(message.c.position, message.c.id, message.c.state).where(message.c.arrival == arrival_id)
        known = {row.position: row for row in self.connection.execute(kept)}
        fresh: list[dict[str, Any]] = []
        for each in messages:
            reading = _reading(each, now)
            reading["interchange"] = None if each.interchange is None else numbers[each.interchange]
            old = known.get(each.position)
            if old is None:
                fixed = {"id": each.id, "seq": moved.seq, "arrival": arrival_id, "position": each.position}
                place = {"lane": claim.lane, "partner": moved.partner, "channel": moved.channel}
                fresh.append({**reading, **fixed, **place, "received_at": moved.received_at})
            elif old.state == "received":
                self._overwrite(old.id, reading)
                self._event(old.id, each.state, now, code=each.fault.code if each.fault else None)
        if fresh:
            self.connection.execute(insert(message), fresh)
            self._events([(row["id"], row["state"], {"code": row["fault_code"]}) for row in fresh], now)

    def _store_interchanges(self, arrival_id: str, interchanges: Sequence[NewInterchange]) -> list[int]:
        """Insert or, on a replay, refresh; return the row number of each."""
        numbers = []
        for position, each in enumerate(interchanges):
            values = {
                "syntax": each.syntax,
                "sender": clip(each.sender, interchange.c.sender),
                "receiver": clip(each.receiver, interchange.c.receiver),
                "reference": clip(each.reference, interchange.c.reference),
                "test": each.test,
                "status": each.status,
                "findings": findings_text(each.findings),
            }
            number = self.connection.execute(
                self._insert(interchange)
                .values(arrival=arrival_id, position=position, **values)
                .on_conflict_do_update(index_elements=[interchange.c.arrival, interchange.c.position], set_=values)
                .returning(interchange.c.id)
            ).scalar_one()
            numbers.append(number)
        return numbers

    def _overwrite(self, message_id: str, reading: dict[str, Any]) -> None:
        changed = self.connection.execute(
            update(message).where(message.c.id == message_id, message.c.state == "received").values(**reading)
        )
        exactly_one(changed, message_id)

    def messages_to_apply(self, claim: LaneClaim, now: datetime, limit: int) -> list[MessageRow]:
        self._check(claim)
        found = self.connection.execute(
            select(*_MESSAGE_COLUMNS)
            .outerjoin(interchange, interchange.c.id == message.c.interchange)
            .where(
                text(f"message.{MESSAGE_OPEN}"),
                message.c.lane == claim.lane,
                message.c.state != "received",
                is_due(message.c.next_at, now),
            )
            .order_by(message.c.seq, message.c.position)
            .limit(limit)
        )
        return [_message_row(row) for row in found]

    def messages_to_replay(self, claim: LaneClaim, limit: int) -> list[tuple[MessageRow, ArrivalRow]]:
        """See ports.journal. Messages of an arrival that itself waits to be prepared come with that."""
        self._check(claim)
        found = self.connection.execute(
            select(*_MESSAGE_COLUMNS, *ARRIVAL_COLUMNS)
            .join(arrival, arrival.c.id == message.c.arrival)
            .join(payload, payload.c.sha256 == arrival.c.sha256)
            .outerjoin(interchange, interchange.c.id == message.c.interchange)
            .where(
                text(f"message.{MESSAGE_OPEN}"),
                message.c.lane == claim.lane,
                message.c.state == "received",
                arrival.c.state.not_in(("received", "retry")),
            )
            .order_by(message.c.seq, message.c.position)
            .limit(limit)
        )
        return [(_message_row(row), self._arrival_row(row)) for row in found]

    def store_replayed(self, claim: LaneClaim, message: NewMessage, now: datetime) -> None:
        self._check(claim)
        self._overwrite(message.id, _reading(message, now))
        self._event(message.id, message.state, now, code=message.fault.code if message.fault else None)

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
        if state == "applied" and not self._parcels_awaited(message_id):
            state = "done"
        values: dict[str, Any] = {
            "state": state,
            "next_at": optional_micros(retry_at),
            "updated_at": micros(now),
            "fault": fault_text(fault),
            "fault_code": fault.code if fault else None,
            "owner": owner,
        }
        if state == "retry":
            values["attempts"] = message.c.attempts + 1
        if findings:
            values["findings"] = self._findings_with(message_id, findings)
        moved = self.connection.execute(
            update(message)
            .where(text(f"message.{MESSAGE_OPEN}"), message.c.id == message_id, message.c.lane == claim.lane)
            .values(**values)
        )
        exactly_one(moved, message_id)
        self._event(message_id, state, now, code=fault.code if fault else None)

    def _findings_with(self, message_id: str, more: Sequence[Finding]) -> str:
        kept = self.connection.execute(select(message.c.findings).where(message.c.id == message_id)).scalar()
        found = json.loads(kept or "[]")
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
        moved = self.connection.execute(
            update(arrival)
            .where(text(f"arrival.{ARRIVAL_OPEN}"), arrival.c.id == arrival_id, arrival.c.lane == claim.lane)
            .values(state=state, fault=fault_text(fault), next_at=optional_micros(retry_at))
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
        "owner": new.owner,
        "start": new.start,
        "end": new.end,
        "test": new.test,
        "next_at": None,
        "updated_at": micros(now),
    }


def _message_row(row: AnyRow) -> MessageRow:
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
