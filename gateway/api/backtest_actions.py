"""Backtests of planning. Implemented by the shell."""

from collections.abc import Collection
from typing import Protocol

from gateway.domain.replenishment.trial_terms import TrialTerms
from gateway.store.view_backtests import Backtest


class BacktestActions(Protocol):
    """Each is recorded with user in the audit trail."""

    async def start_backtest(self, terms: TrialTerms, user: str, partners: Collection[str] | None = None) -> str:
        """Begin; return the id. partners: whose agreements the person may see; None: all.

        Raises OurFault plan.agreement-unknown, plan.backtest-wrong, plan.backtests-many.
        """

    async def cancel_backtest(self, test_id: str, user: str) -> Backtest:
        """End it; one that is over stays as it is. Raises OurFault plan.backtest-unknown."""

    async def remove_backtest(self, test_id: str, user: str) -> None:
        """Take a result away. Raises OurFault plan.backtest-unknown, plan.backtest-open."""
