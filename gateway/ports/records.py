"""Rows as the pipeline sees them: what goes into the journal and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from gateway.model.documents import Document
from gateway.model.findings import Finding, Where
from gateway.model.payload import MemoryPayload, Payload

ArrivalState = Literal["received", "parsed", "parked", "quarantined", "retry"]
MessageState = Literal["received", "parsed", "applied", "done", "retry", "parked", "quarantined", "held"]
ParcelState = Literal[
    "waiting", "queued", "wrapped", "sending", "sent", "acked", "accepted", "retry", "refused", "parked", "expired"
]


HoldKind = Literal["partner", "channel", "type"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Work that a person has stopped. key: a partner id, a channel kind (as2, http) or a document type (Order)."""

    kind: HoldKind
    key: str
    reason: str
    user: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeRow:
    """One process of the gateway. Times are real time. stopped_at: None while it is believed to run."""

    id: str
    host: str
    pid: int
    build: str
    started_at: datetime
    seen_at: datetime
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """count: open arrivals and messages; oldest_at: when the oldest of them came, None when there is none."""

    count: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFilter:
    """Which messages a bulk replay takes: parked or quarantined ones that meet every given condition.

    kind   what is taken: messages, arrivals without a message, or parcels (refused, parked or expired: sent again)
    place  of the fault in the document, as problems are grouped by; state: of what has no fault code
    """

    partner: str | None = None
    type: str | None = None
    fault_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    kind: Literal["message", "arrival", "parcel"] = "message"
    place: str | None = None
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulk:
    """A bulk replay. total: chosen when it began; done: put back so far."""

    id: str
    user: str
    reason: str
    state: Literal["running", "done", "cancelled"]
    total: int
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The answer that proves receipt (an MDN or a 202), kept so that a repeat gets the same bytes."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Bytes from a partner, as a channel hands them over.

    partner       partner id as proved by the protocol
    dedupe_key    same key and same payload digest: a repeat; None: no repeat can be told
    receipt       None when the channel makes its answer from the arrival id
    fault         set when the channel could prove the sender but not open the payload: kept and quarantined
    origin        id of the arrival that a person has edited and puts in again as this one
    evidence      headers and security facts to keep beside the bytes (never secrets)
    raw           the request's body as it came, where payload was taken out of it: kept as evidence
    answers       what is sent because it arrived (a receipt on its own connection): queued in the same transaction
    """

    id: str
    channel: str
    partner: str
    payload: Payload
    content_type: str = ""
    filename: str | None = None
    dedupe_key: str | None = None
    transport_id: str | None = None
    test: bool = False
    receipt: Receipt | None = None
    fault: Finding | None = None
    origin: str | None = None
    evidence: Mapping[str, str] = field(default_factory=dict)
    raw: Payload | None = None
    answers: "tuple[NewParcel, ...]" = ()

    @property
    def fault_code(self) -> str | None:
        return self.fault.code if self.fault else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """outcome: new; repeat (same key and digest: arrival_id and receipt are the first one's); clash (same key, other
    digest: kept as quarantined under arrival_id)."""

    outcome: Literal["new", "repeat", "clash"]
    arrival_id: str
    receipt: Receipt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneClaim:
    """The right to process a lane until the lease ends. Every write under it checks the epoch."""

    lane: str
    epoch: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalRow:
    """What came in, as the journal keeps it. attempts: so often it was worked on."""

    id: str
    lane: str
    partner: str
    channel: str
    state: ArrivalState
    received_at: datetime
    payload: Payload
    content_type: str
    filename: str | None
    test: bool
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message found in an arrival. position: from 0 within the arrival.

    document   canonical JSON text, None when none could be made
    sources    canonical path -> place in the file
    business_number  of the document (order number, ...)
    lane       None: the arrival's
    strict     no later message of its lane may be applied before this one is finished or skipped
    read       the document itself where it was made in this process: saves reading it from its JSON again
    """

    id: str
    position: int
    state: MessageState
    type: str  # ORDERS, Order, ... as on the wire; "?" when unreadable
    mapping: str | None = None  # family/TYPE
    mapping_hash: str | None = None
    reference: str | None = None  # UNH 0062
    document_type: str | None = None
    document: str | None = None
    business_number: str | None = None
    findings: tuple[Finding, ...] = ()
    sources: Mapping[str, Where] = field(default_factory=dict)
    fault: Finding | None = None
    owner: str | None = None  # of the fault: partner, us, network
    start: int = 0  # byte range in the arrival's payload
    end: int = 0
    test: bool = False
    interchange: int | None = None  # index into the interchanges stored with it
    lane: str | None = None
    strict: bool = False
    read: Document | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInterchange:
    """status: accepted, partly, rejected, or repeat."""

    syntax: str  # edifact, xml, json
    sender: str
    receiver: str
    reference: str
    test: bool
    status: str
    findings: tuple[Finding, ...] = ()
    dedupe_key: str | None = None
    digest: str = ""  # SHA-256 of its segments, to tell a repeat from other content under the same reference


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageRow:
    """One message of an arrival, as the journal keeps it. position: from 0 within the arrival."""

    id: str
    arrival_id: str
    position: int
    lane: str
    partner: str
    state: MessageState
    type: str
    mapping: str | None
    reference: str | None
    document: str | None
    document_type: str | None
    business_number: str | None
    sources: Mapping[str, Where]
    findings: tuple[Finding, ...]
    test: bool
    attempts: int
    interchange_sender: str | None = None
    interchange_receiver: str | None = None
    interchange_reference: str | None = None
    read: Document | None = field(default=None, compare=False, repr=False)  # as in NewMessage
    fresh: bool = field(default=False, compare=False)  # read a moment ago: document is what we would write today


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParcel:
    """A message to send. payload: encoded bytes, final. cause: message id that made it, None for timers.

    expects: what must come back after the transport's own proof: "contrl" or None
    due: when the expected answer is late
    lot: set when the message waits to go out with others (see pipeline.batching); payload is then the message alone,
    message_reference its UNH 0062, flush_at when the lot goes at the latest
    """

    id: str
    partner: str
    channel: str
    mapping: str
    document_type: str
    payload: bytes
    content_type: str
    filename: str
    business_number: str | None = None
    control_reference: str | None = None
    document: str | None = None  # canonical JSON
    cause: str | None = None
    about: str | None = None
    test: bool = False
    expects: str | None = None
    due: datetime | None = None
    lot: str | None = None
    message_reference: str | None = None
    flush_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingParcel:
    """A message that waits to go out with others. payload: the message alone, UNH to UNT."""

    id: str
    payload: Payload
    expects: str | None
    due: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """What goes over the wire, stored before the first attempt and sent again unchanged on every retry.

    large: the body where it is too large for memory; body is empty then."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    transport_id: str  # AS2 Message-ID or Idempotency-Key
    mic: str | None = None  # "base64, algorithm" to compare with the MDN
    large: Payload | None = None

    @property
    def content(self) -> Payload:
        """The body, wherever it is."""
        return self.large or MemoryPayload(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelRow:
    """What goes out, as a sender claims it. epoch: of the claim, so that a late one writes nothing."""

    id: str
    partner: str
    channel: str
    payload: Payload
    content_type: str
    filename: str
    attempts: int
    epoch: int
    wrapped: Wrapped | None
    expects: str | None
    test: bool
    mapping: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the far end answered. state: sent (taken, proof to follow) or acked.

    fetched_within: with sent, of what the partner comes for itself: after that a case is opened; None: it was sent."""

    state: Literal["sent", "acked"]
    evidence: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    fetched_within: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """Something that is to be done at an instant. subject: what it is about."""

    kind: str
    subject: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """One imported list. rows: read; changed: written; rejected: left out, with what is wrong in problems.

    state: running, done, failed, undoing or undone. problems: canonical JSON of findings, the first thousand.
    """

    id: str
    kind: str
    file: str
    sha256: str
    user: str
    at: datetime
    updated_at: datetime
    state: str = "running"
    rows: int = 0
    changed: int = 0
    rejected: int = 0
    problems: tuple[str, ...] = ()
