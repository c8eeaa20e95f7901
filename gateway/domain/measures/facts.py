"""What the figures are computed from: rows of our records, each with the document that said so."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

Pair = tuple[str, str]  # place (GLN), GTIN
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Units of an order line that have arrived. on: day of the receiving advice, else of the advised delivery, else of
    the despatch. received: a receiving advice says so. document: its number, or that of the despatch advice."""

    on: date
    units: Decimal
    document: str
    received: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderedLine:
    """A line of an order. requested: day on which the buyer wants it; promised: day that the seller has confirmed.

    cancelled: by the buyer; it is no failure of the seller.
    """

    side: str  # sale, purchase
    partner: str
    order: str
    line: str
    place: str
    gtin: str
    ordered_on: date
    ordered: Decimal
    confirmed: Decimal
    despatched: Decimal
    requested: date | None = None
    promised: date | None = None
    answered: bool = False  # the seller has said what it confirms
    cancelled: bool = False
    deliveries: tuple[Delivery, ...] = ()

    @property
    def due(self) -> date:
        """Return the day the line is judged by: as requested, else as promised, else the order's."""
        return self.requested or self.promised or self.ordered_on


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisedGoods:
    """Units of an item in a despatch that has been received. known_at: when the advice came; arrived: the receipt."""

    partner: str
    shipment: str
    receipt: str
    place: str
    gtin: str
    advised: Decimal
    received: Decimal
    known_at: datetime
    arrived: datetime | date


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfDay:
    """An item at a place on a day. sold None: nobody has reported the day; stock None: nobody has counted at its
    close. lost: asked for and not there, as reported."""

    sold: Decimal | None = None
    stock: Decimal | None = None
    lost: Decimal = ZERO
    report: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedDay:
    """The first report of a day of a place. came_at: when it arrived."""

    place: str
    day: date
    came_at: datetime
    report: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOrder:
    """A line that was ordered from a plan. expected: units of the interval from first_day on, days long, as forecast
    when it was ordered; safety: units beyond these."""

    order: str
    line: str
    place: str
    gtin: str
    on: date
    quantity: Decimal
    system_quantity: Decimal
    approved_by: str
    expected: Decimal | None = None
    first_day: date | None = None
    days: int = 0
    safety: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that figures of one period may need, of the lines of one side.

    shelf: known days from 56 days before the period on. until: the last day that is over. early_days: a delivery so
    many days before its day is still in time, an earlier one is not (None: any is). costs: of an item, to weigh stock.
    """

    first: date
    last: date
    until: date
    lines: Sequence[OrderedLine] = ()
    advised: Sequence[AdvisedGoods] = ()
    shelf: Mapping[Pair, Mapping[date, ShelfDay]] = field(default_factory=dict)
    reported: Sequence[ReportedDay] = ()
    planned: Sequence[PlannedOrder] = ()
    early_days: int | None = 1
    costs: Mapping[str, Decimal] = field(default_factory=dict)

    def inside(self, day: date) -> bool:
        """Tell whether a day is in the period and over."""
        return self.first <= day <= min(self.last, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one line, day or despatch adds to a figure: sum of tops / sum of bottoms, whichever way it is summed up.

    document: number of the document behind it; on: its day.
    """

    top: Decimal
    bottom: Decimal
    on: date
    document: str
    place: str = ""
    gtin: str = ""
