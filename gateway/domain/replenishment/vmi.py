"""We fill a customer's place: the order that we raise ourselves goes into our books and, as such, to the customer.

Source: EANCOM 1997 and 2002, ORDERS, BGM 1001 = 22E: manufacturer raised order.
"""

from dataclasses import replace

from gateway.domain.decision import Answer, Context, Decision, Snapshot
from gateway.domain.order_taking import Taking, take
from gateway.domain.parties import own_party, partner_party
from gateway.domain.replenishment.docked_items import docked_items
from gateway.model.effects import Effect, ProposalSaved
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.order import Order, OrderLine, OrderResponse
from gateway.model.order_decision import LineWord
from gateway.model.partner import Partner
from gateway.model.replenishment import ReplenishmentProposal
from gateway.model.values import Price, party

RAISED_BY_MAKER = "22E"


def fill_place(
    context: Context, snapshot: Snapshot, proposal: ReplenishmentProposal, number: str
) -> tuple[list[Effect], list[Answer]]:
    """Return the effects of our own order for a customer's place and whom it is told: the customer (as agreed an order
    22E, else our answer to it), and our warehouse.

    Raises OurFault plan.customer-unknown.
    """
    customer = context.partners.get(proposal.supplier)
    if customer is None:
        raise OurFault("plan.customer-unknown", Where(path="customer"), value=proposal.supplier)
    order = raised_order(context, customer, proposal, number)
    promised = _promised(context, order)
    agreements = customer.on(context.now.date()).agreements
    agreed = next((a for a in agreements if a.direction == "receive" and a.message_type.startswith("ORD")), None)
    taken: Decision = take(
        Taking(order=order, words=promised), replace(context, partner=customer, agreement=agreed), snapshot
    )
    effects: list[Effect] = [replace(each, key=f"{number}:{each.key}"[:200]) for each in taken.effects]
    done = ProposalSaved(key=f"proposal:{proposal.id}", proposal=replace(proposal, order_id=number))
    answers = [
        replace(each, optional=True) if isinstance(each.document, OrderResponse) else each for each in taken.answers
    ]
    told = Answer(to=customer.id, document=order, about=proposal.id, optional=True)
    return [done, *effects], [told, *answers]


def _promised(context: Context, order: Order) -> dict[str, LineWord]:
    """Goods that our warehouse does not keep are bought for this order: they come on the day it was planned for."""
    docked = docked_items(context.own, context.own.planning) if context.own.planning is not None else frozenset()
    return {
        line.number: LineWord(number=line.number, promised=order.requested_delivery)
        for line in order.lines
        if line.item.gtin in docked
    }


def raised_order(context: Context, customer: Partner, proposal: ReplenishmentProposal, number: str) -> Order:
    """Return a proposal as the order that we raise for the customer's place."""
    return Order(
        id=number,
        issued_at=context.now,
        type_code=RAISED_BY_MAKER,
        buyer=partner_party(customer),
        seller=own_party(context.own),
        ship_to=party(proposal.ship_to),
        currency=next((line.price.currency for line in proposal.lines if line.price), None),
        requested_delivery=proposal.requested_delivery,
        lines=tuple(
            OrderLine(
                number=line.number,
                item=line.item,
                quantity=line.quantity,
                price=Price(net=line.price) if line.price else None,
            )
            for line in proposal.lines
        ),
    )
