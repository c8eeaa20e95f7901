"""How good forecasts were: by hand where nothing varies, and against a plain loop where everything does."""

import json
from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from domain_scene import SELF, item
from test_planning_looking import FIRST, GTINS, Season, season  # noqa: F401 - a fixture

from gateway.domain.replenishment.choosing import choose
from gateway.domain.replenishment.forecasting import forecast
from gateway.domain.replenishment.learning import CHOICE_DAYS, History, history_of, recent
from gateway.domain.replenishment.tracking import AHEAD, WINDOW, record_id, tracked
from gateway.model.replenishment import PlanningRequest
from gateway.store.view_accuracy import AccuracyViews

LENGTH = 140


def _inputs(units: np.ndarray) -> list[Any]:
    """What a history needs of an input."""
    found = []
    for column in range(units.shape[1]):
        demand = tuple(None if np.isnan(each) else Decimal(int(each)) for each in units[:, column])
        found.append(
            SimpleNamespace(
                pair=("shop", f"i{column}"),
                facts=SimpleNamespace(place=f"shop{column % 2}", gtin=f"i{column}"),
                item=item(f"i{column}", "x"),
                agreement=SimpleNamespace(id="shops", partner="shop"),
                interval=SimpleNamespace(days=4),
                first_day=FIRST,
                demand=demand,
                shut=frozenset(),
                events=(),
            )
        )
    return found


def _told(units: np.ndarray) -> tuple[dict[str, Any], History]:
    inputs = _inputs(units)
    history = history_of(inputs)
    assert history is not None
    text = tracked(inputs, history)
    assert text is not None
    return json.loads(text), history


def _row(said: dict[str, Any], by: str, key: str, ahead: int) -> dict[str, Any]:
    (found,) = (each for each in said["rows"] if (each["by"], each["key"], each["ahead"]) == (by, key, ahead))
    return found


def test_what_never_varies_is_forecast_without_error() -> None:
    said, _ = _told(np.full((LENGTH, 2), 5.0))
    assert (said["first_day"], said["through"]) == (
        (FIRST + timedelta(days=LENGTH - WINDOW)).isoformat(),
        (FIRST + timedelta(days=LENGTH - 1)).isoformat(),
    )
    for ahead in AHEAD:
        row = _row(said, "all", "", ahead)
        assert row["windows"] == 2 * (WINDOW - ahead + 1)
        assert row["units"] == 5.0 * ahead * row["windows"]
        assert (row["wape"], row["bias"]) == (pytest.approx(0, abs=1e-6), pytest.approx(0, abs=1e-6))
        assert row["value_added"] is None, "last week was right as well"
    assert _row(said, "all", "", 1)["mase"] is None, "no week differed from the week before"


def test_a_step_is_charged_to_the_days_that_did_not_know_of_it() -> None:
    """Seven days before the end sales double: the weekday of last week is wrong by one half on each of the seven."""
    units = np.full((LENGTH, 1), 4.0)
    units[-7:] = 8.0
    said, _ = _told(units)
    row = _row(said, "all", "", 1)
    naive = 7 * 4.0
    assert row["bias"] < 0, "too little was expected"
    assert row["value_added"] == pytest.approx(1 - row["wape"] * row["units"] / naive, abs=1e-4)
    assert row["wape"] * row["units"] <= naive + 1e-6


def test_figures_are_those_of_a_plain_loop_over_forecasts_from_nothing() -> None:
    rng = np.random.default_rng(3)
    units = rng.poisson([0.3, 2.0, 9.0], (LENGTH, 3)).astype(float)
    units[rng.random(units.shape) < 0.03] = np.nan
    said, history = _told(units)
    cut, block = LENGTH - WINDOW, history.block
    patterns = history.patterns_of(block.until(cut))
    how = choose(recent(block.until(cut), CHOICE_DAYS), patterns, 4)
    for ahead in AHEAD:
        off = signed = sold = naive = 0.0
        for origin in range(cut, LENGTH - ahead + 1):
            _, found = forecast(block.until(origin), patterns, how, horizon=28)
            for column in range(3):
                true = [units[origin + n, column] for n in range(ahead)]
                week = [units[origin - 7 + n % 7, column] for n in range(ahead)]
                if np.isnan(true).any() or np.isnan(week).any():
                    continue
                error = float(found.daily[:ahead, column].sum()) - sum(true)
                off, signed, sold = off + abs(error), signed + error, sold + sum(true)
                naive += abs(sum(week) - sum(true))
        row = _row(said, "all", "", ahead)
        assert row["units"] == sold > 0
        told = (row["wape"], row["bias"], row["value_added"])
        assert told == pytest.approx((off / sold, signed / sold, 1 - off / naive), abs=2e-6)


def test_parts_add_up_to_all() -> None:
    rng = np.random.default_rng(4)
    said, _ = _told(rng.poisson([0.2, 1.0, 3.0, 9.0], (LENGTH, 4)).astype(float))
    whole = _row(said, "all", "", 7)
    for by in ("class", "place", "item"):
        rows = [each for each in said["rows"] if each["by"] == by and each["ahead"] == 7]
        assert sum(each["units"] for each in rows) == whole["units"]
        off = sum(each["wape"] * each["units"] for each in rows if each["wape"] is not None)
        assert off == pytest.approx(whole["wape"] * whole["units"], rel=1e-4)
        assert sum(each["series"] for each in rows) == 4


def test_a_short_history_has_no_figures() -> None:
    inputs = _inputs(np.full((90, 1), 5.0))
    history = history_of(inputs)
    assert history is not None
    assert tracked(inputs, history) is None


def test_a_year_of_weeks_is_kept() -> None:
    weeks = {record_id("a" * 200, date(2026, 1, 5) + timedelta(days=7 * n)) for n in range(200)}
    assert len(weeks) == 52
    assert max(map(len, weeks)) <= 80


def test_the_learning_run_leaves_figures_from_reports(season: Season) -> None:  # noqa: F811
    for n in range(105):
        season.day(FIRST + timedelta(days=n), odd=False)
    from datetime import UTC, datetime, time

    now = datetime.combine(FIRST + timedelta(days=105), time(6), UTC)
    season.take(PlanningRequest(id="L", issued_at=now, learn=True), now, SELF)
    views = AccuracyViews()
    views._engine = season.journal.reader
    (run,) = views.accuracy()
    assert (run.agreement, run.partner) == ("shops", "shop")
    week = run.row(7)
    assert week is not None
    assert week.units > 0
    assert week.value_added is not None
    assert week.value_added > 0, "better than the weekday of last week"
    assert {each.key for each in run.rows if each.by == "item"} <= set(GTINS)
    assert views.accuracy(partner="nobody") == ()
