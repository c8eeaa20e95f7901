"""Demand over an interval as a distribution of given mean and variance: how likely a stock lasts, what will be missing.

normal, gamma; counts: negative binomial, Poisson where the variance is not above the mean. All over arrays. Expected
shortage of a stock S is E(D - S)+; the second loss is its integral (sum, for counts) from S upward, which gives the
mean shortage over stocks that are spread evenly above S.

Sources: E. A. Silver, D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains, appendix on the
normal and gamma loss functions; the tails of the negative binomial are incomplete beta functions (NIST DLMF 8.17).
"""

from typing import NamedTuple

import numpy as np
import scipy.special

from gateway.domain.replenishment.series import Floats, Ints

NORMAL, GAMMA, COUNTS = range(3)
DISTRIBUTION_NAMES = ("normal", "gamma", "negative-binomial")
COUNTS_BELOW = 30.0  # mean up to which whole units matter
_POISSON = 1.0 + 1e-6  # variance over mean up to which the Poisson law is meant


def choose_distribution(mean: Floats) -> Ints:
    """Return COUNTS for small means, GAMMA for large ones."""
    return np.where(mean < COUNTS_BELOW, COUNTS, GAMMA)


class Losses(NamedTuple):
    """Of a stock S. beyond: P(D > S). missed: E(D - S)+. second: the integral of missed from S upward (counts: the sum
    of missed over S, S + 1, ...), so that its difference over an interval gives the mean shortage there."""

    beyond: Floats
    missed: Floats
    second: Floats


def losses(kind: int, stock: Floats, mean: Floats, variance: Floats) -> Losses:
    """Return what a stock leaves open; mean and variance positive. Counts: stock is whole. Below 0 all demand is
    missed."""
    if kind == NORMAL:
        return _normal(stock, mean, variance)
    held, below = np.maximum(stock, 0.0), np.minimum(stock, 0.0)
    found = _gamma(held, mean, variance) if kind == GAMMA else _counts(held, mean, variance)
    if not below.any():
        return found
    step = -below if kind == COUNTS else 0.0  # a sum of whole steps is longer than the integral by half a step each
    second = found.second - below * mean + (below * below + step) / 2.0
    return Losses(np.where(below < 0, 1.0, found.beyond), found.missed - below, second)


def tail(kind: int, stock: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return P(D > stock)."""
    return losses(kind, np.floor(stock) if kind == COUNTS else stock, mean, variance).beyond


def shortage(kind: int, stock: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return E(D - stock)+ in units. For counts, between whole stocks the line between them: exactly what it is."""
    if kind != COUNTS:
        return losses(kind, stock, mean, variance).missed
    low = np.floor(stock)
    found = losses(kind, low, mean, variance)
    return found.missed - (stock - low) * found.beyond


def quantile(kind: int, level: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the least stock with P(D <= stock) >= level; whole units for counts."""
    if kind == NORMAL:
        return np.asarray(mean + np.sqrt(variance) * scipy.special.ndtri(level))
    shape, scale = mean * mean / variance, variance / mean
    start = np.asarray(scale * scipy.special.gammainccinv(shape, 1.0 - level))
    if kind == GAMMA:
        return start
    found = np.maximum(np.round(start), 0.0)
    _walk(found, np.arange(len(found)), 1.0 - level, mean, variance, up=True)
    _walk(found, np.flatnonzero(found), 1.0 - level, mean, variance, up=False)
    return found


def _walk(found: Floats, at: Ints, miss: Floats, mean: Floats, variance: Floats, *, up: bool) -> None:
    """Move each of found by whole units to the least stock that is short with at most the probability miss."""
    while len(at):
        stock = found[at] if up else found[at] - 1.0
        short = _count_tail(stock, mean[at], variance[at])[0] > miss[at]
        at = at[short == up]
        found[at] += 1.0 if up else -1.0
        at = at[found[at] > 0]


def _normal(stock: Floats, mean: Floats, variance: Floats) -> Losses:
    deviation = np.sqrt(variance)
    k = (stock - mean) / deviation
    beyond = scipy.special.ndtr(-k)
    density = np.exp(-0.5 * k * k) / np.sqrt(2.0 * np.pi)
    return Losses(beyond, deviation * (density - k * beyond), variance / 2.0 * ((k * k + 1.0) * beyond - k * density))


def _gamma(stock: Floats, mean: Floats, variance: Floats) -> Losses:
    """Losses of the gamma law; the tails of the next two shapes follow from Q(a + 1, x) = Q(a, x) + x^a e^-x / G(a +
    1)."""
    shape, scale = mean * mean / variance, variance / mean
    x = stock / scale
    beyond = scipy.special.gammaincc(shape, x)
    with np.errstate(divide="ignore"):
        power = np.exp(shape * np.log(x) - x - scipy.special.gammaln(shape + 1.0))
    firsts = mean * (beyond + power)
    squares = (variance + mean * mean) * (beyond + power * (1.0 + x / (shape + 1.0)))
    second = (squares - 2.0 * stock * firsts + stock * stock * beyond) / 2.0
    return Losses(beyond, np.maximum(firsts - stock * beyond, 0.0), np.maximum(second, 0.0))


def _counts(stock: Floats, mean: Floats, variance: Floats) -> Losses:
    """Losses of the negative binomial law with shape r.

    E(D; D > S) = m P(D' >= S) with D' of shape r + 1, E(D (D - 1); D > S) likewise with r + 2; the tails of the larger
    shapes follow from the first and the probability of S alone, so that one incomplete beta function does.
    """
    beyond, here, per_shape = _count_tail(stock, mean, variance)
    first = beyond + here * (1.0 + stock * per_shape)
    pair = first + stock / mean * here * (1.0 + (stock - 1.0) * per_shape / (1.0 + per_shape))
    firsts = mean * first
    pairs = (variance + mean * mean - mean) * pair
    # (D - S)(D - S + 1) / 2 = [D (D - 1) + 2 D (1 - S) + S (S - 1)] / 2
    second = (pairs + 2.0 * (1.0 - stock) * firsts + stock * (stock - 1.0) * beyond) / 2.0
    return Losses(beyond, np.maximum(firsts - stock * beyond, 0.0), np.maximum(second, 0.0))


def _count_tail(stock: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats, Floats]:
    """Return P(D > stock), P(D = stock) and 1 / shape (0 for Poisson); stock is whole and not negative."""
    poisson = variance <= mean * _POISSON
    wide = np.where(poisson, 2.0 * mean, variance)
    shape, chance = mean * mean / (wide - mean), mean / wide
    beyond = scipy.special.betainc(stock + 1.0, shape, 1.0 - chance)
    log = scipy.special.gammaln(stock + shape) - scipy.special.gammaln(shape) + shape * np.log(chance)
    log = log + stock * np.log1p(-chance)
    if poisson.any():
        beyond = np.where(poisson, scipy.special.gammainc(stock + 1.0, mean), beyond)
        log = np.where(poisson, stock * np.log(mean) - mean, log)
    here = np.exp(log - scipy.special.gammaln(stock + 1.0))
    return beyond, here, np.where(poisson, 0.0, 1.0 / shape)
