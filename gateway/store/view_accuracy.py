"""How good the forecasts were, run by run, as they are read."""

import json
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine

from gateway.domain.replenishment.facts import ACCURACY
from gateway.store.plan_records import of_kind


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyRow:
    """by: all, class, place or item; key: which one. ahead: days that are forecast together; windows: how many such
    spans were judged; units: sold in them. wape: sum of absolute errors over units; bias: of signed ones, above 0 = too
    much; value_added: share of the error that the same weekday of the week before would have made and we did not; mase:
    error of one day over the mean change from week to week, below 1 = better. None: there is nothing to divide by."""

    by: str
    key: str
    ahead: int
    series: int
    windows: int
    units: float
    wape: float | None
    bias: float | None
    value_added: float | None
    mase: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyRun:
    """The forecasts of an agreement from first_day through the last day; series: items and places that were looked
    at."""

    agreement: str
    partner: str | None
    first_day: date
    through: date
    series: int
    rows: tuple[AccuracyRow, ...]

    def row(self, ahead: int) -> AccuracyRow | None:
        """Return the figures of all for so many days ahead."""
        return next((each for each in self.rows if each.by == "all" and each.ahead == ahead), None)


class AccuracyViews:
    """How well forecasts have met what was sold."""

    _engine: Engine

    def accuracy(self, agreement: str | None = None, partner: str | None = None) -> tuple[AccuracyRun, ...]:
        """Return the runs by agreement, the newest first. agreement, partner: only its."""
        with self._engine.connect() as connection:
            found = [json.loads(each.data) for each in of_kind(connection, ACCURACY, partner)]
        runs = [
            AccuracyRun(
                agreement=each["agreement"],
                partner=each["partner"],
                first_day=date.fromisoformat(each["first_day"]),
                through=date.fromisoformat(each["through"]),
                series=each["series"],
                rows=tuple(AccuracyRow(**row) for row in each["rows"]),
            )
            for each in found
            if agreement in (None, each["agreement"])
        ]
        return tuple(sorted(runs, key=lambda each: (each.agreement, -each.through.toordinal())))
