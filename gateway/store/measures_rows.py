"""The rows that figures are computed from: orders with their deliveries, receipts, reports, counts, planned orders."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, and_, func, select

from gateway.domain.measures.facts import (
    AdvisedGoods,
    Delivery,
    Facts,
    OrderedLine,
    Pair,
    PlannedOrder,
    ReportedDay,
    ShelfDay,
)
from gateway.domain.parties import day_of
from gateway.domain.replenishment.position import closed_day
from gateway.model import json_form
from gateway.model.despatch_advice import DespatchAdvice, ReceivingAdvice
from gateway.model.values import gtin14
from gateway.store.among import among
from gateway.store.forms import AnyRow, micros, moment, units
from gateway.store.tables import business_order, link, message, order_line, sales, shipment
from gateway.store.tables_planning import plan_order_line, sales_day, stock_fact
from gateway.store.view_reading import as_json, as_mapping

BACK = timedelta(days=120)  # an order older than that before the period is not looked at
HISTORY = timedelta(days=56)  # of sales, for means and naive forecasts
_FAR = timedelta(days=1)
ShipmentKey = tuple[str, str, str]  # side, partner, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    partner: str | None
    first: date
    last: date
    today: date
    gtin: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Receipt:
    number: str
    at: datetime | date
    units: dict[str, Decimal]  # by GTIN


def read_facts(connection: Connection, scope: Scope) -> Facts:
    """Return the facts of a period. Only days before today are over."""
    shipped = _shipments(connection, scope)
    receipts = _receipts(connection, scope)
    return Facts(
        first=scope.first,
        last=scope.last,
        until=scope.today - _FAR,
        lines=_lines(connection, scope, _deliveries(shipped, receipts)),
        advised=_advised(connection, scope, shipped, receipts),
        shelf=_shelf(connection, scope),
        reported=_reported(connection, scope),
        planned=_planned(connection, scope),
    )


# --- orders and deliveries --------------------------------------------------------------------------------------------


def _lines(
    connection: Connection, scope: Scope, deliveries: dict[tuple[str, str, str, str], list[Delivery]]
) -> list[OrderedLine]:
    head, line = business_order.c, order_line.c
    joined = order_line.join(
        business_order,
        and_(head.side == line.side, head.partner == line.partner, head.number == line.order_number),
    )
    chosen = (
        select(order_line, head.ordered_on, head.ship_to, head.status.label("order_status"))
        .select_from(joined)
        .where(head.ordered_on >= (scope.first - BACK).isoformat(), head.ordered_on <= scope.last.isoformat())
        .order_by(head.ordered_on, line.partner, line.order_number, line.position)
    )
    for column, wanted in ((line.partner, scope.partner), (line.gtin, scope.gtin), (head.ship_to, scope.place)):
        if wanted is not None:
            chosen = chosen.where(column == wanted)
    return [
        _line(row, deliveries.get((row.side, row.partner, row.order_number, row.number), []))
        for row in connection.execute(chosen)
    ]


def _line(row: AnyRow, deliveries: list[Delivery]) -> OrderedLine:
    return OrderedLine(
        side=row.side,
        partner=row.partner,
        order=row.order_number,
        line=row.number,
        place=row.ship_to or "",
        gtin=row.gtin,
        ordered_on=date.fromisoformat(row.ordered_on),
        ordered=units(row.ordered),
        confirmed=units(row.confirmed),
        despatched=units(row.despatched),
        requested=_day(row.requested),
        promised=_day(row.promised),
        answered=row.promised is not None or row.confirmed > 0 or row.status == "rejected",
        cancelled=row.status == "cancelled" or row.order_status in ("cancelled", "waiting"),
        deliveries=tuple(sorted(deliveries, key=lambda each: (each.on, each.document))),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text[:10])


def _shipments(connection: Connection, scope: Scope) -> list[AnyRow]:
    """Return despatches that may concern the period, those without a day included."""
    columns = shipment.c
    since = (scope.first - BACK).isoformat()
    chosen = select(shipment).where(columns.despatched_at.is_(None) | (columns.despatched_at >= since))
    if scope.partner is not None:
        chosen = chosen.where(columns.partner == scope.partner)
    return list(connection.execute(chosen.order_by(columns.side, columns.partner, columns.number)))


def _receipts(connection: Connection, scope: Scope) -> dict[ShipmentKey, _Receipt]:
    """Return the receiving advice of each despatch, by the chain of documents."""
    columns = link.c
    chosen = (
        select(columns.side, columns.partner, columns.source, columns.to, message.c.document)
        .select_from(link.join(message, message.c.id == columns.message))
        .where(
            columns.source_type == "DespatchAdvice",
            columns.to_type == "ReceivingAdvice",
            columns.at >= micros(_midnight(scope.first - BACK)),
            message.c.document_type == "ReceivingAdvice",
        )
        .order_by(columns.at)
    )
    if scope.partner is not None:
        chosen = chosen.where(columns.partner == scope.partner)
    found = {}
    for row in connection.execute(chosen):
        document = json_form.loads(row.document)
        if not isinstance(document, ReceivingAdvice):
            continue
        taken: dict[str, Decimal] = defaultdict(Decimal)
        for line in document.lines:
            quantity = line.accepted_quantity or line.received_quantity
            if line.item.gtin:
                taken[gtin14(line.item.gtin)] += quantity.value
        at = document.received_at or document.issued_at
        found[row.side, row.partner, row.source] = _Receipt(number=row.to, at=at, units=dict(taken))
    return found


def _deliveries(
    shipped: Iterable[AnyRow], receipts: dict[ShipmentKey, _Receipt]
) -> dict[tuple[str, str, str, str], list[Delivery]]:
    """Return deliveries by order line. What was taken in of an item is shared out over its lines in their order."""
    found: dict[tuple[str, str, str, str], list[Delivery]] = defaultdict(list)
    for row in shipped:
        advice = _advice(row)
        receipt = receipts.get((row.side, row.partner, row.number))
        day = day_of(receipt.at) if receipt else _arrival(row, advice)
        left = dict(receipt.units) if receipt else {}
        for order, number, gtin, sent in _shipment_lines(row, advice):
            taken = min(sent, left.get(gtin, Decimal(0))) if receipt else sent
            if receipt:
                left[gtin] = left.get(gtin, Decimal(0)) - taken
            if order and day is not None and taken > 0:
                found[row.side, row.partner, order, number].append(
                    Delivery(
                        on=day,
                        units=taken,
                        document=receipt.number if receipt else row.number,
                        received=receipt is not None,
                    )
                )
    return found


def _advice(row: AnyRow) -> DespatchAdvice | None:
    found = None if row.document is None else json_form.loads(row.document)
    return found if isinstance(found, DespatchAdvice) else None


def _arrival(row: AnyRow, advice: DespatchAdvice | None) -> date | None:
    """Return the advised day of delivery, else the day of despatch."""
    if advice is not None and advice.estimated_delivery is not None:
        return day_of(advice.estimated_delivery)
    return _day(row.despatched_at)


def _shipment_lines(row: AnyRow, advice: DespatchAdvice | None) -> Iterator[tuple[str | None, str, str, Decimal]]:
    """Yield (order, order line, GTIN, units) of a despatch; its own order where the lines do not name one."""
    kept: list[Any] = as_json(row.lines)
    named = advice.lines if advice is not None and len(advice.lines) == len(kept) else (None,) * len(kept)
    for (number, gtin, quantity), line in zip(kept, named, strict=True):
        about = line.order.id if line is not None and line.order is not None else None
        yield about or row.order_number, number, gtin, Decimal(quantity)


def _advised(
    connection: Connection, scope: Scope, shipped: Iterable[AnyRow], receipts: dict[ShipmentKey, _Receipt]
) -> list[AdvisedGoods]:
    received = [row for row in shipped if (row.side, row.partner, row.number) in receipts]
    known = _known_at(connection, received)
    found = []
    for row in received:
        key = (row.side, row.partner, row.number)
        receipt, advice, at = receipts[key], _advice(row), known.get(key)
        place = (advice.ship_to.gln if advice is not None and advice.ship_to else None) or ""
        if at is None or (scope.place is not None and place != scope.place):
            continue
        sent: dict[str, Decimal] = defaultdict(Decimal)
        for _, _, gtin, quantity in _shipment_lines(row, advice):
            sent[gtin] += quantity
        for gtin in sorted(sent.keys() | receipt.units.keys()):
            if scope.gtin is None or gtin == scope.gtin:
                found.append(
                    AdvisedGoods(
                        partner=row.partner,
                        shipment=row.number,
                        receipt=receipt.number,
                        place=place,
                        gtin=gtin,
                        advised=sent.get(gtin, Decimal(0)),
                        received=receipt.units.get(gtin, Decimal(0)),
                        known_at=at,
                        arrived=receipt.at,
                    )
                )
    return found


def _known_at(connection: Connection, received: Iterable[AnyRow]) -> dict[ShipmentKey, datetime]:
    """Return when we first knew of each despatch."""
    columns = link.c
    keys = {(row.side, row.partner, "DespatchAdvice", row.number) for row in received}
    found: dict[ShipmentKey, datetime] = {}
    for condition in among((columns.side, columns.partner, columns.to_type, columns.to), keys):
        chosen = select(columns.side, columns.partner, columns.to, func.min(columns.at)).where(condition)
        for row in connection.execute(chosen.group_by(columns.side, columns.partner, columns.to)):
            found[row[0], row[1], row[2]] = moment(int(row[3]))
    return found


# --- shelves ----------------------------------------------------------------------------------------------------------


def _shelf(connection: Connection, scope: Scope) -> dict[Pair, dict[date, ShelfDay]]:
    """Return sales and counts by item, place and day; an item that the day's report does not name has sold nothing."""
    since, until = scope.first - HISTORY, min(scope.last, scope.today)
    found: dict[Pair, dict[date, ShelfDay]] = defaultdict(dict)
    columns = sales.c
    chosen = select(sales).where(columns.day >= since.isoformat(), columns.day <= until.isoformat())
    chosen = _scoped(chosen, scope, columns.partner, columns.gtin, columns.location)
    for row in connection.execute(chosen):
        day = date.fromisoformat(row.day)
        before = found[row.location, row.gtin].get(day, ShelfDay())
        found[row.location, row.gtin][day] = ShelfDay(
            sold=(before.sold or Decimal(0)) + units(row.sold),
            lost=before.lost + units(row.lost),
            report=row.report or before.report,
        )
    _count(connection, scope, since, until, found)
    _fill(connection, scope, since, until, found)
    return found


