"""Bulk replay: everything parked for one cause put back, in portions, so that it can be watched and stopped."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select, tuple_, update

from gateway.model.faults import OurFault
from gateway.ports.records import Bulk, ReplayFilter
from gateway.store.forms import dump, micros, moment, optional_micros
from gateway.store.tables import bulk
from gateway.store.tables_operations import bulk_item
from gateway.store.tx_parcels import ParcelsTx
from gateway.store.tx_replay import ReplayTx
from gateway.store.view_problems import SOURCES


class BulkTx(ReplayTx, ParcelsTx):
    """Replays of many messages, in portions."""

    def replay_preview(self, chosen: ReplayFilter) -> list[tuple[str, str, int]]:
        """See ports.journal."""
        columns = SOURCES[chosen.kind].table.c
        count = func.count().label("size")
        found = self.connection.execute(
            select(columns.fault_code, columns.partner, count)
            .where(*_conditions(chosen))
            .group_by(columns.fault_code, columns.partner)
            .order_by(count.desc(), columns.fault_code, columns.partner)
        )
        return [(row.fault_code or "", row.partner, int(row.size)) for row in found]

    def start_bulk(self, bulk_id: str, chosen: ReplayFilter, user: str, reason: str, now: datetime) -> Bulk:
        """See ports.journal."""
        total = sum(count for *_, count in self.replay_preview(chosen))
        at = micros(now)
        text = dump(
            {
                "partner": chosen.partner,
                "type": chosen.type,
                "fault_code": chosen.fault_code,
                "since": optional_micros(chosen.since),
                "until": optional_micros(chosen.until),
                "kind": chosen.kind,
                "place": chosen.place,
                "state": chosen.state,
            }
        )
        row = {"id": bulk_id, "user": user, "reason": reason, "chosen": text, "state": "running", "total": total}
        self.connection.execute(bulk.insert().values(row | {"done": 0, "created_at": at, "updated_at": at}))
        self.audit(user, "bulk.start", bulk_id, None, dump({"reason": reason, "total": total, "chosen": text}), now)
        return self._bulk(bulk_id)

    def advance_bulk(self, bulk_id: str, limit: int, now: datetime) -> tuple[Bulk, list[str]]:
        """See ports.journal. What changed after the start (and so may have been taken) is not taken again: a message
        that parks once more stays parked."""
        row = self.connection.execute(select(bulk).where(bulk.c.id == bulk_id).with_for_update()).first()
        if row is None:
            raise OurFault("journal.not-found", value=bulk_id)
        if row.state != "running":
            return self._bulk(bulk_id), []
        chosen = json.loads(row.chosen)
        after = chosen.pop("after", [-1, -1])
        wanted = _filter(chosen)
        found = self.connection.execute(_next_of(wanted, after, row.created_at, limit)).all()
        lanes: set[str] = set()
        for each in found:
            if wanted.kind == "parcel":
                self.resend(each.id, row.user, now)
            else:
                lanes.update(self.replay(each.id, row.user, now))
        if found:
            chosen = json.loads(row.chosen) | {"after": [found[-1].seq, found[-1].position]}
            items = [{"bulk": bulk_id, "seq": row.done + n, "subject": each.id} for n, each in enumerate(found)]
            self.connection.execute(bulk_item.insert(), items)
            self._change(bulk_id, now, done=row.done + len(found), chosen=dump(chosen))
        if len(found) < limit:
            self._change(bulk_id, now, state="done")
        return self._bulk(bulk_id), sorted(lanes)

    def cancel_bulk(self, bulk_id: str, user: str, now: datetime) -> Bulk:
        """End a running one; one that is over stays as it is."""
        before = self._bulk(bulk_id)
        if before.state == "running":
            self._change(bulk_id, now, state="cancelled")
            self.audit(user, "bulk.cancel", bulk_id, f"{before.done} of {before.total}", "cancelled", now)
        return self._bulk(bulk_id)

    def _change(self, bulk_id: str, now: datetime, **values: Any) -> None:
        self.connection.execute(update(bulk).where(bulk.c.id == bulk_id).values(**values, updated_at=micros(now)))

    def _bulk(self, bulk_id: str) -> Bulk:
        row = self.connection.execute(select(bulk).where(bulk.c.id == bulk_id)).first()
        if row is None:
            raise OurFault("journal.not-found", value=bulk_id)
        return Bulk(id=row.id, user=row.user, reason=row.reason, state=row.state, total=row.total, done=row.done)


def _next_of(wanted: ReplayFilter, after: list[int], started: int, limit: int) -> Any:
    """Select what is to be taken next: (id, seq, position). What has changed since the start is not taken again."""
    source = SOURCES[wanted.kind]
    columns = source.table.c
    position = columns.position if wanted.kind == "message" else literal(0).label("position")
    return (
        select(columns.id, columns.seq, position)
        .where(*_conditions(wanted), source.changed <= started, tuple_(columns.seq, position) > tuple_(*after))
        .order_by(columns.seq, position)
        .limit(limit)
    )


def _filter(data: dict[str, Any]) -> ReplayFilter:
    since, until = data.pop("since"), data.pop("until")
    return ReplayFilter(
        **data,
        since=None if since is None else moment(since),
        until=None if until is None else moment(until),
    )


def _conditions(chosen: ReplayFilter) -> list[ColumnElement[bool]]:
    source = SOURCES[chosen.kind]
    columns = source.table.c
    found: list[ColumnElement[bool]] = source.conditions()
    if chosen.partner is not None:
        found.append(columns.partner == chosen.partner)
    if chosen.type is not None:
        found.append((columns.document_type if chosen.kind == "parcel" else columns.type) == chosen.type)
    if chosen.fault_code is not None:
        found.append(columns.fault_code == chosen.fault_code)
    elif chosen.state is not None:  # nothing but its state tells the cause
        found += [columns.fault_code.is_(None), columns.state == chosen.state]
    if chosen.place is not None:
        found.append(columns.fault_place == chosen.place)
    if chosen.since is not None:
        found.append(source.came >= micros(chosen.since))
    if chosen.until is not None:
        found.append(source.came < micros(chosen.until))
    return found
