"""Which rows must be kept, as SQL conditions that both databases understand.

The unit is an arrival with all its messages; a parcel is a unit of its own. A unit is kept while it is not finished
(or waits for a person), while a legal hold matches it, and for as long as the longest rule says of any part of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.ports.retention import Retention, RetentionRule
from gateway.store.forms import micros
from gateway.store.months import first_moment, month_of

ARRIVAL_FINISHED = "a.state = 'parsed'"
MESSAGE_FINISHED = "m.state = 'done'"
PARCEL_FINISHED = "(p.state = 'accepted' OR (p.state = 'acked' AND p.expects IS NULL))"

_HELD = """EXISTS (SELECT 1 FROM {holds} h WHERE h.released_at IS NULL
    AND (h.partner IS NULL OR h.partner = {row}.partner)
    AND (h.type IS NULL OR {types})
    AND (h.subject IS NULL OR h.subject IN ({subjects}))
    AND (h.since IS NULL OR {at} >= h.since) AND (h.until IS NULL OR {at} < h.until))"""


_EMPTY = "NOT EXISTS (SELECT 1 FROM message e WHERE e.arrival = a.id)"  # else its messages decide


@dataclass(frozen=True, slots=True)
class Keeping:
    """SQL conditions over arrival a, message m and parcel p that are true for what must be kept; values: their
    parameters. holds: where legal_hold is (live.legal_hold beside an attached archive)."""

    arrival: str
    message: str
    parcel: str
    values: dict[str, Any]


def keeping(policy: Retention, now: datetime, holds: str = "legal_hold") -> Keeping:
    """Return the conditions of policy at now."""
    values: dict[str, Any] = {}
    arrival_cut = _cutoff(policy, now, "a", None, values)
    message_cut = _cutoff(policy, now, "m", "(m.type = {0} OR m.document_type = {0})", values)
    parcel_cut = _cutoff(policy, now, "p", "(p.document_type = {0} OR p.mapping LIKE '%/' || {0})", values)
    untyped = _held(holds, "a", "1 = 0", "a.id", "a.received_at")
    message = _held(holds, "m", "h.type IN (m.type, m.document_type)", "m.id, m.arrival", "m.received_at")
    parcel_types = "(h.type = p.document_type OR p.mapping LIKE '%/' || h.type)"
    parcel = _held(holds, "p", parcel_types, "p.id, p.cause", "p.created_at")
    return Keeping(
        arrival=f"(NOT {ARRIVAL_FINISHED} OR (a.received_at >= {arrival_cut} AND {_EMPTY}) OR {untyped})",
        message=f"(NOT {MESSAGE_FINISHED} OR m.received_at >= {message_cut} OR {message})",
        parcel=f"(NOT {PARCEL_FINISHED} OR p.created_at >= {parcel_cut} OR {parcel})",
        values=values,
    )


def _held(holds: str, row: str, types: str, subjects: str, at: str) -> str:
    return _HELD.format(holds=holds, row=row, types=types, subjects=subjects, at=at)


def _cutoff(policy: Retention, now: datetime, row: str, of_type: str | None, values: dict[str, Any]) -> str:
    """Return an expression: rows received before it are past their time. The most particular rule decides; an arrival
    has no type."""
    cases = []
    for number, rule in enumerate(_by_rank(policy)):
        if rule.type is not None and of_type is None:
            continue
        conditions = []
        if rule.partner is not None:
            values[f"partner{number}"] = rule.partner
            conditions.append(f"{row}.partner = :partner{number}")
        if rule.type is not None and of_type is not None:
            values[f"type{number}"] = rule.type
            conditions.append(of_type.format(f":type{number}"))
        cases.append(f"WHEN {' AND '.join(conditions)} THEN {_cut(rule.months, now)}")
    default = _cut(policy.keep_months, now)
    return f"(CASE {' '.join(cases)} ELSE {default} END)" if cases else str(default)


def _by_rank(policy: Retention) -> Iterator[RetentionRule]:
    yield from sorted(policy.rules, key=lambda rule: (rule.partner is None) + (rule.type is None))


def _shortest(policy: Retention) -> int:
    return min([policy.keep_months, *(rule.months for rule in policy.rules)])


def first_cut(policy: Retention, now: datetime) -> int:
    """Return the first month of which nothing is past its time under any rule."""
    return month_of(now) - _shortest(policy)


def _cut(months: int, now: datetime) -> int:
    return micros(first_moment(month_of(now) - months))
