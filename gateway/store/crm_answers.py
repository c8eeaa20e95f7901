"""Who was asked and what was answered: invitations by token, answers by link or by hand. A source, never rebuilt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, func, insert, select, update

from gateway.store.crm_entries import Entry, read_entry
from gateway.store.forms import AnyRow, micros, moment
from gateway.store.tables_crm_selling import crm_answer, crm_invitation


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """id: digest of the token. survey: None when it was taken away since."""

    id: str
    survey_id: str
    survey: Entry | None
    account: str
    person: str
    case: str | None
    until: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """One answer to one question. score None: words only."""

    survey: str
    form: str
    account: str
    direction: str
    question: str
    score: int | None
    text: str
    at: datetime
    by: str


def digest_of(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def invite(
    connection: Connection,
    token: str,
    survey: str,
    account: str,
    person: str,
    case: str | None,
    now: datetime,
    until: datetime,
) -> str:
    """Keep an invitation and return its id."""
    row = {
        "id": digest_of(token),
        "survey": survey,
        "account": account,
        "person": person,
        "case": case,
        "asked_at": micros(now),
        "until": micros(until),
    }
    connection.execute(insert(crm_invitation), [row])
    return str(row["id"])


def invitation_of(connection: Connection, token: str) -> Invitation | None:
    """Return the invitation of a token, whether it can still be answered or not; None for no token of ours."""
    row = connection.execute(select(crm_invitation).where(crm_invitation.c.id == digest_of(token))).one_or_none()
    if row is None:
        return None
    return Invitation(
        id=row.id,
        survey_id=row.survey,
        survey=read_entry(connection, "survey", row.survey),
        account=row.account,
        person=row.person,
        case=row.case,
        until=moment(row.until),
        answered_at=None if row.answered_at is None else moment(row.answered_at),
    )


def answered_once(connection: Connection, invitation: str, now: datetime) -> bool:
    """Mark an invitation as answered; False when it was before: an answer counts once."""
    mine = (crm_invitation.c.id == invitation) & crm_invitation.c.answered_at.is_(None)
    done = connection.execute(update(crm_invitation).where(mine).values(answered_at=micros(now)))
    return bool(done.rowcount)


def add_answers(
    connection: Connection,
    survey: Entry,
    account: str,
    scores: Mapping[str, int],
    text: str,
    *,
    by: str,
    now: datetime,
    invitation: str | None = None,
) -> None:
    """Keep the answers to one survey. text: words beside the scores, "" for none."""
    same = {
        "survey": survey.id,
        "form": survey.data["form"],
        "account": account,
        "direction": survey.data.get("direction", "customer"),
        "at": micros(now),
        "by": by,
        "invitation": invitation,
    }
    rows: list[dict[str, object]] = [{**same, "question": q, "score": s, "text": ""} for q, s in sorted(scores.items())]
    if text:
        rows.append({**same, "question": "words", "score": None, "text": text})
    connection.execute(insert(crm_answer), rows)


def answer_view(row: AnyRow) -> AnswerView:
    """Return an answer to a survey as pages show it."""
    return AnswerView(
        survey=row.survey,
        form=row.form,
        account=row.account,
        direction=row.direction,
        question=row.question,
        score=row.score,
        text=row.text,
        at=moment(row.at),
        by=row.by,
    )


def answers_since(connection: Connection, since: datetime, account: str | None = None) -> Sequence[AnswerView]:
    """Return the answers since an instant, in the order of time."""
    query = select(crm_answer).where(crm_answer.c.at >= micros(since)).order_by(crm_answer.c.at, crm_answer.c.id)
    if account is not None:
        query = query.where(crm_answer.c.account == account)
    return [answer_view(row) for row in connection.execute(query)]


def asked_counts(connection: Connection, since: datetime) -> dict[tuple[str, str], tuple[int, int]]:
    """Return by survey and account how many were asked and how many answered."""
    columns = crm_invitation.c
    query = (
        select(columns.survey, columns.account, func.count(), func.count(columns.answered_at))
        .where(columns.asked_at >= micros(since))
        .group_by(columns.survey, columns.account)
    )
    return {(row[0], row[1]): (int(row[2]), int(row[3])) for row in connection.execute(query)}
