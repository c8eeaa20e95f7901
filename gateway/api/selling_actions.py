"""What people can do with registers and surveys. Implemented by the shell."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from gateway.store.crm_entries import Entry


class SellingActions(Protocol):
    """Each is recorded with user in the audit trail, with what was before and what is now."""

    async def save_entry(
        self,
        register: str,
        entry: str | None,
        data: Mapping[str, object],
        state: str | None,
        user: str,
        version: int | None = None,
    ) -> Entry:
        """Keep an entry, None: a new one. Raises OurFault crm.register-unknown, crm.entry-wrong, crm.entry-changed."""

    async def drop_entry(self, register: str, entry: str, user: str) -> None:
        """Take an entry away. Raises OurFault crm.entry-unknown."""

    async def ask_survey(self, survey: str, accounts: Sequence[str], person: str, user: str) -> Mapping[str, str]:
        """Make a link for one answer of each account, or none; return the tokens by account.

        Raises OurFault survey.not-running, survey.asked-lately."""

    async def note_answers(
        self, survey: str, account: str, scores: Mapping[str, object], words: str, user: str
    ) -> None:
        """Write down what was said in an interview. Raises OurFault survey.answer-wrong."""
