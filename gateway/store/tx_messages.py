"""What prepare found and apply decided: arrivals, interchanges and messages change state here."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, update

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
from gateway.store.prepared import Inserter, Prepared, given
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


_READING_COLUMNS = (
    "state",
    "type",
    "mapping",
    "mapping_hash",
    "reference",
    "document_type",
    "document",
    "business_number",
    "findings",
    "sources",
    "fault",
    "fault_code",
    "owner",
    "start",
    "end",
    "test",
    "next_at",
    "updated_at",
)
_PLACE_COLUMNS = ("id", "seq", "arrival", "position", "interchange", "lane", "partner", "channel", "received_at")
_ADD_MESSAGES = Prepared(lambda insert: insert(message).values(attempts=0), _PLACE_COLUMNS + _READING_COLUMNS)
_BRINGER = Prepared(lambda _: select(arrival.c.sha256, arrival.c.received_at).where(arrival.c.id == given("arrival")))
_OPEN_ARRIVAL = (
    text(f"arrival.{ARRIVAL_OPEN}"),
    arrival.c.id == given("arrival"),
    arrival.c.lane == given("lane"),
)
_PREPARED = Prepared(
    lambda _: (
        update(arrival)
        .where(*_OPEN_ARRIVAL)
        .values(state=given("state"), next_at=None, fault=None)
        .returning(arrival.c.seq, arrival.c.channel, arrival.c.partner, arrival.c.received_at)
    )
)
_FINISH_ARRIVAL = Prepared(
    lambda _: (
        update(arrival)
        .where(*_OPEN_ARRIVAL)
        .values(state=given("state"), next_at=given("next_at"), fault=given("fault"))
    )
)
_KNOWN = Prepared(
    lambda _: select(message.c.position, message.c.id, message.c.state).where(message.c.arrival == given("arrival"))
)
_INTERCHANGE_COLUMNS = ("syntax", "sender", "receiver", "reference", "test", "status", "findings")


def _put_interchange(insert: Inserter) -> Any:
    row = insert(interchange)
    return row.on_conflict_do_update(
        index_elements=[interchange.c.arrival, interchange.c.position],
        set_={name: row.excluded[name] for name in _INTERCHANGE_COLUMNS},
    ).returning(interchange.c.id)


_PUT_INTERCHANGE = Prepared(_put_interchange, ("arrival", "position", *_INTERCHANGE_COLUMNS))
_TO_APPLY = Prepared(
    lambda _: (
        select(*_MESSAGE_COLUMNS)
        .outerjoin(interchange, interchange.c.id == message.c.interchange)
        .where(
            text(f"message.{MESSAGE_OPEN}"),
            message.c.lane == given("lane"),
            message.c.state != "received",
            is_due(message.c.next_at),
        )
        .order_by(message.c.seq, message.c.position)
        .limit(given("limit"))
    )
)
_TO_REPLAY = Prepared(
    lambda _: (
        select(*_MESSAGE_COLUMNS, *ARRIVAL_COLUMNS)
        .join(arrival, arrival.c.id == message.c.arrival)
        .join(payload, payload.c.sha256 == arrival.c.sha256)
        .outerjoin(interchange, interchange.c.id == message.c.interchange)
        .where(
            text(f"message.{MESSAGE_OPEN}"),
            message.c.lane == given("lane"),
            message.c.state == "received",
            text(f"NOT arrival.{ARRIVAL_OPEN}"),
        )
        .order_by(message.c.seq, message.c.position)
        .limit(given("limit"))
    )
)
_FINISH_MESSAGE = Prepared(
    lambda _: (
        update(message)
        .where(text(f"message.{MESSAGE_OPEN}"), message.c.id == given("message"), message.c.lane == given("lane"))
        .values(
            state=given("state"),
            next_at=given("next_at"),
            updated_at=given("now"),
            fault=given("fault"),
            fault_code=given("fault_code"),
            owner=given("owner"),
            attempts=message.c.attempts + given("more_attempts"),
            findings=func.coalesce(given("findings"), message.c.findings),
        )
    )
)


class MessagesTx(LanesTx, AcceptTx):
    def interchange_is_known(self, dedupe_key: str, arrival_id: str) -> bool:
        """See ports.journal. The arrival that brought it first may ask again: it is not its own repeat."""
        bringer = self._driver.first(_BRINGER, arrival=arrival_id)
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
        moved = self._driver.first(_PREPARED, arrival=arrival_id, lane=claim.lane, state=state)
        if moved is None:
            raise lost_claim(arrival_id)
        self._event(arrival_id, state, now, messages=len(messages))
        numbers = self._store_interchanges(arrival_id, interchanges)
        known = {row.position: row for row in self._driver.all(_KNOWN, arrival=arrival_id)}
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
        self._driver.many(_ADD_MESSAGES, fresh)
        self._events([(row["id"], row["state"], {"code": row["fault_code"]}) for row in fresh], now)

    def _store_interchanges(self, arrival_id: str, interchanges: Sequence[NewInterchange]) -> list[int]:
        """Insert or, on a replay, refresh; return the row number of each."""
        numbers = []
        for position, each in enumerate(interchanges):
            row = self._driver.first(
                _PUT_INTERCHANGE,
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
        found = self._driver.all(_TO_APPLY, lane=claim.lane, now=micros(now), limit=limit)
        return [_message_row(row) for row in found]

    def messages_to_replay(self, claim: LaneClaim, limit: int) -> list[tuple[MessageRow, ArrivalRow]]:
        """See ports.journal. Messages of an arrival that itself waits to be prepared come with that."""
        self._check(claim)
        found = self._driver.all(_TO_REPLAY, lane=claim.lane, limit=limit)
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
        moved = self._driver.run(
            _FINISH_MESSAGE,
            message=message_id,
            lane=claim.lane,
            state=state,
            next_at=optional_micros(retry_at),
            now=micros(now),
            fault=fault_text(fault),
            fault_code=fault.code if fault else None,
            owner=owner,
            more_attempts=1 if state == "retry" else 0,
            findings=self._findings_with(message_id, findings) if findings else None,
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
        moved = self._driver.run(
            _FINISH_ARRIVAL,
            arrival=arrival_id,
            lane=claim.lane,
            state=state,
            next_at=optional_micros(retry_at),
            fault=fault_text(fault),
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
