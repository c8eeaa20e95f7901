"""From need to order: whole packs, layers and pallets where that costs little, within what fits; each step explained.

Source of the thresholds: the rounding profiles that retail planning systems share: go up to the next larger unit when
the extra is at most a share of it, down when the shortfall is, and the position still covers the interval.
"""

from dataclasses import dataclass

import numpy as np

from gateway.domain.replenishment.series import Flags, Floats, Ints
from gateway.domain.replenishment.targets import MIN_MAX, Policy, Targets

STEP_NAMES = ("need", "pack", "layer", "pallet", "minimum", "maximum")
(
    NOT_DUE, NEEDED, WHOLE_PACKS, PACK_DROPPED, UP, DOWN, KEPT, TO_MINIMUM, BELOW_MINIMUM, CUT, FITS
) = range(11)  # fmt: skip
REASON_NAMES = (
    "not-due", "needed", "whole-packs", "pack-dropped", "up", "down", "kept", "raised-to-minimum", "below-minimum",
    "cut-to-maximum", "fits",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """Of each series, in base units; 0 = there is no such unit. up, down: shares of a layer or pallet within which an
    order is rounded up or down to it. trigger: share of the first pack below which nothing is ordered while the
    position covers the mean of the protection interval. minimum: least order of the line; a need below half of it
    waits."""

    pack: Floats
    layer: Floats
    pallet: Floats
    up: Floats
    down: Floats
    trigger: Floats
    minimum: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderQuantities:
    """quantity: units to order. steps, reasons: shape (len(STEP_NAMES), series): units after each step and why."""

    quantity: Floats
    steps: Floats
    reasons: Ints

    def explained(self, column: int) -> tuple[tuple[str, float, str], ...]:
        """Return (step, units after it, reason) of one series, in order."""
        return tuple(
            (name, float(units), REASON_NAMES[reason])
            for name, units, reason in zip(STEP_NAMES, self.steps[:, column], self.reasons[:, column], strict=True)
        )


def packing(pack: Floats) -> Packing:
    """Return packs only."""
    none = np.zeros(len(pack))
    return Packing(pack=pack, layer=none, pallet=none, up=none, down=none, trigger=none, minimum=none)


def order_quantities(position: Floats, found: Targets, how: Policy, units: Packing, mean: Floats) -> OrderQuantities:
    """Return what to order. position: the inventory position; mean: expected demand of the protection interval."""
    due = np.where(how.rule == MIN_MAX, position <= found.reorder_point, position < found.order_up_to)
    held = (found.reorder_point < found.order_up_to) & (position > found.reorder_point)
    need = np.where(due & ~held, np.maximum(found.order_up_to - position, 0.0), 0.0)
    pack = np.maximum(units.pack, 1e-9)
    packs = np.ceil(np.round(need / pack, 9))
    dropped = (packs == 1.0) & (need < units.trigger * units.pack) & (position >= mean)
    packed = np.where(dropped, 0.0, packs * units.pack)
    layered, why_layer = _to_larger(packed, units.layer, units, found.reorder_point - position)
    palleted, why_pallet = _to_larger(layered, units.pallet, units, found.reorder_point - position)
    raised, why_minimum = _to_minimum(palleted, units, pack)
    room = np.minimum(how.capacity, how.life_cap) - position
    most = np.where(np.isfinite(room), np.floor(np.round(np.maximum(room, 0.0) / pack, 9)) * units.pack, np.inf)
    # the pack that a need was rounded up to may not fit: then the shelf takes it or the item is never ordered
    most = np.where((most < units.pack) & (need > 0) & (room > 0), units.pack, most)
    quantity = np.minimum(raised, most)
    steps = np.stack([need, packed, layered, palleted, raised, quantity])
    reasons = np.stack([
        np.where(need > 0, NEEDED, NOT_DUE),
        np.where(dropped, PACK_DROPPED, np.where(packed > 0, WHOLE_PACKS, KEPT)),
        why_layer,
        why_pallet,
        why_minimum,
        np.where(quantity < raised, CUT, FITS),
    ])  # fmt: skip
    return OrderQuantities(quantity=quantity, steps=steps, reasons=reasons)


def _to_larger(quantity: Floats, unit: Floats, units: Packing, least: Floats) -> tuple[Floats, Ints]:
    """Round to a larger unit. least: what the order must bring so that the position reaches the reorder point."""
    size = np.maximum(unit, 1e-9)
    whole = np.ceil(np.round(quantity / size, 9)) * unit
    lower = np.floor(np.round(quantity / size, 9)) * unit
    ordered: Flags = (quantity > 0) & (unit > 0)
    up = ordered & (whole > quantity) & (whole - quantity <= units.up * unit)
    down = ordered & ~up & (lower > 0) & (lower < quantity) & (quantity - lower <= units.down * unit) & (lower >= least)
    return np.where(up, whole, np.where(down, lower, quantity)), np.where(up, UP, np.where(down, DOWN, KEPT))


def _to_minimum(quantity: Floats, units: Packing, pack: Floats) -> tuple[Floats, Ints]:
    least = np.ceil(np.round(units.minimum / pack, 9)) * units.pack
    short = (quantity > 0) & (quantity < least)
    waits = short & (quantity < least / 2.0)
    return (
        np.where(waits, 0.0, np.where(short, least, quantity)),
        np.where(waits, BELOW_MINIMUM, np.where(short, TO_MINIMUM, KEPT)),
    )
