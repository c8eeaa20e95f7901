"""What people can set in motion in the customer record. Implemented by the shell."""

from collections.abc import Mapping
from typing import Protocol

from gateway.domain.crm.rules import Rule


class CrmActions(Protocol):
    """Each is recorded with user in the audit trail."""

    async def case_act(self, case: str, kind: str, user: str, values: Mapping[str, str]) -> None:
        """Do a step with a case. Raises OurFault crm.case-unknown, crm.act-unknown, crm.act-empty."""

    async def save_crm_rule(self, rule: Rule, user: str) -> int:
        """Bring a version of a rule into force; cases are made anew by it. Raises OurFault crm.rule-wrong."""

    async def measure_accounts(self, user: str) -> int:
        """Compute every measure now and return how many there are."""
