"""What reports, runs and planners' words change in the records of planning: effects as in gateway.model.effects."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

SALES_OF_STOCK_REPORT, SALES_OF_SALES_REPORT = 1, 2  # the larger one counts


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWithdrawn:
    """What partner's report of that number said is taken back; what another one said of the same days counts again.

    first_day, last_day: of sales, only these days; None: all.
    """

    key: str
    partner: str
    report: str
    kind: Literal["sales", "stock"]
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayReported:
    """A report tells all sales of a place on a day: what it does not name was not sold."""

    key: str
    partner: str
    location: str
    day: date
    report: str
    source: int = SALES_OF_SALES_REPORT


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsReceived:
    """Units that a partner's place has taken in by a receiving advice."""

    key: str
    partner: str
    location: str
    gtin: str
    number: str
    units: Decimal
    at: datetime | date


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChanged:
    """The positions of items at a place are others: their plans are old."""

    key: str
    location: str
    gtins: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLine:
    """The plan of an item at a place. quantity: base units to order; why: JSON of every figure."""

    location: str
    gtin: str
    partner: str
    agreement: str
    method: str
    status: str  # nothing, normal, exception, frozen, ordered
    quantity: Decimal
    why: str
    proposal: str | None = None
    exceptions: tuple[str, ...] = ()
    stockout_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesPlanned:
    """Plans of items and places as a run has made them; they are not old any more. skipped: (place, GTIN) that the run
    has looked at and does not plan."""

    key: str
    lines: tuple[PlannedLine, ...]
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOrdered:
    """A line of an order that came from a plan, with the reasons of its quantity."""

    key: str
    partner: str
    order: str
    line: str
    location: str
    gtin: str
    quantity: Decimal
    system_quantity: Decimal
    approved_by: str
    why: str | None = None  # None: as the item's plan stands in the records


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideSaved:
    """Somebody's word against a figure. kind: quantity (of the next run's order) or forecast (units a day, both days
    included); told: a partner's forecast that is only compared. author: a user, or the partner whose report said it.
    active False: it is over."""

    key: str
    id: str
    location: str
    gtin: str
    kind: Literal["quantity", "forecast", "told"]
    quantity: Decimal
    first_day: date
    last_day: date
    reason: str
    author: str
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterSaved:
    """value None: the parameter is what the agreement says."""

    key: str
    location: str
    gtin: str
    name: str
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordKept:
    """A person's word and what stood there before, so that it can be taken back. undone_by: the word that did."""

    key: str
    id: str
    kind: str
    author: str
    reason: str
    before: str  # JSON
    count: int
    undone_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSaved:
    """A small record of planning: an agreement on continuous replenishment, a joint plan, a promotion. data: JSON."""

    key: str
    kind: str
    id: str
    state: str
    data: str
    partner: str | None = None


PlanningEffect = (
    ReportWithdrawn
    | DayReported
    | GoodsReceived
    | PlanChanged
    | LinesPlanned
    | LineOrdered
    | OverrideSaved
    | ParameterSaved
    | WordKept
    | RecordSaved
)
