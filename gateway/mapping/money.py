"""Currencies: amounts in the document's own currency do not repeat it."""

from collections.abc import Callable
from dataclasses import dataclass
from operator import is_not
from typing import Any

from gateway.mapping.target import Scope, getter
from gateway.model.making import changed
from gateway.model.values import Amount

Attributes = tuple[str, ...]
Get = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Money:
    """Where the amounts of a scope stand: in itself and in its lists."""

    amounts: tuple[tuple[Attributes, Get], ...]
    lists: "tuple[tuple[Attributes, Get, Money], ...]"


def money_of(scope: Scope) -> Money:
    """Return the places of the amounts that a mapping knows."""
    inner = ((each.attributes, money_of(each)) for each in scope.lists)
    return Money(
        amounts=tuple((slot.attributes, getter(slot.attributes)) for slot in scope.slots if slot.hint is Amount),
        lists=tuple(
            (attributes, getter(attributes), money) for attributes, money in inner if money.amounts or money.lists
        ),
    )


def inheriting(document: Any, money: Money) -> Any:
    """Return document with no currency at amounts that have the document's own: it is said once, at the head."""
    currency = getattr(document, "currency", None)
    return document if currency is None else _inheriting(document, money, currency)


def _inheriting(source: Any, money: Money, currency: str) -> Any:
    for attributes, get in money.amounts:
        amount = get(source)
        if amount is not None and amount.currency == currency:
            source = _changed(source, attributes, changed(amount, currency=None))
    for attributes, get, inner in money.lists:
        rows = get(source)
        if rows:
            others = tuple([_inheriting(row, inner, currency) for row in rows])
            if any(map(is_not, others, rows)):
                source = _changed(source, attributes, others)
    return source


def _changed(source: Any, attributes: Attributes, value: Any) -> Any:
    """Return source with value at attributes."""
    name, *rest = attributes
    return changed(source, **{name: _changed(getattr(source, name), tuple(rest), value) if rest else value})
