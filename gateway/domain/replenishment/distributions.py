"""Demand over an interval as a distribution of given mean and variance: how likely a stock lasts, what will be missing.

normal, gamma; counts: negative binomial, Poisson where the variance is not above the mean. All over arrays. Expected
shortage of a stock S is E(D - S)+; the second loss is its integral (sum, for counts) from S upward, which gives the
mean shortage over stocks that are spread evenly above S.

Sources: E. A. Silver, D. F. Pyke, D. J. Thomas, Inventory and Production Management in Supply Chains, appendix on the
normal and gamma loss functions; the tails of the negative binomial are incomplete beta functions (NIST DLMF 8.17).
"""

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


def tail(kind: int, stock: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return P(D > stock); mean and variance positive."""
    return _tails(kind, stock, mean, variance)[0]


def shortage(kind: int, stock: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return E(D - stock)+ in units. For counts, between whole stocks the line between them: exactly what it is."""
    if kind == NORMAL:
        deviation = np.sqrt(variance)
        k = (stock - mean) / deviation
        return np.asarray(deviation * (_density(k) - k * scipy.special.ndtr(-k)))
    if kind == COUNTS:
        low = np.floor(stock)
        here = _count_shortage(low, mean, variance)
        return here - (stock - low) * _count_tail(low, mean, variance, 0)
    beyond, weighted = _tails(kind, stock, mean, variance)
    return np.where(stock > 0, np.maximum(mean * weighted - stock * beyond, 0.0), mean - stock)


def second_loss(kind: int, stock: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the integral of the expected shortage from stock upward; for counts its sum over stock, stock + 1, ..."""
    if kind == NORMAL:
        k = (stock - mean) / np.sqrt(variance)
        return np.asarray(variance / 2.0 * ((k * k + 1.0) * scipy.special.ndtr(-k) - k * _density(k)))
    held = np.maximum(stock, 0.0)
    below = np.minimum(stock, 0.0)
    if kind == GAMMA:
        shape, scale = mean * mean / variance, variance / mean
        x = held / scale
        squares = shape * (shape + 1.0) * scale * scale * scipy.special.gammaincc(shape + 2.0, x)
        firsts = mean * scipy.special.gammaincc(shape + 1.0, x)
        found = np.maximum((squares - 2.0 * held * firsts + held * held * scipy.special.gammaincc(shape, x)) / 2.0, 0.0)
        return np.asarray(found - below * mean + below * below / 2.0)
    held = np.floor(held)
    pairs = _second_factorial(mean, variance) * _count_tail(held - 2.0, mean, variance, 2)
    firsts = mean * _count_tail(held - 1.0, mean, variance, 1)
    beyond = _count_tail(held, mean, variance, 0)
    # (D - S)(D - S + 1) / 2 = [D(D - 1) + 2 D (1 - S) + S (S - 1)] / 2
    found = np.maximum((pairs + 2.0 * (1.0 - held) * firsts + held * (held - 1.0) * beyond) / 2.0, 0.0)
    count = -np.floor(below)
    return found + count * mean + count * (count + 1.0) / 2.0


def quantile(kind: int, level: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the least stock with P(D <= stock) >= level; whole units for counts."""
    if kind == NORMAL:
        return np.asarray(mean + np.sqrt(variance) * scipy.special.ndtri(level))
    shape, scale = mean * mean / variance, variance / mean
    start = np.asarray(scale * scipy.special.gammainccinv(shape, 1.0 - level))
    if kind == GAMMA:
        return start
    found = np.maximum(np.round(start), 0.0)
    miss = 1.0 - level
    while True:
        more = _count_tail(found, mean, variance, 0) > miss
        if not more.any():
            break
        found = found + more
    while True:
        less = (found > 0) & (_count_tail(found - 1.0, mean, variance, 0) <= miss)
        if not less.any():
            return found
        found = found - less


def _density(k: Floats) -> Floats:
    return np.asarray(np.exp(-0.5 * k * k) / np.sqrt(2.0 * np.pi))


def _tails(kind: int, stock: Floats, mean: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Return P(D > stock) and E(D; D > stock) / mean."""
    if kind == NORMAL:
        deviation = np.sqrt(variance)
        k = (stock - mean) / deviation
        beyond = np.asarray(scipy.special.ndtr(-k))
        return beyond, beyond + deviation * _density(k) / mean
    if kind == COUNTS:
        low = np.floor(stock)
        return _count_tail(low, mean, variance, 0), _count_tail(low - 1.0, mean, variance, 1)
    shape, x = mean * mean / variance, np.maximum(stock, 0.0) * mean / variance
    return np.asarray(scipy.special.gammaincc(shape, x)), np.asarray(scipy.special.gammaincc(shape + 1.0, x))


def _count_tail(stock: Floats, mean: Floats, variance: Floats, more: int) -> Floats:
    """Return P(D > stock) of the count law whose shape is larger by more; stock is whole, below 0 it is 1."""
    poisson = variance <= mean * _POISSON
    wide = np.where(poisson, 2.0 * mean, variance)
    shape = mean * mean / (wide - mean)
    held = np.maximum(stock, 0.0)
    found = scipy.special.betainc(held + 1.0, shape + more, 1.0 - mean / wide)
    if poisson.any():
        found = np.where(poisson, scipy.special.gammainc(held + 1.0, mean), found)
    return np.where(stock < 0, 1.0, found)


def _count_shortage(stock: Floats, mean: Floats, variance: Floats) -> Floats:
    held = np.maximum(stock, 0.0)
    beyond = mean * _count_tail(held - 1.0, mean, variance, 1) - held * _count_tail(held, mean, variance, 0)
    return np.maximum(beyond, 0.0) - np.minimum(stock, 0.0)


def _second_factorial(mean: Floats, variance: Floats) -> Floats:
    """Return E D(D - 1)."""
    return variance + mean * mean - mean
