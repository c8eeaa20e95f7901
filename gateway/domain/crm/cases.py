"""A case over its time: what happened to it, how long it lay in each state, when it is due, and whether it was kept.

A case is the sum of its events; nothing of it is stored twice. Types: service requests, complaints, nonconforming
goods, and what documents show by themselves.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from gateway.domain.crm.service_hours import ServiceHours, Span, due, served

State = Literal["new", "working", "waiting", "solved", "closed"]
Urgency = Literal["low", "normal", "high", "critical"]
Clock = Literal["running", "warned", "breached", "paused", "kept", "missed"]
EventKind = Literal[
    "opened", "again", "assigned", "answered", "waiting", "resumed", "urgency", "solved", "reopened", "closed", "noted"
]

TYPES = (
    "service-request",
    "complaint",
    "nonconforming-goods",
    "delivery",
    "order",
    "invoice",
    "payment",
    "return",
    "master-data",
    "silence",
    "partner-health",
    "replenishment",
)
URGENCIES: tuple[Urgency, ...] = ("low", "normal", "high", "critical")
_AFTER: Mapping[str, State] = {
    "opened": "new",
    "assigned": "working",
    "waiting": "waiting",
    "resumed": "working",
    "solved": "solved",
    "reopened": "working",
    "closed": "closed",
}
_OPEN: frozenset[State] = frozenset(("new", "working", "waiting"))
_ENDLESS = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """actor: user, partner, rule or "gateway", never blank. values: owner, urgency, cause, measure, by the kind."""

    at: datetime
    kind: EventKind
    actor: str
    message: str | None = None  # that caused it
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """Service time within which a case of an urgency is answered first and solved; warned at a share of it."""

    answer: timedelta
    solve: timedelta
    warn_share: float = 0.8


PROMISES: Mapping[Urgency, Promise] = {
    "critical": Promise(answer=timedelta(hours=1), solve=timedelta(hours=4)),
    "high": Promise(answer=timedelta(hours=2), solve=timedelta(hours=9)),
    "normal": Promise(answer=timedelta(hours=8), solve=timedelta(hours=36)),
    "low": Promise(answer=timedelta(hours=16), solve=timedelta(hours=90)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a case's events come to. Times in states are wall time; what is promised counts in service time."""

    state: State
    owner: str | None
    urgency: Urgency
    count: int  # how often the problem was seen
    opened_at: datetime
    answered_after: timedelta | None
    solved_after: timedelta | None
    answer_due: datetime | None
    solve_due: datetime | None
    answer_clock: Clock
    solve_clock: Clock
    in_state: Mapping[State, timedelta]
    cause: str | None
    measure: str | None
    reopened: int

    @property
    def is_open(self) -> bool:
        return self.state in _OPEN


def course(
    events: Sequence[CaseEvent],
    hours: ServiceHours,
    now: datetime,
    promises: Mapping[Urgency, Promise] = PROMISES,
) -> Course:
    """Return the course of a case from its events in their order. Raises ValueError when the first is not "opened"."""
    if not events or events[0].kind != "opened":
        raise ValueError("a case begins with its opening")
    opened = events[0].at
    urgency = _last(events, "urgency") or "normal"
    promise = promises[_urgency(urgency)]
    pauses = _pauses(events)
    solved_at = _solved_at(events)
    answered_at = next((each.at for each in events if each.kind in ("answered", "waiting", "solved", "closed")), None)
    return Course(
        state=_state(events),
        owner=_last(events, "owner"),
        urgency=_urgency(urgency),
        count=1 + sum(each.kind == "again" for each in events),
        opened_at=opened,
        answered_after=served(hours, opened, answered_at) if answered_at else None,
        solved_after=served(hours, opened, solved_at, pauses) if solved_at else None,
        answer_due=due(hours, opened, promise.answer),
        solve_due=due(hours, opened, promise.solve, pauses),
        answer_clock=_clock(hours, opened, answered_at, promise.answer, promise.warn_share, (), now),
        solve_clock=_clock(hours, opened, solved_at, promise.solve, promise.warn_share, pauses, now),
        in_state=_times(events, now),
        cause=_last(events, "cause"),
        measure=_last(events, "measure"),
        reopened=sum(each.kind == "reopened" for each in events),
    )


def _urgency(value: str) -> Urgency:
    for each in URGENCIES:
        if each == value:
            return each
    raise ValueError(f"urgency {value}")


def _state(events: Sequence[CaseEvent]) -> State:
    states = list(_states(events))
    return states[-1] if states else "new"


def _states(events: Iterable[CaseEvent]) -> Iterator[State]:
    """Yield the state after each event."""
    state: State = "new"
    for each in events:
        state = _AFTER.get(each.kind, "working" if each.kind == "answered" and state == "new" else state)
        yield state


def _last(events: Sequence[CaseEvent], name: str) -> str | None:
    return next((each.values[name] for each in reversed(events) if name in each.values), None)


def _pauses(events: Sequence[CaseEvent]) -> list[Span]:
    """The clock stands while the case waits for the other side, and from its solution until it is reopened."""
    found: list[Span] = []
    since: datetime | None = None
    for each in events:
        if each.kind in ("waiting", "solved", "closed") and since is None:
            since = each.at
        elif each.kind in ("resumed", "reopened", "assigned") and since is not None:
            found.append((since, each.at))
            since = None
    if since is not None:
        found.append((since, _ENDLESS))
    return found


def _solved_at(events: Sequence[CaseEvent]) -> datetime | None:
    """Return when the case was solved for good so far: a reopening takes it back."""
    at: datetime | None = None
    for each in events:
        if each.kind in ("solved", "closed"):
            at = at or each.at
        elif each.kind == "reopened":
            at = None
    return at


def _clock(
    hours: ServiceHours,
    opened: datetime,
    done: datetime | None,
    allowed: timedelta,
    warn_share: float,
    pauses: Sequence[Span],
    now: datetime,
) -> Clock:
    used = served(hours, opened, done or now, pauses)
    if done is not None:
        return "kept" if used <= allowed else "missed"
    if used > allowed:
        return "breached"
    if any(start <= now < end for start, end in pauses):
        return "paused"
    return "warned" if used >= allowed * warn_share else "running"


def _times(events: Sequence[CaseEvent], now: datetime) -> dict[State, timedelta]:
    found: dict[State, timedelta] = {}
    ends = [*(each.at for each in events[1:]), now]
    for each, state, until in zip(events, _states(events), ends, strict=True):
        found[state] = found.get(state, timedelta()) + (until - each.at)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """After a share of the promised time to solve, somebody else is told."""

    share: float
    role: str


ESCALATIONS: Sequence[Escalation] = (
    Escalation(share=1.0, role="account-manager"),
    Escalation(share=1.5, role="admin"),
)


def escalated_to(
    found: Course,
    hours: ServiceHours,
    events: Sequence[CaseEvent],
    now: datetime,
    promises: Mapping[Urgency, Promise] = PROMISES,
) -> tuple[str, ...]:
    """Return the roles that a case which is still open has been raised to by now."""
    if not found.is_open:
        return ()
    allowed = promises[found.urgency].solve
    used = served(hours, found.opened_at, now, _pauses(events))
    return tuple(each.role for each in ESCALATIONS if used > allowed * each.share)
