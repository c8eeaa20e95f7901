"""What people plan together with partners. Implemented by the shell."""

from collections.abc import Sequence
from typing import Protocol

from gateway.model.retail_event import RetailEvent


class CollaborationActions(Protocol):
    """Each is a document of our own, recorded with user in the audit trail. Raises OurFault event.*."""

    async def save_events(self, events: Sequence[RetailEvent], user: str) -> int:
        """Keep events of the calendar; return how many. Nothing is kept when one is wrong."""

    async def cancel_event(self, identity: str, user: str) -> None:
        """Take an event back."""

    async def load_events(self, text: str, user: str) -> int:
        """Take events from CSV; return how many."""
