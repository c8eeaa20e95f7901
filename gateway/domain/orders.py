"""A customer's order: taken line by line against stock and items, answered once, and passed to the warehouse.

The same order again changes nothing; the same number with other content is for a person to judge.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256

from gateway.domain.allocation import LineDecision, decide_lines
from gateway.domain.cancellation import cancel
from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.house import release_order
from gateway.domain.items import ItemFinder, record_gtin
from gateway.domain.parties import day_of, named, own_party, partner_party
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import Effect, OrderLineState, OrderSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.json_form import dumps
from gateway.model.order import Order, OrderResponse, OrderResponseLine
from gateway.model.values import Amount, DocumentRef, Moment, Price, Quantity

LONGEST_NUMBER = 70  # characters; EDIFACT allows 35 (data element 1004)


def needs(order: Order, context: Context) -> Needs:
    """Return the records for deciding order: itself if we have it, and the stock of its items."""
    finder = ItemFinder(context.own)
    found = (finder.find(line.item) for line in order.lines)
    gtins = frozenset(item.gtin for item in found if item is not None)
    return Needs(
        orders=frozenset({("sale", context.partner.id, order.id)}),
        stock=gtins,
        open_backorders=gtins if order.function == "cancel" else frozenset(),
    )


def decide(order: Order, context: Context, snapshot: Snapshot) -> Decision:
    """Take, repeat, cancel or refuse an order.

    Raises PartnerFault order.* for content that contradicts itself or our records, OurFault item.unknown and
    order.function-not-supported for what we cannot judge yet.
    """
    if context.partner.kind != "partner" or context.partner.role == "supplier":
        raise PartnerFault("order.sender-unexpected", Where(path="buyer"), value=context.partner.id)
    known = snapshot.orders.get(("sale", context.partner.id, order.id))
    if order.function == "cancel":
        return cancel(order, known, context, snapshot)
    if order.function == "copy":
        return Decision(findings=(_note("order.copy", "function"),))
    if order.function not in ("original", "duplicate"):
        raise OurFault("order.function-not-supported", Where(path="function"), value=order.function)
    digest = content_digest(order)
    if known is not None:
        if known.digest == digest:
            return Decision(findings=(_note("order.repeat", "id", order.id),))
        raise PartnerFault("order.number-clash", Where(path="id"), value=order.id)
    findings = check(order, context)
    if order.function == "duplicate":
        findings.append(_note("order.duplicate-unknown", "function", order.id))
    lines, odd = decide_lines(order, context, snapshot.stock)
    saved = _saved(order, context, lines, digest)
    if context.house is None:
        findings.append(_note("order.no-house", "id", order.id))
    return Decision(
        effects=(saved, *_stock(order, context, lines), *_activities(order, context, lines)),
        answers=(
            Answer(to=context.partner.id, document=_response(order, context, lines), about=order.id),
            *release_order(context, saved, saved.lines),
        ),
        findings=(*findings, *odd),
    )


def content_digest(order: Order) -> str:
    """Return the SHA-256 of what the order says, whether it was sent as original or as duplicate."""
    return sha256(dumps(replace(order, function="original")).encode()).hexdigest()


def _note(code: str, path: str, value: str | None = None) -> Finding:
    return Finding(code=code, severity="warning", where=Where(path=path), value=value)


def check(order: Order, context: Context) -> list[Finding]:
    """Return warnings on the order as a whole.

    Raises PartnerFault order.number-unusable, order.no-lines or order.date-wrong (delivery before the order's date,
    or a window that ends before it begins).
    """
    if not order.id.strip() or len(order.id) > LONGEST_NUMBER:
        raise PartnerFault("order.number-unusable", Where(path="id"), value=order.id[:80])
    if not order.lines:
        raise PartnerFault("order.no-lines", Where(path="lines"), value=order.id)
    window = order.delivery_window
    if window is not None and window.latest is not None:
        _not_before(window.latest, "deliveryWindow.latest", order.issued_at)
        if window.earliest is not None:
            _not_before(window.latest, "deliveryWindow.latest", window.earliest)
    dates = [(order.requested_delivery, "requestedDelivery")]
    dates += [(line.requested_delivery, f"lines[{n}].requestedDelivery") for n, line in enumerate(order.lines)]
    findings = []
    for moment, path in dates:
        if moment is not None:
            _not_before(moment, path, order.issued_at)
            if day_of(moment) < context.now.date():
                findings.append(_note("order.date-past", path, day_of(moment).isoformat()))
    return findings


def _not_before(moment: Moment, path: str, start: Moment) -> None:
    if day_of(moment) < day_of(start):
        raise PartnerFault(
            "order.date-wrong", Where(path=path), value=day_of(moment).isoformat(), start=day_of(start).isoformat()
        )


def _saved(order: Order, context: Context, lines: Sequence[LineDecision], digest: str) -> OrderSaved:
    statuses = {line.status for line in lines}
    return OrderSaved(
        key="order",
        side="sale",
        partner=context.partner.id,
        number=order.id,
        status="rejected" if statuses == {"rejected"} else "open" if statuses == {"accepted"} else "amended",
        ordered_on=day_of(order.issued_at),
        ship_to=order.ship_to.gln if order.ship_to else None,
        currency=_currency(order, lines),
        digest=digest,
        document=order,
        lines=tuple(
            OrderLineState(
                number=line.number,
                gtin=line.item.gtin if line.item else record_gtin(line.line.item),
                ordered=line.ordered,
                confirmed=line.confirmed,
                backordered=line.backordered,
                status=line.status,
                price=line.item.sales_price if line.item else None,
                promised=line.promised.isoformat() if line.promised else None,
            )
            for line in lines
        ),
    )


def _currency(order: Order, lines: Sequence[LineDecision]) -> str | None:
    """The order's currency when it is a code of ISO 4217 form, else that of our price list."""
    if order.currency and len(order.currency) == 3:
        return order.currency
    return next((line.item.currency for line in lines if line.item), None)


