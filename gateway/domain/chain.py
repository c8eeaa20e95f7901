"""The chain of documents: which document follows from which, told from what a decision causes.

Deciders link what only they know (an invoice to its despatch, a payment to its invoices). What every document of a type
has in common is linked here: despatches and their receipts, responses, cancellations.
"""

from collections.abc import Iterator

from gateway.domain.decision import Context, Decision
from gateway.domain.replenishment.supplier_orders import OFFERED
from gateway.model.despatch_advice import DespatchAdvice, ReceivingAdvice
from gateway.model.documents import Document
from gateway.model.effects import DocumentLinked, OrderSaved, ProposalSaved, ShipmentSaved, Side
from gateway.model.order import Order, OrderResponse
from gateway.model.order_change import OrderCancellation, OrderChange

Step = tuple[Side, str, str, str, str, str]  # side, partner, source type, source, type, number


def links(document: Document, context: Context, decision: Decision) -> tuple[DocumentLinked, ...]:
    """Return the steps that decision does not link itself; nothing for a document that changes nothing."""
    known = {
        (e.side, e.partner, e.source_type, e.source, e.to_type, e.to)
        for e in decision.effects
        if isinstance(e, DocumentLinked)
    }
    answered = {(partner, to_type, to) for _, partner, _, _, to_type, to in known}
    found: dict[Step, None] = {}
    for step in (*_goods(document, decision), *_answers(document, context, decision)):
        linked_elsewhere = step[4] == "OrderResponse" and (step[1], step[4], step[5]) in answered
        if step not in known and not linked_elsewhere:
            found[step] = None
    return tuple(
        DocumentLinked(
            key=f"chain:{n}",
            side=side,
            partner=partner,
            source_type=source_type,
            source=source,
            to_type=to_type,
            to=to,
        )
        for n, (side, partner, source_type, source, to_type, to) in enumerate(found)
    )


def _goods(document: Document, decision: Decision) -> Iterator[Step]:
    shipments = [each for each in decision.effects if isinstance(each, ShipmentSaved)]
    if isinstance(document, DespatchAdvice):
        for shipment in shipments:
            for order in decision.effects:
                if isinstance(order, OrderSaved) and (order.side, order.partner) == (shipment.side, shipment.partner):
                    yield order.side, order.partner, "Order", order.number, "DespatchAdvice", shipment.number
    elif isinstance(document, ReceivingAdvice):
        for shipment in shipments:
            source = (shipment.side, shipment.partner, "DespatchAdvice", shipment.number)
            yield (*source, "ReceivingAdvice", document.id)


def _answers(document: Document, context: Context, decision: Decision) -> Iterator[Step]:
    """A supplier's response belongs to our order, a customer's cancellation to its order, ours to what was asked."""
    if isinstance(document, OrderResponse):
        offered = any(isinstance(each, OrderSaved) and each.side == "sale" for each in decision.effects)
        side: Side = "sale" if offered else "purchase"  # a customer answers what we have offered
        yield side, context.partner.id, "Order", document.order.id, "OrderResponse", document.id
        return
    asked: tuple[str, str] | None = None
    if isinstance(document, OrderCancellation | OrderChange) and decision.effects:
        asked = (type(document).__name__, document.id)
        yield "sale", context.partner.id, "Order", document.order.id, *asked
    elif isinstance(document, Order):
        asked = ("Order", document.id)
    for answer in decision.answers:
        if isinstance(answer.document, OrderResponse):
            source = asked or ("Order", answer.document.order.id)
            raised = answer.to in _raised_by(decision)  # by a supplier who plans for us: we are the buyer
            yield "purchase" if raised else "sale", answer.to, *source, "OrderResponse", answer.document.id


def _raised_by(decision: Decision) -> set[str]:
    """Return the suppliers whose own orders and offers the decision is about."""
    return {
        each.proposal.supplier
        for each in decision.effects
        if isinstance(each, ProposalSaved) and each.proposal.method == OFFERED
    }
