"""What is known of an item at a place when it is planned, as the journal holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from gateway.model.planning_effects import OverrideSaved

Pair = tuple[str, str]  # place (GLN), GTIN
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanScope:
    """What a run plans. pairs: these; changed: so many of those whose position has changed; else every planned pair of
    shard k of n (k from 0). since: first day of history. bought: GTINs that our warehouse buys."""

    since: date
    today: date
    places: tuple[str, ...]
    bought: frozenset[str] = frozenset()
    pairs: frozenset[Pair] | None = None
    changed: int = 0
    shard: tuple[int, int] = (0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySales:
    """Units of one day. excluded is part of sold; lost was asked for and not there."""

    sold: Decimal
    lost: Decimal = ZERO
    excluded: Decimal = ZERO
    promo: Decimal = ZERO
    returned: Decimal = ZERO
    report: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockCount:
    """A figure of a stock report. type: onHand, available, inTransit, min, ... at: date = close of that day."""

    type: str
    quantity: Decimal
    at: datetime | date
    report: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    units: Decimal
    at: datetime | date
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """Units on their way to a place. source: the document that says so: Order, OrderResponse or DespatchAdvice.

    expected_on: None: nobody has said.
    """

    source: Literal["Order", "OrderResponse", "DespatchAdvice"]
    number: str
    line: str
    units: Decimal
    expected_on: date | None
    partner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFacts:
    """sales: by place that sold; at a place of a customer only its own. on_hand and the two after it: of our warehouse,
    exact at any moment; None elsewhere. receipts: since the oldest stock figure that may count."""

    place: str
    gtin: str
    sales: Mapping[str, Mapping[date, DaySales]] = field(default_factory=dict)
    stock: tuple[StockCount, ...] = ()  # the newest first
    receipts: tuple[Receipt, ...] = ()
    coming: tuple[Coming, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    overrides: tuple[OverrideSaved, ...] = ()
    on_hand: Decimal | None = None
    allocated: Decimal = ZERO
    backordered: Decimal = ZERO
    usual_order: Decimal = ZERO  # mean of the last orders from plans; 0: there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """reported: the days of each place that a report covers, as far back as the scope asks."""

    pairs: Mapping[Pair, PairFacts] = field(default_factory=dict)
    reported: Mapping[str, frozenset[date]] = field(default_factory=dict)
