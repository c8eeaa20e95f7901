"""Backtests of planning as they are read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from gateway.domain.replenishment.trial_terms import BACKTEST, STEPS
from gateway.store.forms import AnyRow, moment
from gateway.store.tables_planning import plan_record


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestWay:
    """What one way of planning came to on the measured days, at the setting that was tuned before them.

    way: ours, min-max, textbook, oracle (knows the demand); ours again with reports so many days late (late-1, late-3,
    late-7), and with lines cut by half, told by a despatch advice or not (cut-asn, cut-no-asn). stock_days: mean stock
    over mean units a day; equal_fill_days: at exactly the fill rate. lost: units; order_lines: of an item and day.
    curve: stock days and fill of each setting. None: not reached.
    """

    way: str
    stock_days: float | None
    fill: float | None
    equal_fill_days: float | None
    lost: float | None
    order_lines: float | None
    bullwhip: float | None
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """state: waiting, running, done, cancelled, failed. terms: what was asked; played: what it was played with (series,
    days, lead, review, tuned_from, measured_from, through, unknown_days); done of steps. saving: share of stock that
    ours needs less than min/max at exactly the fill rate; saving_tuned: at the settings tuned before. fault: code and
    values when it failed."""

    id: str
    partner: str | None
    state: str
    user: str
    begun_at: datetime
    told_at: datetime
    terms: Mapping[str, Any]
    played: Mapping[str, Any]
    done: int
    steps: int
    ways: tuple[BacktestWay, ...]
    saving: float | None
    saving_tuned: float | None
    fault: Mapping[str, Any] | None


class BacktestViews:
    """Backtests of planning as they are read."""

    _engine: Engine

    def backtests(self, limit: int = 50) -> tuple[Backtest, ...]:
        """Return the newest first."""
        columns = plan_record.c
        chosen = select(plan_record).where(columns.kind == BACKTEST).order_by(columns.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return tuple(_backtest(row) for row in connection.execute(chosen))

    def backtest(self, test_id: str) -> Backtest | None:
        """Return one of them."""
        columns = plan_record.c
        chosen = select(plan_record).where(columns.kind == BACKTEST, columns.id == test_id)
        with self._engine.connect() as connection:
            row = connection.execute(chosen).one_or_none()
        return None if row is None else _backtest(row)


def _backtest(row: AnyRow) -> Backtest:
    said = json.loads(row.data)
    ways = tuple(
        BacktestWay(**{**each, "curve": tuple((days, fill) for days, fill in each["curve"])}) for each in said["ways"]
    )
    return Backtest(
        id=row.id,
        partner=row.partner,
        state=row.state,
        user=said["user"],
        begun_at=moment(said["begun"]),
        told_at=moment(row.updated_at),
        terms=said["terms"],
        played=said["played"],
        done=len(ways) + bool(said["played"]),
        steps=STEPS,
        ways=ways,
        saving=said["saving"],
        saving_tuned=said["saving_tuned"],
        fault=said["fault"],
    )
