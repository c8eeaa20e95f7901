"""A supplier has shipped what we ordered: no longer on order, in transit now."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.items import ItemFinder, identifier, is_unit_of, item_path, positive_amount
from gateway.domain.open_order import OpenOrder, expected
from gateway.domain.parties import day_of
from gateway.domain.replenishment import supplier_orders
from gateway.domain.shipping import order_ids
from gateway.domain.stock import ZERO, moved
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.effects import CaseClosed, CaseOpened, Effect, OrderLineState, ShipmentSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.order import Order
from gateway.model.partner import ItemRecord


def needs(advice: DespatchAdvice, context: Context) -> Needs:
    """Return the purchase orders that the advice names, and the shipment itself if we have it."""
    supplier = context.partner.id
    return Needs(
        orders=frozenset(("purchase", supplier, number) for number in _numbers(advice, context) if number),
        shipments=frozenset({("purchase", supplier, advice.id)}),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """One line of the advice, matched. ordered: the part of units that was still on order."""

    order: OpenOrder
    line: OrderLineState
    units: Decimal
    ordered: Decimal


def decide(advice: DespatchAdvice, context: Context, snapshot: Snapshot) -> Decision:
    """Raises PartnerFault despatch.* for orders and items that we did not order from this supplier."""
    supplier = context.partner.id
    snapshot, raised = _with_unordered(advice, context, snapshot)
    lines = _match(advice, context, snapshot)
    orders = list({id(each.order): each.order for each in lines}.values())
    shipment = ShipmentSaved(
        key="shipment",
        side="purchase",
        partner=supplier,
        number=advice.id,
        order=orders[0].saved.number,
        status="despatched",
        despatched_at=(advice.despatch_at or advice.issued_at).isoformat(),
        lines=tuple((each.line.number, each.line.gtin, each.units) for each in lines),
        document=advice if any(line.final_location for line in advice.lines) else None,
    )
    if (again := snapshot.shipments.get(("purchase", supplier, advice.id))) is not None:
        return _again(advice, again, shipment)
    total = sum((each.units for each in lines), ZERO)
    too_many = [each.line.gtin for each in lines if each.units > each.ordered]
    late = any(_is_late(advice, each.line) for each in lines)
    figures = {
        "supplier_shipments": Decimal(1),
        "units_supplier_shipped": total,
        "supplier_shipments_late": Decimal(late),
    }
    return Decision(
        effects=(
            *raised,
            *_moves(context, lines),
            *(order.result(f"order:{n}") for n, order in enumerate(orders, start=1)),
            shipment,
            activity("shipped", supplier, "supplier-shipped", advice.id, **figures),
            *_case(advice, supplier, too_many),
            *_come(supplier, orders),
        ),
        findings=(
            *(Finding(code="despatch.more-than-ordered", severity="warning", value=each) for each in too_many),
            *_unmarked(advice, lines),
            *(
                Finding(code="despatch.supplier-raised", severity="info", value=number)
                for number in dict.fromkeys(each.order.saved.number for each in lines if raised)
            ),
        ),
    )


def _unmarked(advice: DespatchAdvice, lines: list[Announced]) -> Iterator[Finding]:
    """Tell of lines of a cross-docking order that are marked for no shop, or for one that gets nothing of it."""
    for index, (said, each) in enumerate(zip(advice.lines, lines, strict=True)):
        asked = each.order.asked().get(each.line.number)
        shops = {split.location for split in asked.splits} if asked is not None else set()
        if shops and said.final_location not in shops:
            code = "despatch.store-unexpected" if said.final_location else "despatch.store-missing"
            yield Finding(
                code=code,
                severity="warning",
                where=Where(path=f"lines[{index}].finalLocation"),
                value=said.final_location or each.line.gtin,
                params=(("order", each.order.saved.number),),
            )


def _numbers(advice: DespatchAdvice, context: Context) -> list[str | None]:
    """Return the order of each line. A supplier who plans for us need not have one: then his advice is it."""
    plans = supplier_orders.plan_of(context) is not None
    return [number or (advice.id if plans else None) for number in order_ids(advice)]


def _with_unordered(advice: DespatchAdvice, context: Context, snapshot: Snapshot) -> tuple[Snapshot, list[Effect]]:
    """Return the records with an order for goods that a supplier who plans for us has sent without one, and the effects
    of that order; its lines are kept by the despatch."""
    supplier = context.partner.id
    if supplier_orders.plan_of(context) is None or ("purchase", supplier, advice.id) in snapshot.shipments:
        return snapshot, []
    finder = ItemFinder(context.own, supplier)
    found: dict[str, list[tuple[str, ItemRecord, Decimal]]] = defaultdict(list)
    for index, (line, number) in enumerate(zip(advice.lines, _numbers(advice, context), strict=True)):
        item = finder.find(line.item)
        if number and item is not None and ("purchase", supplier, number) not in snapshot.orders:
            name = line.order.line if line.order and line.order.line else str(index + 1)
            found[number].append((name, item, _units(advice, index, item)))
    orders, effects = dict(snapshot.orders), []
    day = day_of(advice.estimated_delivery or advice.despatch_at or advice.issued_at)
    for number, lines in found.items():
        saved, caused = supplier_orders.sent_unordered(number, lines, day, context)
        orders["purchase", supplier, number] = saved
        effects += caused
    return replace(snapshot, orders=orders), effects


def _match(advice: DespatchAdvice, context: Context, snapshot: Snapshot) -> list[Announced]:
    """Find the order line of each line, and book the units on it, so that a later line sees what is left."""
    orders: dict[str, OpenOrder] = {}
    matched = []
    finder = ItemFinder(context.own, context.partner.id)
    for index, (line, number) in enumerate(zip(advice.lines, _numbers(advice, context), strict=True)):
        where = Where(path=f"lines[{index}].order" if line.order else "refs.order")
        if number is None:
            raise PartnerFault("despatch.order-missing", where)
        if number not in orders:
            known = snapshot.orders.get(("purchase", context.partner.id, number))
            if known is None:
                raise PartnerFault("despatch.order-unknown", where, value=number)
            orders[number] = OpenOrder(known)
        item = finder.find(line.item)
        before = orders[number].line(line.order.line if line.order else None, item.gtin if item else None)
        if item is None or before is None:
            path = item_path(f"lines[{index}]", line.item)
            code = "despatch.item-unknown" if item is None else "despatch.line-unknown"
            raise PartnerFault(code, Where(path=path), value=identifier(line.item), order=number)
        units = _units(advice, index, item)
        ordered = min(units, expected(before, "purchase"))
        matched.append(Announced(order=orders[number], line=before, units=units, ordered=ordered))
        _put(orders[number], before, units)
    return matched


def _again(advice: DespatchAdvice, known: ShipmentSaved, shipment: ShipmentSaved) -> Decision:
    if sorted(known.lines) != sorted(shipment.lines):
        raise PartnerFault("despatch.number-clash", Where(path="id"), value=advice.id)
    finding = Finding(code="despatch.repeat", severity="warning", where=Where(path="id"), value=advice.id)
    return Decision(findings=(finding,))


def _units(advice: DespatchAdvice, index: int, item: ItemRecord) -> Decimal:
    path = f"lines[{index}].despatchedQuantity"
    quantity = advice.lines[index].despatched_quantity
    if not is_unit_of(quantity, item):
        raise OurFault("despatch.unit-unknown", Where(path=path), value=quantity.unit, unit=item.unit)
    return positive_amount(quantity, path)


def _moves(context: Context, lines: list[Announced]) -> list[Effect]:
    moves: list[Effect] = []
    why = "despatched-by-supplier"
    for n, each in enumerate(lines, start=1):
        gtin, number = each.line.gtin, each.order.saved.number
        if each.ordered:
            moves.append(moved(f"line:{n}:on_order", context, gtin, "on_order", -each.ordered, why, number))
        if each.units:
            moves.append(moved(f"line:{n}:in_transit", context, gtin, "in_transit", each.units, why, number))
    return moves


def _put(order: OpenOrder, before: OrderLineState, units: Decimal) -> None:
    after = replace(before, despatched=before.despatched + units)
    complete = after.despatched > 0 and not expected(after, "purchase")
    order.put(replace(after, status="shipped" if complete else after.status))


def _is_late(advice: DespatchAdvice, line: OrderLineState) -> bool:
    """Tell whether goods arrive (without such a day: leave) after the day that was promised."""
    day = day_of(advice.estimated_delivery or advice.despatch_at or advice.issued_at)
    return line.promised is not None and day > date.fromisoformat(line.promised)


def _come(supplier: str, orders: list[OpenOrder]) -> list[Effect]:
    """An order that was announced to come late has been shipped: that is over."""
    closed: list[Effect] = []
    for each in (order.result("order") for order in orders):
        asked = each.document.requested_delivery if isinstance(each.document, Order) else None
        postponed = asked and any(line.promised and line.promised > day_of(asked).isoformat() for line in each.lines)
        if postponed and all(not expected(line, "purchase") for line in each.lines):
            key = f"late:{each.number}"
            closed.append(CaseClosed(key=key, account=supplier, code="order.supplier-late", subject=each.number))
    return closed


def _case(advice: DespatchAdvice, supplier: str, items: list[str]) -> list[Effect]:
    if not items:
        return []
    return [
        CaseOpened(
            key="too-many",
            account=supplier,
            code="despatch.more-than-ordered",
            subject=advice.id,
            params={"value": ", ".join(items[:10])},
        )
    ]
