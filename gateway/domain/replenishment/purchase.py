"""From an approved proposal to an order that the supplier gets."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context
from gateway.domain.parties import day_of, own_party, partner_party, warehouse_party
from gateway.domain.splits import CROSS_DOCK
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import Effect, OrderLineState, OrderSaved, ProposalSaved
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.order import Order, OrderLine, Split
from gateway.model.replenishment import ProposalLine, ReplenishmentProposal
from gateway.model.values import Amount, Price

ORDER, CALL_OFF = "220", "226"  # UNCL 1001: purchase order, call off order


def order_goods(
    context: Context, proposal: ReplenishmentProposal, number: str, *, key: str | None = None
) -> tuple[list[Effect], Answer]:
    """Return the effects of ordering an approved proposal under number, and the order for the supplier.

    key: of the proposal's effect; None: the supplier.

    Raises OurFault plan.supplier-unknown when the supplier is no partner (any more).
    """
    supplier = context.partners.get(proposal.supplier)
    terms = context.own.suppliers.get(proposal.supplier)
    if supplier is None or terms is None:
        raise OurFault("plan.supplier-unknown", Where(path="supplier"), value=proposal.supplier)
    earliest = context.now.date() + timedelta(days=terms.lead_time_days)
    delivery = max(earliest, day_of(proposal.requested_delivery)) if proposal.requested_delivery else earliest
    order = Order(
        id=number,
        issued_at=context.now,
        type_code=_type(context, proposal),
        buyer=own_party(context.own),
        seller=partner_party(supplier),
        ship_to=warehouse_party(context.own),
        currency=terms.currency,
        requested_delivery=delivery,
        lines=_lines(context, proposal),
    )
    done = ProposalSaved(key=f"proposal:{key or proposal.supplier}", proposal=replace(proposal, order_id=number))
    effects = [done, _saved(context, proposal, order, delivery), *_moves(context, proposal, number)]
    return [*effects, _figures(proposal, number)], Answer(to=supplier.id, document=order, about=proposal.id)


def _type(context: Context, proposal: ReplenishmentProposal) -> str:
    if any(line.splits for line in proposal.lines):
        return CROSS_DOCK
    return CALL_OFF if _by_schedule(context, proposal.supplier) else ORDER


def _lines(context: Context, proposal: ReplenishmentProposal) -> tuple[OrderLine, ...]:
    """Return the order's lines. In a cross-docking order each line says who gets what: where nobody waits, we do."""
    lines = [_line(line) for line in proposal.lines]
    if _type(context, proposal) != CROSS_DOCK:
        return tuple(lines)
    return tuple(
        each if each.splits else replace(each, splits=(Split(location=context.own.warehouse, quantity=each.quantity),))
        for each in lines
    )


def _by_schedule(context: Context, supplier: str) -> bool:
    """Tell whether the supplier knows from a schedule what is coming: then an order calls it off."""
    terms = context.own.planning
    ours = terms.of_place(context.own.warehouse) if terms is not None else None
    return ours is not None and ours.schedule_of(supplier) is not None


def _saved(context: Context, proposal: ReplenishmentProposal, order: Order, delivery: date) -> Effect:
    return OrderSaved(
        key=f"order:{order.id}",
        side="purchase",
        partner=proposal.supplier,
        number=order.id,
        status="open",
        ordered_on=context.now.date(),
        ship_to=context.own.warehouse,
        currency=order.currency,
        document=order,
        lines=tuple(_state(line, delivery) for line in proposal.lines),
    )


def _moves(context: Context, proposal: ReplenishmentProposal, number: str) -> list[Effect]:
    return [
        moved(
            f"order:{number}:{line.number}:on_order",
            context,
            line.item.gtin or "",
            "on_order",
            line.quantity.value,
            "purchase-ordered",
            number,
        )
        for line in proposal.lines
    ]


def _figures(proposal: ReplenishmentProposal, number: str) -> Effect:
    return activity(
        f"ordered:{number}",
        proposal.supplier,
        "purchase-ordered",
        number,
        purchase_orders=1,
        purchase_lines=len(proposal.lines),
        units_purchased=sum((line.quantity.value for line in proposal.lines), ZERO),
        purchase_value=sum((_value(line) for line in proposal.lines), ZERO),
    )


def _value(line: ProposalLine) -> Decimal:
    return line.price.value * line.quantity.value if line.price else ZERO


def _line(line: ProposalLine) -> OrderLine:
    amount = Amount(value=_value(line), currency=line.price.currency) if line.price else None
    return OrderLine(
        number=line.number,
        item=line.item,
        quantity=line.quantity,
        price=Price(net=line.price) if line.price else None,
        amount=amount,
        splits=line.splits,
    )


def _state(line: ProposalLine, delivery: date) -> OrderLineState:
    """Until the supplier answers, what we ordered counts as confirmed: planning must not order it again."""
    return OrderLineState(
        number=line.number,
        gtin=line.item.gtin or "",
        ordered=line.quantity.value,
        confirmed=line.quantity.value,
        price=line.price.value if line.price else None,
        requested=delivery.isoformat(),
        promised=delivery.isoformat(),
    )
