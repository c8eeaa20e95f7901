"""What is known of an item at a place when it is planned, as the journal holds it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from gateway.model.planning_effects import OverrideSaved

if TYPE_CHECKING:  # plans are made from facts
    from gateway.domain.replenishment.item_plans import ItemPlan

Pair = tuple[str, str]  # place (GLN), GTIN
Noted = tuple[str, str, str, str]  # location, day, GTIN or "" for all, message
ZERO = Decimal(0)
ACCURACY = "accuracy"  # records of how good the forecasts were
LEARNED_DAYS = 3 * 365  # of history that a learning run looks at: a course of the year takes two


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAhead:
    """Plans that were made before the transaction of their run, in another process, from what the records said then.

    learned: as in PlanFacts, at that time; noted: days of which something had been told by then, see fact_changed;
    marked: the items and places that wait for a plan, with the last message that has changed them, see plan_changed.
    """

    now: datetime
    plans: "Mapping[Pair, ItemPlan]"
    learned: Mapping[str, str]
    noted: frozenset[Noted]
    marked: Mapping[Pair, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanScope:
    """What a run plans. pairs: these; changed: so many of those whose position has changed; else every planned pair of
    shard k of n (k from 0). since: first day of facts. first_day: of the history, so that it moves a step of several
    weeks at a time and not every day: what was learned from it day by day can then be kept; None: it ends history_days
    back. due: of the shard only what the look of this name has found, where it is kept. bought: GTINs that our
    warehouse buys.

    suppliers: by GTIN: what is bought from one supplier is planned in one shard, so that its order is one. echelon: the
    places whose figures our warehouse's items need beside their own. sample: at most so many pairs of each
    agreement, chosen by the CRC of their names; 0: all. agreements: of each place its id and customer.
    price_lists: of places, the list of ours that their customer buys from.
    by_orders: the demand of our warehouse is what customers order, not what places sell. ahead: plans that were made
    before this transaction."""

    since: date
    today: date
    places: tuple[str, ...]
    bought: frozenset[str] = frozenset()
    pairs: frozenset[Pair] | None = None
    changed: int = 0
    shard: tuple[int, int] = (0, 1)
    suppliers: Mapping[str, str] = field(default_factory=dict)
    echelon: tuple[str, ...] = ()
    sample: int = 0
    agreements: Mapping[str, tuple[str, str | None]] = field(default_factory=dict)
    by_orders: bool = False
    first_day: date | None = None
    due: str | None = None
    price_lists: Mapping[str, str] = field(default_factory=dict)
    ahead: PlannedAhead | None = None


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
    """Units that a place has taken in. number: of the receiving advice."""

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
class PlanEvent:
    """Something that is known of days beforehand, history and future alike; both days included.

    mechanic: what kind of event ("leaflet", "christmas-eve"): its effect is learned from events of that name. uplift:
    factor that is expected of it, None: what such events did before. price: over the usual price. places:
    of our warehouse, those of the places it fills that the event concerns. like: of an introduction, the GTIN to sell
    like.
    """

    id: str
    kind: Literal["promotion", "holiday", "introduction", "price"]
    mechanic: str
    first_day: date
    last_day: date
    uplift: Decimal | None = None
    price: Decimal | None = None
    places: tuple[str, ...] = ()
    like: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PairFacts:
    """sales: by place that sold; at a place of a customer only its own. on_hand and the two after it: of our warehouse,
    exact at any moment; None elsewhere. receipts: since the oldest stock figure that may count. counted_from: the day
    of the first count since the facts begin; emptied: days whose last count found nothing, as far back."""

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
    events: tuple[PlanEvent, ...] = ()  # by first day
    counted_from: date | None = None
    emptied: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFacts:
    """reported: the days of each place that a report covers, as far back as the scope asks.

    related: what the pairs lean on: like items, predecessors, and of our warehouse's items the places it fills.
    learned: of each agreement (id), what its items and places share, as JSON. first_day: as in PlanScope. made: plans
    made ahead that are still true; their pairs are not in pairs.
    """

    pairs: Mapping[Pair, PairFacts] = field(default_factory=dict)
    reported: Mapping[str, frozenset[date]] = field(default_factory=dict)
    related: Mapping[Pair, PairFacts] = field(default_factory=dict)
    learned: Mapping[str, str] = field(default_factory=dict)
    first_day: date | None = None
    made: "Mapping[Pair, ItemPlan]" = field(default_factory=dict)
