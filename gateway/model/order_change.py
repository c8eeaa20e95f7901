"""OrderChange and OrderCancellation. EDIFACT ORDCHG (and ORDERS 1225 = 1, 4, 5), UBL OrderChange-2 and
OrderCancellation-2."""

from dataclasses import dataclass

from gateway.model.order import DeliveryWindow, OrderLine, OrderTotals
from gateway.model.values import DocumentRef, Moment, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """What a buyer wants changed in an order. lines: the changed ones, each with its action.

    sequence  number of the change to this order (UBL SequenceNumberID), None when the sender does not count
    """

    id: str
    issued_at: Moment
    order: DocumentRef
    buyer: Party
    seller: Party
    lines: tuple[OrderLine, ...] = ()
    sequence: str | None = None
    function: str = "change"
    currency: str | None = None
    ship_to: Party | None = None
    requested_delivery: Moment | None = None
    delivery_window: DeliveryWindow | None = None
    notes: tuple[str, ...] = ()
    totals: OrderTotals | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancellation:
    """A buyer takes back a whole order."""

    id: str
    issued_at: Moment
    order: DocumentRef
    buyer: Party
    seller: Party
    reason: str | None = None
    notes: tuple[str, ...] = ()
