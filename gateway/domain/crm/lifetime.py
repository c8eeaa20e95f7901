"""What an account may still bring: expected orders by BG/NBD, their worth by gamma-gamma, discounted.

Flagged for accounts with fewer than three orders. EDI customers order regularly, which BG/NBD does not know: it is for
the irregular ones and for the sum; silence is judged by `lapse`.
Source: Fader, Hardie and Lee, "Counting Your Customers" the Easy Way, Marketing Science 24(2), 2005;
Fader and Hardie, The Gamma-Gamma Model of Monetary Value, 2013.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import gammaln, hyp2f1

Array = NDArray[np.float64]
_STARTS = ((1.0, 1.0, 1.0, 1.0), (0.3, 5.0, 0.8, 2.5), (2.0, 30.0, 0.5, 4.0))
_MONEY_STARTS = ((1.0, 1.0, 1.0), (6.0, 4.0, 15.0), (2.0, 3.0, 100.0))
MIN_ACCOUNTS = 10  # with fewer, four parameters cannot be told


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Accounts as three columns of one length, in one unit of time (days or weeks).

    repeats: orders after the first; last: time from the first to the last order; age: from the first order to now.
    """

    repeats: Array
    last: Array
    age: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """The four parameters of BG/NBD: r, alpha of the rate of ordering; a, b of the chance to leave after an order."""

    r: float
    alpha: float
    a: float
    b: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """The three parameters of gamma-gamma."""

    p: float
    q: float
    gamma: float


def log_likelihood(history: History, its: Ordering) -> float:
    """Return the log-likelihood of the orders of all accounts."""
    x, last, age = history.repeats, history.last, history.age
    common = gammaln(its.r + x) - gammaln(its.r) + its.r * np.log(its.alpha)
    common += gammaln(its.a + its.b) + gammaln(its.b + x) - gammaln(its.b) - gammaln(its.a + its.b + x)
    alive = -(its.r + x) * np.log(its.alpha + age)
    left = np.where(
        x > 0,
        np.log(its.a) - np.log(its.b + np.maximum(x, 1) - 1) - (its.r + x) * np.log(its.alpha + last),
        -np.inf,
    )
    return float(np.sum(common + np.logaddexp(alive, left)))


def fit_ordering(history: History) -> Ordering | None:
    """Return the parameters that make the orders most likely; None with fewer than MIN_ACCOUNTS or no repeats.

    Deterministic: three starts, L-BFGS-B on the logarithms, time scaled to its mean.
    """
    if len(history.age) < MIN_ACCOUNTS or not np.any(history.repeats > 0):
        return None
    scale = float(np.mean(history.age)) / 38.0  # starts suit a year of weeks
    scaled = History(repeats=history.repeats, last=history.last / scale, age=history.age / scale)

    def loss(logs: Array) -> float:
        r, alpha, a, b = np.exp(logs)
        return -log_likelihood(scaled, Ordering(r=r, alpha=alpha, a=a, b=b)) / len(scaled.age)

    r, alpha, a, b = _best(loss, _STARTS)
    return Ordering(r=r, alpha=alpha * scale, a=a, b=b)


def fit_spending(orders: Array, mean_values: Array) -> Spending | None:
    """Return the parameters for accounts with orders (counted) of mean_values above zero; None with too few."""
    known = (orders > 0) & (mean_values > 0)
    x, m = orders[known], mean_values[known]
    if len(x) < MIN_ACCOUNTS:
        return None
    scale = float(np.mean(m)) / 35.0
    m = m / scale

    def loss(logs: Array) -> float:
        p, q, gamma = np.exp(logs)
        parts = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(gamma)
        parts += (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(gamma + x * m)
        return -float(np.mean(parts))

    p, q, gamma = _best(loss, _MONEY_STARTS)
    return Spending(p=p, q=q, gamma=gamma * scale)


def _best(loss: object, starts: tuple[tuple[float, ...], ...]) -> list[float]:
    bounds = [(-10.0, 10.0)] * len(starts[0])
    options = {"maxiter": 2_000, "maxfun": 50_000, "ftol": 1e-13, "gtol": 1e-9}
    found = [minimize(loss, np.log(start), method="L-BFGS-B", bounds=bounds, options=options) for start in starts]
    return [float(each) for each in np.exp(min(found, key=lambda each: float(each.fun)).x)]


def alive_probability(history: History, its: Ordering) -> Array:
    """Return for each account the probability that it will order again; 1 for one that has ordered only once."""
    x = history.repeats
    waited = (its.alpha + history.age) / (its.alpha + history.last)
    odds = its.a / (its.b + np.maximum(x, 1) - 1) * waited ** (its.r + x)
    return np.where(x > 0, 1 / (1 + odds), 1.0)


def expected_orders(history: History, its: Ordering, ahead: float) -> Array:
    """Return the orders expected of each account within the time ahead (same unit as history)."""
    x, age = history.repeats, history.age
    ratio = ahead / (its.alpha + age + ahead)
    tail = hyp2f1(its.r + x, its.b + x, its.a + its.b + x - 1, ratio)
    grown = 1 - ((its.alpha + age) / (its.alpha + age + ahead)) ** (its.r + x) * tail
    expected: Array = (its.a + its.b + x - 1) / (its.a - 1) * grown * alive_probability(history, its)
    return expected


def expected_value(orders: Array, mean_values: Array, its: Spending) -> Array:
    """Return the mean value of the orders to come: what the account has spent, drawn towards what all spend."""
    known = np.where(orders > 0, mean_values, 0.0)
    return its.p * (its.gamma + orders * known) / (its.p * orders + its.q - 1)
