"""Category management: the tree of item categories with what was sold and what is left, so that each branch adds up."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.measures.facts import ZERO, Facts

NONE = ""  # items without a category


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One branch. path: names from the top; items: of it and below; sold: in the period; stock: at the last count.

    sell_through: sold / (sold + stock), over what has been counted; None: nothing was. lost: units, as reported.
    """

    path: tuple[str, ...]
    items: int
    places: int
    sold: Decimal
    stock: Decimal
    lost: Decimal
    sell_through: Decimal | None


@dataclass(slots=True)
class _Sum:
    items: set[str]
    places: set[str]
    sold: Decimal = ZERO
    stock: Decimal = ZERO
    lost: Decimal = ZERO
    counted: Decimal = ZERO  # sold by items and places that have been counted


def tree(facts: Facts, category_of: Mapping[str, str | None]) -> tuple[Category, ...]:
    """Return every branch with sales or stock in the period, a branch before those below it.

    category_of: by GTIN, names parted by "/" or ">"; an item without one is in a branch of its own, named "".
    Source of sell-through: units sold / units available (sold and left), as retailers report it.
    """
    sums: dict[tuple[str, ...], _Sum] = defaultdict(lambda: _Sum(items=set(), places=set()))
    for (place, gtin), days in facts.shelf.items():
        inside = [(day, each) for day, each in sorted(days.items()) if facts.inside(day)]
        sold = sum((each.sold for _, each in inside if each.sold is not None), ZERO)
        lost = sum((each.lost for _, each in inside), ZERO)
        counts = [each.stock for _, each in inside if each.stock is not None]
        if not inside:
            continue
        path = path_of(category_of.get(gtin))
        for length in range(1, len(path) + 1):
            found = sums[path[:length]]
            found.items.add(gtin)
            found.places.add(place)
            found.sold += sold
            found.lost += lost
            if counts:
                found.stock += max(ZERO, counts[-1])
                found.counted += sold
    return tuple(_category(path, sums[path]) for path in sorted(sums))


def path_of(category: str | None) -> tuple[str, ...]:
    """Return the names of a category from the top."""
    parts = [each.strip() for each in (category or "").replace(">", "/").split("/")]
    return tuple(each for each in parts if each) or (NONE,)


def _category(path: tuple[str, ...], found: _Sum) -> Category:
    there = found.counted + found.stock
    return Category(
        path=path,
        items=len(found.items),
        places=len(found.places),
        sold=found.sold,
        stock=found.stock,
        lost=found.lost,
        sell_through=found.counted / there if there > 0 else None,
    )
