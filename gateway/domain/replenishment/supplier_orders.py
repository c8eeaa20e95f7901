"""Our supplier plans what we get: he raises the order, by his own document or by the advice of what he has sent.

Under VMI what he raises (ORDERS 22E, or an ORDRSP to no order of ours) is an order at once; under CMI it is an offer:
inside the agreed minimum and maximum and our limit it is accepted, else it waits on the work list. Goods that come
without any order of ours are on the road all the same. All of it stands in the position like an order of our own.

Source: EANCOM 1997 and 2002, ORDERS, BGM 1001 = 22E, used for both modes; EAN.UCC, Continuous Replenishment (2000).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot, StockLevel
from gateway.domain.items import ItemFinder, identifier, is_unit_of, item_path, positive_amount
from gateway.domain.order_checks import content_digest, note
from gateway.domain.parties import day_of, own_party, partner_party
from gateway.domain.replenishment.effective import effective
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import CaseClosed, CaseOpened, Effect, OrderLineState, OrderSaved, ProposalSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Where
from gateway.model.order import Order, OrderLine, OrderResponse, OrderResponseLine
from gateway.model.partner import ItemRecord
from gateway.model.planning import PlanAgreement, PlanParameters, SupplierPlan
from gateway.model.replenishment import ProposalLine, ReplenishmentProposal
from gateway.model.values import Amount, DocumentRef, Item, Quantity

RAISED_BY_MAKER = "22E"
OFFERED = "offered"  # method of a proposal that a supplier has made
OVER, UNDER, OFFERS = "plan.supplier-over", "plan.supplier-under", "plan.supplier-offers"
LONGEST_NUMBER = 40


def plan_of(context: Context) -> SupplierPlan | None:
    """Return how the sender plans what we get; None: we order from him ourselves."""
    ours = agreement_of(context)
    return ours.planned_by(context.partner.id) if ours is not None else None


def agreement_of(context: Context) -> PlanAgreement | None:
    """Return the agreement of our warehouse."""
    terms = context.own.planning
    return terms.of_place(context.own.warehouse) if terms is not None else None


def raises(order: Order, context: Context) -> bool:
    """Tell whether an order is one that a supplier raises for us."""
    return order.type_code == RAISED_BY_MAKER and plan_of(context) is not None


def outside(units: Decimal, parameters: PlanParameters) -> str | None:
    """Return the code when a position is not between the agreed minimum and maximum."""
    if parameters.maximum is not None and units > parameters.maximum:
        return OVER
    if parameters.minimum is not None and units < parameters.minimum:
        return UNDER
    return None


def proposal_id(supplier: str, number: str) -> str:
    """Return the name of a supplier's offer in our books. Raises PartnerFault document.number-too-long."""
    if len(number) > LONGEST_NUMBER:
        raise PartnerFault("document.number-too-long", Where(path="id"), value=number[:80])
    return f"CO-{supplier}-{number}"[:80]


def needs(order: Order, context: Context) -> Needs:
    """Return the order if we have it, its offer, and position and agreed levels of its items."""
    finder = ItemFinder(context.own, context.partner.id)
    gtins = frozenset(item.gtin for line in order.lines if (item := finder.find(line.item)) is not None)
    return Needs(
        orders=frozenset({("purchase", context.partner.id, order.id)}),
        proposals=frozenset({proposal_id(context.partner.id, order.id)}),
        stock=gtins,
        plan_parameters=frozenset((context.own.warehouse, each) for each in gtins),
    )


def answered_needs(response: OrderResponse, context: Context) -> Needs:
    """Return the same for a confirmation of what may be no order of ours."""
    return needs(as_order(response), context)


def as_order(response: OrderResponse) -> Order:
    """Return what a supplier confirms without our order as the order that he raises; what he refuses is none."""
    day = response.promised_delivery
    lines = tuple(
        OrderLine(
            number=line.order_line or line.number,
            item=line.item,
            quantity=line.confirmed_quantity or line.ordered_quantity or Quantity(value=ZERO),
            price=line.price,
            requested_delivery=line.promised_delivery,
        )
        for line in response.lines
        if line.status not in ("rejected", "substituted")
    )
    return Order(
        id=response.order.id or response.id,
        issued_at=response.issued_at,
        type_code=RAISED_BY_MAKER,
        buyer=response.buyer,
        seller=response.seller,
        lines=lines,
        currency=response.currency,
        ship_to=response.ship_to,
        requested_delivery=day,
    )


