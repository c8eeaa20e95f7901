"""A planner orders by hand, or takes an order back that planning has sent."""

from collections import defaultdict
from dataclasses import replace
from decimal import Decimal

from gateway.domain.cancellation import cancel
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.items import LARGEST
from gateway.domain.replenishment.approval import released
from gateway.domain.replenishment.cmi import closed
from gateway.domain.stock import ZERO, moved
from gateway.domain.terms import wanted_prices
from gateway.model.effects import Effect, OrderSaved
from gateway.model.faults import OurFault
from gateway.model.findings import Where
from gateway.model.order import Order
from gateway.model.planning import PlanAgreement
from gateway.model.replenishment import PlanningWord, PlanValue, ProposalLine, ReplenishmentProposal
from gateway.model.values import Amount, Item, Quantity

ORDER, CANCEL = "order", "cancel-order"
KINDS = (ORDER, CANCEL)
PURCHASE, FILLED = "PO", "VM"  # how the numbers of our planning's orders begin


def needs(word: PlanningWord, context: Context) -> Needs:
    """Return what it takes to order, or to cancel. values name the items in both."""
    gtins = frozenset(each.gtin for each in word.values)
    if word.kind == CANCEL:
        number = word.about or ""
        if number.startswith(PURCHASE):
            return Needs(orders=frozenset(("purchase", each, number) for each in context.own.suppliers))
        return Needs(
            orders=frozenset(("sale", each, number) for each in _customers(context)), stock=gtins, open_backorders=gtins
        )
    prices: set[tuple[str, str]] = set()
    for customer in _customers(context):
        if customer in context.partners:
            prices |= wanted_prices(replace(context, partner=context.partners[customer]), gtins)
    return Needs(stock=gtins, supply=gtins, prices=frozenset(prices))


def decide(word: PlanningWord, context: Context, snapshot: Snapshot) -> Decision:
    """Order at once, whatever the plan says, or cancel. Raises OurFault plan.order-*, plan.supplier-unknown."""
    return _cancel(word, context, snapshot) if word.kind == CANCEL else _order(word, context, snapshot)


def _customers(context: Context) -> set[str]:
    terms = context.own.planning
    return {each.partner for each in terms.agreements if each.partner} if terms is not None else set()


def _order(word: PlanningWord, context: Context, snapshot: Snapshot) -> Decision:
    sides: dict[tuple[str, str, str], list[ProposalLine]] = defaultdict(list)
    for index, value in enumerate(word.values):
        agreement, partner = _side(value, context, index)
        side = sides[partner, value.place, agreement.method]
        side.append(_line(value, len(side) + 1, agreement, word, context))
    if not sides or not word.reason.strip():
        raise OurFault("plan.order-wrong", Where(path="reason"), value=word.reason[:80] or "-")
    effects: list[Effect] = []
    answers: list[Answer] = []
    for number, ((partner, place, method), lines) in enumerate(sorted(sides.items()), start=1):
        name = f"{context.serial:06d}-M{number}"
        proposal = ReplenishmentProposal(
            id=f"RP{name}",
            issued_at=context.now,
            supplier=partner,
            ship_to=place,
            status="approved",
            lines=tuple(lines),
            value=_value(lines),
            approved_by=word.user,
            method=method,
        )
        caused, told = released(context, snapshot, proposal, name, word.user)
        effects += caused
        answers += told
    return Decision(effects=tuple(effects), answers=tuple(answers))


def _side(value: PlanValue, context: Context, index: int) -> tuple[PlanAgreement, str]:
    terms, item = context.own.planning, context.own.items.get(value.gtin)
    agreement = terms.of_place(value.place) if terms is not None else None
    partner = None
    if agreement is not None and item is not None and item.active:
        partner = item.supplier if agreement.method == "purchase" else agreement.partner
    quantity = value.quantity
    if agreement is None or partner is None or quantity is None or not 0 < quantity < LARGEST:
        where = Where(path=f"values[{index}]")
        raise OurFault("plan.order-wrong", where, value=f"{value.gtin} {value.place} {quantity}"[:80])
    return agreement, partner


def _line(
    value: PlanValue, number: int, agreement: PlanAgreement, word: PlanningWord, context: Context
) -> ProposalLine:
    item = context.own.items[value.gtin]
    bought = agreement.method == "purchase"
    price = item.purchase_price if bought else item.sales_price
    return ProposalLine(
        number=str(number),
        item=Item(gtin=item.gtin, seller_id=item.supplier_item if bought else None, description=item.name),
        quantity=Quantity(value=value.quantity or ZERO, unit=item.unit),
        price=None if price is None else Amount(value=price, currency=item.currency),
        system_quantity=ZERO,
        note=word.reason,
    )


def _value(lines: list[ProposalLine]) -> Amount | None:
    total = sum((line.price.value * line.quantity.value for line in lines if line.price is not None), Decimal(0))
    priced = next((line.price for line in lines if line.price is not None), None)
    return None if priced is None else Amount(value=total, currency=priced.currency)


def _cancel(word: PlanningWord, context: Context, snapshot: Snapshot) -> Decision:
    """Take back what nobody has shipped yet: the order goes out again as a cancellation (ORDERS, BGM 1225 = 1)."""
    known = next(iter(snapshot.orders.values()), None)
    number = word.about or ""
    if known is None or known.status == "cancelled" or not isinstance(known.document, Order):
        raise OurFault("plan.order-unknown", Where(path="about"), value=number[:80])
    if any(line.despatched or line.received for line in known.lines):
        raise OurFault("plan.order-shipped", Where(path="about"), value=number[:80])
    gone = replace(known.document, function="cancel", issued_at=context.now)
    told = Answer(to=known.partner, document=gone, about=number, optional=known.side == "sale")
    if known.side == "purchase":
        return Decision(effects=(_dropped(known), *_no_more_on_order(known, context)), answers=(told,))
    customer = context.partners.get(known.partner)
    if customer is None:
        raise OurFault("plan.order-unknown", Where(path="about"), value=number[:80])
    made = cancel(known.document, known, replace(context, partner=customer), snapshot)
    answers = [replace(each, optional=True) if each.to == customer.id else each for each in made.answers]
    effects = [replace(each, key=f"{number}:{each.key}"[:200]) for each in made.effects]
    over = [closed(known)] if known.status == "waiting" else []
    return replace(made, effects=(*effects, *over), answers=(told, *answers))


def _dropped(known: OrderSaved) -> OrderSaved:
    lines = tuple(replace(each, confirmed=ZERO, backordered=ZERO, status="cancelled") for each in known.lines)
    return replace(known, key=f"order:{known.number}", status="cancelled", pending=None, lines=lines)


def _no_more_on_order(known: OrderSaved, context: Context) -> list[Effect]:
    return [
        moved(
            f"cancel:{known.number}:{line.number}",
            context,
            line.gtin,
            "on_order",
            -(line.confirmed + line.backordered),
            "purchase-cancelled",
            known.number,
        )
        for line in known.lines
        if line.confirmed + line.backordered
    ]
