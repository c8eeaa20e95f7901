"""Prices with their days: a list's prices as days at another price, what they did before, what they will do."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from gateway.domain.replenishment.events import coded
from gateway.domain.replenishment.patterns import fit_patterns
from gateway.domain.replenishment.price_effect import judged_elasticity
from gateway.domain.replenishment.prices import price_events
from gateway.domain.replenishment.series import SeriesBlock, block_of, no_events
from gateway.model.effects import PriceSaved

MONDAY = date(2025, 1, 6)
TODAY = MONDAY + timedelta(days=200)


def price(value: str, first: int, last: int | None = None, minimum: int = 0, currency: str = "EUR") -> PriceSaved:
    return PriceSaved(
        key=f"{value}{first}",
        price_list="retail",
        gtin="09521001100106",
        price=Decimal(value),
        currency=currency,
        valid_from=MONDAY + timedelta(days=first),
        valid_to=None if last is None else MONDAY + timedelta(days=last),
        minimum=Decimal(minimum),
    )


def spans(*prices: PriceSaved) -> list[tuple[int, int, str]]:
    return [
        ((each.first_day - MONDAY).days, (each.last_day - MONDAY).days, str(each.price))
        for each in price_events(prices, MONDAY, TODAY)
    ]


def test_days_at_another_price_than_on_most_days_are_events() -> None:
    """Two weeks at 1.60 instead of 2.00, and from day 210 on 2.20, which is to come."""
    assert spans(price("2.00", -30), price("1.60", 50, 63), price("2.20", 210)) == [
        (50, 63, "0.8000"),
        (210, 290, "1.1000"),
    ]


def test_one_price_only_is_the_usual_one_and_a_day_without_any_is_too() -> None:
    assert spans(price("2.00", 0)) == []
    assert spans(price("2.00", 0, 99), price("1.00", 150, 160)) == [(150, 160, "0.5000")]
    assert spans(price("2.00", 0), price("2.00", 90)) == [], "told again"


def test_the_price_for_the_least_quantity_in_the_last_currency_counts_and_no_mistake_of_a_hundredfold() -> None:
    more = price("1.50", 20, minimum=100)
    assert spans(price("2.00", 0), more, price("1.80", 100, 113)) == [(100, 113, "0.9000")]
    assert spans(price("9.00", 0, 9, currency="CNY"), price("2.00", 10), price("200", 50, 51)) == [(50, 51, "5")]


def test_a_price_has_no_code_of_its_own() -> None:
    events = price_events([price("2.00", 0), price("1.60", 50, 63)], MONDAY, TODAY)
    found = coded(MONDAY, 120, [events, ()])
    assert found.kinds == ()
    assert found.events.price[49:65, 0].tolist() == [1.0, *[0.8] * 14, 1.0]
    assert (found.events.price[:, 1] == 1.0).all()


def sold_at(elasticity: float, *, seed: int = 4) -> SeriesBlock:
    """Thirty items of 15 a day, three fortnights a year each at four fifths of the price."""
    rng = np.random.default_rng(seed)
    events = no_events(MONDAY, 480, 30)
    for column in range(30):
        for start in rng.integers(0, 400, 4):
            events.price[start : start + 14, column] = 0.8
    units = rng.poisson(15.0 * events.price[:420] ** -elasticity).astype(float)
    return block_of(MONDAY, units, events=events)


def test_what_prices_did_is_learned_where_they_did_something() -> None:
    block = sold_at(2.0)
    patterns = fit_patterns(block, 1, 1)
    found = judged_elasticity(block, patterns)
    assert found[0] == patterns.elasticity[0] == pytest.approx(2.0, abs=0.25)


def test_what_later_days_do_not_bear_out_is_not_believed() -> None:
    """Cheap days sell more in the first part of the history, by chance or for another reason, and less later."""
    early, late = sold_at(2.0), sold_at(-2.0)
    block = replace(early, units=np.concatenate([early.units[:280], late.units[280:]]))
    patterns = fit_patterns(block, 1, 1)
    assert patterns.elasticity[0] > 0.1
    assert judged_elasticity(block, patterns)[0] == 0.0


def test_without_another_price_there_is_no_elasticity() -> None:
    block = block_of(MONDAY, np.full((200, 3), 4.0))
    assert judged_elasticity(block, fit_patterns(block, 1, 1)).tolist() == [0.0]