def decide(order: Order, context: Context, snapshot: Snapshot) -> Decision:
    """Take what a supplier raises: a new order or offer, another state of it, its end; the same again changes nothing.

    Raises PartnerFault order.number-clash, plan.supplier-shipped, plan.supplier-item, order.unit-not-sold.
    """
    supplier, plan = context.partner.id, plan_of(context)
    if plan is None:
        raise PartnerFault("order.sender-unexpected", Where(path="buyer"), value=supplier)
    known = snapshot.orders.get(("purchase", supplier, order.id))
    offer = snapshot.proposals.get(proposal_id(supplier, order.id))
    digest = content_digest(order)
    same = known is not None and known.digest == digest
    if order.function != "cancel" and (same or _same(offer, order, digest, context)):
        return Decision(findings=(note("order.repeat", "id", order.id),))
    again = known is not None or (offer is not None and offer.status != "withdrawn")
    if again and order.function not in ("replace", "change", "cancel"):
        raise PartnerFault("order.number-clash", Where(path="id"), value=order.id)
    if known is not None and any(line.despatched or line.received for line in known.lines):
        raise PartnerFault("plan.supplier-shipped", Where(path="id"), value=order.id)
    if order.function == "cancel":
        return Decision(effects=tuple(_over(known, offer, context)))
    items = [_item(line, index, context) for index, line in enumerate(order.lines)]
    if not items:
        raise PartnerFault("order.no-lines", Where(path="lines"), value=order.id)
    waiting = _offer(order, items, context, snapshot)
    before = _over(known, offer, context, keep=waiting.id)
    agreement = agreement_of(context)
    if plan.mode == "cmi" and agreement is not None and not _accepted(waiting, agreement):
        return Decision(effects=(*before, ProposalSaved(key="offer", proposal=waiting), _case(waiting)))
    effects, answers = accepted(context, snapshot, waiting, list(waiting.lines), "agreed", digest=digest)
    if offer is not None and offer.status == "proposed":
        effects.append(closed(offer))
    return Decision(effects=(*before, *effects), answers=tuple(answers))


def _same(offer: ReplenishmentProposal | None, order: Order, digest: str, context: Context) -> bool:
    """Tell whether an offer that was not taken back says what the order says, whatever became of its lines since."""
    if offer is None or offer.status == "withdrawn":
        return False
    if offer.raised is not None:
        return offer.raised == digest
    if len(offer.lines) != len(order.lines):  # kept before offers knew what had raised them
        return False
    finder = ItemFinder(context.own, context.partner.id)
    return all(
        (item := finder.find(line.item)) is not None
        and (item.gtin, line.quantity.value)
        == (each.item.gtin, each.quantity.value if each.system_quantity is None else each.system_quantity)
        for each, line in zip(offer.lines, order.lines, strict=True)
    )


def _item(line: OrderLine, index: int, context: Context) -> ItemRecord:
    item = ItemFinder(context.own, context.partner.id).find(line.item)
    if item is None or not item.active or item.supplier != context.partner.id:
        path = item_path(f"lines[{index}]", line.item)
        raise PartnerFault("plan.supplier-item", Where(path=path), value=identifier(line.item))
    path = f"lines[{index}].quantity"
    if not is_unit_of(line.quantity, item):
        raise PartnerFault("order.unit-not-sold", Where(path=path), value=line.quantity.unit, unit=item.unit)
    positive_amount(line.quantity, path)
    return item


def _offer(order: Order, items: Sequence[ItemRecord], context: Context, snapshot: Snapshot) -> ReplenishmentProposal:
    """Return what the supplier raises as a proposal, each line judged against what is agreed for the item."""
    agreement, place = agreement_of(context), context.own.warehouse
    agreed = agreement.parameters if agreement is not None else PlanParameters()
    lines = []
    for line, item in zip(order.lines, items, strict=True):
        own = snapshot.plan_parameters.get((place, item.gtin), {})
        after = _position(snapshot.stock.get(item.gtin, StockLevel())) + line.quantity.value
        code = outside(after, effective(agreed, own))
        lines.append(
            ProposalLine(
                number=line.number,
                item=Item(gtin=item.gtin, seller_id=item.supplier_item, description=item.name),
                quantity=Quantity(value=line.quantity.value, unit=item.unit),
                price=_price(line, item, order),
                exceptions=(OFFERS,) if code is None else (OFFERS, code),
            )
        )
    days = [each for line in order.lines if (each := line.requested_delivery or order.requested_delivery)]
    return ReplenishmentProposal(
        id=proposal_id(context.partner.id, order.id),
        issued_at=context.now,
        supplier=context.partner.id,
        ship_to=place,
        status="proposed",
        lines=tuple(lines),
        value=total(lines),
        order_id=order.id,
        requested_delivery=max(map(day_of, days), default=None),
        method=OFFERED,
        limit=_limit(context, agreement),
        raised=content_digest(order),
    )


