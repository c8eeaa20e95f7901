"""OrderDecision: a person's word on a customer's order that waits. Internal: it takes the same way as any document."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.model.values import Item, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class LineWord:
    """What a person says of one line; what is None stays as the rules found it.

    number      of our records
    quantity    units to confirm at once, whatever stock says; the rest follows the order's rules
    promised    the day we promise
    price       net, per unit, in the currency of the price list
    substitute  GTIN of the item to ship instead
    refuse      nothing of the line is taken
    """

    number: str
    quantity: Decimal | None = None
    promised: Moment | None = None
    price: Decimal | None = None
    substitute: str | None = None
    refuse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDecision:
    """decision: accept (with the words of single lines) or reject (the whole order, or the change of it that waits).

    items: what the order is about, as it stood when the person looked; stock is read for them
    """

    id: str
    issued_at: Moment
    partner: str
    order: str
    decision: str
    user: str
    items: tuple[Item, ...] = ()
    lines: tuple[LineWord, ...] = ()
    reason: str | None = None
