"""What waits to be fetched by partners: parcels that were wrapped, made ready and not confirmed yet."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select, update

from gateway.ports.outbox import Waiting
from gateway.store.forms import micros, moment
from gateway.store.sql_tx import SqlTx, Writes
from gateway.store.tables import parcel, payload

_NOT_CONFIRMED = ("sent", "expired")  # expired: not fetched in time, and still to be had


class SqlOutbox:
    """ports.outbox.Outbox over the journal. Leases are rows: two nodes never give out the same twice."""

    def __init__(self, journal: Writes, now: Callable[[], datetime]) -> None:
        self._journal = journal
        self._now = now

    def waiting(
        self, partner: str, channels: Collection[str], limit: int, lease: timedelta | None
    ) -> tuple[Waiting, ...]:
        if not channels:
            return ()
        now = self._now()

        def work(tx: SqlTx) -> tuple[Waiting, ...]:
            wanted = _wanted(partner, channels, limit, now)
            rows = tx.connection.execute(wanted.with_for_update(skip_locked=True, of=parcel)).all()
            if lease is not None and rows:
                leased = update(parcel).where(parcel.c.id.in_([row.id for row in rows]))
                tx.connection.execute(leased.values(lease_until=micros(now + lease)))
            return tuple(_waiting(row) for row in rows)

        return self._journal.write(work)


def _wanted(partner: str, channels: Collection[str], limit: int, now: datetime) -> Select[Any]:
    return (
        select(parcel, payload.c.size_bytes)
        .join(payload, payload.c.sha256 == parcel.c.sha256)
        .where(
            parcel.c.partner == partner,
            parcel.c.channel.in_(channels),
            parcel.c.state.in_(_NOT_CONFIRMED),
            or_(parcel.c.lease_until.is_(None), parcel.c.lease_until <= micros(now)),
        )
        .order_by(parcel.c.seq)
        .limit(limit)
    )


def _waiting(row: Any) -> Waiting:
    return Waiting(
        id=row.id,
        document_type=row.document_type,
        number=row.business_number,
        content_type=row.content_type,
        filename=row.filename,
        size_bytes=row.size_bytes,
        sha256=row.sha256,
        test=row.test,
        created_at=moment(row.created_at),
    )
