"""What one order to a supplier must come to: raised to his minimum, filled to a whole truck, or left for later."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from gateway.domain.replenishment.effective import pack_of
from gateway.domain.replenishment.item_plans import ItemPlan, exact
from gateway.domain.replenishment.supplier_load import NOT_REACHABLE, RESULT_NAMES, WAITED, fill_load
from gateway.model.planning import LoadTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class LineLoad:
    """A line after the whole order was looked at. why: what it came from, for its reasons. code: of an exception."""

    quantity: Decimal
    why: dict[str, Any]
    code: str | None


def loaded(plans: Sequence[ItemPlan], quantities: Sequence[Decimal], terms: LoadTerms) -> list[LineLoad] | None:
    """Return every line of an order after minimum and truck; None when the order is as it should be.

    Packs go one by one to the item that would last shortest, so that an item has got a pack exactly when its cover
    before that pack was at most `cover_days`: each line can be checked alone.
    """
    before = np.array([float(each) for each in quantities])
    per_unit = np.array([_measured(each, terms) for each in plans])
    total = float((before * per_unit).cumsum()[-1]) if len(before) else 0.0
    least, capacity = _wanted(total, terms)
    if total <= 0 or total >= least:
        return None
    position = np.array([float(each.given.counted) for each in plans])
    daily = np.array([each.mean / max(each.given.interval.days, 1) for each in plans])
    pack = np.array([float(pack_of(each.given.item)) for each in plans])
    most = np.array([_most(each) for each in plans])
    wait_below = float(terms.wait_below) if least <= float(terms.minimum) else 0.0
    load = fill_load(
        before, position, daily, pack, per_unit, most, minimum=least, wait_below=wait_below, capacity=capacity
    )
    short = load.result == NOT_REACHABLE and load.measure < float(terms.minimum)
    code = "plan.load-waits" if load.result == WAITED else "plan.load-not-reached" if short else None
    said = {
        "measure": terms.measure,
        "least": least,
        "capacity": capacity if np.isfinite(capacity) else None,
        "before": total,
        "after": load.measure,
        "result": RESULT_NAMES[load.result],
        "cover_days": load.cover,
    }
    return [
        LineLoad(
            quantity=exact(load.quantity[at]),
            why={
                **said,
                "line_before": str(quantities[at]),
                "daily": float(daily[at]),
                "most": _shown(most[at]),
                "fits": at not in load.left_out,
            },
            code=code,
        )
        for at in range(len(plans))
    ]


def _wanted(total: float, terms: LoadTerms) -> tuple[float, float]:
    """Return what the order shall come to, and what fits."""
    truck = float(terms.truck)
    least = float(terms.minimum)
    if truck <= 0:
        return least, float("inf")
    trucks, part = divmod(total, truck)
    if part >= float(terms.fill_from) * truck:
        return (trucks + 1) * truck, (trucks + 1) * truck
    return least, max((trucks + 1) * truck, least)


def _measured(plan: ItemPlan, terms: LoadTerms) -> float:
    """Return one unit of an item in the load's measure; 0: it does not count."""
    item = plan.given.item
    if terms.measure == "value":
        return float(item.purchase_price or 0)
    if terms.measure == "pallets":
        pallet = plan.given.parameters.pallet
        return 1.0 / float(pallet) if pallet else 0.0
    return 1.0


def _most(plan: ItemPlan) -> float:
    policy = plan.why["policy"]
    return min(float("inf") if policy[name] is None else policy[name] for name in ("capacity", "life_cap"))


def _shown(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
