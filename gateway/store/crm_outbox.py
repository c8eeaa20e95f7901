"""What external systems are to be told: changes of records in their order, each until it was taken or refused.

A change is found by comparing a record with what was last put in line, so that it does not matter what changed it. The
changes of one record go out one after the other; other records do not wait for it.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, and_, func, insert, select, update

from gateway.domain.crm.registers import REGISTERS
from gateway.store.crm_entries import entries_of
from gateway.store.crm_people_records import contact_of
from gateway.store.database import insert_for
from gateway.store.forms import AnyRow, dump, micros
from gateway.store.tables_crm import crm_case, crm_metric
from gateway.store.tables_crm_selling import crm_outbox, crm_told
from gateway.store.tables_people import crm_contact

OBJECTS = ("account", "case", "opportunity", "contact")
PERSONAL = ("name", "function", "phone", "mail", "channel")  # of a contact, as far as the agreement names them
MEASURES = (
    "lifecycle",
    "stage",
    "segment",
    "value-class",
    "portfolio",
    "monetary",
    "frequency",
    "health",
    "receivable",
)
LEASE = timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=6)
RESULT_LONGEST = 500
CASES_SINCE = timedelta(days=91)
Key = tuple[str, str]  # object, key


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change that is sent now. attempts: this one included."""

    id: int
    connector: str
    object: str
    key: str
    event: str
    change: str
    payload: Mapping[str, Any]
    created_at: int
    attempts: int


def records(
    connection: Connection,
    names: Mapping[str, Mapping[str, str]],
    objects: Collection[str],
    now: datetime,
    personal: Collection[str] = (),
) -> dict[Key, dict[str, Any]]:
    """Return the records as others are told of them. names: account -> what the book says of it (name, gln, role).

    personal: fields of persons that an agreement in force covers; without any, no person is told of."""
    found: dict[Key, dict[str, Any]] = {}
    if "account" in objects:
        measures: dict[str, dict[str, str]] = {}
        query = select(crm_metric.c.account, crm_metric.c.name, crm_metric.c.value).where(
            crm_metric.c.name.in_(MEASURES), crm_metric.c.value.is_not(None)
        )
        for row in connection.execute(query):
            measures.setdefault(row.account, {})[row.name] = row.value
        for account in sorted({*names, *measures}):
            its = dict(sorted(measures.get(account, {}).items()))
            found["account", account] = {"id": account, **names.get(account, {}), "measures": its}
    if "case" in objects:
        columns = crm_case.c
        since = micros(now - CASES_SINCE)
        for row in connection.execute(select(crm_case).where(columns.closed_at.is_(None) | (columns.last_at >= since))):
            found["case", row.id] = {
                "id": row.id, "account": row.account, "rule": row.rule, "subject": row.subject, "type": row.type,
                "urgency": row.urgency, "times": row.times, "open": row.closed_at is None,
            }  # fmt: skip
    if "opportunity" in objects:
        for name, entry in entries_of(connection, "opportunity").items():
            over = entry.state in REGISTERS["opportunity"].closed
            found["opportunity", name] = {"id": name, "stage": entry.state, "open": not over, **entry.data}
    covered = [each for each in PERSONAL if each in personal]
    if "contact" in objects and covered:
        for row in connection.execute(select(crm_contact)):
            person = contact_of(row)
            if not person.unshared:
                told = {name: getattr(person, name) for name in covered if getattr(person, name)}
                found["contact", person.id] = {"id": person.id, "account": person.account, **told}
    return found


def forget_contacts(connection: Connection, contacts: Collection[str]) -> None:
    """Take the words out of what was or will be told of persons; that they are gone is told next."""
    for table in (crm_outbox, crm_told):
        rows = (table.c.object == "contact") & table.c.key.in_(contacts)
        connection.execute(update(table).where(rows).values(payload="{}"))


def digest_of(payload: Mapping[str, Any]) -> str:
    return sha256(dump(dict(payload)).encode()).hexdigest()


def line_up(
    connection: Connection,
    connector: str,
    current: Mapping[Key, Mapping[str, Any]],
    now: datetime,
    kinds: Collection[str] = OBJECTS,
) -> int:
    """Put every record in line that differs from what was last put in line for the connector; return how many.

    kinds: of which the connector is told; what is not there any more is only told of these."""
    known = _last(connection, connector)
    rows = []
    for (kind, key), payload in sorted(current.items()):
        digest = digest_of(payload)
        last, number = known.get((kind, key), (None, 0))
        if last != digest:
            change = "created" if last is None or last == GONE else "changed"
            rows.append(_row(connector, kind, key, change, dict(payload), digest, now, number))
    for (kind, key), (last, number) in sorted(known.items()):
        if (kind, key) not in current and last != GONE and kind in kinds:
            rows.append(_row(connector, kind, key, "gone", {"id": key}, GONE, now, number))
    if rows:
        connection.execute(insert(crm_outbox), rows)
    return len(rows)


GONE = "gone"


