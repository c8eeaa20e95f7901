"""When goods of an order line have arrived: out of despatches and the receipts that belong to them, or to the order."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, select

from gateway.domain.measures.facts import Delivery
from gateway.domain.parties import day_of
from gateway.model import json_form
from gateway.model.despatch_advice import DespatchAdvice, ReceivingAdvice, ReceivingLine
from gateway.model.values import gtin14
from gateway.store.forms import AnyRow, micros, moment, units
from gateway.store.tables import link, message, shipment
from gateway.store.view_reading import as_json

BACK = timedelta(days=120)  # an order older than that before the period is not looked at
ZERO = Decimal(0)
ShipmentKey = tuple[str, str, str]  # side, partner, number
LineKey = tuple[str, str, str, str]  # side, partner, order, order line
Deliveries = dict[LineKey, list[Delivery]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What figures are asked for. None: of all."""

    partner: str | None
    first: date
    last: date
    today: date
    gtin: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was taken in of a despatch. units: by GTIN."""

    number: str
    at: datetime | date
    units: dict[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unadvised:
    """A receipt of goods that no despatch advice had announced. order: of lines that name none."""

    side: str
    partner: str
    order: str
    document: ReceivingAdvice


def shipments(connection: Connection, scope: Scope) -> list[AnyRow]:
    """Return despatches that may concern the period, those without a day included."""
    columns = shipment.c
    since = (scope.first - BACK).isoformat()
    chosen = select(shipment).where(columns.despatched_at.is_(None) | (columns.despatched_at >= since))
    if scope.partner is not None:
        chosen = chosen.where(columns.partner == scope.partner)
    return list(connection.execute(chosen.order_by(columns.side, columns.partner, columns.number)))


def receiving_advices(connection: Connection, scope: Scope) -> tuple[dict[ShipmentKey, Receipt], list[Unadvised]]:
    """Return the receiving advice of each despatch, by the chain of documents, and those of orders without one."""
    columns = link.c
    chosen = (
        select(columns.side, columns.partner, columns.source_type, columns.source, columns.to, message.c.document)
        .select_from(link.join(message, message.c.id == columns.message))
        .where(
            columns.source_type.in_(("DespatchAdvice", "Order")),
            columns.to_type == "ReceivingAdvice",
            columns.at >= micros(midnight(scope.first - BACK)),
            message.c.document_type == "ReceivingAdvice",
        )
        .order_by(columns.at)
    )
    if scope.partner is not None:
        chosen = chosen.where(columns.partner == scope.partner)
    advised: dict[ShipmentKey, Receipt] = {}
    unadvised = []
    for row in connection.execute(chosen):
        document = json_form.loads(row.document)
        if not isinstance(document, ReceivingAdvice):
            continue
        if row.source_type == "Order":
            unadvised.append(Unadvised(side=row.side, partner=row.partner, order=row.source, document=document))
            continue
        taken: dict[str, Decimal] = defaultdict(Decimal)
        for gtin, accepted, _ in _taken_in(document):
            taken[gtin] += accepted
        at = document.received_at or document.issued_at
        advised[row.side, row.partner, row.source] = Receipt(number=row.to, at=at, units=dict(taken))
    return advised, unadvised


def _taken_in(document: ReceivingAdvice) -> Iterator[tuple[str, Decimal, ReceivingLine]]:
    """Yield GTIN, units and line of what was taken in."""
    for line in document.lines:
        if line.item.gtin:
            yield gtin14(line.item.gtin), (line.accepted_quantity or line.received_quantity).value, line


def deliver_unadvised(advices: Iterable[Unadvised], rows: Sequence[AnyRow], found: Deliveries) -> None:
    """Add what came without a despatch advice to the deliveries. rows: order lines, those of an order in their order.

    What no line of an order is named for is shared out over the lines of its item in their order, each up to what was
    confirmed and has not come yet; the rest is the last one's.
    """
    by_order: dict[ShipmentKey, list[AnyRow]] = defaultdict(list)
    for each in rows:
        by_order[each.side, each.partner, each.order_number].append(each)
    for advice in advices:
        document = advice.document
        on = day_of(document.received_at or document.issued_at)
        for gtin, accepted, line in _taken_in(document):
            order = line.order.id if line.order else advice.order
            same = [each for each in by_order[advice.side, advice.partner, order] if each.gtin == gtin]
            named = [each for each in same if line.order and each.number == line.order.line]
            for key, taken in _shared_out(accepted, named or same, found):
                found[key].append(Delivery(on=on, units=taken, document=document.id, received=True))


def _shared_out(accepted: Decimal, same: Sequence[AnyRow], found: Deliveries) -> Iterator[tuple[LineKey, Decimal]]:
    left = accepted
    for row in same:
        key = (row.side, row.partner, row.order_number, row.number)
        come = sum((each.units for each in found.get(key, ())), ZERO)
        taken = left if row is same[-1] else min(left, max(ZERO, units(row.confirmed) - come))
        left -= taken
        if taken > 0:
            yield key, taken


def deliveries(shipped: Iterable[AnyRow], receipts: dict[ShipmentKey, Receipt]) -> Deliveries:
    """Return what despatches brought, by order line. What was taken in of an item is shared out over its lines in their
    order."""
    found: Deliveries = defaultdict(list)
    for row in shipped:
        advice = advice_of(row)
        receipt = receipts.get((row.side, row.partner, row.number))
        day = day_of(receipt.at) if receipt else _arrival(row, advice)
        left = dict(receipt.units) if receipt else {}
        for order, number, gtin, sent in shipment_lines(row, advice):
            taken = min(sent, left.get(gtin, ZERO)) if receipt else sent
            if receipt:
                left[gtin] = left.get(gtin, ZERO) - taken
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


def advice_of(row: AnyRow) -> DespatchAdvice | None:
    found = None if row.document is None else json_form.loads(row.document)
    return found if isinstance(found, DespatchAdvice) else None


def _arrival(row: AnyRow, advice: DespatchAdvice | None) -> date | None:
    """Return the advised day of delivery, else the day of despatch."""
    if advice is not None and advice.estimated_delivery is not None:
        return day_of(advice.estimated_delivery)
    return day_in(row.despatched_at)


def shipment_lines(row: AnyRow, advice: DespatchAdvice | None) -> Iterator[tuple[str | None, str, str, Decimal]]:
    """Yield (order, order line, GTIN, units) of a despatch; its own order where the lines do not name one."""
    kept: list[Any] = as_json(row.lines)
    named = advice.lines if advice is not None and len(advice.lines) == len(kept) else (None,) * len(kept)
    for (number, gtin, quantity), line in zip(kept, named, strict=True):
        about = line.order.id if line is not None and line.order is not None else None
        yield about or row.order_number, number, gtin, Decimal(quantity)


def day_in(text: str | None) -> date | None:
    """Return the day of a stored date or instant."""
    return None if text is None else date.fromisoformat(text[:10])


def midnight(day: date) -> datetime:
    return moment(0) + (day - date(1970, 1, 1))