def _position(level: StockLevel) -> Decimal:
    return level.available - level.backordered + level.on_order + level.in_transit


def _price(line: OrderLine, item: ItemRecord, order: Order) -> Amount | None:
    if line.price is not None and line.price.net is not None:
        return Amount(value=line.price.net.value, currency=line.price.net.currency or order.currency or item.currency)
    return None if item.purchase_price is None else Amount(value=item.purchase_price, currency=item.currency)


def total(lines: Iterable[ProposalLine]) -> Amount | None:
    """Return what lines come to; None when one of them has no price."""
    prices = [(line.price, line.quantity.value) for line in lines]
    if not prices or any(price is None for price, _ in prices):
        return None
    value = sum((price.value * units for price, units in prices if price is not None), ZERO)
    return Amount(value=value, currency=prices[0][0].currency if prices[0][0] is not None else None)


def _limit(context: Context, agreement: PlanAgreement | None) -> Amount | None:
    terms = context.own.suppliers.get(context.partner.id)
    value = agreement.value_limit if agreement is not None else None
    if value is None and terms is not None:
        value = terms.approval_limit
    return None if value is None else Amount(value=value, currency=terms.currency if terms is not None else None)


def _accepted(offer: ReplenishmentProposal, agreement: PlanAgreement) -> bool:
    """Tell whether an offer is accepted without a person."""
    if agreement.approval == "planner" or any(line.exceptions != (OFFERS,) for line in offer.lines):
        return False
    return offer.limit is None or (offer.value is not None and offer.value.value <= offer.limit.value)


def _case(offer: ReplenishmentProposal) -> CaseOpened:
    value = f"{offer.value.value:f} {offer.value.currency}" if offer.value else "?"
    limit = f"{offer.limit.value:f} {offer.limit.currency}" if offer.limit else "-"
    return CaseOpened(
        key=f"case:{offer.id}",
        account=offer.supplier,
        code="plan.approval-needed",
        subject=offer.id,
        params={"value": value, "limit": limit, "proposal": offer.id},
    )


def _over(
    known: OrderSaved | None, offer: ReplenishmentProposal | None, context: Context, keep: str | None = None
) -> list[Effect]:
    """Return the end of an earlier state. keep: the offer that takes its place."""
    effects: list[Effect] = []
    if offer is not None and offer.status == "proposed" and offer.id != keep:
        gone = replace(offer, status="withdrawn")
        effects += [ProposalSaved(key="gone", proposal=gone), closed(offer)]
    if known is None:
        return effects
    for line in known.lines:
        if line.confirmed + line.backordered:
            units = -(line.confirmed + line.backordered)
            key, why = f"gone:{line.number}", "purchase-cancelled"
            effects.append(moved(key, context, line.gtin, "on_order", units, why, known.number))
    if keep is None:
        lines = tuple(replace(each, confirmed=ZERO, backordered=ZERO, status="cancelled") for each in known.lines)
        effects.append(replace(known, key="gone", status="cancelled", lines=lines))
    return effects


def closed(offer: ReplenishmentProposal) -> CaseClosed:
    """Return the end of the case in which a supplier's offer waited for approval."""
    return CaseClosed(key=f"case:{offer.id}", account=offer.supplier, code="plan.approval-needed", subject=offer.id)


def decision_needs(proposal: str, context: Context) -> Needs:
    """Return the order that a decision on an offer adds to; nothing for other proposals."""
    orders = frozenset(
        ("purchase", each, proposal.removeprefix(f"CO-{each}-"))
        for each in context.own.suppliers
        if proposal.startswith(f"CO-{each}-")
    )
    return Needs(proposals=frozenset({proposal}), orders=orders)  # type: ignore[arg-type]


