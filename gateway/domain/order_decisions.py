"""A person's word on an order that waits: taken with his changes, or refused."""

from dataclasses import replace

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.items import ItemFinder
from gateway.domain.order_reply import header_response
from gateway.domain.order_taking import NEW, Taking, take
from gateway.domain.orders import order_needs
from gateway.domain.stock import ZERO
from gateway.model.effects import CaseClosed, Effect, OrderSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.order import Order
from gateway.model.order_decision import OrderDecision
from gateway.model.partner import Agreement

ORDER_MESSAGES = ("ORDERS", "Order", "order")


def _as_customer(decision: OrderDecision, context: Context) -> Context:
    """Return the context as if the customer spoke: its terms and its agreement on orders count.

    Raises PartnerFault order.decision-sender, OurFault partner.unknown.
    """
    if context.partner.kind != "self":
        raise PartnerFault("order.decision-sender", Where(path="user"), value=context.partner.id)
    customer = context.partners.get(decision.partner)
    if customer is None:
        raise OurFault("partner.unknown", Where(path="partner"), value=decision.partner)
    return replace(context, partner=customer, agreement=_agreement(customer.on(context.now.date()).agreements))


def _agreement(agreements: tuple[Agreement, ...]) -> Agreement | None:
    return next((a for a in agreements if a.direction == "receive" and a.message_type in ORDER_MESSAGES), None)


def needs(decision: OrderDecision, context: Context) -> Needs:
    """Return the order with stock, supply and prices of the items that the decision names."""
    customer = _as_customer(decision, context)
    finder = ItemFinder(context.own)
    gtins = {found.gtin for item in decision.items if (found := finder.find(item)) is not None}
    gtins |= {word.substitute for word in decision.lines if word.substitute}
    return order_needs(decision.order, frozenset(gtins), customer, revision=True)


def decide(decision: OrderDecision, context: Context, snapshot: Snapshot) -> Decision:
    """Take or refuse what waits; a second decision changes nothing.

    Raises OurFault order.decision-unknown, order.not-known, item.unknown for a substitute that is not ours.
    """
    customer = _as_customer(decision, context)
    known = snapshot.orders.get(("sale", decision.partner, decision.order))
    if known is None:
        raise OurFault("order.not-known", Where(path="order"), value=decision.order)
    if decision.decision not in ("accept", "reject"):
        raise OurFault("order.decision-unknown", Where(path="decision"), value=decision.decision)
    if known.status != "waiting" or not isinstance(known.pending, Order):
        finding = Finding(
            code="order.already-decided", severity="warning", value=known.number, params=(("status", known.status),)
        )
        return Decision(findings=(finding,))
    for word in decision.lines:
        if word.substitute is not None and word.substitute not in context.own.items:
            raise OurFault("item.unknown", Where(path="lines"), value=word.substitute)
    if decision.decision == "reject":
        return _refused(decision, known, known.pending, customer)
    words = {word.number: word for word in decision.lines}
    return take(Taking(order=known.pending, known=known, words=words), customer, snapshot)


def _refused(decision: OrderDecision, known: OrderSaved, pending: Order, customer: Context) -> Decision:
    """A new order is rejected as a whole; of a change only the change, and the order stands as it was."""
    fresh = all(line.status in NEW for line in known.lines)
    closed = CaseClosed(key="waits", account=known.partner, code="order.waits", subject=known.number)
    if fresh:
        lines = tuple(replace(each, status="rejected", reason="order.refused-by-person") for each in known.lines)
        saved = replace(known, key="order", status="rejected", pending=None, lines=lines)
        units = sum((line.ordered for line in lines), ZERO)
        value = sum((line.ordered * (line.price or ZERO) for line in lines), ZERO)
        figures: tuple[Effect, ...] = (
            activity(
                "received",
                known.partner,
                "order-received",
                known.number,
                orders=1,
                order_lines=len(lines),
                units_ordered=units,
                order_value=value,
            ),
            activity("answered", known.partner, "order-answered", known.number, responses=1, units_rejected=units),
        )
    else:
        status = "open" if all(line.status == "accepted" for line in known.lines) else "amended"
        saved = replace(known, key="order", status=status, pending=None)
        figures = (activity("changed", known.partner, "order-changed", known.number, changes=1, responses=1),)
    answer = header_response(pending, customer, "rejected", decision.reason)
    return Decision(
        effects=(saved, closed, *figures),
        answers=(Answer(to=known.partner, document=answer, about=known.number),),
    )
