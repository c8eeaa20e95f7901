"""ReplenishmentProposal, and the two internal documents that drive planning through the same pipeline."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.model.order import Split
from gateway.model.values import Amount, Item, Moment, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerStanding:
    """What our record of a partner says on the day of a run. value_class: A, B or C; segment: as the record names it.

    short_deliveries: days of the last 90 on which it has delivered less than it announced; short_share: of the units.
    """

    partner: str
    value_class: str | None = None
    segment: str | None = None
    short_deliveries: int = 0
    short_share: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningRequest:
    """Ask for a replenishment run. Made by a timer or on demand; supplier None: all suppliers.

    changed: plan only what has changed, so many items and places at most; 0: everything of the shard.
    shard, shards: which part, from 0, of how many.
    release: orders inside the limits go out; False: proposals are only brought up to date.
    due: of the shard only the items and places that the look of this name has found to need a plan; where what it found
    is not kept any more, all of them: it gives the same orders.
    learn: no orders: what the items and places of each agreement share is learned anew from their history.
    standings: how partners stand, so that the same request gives the same orders whenever it is decided again.
    """

    id: str
    issued_at: Moment
    supplier: str | None = None  # partner id
    requested_by: str = "timer"
    changed: int = 0
    shard: int = 0
    shards: int = 1
    release: bool = True
    learn: bool = False
    due: str | None = None
    standings: tuple[PartnerStanding, ...] = ()


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
    """splits: of a line that is bought for shops (cross docking), which of them gets what; they sum to quantity."""

    number: str
    item: Item
    quantity: Quantity
    price: Amount | None = None
    reason: PlanReason | None = None
    exceptions: tuple[str, ...] = ()  # codes: why a person shall look
    system_quantity: Decimal | None = None  # what the plan said, where a person has changed the quantity
    note: str | None = None  # why
    splits: tuple[Split, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplenishmentProposal:
    """status: proposed, approved (order sent), rejected or withdrawn (not needed any more). approved_by: "limit" or a
    user.

    method: purchase: we order; vmi, cmi: we fill the customer's place.
    raised: SHA-256 of what a supplier who plans for us has raised; the same again changes nothing.
    """

    id: str
    issued_at: Moment
    supplier: str  # partner id: who supplies us; under VMI and CMI the customer
    ship_to: str  # GLN of the place
    status: str
    lines: tuple[ProposalLine, ...]
    value: Amount | None = None
    limit: Amount | None = None
    approved_by: str | None = None
    order_id: str | None = None
    requested_delivery: Moment | None = None
    method: str = "purchase"
    raised: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineApproval:
    """A person's word on one line. quantity None: as proposed; 0: not now. note: why it is another."""

    number: str
    quantity: Decimal | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalDecision:
    """A person's word on a proposal. decision: approve or reject.

    lines: only these, the others stay proposed; empty: all. items: of the proposal, customer: under VMI, so that what
    it takes to decide can be read.
    """

    id: str
    issued_at: Moment
    proposal: str
    decision: str
    user: str
    lines: tuple[LineApproval, ...] = ()
    items: tuple[Item, ...] = ()
    customer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanValue:
    """One figure of a planner's word. name: of a parameter. first_day, last_day: of a forecast or quantity override."""

    place: str
    gtin: str
    name: str | None = None
    value: str | None = None  # None: back to what the agreement says
    quantity: Decimal | None = None
    first_day: Moment | None = None
    last_day: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningWord:
    """A planner changes figures of planning.

    kind: parameters, override (of a quantity or a forecast), end-override, freeze, unfreeze, or undo (of the word
    `about`). what: of an override, quantity or forecast.
    """

    id: str
    issued_at: Moment
    kind: str
    user: str
    reason: str = ""
    values: tuple[PlanValue, ...] = ()
    about: str | None = None
    what: str = "quantity"
