"""Too little in our warehouse for all the places that it fills: fair shares before any order goes out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from gateway.domain.decision import StockLevel
from gateway.domain.replenishment.effective import pack_of
from gateway.domain.replenishment.item_plans import ItemPlan, exact
from gateway.domain.replenishment.shortage import fair_shares, whole_packs


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShare:
    """What a place gets of what there is. why: for its reasons."""

    quantity: Decimal
    why: dict[str, Any]


def shared(
    wanted: Sequence[tuple[ItemPlan, Decimal]], stock: Mapping[str, StockLevel]
) -> dict[tuple[str, str], LineShare]:
    """Return by (place, GTIN) the shares of the items of which there is too little; nothing of the others.

    An item that our warehouse does not know is not shared: its orders wait as back-orders until it is there.
    """
    by_item: dict[str, list[tuple[ItemPlan, Decimal]]] = defaultdict(list)
    for plan, quantity in wanted:
        if quantity > 0:
            by_item[plan.given.facts.gtin].append((plan, quantity))
    found: dict[tuple[str, str], LineShare] = {}
    for gtin, some in sorted(by_item.items()):
        level = stock.get(gtin)
        total = sum((quantity for _, quantity in some), Decimal(0))
        if level is None or total <= level.available or len(some) < 2:
            continue
        found |= _of_item(sorted(some, key=lambda each: each[0].given.pair), max(level.available, Decimal(0)))
    return found


def _of_item(some: Sequence[tuple[ItemPlan, Decimal]], available: Decimal) -> dict[tuple[str, str], LineShare]:
    plans = [plan for plan, _ in some]
    asked = np.array([float(quantity) for _, quantity in some])
    position = np.array([float(each.given.counted) for each in plans])
    mean = np.array([each.mean for each in plans])
    deviation = np.array([each.deviation for each in plans])
    pack = np.array([float(pack_of(each.given.item)) for each in plans])
    shares = fair_shares(float(available), position, mean, deviation, asked)
    given = whole_packs(float(available), shares, pack, asked, position)
    return {
        plan.given.pair: LineShare(
            quantity=exact(given[at]),
            why={
                "available": str(available),
                "wanted": str(some[at][1]),
                "wanted_by_all": str(sum((quantity for _, quantity in some), Decimal(0))),
                "places": len(some),
                "share": float(shares[at]),
                "given": str(exact(given[at])),
            },
        )
        for at, plan in enumerate(plans)
    }
