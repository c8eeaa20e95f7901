"""Our warehouse has shipped a customer's order: stock goes down, the customer gets the despatch advice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.cross_dock import Shipped, spread
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.house import buyer_of, order_numbers, ship_to_of
from gateway.domain.items import ItemFinder, identifier, item_path, positive_amount
from gateway.domain.open_order import OpenOrder, expected
from gateway.domain.packing import Packed, pack, shipped_units
from gateway.domain.parties import customers, day_of, is_same, own_party, partner_of, warehouse_party
from gateway.domain.stock import ZERO, moved
from gateway.model.despatch_advice import DespatchAdvice, DespatchLine, DespatchRefs, DespatchTotals
from gateway.model.effects import DocumentLinked, Effect, OrderLineState, OrderSaved, ShipmentSaved
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.order import Order, OrderLine
from gateway.model.values import DocumentRef, Item, Quantity


def order_ids(advice: DespatchAdvice) -> list[str | None]:
    """Return the order number of each line, that of the header where the line names none."""
    header = advice.refs.order.id if advice.refs and advice.refs.order else None
    return [line.order.id if line.order and line.order.id else header for line in advice.lines]


def needs(advice: DespatchAdvice, context: Context) -> Needs:
    """Return the orders that may be meant, and the shipment itself if we have it, whoever the customer is."""
    finder = ItemFinder(context.own)
    gtins = frozenset(item.gtin for item in map(finder.find, (line.item for line in advice.lines)) if item is not None)
    numbers = frozenset(n for each in set(order_ids(advice)) if each for n in order_numbers(each))
    return Needs(
        orders_by_number=numbers,
        shipments=frozenset(("sale", each, advice.id) for each in customers(context)),
        shipments_of_orders=frozenset(("sale", each, number) for each in customers(context) for number in numbers),
        stock=gtins,
        packs=frozenset() if advice.units else gtins,
        ranges=frozenset() if context.own.sscc is None else frozenset({context.own.sscc.name}),
        units=frozenset(unit.sscc for unit in advice.units if unit.sscc),
    )


def decide(advice: DespatchAdvice, context: Context, snapshot: Snapshot) -> Decision:
    """Raises PartnerFault despatch.* when the advice does not fit one customer's open orders."""
    lines = _match(advice, context, snapshot)
    orders = list({id(each.order): each.order for each in lines}.values())
    customer = orders[0].saved.partner
    if len({order.saved.partner for order in orders}) > 1:
        raise PartnerFault("despatch.several-customers", Where(path="lines"), value=advice.id)
    if (known := snapshot.shipments.get(("sale", customer, advice.id))) is not None:
        return _again(advice, known, lines)
    if len({ship_to_of(context, order.saved).any_id for order in orders}) > 1:
        raise PartnerFault("despatch.several-places", Where(path="lines"), value=advice.id)
    for each in lines:
        _ship(each)
    packed = pack(advice, spread(lines, snapshot), context, snapshot)
    document = _advice(advice, context, orders, packed)
    units = sum((each.units for each in lines), ZERO)
    figures = activity(
        "shipped",
        customer,
        "shipped",
        advice.id,
        shipments=1,
        shipment_lines=len(lines),
        units_shipped=units,
        shipments_late=int(any(_is_late(advice, each.before) for each in lines)),
    )
    saved = [order.result(f"order:{n}") for n, order in enumerate(orders, start=1)]
    return Decision(
        effects=(
            *_stock(context, lines),
            *saved,
            _shipment(document, customer, orders, packed),
            figures,
            *packed.effects,
            *shipped_units(packed.units, customer, advice.id),
            *_links(advice, customer, orders),
        ),
        answers=(Answer(to=customer, document=document, about=saved[0].number),),
        findings=(*_negative(snapshot, lines), *packed.findings),
    )


