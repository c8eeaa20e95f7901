"""Which items a document names: what must be known of our house's items before it can be decided."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from gateway.model.documents import Document
from gateway.model.replenishment import PlanningRequest
from gateway.model.values import Item, gtin14


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """gtins: 14 digits. numbers: the maker's or buyer's. everything: it is about all items (a planning run)."""

    gtins: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    everything: bool = False


def named_items(document: Document) -> Named:
    """Return how document names its items, wherever in it they stand."""
    if isinstance(document, PlanningRequest):
        return Named(everything=True)
    gtins, numbers = set(), set()
    for item in _items(document):
        if item.gtin:
            gtins.add(gtin14(item.gtin))
        for number in (item.seller_id, item.buyer_id):
            if number:
                numbers.add(number)
                if number.isdigit() and len(number) <= 14:
                    gtins.add(gtin14(number))
    return Named(gtins=frozenset(gtins), numbers=frozenset(numbers))


@cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def _items(value: Any) -> Iterator[Item]:
    if isinstance(value, Item):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _items(each)
    elif is_dataclass(value) and not isinstance(value, type):
        for name in _names(type(value)):
            found = getattr(value, name)
            if found is not None and not isinstance(found, str):
                yield from _items(found)
