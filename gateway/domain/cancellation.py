"""A customer takes an order back: possible until the warehouse has shipped."""

from dataclasses import replace

from gateway.domain.backorders import serve_backorders
from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Snapshot
from gateway.domain.house import release_order
from gateway.domain.order_reply import header_response
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import CaseOpened, Effect, Measure, OrderSaved
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.order import Order


def cancel(order: Order, known: OrderSaved | None, context: Context, snapshot: Snapshot) -> Decision:
    """Release what the order holds, tell customer and warehouse, and serve backorders that waited for the units.

    Freed units reach backorders of the items that the cancellation itself lists. After a shipment the cancellation is
    refused and a case opened. Raises PartnerFault order.cancel-unknown.
    """
    if known is None:
        raise PartnerFault("order.cancel-unknown", Where(path="id"), value=order.id)
    if known.status == "cancelled":
        return Decision(
            findings=(Finding(code="order.repeat", severity="warning", where=Where(path="id"), value=order.id),)
        )
    if any(line.despatched for line in known.lines):
        case = CaseOpened(
            key="too-late", account=known.partner, code="order.cancel-too-late", subject=order.id, params={}
        )
        return Decision(effects=(case,), answers=(_answer(order, context, "rejected"),))
    free = {gtin: level.available for gtin, level in snapshot.stock.items()}
    for line in known.lines:
        if line.gtin in free:
            free[line.gtin] += line.confirmed
    served, releases = serve_backorders(context, snapshot, free, without=(known.partner, known.number))
    return Decision(
        effects=(_cancelled(known), *_released(known, context), _figures(known), *served),
        answers=(
            _answer(order, context, "accepted"),
            *release_order(context, known, known.lines, function="cancel"),
            *releases,
        ),
    )


def _cancelled(known: OrderSaved) -> OrderSaved:
    lines = tuple(replace(each, confirmed=ZERO, backordered=ZERO, status="cancelled") for each in known.lines)
    return replace(known, key="order", status="cancelled", pending=None, lines=lines)


def _released(known: OrderSaved, context: Context) -> list[Effect]:
    moves: list[Effect] = []
    held: tuple[Measure, ...] = ("allocated", "backordered")
    for line in known.lines:
        for measure, units in zip(held, (line.confirmed, line.backordered), strict=True):
            if units:
                key = f"line:{line.number}:{measure}"
                moves.append(moved(key, context, line.gtin, measure, -units, "order-cancelled", known.number))
    return moves


def _figures(known: OrderSaved) -> Effect:
    units = sum((line.confirmed + line.backordered for line in known.lines), ZERO)
    return activity("cancelled", known.partner, "order-cancelled", known.number, cancellations=1, units_cancelled=units)


def _answer(order: Order, context: Context, status: str) -> Answer:
    """The header alone answers: a cancellation is taken or refused as a whole."""
    return Answer(to=context.partner.id, about=order.id, document=header_response(order, context, status))
