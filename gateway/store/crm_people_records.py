"""What people write of accounts and persons, kept: profiles, contacts, interactions, tasks, words, requests, decisions.

Functions over a connection of the journal's transaction; what they change is put down in the audit by their caller.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from gateway.domain.crm.contacts import Contact, Profile
from gateway.domain.crm.interactions import Interaction, Word, words_of
from gateway.domain.crm.tasks import Task
from gateway.store.forms import AnyRow, dump, micros, moment, optional_micros
from gateway.store.tables_crm import crm_case_event
from gateway.store.tables_people import (
    crm_contact,
    crm_decision,
    crm_interaction,
    crm_party,
    crm_party_key,
    crm_profile,
    crm_request,
    crm_task,
    crm_word,
)

Words = dict[str, dict[str, Word]]


def _put(connection: Connection, table: Table, row: dict[str, Any], *keys: str) -> None:
    """Insert the row, or change the one of the same keys."""
    condition = [table.c[name] == row[name] for name in keys]
    if not connection.execute(update(table).where(*condition).values(**row)).rowcount:
        connection.execute(insert(table), [row])


def words_in(connection: Connection) -> Words:
    """Return every list with its words, retired ones too."""
    own = {
        (row.list, row.code): Word(
            list=row.list, code=row.code, en=row.en, zh=row.zh, type=row.type, active=bool(row.active)
        )
        for row in connection.execute(select(crm_word))
    }
    return words_of(own)


def save_word(connection: Connection, word: Word, actor: str, now: datetime) -> None:
    _put(connection, crm_word, {**asdict(word), "actor": actor, "at": micros(now)}, "list", "code")


# --- accounts ---------------------------------------------------------------------------------------------------------


def profile_of(row: AnyRow) -> Profile:
    """Return what people say of an account, as the row says it."""
    data = json.loads(row.data)
    data["shared"] = tuple(data.get("shared", ()))
    return Profile(account=row.account, name=row.name, kind=row.kind, owner=row.owner, status=row.status, **data)


def profile(connection: Connection, account: str) -> Profile | None:
    row = connection.execute(select(crm_profile).where(crm_profile.c.account == account)).one_or_none()
    return None if row is None else profile_of(row)


def save_profile(connection: Connection, given: Profile, actor: str, now: datetime) -> None:
    """Keep what people say of an account, instead of what was said before."""
    own = ("account", "name", "kind", "owner", "status")
    data = {name: value for name, value in asdict(given).items() if name not in own and value}
    row = {name: getattr(given, name) for name in own}
    _put(connection, crm_profile, {**row, "data": dump(data), "actor": actor, "updated_at": micros(now)}, "account")


# --- persons ----------------------------------------------------------------------------------------------------------


def contact_of(row: AnyRow) -> Contact:
    """Return a contact; one that only documents have named holds nothing but its name, number and address."""
    data = json.loads(row.data) if row.origin == "person" else {}
    data["groups"] = tuple(data.get("groups", ()))
    return Contact(
        id=row.id, account=row.account, name=row.name, phone=row.phone, mail=row.mail, origin=row.origin, **data
    )


def contact(connection: Connection, contact_id: str) -> Contact | None:
    row = connection.execute(select(crm_contact).where(crm_contact.c.id == contact_id)).one_or_none()
    return None if row is None else contact_of(row)


def save_contact(connection: Connection, given: Contact, actor: str, now: datetime) -> None:
    """Keep what a person has said of a contact; from now on documents change nothing of it."""
    own = ("id", "account", "name", "phone", "mail", "origin")
    data = {name: value for name, value in asdict(given).items() if name not in own and value}
    row = {name: getattr(given, name) for name in own}
    row |= {"origin": "person", "data": dump(data), "actor": actor, "last_at": micros(now)}
    known = connection.execute(select(crm_contact.c.id).where(crm_contact.c.id == given.id)).first()
    if known is None:
        connection.execute(insert(crm_contact), [{**row, "first_at": micros(now), "party": None, "message": None}])
    else:
        connection.execute(update(crm_contact).where(crm_contact.c.id == given.id).values(**row))


# --- interactions and tasks -------------------------------------------------------------------------------------------


def interaction_of(row: AnyRow) -> Interaction:
    """Return a talk as its row says it."""
    return Interaction(
        id=row.id,
        account=row.account,
        at=moment(row.at),
        kind=row.kind,
        subject=row.subject,
        text=row.text,
        contact=row.contact,
        topic=row.topic,
        direction="in" if row.direction == "in" else "out",
        fields=json.loads(row.fields),
        message=row.message,
        case=row.case,
        actor=row.actor,
    )


def add_interaction(connection: Connection, given: Interaction) -> None:
    row = asdict(given) | {"at": micros(given.at), "fields": dump(dict(given.fields))}
    connection.execute(insert(crm_interaction), [row])


def task_of(row: AnyRow) -> Task:
    """Return a plan as its row says it."""
    return Task(
        id=row.id,
        kind=row.kind,
        title=row.title,
        owner=row.owner,
        due_at=moment(row.due_at),
        account=row.account,
        contact=row.contact,
        case=row.case,
        text=row.text,
        remind_at=None if row.remind_at is None else moment(row.remind_at),
        done_at=None if row.done_at is None else moment(row.done_at),
        result=row.result,
        actor=row.actor,
    )


def task(connection: Connection, task_id: str) -> Task | None:
    row = connection.execute(select(crm_task).where(crm_task.c.id == task_id)).one_or_none()
    return None if row is None else task_of(row)


def save_task(connection: Connection, given: Task, now: datetime) -> None:
    """Keep a plan, instead of the one of the same id."""
    row = asdict(given) | {
        "due_at": micros(given.due_at),
        "remind_at": optional_micros(given.remind_at),
        "done_at": optional_micros(given.done_at),
        "created_at": micros(now),
    }
    _put(connection, crm_task, row, "id")


# --- cases that a person opens ----------------------------------------------------------------------------------------


def add_request(connection: Connection, row: dict[str, Any], now: datetime) -> None:
    connection.execute(insert(crm_request), [{**row, "at": micros(now)}])


# --- decisions --------------------------------------------------------------------------------------------------------


def decide(
    connection: Connection,
    kind: str,
    actor: str,
    now: datetime,
    *,
    party: str | None = None,
    account: str | None = None,
    gone: str | None = None,
    keys: Sequence[str] = (),
    reason: str = "",
) -> int:
    """Write a decision down; return its number. An earlier one on the same party is taken back by it."""
    if party is not None:
        connection.execute(
            update(crm_decision)
            .where(crm_decision.c.party == party, crm_decision.c.undone_at.is_(None))
            .values(undone_at=micros(now), undone_by=actor)
        )
    row = {
        "kind": kind,
        "party": party,
        "account": account,
        "gone": gone,
        "keys": dump(list(keys)),
        "reason": reason,
        "actor": actor,
        "at": micros(now),
    }
    made = connection.execute(insert(crm_decision).values(**row).returning(crm_decision.c.id))
    return int(made.scalar_one())


def undo(connection: Connection, decision: int, actor: str, now: datetime) -> AnyRow | None:
    """Take a decision back and return it; None when there is none in force of that number."""
    found = connection.execute(
        select(crm_decision).where(crm_decision.c.id == decision, crm_decision.c.undone_at.is_(None))
    ).one_or_none()
    if found is not None:
        connection.execute(
            update(crm_decision).where(crm_decision.c.id == decision).values(undone_at=micros(now), undone_by=actor)
        )
    return found


def touched(connection: Connection, party: str | None, keys: Sequence[str]) -> list[str]:
    """Return the parties that a decision may speak of: itself, and those with one of its identifiers as their own or as
    the company above."""
    found = {party} if party else set()
    if keys:
        query = select(crm_party_key.c.party).where(crm_party_key.c.key.in_(keys))
        found.update(connection.execute(query).scalars())
        parents = [key.removeprefix("id:gln:") for key in keys if key.startswith("id:gln:")]
        found.update(connection.execute(select(crm_party.c.id).where(crm_party.c.parent.in_(parents))).scalars())
    return sorted(found)


def keys_of(row: AnyRow) -> list[str]:
    """Return the identifiers that a decision speaks of."""
    return [str(each) for each in json.loads(row.keys)]


def case_of(connection: Connection, event: str) -> str | None:
    """Return the case that an event has opened or come to, None when of none."""
    return connection.execute(select(crm_case_event.c.case).where(crm_case_event.c.event == event)).scalar()
