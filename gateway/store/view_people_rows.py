"""What the pages of accounts and persons show: values that views make."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.domain.crm.contacts import Contact, Profile
from gateway.domain.crm.identity import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyView:
    """A party as a partner tells of it. account: whose it is, None: nobody knows. parent: GLN above it.

    identifiers: (scheme, value); one whose check digit is wrong has the scheme "wrong-...".
    """

    id: str
    teller: str
    name: str
    gln: str | None
    parent: str | None
    roles: tuple[str, ...]
    state: str
    account: str | None
    identifiers: tuple[tuple[str, str], ...]
    address: tuple[str, ...]
    registration: str | None
    first_at: datetime
    last_at: datetime
    first_message: str
    last_message: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateView:
    """A party that nobody knows yet, and who it may be, the likeliest first."""

    party: PartyView
    suggestions: tuple[Candidate, ...]
    names: Mapping[str, str] = field(default_factory=dict)  # account -> its name


@dataclass(frozen=True, slots=True, kw_only=True)
class TwinView:
    """Two accounts that may be one company. points: 0 to 100; reasons: what agreed, and with a minus what did not."""

    one: str
    other: str
    points: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionView:
    """name: of the party that it is about, "" of a merge."""

    id: int
    kind: str
    party: str | None
    account: str | None
    gone: str | None
    reason: str
    actor: str
    at: datetime
    undone_at: datetime | None
    undone_by: str | None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteView:
    """A place of an account in its tree. depth: 0 for one without anything above it here."""

    party: PartyView
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactView:
    """A person. message: the last document that named it, None when somebody has entered it."""

    contact: Contact
    first_at: datetime
    last_at: datetime
    message: str | None
    party: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOrder:
    """What is not yet through of an order. units: what is still to come; due_on: the earliest promised day."""

    side: str
    partner: str
    number: str
    status: str
    ordered_on: str
    lines: int
    units: str
    due_on: str | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDelivery:
    """A despatch that has not been received."""

    side: str
    partner: str
    number: str
    order_number: str | None
    status: str
    despatched_at: str | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """overdue_days: since it was due, 0 when it is not."""

    side: str
    partner: str
    number: str
    kind: str
    status: str
    due_on: str | None
    open: str
    currency: str
    overdue_days: int
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWork:
    """What is open with an account. more: there are more than are listed."""

    orders: tuple[OpenOrder, ...] = ()
    deliveries: tuple[OpenDelivery, ...] = ()
    invoices: tuple[OpenInvoice, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """Something on an account's timeline. what: event, interaction, task, case. kind: in the words of what."""

    what: str
    at: datetime
    kind: str
    title: str
    text: str = ""
    message: str | None = None
    id: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberDocument:
    """A document behind a number. value: what it adds, as text; None where it only counts."""

    at: datetime
    kind: str
    subject: str
    value: str | None
    message: str | None
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberView:
    """The documents behind a number of an account, the latest first. rests_on: the facts it is summed from."""

    name: str
    rests_on: tuple[str, ...]
    documents: tuple[NumberDocument, ...]
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFigures:
    """How the desk does. Ages in hours by the clock, first answers in hours of service time; None: no such case.
    *_in_time: shares, 0 to 1, as text."""

    open: int
    overdue: int
    oldest_h: int | None
    median_age_h: int | None
    median_first_answer_h: str | None
    answered_in_time: str | None
    solved_in_time: str | None
    answered: int
    solved: int
    by_type: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSheet:
    """What people say of an account, its identifiers, what it is a part of, and what is a part of it."""

    id: str
    profile: Profile | None
    merged_into: str | None
    members: tuple[str, ...]
    sites: tuple[SiteView, ...]
    identifiers: tuple[tuple[str, str], ...]
    decisions: tuple[DecisionView, ...]
