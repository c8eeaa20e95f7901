"""The rows that figures are computed from: orders with their deliveries, receipts, reports, counts, planned orders."""

from collections import defaultdict
from collections.abc import Iterable
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
from gateway.domain.replenishment.position import closed_day
from gateway.store.among import among
from gateway.store.forms import AnyRow, micros, moment, units
from gateway.store.measures_deliveries import (
    BACK,
    Deliveries,
    Receipt,
    Scope,
    ShipmentKey,
    Unadvised,
    advice_of,
    day_in,
    deliver_unadvised,
    deliveries,
    midnight,
    receiving_advices,
    shipment_lines,
    shipments,
)
from gateway.store.tables import business_order, link, message, order_line, sales
from gateway.store.tables_planning import plan_order_line, sales_day, stock_fact
from gateway.store.view_reading import as_mapping

HISTORY = timedelta(days=56)  # of sales, for means and naive forecasts
_DAY = timedelta(days=1)


def read_facts(connection: Connection, scope: Scope) -> Facts:
    """Return the facts of a period. Only days before today are over."""
    shipped = shipments(connection, scope)
    receipts, unadvised = receiving_advices(connection, scope)
    delivered = deliveries(shipped, receipts)
    return Facts(
        first=scope.first,
        last=scope.last,
        until=scope.today - _DAY,
        lines=_lines(connection, scope, delivered, unadvised),
        advised=_advised(connection, scope, shipped, receipts),
        shelf=_shelf(connection, scope),
        reported=_reported(connection, scope),
        planned=_planned(connection, scope),
    )


# --- orders and deliveries --------------------------------------------------------------------------------------------


def _lines(
    connection: Connection, scope: Scope, delivered: Deliveries, unadvised: list[Unadvised]
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
    rows = list(connection.execute(chosen))
    deliver_unadvised(unadvised, rows, delivered)
    return [_line(row, delivered.get((row.side, row.partner, row.order_number, row.number), [])) for row in rows]


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
        requested=day_in(row.requested),
        promised=day_in(row.promised),
        answered=row.promised is not None or row.confirmed > 0 or row.status == "rejected",
        cancelled=row.status == "cancelled" or row.order_status in ("cancelled", "waiting"),
        deliveries=tuple(sorted(deliveries, key=lambda each: (each.on, each.document))),
    )


def _advised(
    connection: Connection, scope: Scope, shipped: Iterable[AnyRow], receipts: dict[ShipmentKey, Receipt]
) -> list[AdvisedGoods]:
    received = [row for row in shipped if (row.side, row.partner, row.number) in receipts]
    known = _known_at(connection, received)
    found = []
    for row in received:
        key = (row.side, row.partner, row.number)
        receipt, advice, at = receipts[key], advice_of(row), known.get(key)
        place = (advice.ship_to.gln if advice is not None and advice.ship_to else None) or ""
        if at is None or (scope.place is not None and place != scope.place):
            continue
        sent: dict[str, Decimal] = defaultdict(Decimal)
        for _, _, gtin, quantity in shipment_lines(row, advice):
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
            columns.at < (until + 2 * _DAY).isoformat(),
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
        columns.at >= micros(midnight(scope.first - BACK)), columns.at < micros(midnight(scope.last + _DAY))
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
