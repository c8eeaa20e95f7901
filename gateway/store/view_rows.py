"""Rows as people and the API see them: frozen, complete, independent of the tables' own form.

Times are aware datetimes in UTC, quantities Decimal, documents plain JSON values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from gateway.model.findings import Finding, Where

Direction = Literal["in", "out"]
LineKind = Literal["message", "parcel", "arrival"]

SELF = "self"  # partner id of our own company: its documents drive planning and carry a person's words
ATTENTION = ("parked", "quarantined", "held", "refused", "expired")
UNFINISHED = ("received", "parsed", "applied", "retry", "queued", "waiting", "wrapped", "sending", "sent")
FINISHED = ("done", "acked", "accepted")
STATE_GROUPS: Mapping[str, tuple[str, ...]] = {"attention": ATTENTION, "open": UNFINISHED, "finished": FINISHED}


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """What to list. None or "" means: no matter.

    text   beginning of a document's number (or of its last part), of the number of a document that it names, of a
           reference, GLN, file name or AS2 Message-ID; or a whole id
    state  one state, or a group: attention, open, finished
    type   as on the wire (ORDERS) or the canonical document type (Order)
    test   True: test traffic only; False: live traffic only
    fault  beginning of the code of what it waits for
    since, until  listed at or after the first, before the second
    unwanted  (state | partner | type | err, values) that are left out
    own    our own documents (planning runs, a person's words): True only they; False all others and what of them waits
           for a person

    state, partner and type may name several, with commas between.
    """

    text: str | None = None
    state: str | None = None
    partner: str | None = None
    type: str | None = None
    direction: Direction | None = None
    test: bool | None = None
    fault: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    unwanted: tuple[tuple[str, str], ...] = ()
    own: bool | None = None


def own_wanted(said: str | None, *, named: bool) -> bool | None:
    """Return MessageFilter.own for what a person says: yes, no or all. Unsaid: our own documents are left out, unless
    what is looked for is named (a text, partner, type or error).
    """
    if said is None:
        return None if named else False
    return {"yes": True, "no": False}.get(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One line of the list of messages. kind arrival: bytes in which no message has been found (yet)."""

    id: str
    kind: LineKind
    direction: Direction
    at: datetime
    partner: str
    channel: str
    type: str
    document_type: str | None
    business_number: str | None
    reference: str | None
    filename: str | None
    state: str
    fault: Finding | None
    test: bool

    @property
    def fault_code(self) -> str | None:
        return self.fault.code if self.fault else None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """next: cursor of the page after this one, None on the last."""

    lines: tuple[MessageLine, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """capped: there are more than value."""

    value: int
    capped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EventLine:
    """A step of a message or parcel."""

    at: datetime
    subject: str
    what: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectLine:
    """kind: name of the effect type (StockMoved, ...); data: its fields, camelCase."""

    kind: str
    key: str
    data: Mapping[str, Any]
    test: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeLine:
    """An interchange with its envelope's names."""

    syntax: str
    sender: str
    receiver: str
    reference: str
    status: str
    test: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalDetail:
    """What came in, whatever could be read in it."""

    id: str
    partner: str
    channel: str
    state: str
    received_at: datetime
    size_bytes: int
    sha256: str
    content_type: str
    filename: str | None
    transport_id: str | None
    test: bool
    attempts: int
    evidence: Mapping[str, Any]
    fault: Finding | None
    messages: tuple[MessageLine, ...] = ()
    interchanges: tuple[InterchangeLine, ...] = ()
    events: tuple[EventLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDetail:
    """One received message with all that is known of it. effects is capped; effect_count is the whole number."""

    line: MessageLine
    arrival: ArrivalDetail
    position: int
    start: int
    end: int
    mapping: str | None
    mapping_hash: str | None
    document: Any
    findings: tuple[Finding, ...]
    sources: Mapping[str, Where]
    fault: Finding | None
    owner: str | None
    attempts: int
    updated_at: datetime
    interchange: InterchangeLine | None = None
    events: tuple[EventLine, ...] = ()
    effects: tuple[EffectLine, ...] = ()
    effect_count: int = 0
    parcels: tuple[MessageLine, ...] = ()

    @property
    def replayable(self) -> bool:
        return self.line.state in ("parked", "quarantined", "held")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelDetail:
    """One message we send. proof: what the far end answered, as evidence; proof_text: its body as text."""

    line: MessageLine
    mapping: str
    about: str | None
    control_reference: str | None
    expects: str | None
    due: datetime | None
    attempts: int
    next_at: datetime | None
    size_bytes: int
    sha256: str
    content_type: str
    transport_id: str | None
    wrapped_headers: tuple[tuple[str, str], ...]
    wrapped_size_bytes: int | None
    mic: str | None
    proof: Mapping[str, Any]
    proof_text: str | None
    document: Any
    fault: Finding | None
    updated_at: datetime
    cause: MessageLine | None = None
    events: tuple[EventLine, ...] = ()

    @property
    def resendable(self) -> bool:
        return self.line.state in ("parked", "refused", "expired")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawSlice:
    """Bytes of one message within its file. start: offset of data[0] in the file. truncated: there is more."""

    data: bytes
    start: int
    truncated: bool
    head: bytes  # first bytes of the file, where EDIFACT names its separators
    content_type: str
    filename: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLine:
    """Stock of an item at a place, in units."""

    gtin: str
    location: str
    on_hand: Decimal
    allocated: Decimal
    available: Decimal
    backordered: Decimal
    on_order: Decimal
    in_transit: Decimal
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """figures: totals by name (orders, units_shipped, order_value, ...)."""

    id: str
    figures: Mapping[str, Decimal]
    last_activity_at: datetime | None
    last_activity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """What an account did."""

    id: int
    at: datetime
    kind: str
    reference: str
    figures: Mapping[str, Decimal]
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """document: the canonical ReplenishmentProposal as plain JSON."""

    id: str
    supplier: str
    status: str
    value: Decimal | None
    currency: str | None
    created_at: datetime
    updated_at: datetime
    message: str | None
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenUnits:
    """What is open on an order line at each step, in units; never negative.

    to_decide   waits for a person
    refused     ordered, and neither confirmed nor to come later
    to_despatch promised and not yet shipped
    to_receive  shipped and not yet confirmed as received
    to_invoice  shipped (of a purchase: received), kept, and not yet billed
    to_credit   billed and not shipped, or sent back
    """

    to_decide: Decimal
    refused: Decimal
    to_despatch: Decimal
    to_receive: Decimal
    to_invoice: Decimal
    to_credit: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitView:
    """What a shop behind a cross dock asks for of a line."""

    location: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLineView:
    """A line of an order: quantities in units."""

    number: str
    gtin: str
    ordered: Decimal
    confirmed: Decimal
    backordered: Decimal
    despatched: Decimal
    received: Decimal
    status: str
    price: Decimal | None
    promised: str | None
    invoiced: Decimal
    returned: Decimal
    requested: str | None
    reason: str | None
    open: OpenUnits
    splits: tuple[SplitView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """side: sale (a customer ordered from us) or purchase (we ordered). lines is empty in lists.

    waits: codes of why it waits for a person; pending: the document that waits, plain JSON. Both only in details
    """

    side: str
    partner: str
    number: str
    status: str
    ordered_on: str
    ship_to: str | None
    currency: str | None
    message: str | None
    updated_at: datetime
    lines: tuple[OrderLineView, ...] = ()
    waits: tuple[str, ...] = ()
    pending: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case of a partner as lists show it."""

    id: int
    account: str
    code: str
    subject: str
    params: Mapping[str, str]
    times: int
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    message: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemGroup:
    """Messages that wait for the same reason. newest: id of the latest one; fault: its fault, when it has one."""

    code: str
    partner: str
    count: int
    newest: str
    newest_at: datetime
    fault: Finding | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The figures of the first page. hours: 24 (start, messages in, parcels out), oldest first."""

    received_24h: int
    sent_24h: int
    waiting: int
    unfinished: int
    open_cases: int
    problems: tuple[ProblemGroup, ...]
    proposals: tuple[ProposalView, ...]
    hours: tuple[tuple[datetime, int, int], ...]
