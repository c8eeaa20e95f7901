"""A customer takes an order back: possible until the warehouse has shipped."""

from dataclasses import replace

from gateway.domain.backorders import serve_backorders
from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Decision, Snapshot
from gateway.domain.house import release_order
from gateway.domain.parties import named, own_party, partner_party
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import CaseOpened, Effect, OrderSaved
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.order import Order, OrderResponse
from gateway.model.values import DocumentRef


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
    effects: list[Effect] = [
        replace(
            known,
            key="order",
            status="cancelled",
            lines=tuple(replace(each, confirmed=ZERO, backordered=ZERO, status="cancelled") for each in known.lines),
        )
    ]
    free = {gtin: level.available for gtin, level in snapshot.stock.items()}
    for line in known.lines:
        key = f"line:{line.number}"
        if line.confirmed:
            effects.append(
                moved(f"{key}:allocated", context, line.gtin, "allocated", -line.confirmed, "order-cancelled", order.id)
            )
            if line.gtin in free:
                free[line.gtin] += line.confirmed
        if line.backordered:
            effects.append(
                moved(
                    f"{key}:backordered",
                    context,
                    line.gtin,
                    "backordered",
                    -line.backordered,
                    "order-cancelled",
                    order.id,
                )
            )
    units = sum((line.confirmed + line.backordered for line in known.lines), ZERO)
    effects.append(
        activity("cancelled", known.partner, "order-cancelled", order.id, cancellations=1, units_cancelled=units)
    )
    served, releases = serve_backorders(context, snapshot, free, without=(known.partner, known.number))
    return Decision(
        effects=(*effects, *served),
        answers=(
            _answer(order, context, "accepted"),
            *release_order(context, known, known.lines, function="cancel"),
            *releases,
        ),
    )


def _answer(order: Order, context: Context, status: str) -> Answer:
    """The header alone answers: a cancellation is taken or refused as a whole."""
    return Answer(
        to=context.partner.id,
        about=order.id,
        document=OrderResponse(
            id=f"OR{context.serial:06d}",
            issued_at=context.now,
            status=status,
            order=DocumentRef(id=order.id, issued_at=order.issued_at),
            buyer=named(order.buyer, partner_party(context.partner)),
            seller=named(order.seller, own_party(context.own)),
            currency=order.currency,
            ship_to=order.ship_to,
        ),
    )
