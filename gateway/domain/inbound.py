"""A supplier has shipped what we ordered: no longer on order, in transit now."""

from dataclasses import replace
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.items import ItemFinder, identifier, is_unit_of, item_path, positive_amount
from gateway.domain.open_order import OpenOrder, expected
from gateway.domain.shipping import order_ids
from gateway.domain.stock import ZERO, moved
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.effects import CaseOpened, Effect, OrderLineState, ShipmentSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.partner import ItemRecord


def needs(advice: DespatchAdvice, context: Context) -> Needs:
    """Return the purchase orders that the advice names, and the shipment itself if we have it."""
    supplier = context.partner.id
    return Needs(
        orders=frozenset(("purchase", supplier, number) for number in order_ids(advice) if number),
        shipments=frozenset({("purchase", supplier, advice.id)}),
    )


def decide(advice: DespatchAdvice, context: Context, snapshot: Snapshot) -> Decision:
    """Raises PartnerFault despatch.* for orders and items that we did not order from this supplier."""
    supplier = context.partner.id
    orders: dict[str, OpenOrder] = {}
    effects: list[Effect] = []
    shipped: list[tuple[str, str, Decimal]] = []
    too_many: list[str] = []
    finder = ItemFinder(context.own, supplier)
    for index, (line, number) in enumerate(zip(advice.lines, order_ids(advice), strict=True)):
        where = Where(path=f"lines[{index}].order" if line.order else "refs.order")
        if number is None:
            raise PartnerFault("despatch.order-missing", where)
        if number not in orders:
            known = snapshot.orders.get(("purchase", supplier, number))
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
        effects += _moves(context, index + 1, before, units, ordered, number)
        if units > ordered:
            too_many.append(identifier(line.item))
        _put(orders[number], before, units)
        shipped.append((before.number, before.gtin, units))
    shipment = ShipmentSaved(
        key="shipment",
        side="purchase",
        partner=supplier,
        number=advice.id,
        order=next(iter(orders)),
        status="despatched",
        despatched_at=(advice.despatch_at or advice.issued_at).isoformat(),
        lines=tuple(shipped),
    )
    if (again := snapshot.shipments.get(("purchase", supplier, advice.id))) is not None:
        return _again(advice, again, shipment)
    total = sum((units for _, _, units in shipped), ZERO)
    return Decision(
        effects=(
            *effects,
            *(order.result(f"order:{n}") for n, order in enumerate(orders.values(), start=1)),
            shipment,
            activity(
                "shipped", supplier, "supplier-shipped", advice.id, supplier_shipments=1, units_supplier_shipped=total
            ),
            *_case(advice, supplier, too_many),
        ),
        findings=tuple(Finding(code="despatch.more-than-ordered", severity="warning", value=each) for each in too_many),
    )


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


def _moves(
    context: Context, n: int, line: OrderLineState, units: Decimal, ordered: Decimal, number: str
) -> list[Effect]:
    moves: list[Effect] = []
    why = "despatched-by-supplier"
    if ordered:
        moves.append(moved(f"line:{n}:on_order", context, line.gtin, "on_order", -ordered, why, number))
    if units:
        moves.append(moved(f"line:{n}:in_transit", context, line.gtin, "in_transit", units, why, number))
    return moves


def _put(order: OpenOrder, before: OrderLineState, units: Decimal) -> None:
    after = replace(before, despatched=before.despatched + units)
    complete = after.despatched > 0 and not expected(after, "purchase")
    order.put(replace(after, status="shipped" if complete else after.status))


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