def _again(advice: DespatchAdvice, known: ShipmentSaved, lines: list[Shipped]) -> Decision:
    if _sums(known.lines) != _sums((each.before.number, each.before.gtin, each.units) for each in lines):
        raise PartnerFault("despatch.number-clash", Where(path="id"), value=advice.id)
    return Decision(
        findings=(Finding(code="despatch.repeat", severity="warning", where=Where(path="id"), value=advice.id),)
    )


def _sums(lines: Iterable[tuple[str, str, Decimal]]) -> dict[tuple[str, str], Decimal]:
    """Return the units per order line: packing has cut the lines."""
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for number, gtin, units in lines:
        sums[number, gtin] += units
    return sums


def _match(advice: DespatchAdvice, context: Context, snapshot: Snapshot) -> list[Shipped]:
    finder = ItemFinder(context.own)
    orders: dict[str, OpenOrder] = {}
    matched = []
    for index, (line, number) in enumerate(zip(advice.lines, order_ids(advice), strict=True)):
        if number is None:
            raise PartnerFault("despatch.order-missing", Where(path=f"lines[{index}].order"))
        if number not in orders:
            orders[number] = OpenOrder(_order(advice, number, index, context, snapshot))
        order = orders[number]
        item = finder.find(line.item)
        if item is None and (line.item.gtin or not (line.order and line.order.line)):
            path = item_path(f"lines[{index}]", line.item)
            raise PartnerFault("despatch.item-unknown", Where(path=path), value=identifier(line.item))
        before = order.line(line.order.line if line.order else None, item.gtin if item else None)
        if before is None:
            path = item_path(f"lines[{index}]", line.item)
            raise PartnerFault("despatch.line-unknown", Where(path=path), value=identifier(line.item), order=number)
        units = positive_amount(line.despatched_quantity, f"lines[{index}].despatchedQuantity")
        matched.append(Shipped(line=line, order=order, before=before, units=units, index=index))
    return matched


def _order(advice: DespatchAdvice, number: str, index: int, context: Context, snapshot: Snapshot) -> OrderSaved:
    where = Where(path=f"lines[{index}].order" if advice.lines[index].order else "refs.order")
    for wanted in order_numbers(number):
        found = [each for (side, _, known), each in snapshot.orders.items() if side == "sale" and known == wanted]
        if len(found) > 1:
            found = [each for each in found if _is_buyer(advice, each, context)]
            if len(found) != 1:
                raise PartnerFault("despatch.order-ambiguous", where, value=number)
        if found and found[0].status == "cancelled":
            raise PartnerFault("despatch.order-cancelled", where, value=number)
        if found:
            return found[0]
    raise PartnerFault("despatch.order-unknown", where, value=number)


def _is_buyer(advice: DespatchAdvice, order: OrderSaved, context: Context) -> bool:
    if isinstance(order.document, Order) and is_same(advice.buyer, order.document.buyer):
        return True
    named = partner_of(context, advice.buyer)
    return named is not None and named.id == order.partner


def _ship(shipped: Shipped) -> None:
    line = shipped.order.lines[shipped.before.number]  # an earlier line of the advice may have taken from it
    allowed = expected(line, "sale")
    if shipped.units > allowed:
        raise PartnerFault(
            "despatch.more-than-allocated",
            Where(path=f"lines[{shipped.index}].despatchedQuantity"),
            value=format(shipped.units, "f"),
            allowed=format(allowed, "f"),
            order=shipped.order.saved.number,
        )
    despatched = line.despatched + shipped.units
    complete = despatched == line.confirmed and not line.backordered
    shipped.order.put(replace(line, despatched=despatched, status="shipped" if complete else line.status))


def _stock(context: Context, lines: list[Shipped]) -> list[Effect]:
    effects: list[Effect] = []
    for n, each in enumerate(lines, start=1):
        if each.units:
            gtin, number = each.before.gtin, each.order.saved.number
            effects.append(moved(f"line:{n}:on_hand", context, gtin, "on_hand", -each.units, "shipped", number))
            effects.append(moved(f"line:{n}:allocated", context, gtin, "allocated", -each.units, "shipped", number))
    return effects


