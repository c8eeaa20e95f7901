"""A supplier answers our order: what comes, what comes later, what does not come."""

from dataclasses import replace
from decimal import Decimal
from typing import Literal

from gateway.domain.crm import activity
from gateway.domain.decision import Context, Decision, Needs, Snapshot
from gateway.domain.items import ItemFinder, identifier, item_path, positive_amount
from gateway.domain.open_order import OpenOrder, expected
from gateway.domain.parties import day_of
from gateway.domain.replenishment import cmi, supplier_orders
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import (
    CaseClosed,
    CaseOpened,
    Effect,
    OrderLineState,
    OrderSaved,
    ParcelAnswered,
)
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.order import OrderResponse, OrderResponseLine
from gateway.model.values import Quantity

WHOLE = {"accepted": "accepted", "rejected": "rejected"}  # header status that answers every line not named
FINAL = frozenset({"shipped", "received"})
STATUSES = frozenset(
    {
        "accepted",
        "quantity-changed",
        "date-changed",
        "price-changed",
        "substituted",
        "backordered-part",
        "backordered",
        "rejected",
        "added",
        "delivered",
    }
)
NOT_COMING = frozenset({"rejected", "substituted"})


def needs(response: OrderResponse, context: Context) -> Needs:
    """Return the order that is answered; of our offer to a customer also what it takes to take it as an order."""
    if answers_an_offer(response, context):
        return cmi.needs(response, context)
    if supplier_orders.plan_of(context) is not None:
        return supplier_orders.answered_needs(response, context)
    return Needs(orders=frozenset({("purchase", context.partner.id, response.order.id)}))


def decide(response: OrderResponse, context: Context, snapshot: Snapshot) -> Decision:
    """Bring the order to what the supplier says; what will not come is no longer on order.

    The same response again changes nothing. Raises PartnerFault order.response-unknown, order.response-line-unknown.
    """
    if answers_an_offer(response, context):
        return cmi.answered(response, context, snapshot)
    supplier = context.partner.id
    known = snapshot.orders.get(("purchase", supplier, response.order.id))
    if known is None and response.lines and supplier_orders.plan_of(context) is not None:
        return supplier_orders.decide(supplier_orders.as_order(response), context, snapshot)
    if known is None:
        raise PartnerFault("order.response-unknown", Where(path="order.id"), value=response.order.id)
    word = ParcelAnswered(
        key="response",
        partner=supplier,
        kind="response",
        outcome=_outcome(response.status),
        document=known.number,
        detail=response.status,
    )
    if known.status == "cancelled":  # we have taken it back meanwhile: what is confirmed to us will not come
        found = Finding(code="order.response-cancelled", severity="warning", where=Where(path="id"), value=response.id)
        return Decision(effects=(word,), findings=(found,))
    order = OpenOrder(known)
    if response.status != "received":
        _answer(response, order, context)
    changes = [
        (before, after) for before, after in zip(known.lines, order.lines.values(), strict=True) if before != after
    ]
    if not changes:
        code = "order.response-repeat" if response.status != "received" else "order.response-received"
        return Decision(
            effects=(word,), findings=(Finding(code=code, severity="info", where=Where(path="id"), value=response.id),)
        )
    saved = order.result("order")
    refused = sum((_refused(line) for line in saved.lines), ZERO)
    effects: list[Effect] = [word, replace(saved, status=_status(saved)), *_moves(changes, context, known.number)]
    effects.append(
        activity(
            "answered",
            supplier,
            "purchase-answered",
            known.number,
            purchase_responses=1,
            units_purchase_refused=refused - sum((_refused(line) for line in known.lines), ZERO),
        )
    )
    return Decision(effects=(*effects, *_cases(known, saved, refused)), findings=tuple(_oddities(response, changes)))


def answers_an_offer(response: OrderResponse, context: Context) -> bool:
    """Tell whether a customer answers what we have offered for its place."""
    return cmi.is_offer(response.order.id) and context.partner.role in ("customer", "both")


def _outcome(status: str) -> Literal["accepted", "rejected", "received"]:
    if status == "rejected":
        return "rejected"
    return "received" if status == "received" else "accepted"


