"""Small records of planning by kind (events, agreements, joint plans), as their effects say."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, select

from gateway.domain.replenishment.promotions import CANCELLED, EVENT, PlannedEvent, planned_event
from gateway.model.planning_effects import RecordSaved
from gateway.store.among import among
from gateway.store.forms import AnyRow
from gateway.store.tables_planning import plan_record


def record_of(row: AnyRow) -> RecordSaved:
    """Return the effect that a row was written from."""
    return RecordSaved(
        key=f"{row.kind}:{row.id}", kind=row.kind, id=row.id, state=row.state, data=row.data, partner=row.partner
    )


def records(connection: Connection, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], RecordSaved]:
    """Return records by kind and id."""
    found = {}
    for condition in among((plan_record.c.kind, plan_record.c.id), keys):
        for row in connection.execute(select(plan_record).where(condition)):
            found[row.kind, row.id] = record_of(row)
    return found


def of_kind(connection: Connection, kind: str, partner: str | None = None) -> list[RecordSaved]:
    """Return every record of a kind by id; partner: only its."""
    columns = plan_record.c
    chosen = select(plan_record).where(columns.kind == kind).order_by(columns.id)
    if partner is not None:
        chosen = chosen.where(columns.partner == partner)
    return [record_of(row) for row in connection.execute(chosen)]


def events(connection: Connection, since: date, until: date) -> list[PlannedEvent]:
    """Return the events in force that have a day from since to until, both included, by their first day."""
    columns = plan_record.c
    chosen = select(plan_record).where(columns.kind == EVENT, columns.state != CANCELLED).order_by(columns.id)
    found = [planned_event(record_of(row)) for row in connection.execute(chosen)]
    inside = [each for each in found if each.first_day <= until and each.last_day >= since]
    return sorted(inside, key=lambda each: (each.first_day, each.id))