def _count(
    connection: Connection, scope: Scope, since: date, until: date, found: dict[Pair, dict[date, ShelfDay]]
) -> None:
    """Add the last count of each day's close; what is available goes before what is on hand."""
    columns = stock_fact.c
    chosen = (
        select(stock_fact)
        .where(
            columns.type.in_(("onHand", "available")),
            columns.at >= since.isoformat(),
            columns.at < (until + 2 * _FAR).isoformat(),
        )
        .order_by(columns.at, columns.type.desc(), columns.issued_at, columns.message)
    )
    for row in connection.execute(_scoped(chosen, scope, columns.partner, columns.gtin, columns.location)):
        day = closed_day(_moment(row.at))
        if since <= day <= until:
            before = found[row.location, row.gtin].get(day, ShelfDay())
            found[row.location, row.gtin][day] = ShelfDay(
                sold=before.sold, lost=before.lost, stock=units(row.quantity), report=before.report or row.report
            )


def _fill(
    connection: Connection, scope: Scope, since: date, until: date, found: dict[Pair, dict[date, ShelfDay]]
) -> None:
    """A day that was reported without an item is a day on which it sold nothing, from its first day known on."""
    columns = sales_day.c
    chosen = select(columns.location, columns.day, func.max(columns.report)).where(
        columns.day >= since.isoformat(), columns.day <= until.isoformat()
    )
    chosen = chosen.group_by(columns.location, columns.day)
    if scope.partner is not None:
        chosen = chosen.where(columns.partner == scope.partner)
    if scope.place is not None:
        chosen = chosen.where(columns.location == scope.place)
    reported: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for place, day, report in connection.execute(chosen):
        reported[place].append((date.fromisoformat(day), report))
    for (place, _), days in found.items():
        if not days:
            continue
        begin = min(days)
        for day, report in reported.get(place, ()):
            known = days.get(day)
            if day >= begin and (known is None or known.sold is None):
                kept = known or ShelfDay()
                days[day] = ShelfDay(sold=Decimal(0), lost=kept.lost, stock=kept.stock, report=kept.report or report)


