"""What a document causes in our records, as data. Domain makes effects, store writes them.

Each effect is written at most once per (message, kind, key): processing twice changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from gateway.model.documents import Document
from gateway.model.replenishment import ReplenishmentProposal

Measure = Literal["on_hand", "allocated", "backordered", "on_order", "in_transit"]
Side = Literal["sale", "purchase"]  # sale: a customer ordered from us; purchase: we ordered from a supplier


@dataclass(frozen=True, slots=True, kw_only=True)
class StockMoved:
    """Add delta to a measure of one item at one of our places."""

    key: str
    gtin: str
    location: str
    measure: Measure
    delta: Decimal
    reason: str  # order-allocated, shipped, received, counted, purchase-ordered, despatched-by-supplier, ...
    reference: str  # business number


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineState:
    number: str
    gtin: str
    ordered: Decimal
    confirmed: Decimal = Decimal(0)
    backordered: Decimal = Decimal(0)
    despatched: Decimal = Decimal(0)
    received: Decimal = Decimal(0)
    status: str = "open"
    price: Decimal | None = None
    promised: str | None = None  # ISO date


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSaved:
    """Insert or replace the state of an order: the whole state, not a difference."""

    key: str
    side: Side
    partner: str
    number: str
    status: str  # open, amended, shipped, received, rejected, cancelled
    ordered_on: date
    lines: tuple[OrderLineState, ...]
    ship_to: str | None = None
    currency: str | None = None
    digest: str | None = None  # of the order's business content, to tell a repeat from a clash
    document: Document | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentSaved:
    """A despatch: ours to a customer (sale) or a supplier's to us (purchase). status: despatched or received."""

    key: str
    side: Side
    partner: str
    number: str
    order: str | None
    status: str
    despatched_at: str | None = None
    lines: tuple[tuple[str, str, Decimal], ...] = ()  # (order line, GTIN, quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesRecorded:
    """Units of one item sold at one place on one day, as partner reported: a later report of the day replaces it."""

    key: str
    partner: str
    location: str
    gtin: str
    day: date
    sold: Decimal
    returned: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReported:
    """A partner's own stock of one item at one of its places."""

    key: str
    partner: str
    location: str
    gtin: str
    type: str
    quantity: Decimal
    at: datetime | date


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityAdded:
    """One line on the account's timeline, with figures that are added to the account's totals.

    figures: orders, order_lines, units_ordered, order_value, units_shipped, shipments, units_sold, responses, ...
    """

    key: str
    account: str  # partner id
    kind: str  # order-received, order-answered, shipped, sales-reported, ...
    reference: str
    figures: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened:
    """A problem somebody must look at; one open case per subject, whatever happens again only counts."""

    key: str
    account: str
    code: str  # error catalogue
    subject: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed:
    key: str
    account: str
    code: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalSaved:
    """Insert or replace a replenishment proposal."""

    key: str
    proposal: ReplenishmentProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelAnswered:
    """The far end's word on a parcel we sent to partner, found by control reference or by business document number."""

    key: str
    partner: str
    kind: str  # contrl, aperak, response
    outcome: Literal["accepted", "rejected", "received"]
    control_reference: str | None = None
    document: str | None = None
    detail: str | None = None


Effect = (
    StockMoved
    | OrderSaved
    | ShipmentSaved
    | SalesRecorded
    | StockReported
    | ActivityAdded
    | CaseOpened
    | CaseClosed
    | ProposalSaved
    | ParcelAnswered
)
