"""Rows of the customer record: events, cases and acts, both directions. Pure."""

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, cast

from gateway.domain.crm.cases import CaseEvent, EventKind
from gateway.domain.crm.rules import Direction, Event, Rule, Step, Value
from gateway.store.forms import AnyRow, dump, micros, moment

_NUMBER = "#"  # marks numbers among the facts: JSON's own would lose digits


def facts_text(facts: Mapping[str, Value]) -> str:
    return dump({name: f"{_NUMBER}{value}" if isinstance(value, Decimal) else value for name, value in facts.items()})


def facts_of(text: str) -> dict[str, Value]:
    """Return the facts of an event from the text that its row holds; numbers are Decimal again."""
    told: dict[str, str] = json.loads(text)
    return {
        name: Decimal(value[1:]) if value.startswith(_NUMBER) and _is_number(value[1:]) else value
        for name, value in told.items()
    }


def _is_number(text: str) -> bool:
    try:
        Decimal(text)
    except ArithmeticError:
        return False
    return True


def event_row(event: Event) -> dict[str, Any]:
    """Return an event of the customer record as its row holds it."""
    return {
        "id": event.id,
        "account": event.account,
        "at": micros(event.at),
        "kind": event.kind,
        "direction": event.direction,
        "subject": event.subject,
        "facts": facts_text(event.facts),
        "message": event.message,
        "place": event.place,
        "origin": event.origin,
    }


def event_of(row: AnyRow) -> Event:
    """Return an event of the customer record as its row says it."""
    return Event(
        id=row.id,
        kind=row.kind,
        at=moment(row.at),
        account=row.account,
        direction=cast(Direction, row.direction),
        subject=row.subject,
        facts=facts_of(row.facts),
        message=row.message,
        place=row.place,
        origin=row.origin,
    )


def case_row(step: Step, rule: Rule) -> dict[str, Any]:
    """Return the row of a case that step opens."""
    event = step.event
    at = micros(event.at)
    return {
        "id": case_id(step.key, event.id),
        "problem": step.key,
        "rule": step.rule,
        "version": step.version,
        "account": event.account,
        "direction": event.direction,
        "subject": event.subject,
        "type": rule.case_type,
        "urgency": rule.urgency,
        "owner": rule.owner,
        "times": 1,
        "opened_at": at,
        "last_at": at,
        "closed_at": None,
        "opened_by": event.id,
        "closed_by": None,
        "message": event.message,
    }


def case_id(problem: str, opened_by: str) -> str:
    """Return the name of a case, 16 hexadecimal digits, the same whenever it is made: a problem may come back, so that
    the event that opened it counts too."""
    return sha256(f"{problem}#{opened_by}".encode()).hexdigest()[:16]


def act_of(row: AnyRow) -> CaseEvent:
    """Return what a person did with a case. data: values, and the message that the act is about."""
    data: dict[str, str] = json.loads(row.data)
    message = data.pop("message", None)
    return CaseEvent(at=moment(row.at), kind=cast(EventKind, row.kind), actor=row.actor, message=message, values=data)


def shown(value: Any) -> Any:
    """Return what a measure was made of as JSON: numbers as text, days in ISO form."""
    if isinstance(value, Decimal):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: shown(each) for name, each in value.items()}
    return [shown(each) for each in value] if isinstance(value, list | tuple) else value
