"""What a run wants to order of an item at a place."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from gateway.domain.replenishment.exceptions import waits
from gateway.domain.replenishment.facts import ZERO
from gateway.domain.replenishment.item_plans import ItemPlan
from gateway.model.order import Split
from gateway.model.planning_effects import OverrideSaved
from gateway.model.values import Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A plan with what shall be ordered. quantity: the plan's, or that of an override."""

    plan: ItemPlan
    partner: str
    quantity: Decimal
    codes: tuple[str, ...]
    override: OverrideSaved | None
    price: Amount | None
    more: Mapping[str, Any] = field(default_factory=dict)  # reasons that only the whole run knows
    splits: tuple[Split, ...] = ()  # of what is bought for shops

    @property
    def pair(self) -> tuple[str, str]:
        return self.plan.given.pair

    @property
    def status(self) -> str:
        """Return normal, nothing, exception (somebody looks first) or frozen (a planner has stopped it)."""
        if self.plan.given.parameters.frozen:
            return "frozen"
        if self.quantity <= 0:
            return "exception" if waits(self.codes) else "nothing"
        return "exception" if waits(self.codes) else "normal"

    @property
    def value(self) -> Decimal:
        return self.quantity * self.price.value if self.price is not None else ZERO
