"""Lanes: who may process, and what waits there."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, text, union, update

from gateway.ports.records import ArrivalRow, LaneClaim
from gateway.store.forms import AnyRow, micros, moment
from gateway.store.tables import (
    ARRIVAL_OPEN,
    MESSAGE_OPEN,
    PARCEL_OPEN,
    arrival,
    lane,
    message,
    parcel,
    payload,
)
from gateway.store.tx_open import OpenTx, lost_claim

ARRIVAL_COLUMNS = (
    arrival.c.id.label("arrival_id"),
    arrival.c.lane.label("arrival_lane"),
    arrival.c.partner.label("arrival_partner"),
    arrival.c.channel.label("arrival_channel"),
    arrival.c.state.label("arrival_state"),
    arrival.c.received_at.label("arrival_received_at"),
    arrival.c.content_type,
    arrival.c.filename,
    arrival.c.test.label("arrival_test"),
    arrival.c.attempts.label("arrival_attempts"),
    arrival.c.sha256,
    arrival.c.size_bytes,
    payload.c.data,
)


def is_due(next_at: ColumnElement[Any], now: datetime) -> ColumnElement[bool]:
    return or_(next_at.is_(None), next_at <= micros(now))


class LanesTx(OpenTx):
    def claim_lane(self, lane: str, owner: str, now: datetime, lease: timedelta) -> LaneClaim | None:
        """See ports.journal. The same owner may claim again at once and gets a new epoch."""
        lanes, at, until = _LANES, micros(now), micros(now + lease)
        claimed = self._insert(lanes).values(key=lane, owner=owner, lease_until=until, epoch=1)
        free = or_(lanes.c.owner.is_(None), lanes.c.owner == owner, lanes.c.lease_until <= at)
        epoch = self.connection.execute(
            claimed.on_conflict_do_update(
                index_elements=[lanes.c.key],
                set_={"owner": owner, "lease_until": until, "epoch": lanes.c.epoch + 1},
                where=free,
            ).returning(lanes.c.epoch)
        ).scalar()
        return None if epoch is None else LaneClaim(lane=lane, epoch=epoch)

    def release_lane(self, claim: LaneClaim) -> None:
        """Let others in. A claim that was lost meanwhile releases nothing."""
        self._checked.discard(claim)
        self.connection.execute(
            update(_LANES)
            .where(_LANES.c.key == claim.lane, _LANES.c.epoch == claim.epoch)
            .values(owner=None, lease_until=None)
        )

    def arrivals_to_prepare(self, claim: LaneClaim, now: datetime, limit: int) -> list[ArrivalRow]:
        self._check(claim)
        found = self.connection.execute(
            select(*ARRIVAL_COLUMNS)
            .join(payload, payload.c.sha256 == arrival.c.sha256)
            .where(text(f"arrival.{ARRIVAL_OPEN}"), arrival.c.lane == claim.lane, is_due(arrival.c.next_at, now))
            .order_by(arrival.c.seq)
            .limit(limit)
        )
        return [self._arrival_row(row) for row in found]

    def count_attempt(self, claim: LaneClaim, arrival_id: str) -> int:
        self._check(claim)
        attempts = self.connection.execute(
            update(arrival)
            .where(arrival.c.id == arrival_id, arrival.c.lane == claim.lane)
            .values(attempts=arrival.c.attempts + 1)
            .returning(arrival.c.attempts)
        ).scalar()
        if attempts is None:
            raise lost_claim(arrival_id)
        return int(attempts)

    def _arrival_row(self, row: AnyRow) -> ArrivalRow:
        return ArrivalRow(
            id=row.arrival_id,
            lane=row.arrival_lane,
            partner=row.arrival_partner,
            channel=row.arrival_channel,
            state=row.arrival_state,
            received_at=moment(row.arrival_received_at),
            payload=self._payload(row.sha256, row.size_bytes, row.data),
            content_type=row.content_type,
            filename=row.filename,
            test=row.arrival_test,
            attempts=row.arrival_attempts,
        )

    def lanes_with_work(self, now: datetime) -> list[str]:
        """Lanes with an arrival or message that is due, in alphabetical order."""
        waiting = union(
            select(arrival.c.lane.label("lane")).where(text(f"arrival.{ARRIVAL_OPEN}"), is_due(arrival.c.next_at, now)),
            select(message.c.lane).where(text(f"message.{MESSAGE_OPEN}"), is_due(message.c.next_at, now)),
        )
        return list(self.connection.execute(waiting.order_by("lane")).scalars())

    def parcels_due(self, now: datetime) -> bool:
        due = select(parcel.c.id).where(text(f"parcel.{PARCEL_OPEN}"), parcel.c.next_at <= micros(now)).limit(1)
        return self.connection.execute(due).first() is not None

    def open_work(self) -> int:
        """See ports.journal. Three counts over partial indexes: the cost follows the open work, not the journal."""
        counts: list[Select[int]] = [
            select(func.count()).select_from(arrival).where(text(f"arrival.{ARRIVAL_OPEN}")),
            select(func.count()).select_from(message).where(text(f"message.{MESSAGE_OPEN}")),
            select(func.count()).select_from(parcel).where(text(f"parcel.{PARCEL_OPEN}")),
        ]
        return sum(self.connection.execute(each).scalar_one() for each in counts)


_LANES = lane  # the port's parameter is called lane too
