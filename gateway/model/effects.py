"""What a document causes in our records, as data. Domain makes effects, store writes them.

Each effect is written at most once per (message, kind, key): processing twice changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from gateway.model.account_terms import AccountTerms
from gateway.model.calendar import Calendar
from gateway.model.documents import Document
from gateway.model.partner import ItemRecord
from gateway.model.planning_effects import PlanningEffect
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
    """How far one line of an order is, in base units; price: net of one unit, in the currency of the order."""

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
    invoiced: Decimal = Decimal(0)  # less what was credited
    returned: Decimal = Decimal(0)
    requested: str | None = None  # ISO date on which the buyer wants it
    reason: str | None = None  # why it is not as ordered: code of our catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderSaved:
    """Insert or replace the state of an order: the whole state, not a difference."""

    key: str
    side: Side
    partner: str
    number: str
    status: str  # waiting (for a person), open, amended, shipped, received, invoiced, closed, rejected, cancelled
    ordered_on: date
    lines: tuple[OrderLineState, ...]
    ship_to: str | None = None
    currency: str | None = None
    digest: str | None = None  # of the order's business content, to tell a repeat from a clash
    document: Document | None = None
    pending: Document | None = None  # the order, or its change, that waits for a person


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentSaved:
    """A despatch: ours to a customer (sale) or a supplier's to us (purchase). status: despatched or received.

    document: the advice, for labels and for what is compared with the receipt.
    """

    key: str
    side: Side
    partner: str
    number: str
    order: str | None
    status: str
    despatched_at: str | None = None
    lines: tuple[tuple[str, str, Decimal], ...] = ()  # (order line, GTIN, quantity)
    document: Document | None = None


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
    lost: Decimal = Decimal(0)  # asked for and not there
    excluded: Decimal = Decimal(0)  # of sold: not to be replenished
    promo: Decimal = Decimal(0)  # of sold: on promotion
    report: str = ""
    issued_at: datetime | date | None = None  # None: the day itself
    source: int = 2  # see gateway.model.planning_effects


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
    report: str = ""
    issued_at: datetime | date | None = None  # None: as at


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
    """The problem of a code about a subject is over."""

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
    """The far end's word on a parcel we sent to partner, found by control reference or by business document number.

    refused_messages: references of the messages in it that were refused, where the others were not."""

    key: str
    partner: str
    kind: str  # contrl, aperak, response
    outcome: Literal["accepted", "rejected", "received"]
    control_reference: str | None = None
    document: str | None = None
    detail: str | None = None
    refused_messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSaved:
    """Insert or replace one of our trade items, as our house says it: wins over partners/self/tables/items.csv."""

    key: str
    item: ItemRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PackSaved:
    """One pack of an item: contents of `inner` in one of `gtin`. level: case, layer or pallet."""

    key: str
    gtin: str
    inner: str
    contents: Decimal
    level: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSaved:
    """A price of one of our lists from a day on. minimum: from that many units; valid_to: last day, None: open."""

    key: str
    price_list: str
    gtin: str
    price: Decimal
    currency: str
    valid_from: date
    valid_to: date | None = None
    minimum: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSaved:
    """A place of ours or of a partner. kind: warehouse, store, dc or office."""

    key: str
    gln: str
    name: str
    kind: str
    partner: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)  # address, opening hours, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarSaved:
    """Insert or replace a version of a calendar; drop: take it away."""

    key: str
    calendar: Calendar
    drop: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSaved:
    """Insert or replace what our house says of a customer from a day on. number: what the house calls it.

    data: address, contact, registration. terms: over those of partner.yaml. valid_to: last day, None: open
    """

    key: str
    account: str  # partner id
    valid_from: date
    valid_to: date | None = None
    name: str = ""
    number: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    terms: AccountTerms = field(default_factory=AccountTerms)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferSaved:
    """An item and its price in a supplier's catalogue, valid from a day on. Earlier prices stay as history.

    kind: net, gross or retail. withdrawn: the supplier no longer offers it from that day on.
    """

    key: str
    supplier: str
    gtin: str
    kind: str
    price: Decimal
    currency: str
    valid_from: date
    valid_to: date | None = None
    minimum: Decimal = Decimal(0)
    name: str = ""
    supplier_item: str | None = None
    increment: Decimal = Decimal(1)
    lead_time_days: int | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineState:
    """One line of an invoice as our records keep it; amount without tax."""

    number: str
    gtin: str
    quantity: Decimal
    amount: Decimal
    price: Decimal | None = None
    order: str | None = None
    order_line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSaved:
    """Insert or replace an invoice, or a credit note. Amounts are positive on both; kind says which way they count.

    side     sale: we asked a customer for it; purchase: a supplier asked us
    kind     invoice, credit-note or debit-note
    status   open, matched, disputed, paid, credited
    open     what is still to be paid or set off
    """

    key: str
    side: Side
    partner: str
    number: str
    kind: str
    status: str
    issued_on: date
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    open: Decimal
    due_on: date | None = None
    order: str | None = None
    shipment: str | None = None
    credits: str | None = None  # number of the invoice that a credit note is about
    lines: tuple[InvoiceLineState, ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettled:
    """A remittance pays (part of) an invoice. The invoice's new state comes as InvoiceSaved."""

    key: str
    side: Side
    partner: str
    remittance: str
    invoice: str
    paid: Decimal
    currency: str
    paid_on: date
    adjustment: Decimal = Decimal(0)
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnSaved:
    """Insert or replace a return. status: announced, instructed, refused, received or credited.

    lines: (line, GTIN, announced, instruction, received)
    """

    key: str
    side: Side
    partner: str
    number: str
    status: str
    order: str | None = None
    shipment: str | None = None
    lines: tuple[tuple[str, str, Decimal, str | None, Decimal], ...] = ()
    document: Document | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLinked:
    """One step of the chain: document `to` follows from `source`. Types are canonical (Order, Invoice, ...)."""

    key: str
    side: Side
    partner: str
    source_type: str
    source: str
    to_type: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentExpected:
    """A document must come from partner until due. subject: what it is about (an order number, a day)."""

    key: str
    partner: str
    document_type: str
    subject: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectationMet:
    """The expected document has come, in time or late: its case is closed."""

    key: str
    partner: str
    document_type: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersTaken:
    """Numbers of a range of our own are given out: start + 1 to last. start is what the snapshot said: nobody else has
    taken any in between, so that no number is given twice and none is left out."""

    key: str
    range: str
    start: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitShipped:
    """An SSCC is on a logistic unit that has left our house."""

    key: str
    sscc: str
    partner: str
    shipment: str


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
    | ItemSaved
    | PackSaved
    | PriceSaved
    | PlaceSaved
    | CalendarSaved
    | CustomerSaved
    | OfferSaved
    | InvoiceSaved
    | PaymentSettled
    | ReturnSaved
    | DocumentLinked
    | DocumentExpected
    | ExpectationMet
    | NumbersTaken
    | UnitShipped
    | PlanningEffect
)
