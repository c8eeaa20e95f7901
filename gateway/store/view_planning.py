"""Plans for pages, API and command line: what is planned and why, what was ordered, what people have said."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, case, func, select

from gateway.store.forms import AnyRow, moment, units
from gateway.store.tables import sales
from gateway.store.tables_planning import (
    plan_line,
    plan_order_line,
    plan_override,
    plan_parameter,
    plan_word,
    stock_fact,
)
from gateway.store.view_reading import as_json, as_mapping

STATES = ("exception", "normal", "ordered", "frozen", "nothing")
MOST_LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One item at one place. cover_days: days until it runs out as planned, None: not within the interval."""

    place: str
    gtin: str
    partner: str
    agreement: str
    method: str
    status: str
    quantity: Decimal
    system_quantity: Decimal
    proposal: str | None
    exceptions: tuple[str, ...]
    stockout_on: date | None
    planned_at: datetime
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrderRow:
    """A line that planning has ordered. system_quantity: what the plan had wanted, in units; why: what led to it."""

    partner: str
    order: str
    line: str
    place: str
    gtin: str
    quantity: Decimal
    system_quantity: Decimal
    approved_by: str
    at: datetime
    why: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideRow:
    """A quantity in units that a person has set instead of the plan's, from the first to the last day."""

    id: str
    place: str
    gtin: str
    kind: str
    quantity: Decimal
    first_day: date
    last_day: date
    reason: str
    author: str
    active: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WordRow:
    """Something a person has changed: it can be taken back unless undone_by says that it was."""

    id: str
    kind: str
    author: str
    reason: str
    count: int
    undone_by: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCount:
    """How many items and places of a partner stand how."""

    partner: str
    status: str
    count: int


