"""What the record notices by itself, out of tables that no effect tells of: documents that did not come, faults of a
partner's traffic, answers to surveys that ask for a reply."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from gateway.domain.crm.events import Expected, document_events
from gateway.domain.crm.rules import Direction, Event
from gateway.domain.crm.troubles import LOW, Answer, Trouble, answer_event, trouble_events
from gateway.store import tables as t
from gateway.store.forms import micros, moment
from gateway.store.tables_crm_selling import crm_answer
from gateway.store.tx_house import OVERDUE


def documents_owed(connection: Connection, now: datetime, directions: Mapping[str, Direction]) -> Iterator[Event]:
    """Yield that documents were not there in time, and that they came after all."""
    columns = t.expectation.c
    query = select(t.expectation).where(
        columns.due <= micros(now), columns.met_at.is_(None) | (columns.met_at > columns.due)
    )
    for row in connection.execute(query):
        expected = Expected(
            partner=row.partner,
            document_type=row.document_type,
            subject=row.subject,
            due=moment(row.due),
            came_at=None if row.met_at is None else moment(row.met_at),
            message=row.message,
        )
        yield from document_events(expected, now, directions.get(row.partner, "customer"))


def troubles(connection: Connection, now: datetime, directions: Mapping[str, Direction]) -> Iterator[Event]:
    """Yield faults of partners' traffic that somebody has to look at. What documents caused, and documents that did not
    come, have events of their own."""
    columns = t.case.c
    query = select(t.case).where(columns.message.is_(None), columns.opened_at <= micros(now), columns.code != OVERDUE)
    by_account: dict[str, list[Trouble]] = defaultdict(list)
    for row in connection.execute(query):
        if row.account not in directions:
            continue
        by_account[row.account].append(
            Trouble(
                id=row.id,
                account=row.account,
                code=row.code,
                opened_at=moment(row.opened_at),
                closed_at=None if row.closed_at is None else moment(row.closed_at),
                message=_message(row.params),
            )
        )
    for account, its in sorted(by_account.items()):
        yield from trouble_events(its, directions[account])


def _message(params: str) -> str | None:
    told = json.loads(params).get("message")
    return told if isinstance(told, str) else None


def low_answers(connection: Connection, now: datetime, directions: Mapping[str, Direction]) -> Iterator[Event]:
    """Yield answers that ask for a reply."""
    columns = crm_answer.c
    query = select(crm_answer).where(
        columns.score.is_not(None), columns.score <= max(LOW.values()), columns.at <= micros(now)
    )
    for row in connection.execute(query):
        event = answer_event(
            Answer(
                id=row.id,
                account=row.account,
                direction="supplier" if row.direction == "supplier" else "customer",
                survey=row.survey,
                form=row.form,
                question=row.question,
                score=row.score,
                at=moment(row.at),
            )
        )
        if event is not None:
            yield event
