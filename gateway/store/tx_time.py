"""Timers: what the clock finds when nothing came."""

from datetime import datetime

from sqlalchemy import Column, Table, TextClause, delete, select, text, update

from gateway.ports.records import Timer
from gateway.store.forms import micros, moment
from gateway.store.tables import ARRIVAL_OPEN, MESSAGE_OPEN, PARCEL_OPEN, arrival, breaker, lane, message, parcel, timer
from gateway.store.tx_batch import BATCH_TIMER
from gateway.store.tx_parcels import CONTRL_MISSING
from gateway.store.tx_receipts import RECEIPT_TIMER, ReceiptsTx

# What waits for an instant that is never far away: the condition of the rows, and the column of the instant.
_SOON: tuple[tuple[Table, str | None, Column[int | None]], ...] = (
    (parcel, PARCEL_OPEN, parcel.c.next_at),
    (arrival, ARRIVAL_OPEN, arrival.c.next_at),
    (message, MESSAGE_OPEN, message.c.next_at),
    (breaker, None, breaker.c.open_until),
    (lane, None, lane.c.lease_until),
)


class TimeTx(ReceiptsTx):
    """What is due by the clock."""

    def waits_beyond(self, latest: datetime) -> bool:
        """See ports.journal."""
        for table, condition, column in _SOON:
            late = select(column).where(column > micros(latest), *_rows(table, condition)).limit(1)
            if self.connection.execute(late).first() is not None:
                return True
        return False

    def call_back(self, latest: datetime, now: datetime) -> int:
        """See ports.journal. Claims that are cut short fail on their epoch, if somebody takes them over meanwhile."""
        found = 0
        for table, condition, column in _SOON:
            late = update(table).where(column > micros(latest), *_rows(table, condition))
            found += self.connection.execute(late.values({column.name: micros(now)})).rowcount
        return found

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


def _rows(table: Table, condition: str | None) -> tuple[TextClause, ...]:
    return () if condition is None else (text(f"{table.name}.{condition}"),)
