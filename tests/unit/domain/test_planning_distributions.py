"""Each loss against an independent computation: numerical integration for densities, plain sums for counts."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from gateway.domain.replenishment.distributions import COUNTS, GAMMA, NORMAL, losses, quantile, shortage, tail

CASES = [(0.3, 0.3), (0.8, 4.0), (4.0, 4.0), (6.5, 9.0), (20.0, 75.0), (240.0, 900.0)]
STOCKS = (-3.0, 0.0, 1.0, 4.0, 9.0, 31.0)


def law(kind: int, mean: float, variance: float):  # type: ignore[no-untyped-def]
    if kind == NORMAL:
        return stats.norm(mean, math.sqrt(variance))
    if kind == GAMMA:
        return stats.gamma(mean * mean / variance, scale=variance / mean)
    if variance <= mean:
        return stats.poisson(mean)
    return stats.nbinom(mean * mean / (variance - mean), mean / variance)


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize(("mean", "variance"), CASES)
@pytest.mark.parametrize("kind", [NORMAL, GAMMA])
def test_shortage_and_its_integral_are_what_numerical_integration_finds(
    kind: int, mean: float, variance: float, stock: float
) -> None:
    demand = law(kind, mean, variance)
    found = losses(kind, np.array([stock]), np.array([mean]), np.array([variance]))
    top = max(demand.isf(1e-13), stock) + 1.0
    points = sorted({min(max(point, stock), top) for point in (mean, mean + math.sqrt(variance))})
    missed, _ = integrate.quad(demand.sf, stock, top, points=points, limit=400, epsabs=1e-11)
    second, _ = integrate.quad(lambda x: (x - stock) * demand.sf(x), stock, top, points=points, limit=400, epsabs=1e-11)
    assert found.beyond[0] == pytest.approx(demand.sf(stock), rel=1e-9, abs=1e-12)
    assert found.missed[0] == pytest.approx(missed, rel=1e-6, abs=1e-8)
    assert found.second[0] == pytest.approx(second, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("stock", STOCKS)
@pytest.mark.parametrize(("mean", "variance"), CASES)
def test_shortage_of_counts_is_the_plain_sum(mean: float, variance: float, stock: float) -> None:
    units = np.arange(0, 4000)
    chance = law(COUNTS, mean, variance).pmf(units)
    found = losses(COUNTS, np.array([stock]), np.array([mean]), np.array([variance]))
    assert found.beyond[0] == pytest.approx(chance[units > stock].sum(), abs=1e-12)
    assert found.missed[0] == pytest.approx((chance * np.maximum(units - stock, 0)).sum(), rel=1e-8, abs=1e-11)
    steps = np.maximum(units - stock, 0)
    assert found.second[0] == pytest.approx((chance * steps * (steps + 1) / 2).sum(), rel=1e-7, abs=1e-10)


def test_between_whole_units_the_shortage_of_counts_is_a_line() -> None:
    mean, variance = np.array([4.0]), np.array([6.0])
    low, high = (shortage(COUNTS, np.array([each]), mean, variance)[0] for each in (3.0, 4.0))
    assert shortage(COUNTS, np.array([3.25]), mean, variance)[0] == pytest.approx(0.75 * low + 0.25 * high)


@pytest.mark.parametrize("level", [0.02, 0.5, 0.9, 0.98, 0.999])
@pytest.mark.parametrize("kind", [NORMAL, GAMMA, COUNTS])
def test_quantile_is_the_least_stock_that_is_enough_so_often(kind: int, level: float) -> None:
    mean, variance = (np.array(each) for each in zip(*CASES, strict=True))
    found = quantile(kind, np.full(len(CASES), level), mean, variance)
    expected = [law(kind, *case).ppf(level) for case in CASES]
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-7)
    if kind == COUNTS:
        assert (tail(kind, found, mean, variance) <= 1 - level).all()
        above_zero = found > 0
        assert (tail(kind, found - 1, mean, variance)[above_zero] > 1 - level).all()


def test_a_worked_normal_case() -> None:
    """Mean 100, deviation 20, stock 130: k = 1.5, G(1.5) = 0.0293, so 0.586 units are missing."""
    found = shortage(NORMAL, np.array([130.0]), np.array([100.0]), np.array([400.0]))
    assert found[0] == pytest.approx(0.586, abs=0.001)


def test_a_worked_poisson_case() -> None:
    """Mean 1, stock 1: P(0) = P(1) = e^-1, E(D - 1)+ = 1 - 1 + e^-1 = 0.36788."""
    found = shortage(COUNTS, np.array([1.0]), np.array([1.0]), np.array([1.0]))
    assert found[0] == pytest.approx(math.exp(-1))
