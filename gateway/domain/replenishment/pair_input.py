"""One item at one place with all that its plan is made from."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gateway.domain.replenishment.calendars import Interval
from gateway.domain.replenishment.facts import ZERO, Pair, PairFacts, PlanEvent
from gateway.domain.replenishment.learned import Learned
from gateway.domain.replenishment.position import OnHand, Position
from gateway.model.partner import ItemRecord
from gateway.model.planning import PlanAgreement, PlanParameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """What a new item is expected to sell a day before it has sold anything. source: GTIN or category it is like."""

    source: str
    rate: float
    variance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceNeed:
    """A place that our warehouse fills: its own level and position."""

    place: str
    order_up_to: Decimal
    position: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PairInput:
    """One item at one place, ready to be planned. demand: units of each day of the history, None = unknown; shut:
    whether the shelf was empty for a part of it. position: of an interval, as it depends on when goods arrive."""

    facts: PairFacts
    item: ItemRecord
    agreement: PlanAgreement
    parameters: PlanParameters
    interval: Interval
    held: OnHand
    position: Position
    first_day: date  # of the history
    demand: tuple[Decimal | None, ...]
    shut: frozenset[int] = frozenset()  # days of the history, from 0
    learned: Learned | None = None
    events: tuple[PlanEvent, ...] = ()
    item_class: str | None = None
    service_from: str = "agreement"
    lead_deviation: Decimal = ZERO
    like: Like | None = None
    places: tuple[PlaceNeed, ...] = ()  # of our warehouse, where it is planned as an echelon

    @property
    def pair(self) -> Pair:
        return self.facts.place, self.facts.gtin

    @property
    def counted(self) -> Decimal:
        """The position that an order is made from: that of the echelon less what its places are to be filled up to."""
        return self.position.units + sum((each.position - each.order_up_to for each in self.places), ZERO)
