"""PartyInfo: master data of companies and their places. EDIFACT PARTIN."""

from dataclasses import dataclass

from gateway.model.account_terms import AccountTerms
from gateway.model.values import Moment, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRecord:
    """role: seller, buyer, customer, shipTo, billTo, consignee, ... parent: GLN of the company it belongs to.

    account   of a customer: its number with us
    terms     what our house has agreed with a customer from PartyInfo.valid_from on, until valid_to
    """

    role: str
    party: Party
    parent: str | None = None
    registration: str | None = None
    account: str | None = None
    opening_hours: str | None = None
    delivery_points: tuple[str, ...] = ()
    terms: AccountTerms | None = None
    valid_to: Moment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyInfo:
    """action: original, change, delete (EDIFACT 1225)."""

    id: str
    issued_at: Moment
    parties: tuple[PartyRecord, ...]
    action: str = "original"
    valid_from: Moment | None = None
    sender: Party | None = None
    receiver: Party | None = None
