"""What is agreed with partners in planning, as it is read: stock agreements with their levels, joint plans with both
forecasts beside each other, their exceptions and notes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Engine, select

from gateway.domain.measures.service import in_stock
from gateway.domain.replenishment.cpfr import JOINT, Joint, Note, joint, noted
from gateway.domain.replenishment.crp import STOCK, Agreed, Past, Proposal, agreed
from gateway.domain.replenishment.facts import Pair
from gateway.domain.replenishment.joint_exceptions import Compared, JointException, exceptions
from gateway.model.values import gtin14
from gateway.store.forms import units
from gateway.store.frozen_orders import FrozenRow, frozen_rows
from gateway.store.measures_deliveries import Scope
from gateway.store.measures_rows import read_facts
from gateway.store.plan_records import of_kind, records
from gateway.store.tables_planning import plan_line, plan_override

STOCK_DAYS = 28  # looked back at for in-stock and days of supply
MOST_COMPARED = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelRow:
    """former: the level before the last change, where it can be gone back to."""

    place: str
    gtin: str
    level: Decimal
    former: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAgreementRow:
    """waits_for: the sides (us, them) that have not answered the open proposal."""

    id: str
    partner: str
    name: str
    state: str
    delivery_days: tuple[int, ...]
    period_days: int
    step: Decimal
    fill: Decimal
    since: date | None
    levels: tuple[LevelRow, ...]
    proposal: Proposal | None
    waits_for: tuple[str, ...]
    history: tuple[Past, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExceptionRow:
    """note: the last one on it."""

    about: str
    exception: JointException
    note: Note | None


class AgreedViews:
    """Stock agreements and joint plans as they are read."""

    _engine: Engine

    def stock_agreements(self, partner: str | None = None) -> tuple[StockAgreementRow, ...]:
        """Return agreements on continuous replenishment by number."""
        with self._engine.connect() as connection:
            return tuple(_stock(agreed(each)) for each in of_kind(connection, STOCK, partner))

    def stock_agreement(self, identity: str) -> StockAgreementRow | None:
        """Return one agreement."""
        with self._engine.connect() as connection:
            found = records(connection, [(STOCK, identity)])
        return _stock(agreed(found[STOCK, identity])) if found else None

    def shelf_demand(self, place: str, first: date, last: date) -> dict[str, dict[date, Decimal]]:
        """Return units asked for (sold and lost) at a place by GTIN and known day."""
        scope = Scope(partner=None, first=first, last=last, today=last + timedelta(days=1), place=place)
        with self._engine.connect() as connection:
            shelf = read_facts(connection, scope).shelf
        found: dict[str, dict[date, Decimal]] = {}
        for (_, gtin), days in shelf.items():
            known = {day: each.sold + each.lost for day, each in days.items() if each.sold is not None}
            found[gtin] = {day: value for day, value in known.items() if first <= day <= last}
        return found

    def joint_plans(self, partner: str | None = None) -> tuple[Joint, ...]:
        """Return joint plans by number."""
        with self._engine.connect() as connection:
            return tuple(joint(each) for each in of_kind(connection, JOINT, partner))

    def joint_plan(self, identity: str) -> Joint | None:
        """Return one joint plan."""
        with self._engine.connect() as connection:
            found = records(connection, [(JOINT, identity)])
        return joint(found[JOINT, identity]) if found else None

    def joint_compared(self, identity: str, today: date) -> tuple[Compared, ...]:
        """Return both forecasts of each item and place of a plan, by the partner's periods; where it has said nothing,
        over the plan's horizon."""
        plan = self.joint_plan(identity)
        if plan is None:
            return ()
        with self._engine.connect() as connection:
            return tuple(_compared(connection, plan, today)[:MOST_COMPARED])

    def joint_frozen(self, identity: str) -> tuple[FrozenRow, ...]:
        """Return the frozen order forecast of a plan beside what was ordered of it, the widest difference first."""
        plan = self.joint_plan(identity)
        if plan is None:
            return ()
        with self._engine.connect() as connection:
            return frozen_rows(connection, plan)

    def joint_exceptions(self, identity: str, today: date) -> tuple[ExceptionRow, ...]:
        """Return what breaks the rules of a plan, with the last note on it."""
        plan = self.joint_plan(identity)
        if plan is None:
            return ()
        notes = noted(plan)
        found = exceptions(plan.plan.criteria, self.joint_compared(identity, today))
        return tuple(
            ExceptionRow(about=each.row.about, exception=each, note=notes.get(each.row.about)) for each in found
        )


