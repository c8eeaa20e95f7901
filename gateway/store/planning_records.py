"""Plans, their reasons, overrides, parameters, words: rows of tables_planning, written from effects and read back."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, get_args

from sqlalchemy import Column, ColumnElement, Connection, and_, delete, func, select

from gateway.model.effects import Effect, SalesRecorded, StockReported
from gateway.model.planning_effects import (
    DayReported,
    GoodsReceived,
    LineOrdered,
    LinesPlanned,
    OverrideSaved,
    ParameterSaved,
    PlanChanged,
    PlannedLine,
    PlanningEffect,
    RecordSaved,
    ReportWithdrawn,
    WordKept,
)
from gateway.store import planning_facts
from gateway.store.among import among
from gateway.store.effect_rows import only
from gateway.store.forms import AnyRow, dump, milli, moment, units
from gateway.store.prepared import Driver, Prepared, given
from gateway.store.replacing import replacing
from gateway.store.tables import business_order, order_line
from gateway.store.tables_planning import (
    plan_changed,
    plan_line,
    plan_order_line,
    plan_override,
    plan_parameter,
    plan_record,
    plan_word,
)

Pair = tuple[str, str]
_NAMES_AT_ONCE = 500

_KINDS = (SalesRecorded, StockReported, *get_args(PlanningEffect))

_PUT_CHANGED = replacing(plan_changed, kept=("since",))
_PLANNED = Prepared(
    lambda _: delete(plan_changed).where(
        plan_changed.c.location == given("location"), plan_changed.c.gtin == given("gtin")
    )
)
_PUT_LINES = replacing(plan_line)
_PUT_ORDERED = replacing(plan_order_line)
_PUT_OVERRIDES = replacing(plan_override, kept=("at",))
_PUT_PARAMETERS = replacing(plan_parameter)
_PUT_WORDS = replacing(plan_word, kept=("at",))
_PUT_RECORDS = replacing(plan_record)


def write(connection: Connection, driver: Driver, message_id: str, effects: Sequence[Effect], at: int) -> None:
    """Write what concerns planning. Reports are taken back before new ones are written."""
    effects = [each for each in effects if isinstance(each, _KINDS)]
    if not effects:
        return
    for withdrawn in only(effects, ReportWithdrawn):
        spoken_of = planning_facts.withdraw(connection, driver, message_id, withdrawn)
        known = plans(connection, spoken_of)
        old = [{"location": place, "gtin": gtin, "since": at, "message": message_id} for place, gtin in known]
        driver.many(_PUT_CHANGED, old)
    planning_facts.record_sales(driver, message_id, only(effects, SalesRecorded))
    planning_facts.record_days(driver, message_id, only(effects, DayReported))
    planning_facts.record_stock(driver, message_id, only(effects, StockReported))
    planning_facts.record_receipts(driver, message_id, only(effects, GoodsReceived))
    _write_plans(connection, driver, message_id, effects, at)
    _write_words(connection, driver, message_id, effects, at)
    driver.many(
        _PUT_CHANGED,
        [
            {"location": each.location, "gtin": gtin, "since": at, "message": message_id}
            for each in only(effects, PlanChanged)
            for gtin in each.gtins
        ],
    )


def _write_plans(connection: Connection, driver: Driver, message_id: str, effects: Sequence[Effect], at: int) -> None:
    lines = [line for each in only(effects, LinesPlanned) for line in each.lines]
    planned = [(each.location, each.gtin) for each in lines]
    planned += [pair for each in only(effects, LinesPlanned) for pair in each.skipped]
    driver.many(_PLANNED, [{"location": place, "gtin": gtin} for place, gtin in planned])
    driver.many(_PUT_LINES, [_line_row(each, message_id, at) for each in lines])
    ordered = only(effects, LineOrdered)
    known = plans(connection, {(each.location, each.gtin) for each in ordered if each.why is None})
    rows = []
    for each in ordered:
        plan = known.get((each.location, each.gtin))
        rows.append(
            {
                "partner": each.partner,
                "order_number": each.order,
                "line": each.line,
                "location": each.location,
                "gtin": each.gtin,
                "quantity": milli(each.quantity),
                "system_quantity": milli(each.system_quantity),
                "why": each.why or (plan.why if plan else "{}"),
                "approved_by": each.approved_by,
                "message": message_id,
                "at": at,
            }
        )
    driver.many(_PUT_ORDERED, rows)


def _line_row(each: PlannedLine, message_id: str, at: int) -> dict[str, Any]:
    return {
        "location": each.location,
        "gtin": each.gtin,
        "partner": each.partner,
        "agreement": each.agreement,
        "method": each.method,
        "status": each.status,
        "quantity": milli(each.quantity),
        "proposal": each.proposal,
        "exceptions": dump(list(each.exceptions)),
        "stockout_on": None if each.stockout_on is None else each.stockout_on.isoformat(),
        "why": each.why,
        "message": message_id,
        "planned_at": at,
    }


def _write_words(connection: Connection, driver: Driver, message_id: str, effects: Sequence[Effect], at: int) -> None:
    driver.many(_PUT_OVERRIDES, [_override_row(each, message_id, at) for each in only(effects, OverrideSaved)])
    parameters = only(effects, ParameterSaved)
    columns = plan_parameter.c
    dropped = {(each.location, each.gtin, each.name) for each in parameters if each.value is None}
    for condition in among((columns.location, columns.gtin, columns.name), dropped):
        connection.execute(delete(plan_parameter).where(condition))
    driver.many(
        _PUT_PARAMETERS,
        [
            {
                "location": each.location,
                "gtin": each.gtin,
                "name": each.name,
                "value": each.value,
                "message": message_id,
            }
            for each in parameters
            if each.value is not None
        ],
    )
    driver.many(
        _PUT_WORDS,
        [
            {
                "id": each.id,
                "kind": each.kind,
                "author": each.author,
                "reason": each.reason,
                "before": each.before,
                "count": each.count,
                "undone_by": each.undone_by,
                "at": at,
            }
            for each in only(effects, WordKept)
        ],
    )
    driver.many(
        _PUT_RECORDS,
        [
            {
                "kind": each.kind,
                "id": each.id,
                "partner": each.partner,
                "state": each.state,
                "data": each.data,
                "message": message_id,
                "updated_at": at,
            }
            for each in only(effects, RecordSaved)
        ],
    )


def _override_row(each: OverrideSaved, message_id: str, at: int) -> dict[str, Any]:
    return {
        "id": each.id,
        "location": each.location,
        "gtin": each.gtin,
        "kind": each.kind,
        "quantity": milli(each.quantity),
        "first_day": each.first_day.isoformat(),
        "last_day": each.last_day.isoformat(),
        "reason": each.reason,
        "author": each.author,
        "active": each.active,
        "message": message_id,
        "at": at,
    }


def plans(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, PlannedLine]:
    """Return the newest plans of these items and places."""
    found = {}
    for condition in among((plan_line.c.location, plan_line.c.gtin), pairs):
        for row in connection.execute(select(plan_line).where(condition)):
            found[row.location, row.gtin] = planned_line(row)
    return found


def planned_line(row: AnyRow) -> PlannedLine:
    """Return the effect that a row was written from."""
    return PlannedLine(
        location=row.location,
        gtin=row.gtin,
        partner=row.partner,
        agreement=row.agreement,
        method=row.method,
        status=row.status,
        quantity=units(row.quantity),
        why=row.why,
        proposal=row.proposal,
        exceptions=tuple(json.loads(row.exceptions)),
        stockout_on=None if row.stockout_on is None else date.fromisoformat(row.stockout_on),
    )


def overrides(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, tuple[OverrideSaved, ...]]:
    """Return the active overrides, the oldest first."""
    found: dict[Pair, list[OverrideSaved]] = defaultdict(list)
    columns = plan_override.c
    for condition in _at_places(columns.location, columns.gtin, pairs):
        chosen = select(plan_override).where(condition, columns.active.is_(True)).order_by(columns.at, columns.id)
        for row in connection.execute(chosen):
            found[row.location, row.gtin].append(_override(row))
    return {pair: tuple(each) for pair, each in found.items()}


def _at_places(location: Column[str], gtin: Column[str], pairs: Collection[Pair]) -> Iterator[ColumnElement[bool]]:
    """Yield conditions that together are met by the rows of pairs, place by place: those of a run share few places."""
    by_place: dict[str, list[str]] = defaultdict(list)
    for place, name in sorted(pairs):
        by_place[place].append(name)
    for place, names in by_place.items():
        for start in range(0, len(names), _NAMES_AT_ONCE):
            yield and_(location == place, gtin.in_(names[start : start + _NAMES_AT_ONCE]))


def _override(row: AnyRow) -> OverrideSaved:
    return OverrideSaved(
        key=f"override:{row.id}",
        id=row.id,
        location=row.location,
        gtin=row.gtin,
        kind=row.kind,
        quantity=units(row.quantity),
        first_day=date.fromisoformat(row.first_day),
        last_day=date.fromisoformat(row.last_day),
        reason=row.reason,
        author=row.author,
        active=bool(row.active),
    )


def parameters(connection: Connection, pairs: Collection[Pair]) -> dict[Pair, dict[str, str]]:
    """Return what is set for these items and places."""
    found: dict[Pair, dict[str, str]] = defaultdict(dict)
    for condition in _at_places(plan_parameter.c.location, plan_parameter.c.gtin, pairs):
        for row in connection.execute(select(plan_parameter).where(condition)):
            found[row.location, row.gtin][row.name] = row.value
    return dict(found)


def ordered_pairs(connection: Connection, order: str) -> list[Pair]:
    """Return the (place, GTIN) of the lines of an order that planning has made."""
    columns = plan_order_line.c
    chosen = select(columns.location, columns.gtin).where(columns.order_number == order)
    return [(row.location, row.gtin) for row in connection.execute(chosen.order_by(columns.line))]


def received(connection: Connection, since: date | None) -> dict[tuple[str, str], Decimal]:
    """Return units received by supplier and GTIN of what was ordered since a day; nothing for None."""
    if since is None:
        return {}
    orders, lines = business_order.c, order_line.c
    same = and_(lines.side == orders.side, lines.partner == orders.partner, lines.order_number == orders.number)
    chosen = (
        select(lines.partner, lines.gtin, func.sum(lines.received))
        .select_from(order_line.join(business_order, same))
        .where(orders.side == "purchase", orders.ordered_on >= since.isoformat(), lines.received > 0)
        .group_by(lines.partner, lines.gtin)
    )
    return {(row[0], row[1]): units(int(row[2])) for row in connection.execute(chosen)}


def learned(connection: Connection) -> dict[str, str]:
    """Return what the last learning run left, by agreement, as JSON."""
    columns = plan_record.c
    chosen = select(columns.id, columns.data).where(columns.kind == "learned").order_by(columns.id)
    return {row.id: row.data for row in connection.execute(chosen)}


def learned_at(connection: Connection) -> datetime | None:
    """Return when planning has learned last."""
    found = connection.execute(select(func.max(plan_record.c.updated_at)).where(plan_record.c.kind == "learned"))
    at = found.scalar_one()
    return None if at is None else moment(at)


def words(connection: Connection, ids: Collection[str]) -> dict[str, WordKept]:
    """Return planners' words by id."""
    found = {}
    for row in connection.execute(select(plan_word).where(plan_word.c.id.in_(sorted(ids)))) if ids else ():
        found[row.id] = WordKept(
            key=f"word:{row.id}",
            id=row.id,
            kind=row.kind,
            author=row.author,
            reason=row.reason,
            before=row.before,
            count=row._mapping["count"],
            undone_by=row.undone_by,
        )
    return found


def oldest_change(connection: Connection) -> tuple[int, str, str] | None:
    """Return when, where and for which GTIN the plan that is old for longest became so."""
    columns = plan_changed.c
    oldest = select(columns.since, columns.location, columns.gtin).order_by(
        columns.since, columns.location, columns.gtin
    )
    row = connection.execute(oldest.limit(1)).first()
    return None if row is None else (row.since, row.location, row.gtin)


def size(connection: Connection) -> int:
    """Return how many items and places have a plan."""
    return int(connection.execute(select(func.count()).select_from(plan_line)).scalar_one())
