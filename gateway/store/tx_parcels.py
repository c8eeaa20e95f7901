"""Parcels: queued by apply, claimed by lease and epoch, wrapped once, settled once, answered by the far end."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, select, text, update

from gateway.model.effects import ParcelAnswered
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.ports.records import NewParcel, ParcelRow, ParcelState, Proof, Wrapped
from gateway.store.forms import AnyRow, clip, dump, fault_text, headers_of, micros, optional_micros
from gateway.store.tables import PARCEL_OPEN, parcel, payload, timer
from gateway.store.tx_open import lost_claim
from gateway.store.tx_records import RecordsTx

RESENDABLE = ("parked", "refused", "expired")
UNMATCHED = "journal.answer-unmatched"

# An answer may overtake our own note that the parcel was sent, and may come after we had given up.
_ANSWERABLE: dict[str, tuple[str, ...]] = {
    "accepted": ("sending", "retry", "sent", "acked", "expired", "parked"),
    "refused": ("sending", "retry", "sent", "acked", "expired", "parked", "accepted"),
}
_ANSWERED = ("accepted", "refused")


class ParcelsTx(RecordsTx):
    def add_parcels(self, parcels: Sequence[NewParcel], now: datetime) -> None:
        if not parcels:
            return
        at, columns = micros(now), parcel.c
        last = self.connection.execute(select(func.coalesce(func.max(columns.seq), 0))).scalar_one()
        rows = [
            {
                "id": each.id,
                "seq": seq,
                "partner": each.partner,
                "channel": each.channel,
                "mapping": each.mapping,
                "document_type": each.document_type,
                "business_number": clip(each.business_number, columns.business_number),
                "control_reference": each.control_reference,
                "document": each.document,
                "sha256": self._keep_bytes(each.payload),
                "content_type": each.content_type,
                "filename": clip(each.filename, columns.filename),
                "cause": each.cause,
                "about": clip(each.about, columns.about),
                "test": each.test,
                "state": "queued",
                "expects": each.expects,
                "due": optional_micros(each.due),
                "next_at": at,
                "created_at": at,
                "updated_at": at,
            }
            for seq, each in enumerate(parcels, start=last + 1)
        ]
        self.connection.execute(insert(parcel), rows)
        self._events([(each.id, "queued", {"cause": each.cause}) for each in parcels], now)

    def claim_parcels(self, owner: str, now: datetime, lease: timedelta, limit: int) -> list[ParcelRow]:
        """See ports.journal. attempts and epoch grow with each claim, so that an attempt that dies is counted too."""
        at, until, columns = micros(now), micros(now + lease), parcel.c
        due = (
            select(columns.id)
            .where(text(f"parcel.{PARCEL_OPEN}"), columns.next_at <= at)
            .order_by(columns.next_at, columns.seq)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        claimed = self.connection.execute(
            update(parcel)
            .where(columns.id.in_(due))
            .values(
                state="sending",
                owner=owner,
                lease_until=until,
                next_at=until,
                epoch=columns.epoch + 1,
                attempts=columns.attempts + 1,
                updated_at=at,
            )
            .returning(columns.id)
        )
        ids = list(claimed.scalars())
        if not ids:
            return []
        found = self.connection.execute(
            select(parcel, payload.c.size_bytes, payload.c.data)
            .join(payload, payload.c.sha256 == columns.sha256)
            .where(columns.id.in_(ids))
            .order_by(columns.seq)
        )
        rows = [self._parcel_row(row) for row in found]
        self._events([(row.id, "sending", {"attempt": row.attempts}) for row in rows], now)
        return rows

    def _parcel_row(self, row: AnyRow) -> ParcelRow:
        wrapped = None
        if row.transport_id is not None:
            wrapped = Wrapped(
                headers=headers_of(json.loads(row.wrapped_headers)),
                body=row.wrapped_body,
                transport_id=row.transport_id,
                mic=row.mic,
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
        )

    def store_wrapped(self, parcel: ParcelRow, wrapped: Wrapped, now: datetime) -> None:
        """See ports.journal. What is stored once is never replaced: a second call loses."""
        stored = self.connection.execute(
            update(_PARCEL)
            .where(*_held(parcel), _PARCEL.c.transport_id.is_(None))
            .values(
                wrapped_headers=dump([list(pair) for pair in wrapped.headers]),
                wrapped_body=wrapped.body,
                transport_id=wrapped.transport_id,
                mic=wrapped.mic,
                updated_at=micros(now),
            )
        )
        if stored.rowcount != 1:
            raise lost_claim(parcel.id)
        self._event(parcel.id, "wrapped", now, transport_id=wrapped.transport_id)

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
        columns, at = _PARCEL.c, micros(now)
        values: dict[str, Any] = {"owner": None, "lease_until": None, "updated_at": at}
        if proof is not None:
            values |= {"proof": dump(dict(proof.evidence)), "proof_body": proof.body}
        outcome = {"state": state, "fault": fault_text(fault), "fault_code": fault.code if fault else None}
        settled = self.connection.execute(
            update(_PARCEL)
            .where(*_held(parcel))
            .values(**values, **outcome, next_at=optional_micros(retry_at) or at)
            .returning(columns.cause, columns.due)
        ).first()
        if settled is None:
            overtaken = self.connection.execute(
                update(_PARCEL)
                .where(columns.id == parcel.id, columns.epoch == parcel.epoch, columns.state.in_(_ANSWERED))
                .where(columns.owner.is_not(None))
                .values(**values)
            )
            if overtaken.rowcount != 1:
                raise lost_claim(parcel.id)
            self._event(parcel.id, "proved" if proof else "failed", now, code=fault.code if fault else None)
            return
        self._event(parcel.id, state, now, code=fault.code if fault else None, retry_at=optional_micros(retry_at))
        if state in ("sent", "acked") and parcel.expects is not None and settled.due is not None:
            self._set_timer(parcel.expects, parcel.id, settled.due)
        self._close_if_final(settled.cause, now)

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
        before = self.connection.execute(select(columns.state).where(columns.id == parcel_id)).scalar()
        if before is None:
            raise OurFault("journal.not-found", value=parcel_id)
        if before not in RESENDABLE:
            raise OurFault("journal.not-resendable", value=parcel_id, state=before)
        at = micros(now)
        self.connection.execute(
            update(parcel)
            .where(columns.id == parcel_id)
            .values(state="queued", next_at=at, attempts=0, fault=None, fault_code=None, updated_at=at)
        )
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
        state = "accepted" if answer.outcome == "accepted" else "refused"
        moved = self.connection.execute(
            update(parcel)
            .where(parcel.c.id == found.id, parcel.c.state.in_(_ANSWERABLE[state]))
            .values(state=state, updated_at=micros(now))
        )
        if moved.rowcount:
            self._event(found.id, state, now)
            self.connection.execute(delete(timer).where(timer.c.kind == found.expects, timer.c.subject == found.id))
            self._close_if_final(found.cause, now)

    def _answered_parcel(self, answer: ParcelAnswered, *, test: bool) -> AnyRow | None:
        columns = parcel.c
        if answer.control_reference is not None:
            named = columns.control_reference == answer.control_reference
        else:
            named = columns.business_number == answer.document
        wanted = select(columns.id, columns.cause, columns.expects).where(columns.partner == answer.partner, named)
        if test:
            wanted = wanted.where(columns.test.is_(True))
        return self.connection.execute(wanted.order_by(columns.seq.desc()).limit(1)).first()


_PARCEL = parcel  # the port's parameter is called parcel too


def _held(row: ParcelRow) -> tuple[Any, ...]:
    """Conditions under which the claim on row still stands."""
    return _PARCEL.c.id == row.id, _PARCEL.c.epoch == row.epoch, _PARCEL.c.state == "sending"
