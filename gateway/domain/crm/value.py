"""What a customer is worth and how it sees us: scores whose terms and weights are settings.

Each returns None when a term it needs is missing: not enough data is a value, zero is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

# What an event costs us, in the currency of the house: the cost of ownership beside the price
COSTS: Mapping[str, Decimal] = {
    "order": Decimal(3),
    "manual-handling": Decimal(12),
    "delivery": Decimal(45),
    "late-delivery": Decimal(60),
    "short-delivery": Decimal(40),
    "return": Decimal(35),
    "wrong-invoice": Decimal(50),
    "reminder": Decimal(8),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerValue:
    """value = margin - cost_to_serve. costs: per kind of event, count x unit cost."""

    margin: Decimal
    cost_to_serve: Decimal
    costs: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def value(self) -> Decimal:
        return self.margin - self.cost_to_serve


def customer_value(
    margin: Decimal | None, events: Mapping[str, int], unit_costs: Mapping[str, Decimal] = COSTS
) -> CustomerValue | None:
    """Return the total benefit less the cost of ownership. None without a margin.

    Raises KeyError for an event without a unit cost: a bug of the caller.
    """
    if margin is None:
        return None
    costs = {kind: unit_costs[kind] * count for kind, count in events.items() if count}
    return CustomerValue(margin=margin, cost_to_serve=sum(costs.values(), Decimal(0)), costs=costs)


def price_value(
    quality: Decimal | None, service: Decimal | None, cost: Decimal | None, time: Decimal | None
) -> Decimal | None:
    """Return (quality x service) / (cost x time), each as a ratio to the base period, which is 1."""
    if quality is None or service is None or not cost or not time:
        return None
    return quality * service / (cost * time)


def perceived_value(
    result: Decimal | None, process: Decimal | None, money: Decimal | None, effort: Decimal | None
) -> Decimal | None:
    """Return benefit over cost: (material result + process quality) / (money paid + other cost), as asked."""
    if result is None or process is None or money is None or effort is None or money + effort <= 0:
        return None
    return (result + process) / (money + effort)
