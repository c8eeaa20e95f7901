"""Partners, their channels and agreements, and our own master data: what partners/<id>/ says, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from gateway.model.edifact_terms import EdifactTerms
from gateway.model.findings import Severity
from gateway.model.planning import PlanningTerms
from gateway.model.values import GLN_SCHEME, Contact, PartnerId, PartyIdentifier

Role = Literal["customer", "supplier", "both", "none"]
Kind = Literal["partner", "house", "self"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """How to reach a partner over one protocol, and how it proves who it is.

    as2:  id (their AS2-From), url, certificate (names in the key store with windows, see model.key_window), receipt
          (signed-sync, unsigned-sync, signed-async, unsigned-async, none), security, compression, digest, cipher,
          key_transport, signature, legacy, chunked, receipt_url (where their own async receipts may go); ours: id,
          key (names with windows), url (where async receipts reach us)
    folder: folder (a plain name below var/folders, with in, out, archive and error)
    http: url, token (name of the secret in the key store that we send), webhook_secret; or delivery: fetch with
          fetch_within_h; inbound by API key, or client_certificate (names with windows; with client_name: authorities)
    via: partner, over: the channel of a provider (a VAN) that carries this partner
    each: carries (ids of the partners that may come over this connection); fallback (another key of channels),
          fallback_after (failures in a row, 1 to 4), fallback_uncertain (no, yes)
    """

    kind: str  # as2, http, memory
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One document type in one direction.

    direction     receive: they send, we receive; send: we send
    mapping       family/TYPE, for example eancom-1997/ORDERS, ubl-2.1/Order, canonical/Order
    over          key of Partner.channels
    contrl        receive: answer each EDIFACT interchange with CONTRL; send: expect a CONTRL within contrl_within_h
    unknown_item  receive orders: "park" the message, or "refuse" the line
    backorder     receive orders: what is not in stock follows later (True) or is cut from the order (False)
    test          send and receive as test traffic only
    envelope      send XML: "sbdh" puts the document into a StandardBusinessDocument (Peppol)
    valid_from, valid_to  first and last day (UTC) on which it holds; None: without beginning, without end. What is
                  received is judged by the day it came in, what is sent by the day it is written
    """

    direction: Literal["receive", "send"]
    mapping: str
    over: str
    contrl: bool = True
    contrl_within_h: int = 24
    aperak: bool = True
    unknown_item: Literal["park", "refuse"] = "park"
    backorder: bool = True
    test: bool = False
    envelope: Literal["none", "sbdh"] = "none"
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def family(self) -> str:
        return self.mapping.partition("/")[0]

    @property
    def message_type(self) -> str:
        return self.mapping.partition("/")[2]

    def holds_on(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)

    def overlaps(self, other: "Agreement") -> bool:
        """Tell whether there is a day on which both hold."""
        first = max(self.valid_from or date.min, other.valid_from or date.min)
        return first <= min(self.valid_to or date.max, other.valid_to or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is agreed with one account for a time: one version of it. Every rule about orders reads it.

    valid_from, valid_to  first and last day; of several that are valid the one that begins last counts
    price_list            name of one of our lists; None: the item's own sales price
    minimum_value         of an order, in currency; below it the order waits for a person
    lead_time_days        from order to delivery when stock is there; None: partners/self delivery_days
    delivery_days         ISO week days (1 Monday) on which we deliver; empty: any
    response_h            hours within which an order is answered, and its answer is expected when we order
    credit_class          A (no limit is checked), B, C (prepaid: every order waits); credit_limit: open receivables
    items                 "all" or the name of a lookup table of the partner that lists the GTINs it may order
    auto_value            an order of a larger value waits for a person; None: no limit
    auto_quantity         a line of more units waits for a person; None: no limit
    price_tolerance       percent by which the buyer's price may differ from ours and still be taken as ours
    quantity_tolerance    percent by which a delivery or an invoice may differ from what was ordered or received
    substitutes, partial  whether we may ship another item, or a part now and the rest later
    payment_days          from invoice to due date
    """

    valid_from: date = date(2000, 1, 1)
    valid_to: date | None = None
    price_list: str | None = None
    currency: str | None = None
    minimum_value: Decimal | None = None
    lead_time_days: int | None = None
    delivery_days: tuple[int, ...] = ()
    response_h: int = 24
    credit_class: Literal["A", "B", "C"] = "A"
    credit_limit: Decimal | None = None
    items: str = "all"
    auto_value: Decimal | None = None
    auto_quantity: Decimal | None = None
    price_tolerance: Decimal = Decimal(0)
    quantity_tolerance: Decimal = Decimal(0)
    substitutes: bool = False
    partial: bool = True
    payment_days: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A document that partner owes us regularly, or in answer to something.

    document  canonical type
    after     document type of ours or theirs that starts the clock (Order: an OrderResponse within hours);
              None: by the calendar
    hours     after that, or before the planned arrival when before_arrival is set (a despatch advice)
    days      ISO week days on which it is due by `by` local time (HH:MM) in time zone `zone`
    about     the day that a report due by the calendar is about
    """

    document: str
    after: str | None = None
    hours: int = 24
    before_arrival: bool = False
    days: tuple[int, ...] = ()
    by: str = "06:00"
    zone: str = "UTC"
    about: Literal["yesterday", "today"] = "yesterday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausible:
    """Which wished delivery dates are taken without a person, in days from the day on which an order is decided.

    past_days: None, however long past; the next possible day is promised instead
    """

    ahead_days: int = 366
    past_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """id: folder name. ids: every identifier the partner may use as sender or party (GLN scheme 0088)."""

    id: PartnerId
    name: str
    role: Role = "none"
    kind: Kind = "partner"
    ids: tuple[PartyIdentifier, ...] = ()
    channels: Mapping[str, ChannelSettings] = field(default_factory=dict)
    agreements: tuple[Agreement, ...] = ()
    severities: Mapping[str, Severity | Literal["off"]] = field(default_factory=dict)  # finding code -> severity
    mode: Literal["live", "test"] = "live"
    order: Literal["strict", "loose", "none"] = "loose"  # see pipeline.accept
    order_per: Literal["partner", "type"] = "partner"
    name_zh: str | None = None
    terms: tuple[Terms, ...] = ()
    assortments: Mapping[str, frozenset[str]] = field(default_factory=dict)  # table name -> GTINs it may order
    expects: tuple[Expected, ...] = ()
    edifact: EdifactTerms = field(default_factory=EdifactTerms)
    owner: str | None = None  # who looks after this partner in our house
    contact: Contact | None = None  # whom we ask about documents and connections
    language: Literal["en", "zh-CN"] = "en"  # of the words in what we send
    plausible: Plausible | None = None  # None: as our own company says
    orders_for: tuple[str, ...] = ()  # partner ids: whose orders it may send
    other_buyer: Literal["park", "sender"] = "park"  # an order that names another partner as buyer, without orders_for

    @property
    def gln(self) -> str | None:
        return next((each.value for each in self.ids if each.scheme == GLN_SCHEME), None)

    def terms_on(self, day: date) -> Terms:
        """Return the terms in force on a day; the defaults when nothing is agreed for it."""
        valid = [t for t in self.terms if t.valid_from <= day and (t.valid_to is None or day <= t.valid_to)]
        return max(valid, key=lambda each: each.valid_from, default=Terms())

    def on(self, day: date) -> "Partner":
        """Return the partner with the agreements alone that hold on that day."""
        if all(each.holds_on(day) for each in self.agreements):
            return self
        return replace(self, agreements=tuple(each for each in self.agreements if each.holds_on(day)))

    def receives(self, mapping: str, day: date) -> Agreement | None:
        """Return the agreement by which we receive mapping: that of the day, else one that held before."""
        found = [each for each in self.agreements if each.direction == "receive" and each.mapping == mapping]
        return next((each for each in found if each.holds_on(day)), found[0] if found else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRecord:
    """One of our trade items. pack: order multiple towards the supplier, in units. price_*: per unit."""

    gtin: str  # 14 digits
    name: str
    unit: str = "H87"  # UN/ECE Rec 20: piece
    supplier: str | None = None  # partner id
    supplier_item: str | None = None
    pack: Decimal = Decimal(1)
    sales_price: Decimal | None = None
    purchase_price: Decimal | None = None
    currency: str = "EUR"
    active: bool = True  # False: no longer sold, order lines are refused
    name_zh: str | None = None
    category: str | None = None
    substitute: str | None = None  # GTIN-14 of the item that may be shipped instead


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierTerms:
    """How we buy from one supplier. approval_limit: largest proposal value that goes out without a person."""

    partner: str
    lead_time_days: int = 3
    review_days: int = 1
    service_factor: Decimal = Decimal("1.64")  # z of a 95 % cycle service level
    approval_limit: Decimal = Decimal(1000)
    currency: str = "EUR"


@dataclass(frozen=True, slots=True, kw_only=True)
class SsccRange:
    """Where the gateway takes SSCCs from. prefix: our GS1 company prefix, 4 to 12 digits; extension: the digit before
    it, kept for the gateway: the warehouse numbers its own units with another one."""

    prefix: str
    extension: str = "0"

    @property
    def name(self) -> str:
        return f"sscc:{self.extension}{self.prefix}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCompany:
    """partners/self and its tables. warehouse: GLN of the place whose stock we sell from."""

    partner: Partner
    warehouse: str
    items: Mapping[str, ItemRecord]  # by GTIN-14
    suppliers: Mapping[str, SupplierTerms]  # by partner id
    delivery_days: int = 2  # from order to promised delivery when stock is there
    backorder_days: int = 7
    sscc: SsccRange | None = None  # None: logistic units get no number from us
    planning: PlanningTerms | None = None  # None: simple purchase planning of our warehouse