def _stock(order: Order, context: Context, lines: Sequence[LineDecision]) -> list[Effect]:
    effects: list[Effect] = []
    for line in lines:
        if line.item is None:
            continue
        gtin = line.item.gtin
        if line.confirmed:
            key = f"line:{line.number}:allocated"
            effects.append(moved(key, context, gtin, "allocated", line.confirmed, "order-allocated", order.id))
        if line.backordered:
            key = f"line:{line.number}:backordered"
            effects.append(moved(key, context, gtin, "backordered", line.backordered, "order-backordered", order.id))
    return effects


def _activities(order: Order, context: Context, lines: Sequence[LineDecision]) -> list[Effect]:
    ordered = sum((line.ordered for line in lines), ZERO)
    confirmed = sum((line.confirmed for line in lines), ZERO)
    backordered = sum((line.backordered for line in lines), ZERO)
    value = sum((line.ordered * _unit_price(order, line) for line in lines), ZERO)
    account = context.partner.id
    return [
        activity(
            "received",
            account,
            "order-received",
            order.id,
            orders=1,
            order_lines=len(lines),
            units_ordered=ordered,
            order_value=value,
        ),
        activity(
            "answered",
            account,
            "order-answered",
            order.id,
            responses=1,
            units_confirmed=confirmed,
            units_backordered=backordered,
            units_rejected=ordered - confirmed - backordered,
        ),
    ]


def _unit_price(order: Order, line: LineDecision) -> Decimal:
    """Our list price; the buyer's own price only where we have none. 0 when nobody named one."""
    if line.item is not None and line.item.sales_price is not None:
        return line.item.sales_price
    price = line.line.price
    if line.item is None or price is None or price.net is None or not price.net.value.is_finite():
        return ZERO
    base = price.base.value if price.base and price.base.value else Decimal(1)
    return price.net.value / base


def _response(order: Order, context: Context, lines: Sequence[LineDecision]) -> OrderResponse:
    statuses = {line.status for line in lines}
    promised = [line.promised for line in lines if line.promised and line.confirmed]
    return OrderResponse(
        id=f"OR{context.serial:06d}",
        issued_at=context.now,
        status=next(iter(statuses)) if statuses in ({"accepted"}, {"rejected"}) else "amended",
        order=DocumentRef(id=order.id, issued_at=order.issued_at),
        buyer=named(order.buyer, partner_party(context.partner)),
        seller=named(order.seller, own_party(context.own)),
        currency=_currency(order, lines),
        ship_to=order.ship_to,
        sales_order=f"SO{context.serial:06d}",
        promised_delivery=max(promised) if promised else None,
        lines=tuple(_answer(number, line) for number, line in enumerate(lines, start=1)),
    )


def _answer(number: int, line: LineDecision) -> OrderResponseLine:
    unit, per = line.line.quantity.unit, line.line.quantity.per
    price = None
    if line.item is not None and line.item.sales_price is not None and line.status != "rejected":
        price = Price(net=Amount(value=line.item.sales_price, currency=line.item.currency))
    return OrderResponseLine(
        number=str(number),
        order_line=line.said,
        status=line.status,
        item=replace(line.line.item, gtin=line.item.gtin) if line.item else line.line.item,
        ordered_quantity=line.line.quantity,
        confirmed_quantity=Quantity(value=line.confirmed, unit=unit, per=per),
        backorder_quantity=Quantity(value=line.backordered, unit=unit, per=per) if line.backordered else None,
        price=price,
        promised_delivery=line.promised,
        reason=line.reason,
    )
