"""What both sides have planned together, as it is read: promotions and introductions with what came of them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Connection, Engine, func, select

from gateway.domain.replenishment.promotions import (
    BASE_DAYS,
    CANCELLED,
    EVENT,
    Outcome,
    PlannedEvent,
    outcome,
    planned_event,
)
from gateway.store.forms import AnyRow, moment, units
from gateway.store.plan_records import record_of
from gateway.store.tables import sales
from gateway.store.tables_planning import plan_record, sales_day, stock_fact

MOST_OUTCOMES = 500
_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """An event of the calendar. message: the document that said so last."""

    event: PlannedEvent
    message: str
    updated_at: datetime


class CollaborationViews:
    """What is planned together with partners, as it is read."""

    _engine: Engine

    def planning_events(
        self,
        *,
        partner: str | None = None,
        kind: str | None = None,
        since: date | None = None,
        until: date | None = None,
        cancelled: bool = False,
    ) -> tuple[EventRow, ...]:
        """Return events with a day from since to until, both included, by their first day. partner: its and those of
        all."""
        columns = plan_record.c
        chosen = select(plan_record).where(columns.kind == EVENT)
        if not cancelled:
            chosen = chosen.where(columns.state != CANCELLED)
        if partner is not None:
            chosen = chosen.where((columns.partner == partner) | columns.partner.is_(None))
        with self._engine.connect() as connection:
            found = [_event(row) for row in connection.execute(chosen)]
        kept = [
            each
            for each in found
            if (kind is None or each.event.kind == kind)
            and (since is None or each.event.last_day >= since)
            and (until is None or each.event.first_day <= until)
        ]
        return tuple(sorted(kept, key=lambda each: (each.event.first_day, each.event.id)))

    def planning_event(self, identity: str) -> EventRow | None:
        """Return one event, cancelled or not."""
        columns = plan_record.c
        with self._engine.connect() as connection:
            row = connection.execute(
                select(plan_record).where(columns.kind == EVENT, columns.id == identity)
            ).one_or_none()
            return None if row is None else _event(row)

    def event_outcomes(self, identity: str, today: date) -> tuple[Outcome, ...]:
        """Return what came of an event so far with each item at each place that sells it, the places in order."""
        row = self.planning_event(identity)
        if row is None or row.event.first_day > today:
            return ()
        event, last = row.event, min(row.event.last_day, today)
        others = [
            (each.event.first_day, each.event.last_day, set(each.event.gtins))
            for each in self.planning_events(since=event.first_day - timedelta(days=BASE_DAYS), until=event.first_day)
            if each.event.id != identity
        ]
        with self._engine.connect() as connection:
            sold = _sold(connection, event, event.first_day - timedelta(days=BASE_DAYS), last)
            reported = _reported(connection, {place for place, _ in sold}, event.first_day - timedelta(days=BASE_DAYS))
            left = _left(connection, event, last)
        found = []
        for place, gtin in sorted(sold)[:MOST_OUTCOMES]:
            units_by_day = {day: sold[place, gtin].get(day, Decimal(0)) for day in reported.get(place, set())}
            units_by_day |= sold[place, gtin]
            apart = [(start, end) for start, end, gtins in others if gtin in gtins]
            in_time = {day: units for day, units in units_by_day.items() if day <= last}
            made = outcome(place, gtin, event.first_day, last, in_time, apart, left.get((place, gtin)))
            found.append(made)
        return tuple(found)


def _event(row: AnyRow) -> EventRow:
    return EventRow(event=planned_event(record_of(row)), message=row.message, updated_at=moment(row.updated_at))


def _portions(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + _AT_ONCE] for start in range(0, len(values), _AT_ONCE)]


def _sold(
    connection: Connection, event: PlannedEvent, since: date, until: date
) -> dict[tuple[str, str], dict[date, Decimal]]:
    columns = sales.c
    found: dict[tuple[str, str], dict[date, Decimal]] = defaultdict(dict)
    for gtins in _portions(event.gtins):
        chosen = (
            select(columns.location, columns.gtin, columns.day, func.sum(columns.sold))
            .where(columns.gtin.in_(gtins), columns.day >= since.isoformat(), columns.day <= until.isoformat())
            .group_by(columns.location, columns.gtin, columns.day)
        )
        if event.partner is not None:
            chosen = chosen.where(columns.partner == event.partner)
        for place, gtin, day, sold in connection.execute(chosen):
            if not event.places or place in event.places:
                found[place, gtin][date.fromisoformat(day)] = units(int(sold))
    return found


def _reported(connection: Connection, places: set[str], since: date) -> dict[str, set[date]]:
    """Return the days that each place has reported: what a report does not name was not sold."""
    found: dict[str, set[date]] = defaultdict(set)
    columns = sales_day.c
    for portion in _portions(sorted(places)):
        chosen = select(columns.location, columns.day).where(
            columns.location.in_(portion), columns.day >= since.isoformat()
        )
        for place, day in connection.execute(chosen.distinct()):
            found[place].add(date.fromisoformat(day))
    return found


def _left(connection: Connection, event: PlannedEvent, until: date) -> dict[tuple[str, str], Decimal]:
    """Return the last count of each item and place until a day, included."""
    columns = stock_fact.c
    found: dict[tuple[str, str], Decimal] = {}
    for gtins in _portions(event.gtins):
        chosen = (
            select(columns.location, columns.gtin, columns.quantity)
            .where(
                columns.gtin.in_(gtins),
                columns.type.in_(("onHand", "available")),
                columns.at >= (event.first_day - timedelta(days=1)).isoformat(),
                columns.at < (until + timedelta(days=1)).isoformat(),
            )
            .order_by(columns.at, columns.type.desc(), columns.issued_at)
        )
        for place, gtin, quantity in connection.execute(chosen):
            found[place, gtin] = units(quantity)
    return found
