"""An order that is too small for its supplier: wait, or pull forward what will be needed next, or fill the truck.

One pack at a time goes to the item whose stock would otherwise last shortest. For the largest least cover this greedy
is optimal: a pack given to any other item leaves the shortest where it is.
"""

import heapq
from dataclasses import dataclass

import numpy as np

from gateway.domain.replenishment.series import Floats

MET, WAITED, PULLED_FORWARD, NOT_REACHABLE = range(4)
RESULT_NAMES = ("met", "waited", "pulled-forward", "not-reachable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """quantity: units of each item. measure: of the whole order, in the minimum's measure. result: RESULT_NAMES.

    cover: days of cover of the item that got the last pack, before it: whoever had less got one; -1: nobody got any.
    left_out: items that would have got another pack, had it fitted.
    """

    quantity: Floats
    measure: float
    result: int
    cover: float = -1.0
    left_out: frozenset[int] = frozenset()


def fill_load(
    quantity: Floats,
    position: Floats,
    daily: Floats,
    pack: Floats,
    per_unit: Floats,
    most: Floats,
    *,
    minimum: float,
    wait_below: float = 0.0,
    capacity: float = float("inf"),
) -> Load:
    """Return the order raised to the supplier's minimum.

    per_unit: of each item in the minimum's measure (money, kilogram, cubic metre, pallet places). daily: expected units
    a day. most: units that position + quantity may reach (shelf, life). wait_below: share of the minimum below which
    the order waits for a day with more need. capacity: of the truck, in the same measure: nothing is added beyond it.
    """
    total = float(np.cumsum(quantity * per_unit)[-1]) if len(quantity) else 0.0
    if total >= minimum:
        return Load(quantity=quantity.copy(), measure=total, result=MET)
    if total <= 0 or total < wait_below * minimum:
        return Load(quantity=np.zeros(len(quantity)), measure=0.0, result=WAITED)
    raised = quantity.copy()
    waiting = [
        (float((position[n] + raised[n]) / daily[n]), n) for n in range(len(raised)) if daily[n] > 0 and per_unit[n] > 0
    ]
    heapq.heapify(waiting)
    reached, left_out = -1.0, set()
    while waiting and total < minimum:
        cover, item = heapq.heappop(waiting)
        step = float(pack[item] * per_unit[item])
        after = position[item] + raised[item] + pack[item]
        if total + step > capacity or after > most[item] + 1e-9:
            left_out.add(item)
            continue  # this item takes no more
        raised[item] += pack[item]
        total += step
        reached = max(reached, cover)
        heapq.heappush(waiting, (float(after / daily[item]), item))
    return Load(
        quantity=raised,
        measure=total,
        result=PULLED_FORWARD if total >= minimum else NOT_REACHABLE,
        cover=reached,
        left_out=frozenset(left_out),
    )
