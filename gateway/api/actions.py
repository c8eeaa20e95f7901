"""What a person can set in motion. The shell implements it on the journal; pages and JSON handlers only call it."""

from typing import Literal, Protocol

from gateway.api.connector_actions import ConnectorActions
from gateway.api.crm_actions import CrmActions
from gateway.api.crm_people_actions import PeopleActions
from gateway.api.desk_actions import DeskActions
from gateway.api.house_actions import HouseActions
from gateway.api.operations_actions import OperationsActions
from gateway.api.planning_actions import PlanActions
from gateway.api.selling_actions import SellingActions

Decision = Literal["approve", "reject"]


class Actions(
    HouseActions,
    OperationsActions,
    DeskActions,
    CrmActions,
    PeopleActions,
    PlanActions,
    SellingActions,
    ConnectorActions,
    Protocol,
):
    """Each is recorded with user in the audit trail. Raises Fault journal.not-found, journal.not-replayable, ..."""

    async def replay(self, message_or_arrival_id: str, user: str) -> None:
        """Process parked messages again from their kept bytes."""

    async def resend(self, parcel_id: str, user: str) -> None:
        """Send a parked, refused or expired parcel again: same bytes, same Message-ID."""

    async def resubmit(self, message_or_arrival_id: str, data: bytes, reason: str, user: str) -> str:
        """Take edited bytes in as a new arrival that names the original; return its id. A second time is a repeat."""

    async def decide_proposal(self, proposal_id: str, decision: Decision, user: str) -> str:
        """Put a ProposalDecision into process and return the id of its arrival."""

    async def request_plan(self, user: str, supplier: str | None = None) -> str:
        """Put a PlanningRequest into process and return the id of its arrival. supplier None: all."""
