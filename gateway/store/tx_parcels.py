"""Parcels: queued by apply, claimed by lease and epoch, wrapped once, settled once, answered by the far end."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, not_, or_, select, text, update

from gateway.model.effects import ParcelAnswered
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.payload import Payload
from gateway.ports.records import NewParcel, ParcelRow, ParcelState, Proof, Wrapped
from gateway.store import search_keys
from gateway.store.forms import clip, dump, fault_place, fault_text, headers_of, micros, optional_micros
from gateway.store.prepared import Prepared, given
from gateway.store.serials import next_in
from gateway.store.tables import PARCEL_OPEN, parcel, payload, timer
from gateway.store.tx_batch import BatchTx
from gateway.store.tx_breaker import IS_HELD, IS_SHUT_OFF
from gateway.store.tx_open import exactly_one

RESENDABLE = ("parked", "refused", "expired")
CONTRL_MISSING = "ack.contrl-missing"
UNMATCHED = "journal.answer-unmatched"

# An answer may overtake our own note that the parcel was sent, and may come after we had given up.
_ANSWERABLE: dict[str, tuple[str, ...]] = {
    "accepted": ("sending", "retry", "sent", "acked", "expired", "parked"),
    "refused": ("sending", "retry", "sent", "acked", "expired", "parked", "accepted"),
}


_ADD_PARCELS = Prepared(
    lambda insert: insert(parcel).values(seq=next_in(parcel), state="queued", attempts=0, epoch=0),
    (
        "id",
        "partner",
        "channel",
        "mapping",
        "document_type",
        "business_number",
        "control_reference",
        "document",
        "sha256",
        "content_type",
        "filename",
        "cause",
        "about",
        "test",
        "expects",
        "due",
        "next_at",
        "created_at",
        "updated_at",
    ),
)
_PAYLOAD = Prepared(lambda _: select(payload.c.size_bytes, payload.c.data).where(payload.c.sha256 == given("sha256")))
_HELD = (parcel.c.id == given("parcel"), parcel.c.epoch == given("held"), parcel.c.state == "sending")


def _claim(chosen: ColumnElement[bool]) -> Any:
    """Claim due parcels that meet one more condition."""
    return (
        update(parcel)
        .where(
            parcel.c.id.in_(
                select(parcel.c.id)
                .where(
                    text(f"parcel.{PARCEL_OPEN}"),
                    parcel.c.next_at <= given("now"),
                    not_(IS_HELD),
                    chosen,
                )
                .order_by(parcel.c.next_at, parcel.c.seq)
                .limit(given("limit"))
                .with_for_update(skip_locked=True)
            )
        )
        .values(
            state="sending",
            owner=given("owner"),
            lease_until=given("until"),
            next_at=given("until"),
            epoch=parcel.c.epoch + 1,
            attempts=parcel.c.attempts + 1,
            updated_at=given("now"),
        )
        .returning(parcel.c.id)
    )


_CLAIM = Prepared(lambda _: _claim(not_(IS_SHUT_OFF)))
_PROBE = Prepared(lambda _: _claim(parcel.c.partner == given("partner")))
_GIVE_BACK = Prepared(
    lambda _: (
        update(parcel)
        .where(*_HELD)
        .values(
            state="retry",
            next_at=given("now"),
            owner=None,
            lease_until=None,
            attempts=parcel.c.attempts - 1,
            updated_at=given("now"),
        )
    )
)
_CLAIMED = Prepared(
    lambda _: (
        select(parcel, payload.c.size_bytes, payload.c.data)
        .join(payload, payload.c.sha256 == parcel.c.sha256)
        .where(parcel.c.id == given("parcel"))
    )
)
_WRAP = Prepared(
    lambda _: (
        update(parcel)
        .where(*_HELD, parcel.c.transport_id.is_(None))
        .values(
            wrapped_headers=given("headers"),
            wrapped_body=given("body"),
            wrapped_sha256=given("large"),
            transport_id=given("transport"),
            mic=given("mic"),
            updated_at=given("now"),
        )
    )
)
_PROVED: dict[str, Any] = {
    "owner": None,
    "lease_until": None,
    "updated_at": given("now"),
    "proof": func.coalesce(given("proof"), parcel.c.proof),
    "proof_body": func.coalesce(given("proof_body"), parcel.c.proof_body),
}
_FIRST_PROOF: dict[str, Any] = {  # a receipt that overtook us is worth more than our own note
    "proof": func.coalesce(parcel.c.proof, given("proof")),
    "proof_body": func.coalesce(parcel.c.proof_body, given("proof_body")),
}
_SETTLE = Prepared(
    lambda _: (
        update(parcel)
        .where(*_HELD)
        .values(
            **_PROVED,
            state=given("state"),
            fault=given("fault"),
            fault_code=given("fault_code"),
            fault_place=given("fault_place"),
            next_at=given("next_at"),
        )
        .returning(parcel.c.cause, parcel.c.due)
    )
)
_SETTLE_OVERTAKEN = Prepared(  # answered while our own note was still on its way: owner is not cleared by an answer
    lambda _: (
        update(parcel)
        .where(
            parcel.c.id == given("parcel"),
            parcel.c.epoch == given("held"),
            or_(parcel.c.state == "accepted", parcel.c.state == "refused", parcel.c.state == "acked"),
            parcel.c.owner.is_not(None),
        )
        .values(**_PROVED | _FIRST_PROOF)
    )
)


class ParcelsTx(BatchTx):
    """Parcels from queued to settled."""

    def add_parcels(self, parcels: Sequence[NewParcel], now: datetime) -> None:
        """See ports.journal."""
        if not parcels:
            return
        at, columns = micros(now), parcel.c
        rows = [
            {
                "id": each.id,
                "partner": each.partner,
                "channel": each.channel,
                "mapping": each.mapping,
                "document_type": each.document_type,
                "business_number": clip(each.business_number, columns.business_number),
                "control_reference": each.control_reference,
                "document": each.document,
                "sha256": self._keep_bytes(each.payload, now),
                "content_type": each.content_type,
                "filename": clip(each.filename, columns.filename),
                "cause": each.cause,
                "about": clip(each.about, columns.about),
                "test": each.test,
                "expects": each.expects,
                "due": optional_micros(each.due),
                "next_at": at,
                "created_at": at,
                "updated_at": at,
            }
            for each in parcels
        ]
        self._driver.many(_ADD_PARCELS, rows)
        self._in_hand.awaited.update(each.cause for each in parcels if each.cause)
        search_keys.put(self._driver, "parcel", at, (key for row in rows for key in search_keys.parcel_keys(row)))
        self._events([(each.id, "queued", {"cause": each.cause}) for each in parcels], now)
        self._hold_for_batch(each for each in parcels if each.lot is not None)

    def claim_parcels(self, owner: str, now: datetime, lease: timedelta, limit: int) -> list[ParcelRow]:
        """See ports.journal. attempts and epoch grow with each claim, so that an attempt that dies is counted too."""
        given = {"owner": owner, "now": micros(now), "until": micros(now + lease)}
        claimed = self._driver.all(_CLAIM, **given, limit=limit)
        for partner in self._partners_to_probe(now):
            claimed += self._driver.all(_PROBE, **given, partner=partner, limit=1)
        found = [self._driver.first(_CLAIMED, parcel=row.id) for row in claimed]
        rows = [self._parcel_row(row) for row in sorted(found, key=lambda row: row.seq)]
        self._events([(row.id, "sending", {"attempt": row.attempts}) for row in rows], now)
        return rows

    def _parcel_row(self, row: Any) -> ParcelRow:
        wrapped = None
        if row.transport_id is not None:
            wrapped = Wrapped(
                headers=headers_of(json.loads(row.wrapped_headers)),
                body=row.wrapped_body,
                transport_id=row.transport_id,
                mic=row.mic,
                large=self._kept(row.wrapped_sha256) if row.wrapped_sha256 else None,
            )
        return ParcelRow(
            id=row.id,
            partner=row.partner,
            channel=row.channel,
            payload=self._payload(row.sha256, row.size_bytes, row.data),
            content_type=row.content_type,
            filename=row.filename,
            attempts=row.attempts,
            epoch=row.epoch,
            wrapped=wrapped,
            expects=row.expects,
            test=row.test,
            mapping=row.mapping,
        )

    def _kept(self, digest: str) -> Payload:
        row = self._driver.first(_PAYLOAD, sha256=digest)
        return self._payload(digest, row.size_bytes, row.data)

    def store_wrapped(self, parcel: ParcelRow, wrapped: Wrapped, now: datetime) -> None:
        """See ports.journal. What is stored once is never replaced: a second call loses."""
        stored = self._driver.run(
            _WRAP,
            parcel=parcel.id,
            held=parcel.epoch,
            headers=dump([list(pair) for pair in wrapped.headers]),
            body=wrapped.body,
            large=self._keep(wrapped.large, now) if wrapped.large is not None else None,
            transport=wrapped.transport_id,
            mic=wrapped.mic,
            now=micros(now),
        )
        exactly_one(stored, parcel.id)
        self._event(parcel.id, "wrapped", now, transport_id=wrapped.transport_id)

    def give_back(self, parcel: ParcelRow, now: datetime) -> None:
        """See ports.journal."""
        exactly_one(self._driver.run(_GIVE_BACK, parcel=parcel.id, held=parcel.epoch, now=micros(now)), parcel.id)
        self._event(parcel.id, "given-back", now)

    def settle(
        self,
        parcel: ParcelRow,
        state: ParcelState,
        now: datetime,
        *,
        proof: Proof | None = None,
        fault: Finding | None = None,
        retry_at: datetime | None = None,
    ) -> None:
        """See ports.journal. When the far end's answer has overtaken us, the answered state stays and only the proof
        is added."""
        code = fault.code if fault else None
        held: dict[str, Any] = {
            "parcel": parcel.id,
            "held": parcel.epoch,
            "now": micros(now),
            "proof": dump(dict(proof.evidence)) if proof else None,
            "proof_body": proof.body if proof else None,
        }
        settled = self._driver.first(
            _SETTLE,
            **held,
            state=state,
            fault=fault_text(fault),
            fault_code=code,
            fault_place=fault_place(fault),
            next_at=micros(retry_at or now),
        )
        if settled is None:
            exactly_one(self._driver.run(_SETTLE_OVERTAKEN, **held), parcel.id)
            self._event(parcel.id, "proved" if proof else "failed", now, code=code)
            return
        self._event(parcel.id, state, now, code=code, retry_at=optional_micros(retry_at))
        if state == "retry" and code is not None:
            self._attempt_failed(parcel.partner, code, now)
        elif state != "parked":  # given up for a fault of ours or of the network: nobody has answered
            self._attempt_answered(parcel.partner, now)
        if state == "sent":
            self._await_receipt(parcel.id, now, proof.fetched_within if proof else None)
        if state in ("sent", "acked") and parcel.expects is not None and settled.due is not None:
            self._set_timer(parcel.expects, parcel.id, settled.due)
        if settled.cause is None:
            self._carried(parcel.id, state, now, code=code)
        self._close_if_final(settled.cause, now)

    def _await_receipt(self, parcel_id: str, now: datetime, fetched_within: timedelta | None) -> None:
        """See tx_receipts."""

    def _set_timer(self, kind: str, subject: str, due: int) -> None:
        row = self._insert(timer).values(kind=kind, subject=subject, due=due)
        self.connection.execute(
            row.on_conflict_do_update(index_elements=[timer.c.kind, timer.c.subject], set_={"due": due})
        )

    def resend(self, parcel_id: str, user: str, now: datetime) -> None:
        """See ports.journal. Attempts count from 0 again.

        Raises OurFault journal.not-found or journal.not-resendable.
        """
        columns = parcel.c
        row = self.connection.execute(
            select(columns.state, columns.lot).where(columns.id == parcel_id).with_for_update()
        ).first()
        if row is None:
            raise OurFault("journal.not-found", value=parcel_id)
        before = row.state
        if before not in RESENDABLE:
            raise OurFault("journal.not-resendable", value=parcel_id, state=before)
        at = micros(now)
        self.connection.execute(
            update(parcel)
            .where(columns.id == parcel_id)
            .values(state="queued", next_at=at, attempts=0, fault=None, fault_code=None, fault_place="", updated_at=at)
        )
        if row.lot is not None:  # its bytes are no interchange: it goes with the next batch
            self._wait_again(parcel_id, row.lot, now)
        self._event(parcel_id, "resent", now, user=user)
        self.audit(user, "parcel.resend", parcel_id, before, "queued", now)

    def _answered(self, message_id: str, answer: ParcelAnswered, now: datetime, *, test: bool) -> None:
        """Write the far end's word on the newest parcel it can mean. Test traffic settles test parcels only."""
        found = self._answered_parcel(answer, test=test)
        reference = answer.control_reference or answer.document or "?"
        if found is None:
            self._event(message_id, "unmatched", now, kind=answer.kind, reference=reference)
            if not test:
                params = {"kind": answer.kind, "message": message_id}
                self.add_case(answer.partner, UNMATCHED, reference, params, now)
            return
        self._event(
            found.id, "answered", now, kind=answer.kind, outcome=answer.outcome, detail=answer.detail, by=message_id
        )
        if answer.outcome == "received":
            return
        state: ParcelState = "accepted" if answer.outcome == "accepted" else "refused"
        if state == "refused" and self._carries_others(found.id, answer.refused_messages):
            state = "accepted"  # of the interchange; the refused messages in it are parcels of their own
        moved = self.connection.execute(
            update(parcel)
            .where(parcel.c.id == found.id, parcel.c.state.in_(_ANSWERABLE[state]))
            .values(state=state, updated_at=micros(now))
        )
        if moved.rowcount:
            self._event(found.id, state, now)
            self.connection.execute(delete(timer).where(timer.c.kind == found.expects, timer.c.subject == found.id))
            self._close_case(answer.partner, CONTRL_MISSING, found.id, now)
            if found.cause is None:
                self._carried(found.id, state, now, refused=answer.refused_messages)
            self._close_if_final(found.cause, now)

    def _answered_parcel(self, answer: ParcelAnswered, *, test: bool) -> Any | None:
        columns = parcel.c
        if answer.control_reference is not None:
            named = columns.control_reference == answer.control_reference
        else:
            named = columns.business_number == answer.document
        wanted = select(columns.id, columns.cause, columns.expects).where(columns.partner == answer.partner, named)
        if test:
            wanted = wanted.where(columns.test.is_(True))
        return self.connection.execute(wanted.order_by(columns.seq.desc()).limit(1)).first()
