"""A delivery schedule (DELFOR) to a supplier: what is ordered and open as firm, what will follow as planned.

Firm quantities repeat open orders under their numbers, so that a supplier who has the orders counts nothing twice.
Planned ones are the plan carried on: week by week what keeps the position at its target, in whole packs, from the day
on which the goods of the next order arrive. Where the forecast ends before, its mean stands for the days after.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from gateway.domain.decision import Answer, Context, Snapshot
from gateway.domain.parties import own_party, partner_party, warehouse_party
from gateway.domain.replenishment.effective import pack_of
from gateway.domain.replenishment.facts import ZERO
from gateway.domain.replenishment.item_plans import ItemPlan, exact
from gateway.domain.schedules import KIND, OURS, record_id
from gateway.model.delivery_schedule import DeliverySchedule, ScheduledDelivery, ScheduleLine
from gateway.model.planning import ScheduleTerms
from gateway.model.planning_effects import RecordSaved
from gateway.model.values import DocumentRef, Item, Period, Quantity

WEEK = timedelta(days=7)
Firm = tuple[str, date, Decimal]  # order number, day, units


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """An item that a supplier is told about. ordered: what this run has ordered of it, and under which number."""

    plan: ItemPlan
    ordered: Decimal = ZERO
    order: str = ""
    arrives_on: date | None = None


def call_offs(
    terms: ScheduleTerms, items: Sequence[Scheduled], context: Context, snapshot: Snapshot
) -> tuple[RecordSaved, Answer] | None:
    """Return the schedule for a supplier and the record of it; None when he knows it all: nothing firm has changed
    since the last one and it is younger than agreed, or there is nothing to say."""
    supplier = context.partners.get(terms.supplier)
    kept = snapshot.plan_records.get((KIND, record_id(terms.supplier, OURS)))
    before: Mapping[str, Any] = json.loads(kept.data) if kept is not None else {}
    today = context.now.date()
    firm = {each.plan.given.facts.gtin: firm_of(each, terms.supplier) for each in items}
    said = {
        f"{gtin} {day} {number}": format(units, "f")
        for gtin, some in sorted(firm.items())
        for number, day, units in some
    }
    due = not before or today >= date.fromisoformat(before["issued"]) + timedelta(days=terms.every_days)
    if supplier is None or not (due or said != before["firm"]):
        return None
    planned = {each.plan.given.facts.gtin: planned_of(each, terms, today) for each in items}
    if not said and not any(planned.values()):
        return None
    document = DeliverySchedule(
        id=f"DS{context.serial:06d}-{terms.supplier}"[:35],
        issued_at=context.now,
        buyer=own_party(context.own),
        seller=partner_party(supplier),
        ship_to=warehouse_party(context.own),
        period=Period(start=today, end=today + timedelta(days=terms.horizon_days)),
        lines=tuple(_lines(items, firm, planned, snapshot, context, terms.supplier)),
    )
    received = {gtin: format(_received(snapshot, terms.supplier, gtin), "f") for gtin in sorted(firm)}
    data = {
        "direction": "out",
        "partner": terms.supplier,
        "number": document.id,
        "place": context.own.warehouse,
        "document": document.id,
        "issued": today.isoformat(),
        "firm": said,
        "planned": [
            {
                "gtin": gtin,
                "from": start.isoformat(),
                "to": (start + WEEK - timedelta(days=1)).isoformat(),
                "units": format(units, "f"),
                "status": "planned",
            }
            for gtin, weeks in sorted(planned.items())
            for start, units in weeks
        ],
        "received": received,
        "changes": _changes(before.get("firm", {}), said, today) if before else [],
        "schedules": int(before.get("schedules", 0)) + 1,
    }
    name = record_id(terms.supplier, OURS)
    record = RecordSaved(
        key=f"schedule:{terms.supplier}",
        kind=KIND,
        id=name,
        state="active",
        data=json.dumps(data, sort_keys=True),
        partner=terms.supplier,
    )
    return record, Answer(to=terms.supplier, document=document, about=document.id, optional=True)


def firm_of(each: Scheduled, supplier: str) -> list[Firm]:
    """Return open orders of an item with one supplier that he has not sent yet, by day, and what this run orders."""
    found = [
        (coming.number, coming.expected_on, coming.units)
        for coming in each.plan.given.facts.coming
        if coming.source != "DespatchAdvice" and coming.partner == supplier and coming.expected_on is not None
    ]
    if each.ordered > 0 and each.arrives_on is not None:
        found.append((each.order, each.arrives_on, each.ordered))
    return sorted(found, key=lambda firm: (firm[1], firm[0]))


def planned_of(each: Scheduled, terms: ScheduleTerms, today: date) -> list[tuple[date, Decimal]]:
    """Return (first day of a week, units) of what will follow until the horizon; weeks without any are left out."""
    plan = each.plan
    given, pack = plan.given, pack_of(plan.given.item)
    level = given.counted + each.ordered
    daily = exact(plan.mean / max(given.interval.days, 1))
    start, end = given.interval.next_arrives_on, today + timedelta(days=terms.horizon_days)
    found = []
    while start <= end:
        level -= daily * 7
        need = max(ZERO, plan.order_up_to - level)
        units = (need / pack).to_integral_value(ROUND_CEILING) * pack
        if units > 0:
            found.append((start, units))
            level += units
        start += WEEK
    return found


def _lines(
    items: Sequence[Scheduled],
    firm: Mapping[str, list[Firm]],
    planned: Mapping[str, list[tuple[date, Decimal]]],
    snapshot: Snapshot,
    context: Context,
    supplier: str,
) -> Iterable[ScheduleLine]:
    """One line for each item and order, the planned quantities with no order beside; the cumulative one stands once."""
    number = 0
    for each in sorted(items, key=lambda one: one.plan.given.facts.gtin):
        record, gtin = each.plan.given.item, each.plan.given.facts.gtin
        by_order: dict[str, list[ScheduledDelivery]] = defaultdict(list)
        for order, day, units in firm[gtin]:
            by_order[order].append(_delivery(record.unit, units, "firm", on=day))
        said = [(order, deliveries) for order, deliveries in sorted(by_order.items())]
        weeks = [
            _delivery(record.unit, units, "planned", period=Period(start=start, end=start + WEEK - timedelta(days=1)))
            for start, units in planned[gtin]
        ]
        if weeks:
            said.append(("", weeks))
        for position, (order, deliveries) in enumerate(said):
            number += 1
            received = Quantity(value=_received(snapshot, supplier, gtin), unit=record.unit)
            yield ScheduleLine(
                number=str(number),
                item=Item(gtin=gtin, seller_id=record.supplier_item, description=record.name),
                location=context.own.warehouse,
                order=DocumentRef(id=order) if order else None,
                cumulative=received if position == 0 else None,
                deliveries=tuple(deliveries),
            )


def _delivery(
    unit: str | None, units: Decimal, status: str, *, on: date | None = None, period: Period | None = None
) -> ScheduledDelivery:
    return ScheduledDelivery(quantity=Quantity(value=units, unit=unit), status=status, on=on, period=period)


def _received(snapshot: Snapshot, supplier: str, gtin: str) -> Decimal:
    return snapshot.received.get((supplier, gtin), ZERO)


def _changes(before: Mapping[str, str], after: Mapping[str, str], today: date) -> list[dict[str, str]]:
    return [
        {"key": key, "before": before.get(key, "0"), "after": after.get(key, "0")}
        for key in sorted({*before, *after})
        if before.get(key) != after.get(key) and key[15:25] >= today.isoformat()
    ]
