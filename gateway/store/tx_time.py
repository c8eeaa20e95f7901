"""Timers: what the clock finds when nothing came."""

from datetime import datetime

from sqlalchemy import delete, select, update

from gateway.ports.records import Timer
from gateway.store.forms import micros, moment
from gateway.store.tables import parcel, timer
from gateway.store.tx_batch import BATCH_TIMER
from gateway.store.tx_parcels import CONTRL_MISSING
from gateway.store.tx_receipts import RECEIPT_TIMER, ReceiptsTx


class TimeTx(ReceiptsTx):
    def due_timers(self, now: datetime, limit: int) -> list[Timer]:
        """See ports.journal. A timer is deleted with what it causes; one whose parcel was answered causes nothing."""
        due = self.connection.execute(
            select(timer)
            .where(timer.c.due <= micros(now), timer.c.kind != BATCH_TIMER)
            .order_by(timer.c.due)
            .limit(limit)
            .with_for_update(skip_locked=True)  # another node fires those it has locked
        ).all()
        others = []
        for row in due:
            self.connection.execute(delete(timer).where(timer.c.kind == row.kind, timer.c.subject == row.subject))
            if row.kind == "contrl":
                self._expire(row.subject, moment(row.due), now)
            elif row.kind == RECEIPT_TIMER:
                self._receipt_missed(row.subject, now)
            else:
                others.append(Timer(kind=row.kind, subject=row.subject, due=moment(row.due)))
        return others

    def timers_due(self, now: datetime) -> bool:
        due = select(timer.c.subject).where(timer.c.due <= micros(now), timer.c.kind != BATCH_TIMER).limit(1)
        return self.connection.execute(due).first() is not None

    def _expire(self, parcel_id: str, due: datetime, now: datetime) -> None:
        expired = self.connection.execute(
            update(parcel)
            .where(parcel.c.id == parcel_id, parcel.c.state.in_(("sent", "acked")))
            .values(state="expired", fault_code=CONTRL_MISSING, updated_at=micros(now))
            .returning(parcel.c.partner, parcel.c.control_reference, parcel.c.cause, parcel.c.test)
        ).first()
        if expired is None:
            return
        reference = expired.control_reference or ""
        self._event(parcel_id, "expired", now, code=CONTRL_MISSING)
        if not expired.test:
            params = {"reference": reference, "due": due.isoformat(), "parcel": parcel_id}
            self.add_case(expired.partner, CONTRL_MISSING, parcel_id, params, now)
        if expired.cause is None:
            self._carried(parcel_id, "expired", now, code=CONTRL_MISSING)
        self._close_if_final(expired.cause, now)
