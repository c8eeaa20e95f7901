"""What people do with accounts, persons and plans. Implemented by the shell."""

from typing import Any, Protocol

from gateway.domain.crm.decisions import Change
from gateway.domain.crm.privacy import PrivacyChange


class PeopleActions(Protocol):
    """Each is recorded with user in the audit trail."""

    async def change_people(self, given: Change, user: str) -> str:
        """Carry a change out and return the id of what it was about. Raises OurFault crm.*."""

    async def change_privacy(self, given: PrivacyChange, user: str) -> dict[str, Any]:
        """Erase a person, set a term or a processor; return what it came to. Raises OurFault crm.*."""

    async def export_person(self, contact: str, user: str) -> dict[str, Any]:
        """Return all that is kept of a person as plain JSON. Raises OurFault crm.contact-unknown."""

    async def apply_person_terms(self, user: str) -> int:
        """Cover persons in documents past their term; return how many documents there were."""
