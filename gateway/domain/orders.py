"""A customer's order, in all its functions: original, duplicate, copy, change, replacement, cancellation.

The same order again changes nothing; a second original of the same number with other content is for a person to judge.
"""

from dataclasses import replace

from gateway.domain.cancellation import cancel
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.mandates import account_asked, account_of
from gateway.domain.order_changes import changed_order
from gateway.domain.order_checks import content_digest, note
from gateway.domain.order_taking import Taking, known_items, take
from gateway.domain.parties import trading
from gateway.domain.replenishment import cmi, supplier_orders
from gateway.domain.terms import wanted_calendars, wanted_prices
from gateway.model.effects import OrderSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.order import Order
from gateway.model.order_change import OrderCancellation, OrderChange
from gateway.model.values import DocumentRef, Party

REVISIONS = ("change", "replace", "cancel")


def needs(order: Order, context: Context) -> Needs:
    """Return the records for deciding order: itself if we have it, stock, supply and prices of its items."""
    if supplier_orders.raises(order, context):
        return supplier_orders.needs(order, context)
    context = account_asked(order.buyer, context)
    ship_to = order.ship_to.gln if order.ship_to else None
    items = known_items(order, context)
    found = order_needs(order.id, items, context, revision=order.function in REVISIONS, ship_to=ship_to)
    if (offered := _offer(order)) is None:
        return found
    return replace(found, orders=found.orders | {("sale", context.partner.id, offered)})


def _offer(order: Order) -> str | None:
    """Return the number of our offer that an order quotes."""
    quoted = order.refs.sales_order if order.refs else None
    return quoted if quoted and cmi.is_offer(quoted) else None


def order_needs(
    number: str, gtins: frozenset[str], context: Context, *, revision: bool, ship_to: str | None = None
) -> Needs:
    """Return what it takes to decide on an order with these items. revision: it may free units for backorders.
    ship_to: GLN of the place that the goods go to."""
    partner = context.partner.id
    limited = context.partner.terms_on(context.now.date()).credit_limit is not None
    return Needs(
        orders=frozenset({("sale", partner, number)}),
        stock=gtins,
        supply=gtins,
        prices=wanted_prices(context, gtins),
        calendars=wanted_calendars(context, ship_to),
        receivables=frozenset({partner}) if limited else frozenset(),
        open_backorders=gtins if revision else frozenset(),
    )


def decide(order: Order, context: Context, snapshot: Snapshot) -> Decision:
    """Take, repeat, change, cancel or refuse an order.

    Raises PartnerFault order.* for content that contradicts itself or our records, OurFault item.unknown,
    order.buyer-other and order.function-not-supported for what we cannot judge.
    """
    if supplier_orders.raises(order, context):
        return supplier_orders.decide(order, context, snapshot)
    _expect_seller(order, context)
    context, said = _account(order.buyer, context)
    made = _judged(order, context, snapshot)
    return replace(made, findings=(*said, *made.findings)) if said else made


def _judged(order: Order, context: Context, snapshot: Snapshot) -> Decision:
    known = snapshot.orders.get(("sale", context.partner.id, order.id))
    match order.function:
        case "cancel":
            return cancel(order, known, context, snapshot)
        case "copy":
            return Decision(findings=(note("order.copy", "function"),))
        case "change":
            if known is None:
                raise PartnerFault("order.change-unknown", Where(path="id"), value=order.id)
            change = OrderChange(
                id=order.id,
                issued_at=order.issued_at,
                order=DocumentRef(id=known.number),
                buyer=order.buyer,
                seller=order.seller,
                lines=order.lines,
                ship_to=order.ship_to,
                requested_delivery=order.requested_delivery,
                delivery_window=order.delivery_window,
            )
            return _revise(known, changed_order(known, change), context, snapshot, None)
        case "replace":
            return _replace(order, known, context, snapshot)
        case "original" | "duplicate":
            return _original(order, known, context, snapshot)
        case _:
            raise OurFault("order.function-not-supported", Where(path="function"), value=order.function)


def _account(buyer: Party | None, context: Context) -> tuple[Context, tuple[Finding, ...]]:
    """Return whose records the order is about. A provider that orders for others need not be a customer itself."""
    if not context.partner.orders_for:
        _expect_customer(context)
    context, said = account_of(buyer, context)
    _expect_customer(context)
    return context, said


