"""Demand made up with a known law: seasonal, drifting, promoted, over-dispersed. Nothing of it is anybody's data."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from gateway.domain.replenishment.series import Events, SeriesBlock, block_of, no_events

FIRST_DAY = date(2023, 1, 2)
GROUPS = 4
MECHANICS = (1.0, 1.4, 1.9, 2.8)  # uplift by code: leaflet, second display, half price
HOLIDAYS = {(5, 1): 4, (12, 23): 5, (12, 24): 5}
HOLIDAY_FACTOR = {4: 0.5, 5: 2.0}
CODES = 6
FAST, SLOW = 25.0, 0.3


@dataclass(frozen=True, kw_only=True)
class Scene:
    """units drawn, and the law they were drawn from."""

    block: SeriesBlock
    plain: Any  # mean without promotions
    mean: Any
    variance: Any

    def without_calendar(self) -> SeriesBlock:
        """The same history of a partner who does not share his promotions; holidays are in everyone's calendar."""
        told = self.block.events
        quiet = no_events(told.first_day, len(told.price), self.block.series)
        events = Events(first_day=told.first_day, promotion=quiet.promotion, holiday=told.holiday, price=quiet.price)
        return block_of(self.block.first_day, self.block.units, group=self.block.group, events=events)


def _weekdays(rng: np.random.Generator, series: int, group: np.ndarray) -> np.ndarray:
    shared = np.array([[0.8, 0.8, 0.9, 1.0, 1.3, 1.5, 0.7], [1.1, 1.1, 1.1, 1.1, 1.1, 1.0, 0.5],
                       [0.7, 0.8, 0.8, 0.9, 1.2, 1.7, 0.9], [1.0, 1.0, 1.0, 1.0, 1.2, 1.2, 0.6]])  # fmt: skip
    own = shared[group].T * rng.lognormal(0.0, 0.12, (7, series))
    return own / own.mean(axis=0)


def _promotions(rng: np.random.Generator, days: int, series: int, a_year: float) -> np.ndarray:
    """Weeks from Thursday to Wednesday, about so many a year for each series."""
    codes = np.zeros((days, series), np.int16)
    for start in range(3, days - 7, 7):
        here = rng.random(series) < a_year / 52
        codes[start : start + 7, here] = rng.integers(1, 4, here.sum())
    return codes


def scene(seed: int, series: int = 200, days: int = 1095, horizon: int = 60, promotions: float = 5.0) -> Scene:
    """Return three years of daily demand of series items and places. promotions: weeks a year of each series."""
    rng = np.random.default_rng(seed)
    total = days + horizon
    group = rng.integers(0, GROUPS, series)
    dates = [FIRST_DAY + timedelta(days=n) for n in range(total)]
    base = np.exp(rng.uniform(np.log(SLOW), np.log(FAST), series))
    drift = np.cumsum(rng.normal(0.0, 0.008, (total, series)), axis=0)
    amplitude = np.array([0.1, 0.2, 0.35, 0.0])[group]
    phase = np.array([0.0, 2.0, 3.5, 0.0])[group]
    turn = 2 * np.pi * np.array([day.timetuple().tm_yday for day in dates])[:, None] / 365.25
    season = 1.0 + amplitude * np.sin(turn + phase)
    shape = _weekdays(rng, series, group)[[day.weekday() for day in dates]]
    promotion = _promotions(rng, total, series, promotions)
    personal = rng.lognormal(0.0, 0.25, (4, series))
    uplift = np.where(promotion > 0, np.array(MECHANICS)[promotion] * personal[promotion, np.arange(series)], 1.0)
    holiday = np.zeros((total, series), np.int16)
    lifted = np.ones((total, series))
    for row, day in enumerate(dates):
        code = HOLIDAYS.get((day.month, day.day), 0)
        holiday[row], lifted[row] = code, HOLIDAY_FACTOR.get(code, 1.0)
    plain = base * np.exp(drift) * season * shape * lifted
    mean = plain * uplift
    dispersion = rng.uniform(2.0, 8.0, series)
    units = rng.negative_binomial(dispersion, dispersion / (dispersion + mean)).astype(np.float64)
    events = Events(first_day=FIRST_DAY, promotion=promotion, holiday=holiday, price=np.ones((total, series)))
    block = block_of(FIRST_DAY, units[:days], group=group, events=events)
    return Scene(block=block, plain=plain, mean=mean, variance=mean + mean * mean / dispersion)
