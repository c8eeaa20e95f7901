"""What operations set in motion: words on problems, replays of many, alert rules. Console and API call the same."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import cast

from gateway.app.alert_rules import check_rule
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.model.faults import OurFault
from gateway.store import alerts, problem_marks
from gateway.store.tx_records import RecordsTx
from gateway.store.view_alert_rows import AlertRule
from gateway.store.view_problem_rows import PROBLEM_STATES

NOTE_LIMIT = 2000


class OperationsJournalActions:
    """Synchronous; each is one transaction and one audit row."""

    instance: Instance

    def mark_problem(
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
        """See gateway.api.operations_actions."""
        now = self.instance.clock.now()
        if state is not None and state not in PROBLEM_STATES:
            raise OurFault("api.bad-value", name="state", value=state[:100], expected=", ".join(PROBLEM_STATES))
        if state == "snoozed" and (until is None or until <= now):
            raise OurFault("problem.snooze-past", value=str(until or ""))
        note = None if note is None else note[:NOTE_LIMIT]
        owner = None if owner is None else owner[:100]
        self.instance.journal.write(
            lambda tx: problem_marks.mark(
                cast("RecordsTx", tx), partner, problem, user, now, state=state, owner=owner, note=note, until=until
            )
        )

    def save_alert(self, rule: AlertRule, user: str) -> str:
        """See gateway.api.operations_actions."""
        check_rule(rule, self.instance.book.partners)
        now = self.instance.clock.now()
        kept = rule if rule.id else alerts.with_id(rule, uuid7(now))
        known = {each.rule.id for each in self.instance.views.alert_rules()}
        if rule.id and rule.id not in known:
            raise OurFault("alert.not-found", value=rule.id)
        self.instance.journal.write(lambda tx: alerts.save_rule(cast("RecordsTx", tx), kept, user, now))
        return kept.id

    def remove_alert(self, rule_id: str, user: str) -> None:
        """Raises OurFault alert.not-found."""
        now = self.instance.clock.now()
        self.instance.journal.write(lambda tx: alerts.remove_rule(cast("RecordsTx", tx), rule_id, user, now))

    def test_alert(self, rule_id: str, user: str) -> Sequence[str]:
        """Raises OurFault alert.not-found."""
        now = self.instance.clock.now()
        return self.instance.journal.write(
            lambda tx: alerts.tell_test(cast("RecordsTx", tx), rule_id, user, lambda: uuid7(now), now)
        )

    def running_replays(self) -> list[str]:
        """Return the replays of many that are not over."""
        return self.instance.journal.read(lambda tx: problem_marks.running_replays(cast("RecordsTx", tx)))


class AsyncOperations:
    """The same for handlers in the event loop: gateway.api.operations_actions.OperationsActions."""

    operations: OperationsJournalActions

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
        await asyncio.to_thread(
            self.operations.mark_problem, partner, problem, user, state=state, owner=owner, note=note, until=until
        )

    async def save_alert(self, rule: AlertRule, user: str) -> str:
        return await asyncio.to_thread(self.operations.save_alert, rule, user)

    async def remove_alert(self, rule_id: str, user: str) -> None:
        await asyncio.to_thread(self.operations.remove_alert, rule_id, user)

    async def test_alert(self, rule_id: str, user: str) -> Sequence[str]:
        return await asyncio.to_thread(self.operations.test_alert, rule_id, user)
