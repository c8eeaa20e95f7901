"""What people can do with connectors. Implemented by the shell."""

from typing import Protocol

from gateway.store.crm_outbox import Difference


class ConnectorActions(Protocol):
    """What people can do with connectors. Implemented by the shell."""

    async def connector_differences(self, connector: str) -> tuple[Difference, ...]:
        """Return where our records differ from what the other side has taken. Raises OurFault crm.entry-unknown."""

    async def send_change_again(self, connector: str, number: int, user: str) -> None:
        """Put a change in line again; recorded in the audit. Raises OurFault crm.entry-unknown."""
