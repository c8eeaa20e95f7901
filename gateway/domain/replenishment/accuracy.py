"""How good a forecast was, at the lag that mattered: frozen when the order was made, over the protection interval.

Arrays (periods, series) or (periods,); NaN in actual = unknown, and left out. Sources: R. J. Hyndman, A. B. Koehler,
International Journal of Forecasting 22 (2006) for MASE; M5 competition guide for RMSSE; T. Gneiting, A. E. Raftery,
Journal of the American Statistical Association 102 (2007) for the pinball loss.
"""

from dataclasses import dataclass

import numpy as np

from gateway.domain.replenishment.series import Floats

SIGNAL_DECAY = 0.9


def _known(actual: Floats, *others: Floats) -> tuple[Floats, ...]:
    here = ~np.isnan(actual)
    return tuple(np.where(here, each, 0.0) for each in (actual, *others))


def wape(actual: Floats, found: Floats) -> Floats:
    """Return the sum of absolute errors over the sum of units; nan without units."""
    units, guess = _known(actual, found)
    return _share(np.abs(units - guess).sum(axis=0), units.sum(axis=0))


def bias(actual: Floats, found: Floats) -> Floats:
    """Return (forecast - units) over units: positive = too much."""
    units, guess = _known(actual, found)
    return _share((guess - units).sum(axis=0), units.sum(axis=0))


def mase(actual: Floats, found: Floats, history: Floats, season: int = 7) -> Floats:
    """Return the mean absolute error over that of the seasonal naive forecast within the history."""
    scale = np.nanmean(np.abs(history[season:] - history[:-season]), axis=0)
    return _share(np.nanmean(np.abs(actual - found), axis=0), scale)


def rmsse(actual: Floats, found: Floats, history: Floats) -> Floats:
    """Return the root of the mean squared error over the mean squared one-day difference of the history."""
    scale = np.nanmean((history[1:] - history[:-1]) ** 2, axis=0)
    return np.asarray(np.sqrt(_share(np.nanmean((actual - found) ** 2, axis=0), scale)))


def value_added(actual: Floats, found: Floats, reference: Floats) -> Floats:
    """Return by how much the forecast's WAPE is below the reference's, as a share of it: negative = it did harm."""
    other = wape(actual, reference)
    return np.asarray(1.0 - _share(wape(actual, found), other))


def pinball(actual: Floats, quantiles: Floats, level: float) -> Floats:
    """Return the mean pinball loss of quantiles of one level."""
    off = actual - quantiles
    return np.asarray(np.nanmean(np.maximum(level * off, (level - 1.0) * off), axis=0))


def coverage(actual: Floats, quantiles: Floats) -> Floats:
    """Return the share of known periods with units at or below the quantile; to be held against its level."""
    known = ~np.isnan(actual)
    return _share((known & (np.nan_to_num(actual) <= quantiles)).sum(axis=0).astype(np.float64), known.sum(axis=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """Running sums of a tracking signal, and what they say: |value| above 4 = the forecast is off on one side."""

    errors: Floats
    deviations: Floats

    @property
    def value(self) -> Floats:
        """Return the decayed sum of errors over the decayed mean absolute error; at most 1 / (1 - SIGNAL_DECAY) in
        size."""
        return _share(self.errors, self.deviations * (1.0 - SIGNAL_DECAY), 0.0)


def tracked(before: Signal, actual: Floats, found: Floats) -> Signal:
    """Return the signal after one more period; unknown units change nothing."""
    known = ~np.isnan(actual)
    error = np.where(known, found - np.nan_to_num(actual), 0.0)
    return Signal(
        errors=np.where(known, SIGNAL_DECAY * before.errors + error, before.errors),
        deviations=np.where(known, SIGNAL_DECAY * before.deviations + np.abs(error), before.deviations),
    )


def _share(top: Floats, bottom: Floats, without: float = float("nan")) -> Floats:
    bottom = np.asarray(bottom, np.float64)
    return np.asarray(np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), without))
