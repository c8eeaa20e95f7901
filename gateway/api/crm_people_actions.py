"""What people do with accounts, persons and plans. Implemented by the shell."""

from typing import Protocol

from gateway.domain.crm.decisions import Change


class PeopleActions(Protocol):
    """Each is recorded with user in the audit trail."""

    async def change_people(self, given: Change, user: str) -> str:
        """Carry a change out and return the id of what it was about. Raises OurFault crm.*."""
