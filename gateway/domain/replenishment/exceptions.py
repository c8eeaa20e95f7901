"""What a person shall look at before an order goes out, and what it is merely good to know."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from gateway.domain.replenishment.facts import ZERO
from gateway.domain.replenishment.inputs import age_days
from gateway.domain.replenishment.item_plans import ItemPlan

# code -> whether the line waits for a person
EXCEPTIONS = {
    "plan.no-count": True,
    "plan.count-old": True,
    "plan.stock-negative": True,
    "plan.order-unusual": True,
    "plan.item-new": True,
    "plan.supply-overdue": True,
    "plan.target-not-reached": False,
    "plan.capacity-too-small": False,
    "plan.stockout-ahead": False,
    "plan.days-unknown": False,
    "plan.price-missing": True,
    "plan.quantity-overridden": False,
    "plan.shortage-shared": False,
    "plan.supplier-short": False,
    "plan.supplier-offers": True,
    "plan.supplier-over": True,
    "plan.supplier-under": True,
    "plan.cross-docked": False,
    "plan.load-waits": False,
    "plan.load-not-reached": True,
}
UNKNOWN_DAYS = 3  # of the last week


def exceptions(plan: ItemPlan, quantity: Decimal, today: date) -> tuple[str, ...]:
    """Return codes, those that make the line wait first."""
    found = dict.fromkeys(_found(plan, quantity, today))
    return tuple(sorted(found, key=lambda code: (not EXCEPTIONS[code], code)))


def waits(codes: tuple[str, ...]) -> bool:
    """Tell whether one of the codes makes a line wait for a person."""
    return any(EXCEPTIONS[code] for code in codes)


def _found(plan: ItemPlan, quantity: Decimal, today: date) -> Iterator[str]:
    given = plan.given
    age = age_days(given.held, today)
    if age is None:
        yield "plan.no-count"
    elif age > given.agreement.report_days:
        yield "plan.count-old"
    if given.held.units < 0:
        yield "plan.stock-negative"
    if any(each.counts == "overdue" for each in given.position.supply):
        yield "plan.supply-overdue"
    if plan.stockout_on is not None and plan.stockout_on < given.interval.arrives_on:
        yield "plan.stockout-ahead"
    if sum(each is None for each in given.demand[-7:]) >= UNKNOWN_DAYS:
        yield "plan.days-unknown"
    if quantity > 0:
        yield from _of_order(plan, quantity)


def _of_order(plan: ItemPlan, quantity: Decimal) -> Iterator[str]:
    given = plan.given
    usual = max(given.facts.usual_order, Decimal(str(round(plan.mean, 3))), ZERO)
    if usual > 0 and quantity > given.agreement.usual_times * usual:
        yield "plan.order-unusual"
    if plan.demand_class == "new":
        yield "plan.item-new"
    limit = plan.why["target"]["limited_by"]
    if limit == "capacity":
        yield "plan.capacity-too-small"
    if given.position.units + quantity < plan.reorder_point:
        yield "plan.target-not-reached"
    if given.item.purchase_price is None and given.agreement.method == "purchase":
        yield "plan.price-missing"
