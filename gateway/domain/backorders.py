"""Stock came in or was freed: what is marked for a shop goes there, the rest to who has waited longest."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
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
    marked: Mapping[tuple[str, str], Decimal] | None = None,
) -> tuple[list[Effect], list[Answer]]:
    """Give newly free units to open backorders, oldest order first, and tell the warehouse to ship them.

    free: units available by GTIN after this document; without: (partner, number) of an order not to be served; marked:
    units by place and GTIN that came for the orders of one place (cross docking).
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
    given = _given(waiting, left, dict(marked or {}))
    effects: list[Effect] = []
    answers: list[Answer] = []
    for position, order in enumerate(waiting, start=1):
        lines, taken = _serve(order, given)
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


Line = tuple[str, str, str]  # partner, order, line


def _given(
    waiting: Sequence[OrderSaved], left: dict[str, Decimal], marked: dict[tuple[str, str], Decimal]
) -> Mapping[Line, Decimal]:
    """Return what each line gets. Takes from left."""
    given: dict[Line, Decimal] = defaultdict(Decimal)
    for by_mark in (True, False) if marked else (False,):
        for order in waiting:
            for line in order.lines:
                key, place = (order.partner, order.number, line.number), (order.ship_to or "", line.gtin)
                units = min(line.backordered - given[key], left.get(line.gtin, ZERO))
                if by_mark:
                    units = min(units, marked.get(place, ZERO))
                if units <= 0:
                    continue
                given[key] += units
                left[line.gtin] -= units
                if by_mark:
                    marked[place] -= units
    return given


def _serve(order: OrderSaved, given: Mapping[Line, Decimal]) -> tuple[tuple[OrderLineState, ...], list[OrderLineState]]:
    """Return the order's new lines, and the lines served with confirmed = what is new."""
    lines: list[OrderLineState] = []
    taken: list[OrderLineState] = []
    for line in order.lines:
        units = given.get((order.partner, order.number, line.number), ZERO)
        if units <= 0:
            lines.append(line)
            continue
        rest = line.backordered - units
        status = "backordered-part" if rest else "accepted"
        lines.append(replace(line, confirmed=line.confirmed + units, backordered=rest, status=status))
        taken.append(replace(line, confirmed=units, backordered=ZERO))
    return tuple(lines), taken