def _answer(response: OrderResponse, order: OpenOrder, context: Context) -> None:
    finder = ItemFinder(context.own, context.partner.id)
    named: set[str] = set()
    for index, line in enumerate(response.lines):
        item = finder.find(line.item)
        state = order.line(line.order_line or None, item.gtin if item else None)
        if state is None:
            path = item_path(f"lines[{index}]", line.item)
            raise PartnerFault("order.response-line-unknown", Where(path=path), value=identifier(line.item))
        if line.status not in STATUSES:
            path = f"lines[{index}].status"
            raise PartnerFault("order.response-status-unknown", Where(path=path), value=line.status[:80])
        answered = _answered(state, line, response, index)
        order.put(_joined(state, answered) if state.number in named else answered)
        named.add(state.number)
    if response.status in WHOLE:
        for state in list(order.lines.values()):
            if state.number not in named:
                confirmed = state.ordered if response.status == "accepted" else ZERO
                order.put(replace(state, confirmed=confirmed, backordered=ZERO, status=WHOLE[response.status]))


def _answered(state: OrderLineState, line: OrderResponseLine, response: OrderResponse, index: int) -> OrderLineState:
    """Return the line as the supplier's answer leaves it. Quantities that it does not state follow from the status."""
    path = f"lines[{index}]"
    later = _stated(line.backorder_quantity, f"{path}.backorderQuantity")
    now = _stated(line.confirmed_quantity, f"{path}.confirmedQuantity")
    if line.status in NOT_COMING:
        now, later = ZERO, ZERO
    elif line.status in ("backordered", "backordered-part"):
        now = (
            now
            if now is not None
            else (ZERO if line.status == "backordered" else max(ZERO, state.ordered - (later or ZERO)))
        )
        later = later if later is not None else max(ZERO, state.ordered - now)
    else:
        now = now if now is not None else state.ordered
    moment = line.promised_delivery or response.promised_delivery
    return replace(
        state,
        confirmed=now,
        backordered=later or ZERO,
        status=state.status if state.status in FINAL else line.status,
        promised=day_of(moment).isoformat() if moment else state.promised,
    )


def _joined(first: OrderLineState, second: OrderLineState) -> OrderLineState:
    """Return one state for an order line that the supplier answers in several lines: their quantities add up."""
    confirmed, later = first.confirmed + second.confirmed, first.backordered + second.backordered
    status = "backordered-part" if later else "accepted" if confirmed == first.ordered else "quantity-changed"
    kept = first.status if first.status in FINAL else status
    return replace(second, confirmed=confirmed, backordered=later, status=kept)


def _stated(quantity: Quantity | None, path: str) -> Decimal | None:
    return positive_amount(quantity, path) if quantity is not None else None


def _refused(line: OrderLineState) -> Decimal:
    return max(ZERO, line.ordered - line.confirmed - line.backordered)


def _status(saved: OrderSaved) -> str:
    if saved.status in ("shipped", "received"):
        return saved.status
    statuses = {line.status for line in saved.lines}
    return "rejected" if statuses <= NOT_COMING else "open" if statuses == {"accepted"} else "amended"


def _moves(changes: list[tuple[OrderLineState, OrderLineState]], context: Context, number: str) -> list[Effect]:
    return [
        moved(
            f"line:{after.number}:on_order",
            context,
            after.gtin,
            "on_order",
            expected(after, "purchase") - expected(before, "purchase"),
            "supplier-answered",
            number,
        )
        for before, after in changes
        if expected(after, "purchase") != expected(before, "purchase")
    ]


def _cases(known: OrderSaved, saved: OrderSaved, refused: Decimal) -> list[Effect]:
    """A case when goods will not come or come later than asked; closed by a full confirmation."""
    effects: list[Effect] = []
    if refused:
        effects.append(_case(saved, "order.supplier-short", {"units": format(refused, "f"), "order": saved.number}))
    elif any(_refused(line) for line in known.lines):
        effects.append(
            CaseClosed(key="short", account=saved.partner, code="order.supplier-short", subject=saved.number)
        )
    before = {line.number: line.promised for line in known.lines}
    late = [line for line in saved.lines if line.promised and (asked := before[line.number]) and line.promised > asked]
    if late:
        day = max(line.promised or "" for line in late)
        effects.append(_case(saved, "order.supplier-late", {"day": day, "order": saved.number}))
    return effects


def _case(saved: OrderSaved, code: str, params: dict[str, str]) -> CaseOpened:
    return CaseOpened(
        key=code.rpartition("-")[2], account=saved.partner, code=code, subject=saved.number, params=params
    )


def _oddities(response: OrderResponse, changes: list[tuple[OrderLineState, OrderLineState]]) -> list[Finding]:
    prices = {line.order_line: line.price.net.value for line in response.lines if line.price and line.price.net}
    return [
        Finding(code="order.supplier-price", severity="warning", value=f"{after.gtin}: {prices[after.number]:f}")
        for before, after in changes
        if after.number in prices and before.price is not None and prices[after.number] != before.price
    ]