def _negative(snapshot: Snapshot, lines: list[Shipped]) -> list[Finding]:
    """The goods have left, so our count was wrong: say so, and let the next count correct it."""
    left = {gtin: level.on_hand for gtin, level in snapshot.stock.items()}
    for each in lines:
        left[each.before.gtin] = left.get(each.before.gtin, ZERO) - each.units
    return [
        Finding(code="despatch.stock-negative", severity="warning", value=g) for g, units in left.items() if units < 0
    ]


def _is_late(advice: DespatchAdvice, line: OrderLineState) -> bool:
    return line.promised is not None and day_of(advice.despatch_at or advice.issued_at) > date.fromisoformat(
        line.promised
    )


def _shipment(advice: DespatchAdvice, customer: str, orders: list[OpenOrder], packed: Packed) -> ShipmentSaved:
    at = advice.despatch_at or advice.issued_at
    return ShipmentSaved(
        key="shipment",
        side="sale",
        partner=customer,
        number=advice.id,
        order=orders[0].saved.number,
        status="despatched",
        despatched_at=at.isoformat(),
        lines=tuple((each.before.number, each.before.gtin, each.units) for each in packed.lines),
        document=advice,
    )


def _links(advice: DespatchAdvice, customer: str, orders: list[OpenOrder]) -> list[Effect]:
    return [
        DocumentLinked(
            key=f"link:{order.saved.number}",
            side="sale",
            partner=customer,
            source_type="Order",
            source=order.saved.number,
            to_type="DespatchAdvice",
            to=advice.id,
        )
        for order in orders
    ]


def _advice(advice: DespatchAdvice, context: Context, orders: list[OpenOrder], packed: Packed) -> DespatchAdvice:
    """Return the advice for the customer: its own order number, line numbers and item numbers.

    An advice about several orders names them at its lines only.
    """
    first = orders[0].saved
    refs, totals = advice.refs or DespatchRefs(), advice.totals or DespatchTotals()
    return replace(
        advice,
        issued_at=context.now,
        despatch_at=advice.despatch_at or advice.issued_at,
        function="original",
        seller=own_party(context.own),
        buyer=buyer_of(context, first),
        ship_from=warehouse_party(context.own),
        ship_to=ship_to_of(context, first),
        refs=replace(refs, order=_reference(first, None) if len(orders) == 1 else None),
        units=packed.units,
        totals=replace(totals, packages=totals.packages or packed.outermost),
        lines=_advice_lines(context, packed.lines),
    )


def _advice_lines(context: Context, lines: Sequence[Shipped]) -> tuple[DespatchLine, ...]:
    asked = {key: order.asked() for key, order in {id(each.order): each.order for each in lines}.items()}
    made = []
    for n, each in enumerate(lines, start=1):
        wanted = asked[id(each.order)].get(each.before.number)
        record = context.own.items.get(each.before.gtin)
        said = wanted.item if wanted else Item()
        # the buyer's number as it was sent; its position where it sent none
        position = list(each.order.lines).index(each.before.number) + 1 if wanted and not wanted.number.strip() else 0
        number = str(position) if position else (wanted.number if wanted else each.before.number)
        made.append(
            replace(
                each.line,
                number=str(n),
                item=replace(
                    said, gtin=each.before.gtin, description=said.description or (record.name if record else None)
                ),
                despatched_quantity=Quantity(value=each.units, unit=each.line.despatched_quantity.unit),
                ordered_quantity=_ordered(each, wanted) if each.first else None,
                order=_reference(each.order.saved, number),
            )
        )
    return tuple(made)


def _ordered(each: Shipped, wanted: OrderLine | None) -> Quantity:
    return Quantity(value=each.before.ordered, unit=wanted.quantity.unit if wanted else None)


def _reference(order: OrderSaved, line: str | None) -> DocumentRef:
    issued = order.document.issued_at if isinstance(order.document, Order) else None
    return DocumentRef(id=order.number, line=line, issued_at=issued)
