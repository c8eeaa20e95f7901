"""Delivery schedules as they are read: what customers call off from us, what we have told suppliers."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, select

from gateway.domain.schedules import KIND, OURS, record_id
from gateway.model.planning_effects import RecordSaved
from gateway.store.forms import units
from gateway.store.plan_records import of_kind, records
from gateway.store.tables import order_line

_GTIN, _DAY = 14, slice(15, 25)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirmRow:
    """order: number of the order that it is part of; before: what the schedule before said, None: the same."""

    gtin: str
    day: date
    units: Decimal
    order: str
    before: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRow:
    """A line of a schedule: units of an item from the first to the last day."""

    gtin: str
    first_day: date
    last_day: date
    units: Decimal
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeRow:
    """received: as the buyer counts; sent: by our books, None where the supplier is to say it. on_the_way: sent less
    received, never below zero."""

    gtin: str
    received: Decimal
    sent: Decimal | None
    on_the_way: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleRow:
    """direction: in (a customer calls off from us) or out. schedules: how many there have been."""

    direction: str
    partner: str
    number: str
    place: str
    document: str
    issued: date
    state: str
    schedules: int
    firm: tuple[FirmRow, ...]
    planned: tuple[PlannedRow, ...]
    cumulative: tuple[CumulativeRow, ...]

    @property
    def firm_units(self) -> Decimal:
        return sum((each.units for each in self.firm), Decimal(0))

    @property
    def planned_units(self) -> Decimal:
        return sum((each.units for each in self.planned), Decimal(0))

    @property
    def changes(self) -> int:
        return sum(each.before is not None for each in self.firm)


class ScheduleViews:
    """Delivery schedules of suppliers as they are read."""

    _engine: Engine

    def schedules(self, partner: str | None = None) -> tuple[ScheduleRow, ...]:
        """Return the schedules that count, by partner and number."""
        with self._engine.connect() as connection:
            found = of_kind(connection, KIND, partner)
            return _rows(connection, found)

    def schedule(self, partner: str, number: str | None = None) -> ScheduleRow | None:
        """Return what a customer calls off under a number; number None: what we have told a supplier."""
        with self._engine.connect() as connection:
            key = (KIND, record_id(partner, number or OURS))
            return next(iter(_rows(connection, records(connection, [key]).values())), None)


def _rows(connection: Connection, found: Iterable[RecordSaved]) -> tuple[ScheduleRow, ...]:
    return tuple(_row(connection, each, json.loads(each.data)) for each in found)


def _row(connection: Connection, record: RecordSaved, data: Mapping[str, Any]) -> ScheduleRow:
    changed = {each["key"]: Decimal(each["before"]) for each in data["changes"]}
    gone = {key: "0" for key in changed if key not in data["firm"]}
    incoming = data["direction"] == "in"
    sent = _sent(connection, data["partner"], data["number"]) if incoming else None
    return ScheduleRow(
        direction=data["direction"],
        partner=data["partner"],
        number=data["number"],
        place=data["place"],
        document=data["document"],
        issued=date.fromisoformat(data["issued"]),
        state=record.state,
        schedules=data["schedules"],
        firm=tuple(
            FirmRow(
                gtin=key[:_GTIN],
                day=date.fromisoformat(key[_DAY]),
                units=Decimal(value),
                order=key[26:] or data["number"],
                before=changed.get(key),
            )
            for key, value in sorted({**data["firm"], **gone}.items(), key=lambda each: (each[0][_DAY], each[0]))
        ),
        planned=tuple(
            PlannedRow(
                gtin=each["gtin"],
                first_day=date.fromisoformat(each["from"]),
                last_day=date.fromisoformat(each["to"]),
                units=Decimal(each["units"]),
                status=each["status"],
            )
            for each in sorted(data["planned"], key=lambda each: (each["from"], each["gtin"]))
        ),
        cumulative=tuple(
            _cumulative(gtin, Decimal(value), None if sent is None else sent[gtin])
            for gtin, value in data["received"].items()
        ),
    )


def _cumulative(gtin: str, received: Decimal, sent: Decimal | None) -> CumulativeRow:
    on_the_way = None if sent is None else max(Decimal(0), sent - received)
    return CumulativeRow(gtin=gtin, received=received, sent=sent, on_the_way=on_the_way)


def _sent(connection: Connection, partner: str, number: str) -> dict[str, Decimal]:
    columns = order_line.c
    mine = (columns.side == "sale", columns.partner == partner, columns.order_number == number)
    found: dict[str, Decimal] = defaultdict(Decimal)
    for gtin, despatched in connection.execute(select(columns.gtin, columns.despatched).where(*mine)):
        found[gtin] += units(despatched)
    return found
