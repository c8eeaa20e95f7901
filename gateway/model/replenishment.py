"""ReplenishmentProposal, and the two internal documents that drive planning through the same pipeline."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.model.values import Amount, Item, Moment, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningRequest:
    """Ask for a replenishment run. Made by a timer or on demand; supplier None: all suppliers."""

    id: str
    issued_at: Moment
    supplier: str | None = None  # partner id
    requested_by: str = "timer"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReason:
    """The figures a proposed quantity came from; every value in units of the item, days, or a pure number."""

    daily_demand: Decimal
    demand_deviation: Decimal  # standard deviation of daily demand
    days_of_history: int
    lead_time_days: int
    review_days: int
    service_factor: Decimal  # z
    safety_stock: Decimal
    reorder_point: Decimal
    order_up_to: Decimal
    on_hand: Decimal
    allocated: Decimal
    backordered: Decimal
    on_order: Decimal  # ordered from the supplier and not yet despatched
    in_transit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalLine:
    number: str
    item: Item
    quantity: Quantity
    price: Amount | None = None
    reason: PlanReason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplenishmentProposal:
    """status: proposed, approved (order sent) or rejected. approved_by: "limit" or a user."""

    id: str
    issued_at: Moment
    supplier: str  # partner id
    ship_to: str  # GLN of our place
    status: str
    lines: tuple[ProposalLine, ...]
    value: Amount | None = None
    limit: Amount | None = None
    approved_by: str | None = None
    order_id: str | None = None
    requested_delivery: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecision:
    """A person's word on a proposal. decision: approve or reject."""

    id: str
    issued_at: Moment
    proposal: str
    decision: str
    user: str