def _scoped(chosen: Any, scope: Scope, partner: Any, gtin: Any, place: Any) -> Any:
    for column, wanted in ((partner, scope.partner), (gtin, scope.gtin), (place, scope.place)):
        if wanted is not None:
            chosen = chosen.where(column == wanted)
    return chosen


def _reported(connection: Connection, scope: Scope) -> list[ReportedDay]:
    """Return each day of each place with its first report."""
    columns = sales_day.c
    chosen = (
        select(columns.location, columns.day, columns.report, message.c.received_at)
        .select_from(sales_day.join(message, message.c.id == columns.message))
        .where(columns.day >= (scope.first - BACK).isoformat(), columns.day <= min(scope.last, scope.today).isoformat())
        .order_by(columns.location, columns.day, message.c.received_at, columns.report)
    )
    if scope.partner is not None:
        chosen = chosen.where(columns.partner == scope.partner)
    if scope.place is not None:
        chosen = chosen.where(columns.location == scope.place)
    found: dict[tuple[str, str], ReportedDay] = {}
    for row in connection.execute(chosen):
        if (row.location, row.day) not in found:
            found[row.location, row.day] = ReportedDay(
                place=row.location,
                day=date.fromisoformat(row.day),
                came_at=moment(row.received_at),
                report=row.report,
            )
    return list(found.values())


