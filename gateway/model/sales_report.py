"""SalesReport and InventoryReport. EDIFACT SLSRPT and INVRPT, UBL ProductActivity-2 and InventoryReport-2.

The canonical form is rows (item, place, period, type, value): formats differ in which level is outside.
"""

from dataclasses import dataclass

from gateway.model.values import Amount, Item, Moment, Party, Period, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesLine:
    """Sales of one item at one place in one period (None: the report's period)."""

    item: Item
    location: str | None = None  # GLN of the shop; None: the reporter
    period: Period | None = None
    sold_quantity: Quantity | None = None
    returned_quantity: Quantity | None = None
    promo_quantity: Quantity | None = None
    stock: Quantity | None = None
    price: Amount | None = None
    value: Amount | None = None
    promotion: str | None = None  # number of the promotion, or "yes" when the sender only says that there was one
    channel: str | None = None  # identifier of the sales channel or outlet type
    net_quantity: Quantity | None = None  # sold, returns taken off already (UNCL 6063 212)
    excluded_quantity: Quantity | None = None  # sold, but not to be replenished (41): a bulk sale, a clearance
    missing_quantity: Quantity | None = None  # asked for and not there (217): lost sales


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesReport:
    """Point-of-sale data from a reporter (who sold) to a receiver (who supplies).

    function: original, replace (of the report of the same number), duplicate or cancel (EDIFACT BGM 1225)
    """

    id: str
    issued_at: Moment
    reporter: Party
    receiver: Party
    lines: tuple[SalesLine, ...]
    period: Period | None = None
    currency: str | None = None
    notes: tuple[str, ...] = ()
    function: str = "original"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """direction: in or out (UNCL 4501). reason: UNCL 4499."""

    direction: str
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryLine:
    """One quantity of one item at one place.

    type  onHand, available, committed, onOrder, inTransit, damaged, qualityHold, ... (EDIFACT QTY 6063 = 17,
          145, 66, ...; the full list is schemas/codes/inventory-type.csv)
    """

    item: Item
    quantity: Quantity
    type: str
    location: str | None = None  # GLN; None: the reporter
    at: Moment | None = None
    movement: Movement | None = None  # None: a balance
    batch: str | None = None
    best_before: Moment | None = None
    sscc: str | None = None
    price: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryReport:
    """Stock and movements. function: as in SalesReport."""

    id: str
    issued_at: Moment
    reporter: Party
    lines: tuple[InventoryLine, ...]
    receiver: Party | None = None
    period: Period | None = None
    at: Moment | None = None  # the moment of the snapshot
    kind: str | None = None  # balance or movements; None: not said
    notes: tuple[str, ...] = ()
    function: str = "original"
