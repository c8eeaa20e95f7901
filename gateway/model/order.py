"""Order: a buyer's request for goods, and the seller's answer. EDIFACT ORDERS and ORDRSP, UBL Order-2 and
OrderResponse-2."""

from dataclasses import dataclass

from gateway.model.values import (
    AllowanceCharge,
    Amount,
    DeliveryTerms,
    DocumentRef,
    Item,
    Moment,
    Party,
    PaymentTerms,
    Price,
    Quantity,
    Tax,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWindow:
    """Both ends are included; None is open."""

    earliest: Moment | None = None
    latest: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A part of a line for one place or one date (cross dock)."""

    location: str | None = None  # GLN
    quantity: Quantity | None = None
    date: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRefs:
    """Numbers of what an order rests on. customer: its own number for the order of its customer."""

    contract: str | None = None
    price_list: str | None = None
    promotion: str | None = None
    blanket_order: str | None = None
    quotation: str | None = None
    sales_order: str | None = None
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderTotals:
    """What an order says of itself, to be compared. amount: net."""

    amount: Amount | None = None
    line_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """EDIFACT ORDERS: the LIN group; UBL 2.1: cac:OrderLine."""

    number: str  # the buyer's line number, as sent
    item: Item
    quantity: Quantity
    free_quantity: Quantity | None = None
    units_per_pack: Quantity | None = None
    price: Price | None = None
    amount: Amount | None = None
    requested_delivery: Moment | None = None
    delivery_window: DeliveryWindow | None = None
    splits: tuple[Split, ...] = ()
    notes: tuple[str, ...] = ()
    parent: str | None = None  # number of the line this one is part of (displays, assortments)
    action: str | None = None  # of a change: added, changed, deleted or unchanged
    retail_price: Amount | None = None  # recommended, per unit of the item
    tax: Tax | None = None
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    promotion: str | None = None
    final_party: Party | None = None
    packaging: str | None = None  # UN/ECE Rec 21
    packages: int | None = None
    substitution_allowed: bool | None = None
    partial_allowed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """id is the buyer's number, unique per buyer.

    function: original, cancel, change, replace, duplicate or copy (EDIFACT BGM 1225 = 9, 1, 4, 5, 7, 31)
    """

    id: str
    issued_at: Moment
    buyer: Party
    seller: Party
    lines: tuple[OrderLine, ...]
    type_code: str | None = None  # UNCL 1001: 220 order, 224 rush, 226 call-off, 227 consignment
    function: str = "original"
    currency: str | None = None
    ship_to: Party | None = None
    ship_from: Party | None = None
    bill_to: Party | None = None
    requested_delivery: Moment | None = None
    delivery_window: DeliveryWindow | None = None
    refs: OrderRefs | None = None
    notes: tuple[str, ...] = ()
    totals: OrderTotals | None = None
    ultimate_consignee: Party | None = None  # the shop, when ship_to is a cross dock
    ordered_by: Party | None = None
    carrier: Party | None = None
    transport_mode: str | None = None  # UN/ECE Rec 19 (3 road)
    requested_ship: Moment | None = None
    pick_up: Moment | None = None
    cancel_after: Moment | None = None
    conditions: tuple[str, ...] = ()  # partial-allowed, complete-only, ...
    delivery_terms: DeliveryTerms | None = None
    payment_terms: PaymentTerms | None = None
    allowances_charges: tuple[AllowanceCharge, ...] = ()
    taxes: tuple[Tax, ...] = ()
    answer_wanted: str | None = None  # UNCL 4343: AB received, AC every change told, NA none


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResponseLine:
    """One answered order line.

    status  accepted, quantity-changed, date-changed, price-changed, substituted, backordered-part,
            backordered, rejected, added or delivered. EDIFACT LIN 1229 and UBL LineStatusCode do not say
            what changed: the reader of a response compares with the order.
    reason  code of our error catalogue (within the house; pipeline.spoken makes words of it) or a partner's text,
            None when accepted
    """

    number: str  # of this response
    order_line: str  # the buyer's line number
    status: str
    item: Item
    ordered_quantity: Quantity | None = None
    confirmed_quantity: Quantity | None = None
    backorder_quantity: Quantity | None = None
    substitute: Item | None = None
    price: Price | None = None
    promised_delivery: Moment | None = None
    reason: str | None = None
    splits: tuple[Split, ...] = ()
    variance: Quantity | None = None  # ordered less confirmed, as the seller says it
    variance_reason: str | None = None  # UNCL 4295


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderResponse:
    """A seller's answer. EDIFACT ORDRSP, UBL OrderResponse-2.

    status: accepted, amended, rejected or received (EDIFACT BGM 1225 = 29, 4, 27, 12; UBL AP, CA, RE, AB)
    """

    id: str
    issued_at: Moment
    status: str
    order: DocumentRef
    buyer: Party
    seller: Party
    lines: tuple[OrderResponseLine, ...] = ()
    currency: str | None = None
    ship_to: Party | None = None
    sales_order: str | None = None
    promised_delivery: Moment | None = None
    notes: tuple[str, ...] = ()
    reason: str | None = None  # UNCL 4465, why the order is answered so
