"""Rows about our house and the chain, as people and the API see them. Quantities Decimal, days ISO dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from gateway.store.view_rows import Direction, LineKind

# --- the chain --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLine:
    """One line of a document of the chain. quantity in units; for an answer what it confirms."""

    number: str
    gtin: str | None
    quantity: Decimal
    order: str | None = None
    order_line: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainMessage:
    """A message or parcel that carried a document of the chain."""

    id: str
    kind: LineKind
    direction: Direction
    partner: str
    state: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainNode:
    """One document. key: names it in links. status: of our records, None where they keep none of it.

    units: sum of its lines; amount: what it asks or pays, in currency
    """

    key: str
    type: str
    number: str
    status: str | None
    on: str | None
    units: Decimal | None
    amount: Decimal | None
    currency: str | None
    at: datetime | None
    lines: tuple[ChainLine, ...] = ()
    messages: tuple[ChainMessage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """source and to: keys of nodes. message: by which we learned it."""

    source: str
    to: str
    message: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The documents before and after one, in the order in which they came. truncated: there are more."""

    side: str
    partner: str
    start: str
    nodes: tuple[ChainNode, ...]
    links: tuple[ChainLink, ...]
    truncated: bool = False


# --- invoices, payments, returns --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLineView:
    """A line of an invoice, with the order line that it is for."""

    number: str
    gtin: str
    quantity: Decimal
    price: Decimal | None
    amount: Decimal
    order: str | None
    order_line: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentLine:
    """One invoice in one remittance. side sale: a customer paid us."""

    side: str
    partner: str
    remittance: str
    invoice: str
    paid: Decimal
    adjustment: Decimal
    reason: str | None
    currency: str
    paid_on: str
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceView:
    """side sale: we asked a customer; purchase: a supplier asked us. kind: invoice, credit-note or debit-note.

    differences: what a person must decide on (details only): (code of the problem, what is said)
    lines, payments: of a detail; empty in lists
    """

    side: str
    partner: str
    number: str
    kind: str
    status: str
    issued_on: str
    due_on: str | None
    currency: str
    net: Decimal
    tax: Decimal
    gross: Decimal
    open: Decimal
    order: str | None
    shipment: str | None
    credits: str | None
    message: str | None
    updated_at: datetime
    lines: tuple[InvoiceLineView, ...] = ()
    payments: tuple[PaymentLine, ...] = ()
    differences: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLineView:
    """instruction: return, destroy, keep, credit or refuse; None: nobody has said."""

    number: str
    gtin: str
    announced: Decimal
    instruction: str | None
    received: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnView:
    """A return as it stands."""

    side: str
    partner: str
    number: str
    status: str
    order: str | None
    shipment: str | None
    message: str | None
    updated_at: datetime
    lines: tuple[ReturnLineView, ...] = ()


# --- what is to come, lists that were imported ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedLine:
    """state: waiting, overdue, met or late. cause: message that made us expect it, None: the calendar."""

    partner: str
    document_type: str
    subject: str
    state: str
    due: datetime
    cause: str | None
    met_at: datetime | None
    met_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """problems: of a detail: each with code, line, column and value; the first thousand."""

    id: str
    kind: str
    file: str
    user: str
    state: str
    rows: int
    changed: int
    rejected: int
    at: datetime
    updated_at: datetime
    problems: tuple[Mapping[str, Any], ...] = ()


# --- catalogues -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTier:
    """The net price per unit from so many units on."""

    minimum: Decimal
    price: Decimal
    valid_from: str
    valid_to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferView:
    """What one supplier offers of an item on a day. tiers: by quantity; cheapest: no other is lower for its minimum.

    status: offered, withdrawn, or ended (no net price is valid on that day)
    """

    supplier: str
    supplier_item: str | None
    name: str
    status: str
    currency: str
    tiers: tuple[PriceTier, ...]
    increment: Decimal
    lead_time_days: int | None
    cheapest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueItemView:
    """One item with every supplier's offer side by side. name: ours where we keep the item, else a supplier's."""

    gtin: str
    name: str
    offers: tuple[OfferView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceChange:
    """A net price that differs from the one before it. before None: offered for the first time; after None: withdrawn.

    percent: of before, one decimal
    """

    supplier: str
    gtin: str
    name: str
    minimum: Decimal
    valid_from: str
    currency: str
    before: Decimal | None
    after: Decimal | None
    percent: Decimal | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketRow:
    """A line of a basket. gtin: 14 digits."""

    supplier: str
    gtin: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPrice:
    """A price of one of our own lists. in_force: on the day that was asked for."""

    price_list: str
    gtin: str
    minimum: Decimal
    price: Decimal
    currency: str
    valid_from: str
    valid_to: str | None
    in_force: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceListLine:
    """One of our price lists, with how many prices and items it holds."""

    price_list: str
    prices: int
    items: int
