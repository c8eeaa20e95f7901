"""Co-managed stock: we propose what a customer's place gets; it is no order before the customer says so.

The offer goes out as an order 22E. It stands in our books without holding any stock; the plan counts it, so that
nothing is proposed twice. The customer answers it (ORDRSP), orders it himself quoting our number (ORDERS, RFF+VN), or
tells a person of ours, who decides on it as on any order that waits.

Source: EANCOM 1997 and 2002, ORDERS, BGM 1001 = 22E: used for both modes; EAN.UCC, Continuous Replenishment (2000):
vendor managed (the supplier decides) and co-managed (the supplier proposes, the buyer approves).
"""

from dataclasses import replace
from decimal import Decimal

from gateway.domain.decision import Answer, Context, Decision, Needs, Snapshot
from gateway.domain.items import ItemFinder, identifier, item_path, positive_amount
from gateway.domain.open_order import OpenOrder
from gateway.domain.order_checks import content_digest, note
from gateway.domain.order_taking import Taking, take
from gateway.domain.parties import day_of
from gateway.domain.replenishment.vmi import raised_order
from gateway.domain.stock import ZERO
from gateway.domain.terms import wanted_calendars, wanted_prices
from gateway.model.effects import CaseClosed, CaseOpened, Effect, OrderLineState, OrderSaved, ProposalSaved
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Where
from gateway.model.order import Order, OrderLine, OrderResponse, OrderResponseLine
from gateway.model.replenishment import ReplenishmentProposal
from gateway.model.values import Quantity

OFFERED = "offered"  # state of a line that the customer has not answered yet
NUMBERS = "CM"
_UNSAID: tuple[int, OrderResponseLine | None] = (0, None)
NOT_WANTED = frozenset({"rejected", "substituted"})


def offer(context: Context, proposal: ReplenishmentProposal, number: str) -> tuple[list[Effect], list[Answer]]:
    """Return the effects of offering an approved proposal under number, and the offer for the customer.

    Raises OurFault plan.customer-unknown.
    """
    customer = context.partners.get(proposal.supplier)
    if customer is None:
        raise OurFault("plan.customer-unknown", Where(path="customer"), value=proposal.supplier)
    order = raised_order(context, customer, proposal, number)
    saved = OrderSaved(
        key=f"order:{number}",
        side="sale",
        partner=customer.id,
        number=number,
        status="waiting",
        ordered_on=context.now.date(),
        ship_to=proposal.ship_to,
        currency=order.currency,
        digest=content_digest(order),
        document=order,
        pending=order,
        lines=tuple(_offered(line, order) for line in order.lines),
    )
    case = CaseOpened(
        key=f"waits:{number}",
        account=customer.id,
        code="order.waits",
        subject=number,
        params={"value": number, "reasons": "plan.customer-answers"},
    )
    done = ProposalSaved(key=f"proposal:{proposal.id}", proposal=replace(proposal, order_id=number))
    return [done, saved, case], [Answer(to=customer.id, document=order, about=proposal.id, optional=True)]


def _offered(line: OrderLine, order: Order) -> OrderLineState:
    day = order.requested_delivery
    return OrderLineState(
        number=line.number,
        gtin=line.item.gtin or "",
        ordered=line.quantity.value,
        confirmed=ZERO,
        status=OFFERED,
        price=line.price.net.value if line.price and line.price.net else None,
        requested=day_of(day).isoformat() if day else None,
    )


def is_offer(number: str) -> bool:
    """Tell whether a number may be one of our offers."""
    return number.startswith(NUMBERS)


def needs(response: OrderResponse, context: Context) -> Needs:
    """Return the offer that is answered, and what it takes to take any of our items as an order: an answer of one line
    may say yes to all."""
    gtins = frozenset(each.gtin for each in context.own.items.values() if each.active)
    place = response.ship_to.gln if response.ship_to else None
    return Needs(
        orders=frozenset({("sale", context.partner.id, response.order.id)}),
        all_stock=True,
        supply=gtins,
        prices=wanted_prices(context, gtins),
        calendars=wanted_calendars(context, place),
    )


