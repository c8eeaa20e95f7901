"""What a person may do with accounts, persons and plans, as values: the shell carries them out."""

from dataclasses import dataclass
from typing import Literal

from gateway.domain.crm.contacts import Contact, Kind, Profile
from gateway.domain.crm.interactions import Interaction, Word
from gateway.domain.crm.tasks import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyDecision:
    """What a party is. accept: a place or a name of account; account None: of a new account, named name."""

    party: str
    what: Literal["accept", "reject"]
    account: str | None = None
    name: str = ""
    kind: Kind = "customer"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountMerge:
    """gone becomes a part of kept, with all that happened to it."""

    gone: str
    kept: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """Take a decision back; everything is as it was before it."""

    decision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRequest:
    """A case that a person opens. message, place: the document, line and segment that it is about."""

    account: str
    type: str
    subject: str
    text: str = ""
    urgency: str = "normal"
    owner: str | None = None
    message: str | None = None
    place: str | None = None
    contact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone:
    """Somebody has done a task. result: what came of it, in his words."""

    id: str
    result: str = ""


Change = Profile | Contact | Interaction | Task | TaskDone | CaseRequest | Word | PartyDecision | AccountMerge | Undo
