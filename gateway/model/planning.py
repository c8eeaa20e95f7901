"""How we plan: what partners/self/planning.yaml says, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Literal

Method = Literal["purchase", "vmi", "cmi"]
Rule = Literal["order-up-to", "min-max", "reorder-lot", "reorder-up-to"]
ServiceMeasure = Literal["fill-rate", "cycle-service", "least-stock"]
Model = Literal["auto", "level", "tsb", "sba"]
LoadMeasure = Literal["value", "units", "pallets"]
EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanParameters:
    """Of an item at a place. Units are base units of the item; None: there is no such limit.

    rule               order-up-to: to the target each order day; min-max: to maximum at or below minimum; reorder-lot:
                       lot at or below the reorder point; reorder-up-to: by lot above the reorder point
    service, measure   the promise: share of units served from stock, or share of cycles without a stock-out;
                       least-stock: less than 1 - service of one unit more would be sold in a cycle
    presentation       units that shall stand on the shelf beyond the expected demand
    capacity           most units in the position
    shelf_life_days    days from arrival in which all must be sold
    layer, pallet      units of a layer, of a pallet; round_up, round_down: share of one within which an order becomes
                       whole ones
    minimum_order      least units of one order
    trigger            share of the first pack below which nothing is ordered while the interval is covered
    model              of the forecast: auto (as its class does best), level, tsb or sba
    like, predecessor  GTIN that a new item sells like, or that it follows: a predecessor's history and stock left count
    factor             units of this item for one unit of that one
    frozen             the item is not ordered there
    """

    rule: Rule = "order-up-to"
    service: Decimal = Decimal("0.98")
    measure: ServiceMeasure = "fill-rate"
    lot: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    presentation: Decimal = Decimal(0)
    capacity: Decimal | None = None
    shelf_life_days: int | None = None
    layer: Decimal | None = None
    pallet: Decimal | None = None
    round_up: Decimal = Decimal(0)
    round_down: Decimal = Decimal(0)
    minimum_order: Decimal = Decimal(0)
    trigger: Decimal = Decimal(0)
    frozen: bool = False
    model: Model = "auto"
    like: str | None = None
    predecessor: str | None = None
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCalendar:
    """When we order and when goods arrive. Days are ISO week days, 1 Monday.

    order_days, cut_off   orders later than cut_off (local time of zone) wait for the next order day
    lead_days             working days of the supplier (work_days without closed) from order to arrival
    receiving_days        on which the place takes goods in (not on its place_closed)
    sold_after_days       from arrival until the goods can be sold
    open_days             on which the place sells: on other days nothing is sold, and no report is missing
    lead_deviation        standard deviation of the lead time in days
    """

    lead_days: int = 2
    order_days: tuple[int, ...] = EVERY_DAY
    cut_off: time | None = None
    work_days: tuple[int, ...] = EVERY_DAY
    closed: tuple[date, ...] = ()
    receiving_days: tuple[int, ...] = EVERY_DAY
    place_closed: tuple[date, ...] = ()
    sold_after_days: int = 0
    open_days: tuple[int, ...] = EVERY_DAY
    lead_deviation: Decimal = Decimal(0)
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadTerms:
    """What one order to a supplier must come to, in measure: money, units, or pallets (units over the item's pallet).

    minimum     a smaller order is raised by what will be needed next; below wait_below of it, it waits for another day
    truck       what fits; 0: there is no limit. An order of at least fill_from of a truck is filled up to a whole one
    """

    supplier: str
    measure: LoadMeasure = "value"
    minimum: Decimal = Decimal(0)
    wait_below: Decimal = Decimal(0)
    truck: Decimal = Decimal(0)
    fill_from: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTerms:
    """A supplier who gets delivery schedules (DELFOR): open orders as firm, what will follow as planned.

    horizon_days   how far ahead the planned quantities go
    every_days     a schedule that old is renewed even when nothing firm has changed
    """

    supplier: str
    horizon_days: int = 56
    every_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplierPlan:
    """A supplier who plans what our warehouse gets of his items; we order nothing from him ourselves.

    mode          vmi: what he raises is an order; cmi: inside the items' minimum and maximum it is, else we decide
    report_days   on which the nightly run sends him our stock (INVRPT) and sales (SLSRPT), where he has agreed on them
    sales_days    last days that each sales report tells: late and corrected days are told again
    """

    supplier: str
    mode: Literal["vmi", "cmi"] = "vmi"
    report_days: tuple[int, ...] = EVERY_DAY
    sales_days: int = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAgreement:
    """Which places are planned how. The first agreement that names a place counts for it.

    method        purchase: we order from the item's supplier; vmi: we decide what our customer gets, the order goes to
                  it as a manufacturer raised order (22E) and into our books; cmi: the customer answers first
    partner       of vmi and cmi: the customer
    places        GLNs; of purchase: our warehouse
    demand        what the place's demand is told from: sales (reports) or orders (of customers, at our warehouse)
    forecast      own: orders are made from ours, the partner's (SLSFCT) is kept beside it; partner: from the partner's
                  where it has told one
    in_transit    asn: goods on their way are known from our despatches; report: from the partner's report (198, 505,
                  506). Never both: they are the same goods
    report_days   a stock figure older than that is an exception
    overdue_days  an open order that many days late is no longer counted
    usual_times   an order of more than so many times the usual one waits for a planner
    approval      limit: an order without exceptions goes out up to value_limit; planner: none goes out by itself
    item_service  service by the item's class of value there (A, B, C); customer_service: by the customer's value class
                  or segment. Both named: the higher counts; what is set for the item itself goes before them
    echelon       of our warehouse: what the places of other agreements have, is coming to them and still want counts
    holidays      days on which people buy otherwise, with the name that their effect goes by
    loads         least order and truck of each supplier
    schedules     suppliers who get delivery schedules
    supplier_plans  suppliers who plan for us
    cross_dock    suppliers whose goods our warehouse does not keep: they are bought for the shops that wait for them
    quick         quick response: every run orders, also those that a report sets off; False: only the nightly ones do
    """

    id: str
    method: Method
    places: tuple[str, ...]
    partner: str | None = None
    demand: Literal["sales", "orders"] = "sales"
    forecast: Literal["own", "partner"] = "own"
    in_transit: Literal["asn", "report"] = "asn"
    report_days: int = 2
    overdue_days: int = 2
    usual_times: Decimal = Decimal(4)
    approval: Literal["limit", "planner"] = "limit"
    value_limit: Decimal | None = None  # None: of purchase the supplier's, else no limit
    calendar: PlanCalendar = field(default_factory=PlanCalendar)
    parameters: PlanParameters = field(default_factory=PlanParameters)
    item_service: Mapping[str, Decimal] = field(default_factory=dict)
    customer_service: Mapping[str, Decimal] = field(default_factory=dict)
    echelon: bool = False
    holidays: tuple[tuple[date, str], ...] = ()
    loads: tuple[LoadTerms, ...] = ()
    schedules: tuple[ScheduleTerms, ...] = ()
    quick: bool = False
    cross_dock: tuple[str, ...] = ()
    supplier_plans: tuple[SupplierPlan, ...] = ()

    def planned_by(self, supplier: str) -> SupplierPlan | None:
        """Return how a supplier plans what we get, None: we order from him ourselves."""
        return next((each for each in self.supplier_plans if each.supplier == supplier), None)

    def schedule_of(self, supplier: str) -> ScheduleTerms | None:
        """Return how a supplier gets delivery schedules, None: he gets none."""
        return next((each for each in self.schedules if each.supplier == supplier), None)

    def load_of(self, supplier: str) -> LoadTerms | None:
        """Return what an order to a supplier must come to, None: nothing is agreed."""
        return next((each for each in self.loads if each.supplier == supplier), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningTerms:
    """history_days: of sales that a forecast is made from."""

    agreements: tuple[PlanAgreement, ...]
    history_days: int = 182

    def of_place(self, place: str) -> PlanAgreement | None:
        """Return the agreement that plans a place."""
        return next((each for each in self.agreements if place in each.places), None)

    @property
    def places(self) -> tuple[str, ...]:
        """Every planned place, in order."""
        return tuple(dict.fromkeys(place for each in self.agreements for place in each.places))
