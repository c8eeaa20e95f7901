"""Why a shelf was empty: one cause for each stock-out day of an item at a place, from a closed list: they sum to
all of them. The first rule that holds counts; what a person or a partner did goes before what the arithmetic did."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, get_args

from gateway.domain.measures.facts import ZERO, Facts, OrderedLine, Pair, PlannedOrder, ShelfDay
from gateway.domain.measures.service import is_stockout

Cause = Literal[
    "override",
    "supplier-cut",
    "delivery-late",
    "delivery-short",
    "report-missing",
    "forecast-low",
    "safety-low",
    "stock-wrong",
    "not-ordered",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)
MATTERS_DAYS = 28  # a delivery that was due longer ago does not explain today's empty shelf
REPORT_DAYS = 3  # before an order, that it should have known


@dataclass(frozen=True, slots=True, kw_only=True)
class Stockout:
    """document: number of the order that is behind it, empty where there is none. lost: units, as reported."""

    place: str
    gtin: str
    day: date
    cause: Cause
    document: str
    lost: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCount:
    """Stock-out days of one cause. share: of all of them; lost: units asked for in vain."""

    cause: Cause
    days: int
    share: Decimal
    lost: Decimal


def stockouts(facts: Facts) -> list[Stockout]:
    """Return every stock-out day of the period with its cause, by place, item and day.

    override        a person ordered less than was proposed
    supplier-cut    the seller confirmed less than was ordered
    delivery-late   what was due by then came later, or has not come
    delivery-short  less came than was confirmed
    report-missing  the order did not know a day of the three before it
    forecast-low    more was asked for than was expected and kept in safety
    safety-low      more was asked for than was expected, within what the safety stock should have held
    stock-wrong     less was asked for than was expected: the stock on which the order rested was not there
    not-ordered     no order was to cover the day
    """
    lines: dict[Pair, list[OrderedLine]] = defaultdict(list)
    for line in facts.lines:
        if not line.cancelled:
            lines[line.place, line.gtin].append(line)
    planned: dict[Pair, list[PlannedOrder]] = defaultdict(list)
    for each in facts.planned:
        planned[each.place, each.gtin].append(each)
    told: dict[str, set[date]] = defaultdict(set)
    for report in facts.reported:
        told[report.place].add(report.day)
    found = []
    for pair, days in sorted(facts.shelf.items()):
        for day, shelf in sorted(days.items()):
            if facts.inside(day) and is_stockout(shelf):
                cause, document = _cause(day, days, lines.get(pair, ()), planned.get(pair, ()), told[pair[0]])
                found.append(
                    Stockout(place=pair[0], gtin=pair[1], day=day, cause=cause, document=document, lost=shelf.lost)
                )
    return found


def counted(found: Iterable[Stockout]) -> tuple[CauseCount, ...]:
    """Return how many days each cause has, the most first; shares sum to 1."""
    days: Counter[Cause] = Counter()
    lost: dict[Cause, Decimal] = defaultdict(Decimal)
    for each in found:
        days[each.cause] += 1
        lost[each.cause] += each.lost
    total = sum(days.values())
    order = sorted(days, key=lambda cause: (-days[cause], CAUSES.index(cause)))
    return tuple(
        CauseCount(cause=cause, days=days[cause], share=Decimal(days[cause]) / total, lost=lost[cause])
        for cause in order
    )


def _cause(
    day: date,
    days: Mapping[date, ShelfDay],
    lines: Sequence[OrderedLine],
    planned: Sequence[PlannedOrder],
    told: set[date],
) -> tuple[Cause, str]:
    plan = _covering(day, planned)
    if plan is not None and plan.quantity < plan.system_quantity:
        return "override", plan.order
    of_supplier = _delivery(day, lines)
    if of_supplier is not None:
        return of_supplier
    if plan is None or plan.expected is None or plan.first_day is None:
        return "not-ordered", ""
    if told and any(plan.on - timedelta(days=n) not in told for n in range(1, REPORT_DAYS + 1)):
        return "report-missing", plan.order
    asked = _asked(days, plan.first_day, day)
    elapsed = (day - plan.first_day).days + 1
    expected = plan.expected * elapsed / plan.days
    if asked > expected + plan.safety:
        return "forecast-low", plan.order
    return ("safety-low" if asked > expected else "stock-wrong"), plan.order


def _covering(day: date, planned: Sequence[PlannedOrder]) -> PlannedOrder | None:
    """Return the last order that was to last over the day."""
    fitting = [
        each
        for each in planned
        if each.first_day is not None and each.first_day <= day < each.first_day + timedelta(days=each.days)
    ]
    return max(fitting, key=lambda each: (each.on, each.order), default=None)


def _delivery(day: date, lines: Sequence[OrderedLine]) -> tuple[Cause, str] | None:
    """Return what the last line that was due by the day failed in, None when all of it had come."""
    due = [each for each in lines if each.due <= day and (day - each.due).days <= MATTERS_DAYS]
    line = max(due, key=lambda each: (each.due, each.order), default=None)
    if line is None:
        return None
    come = sum((each.units for each in line.deliveries if each.on <= day), ZERO)
    if come >= line.ordered:
        return None
    if line.answered and line.confirmed < line.ordered and come >= line.confirmed:
        return "supplier-cut", line.order
    later = sum((each.units for each in line.deliveries if each.on > day), ZERO)
    if later > 0 or not line.deliveries:
        return "delivery-late", line.order
    return "delivery-short", line.order


def _asked(days: Mapping[date, ShelfDay], first: date, last: date) -> Decimal:
    """Return units sold and lost from first to last, as far as they are known."""
    return sum(((shelf.sold or ZERO) + shelf.lost for day, shelf in days.items() if first <= day <= last), ZERO)
