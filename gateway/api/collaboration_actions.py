"""What people plan together with partners. Implemented by the shell."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from gateway.model.joint import JointPlan, LevelChange, StockAgreement
from gateway.model.retail_event import RetailEvent
from gateway.store.view_agreed import StockAgreementRow


class CollaborationActions(Protocol):
    """Each is a document of our own, recorded with user in the audit trail. Raises OurFault event.*, crp.*, cpfr.*."""

    async def save_events(self, events: Sequence[RetailEvent], user: str) -> int:
        """Keep events of the calendar; return how many. Nothing is kept when one is wrong."""

    async def cancel_event(self, identity: str, user: str) -> None:
        """Take an event back."""

    async def load_events(self, text: str, user: str) -> int:
        """Take events from CSV; return how many."""

    async def offer_stock(self, said: StockAgreement, user: str) -> None:
        """Offer an agreement on continuous replenishment, or other terms of one."""

    async def offer_plan(self, said: JointPlan, user: str) -> None:
        """Offer a joint plan, or another version of one."""

    async def answer(
        self,
        kind: str,
        agreement: str,
        act: str,
        user: str,
        *,
        proposal: str | None = None,
        lines: Sequence[LevelChange] = (),
        reason: str = "",
        about: str | None = None,
        quantity: Decimal | None = None,
    ) -> None:
        """Say our word on an agreement (see gateway.model.joint.AgreementAct). kind: stock or joint."""

    async def next_levels(self, found: StockAgreementRow) -> list[LevelChange]:
        """Return the next lower levels of an agreement with their backtests; nothing is written."""
