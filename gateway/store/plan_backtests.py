"""Backtests of planning as they run and as they are kept: records of planning, each call one transaction."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from gateway.domain.replenishment.trial_terms import BACKTEST
from gateway.store.forms import dump, micros
from gateway.store.sql_tx import SqlTx, Writes
from gateway.store.tables_planning import plan_record

KEPT = 100  # the oldest make room
OPEN = ("waiting", "running")


class BacktestRows:
    """Backtests of planning as they are written."""

    def __init__(self, writer: Writes) -> None:
        self._writer = writer

    def begin(self, test_id: str, partner: str | None, user: str, data: Mapping[str, Any], now: datetime) -> int:
        """Keep a new one that waits for its turn; return how many were open before. The oldest results make room."""
        columns = plan_record.c

        def work(tx: SqlTx) -> int:
            own = columns.kind == BACKTEST
            still = tx.connection.execute(
                select(func.count()).select_from(plan_record).where(own, columns.state.in_(OPEN))
            ).scalar_one()
            old = select(columns.id).where(own, ~columns.state.in_(OPEN)).order_by(columns.id.desc()).offset(KEPT)
            aged = [row.id for row in tx.connection.execute(old)]
            tx.connection.execute(delete(plan_record).where(own, columns.id.in_(aged)))
            row = {"kind": BACKTEST, "id": test_id, "partner": partner, "state": "waiting", "message": ""}
            values = {**row, "data": dump(dict(data)), "updated_at": micros(now)}
            tx.connection.execute(insert(plan_record).values(**values))
            tx.audit(user, "plan.backtest", test_id, None, json.dumps(data["terms"], sort_keys=True)[:500], now)
            return int(still)

        return self._writer.write(work)

    def note(self, test_id: str, state: str, data: Mapping[str, Any], now: datetime) -> bool:
        """Write how far it is. False when somebody has cancelled it."""
        values = {"state": state, "data": dump(dict(data)), "updated_at": micros(now)}
        return self._writer.write(lambda tx: bool(tx.connection.execute(self._open(test_id).values(**values)).rowcount))

    def cancel(self, test_id: str, user: str, now: datetime) -> None:
        """End it; one that is over stays as it is."""

        def work(tx: SqlTx) -> None:
            values = {"state": "cancelled", "updated_at": micros(now)}
            if tx.connection.execute(self._open(test_id).values(**values)).rowcount:
                tx.audit(user, "plan.backtest-cancel", test_id, None, None, now)

        self._writer.write(work)

    def remove(self, test_id: str, user: str, now: datetime) -> bool:
        """Take away one that is over. False when it is not, or not there."""

        def work(tx: SqlTx) -> bool:
            columns = plan_record.c
            over = (columns.kind == BACKTEST) & (columns.id == test_id) & ~columns.state.in_(OPEN)
            if not tx.connection.execute(delete(plan_record).where(over)).rowcount:
                return False
            tx.audit(user, "plan.backtest-remove", test_id, None, None, now)
            return True

        return self._writer.write(work)

    def end_lost(self, now: datetime, older: datetime) -> None:
        """End those that nobody has carried on since older: their process has ended."""
        lost = update(plan_record).where(
            plan_record.c.kind == BACKTEST, plan_record.c.state.in_(OPEN), plan_record.c.updated_at < micros(older)
        )
        values = {"state": "failed", "updated_at": micros(now)}
        self._writer.write(lambda tx: tx.connection.execute(lost.values(**values)))

    @staticmethod
    def _open(test_id: str) -> Any:
        columns = plan_record.c
        return update(plan_record).where(columns.kind == BACKTEST, columns.id == test_id, columns.state.in_(OPEN))
