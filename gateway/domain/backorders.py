"""Stock came in or was freed: who has waited longest gets it first."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from gateway.domain.crm import activity
from gateway.domain.decision import Answer, Context, Snapshot
from gateway.domain.house import release_order
from gateway.domain.stock import ZERO, moved
from gateway.model.effects import Effect, OrderLineState, OrderSaved


def serve_backorders(
    context: Context,
    snapshot: Snapshot,
    free: Mapping[str, Decimal],
    without: tuple[str, str] | None = None,
) -> tuple[list[Effect], list[Answer]]:
    """Give newly free units to open backorders, oldest order first, and tell the warehouse to ship them.

    free: units available by GTIN after this document; without: (partner, number) of an order not to be served.
    """
    left = {gtin: units for gtin, units in free.items() if units > 0}
    waiting = sorted(
        (
            each
            for (side, _, _), each in snapshot.orders.items()
            if side == "sale" and each.status in ("open", "amended") and (each.partner, each.number) != without
        ),
        key=lambda each: (each.ordered_on, each.partner, each.number),
    )
    effects: list[Effect] = []
    answers: list[Answer] = []
    for position, order in enumerate(waiting, start=1):
        lines, taken = _serve(order, left)
        if not taken:
            continue
        for line in taken:
            key = f"backorder:{position}:{line.number}"
            units, why = line.confirmed, "backorder-served"
            effects.append(moved(f"{key}:waiting", context, line.gtin, "backordered", -units, why, order.number))
            effects.append(moved(f"{key}:allocated", context, line.gtin, "allocated", units, why, order.number))
        served = sum((line.confirmed for line in taken), ZERO)
        effects.append(replace(order, key=f"order:backorder:{position}", lines=lines))
        effects.append(
            activity(
                f"backorder:{position}",
                order.partner,
                "backorder-served",
                order.number,
                units_confirmed=served,
                units_backordered=-served,
            )
        )
        answers.extend(release_order(context, order, taken, suffix=f"-B{context.serial:06d}"))
    return effects, answers


def _serve(order: OrderSaved, left: dict[str, Decimal]) -> tuple[tuple[OrderLineState, ...], list[OrderLineState]]:
    """Return the order's new lines, and the lines served with confirmed = what is new. Takes from left."""
    lines: list[OrderLineState] = []
    taken: list[OrderLineState] = []
    for line in order.lines:
        units = min(line.backordered, left.get(line.gtin, ZERO))
        if units <= 0:
            lines.append(line)
            continue
        left[line.gtin] -= units
        rest = line.backordered - units
        status = "backordered-part" if rest else "accepted"
        lines.append(replace(line, confirmed=line.confirmed + units, backordered=rest, status=status))
        taken.append(replace(line, confirmed=units, backordered=ZERO))
    return tuple(lines), taken
