"""The answer to an order: one response with one line per order line."""

from collections.abc import Sequence

from gateway.domain.allocation import LineDecision
from gateway.domain.decision import Context
from gateway.domain.parties import named, own_party, partner_party
from gateway.domain.splits import shared
from gateway.model.making import changed
from gateway.model.order import Order, OrderResponse, OrderResponseLine
from gateway.model.values import Amount, DocumentRef, Item, Price, Quantity


def response(order: Order, context: Context, lines: Sequence[LineDecision]) -> OrderResponse:
    """Return what the buyer gets: accepted or rejected when every line is, else amended."""
    statuses = {line.status for line in lines}
    promised = [line.promised for line in lines if line.promised and line.confirmed]
    return OrderResponse(
        id=f"OR{context.serial:06d}",
        issued_at=context.now,
        status=next(iter(statuses)) if statuses in ({"accepted"}, {"rejected"}) else "amended",
        order=DocumentRef(id=order.id, issued_at=order.issued_at),
        buyer=named(order.buyer, partner_party(context.partner)),
        seller=named(order.seller, own_party(context.own)),
        currency=currency_of(order, lines),
        ship_to=order.ship_to,
        sales_order=f"SO{context.serial:06d}",
        promised_delivery=max(promised) if promised else None,
        lines=tuple(_line(number, line) for number, line in enumerate(lines, start=1)),
    )


def header_response(order: Order, context: Context, status: str, reason: str | None = None) -> OrderResponse:
    """Return an answer by the header alone: the order, or what is asked about it, is taken or refused as a whole."""
    return OrderResponse(
        id=f"OR{context.serial:06d}",
        issued_at=context.now,
        status=status,
        order=DocumentRef(id=order.id, issued_at=order.issued_at),
        buyer=named(order.buyer, partner_party(context.partner)),
        seller=named(order.seller, own_party(context.own)),
        currency=order.currency,
        ship_to=order.ship_to,
        notes=(reason,) if reason else (),
    )


def currency_of(order: Order, lines: Sequence[LineDecision]) -> str | None:
    """Return the order's currency when it looks like a code of ISO 4217, else that of our prices; None without both."""
    if order.currency and len(order.currency) == 3:
        return order.currency
    return next((line.currency for line in lines if line.item), None)


def _line(number: int, line: LineDecision) -> OrderResponseLine:
    unit, per = line.line.quantity.unit, line.line.quantity.per
    price = None
    if line.item is not None and line.price is not None and line.status != "rejected":
        price = Price(net=Amount(value=line.price, currency=line.currency))
    asked = line.asked or line.item
    instead = Item(gtin=line.item.gtin, description=line.item.name) if line.asked and line.item else None
    return OrderResponseLine(
        number=str(number),
        order_line=line.said,
        status=line.status,
        item=line.line.item
        if asked is None or asked.gtin == line.line.item.gtin
        else changed(line.line.item, gtin=asked.gtin),
        ordered_quantity=line.line.quantity,
        confirmed_quantity=Quantity(value=line.confirmed, unit=unit, per=per),
        backorder_quantity=Quantity(value=line.backordered, unit=unit, per=per) if line.backordered else None,
        substitute=instead,
        price=price,
        promised_delivery=line.promised,
        reason=line.reason,
        splits=shared(line.line.splits, line.confirmed) if line.confirmed else (),
    )