class PlanningViews:
    """Plans, overrides and parameters as they are read."""

    _engine: Engine

    def plan_rows(
        self,
        *,
        status: str | None = None,
        partner: str | None = None,
        place: str | None = None,
        gtin: str | None = None,
        limit: int = MOST_LINES,
    ) -> tuple[PlanRow, ...]:
        """Return plans, what waits for a person first, then what runs out first."""
        columns = plan_line.c
        rank = case({name: n for n, name in enumerate(STATES)}, value=columns.status, else_=len(STATES))
        chosen = select(plan_line).order_by(
            rank, func.coalesce(columns.stockout_on, "9999"), columns.location, columns.gtin
        )
        for column, wanted in (
            (columns.status, status),
            (columns.partner, partner),
            (columns.location, place),
            (columns.gtin, gtin),
        ):
            if wanted is not None:
                chosen = chosen.where(column == wanted)
        with self._engine.connect() as connection:
            return tuple(_plan(row) for row in connection.execute(chosen.limit(limit)))

    def plan_row(self, place: str, gtin: str) -> PlanRow | None:
        """Return the newest plan of an item at a place."""
        found = self.plan_rows(place=place, gtin=gtin, limit=1)
        return found[0] if found else None

    def plan_counts(self) -> tuple[PlanCount, ...]:
        """Return how many plans stand how, by partner."""
        columns = plan_line.c
        totals = (
            select(columns.partner, columns.status, func.count())
            .group_by(columns.partner, columns.status)
            .order_by(columns.partner, columns.status)
        )
        with self._engine.connect() as connection:
            return tuple(PlanCount(partner=row[0], status=row[1], count=row[2]) for row in connection.execute(totals))

    def planned_orders(
        self, *, place: str | None = None, gtin: str | None = None, order: str | None = None, limit: int = 50
    ) -> tuple[PlannedOrderRow, ...]:
        """Return lines that were ordered from plans, the newest first."""
        columns = plan_order_line.c
        chosen = select(plan_order_line).order_by(columns.at.desc(), columns.order_number, columns.line)
        for column, wanted in ((columns.location, place), (columns.gtin, gtin), (columns.order_number, order)):
            if wanted is not None:
                chosen = chosen.where(column == wanted)
        with self._engine.connect() as connection:
            return tuple(_ordered(row) for row in connection.execute(chosen.limit(limit)))

    def plan_overrides(self, place: str, gtin: str) -> tuple[OverrideRow, ...]:
        """Return what was said against figures of an item at a place, the newest first."""
        columns = plan_override.c
        chosen = select(plan_override).where(columns.location == place, columns.gtin == gtin)
        with self._engine.connect() as connection:
            rows = connection.execute(chosen.order_by(columns.at.desc()).limit(50))
            return tuple(_override(row) for row in rows)

    def plan_parameters(self, place: str, gtin: str) -> dict[str, str]:
        """Return what is set for an item at a place."""
        columns = plan_parameter.c
        chosen = select(plan_parameter).where(columns.location == place, columns.gtin == gtin).order_by(columns.name)
        with self._engine.connect() as connection:
            return {row.name: row.value for row in connection.execute(chosen)}

    def plan_words(self, limit: int = 50) -> tuple[WordRow, ...]:
        """Return what people have changed, the newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(plan_word).order_by(plan_word.c.at.desc()).limit(limit))
            return tuple(
                WordRow(
                    id=row.id,
                    kind=row.kind,
                    author=row.author,
                    reason=row.reason,
                    count=row._mapping["count"],
                    undone_by=row.undone_by,
                    at=moment(row.at),
                )
                for row in rows
            )

    def item_history(self, place: str, gtin: str, since: date) -> tuple[dict[date, Decimal], dict[date, Decimal]]:
        """Return units sold, and units counted on hand, by day."""
        sold = (
            select(sales.c.day, func.sum(sales.c.sold))
            .where(sales.c.gtin == gtin, sales.c.location == place, sales.c.day >= since.isoformat())
            .group_by(sales.c.day)
        )
        columns = stock_fact.c
        counted = (
            select(columns.at, columns.quantity)
            .where(columns.location == place, columns.gtin == gtin, columns.at >= since.isoformat())
            .where(columns.type.in_(("onHand", "available")))
            .order_by(columns.at, columns.type.desc(), columns.issued_at)
        )
        with self._engine.connect() as connection:
            by_day = {date.fromisoformat(row[0]): units(int(row[1])) for row in connection.execute(sold)}
            stock = {date.fromisoformat(row[0][:10]): units(row[1]) for row in connection.execute(counted)}
        return by_day, stock


def _plan(row: AnyRow) -> PlanRow:
    why = as_mapping(row.why)
    return PlanRow(
        place=row.location,
        gtin=row.gtin,
        partner=row.partner,
        agreement=row.agreement,
        method=row.method,
        status=row.status,
        quantity=units(row.quantity),
        system_quantity=Decimal(why.get("system_quantity", "0")),
        proposal=row.proposal,
        exceptions=tuple(as_json(row.exceptions)),
        stockout_on=None if row.stockout_on is None else date.fromisoformat(row.stockout_on),
        planned_at=moment(row.planned_at),
        why=why,
    )


def _ordered(row: AnyRow) -> PlannedOrderRow:
    return PlannedOrderRow(
        partner=row.partner,
        order=row.order_number,
        line=row.line,
        place=row.location,
        gtin=row.gtin,
        quantity=units(row.quantity),
        system_quantity=units(row.system_quantity),
        approved_by=row.approved_by,
        at=moment(row.at),
        why=as_mapping(row.why),
    )


def _override(row: AnyRow) -> OverrideRow:
    return OverrideRow(
        id=row.id,
        place=row.location,
        gtin=row.gtin,
        kind=row.kind,
        quantity=units(row.quantity),
        first_day=date.fromisoformat(row.first_day),
        last_day=date.fromisoformat(row.last_day),
        reason=row.reason,
        author=row.author,
        active=bool(row.active),
        at=moment(row.at),
    )
