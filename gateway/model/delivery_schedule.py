"""DeliverySchedule: when a buyer wants how much of what was ordered in a frame. EDIFACT DELFOR."""

from dataclasses import dataclass

from gateway.model.values import DocumentRef, Item, Moment, Party, Period, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledDelivery:
    """status: firm, planned or immediate (EDIFACT SCC 4017 = 1, 4, 3). Either on or period is given."""

    quantity: Quantity
    status: str | None = None
    on: Moment | None = None
    period: Period | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleLine:
    """cumulative: received since the start of the year, as the buyer counts."""

    item: Item
    number: str | None = None
    location: str | None = None  # GLN
    order: DocumentRef | None = None
    cumulative: Quantity | None = None
    deliveries: tuple[ScheduledDelivery, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverySchedule:
    """Restates what is wanted of each item, and when. function: original, replace, change, cancel, duplicate or copy
    (EDIFACT BGM 1225)."""

    id: str
    issued_at: Moment
    buyer: Party
    seller: Party
    lines: tuple[ScheduleLine, ...]
    function: str = "original"
    ship_to: Party | None = None
    period: Period | None = None
