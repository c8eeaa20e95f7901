"""What operations can set in motion: problems, replays of many, holds, alert rules. Implemented by the shell."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from gateway.ports.records import Bulk, HoldKind, ReplayFilter
from gateway.store.view_alert_rows import AlertRule


class OperationsActions(Protocol):
    """Each is recorded with user in the audit trail."""

    async def mark_problem(
        self,
        partner: str,
        problem: str,
        user: str,
        *,
        state: str | None = None,
        owner: str | None = None,
        note: str | None = None,
        until: datetime | None = None,
    ) -> None:
        """Say something of a cause of that partner; None leaves as it is, "" takes owner or note away.

        Raises OurFault problem.not-found.
        """

    async def start_replay(self, chosen: ReplayFilter, reason: str, user: str) -> Bulk:
        """Begin to put everything that is chosen back to work; it goes on by itself, over a restart too."""

    async def cancel_replay(self, replay_id: str, user: str) -> Bulk:
        """End one that runs; what was put back stays so. Raises OurFault journal.not-found."""

    async def pause(self, kind: HoldKind, key: str, reason: str, user: str) -> None:
        """Stop applying and sending for a partner, over a channel or of a document type. Receiving goes on."""

    async def resume(self, kind: HoldKind, key: str, user: str) -> None:
        """Raises OurFault journal.not-paused."""

    async def save_alert(self, rule: AlertRule, user: str) -> str:
        """Keep a rule (id "": a new one) and return its id. Raises OurFault alert.bad-rule, alert.not-found."""

    async def remove_alert(self, rule_id: str, user: str) -> None:
        """Raises OurFault alert.not-found."""

    async def test_alert(self, rule_id: str, user: str) -> Sequence[str]:
        """Tell every target of a rule that this is a test; return the deliveries. Raises OurFault alert.not-found."""
