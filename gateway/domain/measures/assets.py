"""Assets: how much stock stands how long. Source: Global Scorecard BM07 to BM09; Silver, Pyke, Thomas, chapter 2."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from gateway.domain.measures.facts import ZERO, Facts, Part, ShelfDay

YEAR_DAYS = 365
ONE = Decimal(1)


def stock_days(facts: Facts) -> Iterator[Part]:
    """Stock at the last count of the period / mean units sold on its known days, both at cost. BM07 to BM09.

    An item that was counted and has sold nothing stands for ever: its stock counts above, nothing below.
    """
    costs = _costs(facts)
    for place, gtin, sold, stock in _pairs(facts):
        if stock and sold:
            day, last = stock[-1]
            cost = costs.get(gtin, ONE)
            daily = sum((each for _, each in sold), ZERO) / len(sold)
            yield Part(
                top=max(ZERO, last.stock or ZERO) * cost,
                bottom=daily * cost,
                on=day,
                document=last.report,
                place=place,
                gtin=gtin,
            )


def turns(facts: Facts) -> Iterator[Part]:
    """Units sold in a year at the period's pace / mean stock, both at cost."""
    costs = _costs(facts)
    for place, gtin, sold, stock in _pairs(facts):
        if stock and sold:
            cost = costs.get(gtin, ONE)
            yearly = sum((each for _, each in sold), ZERO) / len(sold) * YEAR_DAYS
            day, last = stock[-1]
            yield Part(
                top=yearly * cost,
                bottom=_mean(stock) * cost,
                on=day,
                document=last.report,
                place=place,
                gtin=gtin,
            )


def mean_stock(facts: Facts) -> Iterator[Part]:
    """Mean units on hand over the counted days, summed over items and places."""
    for place, gtin, _, stock in _pairs(facts):
        if stock:
            day, last = stock[-1]
            yield Part(top=_mean(stock), bottom=ZERO, on=day, document=last.report, place=place, gtin=gtin)


def _pairs(
    facts: Facts,
) -> Iterator[tuple[str, str, list[tuple[date, Decimal]], list[tuple[date, ShelfDay]]]]:
    """Yield each item and place with its known sales and its counted days within the period."""
    for (place, gtin), days in sorted(facts.shelf.items()):
        inside = [(day, each) for day, each in sorted(days.items()) if facts.inside(day)]
        sold = [(day, each.sold) for day, each in inside if each.sold is not None]
        yield place, gtin, sold, [(day, each) for day, each in inside if each.stock is not None]


def _mean(stock: list[tuple[date, ShelfDay]]) -> Decimal:
    return sum((max(ZERO, each.stock or ZERO) for _, each in stock), ZERO) / len(stock)


def _costs(facts: Facts) -> Mapping[str, Decimal]:
    """Return what a unit of each item weighs: its cost; nothing, so that each weighs 1, where any cost is unknown."""
    return facts.costs if all(gtin in facts.costs for _, gtin in facts.shelf) else {}