def _stock(found: Agreed) -> StockAgreementRow:
    return StockAgreementRow(
        id=found.id,
        partner=found.partner,
        name=found.terms.name,
        state=found.state,
        delivery_days=found.terms.delivery_days,
        period_days=found.terms.period_days,
        step=found.terms.step,
        fill=found.terms.fill,
        since=found.since,
        levels=tuple(
            LevelRow(place=place, gtin=gtin, level=level, former=found.former.get((place, gtin)))
            for (place, gtin), level in sorted(found.levels.items())
        ),
        proposal=found.proposal,
        waits_for=found.waits_for,
        history=found.history,
    )


def _compared(connection: Connection, found: Joint, today: date) -> list[Compared]:
    plan, until = found.plan, today + timedelta(days=found.plan.horizon_days - 1)
    ours = _ours(connection, found)
    theirs = _theirs(connection, found, today, until)
    shelves = _shelves(connection, found.partner, today)
    rows = []
    for pair in sorted(ours.keys() | theirs.keys()):
        if plan.items and pair[1] not in {gtin14(each.gtin or "") for each in plan.items}:
            continue
        if plan.places and pair[0] not in plan.places:
            continue
        share, cover = shelves.get(pair, (None, None))
        periods: list[tuple[date, date, Decimal | None]] = [*theirs.get(pair, ())] or [(today, until, None)]
        for first, last, told in periods:
            mine = ours.get(pair)
            rows.append(
                Compared(
                    place=pair[0],
                    gtin=pair[1],
                    first=first,
                    last=last,
                    ours=None if mine is None else _sum(mine, first, last),
                    theirs=told,
                    in_stock=share,
                    stock_days=cover,
                )
            )
    return rows


def _ours(connection: Connection, found: Joint) -> dict[Pair, Mapping[date, Decimal]]:
    """Return the system's own forecast a day, before anybody's word."""
    columns = plan_line.c
    chosen = select(columns.location, columns.gtin, columns.why).where(columns.partner == found.partner)
    ours: dict[Pair, Mapping[date, Decimal]] = {}
    for row in connection.execute(chosen.order_by(columns.location, columns.gtin)):
        daily: list[dict[str, Any]] = json.loads(row.why).get("forecast", {}).get("daily", [])
        if daily:
            ours[row.location, row.gtin] = {
                date.fromisoformat(each["day"]): Decimal(str(each["system"])) for each in daily
            }
    return ours


def _sum(daily: Mapping[date, Decimal], first: date, last: date) -> Decimal:
    """Return units of the days; a day beyond those forecast counts as their mean."""
    mean = sum(daily.values(), Decimal(0)) / len(daily)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    total = sum((daily.get(day, mean) for day in days), Decimal(0))
    return round(total, 3).normalize() + Decimal(0)  # no exponent, no zeros at the end


def _theirs(
    connection: Connection, found: Joint, today: date, until: date
) -> dict[Pair, list[tuple[date, date, Decimal]]]:
    """Return the partner's forecasts of periods that begin within the horizon."""
    columns = plan_override.c
    chosen = (
        select(plan_override)
        .where(
            columns.author == found.partner,
            columns.kind.in_(("forecast", "told")),
            columns.active.is_(True),
            columns.last_day >= today.isoformat(),
            columns.first_day <= until.isoformat(),
        )
        .order_by(columns.location, columns.gtin, columns.first_day)
    )
    theirs: dict[Pair, list[tuple[date, date, Decimal]]] = {}
    for row in connection.execute(chosen):
        first, last = date.fromisoformat(row.first_day), date.fromisoformat(row.last_day)
        days = (last - first).days + 1
        theirs.setdefault((row.location, row.gtin), []).append((first, last, units(row.quantity) * days))
    return theirs


def _shelves(connection: Connection, partner: str, today: date) -> dict[Pair, tuple[Decimal | None, Decimal | None]]:
    """Return the share of counted days in stock, and days of supply, of the last weeks."""
    first = today - timedelta(days=STOCK_DAYS)
    facts = read_facts(connection, Scope(partner=partner, first=first, last=today - timedelta(days=1), today=today))
    tops: dict[Pair, Decimal] = {}
    counts: dict[Pair, int] = {}
    for part in in_stock(facts):
        pair = (part.place, part.gtin)
        tops[pair] = tops.get(pair, Decimal(0)) + part.top
        counts[pair] = counts.get(pair, 0) + 1
    found: dict[Pair, tuple[Decimal | None, Decimal | None]] = {}
    for pair, days in facts.shelf.items():
        inside = [each for day, each in sorted(days.items()) if facts.inside(day)]
        stock = [each.stock for each in inside if each.stock is not None]
        sold = [each.sold for each in inside if each.sold is not None]
        daily = sum(sold, Decimal(0)) / len(sold) if sold else Decimal(0)
        cover = max(Decimal(0), stock[-1]) / daily if stock and daily > 0 else None
        share = tops[pair] / counts[pair] if pair in counts else None
        found[pair] = (share, cover)
    return found
