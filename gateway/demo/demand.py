"""How much the shops sell: the same numbers for the same seed, place, item and day, whoever asks and how often."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache
from math import ceil
from random import Random

from gateway.demo.settings import DemoItem

WEEKDAY = (0.85, 0.8, 0.9, 1.0, 1.35, 1.5, 0.0)  # Monday to Sunday; the shops are closed on Sundays
PROMOTION_DAYS = 7
PROMOTION_EVERY_DAYS = 28
PROMOTION_LIFT = 2.4


def draw(*words: object) -> Random:
    """Return a stream of numbers that depends on words only."""
    return Random("|".join(str(word) for word in words))  # noqa: S311 - invented sales, not a secret


@cache
def daily_mean(seed: int, place: str, gtin: str) -> float:
    """Return the mean units per open day: many slow items, few fast ones."""
    size = draw(seed, "size", place).uniform(0.7, 1.4)
    pull = draw(seed, "pull", gtin).paretovariate(1.6)
    return float(min(12.0, 0.9 * size * pull))


def on_promotion(seed: int, gtin: str, day: date) -> bool:
    """Tell whether the item is in this month's leaflet: about one item in six, the first week of four."""
    round_number, day_in_round = divmod(day.toordinal(), PROMOTION_EVERY_DAYS)
    return day_in_round < PROMOTION_DAYS and draw(seed, "leaflet", gtin, round_number).random() < 1 / 6


@cache
def units_sold(seed: int, place: str, gtin: str, day: date) -> int:
    """Return the units of one item sold at one place on one day."""
    mean = daily_mean(seed, place, gtin) * WEEKDAY[day.weekday()]
    if on_promotion(seed, gtin, day):
        mean *= PROMOTION_LIFT
    if mean == 0:
        return 0
    return max(0, round(draw(seed, place, gtin, day).gauss(mean, mean**0.5)))


def units_returned(seed: int, place: str, gtin: str, day: date) -> int:
    """Return units brought back: a few in a hundred days."""
    return 1 if units_sold(seed, place, gtin, day) and draw(seed, "back", place, gtin, day).random() < 0.03 else 0


@cache
def _sold_until(seed: int, places: tuple[str, ...], gtin: str, first: date, day: date) -> int:
    if day < first:
        return 0
    today = sum(units_sold(seed, place, gtin, day) for place in places)
    return today + _sold_until(seed, places, gtin, first, day - timedelta(days=1))


def sold_until(seed: int, places: tuple[str, ...], gtin: str, first: date, day: date) -> int:
    """Return the units sold at all places from first to day, both included. Called day by day it adds one day each."""
    step = first
    while step < day:  # keeps the recursion one deep, however long the demo has run
        _sold_until(seed, places, gtin, first, step)
        step += timedelta(days=1)
    return _sold_until(seed, places, gtin, first, day)


def cases_to_order(
    seed: int, places: tuple[str, ...], item: DemoItem, first: date, last_ordered: date, day: date
) -> int:
    """Return the full cases that replace what was sold after last_ordered up to day.

    Rounding is done on the running sum, so that over months exactly what was sold is ordered, not half a case more
    each time.
    """
    now = ceil(sold_until(seed, places, item.gtin, first, day) / item.pack)
    before = ceil(sold_until(seed, places, item.gtin, first, last_ordered) / item.pack)
    return now - before


def shop_stock(seed: int, place: str, item: DemoItem, day: date) -> int:
    """Return the units a shop reports: about ten days of sales, lower towards the end of the week."""
    cover = 10 - day.weekday() * 0.6
    return max(
        0, round(daily_mean(seed, place, item.gtin) * cover + draw(seed, "shelf", place, item.gtin, day).gauss(0, 1))
    )


def mean_per_day(seed: int, places: Iterable[str], gtin: str) -> float:
    """Return the mean units per calendar day at all places, without promotions."""
    return sum(daily_mean(seed, place, gtin) for place in places) * sum(WEEKDAY) / 7


def pick(items: Sequence[DemoItem], count: int, *words: object) -> list[DemoItem]:
    """Return count different items, drawn by words."""
    return draw(*words).sample(list(items), min(count, len(items)))
