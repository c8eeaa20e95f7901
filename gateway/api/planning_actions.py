"""What a planner can set in motion. Implemented by the shell."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from gateway.api.backtest_actions import BacktestActions
from gateway.api.collaboration_actions import CollaborationActions
from gateway.model.replenishment import LineApproval, PlanValue


class PlanActions(BacktestActions, CollaborationActions, Protocol):
    """Each is recorded with user in the audit trail. Raises OurFault plan.*."""

    async def approve_lines(self, proposal_id: str, lines: Sequence[LineApproval], user: str) -> str:
        """Order these lines, with other quantities where they say so; return the id of the arrival."""

    async def approve_normal(self, user: str, partners: Iterable[str] | None = None) -> int:
        """Order every waiting line without an exception; return how many. partners: only theirs; None: all."""

    async def say(
        self,
        kind: str,
        user: str,
        values: Sequence[PlanValue] = (),
        *,
        reason: str = "",
        what: str = "quantity",
        about: str | None = None,
    ) -> str:
        """Take a planner's word (see gateway.model.replenishment.PlanningWord); return its id, to take it back."""

    async def load_parameters(self, text: str, user: str, reason: str) -> str:
        """Take parameters from CSV; return the id of the word."""

    async def what_if(self, place: str, gtin: str, changes: Mapping[str, str]) -> dict[str, Any]:
        """Return the reasons of the plan as it would be with other parameters. Nothing is written."""
