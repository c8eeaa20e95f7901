"""Messages that go out together: each is a parcel of its own that waits, until one parcel, the carrier, takes them.

A waiting parcel holds the bytes of its message (UNH to UNT). The carrier's are the whole interchange; it alone is
claimed, wrapped and sent, and whatever becomes of it becomes of the parcels that it carries.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, TextClause, delete, func, select, text, update

from gateway.ports.records import NewParcel, ParcelState, WaitingParcel
from gateway.store.forms import micros, moment
from gateway.store.tables import PARCEL_WAITING, parcel, payload, timer
from gateway.store.tx_breaker import BreakerTx

BATCH_TIMER = "batch"
_ANSWERED = ("accepted", "refused")  # the far end has spoken of this one by itself


class BatchTx(BreakerTx):
    """Parcels that wait for others and go out together in one interchange."""

    def message_reference(self, partner: str) -> str:
        """See ports.journal."""
        return str(self._count(f"message:{partner}"))

    def _hold_for_batch(self, held: Iterable[NewParcel]) -> None:
        """Let parcels that were just added wait in their lots; the first of a lot sets its timer."""
        for each in held:
            if each.lot is None or each.flush_at is None:
                continue
            self.connection.execute(
                update(parcel)
                .where(parcel.c.id == each.id)
                .values(state="waiting", message_reference=each.message_reference, lot=each.lot)
            )
            self._set_lot_timer(each.lot, each.flush_at)

    def _set_lot_timer(self, lot: str, due: datetime) -> None:
        row = self._insert(timer).values(kind=BATCH_TIMER, subject=lot, due=micros(due))
        self.connection.execute(row.on_conflict_do_nothing())

    def count_waiting(self, lot: str) -> int:
        """See ports.journal."""
        return int(self.connection.execute(select(func.count()).select_from(parcel).where(*_waits(lot))).scalar_one())

    def lots_due(self, now: datetime) -> list[str]:
        """See ports.journal."""
        due = select(timer.c.subject).where(timer.c.kind == BATCH_TIMER, timer.c.due <= micros(now))
        return [str(row.subject) for row in self.connection.execute(due.order_by(timer.c.due))]

    def end_lot(self, lot: str) -> None:
        """See ports.journal."""
        self.connection.execute(delete(timer).where(timer.c.kind == BATCH_TIMER, timer.c.subject == lot))

    def put_off_lot(self, lot: str, due: datetime) -> None:
        """See ports.journal."""
        self.connection.execute(
            update(timer).where(timer.c.kind == BATCH_TIMER, timer.c.subject == lot).values(due=micros(due))
        )

    def waiting_parcels(self, lot: str, limit: int) -> list[WaitingParcel]:
        """See ports.journal."""
        found = self.connection.execute(
            select(parcel, payload.c.size_bytes, payload.c.data)
            .join(payload, payload.c.sha256 == parcel.c.sha256)
            .where(*_waits(lot))
            .order_by(parcel.c.seq)
            .limit(limit)
            .with_for_update(of=parcel)  # a timer and a full lot may ask at the same moment
        ).all()
        return [
            WaitingParcel(
                id=row.id,
                payload=self._payload(row.sha256, row.size_bytes, row.data),
                expects=row.expects,
                due=None if row.due is None else moment(row.due),
                created_at=moment(row.created_at),
            )
            for row in found
        ]

    def carry(self, carrier_id: str, parcel_ids: Sequence[str], lot: str, now: datetime) -> None:
        """See ports.journal."""
        self.connection.execute(
            update(parcel).where(parcel.c.id.in_(parcel_ids)).values(carrier=carrier_id, updated_at=micros(now))
        )
        self._events([(each, "bundled", {"carrier": carrier_id}) for each in parcel_ids], now)
        if self.count_waiting(lot):
            self.put_off_lot(lot, now)
        else:
            self.end_lot(lot)

    def _carried(
        self,
        carrier_id: str,
        state: ParcelState,
        now: datetime,
        *,
        refused: Collection[str] = (),
        code: str | None = None,
    ) -> None:
        """What became of a carrier becomes of those it carries. refused: the message references of those that the far
        end did not take."""
        if state == "retry":
            return
        at = micros(now)
        found = self.connection.execute(
            select(parcel.c.id, parcel.c.cause, parcel.c.message_reference)
            .where(parcel.c.carrier == carrier_id, parcel.c.state.not_in(_ANSWERED))
            .order_by(parcel.c.seq)
        ).all()
        for row in found:
            own = "refused" if row.message_reference in refused else state
            self.connection.execute(
                update(parcel).where(parcel.c.id == row.id).values(state=own, fault_code=code, updated_at=at)
            )
            self._event(row.id, own, now, code=code, carrier=carrier_id)
        for cause in dict.fromkeys(row.cause for row in found):
            self._close_if_final(cause, now)

    def _carries_others(self, carrier_id: str, refused: Collection[str]) -> bool:
        """Tell whether a parcel carries messages beside the refused ones; False when nothing was refused by name."""
        if not refused:
            return False
        carried = self.connection.execute(
            select(parcel.c.message_reference).where(parcel.c.carrier == carrier_id)
        ).all()
        return any(row.message_reference not in refused for row in carried)

    def _wait_again(self, parcel_id: str, lot: str, now: datetime) -> None:
        """Put a parcel that was carried back, to go with the next batch."""
        self.connection.execute(
            update(parcel)
            .where(parcel.c.id == parcel_id)
            .values(state="waiting", carrier=None, fault=None, fault_code=None, updated_at=micros(now))
        )
        self._set_lot_timer(lot, now)


def _waits(lot: str) -> tuple[ColumnElement[bool] | TextClause, ...]:
    return (parcel.c.lot == lot, text(f"parcel.{PARCEL_WAITING}"), parcel.c.carrier.is_(None))
