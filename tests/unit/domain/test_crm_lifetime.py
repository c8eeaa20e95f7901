"""BG/NBD and gamma-gamma: recovered from simulated accounts, and checked by integrating over what is not known."""

import numpy as np
import pytest
from scipy.stats import beta, gamma

from gateway.domain.crm.lifetime import (
    History,
    Ordering,
    alive_probability,
    expected_orders,
    expected_value,
    fit_ordering,
    fit_spending,
    log_likelihood,
)

KNOWN = Ordering(r=0.8, alpha=6.0, a=1.6, b=3.2)


def simulated(its: Ordering, accounts: int, weeks: float) -> History:
    draw = np.random.default_rng(7)
    rates = draw.gamma(its.r, 1 / its.alpha, accounts)
    leaving = draw.beta(its.a, its.b, accounts)
    rows = []
    for rate, chance in zip(rates, leaving, strict=True):
        now = last = 0.0
        count = 0
        while (now := now + draw.exponential(1 / rate)) <= weeks:
            last, count = now, count + 1
            if draw.random() < chance:
                break
        rows.append((count, last, weeks))
    columns = np.array(rows).T
    return History(repeats=columns[0], last=columns[1], age=columns[2])


def one(repeats: float, last: float, age: float) -> History:
    return History(repeats=np.array([repeats]), last=np.array([last]), age=np.array([age]))


def weighted(history: History, its: Ordering, what) -> float:
    """Return the mean of what(rate, chance) over rates and chances, weighed by how likely they make the history."""
    x, last, age = (float(each[0]) for each in (history.repeats, history.last, history.age))
    middles = (np.arange(1_500) + 0.5) / 1_500
    rate = gamma.ppf(middles, its.r, scale=1 / its.alpha)[:, None]
    chance = beta.ppf(middles, its.a, its.b)[None, :]
    stayed = (1 - chance) ** x * rate**x * np.exp(-rate * age)
    left = chance * (1 - chance) ** (x - 1) * rate**x * np.exp(-rate * last)
    return float((stayed * what(rate, chance)).sum() / (stayed + left).sum())


@pytest.mark.parametrize(("repeats", "last", "age"), [(2.0, 20.0, 30.0), (4.0, 12.0, 40.0)])
def test_alive_and_expected_orders_equal_the_integral_over_rates_and_chances(repeats, last, age):
    history = one(repeats, last, age)
    assert alive_probability(history, KNOWN)[0] == pytest.approx(weighted(history, KNOWN, lambda *_: 1.0), rel=1e-3)

    def ahead(rate: float, chance: float) -> float:
        return (1 - np.exp(-rate * chance * 10.0)) / chance

    assert expected_orders(history, KNOWN, 10.0)[0] == pytest.approx(weighted(history, KNOWN, ahead), rel=1e-3)


def test_an_account_that_ordered_once_is_alive_by_definition_of_the_model():
    assert alive_probability(one(0.0, 0.0, 50.0), KNOWN)[0] == 1.0


def test_the_parameters_of_simulated_accounts_are_found_again():
    history = simulated(KNOWN, 4_000, 60.0)
    found = fit_ordering(history)
    assert log_likelihood(history, found) >= log_likelihood(history, KNOWN)
    assert found.r / found.alpha == pytest.approx(KNOWN.r / KNOWN.alpha, rel=0.15)
    days = History(repeats=history.repeats, last=history.last * 7, age=history.age * 7)
    by_day = fit_ordering(days)
    assert by_day.alpha == pytest.approx(found.alpha * 7, rel=0.02)  # the unit of time does not matter


def test_too_few_accounts_have_no_parameters():
    assert fit_ordering(one(1.0, 2.0, 3.0)) is None
    assert fit_spending(np.array([1.0]), np.array([5.0])) is None


def test_spending_is_drawn_towards_the_mean_of_all():
    draw = np.random.default_rng(11)
    orders = draw.integers(1, 12, 3_000).astype(float)
    scale = draw.gamma(4.0, 1 / 60.0, 3_000)
    means = np.array([draw.gamma(6.0, 1 / rate, int(count)).mean() for rate, count in zip(scale, orders, strict=True)])
    found = fit_spending(orders, means)
    assert found.p == pytest.approx(6.0, rel=0.15)
    mean = found.p * found.gamma / (found.q - 1)
    few, many = expected_value(np.array([1.0, 50.0]), np.array([1000.0, 1000.0]), found)
    assert mean < few < many < 1000.0
    assert expected_value(np.array([0.0]), np.array([0.0]), found)[0] == pytest.approx(mean)
