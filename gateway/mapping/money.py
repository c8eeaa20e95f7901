"""Currencies: amounts in the document's own currency do not repeat it."""

from dataclasses import dataclass, replace
from typing import Any

from gateway.mapping.target import Scope
from gateway.model.values import Amount

Attributes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """Where the amounts of a scope stand: in itself and in its lists."""

    amounts: tuple[Attributes, ...]
    lists: "tuple[tuple[Attributes, Money], ...]"


def money_of(scope: Scope) -> Money:
    """Return the places of the amounts that a mapping knows."""
    inner = ((each.attributes, money_of(each)) for each in scope.lists)
    return Money(
        amounts=tuple(slot.attributes for slot in scope.slots if slot.hint is Amount),
        lists=tuple((attributes, money) for attributes, money in inner if money.amounts or money.lists),
    )


def inheriting(document: Any, money: Money) -> Any:
    """Return document with no currency at amounts that have the document's own: it is said once, at the head."""
    currency = getattr(document, "currency", None)
    return document if currency is None else _inheriting(document, money, currency)


def _inheriting(source: Any, money: Money, currency: str) -> Any:
    for attributes in money.amounts:
        source = _changed(source, attributes, lambda amount: _bare(amount, currency))
    for attributes, inner in money.lists:
        source = _changed(source, attributes, lambda rows, inner=inner: _rows(rows, inner, currency))
    return source


def _bare(amount: Amount, currency: str) -> Amount:
    return replace(amount, currency=None) if amount.currency == currency else amount


def _rows(rows: tuple[Any, ...], money: Money, currency: str) -> tuple[Any, ...]:
    changed = tuple(_inheriting(row, money, currency) for row in rows)
    return changed if any(new is not old for new, old in zip(changed, rows, strict=True)) else rows


def _changed(source: Any, attributes: Attributes, change: Any) -> Any:
    """Return source with the value at attributes changed; source itself when nothing changes."""
    name, *rest = attributes
    value = getattr(source, name)
    if value is None:
        return source
    changed = _changed(value, tuple(rest), change) if rest else change(value)
    return source if changed is value else replace(source, **{name: changed})
