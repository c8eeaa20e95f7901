"""Rows about what waits for a person by cause, and about what is on its way, as people and the API see them."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal

from gateway.model.findings import Finding
from gateway.store.view_rows import MessageLine

ProblemKind = Literal["message", "parcel", "arrival", "absent"]
ProblemState = Literal["open", "acknowledged", "snoozed", "resolved"]

PROBLEM_STATES: tuple[ProblemState, ...] = ("open", "acknowledged", "snoozed", "resolved")
TREND_DAYS = 7


def problem_id(kind: str, code: str, partner: str, place: str) -> str:
    """Return the name of one cause: the same for ever, whether messages wait for it or not."""
    return sha256("\0".join((kind, code, partner, place)).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemLine:
    """One cause with what waits because of it.

    kind     message, parcel (what we send), arrival (bytes nobody could open), or absent (a document that has not come)
    code     of the catalogue, or state.STATE where nothing else is known
    place    path in the document without numbers, tag and element, or the type of an absent document; "" if unknown
    count    what waits now; 0: nothing any more, only what people have said is left
    trend    how many of them came on each of the last seven days, the oldest first
    state    open, acknowledged, snoozed (until) or resolved; reopened: it was resolved or snoozed, and is back
    newest   id of the newest message, arrival or parcel; None of what is absent
    """

    id: str
    kind: ProblemKind
    code: str
    partner: str
    place: str
    count: int
    first_at: datetime
    last_at: datetime
    trend: tuple[int, ...] = ()
    state: ProblemState = "open"
    reopened: bool = False
    owner: str | None = None
    note: str = ""
    until: datetime | None = None
    newest: str | None = None
    document_type: str | None = None
    fault: Finding | None = None

    @property
    def replayable(self) -> bool:
        """True when what waits can be read or sent again as it is."""
        return self.kind != "absent" and self.count > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCount:
    """A value that was found wrong, and in how many of the newest messages."""

    value: str
    count: int
    newest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentDocument:
    """A document that should have come."""

    subject: str
    due: datetime
    cause: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemDetail:
    """lines: the newest of what waits; values: those found wrong in them, the most frequent first."""

    problem: ProblemLine
    lines: tuple[MessageLine, ...] = ()
    values: tuple[ValueCount, ...] = ()
    absent: tuple[AbsentDocument, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemPage:
    """counts: of all that match but for the state, by state. partners, owners: of every cause there is, for filters."""

    lines: tuple[ProblemLine, ...]
    counts: dict[str, int]
    more: bool = False
    partners: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """What is on its way to (out) or from (in) one partner over one channel.

    waiting, oldest_at   not yet sent, or not yet worked off; what a person has paused is in held instead
    sent_1h              went out, or were worked off, in the last hour
    next_at              when the next attempt is due
    failures             attempts in a row that did not reach the partner; open_until: while the breaker lets one probe
                         a minute through
    """

    partner: str
    channel: str
    direction: Literal["in", "out"]
    waiting: int = 0
    held: int = 0
    oldest_at: datetime | None = None
    next_at: datetime | None = None
    sent_1h: int = 0
    failures: int = 0
    open_until: datetime | None = None
    fault_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLine:
    """What somebody holds, since when and why."""

    kind: str
    key: str
    reason: str
    user: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayLine:
    """A replay of many. total: chosen when it began; done: put back so far. problem: what it was started from."""

    id: str
    kind: str
    user: str
    reason: str
    state: str
    total: int
    done: int
    created_at: datetime
    updated_at: datetime
    partner: str | None = None
    fault_code: str | None = None
    place: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """What has become of what a replay took. states: how many are in each state now; lines: the newest taken of them,
    those that wait for a person again first."""

    replay: ReplayLine
    states: dict[str, int]
    lines: tuple[MessageLine, ...]