def _expect_customer(context: Context) -> None:
    if context.partner.kind != "partner" or context.partner.role == "supplier":
        raise PartnerFault("order.sender-unexpected", Where(path="buyer"), value=context.partner.id)


def _expect_seller(order: Order, context: Context) -> None:
    """A GLN that we do not know may be a name of ours; that of another partner never is."""
    gln = order.seller.gln if order.seller else None
    if gln and any(i.value == gln for each in trading(context) if each.id != context.partner.id for i in each.ids):
        raise PartnerFault("order.not-for-us", Where(path="seller"), value=gln)


def _original(order: Order, known: OrderSaved | None, context: Context, snapshot: Snapshot) -> Decision:
    if known is not None:
        if known.digest == content_digest(order):
            return Decision(findings=(note("order.repeat", "id", order.id),))
        raise PartnerFault("order.number-clash", Where(path="id"), value=order.id)
    unknown = (note("order.duplicate-unknown", "function", order.id),) if order.function == "duplicate" else ()
    made = take(Taking(order=order, findings=unknown), context, snapshot)
    over = cmi.ordered_instead(snapshot.orders.get(("sale", context.partner.id, _offer(order) or "")))
    return replace(made, effects=(*made.effects, *over)) if over else made


def _replace(order: Order, known: OrderSaved | None, context: Context, snapshot: Snapshot) -> Decision:
    """A replacement of an order that we never had is taken as the order itself."""
    order = replace(order, function="original")
    if known is None:
        unknown = note("order.replace-unknown", "function", order.id)
        return take(Taking(order=order, findings=(unknown,)), context, snapshot)
    return _revise(known, order, context, snapshot, None)


def _revise(
    known: OrderSaved, order: Order, context: Context, snapshot: Snapshot, source: tuple[str, str] | None
) -> Decision:
    if known.status == "cancelled":
        raise PartnerFault("order.change-of-cancelled", Where(path="id"), value=order.id)
    if known.digest == content_digest(order) or known.pending == order:
        return Decision(findings=(note("order.repeat", "id", order.id),))
    return take(Taking(order=order, known=known, source=source), context, snapshot)


def change_needs(change: OrderChange, context: Context) -> Needs:
    """Return the order that is changed, with the items that the change names."""
    as_order = Order(
        id=change.order.id, issued_at=change.issued_at, buyer=change.buyer, seller=change.seller, lines=change.lines
    )
    return order_needs(
        change.order.id, known_items(as_order, context), account_asked(change.buyer, context), revision=True
    )


def decide_change(change: OrderChange, context: Context, snapshot: Snapshot) -> Decision:
    """Bring the order to what the change says.

    Raises PartnerFault order.change-unknown, order.change-line-unknown, order.change-of-cancelled, OurFault
    order.buyer-other.
    """
    context, said = _account(change.buyer, context)
    known = snapshot.orders.get(("sale", context.partner.id, change.order.id))
    if known is None:
        raise PartnerFault("order.change-unknown", Where(path="order.id"), value=change.order.id)
    made = _revise(known, changed_order(known, change), context, snapshot, ("OrderChange", change.id))
    return replace(made, findings=(*said, *made.findings)) if said else made


def cancellation_needs(cancellation: OrderCancellation, context: Context) -> Needs:
    """Return the order; which items it frees is not known yet, so that backorders wait for the next receipt."""
    return order_needs(cancellation.order.id, frozenset(), account_asked(cancellation.buyer, context), revision=False)


def decide_cancellation(cancellation: OrderCancellation, context: Context, snapshot: Snapshot) -> Decision:
    """Take the whole order back. Raises PartnerFault order.cancel-unknown, OurFault order.buyer-other."""
    context, _ = _account(cancellation.buyer, context)
    number = cancellation.order.id
    known = snapshot.orders.get(("sale", context.partner.id, number))
    if known is None or not isinstance(known.document, Order):
        raise PartnerFault("order.cancel-unknown", Where(path="order.id"), value=number)
    return cancel(replace(known.document, function="cancel"), known, context, snapshot)
