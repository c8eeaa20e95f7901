"""How good the forecasts are that we make: a rolling forecast over the last weeks, judged run by run.

From every day of the last eight weeks the days after it are forecast with what was known by then: patterns and gains
fitted before these weeks, states led on day by day. The error is that of the units of the next 1, 7, 14 and 28 days
together, because that is what an order has to cover. Held against it: the same weekday of the week before.

Sources: R. J. Hyndman, A. B. Koehler, International Journal of Forecasting 22 (2006) for MASE.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from gateway.domain.replenishment.choosing import choose
from gateway.domain.replenishment.classes import CLASS_NAMES, classify
from gateway.domain.replenishment.forecasting import forecast_of
from gateway.domain.replenishment.learning import CHOICE_DAYS, LEAST_DAYS, History, recent
from gateway.domain.replenishment.pair_input import PairInput
from gateway.domain.replenishment.recursion import advance, replay
from gateway.domain.replenishment.series import WEEK, Flags, Floats, SeriesBlock

WINDOW = 56  # days that are forecast
AHEAD = (1, 7, 14, 28)
KEPT_RUNS = 52  # of an agreement; the oldest makes room
MOST_ITEMS = 100  # the best selling ones are told one by one
_DIGITS = 6


def record_id(agreement: str, through: date) -> str:
    """Return the id under which a run's figures are kept: one a week, a year of them."""
    return f"{agreement[:70]} {through.toordinal() // WEEK % KEPT_RUNS:02d}"


def tracked(inputs: Sequence[PairInput], history: History) -> str | None:
    """Return the figures as JSON, None while the history is too short. inputs: in the order of the history's series."""
    cut = history.block.days - WINDOW
    if cut < LEAST_DAYS + WEEK:
        return None
    sums = _sums(inputs, history, cut)
    last = history.block.through
    code = classify(recent(history.block.until(cut), CHOICE_DAYS)).code
    keys = {
        "all": [""] * len(inputs),
        "class": [CLASS_NAMES[each] for each in code],
        "place": [each.facts.place for each in inputs],
        "item": [each.facts.gtin for each in inputs],
    }
    rows = [row for by, names in keys.items() for row in _rows(by, names, sums)]
    said = {
        "agreement": inputs[0].agreement.id,
        "partner": inputs[0].agreement.partner,
        "first_day": (last - timedelta(days=WINDOW - 1)).isoformat(),
        "through": last.isoformat(),
        "series": len(inputs),
        "rows": rows,
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


class _Sums:
    """Of each span of AHEAD and each series. windows: spans of which every day is known; scaled: errors of one day over
    the mean change from one week to the next before, days: how many of them."""

    def __init__(self, series: int) -> None:
        shape = (len(AHEAD), series)
        self.off, self.signed, self.units, self.naive, self.windows = (np.zeros(shape) for _ in range(5))
        self.scaled, self.days = np.zeros(series), np.zeros(series)


def _sums(inputs: Sequence[PairInput], history: History, cut: int) -> _Sums:
    block = history.block
    past = block.until(cut)
    patterns = history.patterns_of(past)
    days = int(np.median([each.interval.days for each in inputs]))
    how = choose(recent(past, CHOICE_DAYS), patterns, days)
    state = replay(past, patterns, how)
    scale = _week_change(past)
    found = _Sums(block.series)
    for row in range(cut, block.days):
        daily = forecast_of(state, block.events, patterns, block.group, how, max(AHEAD)).daily
        _judge(found, block, row, np.cumsum(daily, axis=0), scale)
        state = advance(state, block.units[row], block.censored[row], block.events, patterns, block.group, how)
    return found


def _judge(sums: _Sums, block: SeriesBlock, row: int, expected: Floats, scale: Floats) -> None:
    """Add the errors of the forecasts made on the evening before a day."""
    before = block.units[row - WEEK : row]
    for number, span in enumerate(AHEAD):
        if row + span > block.days:
            return
        sold = block.units[row : row + span].sum(axis=0)
        naive = before[np.arange(span) % WEEK].sum(axis=0)
        known: Flags = ~np.isnan(sold) & ~np.isnan(naive)
        error = np.where(known, expected[span - 1] - sold, 0.0)
        sums.off[number] += np.abs(error)
        sums.signed[number] += error
        sums.units[number] += np.where(known, sold, 0.0)
        sums.naive[number] += np.where(known, np.abs(naive - sold), 0.0)
        sums.windows[number] += known
        if span == 1:
            told = known & (scale > 0)
            sums.scaled += np.where(told, np.abs(error) / np.where(scale > 0, scale, 1.0), 0.0)
            sums.days += told


def _week_change(past: SeriesBlock) -> Floats:
    """Return the mean absolute change of a day from the same weekday of the week before, 0 where it is not known."""
    change = np.abs(past.units[WEEK:] - past.units[:-WEEK])
    known = ~np.isnan(change)
    return np.asarray(np.where(known, change, 0.0).sum(axis=0) / np.maximum(known.sum(axis=0), 1))


def _rows(by: str, names: Sequence[str], sums: _Sums) -> Iterator[dict[str, Any]]:
    keys = sorted(set(names))
    number_of = {key: at for at, key in enumerate(keys)}
    column = np.array([number_of[each] for each in names])
    if by == "item" and len(keys) > MOST_ITEMS:
        sold = np.bincount(column, weights=sums.units[0], minlength=len(keys))
        best = set(np.argsort(-sold, kind="stable")[:MOST_ITEMS].tolist())
        keys = [each if at in best else "" for at, each in enumerate(keys)]
    for at, key in enumerate(keys):
        mine = column == at
        if by == "item" and not key:
            continue
        for number, span in enumerate(AHEAD):
            yield {"by": by, "key": key, "ahead": span, **_figures(sums, number, mine)}


def _figures(sums: _Sums, number: int, mine: Flags) -> dict[str, Any]:
    off, signed, units, naive, windows = (
        float(each[number, mine].sum()) for each in (sums.off, sums.signed, sums.units, sums.naive, sums.windows)
    )
    days = float(sums.days[mine].sum())
    return {
        "series": int(mine.sum()),
        "windows": int(windows),
        "units": round(units, 3),
        "wape": _share(off, units),
        "bias": _share(signed, units),
        "value_added": None if naive <= 0 else round(1.0 - off / naive, _DIGITS),
        "mase": _share(float(sums.scaled[mine].sum()), days) if AHEAD[number] == 1 else None,
    }


def _share(top: float, bottom: float) -> float | None:
    return round(top / bottom, _DIGITS) if bottom > 0 else None
