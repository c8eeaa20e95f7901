"""What two companies agree on in planning: stock under continuous replenishment, joint plans, and each one's word."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.model.forecast import Forecast
from gateway.model.values import Item, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    """Units of an item that a place shall be filled up to on each delivery day."""

    place: str
    gtin: str
    level: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StockAgreement:
    """Continuous replenishment: agreed delivery days, agreed stock of each item and place, lowered step by step.

    partner        partner id of the customer whose places are filled
    delivery_days  ISO week days, 1 Monday
    period_days    after so many days the next lower level is proposed
    step           by at most this share
    fill           of the units asked for, that a lower level must still have served in the days before
    """

    id: str
    issued_at: Moment
    partner: str
    name: str
    lines: tuple[StockLevel, ...]
    delivery_days: tuple[int, ...] = (1, 2, 3, 4, 5)
    period_days: int = 28
    step: Decimal = Decimal("0.1")
    fill: Decimal = Decimal("0.98")
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChange:
    """A level and the one proposed for it, with what both would have done over the same days.

    fill_*: share of units served; stock_*: mean units at the close of a day. None: nothing is known of that time.
    """

    place: str
    gtin: str
    level: Decimal
    proposed: Decimal
    days: int = 0
    fill_now: Decimal | None = None
    fill_next: Decimal | None = None
    stock_now: Decimal | None = None
    stock_next: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A rule that both sides apply alike. metric: forecast-difference, in-stock or stock-days; an exception is where it
    is above (in-stock: below) the limit."""

    metric: str
    limit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class JointDate:
    """What both sides do on a day of the joint calendar."""

    on: Moment
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JointPlan:
    """CPFR: the front-end agreement. Items and places, the rules for exceptions, the calendar, days that stay frozen.

    places: none is every planned place of the partner; items: none is every item planned there.
    """

    id: str
    issued_at: Moment
    partner: str
    name: str
    criteria: tuple[Criterion, ...]
    items: tuple[Item, ...] = ()
    places: tuple[str, ...] = ()
    calendar: tuple[JointDate, ...] = ()
    frozen_days: int = 7
    horizon_days: int = 28
    user: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementAct:
    """One side's word on an agreement.

    kind       stock (StockAgreement) or joint (JointPlan)
    act        propose, accept, decline, restore, end; of a joint plan accept, decline, resolve, freeze, share, end
    proposal   number of the proposal that is accepted or declined
    lines      of a proposal, or the levels that are restored
    about      of resolve: the exception (place/item/first day/last day); quantity: units a day that both plan with
    forecast   of share: what goes to the partner; of freeze: the order forecast that stays as it is
    """

    id: str
    issued_at: Moment
    kind: str
    agreement: str
    act: str
    user: str
    proposal: str | None = None
    lines: tuple[LevelChange, ...] = ()
    reason: str = ""
    about: str | None = None
    quantity: Decimal | None = None
    forecast: Forecast | None = None
