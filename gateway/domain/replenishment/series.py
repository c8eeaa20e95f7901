"""Daily sales of many items and places at once: the shape every planning formula here works on.

Arrays are day-major: row = day, column = series (one item at one place). One more day is one more row, and a formula
over all series is one operation on a row. Elementwise operations and sums in day order only: the same numbers come out
bit by bit however the series are split over workers.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Codes: TypeAlias = NDArray[np.int16]
Flags: TypeAlias = NDArray[np.bool_]

WEEK = 7
YEAR_WEEKS = 53


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """What is known beforehand about days, history and future alike; shape (days, series) each.

    promotion, holiday: codes of effects, 0 = nothing; one code is one kind of event, in either array (a mechanic such
    as "second at half price", a holiday, the day after it). price: the day's price over the regular price, 1 = regular.
    """

    first_day: date
    promotion: Codes
    holiday: Codes
    price: Floats

    def row(self, day: date) -> int:
        """Return the row of day. Raises IndexError outside the known days."""
        row = (day - self.first_day).days
        if not 0 <= row < len(self.price):
            raise IndexError(day.isoformat())
        return row

    def of(self, columns: slice | Ints) -> "Events":
        """Return the events of some series."""
        return replace(
            self, promotion=self.promotion[:, columns], holiday=self.holiday[:, columns], price=self.price[:, columns]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBlock:
    """Units sold, shape (days, series), in base units. NaN = no report came for that day: unknown, never zero.

    censored: the shelf was empty for part of the day, so that units is only a lower bound of demand.
    group: of each series, which patterns (weekday, year, events) it shares; index into Patterns.
    """

    first_day: date
    units: Floats
    censored: Flags
    group: Ints
    events: Events

    @property
    def days(self) -> int:
        """Return how many days the block has."""
        return len(self.units)

    @property
    def series(self) -> int:
        """Return how many series the block has."""
        return int(self.units.shape[1])

    @property
    def through(self) -> date:
        """Return the last day."""
        return self.first_day + timedelta(days=self.days - 1)

    def until(self, days: int) -> "SeriesBlock":
        """Return the block as it was after so many days; the events stay known for the future."""
        return replace(self, units=self.units[:days], censored=self.censored[:days])

    def of(self, columns: slice | Ints) -> "SeriesBlock":
        """Return some of the series."""
        return replace(
            self,
            units=self.units[:, columns],
            censored=self.censored[:, columns],
            group=self.group[columns],
            events=self.events.of(columns),
        )


def no_events(first_day: date, days: int, series: int) -> Events:
    """Return events for days without any."""
    shape = (days, series)
    return Events(
        first_day=first_day,
        promotion=np.zeros(shape, np.int16),
        holiday=np.zeros(shape, np.int16),
        price=np.ones(shape),
    )


def block_of(
    first_day: date,
    units: Floats,
    *,
    censored: Flags | None = None,
    group: Ints | None = None,
    events: Events | None = None,
    horizon: int = 60,
) -> SeriesBlock:
    """Return a checked block; without events none are known for the history and horizon days after it.

    Returns count as no demand, not as negative demand: a day below zero is zero.
    Raises ValueError when the shapes do not fit or a quantity is infinite.
    """
    units = np.maximum(np.ascontiguousarray(units, dtype=np.float64), 0.0)  # NaN stays NaN
    days, series = units.shape
    censored = np.zeros(units.shape, np.bool_) if censored is None else np.asarray(censored, np.bool_)
    group = np.zeros(series, np.int64) if group is None else np.asarray(group, np.int64)
    events = no_events(first_day, days + horizon, series) if events is None else events
    if censored.shape != units.shape or group.shape != (series,) or np.isinf(units).any():
        raise ValueError("units, censored and group do not describe the same series")
    if events.first_day != first_day or len(events.price) < days:
        raise ValueError("events must start with the history and reach its end")
    if not events.promotion.shape == events.holiday.shape == events.price.shape == (len(events.price), series):
        raise ValueError("events must be of the same series as the units")
    return SeriesBlock(first_day=first_day, units=units, censored=censored, group=group, events=events)


def weekday(day: date) -> int:
    """Return 0 for Monday to 6."""
    return day.weekday()


def week_of_year(day: date) -> int:
    """Return 0 to 52: the seven-day piece of the year that holds day."""
    return min((day.timetuple().tm_yday - 1) // WEEK, YEAR_WEEKS - 1)
