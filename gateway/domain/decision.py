"""The shape of every decider: what it asks for, what it is given, what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal

from gateway.domain.replenishment.facts import PlanFacts, PlanScope
from gateway.model.calendar import Calendar
from gateway.model.documents import Document
from gateway.model.effects import (
    Effect,
    InvoiceSaved,
    OfferSaved,
    OrderSaved,
    PackSaved,
    PlaceSaved,
    PriceSaved,
    ReturnSaved,
    ShipmentSaved,
    Side,
    UnitShipped,
)
from gateway.model.findings import Finding
from gateway.model.partner import Agreement, OwnCompany, Partner
from gateway.model.planning_effects import OverrideSaved, PlannedLine, RecordSaved, WordKept
from gateway.model.replenishment import ReplenishmentProposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """The records a decider wants to see. orders and shipments: (side, partner id, number)."""

    orders: frozenset[tuple[Side, str, str]] = frozenset()
    shipments: frozenset[tuple[Side, str, str]] = frozenset()
    orders_by_number: frozenset[str] = frozenset()  # sale orders of any partner, for the house's documents
    stock: frozenset[str] = frozenset()  # GTINs, at our warehouse
    all_stock: bool = False
    proposals: frozenset[str] = frozenset()
    open_proposals: bool = False
    sales_since: date | None = None  # daily sales of every item from that day on
    open_backorders: frozenset[str] = frozenset()  # GTINs: open sale orders with backordered quantity
    invoices: frozenset[tuple[Side, str, str]] = frozenset()
    invoices_of_orders: frozenset[tuple[Side, str, str]] = frozenset()  # by the order they are about
    shipments_of_orders: frozenset[tuple[Side, str, str]] = frozenset()
    returns: frozenset[tuple[Side, str, str]] = frozenset()
    returns_of_orders: frozenset[tuple[Side, str, str]] = frozenset()
    receivables: frozenset[str] = frozenset()  # partner ids: what they owe us
    prices: frozenset[tuple[str, str]] = frozenset()  # (price list, GTIN)
    offers: frozenset[str] = frozenset()  # GTINs: every supplier's catalogue price, history included
    packs: frozenset[str] = frozenset()  # GTINs, of the pack or of what it holds; packs of packs come with them
    places: frozenset[str] = frozenset()  # GLNs
    calendars: frozenset[str] = frozenset()  # of partners (id, self: us) and places (GLN)
    supply: frozenset[str] = frozenset()  # GTINs: what suppliers still owe us
    ranges: frozenset[str] = frozenset()  # number ranges of our own (SSCC): the last number given out
    units: frozenset[str] = frozenset()  # SSCCs
    planning: PlanScope | None = None  # what is known of items and places to be planned
    received_since: date | None = None  # what suppliers have delivered of orders since that day
    plan_why: frozenset[tuple[str, str]] = frozenset()  # (place, GTIN): the plans as they stand
    plan_words: frozenset[str] = frozenset()  # ids of planners' words
    plan_overrides: frozenset[tuple[str, str]] = frozenset()  # (place, GTIN): the active ones
    plan_parameters: frozenset[tuple[str, str]] = frozenset()  # (place, GTIN)
    plan_records: frozenset[tuple[str, str]] = frozenset()  # (kind, id): events, agreements on continuous replenishment


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    """One of our items at our warehouse. available = on_hand - allocated."""

    on_hand: Decimal = Decimal(0)
    allocated: Decimal = Decimal(0)
    backordered: Decimal = Decimal(0)
    on_order: Decimal = Decimal(0)
    in_transit: Decimal = Decimal(0)

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.allocated


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was asked for in Needs, as it stands in this transaction. Absent keys mean: no such record."""

    orders: Mapping[tuple[Side, str, str], OrderSaved] = field(default_factory=dict)
    shipments: Mapping[tuple[Side, str, str], ShipmentSaved] = field(default_factory=dict)
    stock: Mapping[str, StockLevel] = field(default_factory=dict)  # by GTIN
    proposals: Mapping[str, ReplenishmentProposal] = field(default_factory=dict)
    daily_sales: Mapping[str, Mapping[date, Decimal]] = field(default_factory=dict)  # GTIN -> day -> net units
    invoices: Mapping[tuple[Side, str, str], InvoiceSaved] = field(default_factory=dict)
    returns: Mapping[tuple[Side, str, str], ReturnSaved] = field(default_factory=dict)
    receivables: Mapping[str, Decimal] = field(default_factory=dict)  # partner -> open invoices less open credits
    prices: Mapping[tuple[str, str], tuple[PriceSaved, ...]] = field(default_factory=dict)
    offers: Mapping[str, tuple[OfferSaved, ...]] = field(default_factory=dict)  # by GTIN, the oldest first
    packs: tuple[PackSaved, ...] = ()
    places: Mapping[str, PlaceSaved] = field(default_factory=dict)
    calendars: tuple[Calendar, ...] = ()  # every version of the owners that were asked for
    supply: Mapping[str, tuple[tuple[date, Decimal], ...]] = field(default_factory=dict)  # by day, the earliest first
    ranges: Mapping[str, int] = field(default_factory=dict)  # absent: none was given out yet
    units: Mapping[str, tuple[UnitShipped, datetime]] = field(default_factory=dict)  # by SSCC, with its last use
    planning: PlanFacts = field(default_factory=PlanFacts)
    received: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)  # by supplier and GTIN
    plans: Mapping[tuple[str, str], PlannedLine] = field(default_factory=dict)  # by place and GTIN
    plan_words: Mapping[str, WordKept] = field(default_factory=dict)
    plan_overrides: Mapping[tuple[str, str], tuple[OverrideSaved, ...]] = field(default_factory=dict)
    plan_parameters: Mapping[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    plan_records: Mapping[tuple[str, str], RecordSaved] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who and when. serial: a number never used before; deciders make document numbers from it.

    agreement: None for internal documents.
    partners: all partners by id (to find the house, a supplier, a party by GLN).
    zones: time zones by IANA name, as the shell knows them.
    """

    partner: Partner
    own: OwnCompany
    partners: Mapping[str, Partner]
    now: datetime
    serial: int
    agreement: Agreement | None = None
    test: bool = False
    zones: Mapping[str, tzinfo] = field(default_factory=dict)

    @property
    def house(self) -> Partner | None:
        return next((each for each in self.partners.values() if each.kind == "house"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A document we owe. to: partner id. about: business number of what it answers, for the chain.

    optional: who has not agreed on such documents simply does not get it
    """

    to: str
    document: Document
    about: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a document causes: what is written, what is answered, what is shown."""

    effects: tuple[Effect, ...] = ()
    answers: tuple[Answer, ...] = ()
    findings: tuple[Finding, ...] = ()  # warnings to show on the message
