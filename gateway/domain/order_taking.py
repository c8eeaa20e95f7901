"""Taking an order: a new one, another state of one that we have, or one that has waited for a person.

Whatever it was before, the order's new lines are decided against stock and what it already holds; the difference goes
into the records, the customer gets one answer, and the warehouse hears what it shall do now.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from gateway.domain.allocation import LineDecision, Shelf, decide_lines, unique_numbers, wanted
from gateway.domain.backorders import serve_backorders
from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Snapshot
from gateway.domain.house import release_order
from gateway.domain.items import ItemFinder, record_gtin
from gateway.domain.order_checks import check, content_digest, note
from gateway.domain.order_limits import reasons_to_wait
from gateway.domain.order_reply import currency_of, response
from gateway.domain.parties import day_of
from gateway.domain.stock import ZERO, moved
from gateway.domain.terms import agreed
from gateway.model.effects import (
    CaseClosed,
    CaseOpened,
    DocumentLinked,
    Effect,
    Measure,
    OrderLineState,
    OrderSaved,
)
from gateway.model.findings import Finding
from gateway.model.making import changed
from gateway.model.order import Order, OrderResponse
from gateway.model.order_decision import LineWord

HELD: tuple[Measure, ...] = ("allocated", "backordered")
NEW = ("waiting", "offered")  # states of lines that nobody has promised anything for yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """One order, to be taken. known: as we have it, None when it is new. words: a person's, by our line number;
    None: nobody has looked, so that the limits count. source: type and number of the document that asks for it."""

    order: Order
    known: OrderSaved | None = None
    words: Mapping[str, LineWord] | None = None
    source: tuple[str, str] | None = None
    findings: tuple[Finding, ...] = field(default=())


def take(taking: Taking, context: Context, snapshot: Snapshot) -> Decision:
    """Decide every line, or let the order wait for a person.

    Raises PartnerFault order.* for content that contradicts itself, OurFault item.unknown.
    """
    order, known = taking.order, taking.known
    findings = [*taking.findings, *check(order, context)]
    terms = agreed(context, snapshot.prices, snapshot.calendars)
    lines, odd = decide_lines(
        order,
        context,
        shelf_for(known, snapshot),
        terms=terms,
        words=_with_promises(taking),
        shipped={line.number: line.despatched for line in known.lines if line.despatched} if known else {},
    )
    reasons = reasons_to_wait(order, lines, terms, context, snapshot) if taking.words is None else []
    if reasons:
        return _waits(taking, context, lines, [*findings, *odd, *reasons], reasons)
    saved = _saved(taking, context, lines)
    moves = _moves(saved, known, context)
    answer = response(order, context, lines)
    served, releases = _freed(saved, known, context, snapshot) if known is not None else ([], [])
    if context.house is None:
        findings.append(note("order.no-house", "id", order.id))
    effects: list[Effect] = [
        saved,
        *moves,
        *_activities(taking, context, lines),
        *_links(taking, context, answer),
        *served,
    ]
    if known is not None and (known.pending is not None or known.status == "waiting"):
        effects.append(CaseClosed(key="waits", account=context.partner.id, code="order.waits", subject=order.id))
    return Decision(
        effects=tuple(effects),
        answers=(
            Answer(to=context.partner.id, document=answer, about=order.id),
            *_to_the_house(saved, known, context),
            *releases,
        ),
        findings=(*findings, *odd),
    )


def shelf_for(known: OrderSaved | None, snapshot: Snapshot) -> Shelf:
    """Return what can be given to an order: what is free, and what it holds itself."""
    held: dict[str, Decimal] = defaultdict(Decimal)
    waiting: dict[str, Decimal] = defaultdict(Decimal)
    for line in known.lines if known else ():
        held[line.gtin] += line.confirmed - line.despatched
        waiting[line.gtin] += line.backordered
    return Shelf(stock=snapshot.stock, supply=snapshot.supply, held=held, waiting=waiting)


def _with_promises(taking: Taking) -> dict[str, LineWord]:
    """Return the words, with the day that a line was promised for where nothing of it has changed."""
    words = dict(taking.words or {})
    known = taking.known
    if known is None or not isinstance(known.document, Order):
        return words
    before = {line.number: line for line in known.lines}
    asked = dict(zip((each.number for each in known.lines), known.document.lines, strict=False))
    numbers = unique_numbers([each.number for each in taking.order.lines])
    for number, line in zip(numbers, taking.order.lines, strict=True):
        state, old = before.get(number), asked.get(number)
        if state is None or old is None or not state.promised or line.quantity != old.quantity:
            continue
        if wanted(taking.order, line) == wanted(known.document, old):
            word = words.get(number, LineWord(number=number))
            words[number] = replace(word, promised=word.promised or date.fromisoformat(state.promised))
    return words


def _waits(
    taking: Taking,
    context: Context,
    lines: Sequence[LineDecision],
    findings: Sequence[Finding],
    reasons: Sequence[Finding],
) -> Decision:
    """Keep the order, promise nothing, and put it before a person. What an earlier state holds, it keeps."""
    order, known = taking.order, taking.known
    account = context.partner.id
    if known is not None:
        saved = replace(known, key="order", status="waiting", pending=order)
    else:
        states = tuple(
            replace(_state(line, None, order), confirmed=ZERO, backordered=ZERO, status="waiting", promised=None)
            for line in lines
        )
        saved = replace(_order(taking, context, states, lines), status="waiting", pending=order)
    params = {"value": order.id, "reasons": ", ".join(dict.fromkeys(each.code for each in reasons))}
    case = CaseOpened(key="waits", account=account, code="order.waits", subject=order.id, params=params)
    return Decision(effects=(saved, case), findings=tuple(findings))


def _order(
    taking: Taking, context: Context, states: tuple[OrderLineState, ...], lines: Sequence[LineDecision]
) -> OrderSaved:
    order = taking.order
    return OrderSaved(
        key="order",
        side="sale",
        partner=context.partner.id,
        number=order.id,
        status="open",
        ordered_on=day_of(order.issued_at),
        ship_to=order.ship_to.gln if order.ship_to else None,
        currency=currency_of(order, lines),
        digest=content_digest(order),
        document=order,
        lines=states,
    )


def _saved(taking: Taking, context: Context, lines: Sequence[LineDecision]) -> OrderSaved:
    before = {line.number: line for line in taking.known.lines} if taking.known else {}
    states = [_state(line, before.pop(line.number, None), taking.order) for line in lines]
    states += [_dropped(line) for line in before.values()]
    saved = _order(taking, context, tuple(states), lines)
    statuses = {line.status for line in lines}
    if statuses == {"rejected"}:
        return replace(saved, status="rejected")
    done = all(line.despatched == line.confirmed for line in states) and any(line.despatched for line in states)
    if done and not any(line.backordered for line in states):
        return replace(saved, status="shipped")
    return replace(saved, status="open" if statuses == {"accepted"} else "amended")


def _state(line: LineDecision, before: OrderLineState | None, order: Order) -> OrderLineState:
    _, by = wanted(order, line.line)
    despatched = before.despatched if before else ZERO
    status = line.status
    if despatched and despatched == line.confirmed and not line.backordered:
        status = "shipped"
    return OrderLineState(
        number=line.number,
        gtin=line.item.gtin if line.item else record_gtin(line.line.item),
        ordered=line.ordered,
        confirmed=line.confirmed,
        backordered=line.backordered,
        despatched=despatched,
        received=before.received if before else ZERO,
        invoiced=before.invoiced if before else ZERO,
        returned=before.returned if before else ZERO,
        status=status,
        price=line.price,
        promised=line.promised.isoformat() if line.promised else None,
        requested=by.isoformat() if by else None,
        reason=line.reason,
    )


def _dropped(line: OrderLineState) -> OrderLineState:
    """A line that the change leaves out: what has not been shipped of it is no longer wanted."""
    status = "shipped" if line.despatched else "cancelled"
    return replace(line, ordered=line.despatched, confirmed=line.despatched, backordered=ZERO, status=status)


def _moves(saved: OrderSaved, known: OrderSaved | None, context: Context) -> list[Effect]:
    """Return the difference in what the order holds and waits for, line by line."""
    before = {line.number: line for line in known.lines} if known else {}
    moves: list[Effect] = []
    for line in saved.lines:
        old = before.get(line.number)
        if old is not None and old.gtin != line.gtin:  # another item stands in the line now
            moves += _line_moves(context, saved.number, replace(old, number=f"{old.number}:before"), None, old)
            old = None
        moves += _line_moves(context, saved.number, line, line, old)
    return moves


def _line_moves(
    context: Context, order: str, named: OrderLineState, new: OrderLineState | None, old: OrderLineState | None
) -> list[Effect]:
    moves: list[Effect] = []
    for measure in HELD:
        delta = _holds(new, measure) - _holds(old, measure)
        if delta and named.gtin:
            why = f"order-{measure}" if old is None else "order-changed"
            moves.append(moved(f"line:{named.number}:{measure}", context, named.gtin, measure, delta, why, order))
    return moves


def _holds(line: OrderLineState | None, measure: Measure) -> Decimal:
    if line is None:
        return ZERO
    return line.confirmed - line.despatched if measure == "allocated" else line.backordered


def _freed(
    saved: OrderSaved, known: OrderSaved, context: Context, snapshot: Snapshot
) -> tuple[list[Effect], list[Answer]]:
    """Give what the change has freed to other orders that wait for it."""
    free = {gtin: level.available for gtin, level in snapshot.stock.items()}
    for line, sign in [*((each, 1) for each in known.lines), *((each, -1) for each in saved.lines)]:
        if line.gtin in free:
            free[line.gtin] += sign * (line.confirmed - line.despatched)
    return serve_backorders(context, snapshot, free, without=(known.partner, known.number))


def _to_the_house(saved: OrderSaved, known: OrderSaved | None, context: Context) -> list[Answer]:
    """Tell the warehouse: ship this (original), ship this instead of all that is open of it (replace), or nothing."""
    rest, had = _unshipped(saved), _unshipped(known) if known is not None else []
    if known is None or not any(line.confirmed for line in had):
        return release_order(context, saved, rest)
    if any(line.confirmed for line in rest):
        return release_order(context, saved, rest, function="replace")
    return release_order(context, known, had, function="cancel")


def _unshipped(order: OrderSaved) -> list[OrderLineState]:
    return [
        changed(line, confirmed=line.confirmed - line.despatched) if line.despatched else line for line in order.lines
    ]


def _activities(taking: Taking, context: Context, lines: Sequence[LineDecision]) -> list[Effect]:
    """New orders count as received and answered; a revision counts by what it changes."""
    known, order, account = taking.known, taking.order, context.partner.id
    ordered = sum((line.ordered for line in lines), ZERO)
    confirmed = sum((line.confirmed for line in lines), ZERO)
    backordered = sum((line.backordered for line in lines), ZERO)
    rejected = ordered - confirmed - backordered
    value = sum((line.ordered * _unit_price(order, line) for line in lines), ZERO)
    first = known is None or all(line.status in NEW for line in known.lines)
    if first:
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
                units_rejected=rejected,
            ),
        ]
    assert known is not None
    old = (
        sum((line.ordered for line in known.lines), ZERO),
        sum((line.confirmed for line in known.lines), ZERO),
        sum((line.backordered for line in known.lines), ZERO),
    )
    return [
        activity(
            "changed",
            account,
            "order-changed",
            order.id,
            changes=1,
            responses=1,
            units_ordered=ordered - old[0],
            order_value=value - sum(((line.price or ZERO) * line.ordered for line in known.lines), ZERO),
            units_confirmed=confirmed - old[1],
            units_backordered=backordered - old[2],
            units_rejected=rejected - (old[0] - old[1] - old[2]),
        )
    ]


def _unit_price(order: Order, line: LineDecision) -> Decimal:
    """Our price; the buyer's own price only where we have none. 0 when nobody named one."""
    if line.price is not None:
        return line.price
    if line.item is not None and line.item.sales_price is not None:
        return line.item.sales_price
    price = line.line.price
    if line.item is None or price is None or price.net is None or not price.net.value.is_finite():
        return ZERO
    base = price.base.value if price.base and price.base.value else Decimal(1)
    return price.net.value / base


def _links(taking: Taking, context: Context, answer: OrderResponse) -> list[Effect]:
    """The chain: the change belongs to the order, the answer to what was asked."""
    order, partner = taking.order.id, context.partner.id
    links: list[Effect] = []
    asked = taking.source or ("Order", order)
    if taking.source is not None:
        kind, number = taking.source
        links.append(
            DocumentLinked(
                key=f"link:{number}",
                side="sale",
                partner=partner,
                source_type="Order",
                source=order,
                to_type=kind,
                to=number,
            )
        )
    links.append(
        DocumentLinked(
            key=f"link:{answer.id}",
            side="sale",
            partner=partner,
            source_type=asked[0],
            source=asked[1],
            to_type="OrderResponse",
            to=answer.id,
        )
    )
    return links


def known_items(order: Order, context: Context) -> frozenset[str]:
    """Return the GTINs of the order's items that are ours, and of what may be shipped instead."""
    finder = ItemFinder(context.own)
    found = [item for line in order.lines if (item := finder.find(line.item)) is not None]
    return frozenset([*(each.gtin for each in found), *(each.substitute for each in found if each.substitute)])