def _last(connection: Connection, connector: str) -> dict[Key, tuple[str, int]]:
    """Return the digest of what was last put in line for each record, and its number."""
    latest = (
        select(func.max(crm_outbox.c.id).label("id"))
        .where(crm_outbox.c.connector == connector)
        .group_by(crm_outbox.c.object, crm_outbox.c.key)
        .subquery()
    )
    columns = crm_outbox.c
    query = select(columns.object, columns.key, columns.digest, columns.id).join(latest, latest.c.id == columns.id)
    return {(row.object, row.key): (row.digest, row.id) for row in connection.execute(query)}


def _row(
    connector: str, kind: str, key: str, change: str, payload: dict[str, Any], digest: str, now: datetime, before: int
) -> dict[str, Any]:
    """before: number of the record's change before this one, which makes its event another one."""
    text, at = dump(payload), micros(now)
    event = uuid5(NAMESPACE_URL, f"{connector}/{kind}/{key}/{before}/{at}/{digest}")
    return {
        "connector": connector, "object": kind, "key": key, "event": str(event),
        "change": change, "payload": text, "digest": digest, "state": "queued", "attempts": 0, "next_at": at,
        "created_at": at,
    }  # fmt: skip


def claim(connection: Connection, connector: str, now: datetime, limit: int) -> list[Change]:
    """Take the first waiting change of each record, as far as it is due, and keep others from it for a while."""
    columns = crm_outbox.c
    first = (
        select(func.min(columns.id).label("id"))
        .where(columns.connector == connector, columns.state == "queued")
        .group_by(columns.object, columns.key)
        .subquery()
    )
    query = (
        select(crm_outbox)
        .join(first, first.c.id == columns.id)
        .where(columns.next_at <= micros(now))
        .order_by(columns.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=crm_outbox)
    )
    found = [_change(row) for row in connection.execute(query)]
    if found:
        leased = update(crm_outbox).where(columns.id.in_([each.id for each in found]))
        connection.execute(leased.values(attempts=columns.attempts + 1, next_at=micros(now + LEASE)))
    return found


def _change(row: AnyRow) -> Change:
    return Change(
        id=row.id, connector=row.connector, object=row.object, key=row.key, event=row.event, change=row.change,
        payload=json.loads(row.payload), created_at=row.created_at, attempts=row.attempts + 1,
    )  # fmt: skip


def taken(connection: Connection, change: Change, result: str, external: str | None, now: datetime) -> None:
    """Write down that the other side has taken a change."""
    _settled(connection, change.id, "told", result, now)
    row = {
        "connector": change.connector, "object": change.object, "key": change.key,
        "payload": dump(dict(change.payload)),
        "digest": GONE if change.change == "gone" else digest_of(change.payload), "external": external,
        "at": micros(now),
    }  # fmt: skip
    put = insert_for(connection.dialect.name, crm_told)
    changed = {name: put.excluded[name] for name in ("payload", "digest", "external", "at")}
    connection.execute(put.on_conflict_do_update(index_elements=["connector", "object", "key"], set_=changed), [row])


def refused(connection: Connection, change: Change, result: str, now: datetime) -> None:
    """Write down that the other side will not have a change; later changes of the record go on."""
    _settled(connection, change.id, "refused", result, now)


def _settled(connection: Connection, number: int, state: str, result: str, now: datetime) -> None:
    values = {"state": state, "result": result[:RESULT_LONGEST], "settled_at": micros(now)}
    connection.execute(update(crm_outbox).where(crm_outbox.c.id == number).values(**values))


def put_off(connection: Connection, change: Change, result: str, now: datetime) -> datetime:
    """Let a change wait, longer each time, and return until when."""
    wait: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(change.attempts - 1, 12))
    values = {"next_at": micros(now + wait), "result": result[:RESULT_LONGEST]}
    connection.execute(update(crm_outbox).where(crm_outbox.c.id == change.id).values(**values))
    return now + wait


def send_again(connection: Connection, connector: str, number: int, now: datetime) -> bool:
    """Put a change that was refused, or waits, in line now; False when there is no such change."""
    mine = and_(crm_outbox.c.id == number, crm_outbox.c.connector == connector, crm_outbox.c.state != "told")
    values = {"state": "queued", "next_at": micros(now), "settled_at": None, "attempts": 0}
    return bool(connection.execute(update(crm_outbox).where(mine).values(**values)).rowcount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field in which a record differs from what the other side has taken. ours, theirs: None where there is none."""

    object: str
    key: str
    field: str
    ours: str | None
    theirs: str | None
    external: str | None


def differences(connection: Connection, connector: str, current: Mapping[Key, Mapping[str, Any]]) -> list[Difference]:
    """Return every field in which our records differ from what the other side has last taken."""
    query = select(crm_told).where(crm_told.c.connector == connector)
    told = {(row.object, row.key): row for row in connection.execute(query)}
    found = []
    for kind, key in sorted({*told, *current}):
        row = told.get((kind, key))
        theirs = _flat(json.loads(row.payload)) if row is not None and row.digest != GONE else {}
        ours = _flat(current.get((kind, key), {}))
        for field in sorted({*ours, *theirs}):
            if ours.get(field) != theirs.get(field):
                found.append(
                    Difference(
                        object=kind, key=key, field=field, ours=ours.get(field), theirs=theirs.get(field),
                        external=None if row is None else row.external,
                    )
                )  # fmt: skip
    return found


def _flat(payload: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in payload.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = str(value)
    return found
