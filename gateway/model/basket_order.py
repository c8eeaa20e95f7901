"""BasketOrder: what a person has chosen from the suppliers' catalogues and wants ordered. Internal."""

from dataclasses import dataclass

from gateway.model.values import Item, Moment, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketLine:
    """So many units of an item from one supplier (partner id)."""

    supplier: str
    item: Item
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketOrder:
    """What one of our people orders from the catalogue. user: his name."""

    id: str
    issued_at: Moment
    user: str
    lines: tuple[BasketLine, ...]
