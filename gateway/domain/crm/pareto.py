"""The few that bring the most: measured, never assumed to be 80 to 20."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

TOP_SHARE = Decimal("0.2")
MOST = Decimal("0.8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pareto:
    """Accounts from the greatest value down. curve: (share of accounts, share of value) after each; both end at 1.
    shares: of the value, 0 to 1 by account."""

    order: tuple[str, ...]
    shares: Mapping[str, Decimal]
    curve: tuple[tuple[Decimal, Decimal], ...]
    top_value_share: Decimal  # that the top fifth of the accounts brings (at least one account)
    accounts_for_most: int  # so many accounts bring four fifths of the value
    most_cut: Decimal  # value of the last of them


def pareto(values: Mapping[str, Decimal]) -> Pareto | None:
    """Return how the value is spread over the accounts, None when there is none. Negative values count as zero."""
    kept = {account: max(value, Decimal(0)) for account, value in values.items()}
    total = sum(kept.values(), Decimal(0))
    if total <= 0:
        return None
    order = sorted(kept, key=lambda account: (-kept[account], account))
    curve: list[tuple[Decimal, Decimal]] = []
    running = Decimal(0)
    for position, account in enumerate(order, 1):
        running += kept[account]
        curve.append((Decimal(position) / len(order), running / total))
    top = max(1, int(len(order) * TOP_SHARE))
    most = next(position for position, (_, share) in enumerate(curve, 1) if share >= MOST)
    return Pareto(
        order=tuple(order),
        shares={account: value / total for account, value in kept.items()},
        curve=tuple(curve),
        top_value_share=curve[top - 1][1],
        accounts_for_most=most,
        most_cut=kept[order[most - 1]],
    )


def value_classes(values: Mapping[str, Decimal]) -> dict[str, str]:
    """Return A (the accounts up to 80 % of the value), B (up to 95 %) or C per account; all C without value."""
    found = pareto(values)
    if found is None:
        return dict.fromkeys(values, "C")
    classes: dict[str, str] = {}
    before = Decimal(0)
    for account, (_, share) in zip(found.order, found.curve, strict=True):
        classes[account] = "A" if before < MOST else "B" if before < Decimal("0.95") else "C"
        before = share
    return classes
