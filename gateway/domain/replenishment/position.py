"""The inventory position of an item at a place: what can be sold there, what is promised, what is on its way.

A count is rolled forward by what is known since: sales of reported days and receipts. Of one delivery the surest
document counts: a receiving advice closes it, before it the despatch advice, before that the supplier's answer, before
that the order. Source of the order of documents: what each of them is for (EANCOM 1997, ORDERS to RECADV).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from gateway.domain.days import later
from gateway.domain.replenishment.facts import ZERO, Coming, DaySales, PairFacts, StockCount
from gateway.model.planning import PlanAgreement

# 145 is what can be sold; 17 is all that is there, of which what cannot be sold is taken off
SELLABLE, TOTAL = "available", "onHand"
UNUSABLE = ("damaged", "qualityHold", "rejected", "displayOnly", "reserved")
COMMITTED = "committed"
ON_THE_WAY = ("inTransit", "inTransitSupplier", "inTransitReporter")
NOON = time(12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One figure that on hand was made from. kind: counted, unusable, committed, sold, returned or received."""

    kind: str
    units: Decimal
    at: date
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHand:
    """units may be negative: the ledger says so. through: the last day whose sales are in it, None: nobody has counted.

    counted_at: when the last count was.
    """

    units: Decimal
    through: date | None
    steps: tuple[Step, ...] = ()
    counted_at: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """Units on their way. counts: in time, overdue, later (after the interval) or reported-twice."""

    coming: Coming
    counts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """units = what can be sold (never below zero) - allocated - backordered + supply that is in time."""

    on_hand: OnHand
    allocated: Decimal
    backordered: Decimal
    supply: tuple[Supply, ...]

    @property
    def units(self) -> Decimal:
        coming = sum((each.coming.units for each in self.supply if each.counts == "in-time"), ZERO)
        return max(ZERO, self.on_hand.units) - self.allocated - self.backordered + coming


def on_hand(facts: PairFacts, reported: frozenset[date], today: date) -> OnHand:
    """Return what can be sold now, as far as it is known. reported: days of the place that a report covers."""
    if facts.on_hand is not None:
        step = Step(kind="counted", units=facts.on_hand, at=today, document="")
        return OnHand(units=facts.on_hand, through=today - timedelta(days=1), steps=(step,), counted_at=today)
    count = _count(facts.stock)
    if count is None:
        return OnHand(units=ZERO, through=None)
    steps = [Step(kind="counted", units=count.quantity, at=_day(count.at), document=count.report)]
    steps += _taken_off(facts.stock, count)
    through = closed_day(count.at)
    sales = facts.sales.get(facts.place, {})
    day = through + timedelta(days=1)
    while day <= today and day in reported:
        steps += _sold(sales, day)
        through = day
        day += timedelta(days=1)
    steps += [
        Step(kind="received", units=each.units, at=_day(each.at), document=each.number)
        for each in facts.receipts
        if _after(each.at, count.at)
    ]
    units = sum((each.units for each in steps), ZERO)
    return OnHand(units=units, through=through, steps=tuple(steps), counted_at=_day(count.at))


def _count(stock: tuple[StockCount, ...]) -> StockCount | None:
    """Return the newest count; of two of one moment what can be sold goes before what is there."""
    found = [each for each in stock if each.type in (SELLABLE, TOTAL)]
    return max(found, key=lambda each: (_order(each.at), each.type == SELLABLE), default=None)


def _order(at: datetime | date) -> tuple[date, bool, time]:
    """A count without a time of day is of its close."""
    return (at.date(), False, at.time()) if isinstance(at, datetime) else (at, True, time())


def _taken_off(stock: tuple[StockCount, ...], count: StockCount) -> list[Step]:
    kinds = {COMMITTED: "committed"}
    if count.type == TOTAL:
        kinds |= dict.fromkeys(UNUSABLE, "unusable")
    return [
        Step(kind=kinds[each.type], units=-each.quantity, at=_day(each.at), document=each.report)
        for each in stock
        if each.type in kinds and each.at == count.at
    ]


def closed_day(at: datetime | date) -> date:
    """Return the last day whose sales a count holds: its own, or the day before for a count of the morning."""
    if isinstance(at, datetime):
        return at.date() if at.time() >= NOON else later(at.date(), -1)
    return at


def _after(at: datetime | date, count: datetime | date) -> bool:
    if isinstance(at, datetime) and isinstance(count, datetime):
        return at.replace(tzinfo=None) > count.replace(tzinfo=None)
    return _day(at) > closed_day(count)


def _sold(sales: Mapping[date, DaySales], day: date) -> list[Step]:
    found = sales.get(day)
    if found is None:
        return []
    steps = [Step(kind="sold", units=-found.sold, at=day, document=found.report)]
    if found.returned:
        steps.append(Step(kind="returned", units=found.returned, at=day, document=found.report))
    return steps


def position(facts: PairFacts, held: OnHand, agreement: PlanAgreement, today: date, until: date) -> Position:
    """Return the position for an interval that ends on `until`, when the goods of the next order arrive."""
    supply = []
    for each in facts.coming:
        if agreement.in_transit == "report" and each.source == "DespatchAdvice" and facts.on_hand is None:
            supply.append(Supply(coming=each, counts="reported-twice"))
        else:
            supply.append(Supply(coming=each, counts=_in_time(each, agreement, today, until)))
    if agreement.in_transit == "report":
        supply += [Supply(coming=each, counts="in-time") for each in _reported_on_the_way(facts.stock)]
    return Position(on_hand=held, allocated=facts.allocated, backordered=facts.backordered, supply=tuple(supply))


def _in_time(coming: Coming, agreement: PlanAgreement, today: date, until: date) -> str:
    if coming.expected_on is None:
        return "in-time"
    if coming.expected_on < today - timedelta(days=agreement.overdue_days):
        return "overdue"
    return "in-time" if coming.expected_on <= until else "later"


def _reported_on_the_way(stock: tuple[StockCount, ...]) -> list[Coming]:
    newest = max((_order(each.at) for each in stock if each.type in ON_THE_WAY), default=None)
    return [
        Coming(source="DespatchAdvice", number=each.report, line="", units=each.quantity, expected_on=None, partner="")
        for each in stock
        if each.type in ON_THE_WAY and _order(each.at) == newest
    ]


def _day(at: datetime | date) -> date:
    return at.date() if isinstance(at, datetime) else at
