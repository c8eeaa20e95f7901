"""What the customer record shows: values that views make and that pages, JSON handlers and the command line take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from gateway.domain.crm.cases import CaseEvent
from gateway.domain.crm.rules import Value

SHOWN = (
    "lifecycle",
    "segment",
    "value-class",
    "monetary",
    "recency",
    "silent-days",
    "health",
    "portfolio",
    "receivable",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricView:
    """value None: not enough data. parts: what it was made of, as text."""

    name: str
    value: str | None
    rows: int
    since: str | None
    until: str
    parts: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an account stands in the list. state, money: None where not known."""

    state: str | None
    money: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """measures: by name, those of SHOWN in a list, all on the account's own page."""

    id: str
    measures: Mapping[str, MetricView]
    open_cases: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event of the customer record. place: path in the message that it was read from."""

    id: str
    kind: str
    at: datetime
    account: str
    direction: str
    subject: str
    facts: Mapping[str, Value]
    message: str | None
    place: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """One case in a list. owner: the role; person: to whom it was given, None to nobody yet. done: a person has solved
    or closed it, or a later document did."""

    id: str
    rule: str
    account: str
    direction: str
    subject: str
    type: str
    urgency: str
    owner: str
    times: int
    opened_at: datetime
    last_at: datetime
    closed_at: datetime | None
    message: str | None
    done: bool
    person: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseView:
    """How a case went so far. *_s: seconds, of service time where a promise is meant, else by the clock on the wall."""

    state: str
    owner: str | None
    urgency: str
    count: int
    answered_after_s: int | None
    solved_after_s: int | None
    answer_due: datetime | None
    solve_due: datetime | None
    answer_clock: str
    solve_clock: str
    in_state_s: Mapping[str, int]
    cause: str | None
    measure: str | None
    reopened: int
    escalated_to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """A case with its course. events: (what, event) of the documents; acts: what people did."""

    case: CaseView
    course: CourseView
    events: Sequence[tuple[str, EventView]] = field(default_factory=tuple)
    acts: Sequence[CaseEvent] = field(default_factory=tuple)


def number(metric: MetricView | None) -> Decimal | None:
    """Return a measure as a number, None when there is none or it is a word."""
    try:
        return Decimal(metric.value) if metric is not None and metric.value is not None else None
    except ArithmeticError:
        return None