def _planned(connection: Connection, scope: Scope) -> list[PlannedOrder]:
    columns = plan_order_line.c
    chosen = select(plan_order_line).where(
        columns.at >= micros(_midnight(scope.first - BACK)), columns.at < micros(_midnight(scope.last + _FAR))
    )
    chosen = _scoped(chosen, scope, columns.partner, columns.gtin, columns.location)
    found = []
    for row in connection.execute(chosen.order_by(columns.at, columns.order_number, columns.line)):
        why = as_mapping(row.why)
        interval, demand = why.get("interval"), why.get("demand")
        found.append(
            PlannedOrder(
                order=row.order_number,
                line=row.line,
                place=row.location,
                gtin=row.gtin,
                on=moment(row.at).date(),
                quantity=units(row.quantity),
                system_quantity=units(row.system_quantity),
                approved_by=row.approved_by,
                expected=None if demand is None else Decimal(str(demand["mean"])),
                first_day=None if interval is None else date.fromisoformat(interval["first_day"]),
                days=0 if interval is None else int(interval["days"]),
                safety=Decimal(str(why.get("target", {}).get("safety_stock", 0))),
            )
        )
    return found


def _moment(at: str) -> datetime | date:
    return date.fromisoformat(at) if len(at) == 10 else datetime.fromisoformat(at)


def _midnight(day: date) -> datetime:
    return moment(0) + (day - date(1970, 1, 1))
