"""Lanes: who may process, and what waits there."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, not_, or_, select, text, union, update

from gateway.model.payload import Payload
from gateway.ports.records import ArrivalRow, Backlog, LaneClaim
from gateway.store.forms import micros, moment
from gateway.store.prepared import Inserter, Prepared, given
from gateway.store.tables import (
    ARRIVAL_OPEN,
    MESSAGE_OPEN,
    PARCEL_OPEN,
    arrival,
    breaker,
    lane,
    message,
    parcel,
    payload,
)
from gateway.store.tx_breaker import IS_HELD
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


def is_due(next_at: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(next_at.is_(None), next_at <= given("now"))


def _claim(insert: Inserter) -> Any:
    """One statement: take a lane that is new, free, ours, or whose lease has ended; give its new epoch."""
    return (
        insert(lane)
        .values(epoch=1)
        .on_conflict_do_update(
            index_elements=[lane.c.key],
            set_={"owner": given("owner"), "lease_until": given("until"), "epoch": lane.c.epoch + 1},
            where=or_(lane.c.owner.is_(None), lane.c.owner == given("owner"), lane.c.lease_until <= given("now")),
        )
        .returning(lane.c.epoch)
    )


_CLAIM = Prepared(_claim, ("key", "owner", "lease_until", "mode"))
_RELEASE = Prepared(
    lambda _: (
        update(lane)
        .where(lane.c.key == given("lane"), lane.c.epoch == given("held"))
        .values(owner=None, lease_until=None)
    )
)
_TO_PREPARE = Prepared(
    lambda _: (
        select(*ARRIVAL_COLUMNS)
        .join(payload, payload.c.sha256 == arrival.c.sha256)
        .where(text(f"arrival.{ARRIVAL_OPEN}"), arrival.c.lane == given("lane"), is_due(arrival.c.next_at))
        .order_by(arrival.c.seq)
        .limit(given("limit"))
    )
)
_COUNT_ATTEMPTS = Prepared(
    lambda _: (
        update(arrival)
        .where(arrival.c.id == given("arrival"), arrival.c.lane == given("lane"))
        .values(attempts=arrival.c.attempts + 1)
    )
)
_LANES_WITH_WORK = Prepared(
    lambda _: union(
        select(arrival.c.lane.label("lane")).where(text(f"arrival.{ARRIVAL_OPEN}"), is_due(arrival.c.next_at)),
        select(message.c.lane).where(text(f"message.{MESSAGE_OPEN}"), is_due(message.c.next_at)),
    ).order_by("lane")
)
_PARCEL_DUE = Prepared(
    lambda _: (
        select(parcel.c.id)
        .outerjoin(breaker, and_(breaker.c.partner == parcel.c.partner, breaker.c.open_until > given("now")))
        .where(
            text(f"parcel.{PARCEL_OPEN}"), parcel.c.next_at <= given("now"), breaker.c.partner.is_(None), not_(IS_HELD)
        )
        .limit(1)
    )
)
_OPEN_WORK = Prepared(  # counts over partial indexes: the cost follows the open work, not the size of the journal
    lambda _: select(
        select(func.count())
        .select_from(arrival)
        .where(text(f"arrival.{ARRIVAL_OPEN}"))
        .scalar_subquery()
        .label("arrivals"),
        select(func.count())
        .select_from(message)
        .where(text(f"message.{MESSAGE_OPEN}"))
        .scalar_subquery()
        .label("messages"),
        select(func.count())
        .select_from(parcel)
        .where(text(f"parcel.{PARCEL_OPEN}"))
        .scalar_subquery()
        .label("parcels"),
    )
)


def _backlog_of(table: Table, condition: str, count: str, since: ColumnElement[Any], at: str) -> tuple[Any, Any]:
    open_ = text(f"{table.name}.{condition}")
    return (
        select(func.count()).select_from(table).where(open_).scalar_subquery().label(count),
        select(func.min(since)).where(open_).scalar_subquery().label(at),
    )


_BACKLOG = Prepared(
    lambda _: select(
        # What is put back after days, or waits for its next attempt, has not waited since it came in.
        *_backlog_of(
            arrival, ARRIVAL_OPEN, "arrivals", func.coalesce(arrival.c.next_at, arrival.c.received_at), "arrival_at"
        ),
        *_backlog_of(message, MESSAGE_OPEN, "messages", message.c.updated_at, "message_at"),
    )
)


class LanesTx(OpenTx):
    def claim_lane(self, lane: str, owner: str, now: datetime, lease: timedelta) -> LaneClaim | None:
        """See ports.journal. The same owner may claim again at once and gets a new epoch."""
        until = micros(now + lease)
        row = self._driver.first(
            _CLAIM, key=lane, owner=owner, lease_until=until, until=until, mode="loose", now=micros(now)
        )
        return None if row is None else LaneClaim(lane=lane, epoch=row.epoch)

    def release_lane(self, claim: LaneClaim) -> None:
        """Let others in. A claim that was lost meanwhile releases nothing."""
        self._checked.discard(claim)
        self._driver.run(_RELEASE, lane=claim.lane, held=claim.epoch)

    def end_leases(self, now: datetime) -> None:
        """See ports.journal. Late writes of the old holders fail on the epoch, which the next claim raises."""
        self.connection.execute(update(lane).where(lane.c.owner.is_not(None)).values(owner=None, lease_until=None))
        self.connection.execute(
            update(parcel).where(parcel.c.state == "sending").values(next_at=micros(now), lease_until=micros(now))
        )

    def arrivals_to_prepare(self, claim: LaneClaim, now: datetime, limit: int) -> list[ArrivalRow]:
        self._check(claim)
        found = self._driver.all(_TO_PREPARE, lane=claim.lane, now=micros(now), limit=limit)
        return [self._arrival_row(row) for row in found]

    def count_attempts(self, claim: LaneClaim, arrival_ids: Sequence[str]) -> None:
        """See ports.journal."""
        self._check(claim)
        counted = self._driver.many(_COUNT_ATTEMPTS, [{"arrival": each, "lane": claim.lane} for each in arrival_ids])
        if counted != len(arrival_ids):
            raise lost_claim(claim.lane)

    def _arrival_row(self, row: Any) -> ArrivalRow:
        return arrival_row(row, self._payload(row.sha256, row.size_bytes, row.data))

    def lanes_with_work(self, now: datetime) -> list[str]:
        """Lanes with an arrival or message that is due, in alphabetical order."""
        return [row.lane for row in self._driver.all(_LANES_WITH_WORK, now=micros(now))]

    def parcels_due(self, now: datetime) -> bool:
        return self._driver.first(_PARCEL_DUE, now=micros(now)) is not None

    def backlog(self) -> Backlog:
        row = self._driver.first(_BACKLOG)
        ages = [each for each in (row.arrival_at, row.message_at) if each is not None]
        return Backlog(count=row.arrivals + row.messages, oldest_at=moment(min(ages)) if ages else None)

    def open_work(self) -> int:
        """See ports.journal."""
        return sum(self._driver.first(_OPEN_WORK))


def arrival_row(row: Any, payload: Payload) -> ArrivalRow:
    """Return a row of ARRIVAL_COLUMNS as the pipeline sees it."""
    return ArrivalRow(
        id=row.arrival_id,
        lane=row.arrival_lane,
        partner=row.arrival_partner,
        channel=row.arrival_channel,
        state=row.arrival_state,
        received_at=moment(row.arrival_received_at),
        payload=payload,
        content_type=row.content_type,
        filename=row.filename,
        test=row.arrival_test,
        attempts=row.arrival_attempts,
    )