def answered(response: OrderResponse, context: Context, snapshot: Snapshot) -> Decision:
    """Make the offer an order with the quantities and the day that the customer wants, or drop it.

    Lines that an answer with changes does not name are wanted as they were offered. The same answer again, or one after
    the offer was decided on, changes nothing. Raises PartnerFault order.response-unknown, order.response-line-unknown.
    """
    known = snapshot.orders.get(("sale", context.partner.id, response.order.id))
    if known is None:
        raise PartnerFault("order.response-unknown", Where(path="order.id"), value=response.order.id)
    if known.status != "waiting" or not isinstance(known.pending, Order):
        return Decision(findings=(note("order.already-decided", "order.id", known.number),))
    if response.status == "received":
        return Decision(findings=(note("order.response-received", "id", response.id),))
    lines = _wanted(response, known, known.pending, context)
    if not lines:
        return Decision(effects=(dropped(known, "rejected"), closed(known)))
    day = response.promised_delivery or known.pending.requested_delivery
    wanted = replace(known.pending, lines=tuple(lines), requested_delivery=day)
    made = take(Taking(order=wanted, known=known, words={}), _buying(context), snapshot)
    # he has said what he wants: our answer to it only goes to who has agreed on such answers
    answers = [
        replace(each, optional=True) if isinstance(each.document, OrderResponse) else each for each in made.answers
    ]
    return replace(made, answers=tuple(answers))


def _buying(context: Context) -> Context:
    """Return the context in which the customer's orders are taken."""
    agreements = context.partner.agreements
    agreed = next((a for a in agreements if a.direction == "receive" and a.message_type.startswith("ORD")), None)
    return replace(context, agreement=agreed)


def _wanted(response: OrderResponse, known: OrderSaved, offered: Order, context: Context) -> list[OrderLine]:
    if response.status == "rejected":
        return []
    finder, order = ItemFinder(context.own, context.partner.id), OpenOrder(known)
    said: dict[str, tuple[int, OrderResponseLine]] = {}
    for index, each in enumerate(response.lines):
        item = finder.find(each.item)
        state = order.line(each.order_line or None, item.gtin if item else None)
        if state is None:
            path = item_path(f"lines[{index}]", each.item)
            raise PartnerFault("order.response-line-unknown", Where(path=path), value=identifier(each.item))
        said[state.number] = (index, each)
    found = []
    for line in offered.lines:
        index, word = said.get(line.number, _UNSAID)
        units = line.quantity.value if word is None else _units(word, line, index)
        if units > 0:
            changed = replace(line, quantity=Quantity(value=units, unit=line.quantity.unit))
            on = word.promised_delivery if word is not None else None
            found.append(changed if on is None else replace(changed, requested_delivery=on))
    return found


def _units(word: OrderResponseLine, line: OrderLine, index: int) -> Decimal:
    if word.status in NOT_WANTED:
        return ZERO
    if word.confirmed_quantity is None:
        return line.quantity.value
    return positive_amount(word.confirmed_quantity, f"lines[{index}].confirmedQuantity")


def ordered_instead(known: OrderSaved | None) -> list[Effect]:
    """Return that an offer is over because the customer has ordered himself, quoting it; nothing when it is no more."""
    if known is None or known.status != "waiting" or not is_offer(known.number):
        return []
    return [dropped(known, "cancelled"), closed(known)]


def dropped(known: OrderSaved, status: str) -> OrderSaved:
    """Return the offer as it is kept when nothing comes of it. status: rejected or cancelled."""
    lines = tuple(replace(each, status=status) for each in known.lines)
    return replace(known, key=f"order:{known.number}", status=status, pending=None, lines=lines)


def closed(known: OrderSaved) -> CaseClosed:
    """Return the end of the case in which an order waited for its buyer."""
    return CaseClosed(key=f"waits:{known.number}", account=known.partner, code="order.waits", subject=known.number)
