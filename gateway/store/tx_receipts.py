"""Proofs that come on connections of their own, and receipts of ours that are sent again."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from gateway.model.findings import Finding
from gateway.ports.records import ParcelRow, ParcelState, Proof
from gateway.store.forms import dump, fault_text, micros
from gateway.store.tables import parcel, payload, timer
from gateway.store.tx_reroute import RerouteTx

RECEIPT_LATE = "as2.receipt-late"
NOT_FETCHED = "http.not-fetched"
RECEIPT_TIMER = "receipt"
RECEIPT_WITHIN = timedelta(minutes=30)
SENT_AT_MOST = 5  # times that the same bytes go out while their receipt does not come

# A receipt may overtake our own note that the message was sent, and may come after we had given up.
_PROVABLE = ("wrapped", "sending", "retry", "sent", "expired", "parked")
_FINAL = ("sent", "acked", "accepted", "refused", "parked", "expired")


class ReceiptsTx(RerouteTx):
    """Receipts that come on connections of their own."""

    def parcel_by_transport(self, partner: str, transport_id: str) -> ParcelRow | None:
        """See ports.journal."""
        found = self.connection.execute(
            select(parcel, payload.c.size_bytes, payload.c.data)
            .join(payload, payload.c.sha256 == parcel.c.sha256)
            .where(parcel.c.transport_id == transport_id, parcel.c.partner == partner)
            .limit(1)
        ).first()
        return None if found is None else self._parcel_row(found)

    def settle_receipt(
        self,
        parcel_id: str,
        state: ParcelState,
        now: datetime,
        *,
        proof: Proof | None = None,
        fault: Finding | None = None,
    ) -> bool:
        """See ports.journal. The owner of an attempt that still runs stays, so that it can end it."""
        settled = self.connection.execute(
            update(parcel)
            .where(parcel.c.id == parcel_id, parcel.c.state.in_(_PROVABLE))
            .values(
                state=state,
                proof=dump(dict(proof.evidence)) if proof else None,
                proof_body=proof.body if proof else None,
                fault=fault_text(fault),
                fault_code=fault.code if fault else None,
                updated_at=micros(now),
            )
            .returning(parcel.c.cause, parcel.c.due, parcel.c.expects, parcel.c.partner)
        ).first()
        self._event(parcel_id, state if settled else "receipt repeated", now, code=fault.code if fault else None)
        if settled is None:
            return False
        self._end_timer(parcel_id)
        for code in (RECEIPT_LATE, NOT_FETCHED):
            self._close_case(settled.partner, code, parcel_id, now)
        if state == "acked" and settled.expects is not None and settled.due is not None:
            self._set_timer(settled.expects, parcel_id, settled.due)
        if settled.cause is None:
            self._carried(parcel_id, state, now, code=fault.code if fault else None)
        self._close_if_final(settled.cause, now)
        return True

    def send_again(self, cause: str, mapping: str, now: datetime) -> None:
        """See ports.journal. One that is on its way goes on as it is."""
        at = micros(now)
        again = self.connection.execute(
            update(parcel)
            .where(parcel.c.cause == cause, parcel.c.mapping == mapping, parcel.c.state.in_(_FINAL))
            .values(state="queued", next_at=at, attempts=0, fault=None, fault_code=None, updated_at=at)
            .returning(parcel.c.id)
        ).all()
        self._events([(row.id, "repeated", {"cause": cause}) for row in again], now)

    def _await_receipt(self, parcel_id: str, now: datetime, fetched_within: timedelta | None) -> None:
        """The message was taken, or waits to be fetched; its receipt comes on a connection of its own, or is missed."""
        self._set_timer(RECEIPT_TIMER, parcel_id, micros(now + (fetched_within or RECEIPT_WITHIN)))

    def _end_timer(self, parcel_id: str) -> None:
        self.connection.execute(delete(timer).where(timer.c.kind == RECEIPT_TIMER, timer.c.subject == parcel_id))

    def _not_fetched(self, parcel_id: str, now: datetime) -> bool:
        """Tell that nobody came in time for what is to be fetched; False for what was sent. It may still be fetched:
        a confirmation then counts."""
        ready = parcel.c.proof.contains('"delivery":"fetch"')
        missed = self.connection.execute(
            update(parcel)
            .where(parcel.c.id == parcel_id, parcel.c.state == "sent", ready)
            .values(state="expired", fault_code=NOT_FETCHED, updated_at=micros(now))
            .returning(parcel.c.partner, parcel.c.cause, parcel.c.test)
        ).first()
        if missed is None:
            return False
        self._event(parcel_id, "expired", now, code=NOT_FETCHED)
        if not missed.test:
            self.add_case(missed.partner, NOT_FETCHED, parcel_id, {"parcel": parcel_id}, now)
        if missed.cause is None:
            self._carried(parcel_id, "expired", now, code=NOT_FETCHED)
        self._close_if_final(missed.cause, now)
        return True

    def _receipt_missed(self, parcel_id: str, now: datetime) -> None:
        """Send the same bytes again: who has the message already answers with the same receipt. Give up in the end."""
        if self._not_fetched(parcel_id, now):
            return
        at = micros(now)
        again = self.connection.execute(
            update(parcel)
            .where(parcel.c.id == parcel_id, parcel.c.state == "sent", parcel.c.attempts < SENT_AT_MOST)
            .values(state="retry", next_at=at, fault_code=RECEIPT_LATE, updated_at=at)
            .returning(parcel.c.id)
        ).first()
        if again is not None:
            self._event(parcel_id, "retry", now, code=RECEIPT_LATE)
            return
        expired: Any = self.connection.execute(
            update(parcel)
            .where(parcel.c.id == parcel_id, parcel.c.state == "sent")
            .values(state="expired", fault_code=RECEIPT_LATE, updated_at=at)
            .returning(parcel.c.partner, parcel.c.cause, parcel.c.test)
        ).first()
        if expired is None:
            return
        self._event(parcel_id, "expired", now, code=RECEIPT_LATE)
        if not expired.test:
            self.add_case(expired.partner, RECEIPT_LATE, parcel_id, {"parcel": parcel_id}, now)
        if expired.cause is None:
            self._carried(parcel_id, "expired", now, code=RECEIPT_LATE)
        self._close_if_final(expired.cause, now)
