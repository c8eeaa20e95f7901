"""A customer's delivery schedule (DELFOR): its firm quantities are called off at once, its planned ones are kept.

Each order number of a schedule is one call-off order of ours: a line for each item and day. A later schedule restates
it: the difference is decided as any change of an order, so that what has left stays and what is wanted less is free
again. What is on the road is wanted no second time: the cumulative quantity says what has been received of it.

Source: UN/EDIFACT DELFOR, D.96A and D.01B: SCC 4017 = 1 firm, 2 commitment for manufacturing and material, 3 immediate,
4 planning; QTY 6063 = 113 quantity to be delivered, 70 cumulative quantity received; RFF ON = the order of the frame.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from gateway.domain.cancellation import cancel
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.items import ItemFinder, identifier, item_path, positive_amount
from gateway.domain.order_checks import content_digest, note
from gateway.domain.order_taking import Taking, take
from gateway.domain.parties import day_of
from gateway.domain.stock import ZERO
from gateway.domain.terms import wanted_calendars, wanted_prices
from gateway.model.delivery_schedule import DeliverySchedule, ScheduledDelivery, ScheduleLine
from gateway.model.effects import CaseClosed, CaseOpened, Effect, OrderLineState, OrderSaved, StockMoved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.order import Order, OrderLine, OrderRefs, OrderResponse
from gateway.model.planning_effects import RecordSaved
from gateway.model.values import Item, Quantity, party

KIND = "schedule"  # of the records
CALL_OFF = "226"  # UNCL 1001: call off order
FIRM = (None, "firm", "immediate")
OURS = "out"  # in the place of the number: what we have told a supplier
PLANNED = "planned"  # number of what is planned without an order
MOST_DELIVERIES = 20_000
Key = tuple[str, date]  # GTIN, day


@dataclass(slots=True)
class Called:
    """What a schedule says of one order number. received: cumulative by GTIN, as the buyer counts."""

    number: str
    place: str
    firm: dict[Key, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    planned: list[dict[str, str]] = field(default_factory=list)
    received: dict[str, Decimal] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)

    @property
    def gtins(self) -> frozenset[str]:
        return frozenset(self.items)


def record_id(partner: str, number: str) -> str:
    """Return the id of the record of a schedule of one order number."""
    return f"{partner}/{number}"[:80]


def needs(schedule: DeliverySchedule, context: Context) -> Needs:
    """Return the orders that are called off, as they stand, and what it takes to take them."""
    called = _called(schedule, context)
    gtins = frozenset(gtin for each in called for gtin in each.gtins)
    places = {each.place for each in called}
    return Needs(
        orders=frozenset(("sale", context.partner.id, each.number) for each in called),
        stock=gtins,
        supply=gtins,
        prices=wanted_prices(context, gtins),
        calendars=frozenset(owner for place in places for owner in wanted_calendars(context, place)),
        plan_records=frozenset((KIND, record_id(context.partner.id, each.number)) for each in called),
    )


def decide(schedule: DeliverySchedule, context: Context, snapshot: Snapshot) -> Decision:
    """Call off what is firm, take back what is wanted no more, keep what is planned.

    Raises PartnerFault schedule.sender-unexpected, schedule.too-long, schedule.no-lines, schedule.day-missing,
    OurFault item.unknown, order.function-not-supported.
    """
    if context.partner.kind != "partner" or context.partner.role == "supplier":
        raise PartnerFault("schedule.sender-unexpected", Where(path="buyer"), value=context.partner.id)
    if schedule.function not in ("original", "replace", "change", "duplicate", "copy", "cancel"):
        raise OurFault("order.function-not-supported", Where(path="function"), value=schedule.function)
    called = _called(schedule, context)
    if not called:
        raise PartnerFault("schedule.no-lines", Where(path="lines"), value=schedule.id)
    if schedule.function == "copy":
        return Decision(findings=(note("order.copy", "function"),))
    effects: list[Effect] = []
    answers: list[Answer] = []
    findings: list[Finding] = []
    for each in called:
        made = _of_number(each, schedule, context, snapshot)
        effects += [replace(e, key=f"{each.number}:{e.key}"[:200]) for e in made.effects]
        answers += [_as_agreed(answer) for answer in made.answers]
        findings += made.findings
        snapshot = _after(snapshot, made.effects)
    return Decision(effects=tuple(effects), answers=tuple(answers), findings=tuple(findings))


def _called(schedule: DeliverySchedule, context: Context) -> list[Called]:
    """Return what is said of each order number, in their order. A schedule without one is an order of its own number;
    one number for several places is one order for each.

    Raises OurFault item.unknown, PartnerFault schedule.*, item.quantity-unusable.
    """
    if sum(len(line.deliveries) for line in schedule.lines) > MOST_DELIVERIES:
        raise PartnerFault("schedule.too-long", Where(path="lines"), value=str(MOST_DELIVERIES))
    finder = ItemFinder(context.own)
    header = schedule.ship_to.gln if schedule.ship_to else None
    first = header or next((line.location for line in schedule.lines if line.location), None)
    found: dict[str, Called] = {}
    for index, line in enumerate(schedule.lines):
        record = finder.find(line.item)
        if record is None:
            raise OurFault(
                "item.unknown", Where(path=item_path(f"lines[{index}]", line.item)), value=identifier(line.item)
            )
        place = line.location or first or context.partner.gln or ""
        number = _number(line, schedule)
        number = number if place == first or not line.location else f"{number}/{place}"
        each = found.setdefault(number, Called(number=number, place=place))
        each.items.setdefault(record.gtin, line.item)
        _read(each, record.gtin, line, index, day_of(schedule.issued_at))
    return [found[number] for number in sorted(found)]


def _number(line: ScheduleLine, schedule: DeliverySchedule) -> str:
    """Return the order that a line calls off; what is only planned, without an order, is one record of the buyer."""
    if line.order is not None:
        return line.order.id
    return schedule.id if any(each.status in FIRM for each in line.deliveries) else PLANNED


def _read(called: Called, gtin: str, line: ScheduleLine, index: int, issued: date) -> None:
    if line.cumulative is not None:
        said = positive_amount(line.cumulative, f"lines[{index}].cumulative")
        called.received[gtin] = called.received.get(gtin, ZERO) + said
    for place, delivery in enumerate(line.deliveries):
        path = f"lines[{index}].deliveries[{place}]"
        units = positive_amount(delivery.quantity, f"{path}.quantity")
        first, last = _days(delivery, path, issued)
        if delivery.status in FIRM:
            called.firm[gtin, first] += units
        else:
            said_as = {"gtin": gtin, "from": first.isoformat(), "to": last.isoformat(), "units": format(units, "f")}
            called.planned.append({**said_as, "status": delivery.status or "planned"})


def _days(delivery: ScheduledDelivery, path: str, issued: date) -> tuple[date, date]:
    """Return first and last day; what is wanted immediately needs to name none."""
    if delivery.on is not None:
        return day_of(delivery.on), day_of(delivery.on)
    if delivery.period is None and delivery.status == "immediate":
        return issued, issued
    if delivery.period is None:
        raise PartnerFault("schedule.day-missing", Where(path=path), value=format(delivery.quantity.value, "f"))
    first = day_of(delivery.period.start)
    return first, max(first, day_of(delivery.period.end)) if delivery.period.end else first


def _of_number(called: Called, schedule: DeliverySchedule, context: Context, snapshot: Snapshot) -> Decision:
    known = snapshot.orders.get(("sale", context.partner.id, called.number))
    kept = snapshot.plan_records.get((KIND, record_id(context.partner.id, called.number)))
    before: Mapping[str, Any] = json.loads(kept.data) if kept is not None else {}
    if before and before["issued"] > day_of(schedule.issued_at).isoformat():
        return Decision(findings=(note("schedule.older", "issuedAt", schedule.id),))
    if known is not None and known.status == "cancelled" and schedule.function != "cancel":
        raise PartnerFault("order.change-of-cancelled", Where(path="id"), value=called.number)
    if schedule.function == "cancel":
        called.firm.clear()
        called.planned.clear()
    on_road, cases = _on_the_road(called, known, context)
    order = _order(called, schedule, known, on_road)
    record = _record(called, schedule, context, known, before)
    made = _taken(order, known, context, snapshot)
    return replace(made, effects=(*made.effects, *cases, record))


def _taken(order: Order, known: OrderSaved | None, context: Context, snapshot: Snapshot) -> Decision:
    if not order.lines:
        if known is None or not isinstance(known.document, Order):
            return Decision()
        return cancel(replace(known.document, function="cancel"), known, context, snapshot)
    if known is not None and known.digest == content_digest(order):
        return Decision(findings=(note("order.repeat", "id", order.id),))
    return take(Taking(order=order, known=known, words={}), context, snapshot)


def _order(
    called: Called, schedule: DeliverySchedule, known: OrderSaved | None, on_road: Mapping[str, Decimal]
) -> Order:
    """Return the call-off as it is now: what is firm, less what is on the road, and what has left on other days."""
    first = known.document if known is not None and isinstance(known.document, Order) else None
    issued = first.issued_at if first is not None else schedule.issued_at
    wanted: dict[Key, Decimal] = defaultdict(Decimal)
    for (gtin, day), units in called.firm.items():  # an order wants nothing before the day it was made
        wanted[gtin, max(day, day_of(issued))] += units
    gone: dict[Key, Decimal] = defaultdict(Decimal)
    for line in known.lines if known is not None else ():
        if line.despatched:
            gone[_key(line, day_of(issued))] += line.despatched
    of_item: dict[str, list[Key]] = defaultdict(list)
    for key in sorted(wanted):
        of_item[key[0]].append(key)
    for gtin, units in on_road.items():
        rest = units - sum((gone[key] for key in of_item[gtin] if key in gone), ZERO)
        for key in of_item[gtin]:
            taken = max(ZERO, min(rest, wanted[key] - gone.get(key, ZERO)))
            wanted[key] -= taken
            rest -= taken
    for key, left in gone.items():
        wanted[key] = max(wanted.get(key, ZERO), left)
    numbers = _numbers(known, wanted, day_of(issued))
    return Order(
        id=called.number,
        issued_at=issued,  # of the first schedule: the same call-off said again is no change
        type_code=CALL_OFF,
        buyer=schedule.buyer,
        seller=schedule.seller,
        ship_to=party(called.place) if called.place else schedule.ship_to,
        refs=OrderRefs(blanket_order=called.number.partition("/")[0]),
        lines=tuple(_line(called, numbers[key], key, units) for key, units in sorted(wanted.items()) if units > 0),
    )


def _line(called: Called, number: str, key: Key, units: Decimal) -> OrderLine:
    gtin, day = key
    item = replace(called.items.get(gtin, Item(gtin=gtin)), gtin=gtin)
    return OrderLine(number=number, item=item, quantity=Quantity(value=units), requested_delivery=day)


def _key(line: OrderLineState, issued: date) -> Key:
    return line.gtin, date.fromisoformat(line.requested) if line.requested else issued


def _numbers(known: OrderSaved | None, wanted: Iterable[Key], issued: date) -> dict[Key, str]:
    """Return a number for each item and day: the one that it has had, else the next; six digits are all that a
    reference to a line may have (data element 1156)."""
    lines = known.lines if known is not None else ()
    found = {_key(line, issued): line.number for line in reversed(lines)}
    last = max((int(line.number) for line in lines if line.number.isdecimal()), default=0)
    for key in sorted(wanted):
        if key not in found:
            last += 1
            found[key] = str(last)
    return found


def _on_the_road(called: Called, known: OrderSaved | None, context: Context) -> tuple[dict[str, Decimal], list[Effect]]:
    """Return by GTIN what we have sent and the buyer has not received yet; a case where he has received more than that,
    closed when the counts agree again."""
    sent: dict[str, Decimal] = defaultdict(Decimal)
    for line in known.lines if known is not None else ():
        sent[line.gtin] += line.despatched
    wrong = {gtin: units for gtin, units in called.received.items() if units > sent[gtin]} if known is not None else {}
    subject, account, code = called.number, context.partner.id, "schedule.cumulative-differs"
    case: list[Effect] = []
    if wrong:
        gtin, units = sorted(wrong.items())[0]
        params = {"value": format(units, "f"), "sent": format(sent[gtin], "f"), "item": gtin, "order": called.number}
        case = [CaseOpened(key="cumulative", account=account, code=code, subject=subject, params=params)]
    elif called.received:
        case = [CaseClosed(key="cumulative", account=account, code=code, subject=subject)]
    return {gtin: max(ZERO, sent[gtin] - units) for gtin, units in called.received.items()}, case


def _record(
    called: Called, schedule: DeliverySchedule, context: Context, known: OrderSaved | None, before: Mapping[str, Any]
) -> RecordSaved:
    """Keep the schedule as it is now, with what has changed of its firm days since the one before."""
    firm = {f"{gtin} {day}": format(units, "f") for (gtin, day), units in sorted(called.firm.items())}
    old = before.get("firm", {})
    changes = [
        {"key": key, "before": old.get(key, "0"), "after": firm.get(key, "0")}
        for key in sorted({*old, *firm})
        if before and Decimal(old.get(key, "0")) != Decimal(firm.get(key, "0"))
        and key[15:] >= day_of(schedule.issued_at).isoformat()
    ]  # fmt: skip
    data = {
        "direction": "in",
        "partner": context.partner.id,
        "number": called.number,
        "place": called.place,
        "document": schedule.id,
        "issued": day_of(schedule.issued_at).isoformat(),
        "firm": firm,
        "planned": called.planned,
        "received": {gtin: format(units, "f") for gtin, units in sorted(called.received.items())},
        "changes": changes,
        "schedules": int(before.get("schedules", 0)) + 1,
    }
    state = "cancelled" if schedule.function == "cancel" else "active"
    return RecordSaved(
        key="record",
        kind=KIND,
        id=record_id(context.partner.id, called.number),
        state=state,
        data=json.dumps(data, sort_keys=True),
        partner=context.partner.id,
    )


def _after(snapshot: Snapshot, effects: Iterable[Effect]) -> Snapshot:
    """Return the records as they are when effects are written: several call-offs of one schedule share one stock."""
    stock = dict(snapshot.stock)
    for each in effects:
        if isinstance(each, StockMoved) and each.gtin in stock:
            level = stock[each.gtin]
            stock[each.gtin] = replace(level, **{each.measure: getattr(level, each.measure) + each.delta})
    return replace(snapshot, stock=stock)


def _as_agreed(answer: Answer) -> Answer:
    """What a buyer by schedule hears of his call-offs is the despatch; our answer goes to who has agreed on it."""
    return replace(answer, optional=True) if isinstance(answer.document, OrderResponse) else answer