def accepted(
    context: Context,
    snapshot: Snapshot,
    offer: ReplenishmentProposal,
    chosen: Sequence[ProposalLine],
    user: str,
    *,
    rest: bool = False,
    refused: Sequence[ProposalLine] = (),
    digest: str | None = None,
) -> tuple[list[Effect], list[Answer]]:
    """Return the effects of taking lines of what a supplier has raised, and our word to him, where he has agreed on it.

    rest: other lines of the offer still wait. refused: lines of which nothing is taken.

    Raises OurFault plan.supplier-unknown.
    """
    supplier = context.partners.get(offer.supplier)
    if supplier is None:
        raise OurFault("plan.supplier-unknown", Where(path="supplier"), value=offer.supplier)
    number = offer.order_id or offer.id
    known = snapshot.orders.get(("purchase", supplier.id, number))
    kept = () if known is None or digest is not None else known.lines
    saved = OrderSaved(
        key=f"order:{number}",
        side="purchase",
        partner=supplier.id,
        number=number,
        status="open",
        ordered_on=context.now.date(),
        ship_to=offer.ship_to,
        currency=offer.value.currency if offer.value else None,
        digest=digest if known is None or digest is not None else known.digest,
        lines=(*kept, *(_state(line, offer) for line in chosen)),
    )
    done = replace(offer, status="approved", lines=tuple(chosen), approved_by=user, value=total(chosen))
    effects: list[Effect] = [ProposalSaved(key=f"proposal:{done.id}", proposal=done), saved]
    for line in chosen:
        key, units = f"raised:{number}:{line.number}", line.quantity.value
        effects.append(moved(key, context, line.item.gtin or "", "on_order", units, "supplier-raised", number))
    figures = {"purchase_orders": Decimal(1), "purchase_lines": Decimal(len(chosen))}
    figures["units_purchased"] = sum((line.quantity.value for line in chosen), ZERO)
    effects.append(activity("ordered", supplier.id, "purchase-ordered", number, **figures))
    changed = rest or bool(refused) or any(line.system_quantity is not None for line in chosen)
    said = tuple(_answer_line(line) for line in (*chosen, *refused))
    answer = answer_to(context, offer, "amended" if changed else "accepted", said)
    return effects, [Answer(to=supplier.id, document=answer, about=number, optional=True)]


def refusal(context: Context, offer: ReplenishmentProposal) -> list[Answer]:
    """Return our no to a supplier's offer."""
    answer = answer_to(context, offer, "rejected", ())
    return [Answer(to=offer.supplier, document=answer, about=offer.order_id, optional=True)]


def answer_to(
    context: Context, offer: ReplenishmentProposal, status: str, lines: tuple[OrderResponseLine, ...]
) -> OrderResponse:
    """Return our answer to what a supplier has raised: he numbers the order, we are its buyer."""
    return OrderResponse(
        id=f"OR{context.serial:06d}",
        issued_at=context.now,
        status=status,
        order=DocumentRef(id=offer.order_id or offer.id),
        buyer=own_party(context.own),
        seller=partner_party(context.partners[offer.supplier]),
        lines=lines,
    )


def _answer_line(line: ProposalLine) -> OrderResponseLine:
    same = line.system_quantity is None or line.system_quantity == line.quantity.value
    return OrderResponseLine(
        number=line.number,
        order_line=line.number,
        status="accepted" if same else "quantity-changed" if line.quantity.value else "rejected",
        item=line.item,
        ordered_quantity=line.quantity if same else replace(line.quantity, value=line.system_quantity or ZERO),
        confirmed_quantity=line.quantity,
    )


def _state(line: ProposalLine, offer: ReplenishmentProposal) -> OrderLineState:
    day: date | None = day_of(offer.requested_delivery) if offer.requested_delivery else None
    return OrderLineState(
        number=line.number,
        gtin=line.item.gtin or "",
        ordered=line.quantity.value,
        confirmed=line.quantity.value,
        status="accepted",
        price=line.price.value if line.price else None,
        promised=day.isoformat() if day else None,
    )


def sent_unordered(
    number: str, lines: Sequence[tuple[str, ItemRecord, Decimal]], arrives: date, context: Context
) -> tuple[OrderSaved, list[Effect]]:
    """Return the order that stands for goods which a supplier who plans has sent without one, and its effects.

    lines: (line number, item, units).
    """
    saved = OrderSaved(
        key=f"order:{number}",
        side="purchase",
        partner=context.partner.id,
        number=number,
        status="open",
        ordered_on=context.now.date(),
        ship_to=context.own.warehouse,
        lines=tuple(
            OrderLineState(
                number=line,
                gtin=item.gtin,
                ordered=units,
                confirmed=units,
                status="accepted",
                price=item.purchase_price,
                promised=arrives.isoformat(),
            )
            for line, item, units in lines
        ),
    )
    effects: list[Effect] = [
        moved(f"raised:{number}:{line}", context, item.gtin, "on_order", units, "supplier-raised", number)
        for line, item, units in lines
    ]
    return saved, effects


def offered(proposals: Mapping[str, ReplenishmentProposal], supplier: str) -> dict[str, tuple[str, ProposalLine]]:
    """Return by GTIN what a supplier offers and nobody has decided on: the offer's id, and the line."""
    return {
        line.item.gtin or "": (each.id, line)
        for each in sorted(proposals.values(), key=lambda each: each.id)
        if each.status == "proposed" and each.method == OFFERED and each.supplier == supplier
        for line in each.lines
    }
