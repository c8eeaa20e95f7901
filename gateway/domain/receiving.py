"""Goods have arrived: at our warehouse (stock comes in, backorders are served), or at the customer's place."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from gateway.domain.backorders import serve_backorders
from gateway.domain.crm import activity
from gateway.domain.cross_dock import marks
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot, StockLevel
from gateway.domain.invoice_match import match_again
from gateway.domain.items import ItemFinder, identifier, item_path, positive_amount
from gateway.domain.open_order import OpenOrder, expected
from gateway.domain.parties import named, partner_of, partner_party, suppliers
from gateway.domain.returns import returned_needs, taken_back
from gateway.domain.stock import ZERO, moved
from gateway.model.despatch_advice import ReceivingAdvice
from gateway.model.effects import CaseOpened, DocumentLinked, Effect, OrderSaved, ShipmentSaved, Side
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.planning_effects import GoodsReceived


def needs(advice: ReceivingAdvice, context: Context) -> Needs:
    """Return the shipment and orders that the advice names, and for our warehouse the backorders it may serve."""
    number = advice.refs.despatch_advice if advice.refs else None
    orders = {line.order.id for line in advice.lines if line.order}
    if advice.refs and advice.refs.order:
        orders.add(advice.refs.order.id)
    side, partners = _side(advice, context)
    gtins: frozenset[str] = frozenset()
    if side == "purchase":
        finder = ItemFinder(context.own)
        gtins = frozenset(item.gtin for line in advice.lines if (item := finder.find(line.item)))
    return Needs(
        shipments=frozenset((side, each, number) for each in partners) if number else frozenset(),
        returns=returned_needs(advice, context),
        invoices_of_orders=_keys(side, partners, orders) if side == "purchase" else frozenset(),
        orders=_keys(side, partners, orders),
        stock=gtins,
        open_backorders=gtins,
    )


def _keys(side: Side, partners: Iterable[str], numbers: Iterable[str]) -> frozenset[tuple[Side, str, str]]:
    found = list(numbers)
    return frozenset((side, each, number) for each in partners for number in found)


def _side(advice: ReceivingAdvice, context: Context) -> tuple[Side, list[str]]:
    if context.partner.kind != "house":
        return "sale", [context.partner.id]
    seller = partner_of(context, advice.seller)
    return "purchase", [seller.id] if seller else suppliers(context)


def decide(advice: ReceivingAdvice, context: Context, snapshot: Snapshot) -> Decision:
    """Raises PartnerFault receiving.* when the advice names nothing that is on its way."""
    if not advice.lines:
        raise PartnerFault("receiving.no-lines", Where(path="lines"), value=advice.id)
    side, _ = _side(advice, context)
    if (back := next(iter(snapshot.returns.values()), None)) is not None:
        order = snapshot.orders.get(("sale", back.partner, back.order or ""))
        return taken_back(advice, back, order, _received(advice, context), context)
    shipment = _shipment(advice, side, snapshot)
    if shipment is not None and shipment.status == "received":
        # its first receipt closed it: whether more has come is for a person to say
        raise PartnerFault("receiving.already-received", Where(path="refs.despatchAdvice"), value=shipment.number)
    if side == "sale":
        return _at_customer(advice, context, snapshot, shipment)
    if shipment is None:
        return _without_advice(advice, context, snapshot)
    return _at_warehouse(advice, context, snapshot, shipment)


def _shipment(advice: ReceivingAdvice, side: Side, snapshot: Snapshot) -> ShipmentSaved | None:
    number = advice.refs.despatch_advice if advice.refs else None
    if number is None:
        if side == "sale":
            raise PartnerFault("receiving.reference-missing", Where(path="refs.despatchAdvice"), value=advice.id)
        return None
    found = [
        each for (known, _, known_number), each in snapshot.shipments.items() if (known, known_number) == (side, number)
    ]
    if len(found) != 1:
        code = "receiving.shipment-ambiguous" if found else "receiving.shipment-unknown"
        raise PartnerFault(code, Where(path="refs.despatchAdvice"), value=number)
    return found[0]


def _received(advice: ReceivingAdvice, context: Context) -> dict[str, Decimal]:
    """Return the units taken in by GTIN. Raises PartnerFault receiving.item-unknown."""
    finder = ItemFinder(context.own)
    units: dict[str, Decimal] = {}
    for index, line in enumerate(advice.lines):
        item = finder.find(line.item)
        if item is None:
            path = item_path(f"lines[{index}]", line.item)
            raise PartnerFault("receiving.item-unknown", Where(path=path), value=identifier(line.item))
        quantity, key = line.received_quantity, "receivedQuantity"
        if line.accepted_quantity is not None:
            quantity, key = line.accepted_quantity, "acceptedQuantity"
        units[item.gtin] = units.get(item.gtin, ZERO) + positive_amount(quantity, f"lines[{index}].{key}")
    return units


def _sent(shipment: ShipmentSaved) -> dict[str, Decimal]:
    units: dict[str, Decimal] = {}
    for _, gtin, each in shipment.lines:
        units[gtin] = units.get(gtin, ZERO) + each
    return units


def _at_warehouse(advice: ReceivingAdvice, context: Context, snapshot: Snapshot, shipment: ShipmentSaved) -> Decision:
    """The whole shipment leaves "in transit", whatever of it was taken in: a difference is a case, not stock."""
    received, sent = _received(advice, context), _sent(shipment)
    moves: list[Effect] = []
    for gtin in sorted(received.keys() | sent.keys()):
        if sent.get(gtin):
            key = f"stock:in_transit:{gtin}"
            moves.append(moved(key, context, gtin, "in_transit", -sent[gtin], "received", shipment.number))
        if received.get(gtin):
            key = f"stock:on_hand:{gtin}"
            moves.append(moved(key, context, gtin, "on_hand", received[gtin], "received", shipment.number))
    findings: list[Finding] = []
    order = snapshot.orders.get(("purchase", shipment.partner, shipment.order or ""))
    saved: list[OrderSaved] = []
    if order is None:
        findings.append(Finding(code="receiving.order-not-named", severity="warning", value=shipment.order))
    else:
        saved.append(_book(OpenOrder(order), shipment, dict(received)))
    return _taken_in(
        advice, context, snapshot, shipment.partner, received, sent, (*moves, *saved), saved, shipment, findings
    )


def _book(order: OpenOrder, shipment: ShipmentSaved, received: dict[str, Decimal]) -> OrderSaved:
    """Spread what came over the order lines that were shipped; too much goes to the last line of the item."""
    last = {gtin: n for n, (_, gtin, _) in enumerate(shipment.lines)}
    for n, (number, gtin, sent) in enumerate(shipment.lines):
        line = order.lines.get(number)
        if line is None or line.gtin != gtin:
            continue  # a line of another order that the same shipment brought
        left = received.get(gtin, ZERO)
        units = left if last[gtin] == n else min(left, sent)
        received[gtin] = left - units
        total = line.received + units
        arrived = total + max(ZERO, sent - units) >= line.despatched
        complete = arrived and not expected(line, "purchase")
        order.put(replace(line, received=total, status="received" if complete else line.status))
    return order.result("order")


def _without_advice(advice: ReceivingAdvice, context: Context, snapshot: Snapshot) -> Decision:
    """Goods came without a despatch advice: the purchase order that the receipt names stands for it."""
    header = advice.refs.order.id if advice.refs and advice.refs.order else None
    received = _received(advice, context)
    orders: dict[str, OpenOrder] = {}
    moves: list[Effect] = []
    finder = ItemFinder(context.own)
    supplier = ""
    for index, line in enumerate(advice.lines):
        number = line.order.id if line.order else header
        if number is None:
            raise PartnerFault("receiving.reference-missing", Where(path="refs"), value=advice.id)
        if number not in orders:
            found = [
                each for (side, _, known), each in snapshot.orders.items() if (side, known) == ("purchase", number)
            ]
            if len(found) != 1:
                raise PartnerFault("receiving.order-unknown", Where(path=f"lines[{index}].order"), value=number)
            orders[number] = OpenOrder(found[0])
        supplier = orders[number].saved.partner
        item = finder.find(line.item)
        state = orders[number].line(line.order.line if line.order else None, item.gtin if item else None)
        if item is None or state is None:
            path = item_path(f"lines[{index}]", line.item)
            raise PartnerFault("receiving.item-unknown", Where(path=path), value=identifier(line.item))
        units = (line.accepted_quantity or line.received_quantity).value
        ordered = min(units, expected(state, "purchase"))
        if ordered:
            key = f"line:{index + 1}:on_order"
            moves.append(moved(key, context, item.gtin, "on_order", -ordered, "received", number))
        after = replace(state, despatched=state.despatched + units, received=state.received + units)
        complete = after.despatched > 0 and not expected(after, "purchase")
        orders[number].put(replace(after, status="received" if complete else after.status))
    for gtin, units in received.items():
        if units:
            moves.append(moved(f"stock:on_hand:{gtin}", context, gtin, "on_hand", units, "received", advice.id))
    saved = [order.result(f"order:{n}") for n, order in enumerate(orders.values(), start=1)]
    return _taken_in(advice, context, snapshot, supplier, received, received, (*moves, *saved), saved, None, [])


def _taken_in(
    advice: ReceivingAdvice,
    context: Context,
    snapshot: Snapshot,
    supplier: str,
    received: dict[str, Decimal],
    sent: dict[str, Decimal],
    effects: tuple[Effect, ...],
    orders: list[OrderSaved],
    shipment: ShipmentSaved | None,
    findings: list[Finding],
) -> Decision:
    free = {
        gtin: snapshot.stock.get(gtin, StockLevel()).available + units for gtin, units in received.items() if units > 0
    }
    marked = marks(orders, shipment, received)
    served, answers = serve_backorders(context, snapshot, free, marked=marked)
    closed = [replace(shipment, key="shipment", status="received")] if shipment else []
    short = _short(received, sent)
    matched: list[Effect] = []
    bills: list[Answer] = []
    for order in orders:
        changed, booked = match_again(order, snapshot.invoices, context, context.partners.get(supplier))
        matched += changed
        bills += booked
    return Decision(
        effects=(
            *effects,
            *closed,
            *matched,
            *_receipt_link(advice, supplier, shipment, orders),
            activity(
                "received",
                supplier,
                "supplier-received",
                advice.id,
                supplier_receipts=1,
                units_supplier_received=sum(received.values(), ZERO),
                units_supplier_short=short,
            ),
            *_difference(supplier, advice, received, sent),
            *served,
        ),
        answers=(*answers, *bills, *_to_supplier(advice, context, supplier)),
        findings=tuple(findings),
    )


def _receipt_link(
    advice: ReceivingAdvice, supplier: str, shipment: ShipmentSaved | None, orders: list[OrderSaved]
) -> list[Effect]:
    if shipment is None and not orders:
        return []
    source = ("DespatchAdvice", shipment.number) if shipment else ("Order", orders[0].number)
    return [
        DocumentLinked(
            key=f"link:{advice.id}",
            side="purchase",
            partner=supplier,
            source_type=source[0],
            source=source[1],
            to_type="ReceivingAdvice",
            to=advice.id,
        )
    ]


def _to_supplier(advice: ReceivingAdvice, context: Context, supplier: str) -> list[Answer]:
    """The supplier hears what arrived, where receiving advices are agreed with it."""
    if supplier not in context.partners:
        return []
    document = replace(advice, seller=named(advice.seller, partner_party(context.partners[supplier])))
    return [Answer(to=supplier, document=document, optional=True)]


def _short(received: dict[str, Decimal], sent: dict[str, Decimal]) -> Decimal:
    return sum((max(ZERO, units - received.get(gtin, ZERO)) for gtin, units in sent.items()), ZERO)


def _difference(
    account: str, advice: ReceivingAdvice, received: dict[str, Decimal], sent: dict[str, Decimal]
) -> list[Effect]:
    wrong = [g for g in sorted(sent.keys() | received.keys()) if sent.get(g, ZERO) != received.get(g, ZERO)]
    if not wrong:
        return []
    said = ", ".join(f"{g}: {sent.get(g, ZERO):f} / {received.get(g, ZERO):f}" for g in wrong[:10])
    number = advice.refs.despatch_advice if advice.refs and advice.refs.despatch_advice else advice.id
    return [
        CaseOpened(
            key="difference",
            account=account,
            code="receiving.differs",
            subject=number,
            params={"items": said, "count": str(len(wrong))},
        )
    ]


def _at_customer(
    advice: ReceivingAdvice, context: Context, snapshot: Snapshot, shipment: ShipmentSaved | None
) -> Decision:
    """The customer confirms: the shipment is closed, our stock has long been booked."""
    assert shipment is not None  # a sale without one raised above
    received, sent = _received(advice, context), _sent(shipment)
    order = snapshot.orders.get(("sale", shipment.partner, shipment.order or ""))
    saved = [_arrived(OpenOrder(order), shipment, dict(received))] if order is not None else []
    return Decision(
        effects=(
            *saved,
            replace(shipment, key="shipment", status="received"),
            *_at_place(advice, context, order, received),
            activity(
                "received",
                shipment.partner,
                "shipment-received",
                advice.id,
                receipts=1,
                units_received=sum(received.values(), ZERO),
                units_short=_short(received, sent),
            ),
            *_difference(shipment.partner, advice, received, sent),
        )
    )


def _at_place(
    advice: ReceivingAdvice, context: Context, order: OrderSaved | None, received: dict[str, Decimal]
) -> list[Effect]:
    """Return what the customer's place has more of: its stock since the last count is made from it."""
    place = (advice.ship_to.gln if advice.ship_to else None) or (order.ship_to if order is not None else None)
    if not place or len(place) > 20:
        return []
    return [
        GoodsReceived(
            key=f"goods:{place}:{gtin}",
            partner=context.partner.id,
            location=place,
            gtin=gtin,
            number=advice.id,
            units=units,
            at=advice.received_at or advice.issued_at,
        )
        for gtin, units in received.items()
        if units
    ]


def _arrived(order: OpenOrder, shipment: ShipmentSaved, received: dict[str, Decimal]) -> Effect:
    for number, gtin, sent in shipment.lines:
        line = order.lines.get(number)
        if line is None or line.gtin != gtin:
            continue
        units = min(received.get(gtin, ZERO), sent)
        received[gtin] = received.get(gtin, ZERO) - units
        total = line.received + units
        complete = line.status == "shipped" and total + (sent - units) >= line.despatched
        order.put(replace(line, received=total, status="received" if complete else line.status))
    return order.result("order")
