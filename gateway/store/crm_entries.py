"""Entries of the registers as they are written, inside a transaction: a new version each time, with what was before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, insert, select, update

from gateway.domain.crm.desk import ServiceDesk, desk_of
from gateway.store.forms import AnyRow, dump, micros, moment
from gateway.store.tables_crm_selling import crm_entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a register. state_at: since when it is in its state. origin: person, or gateway (made from
    documents). data: field -> text, as domain.crm.registers.checked gives it."""

    register: str
    id: str
    account: str | None
    state: str
    state_at: datetime
    data: Mapping[str, str]
    origin: str
    version: int
    actor: str
    created_at: datetime
    updated_at: datetime


def entry_of(row: AnyRow) -> Entry:
    """Return an entry as its row says it."""
    return Entry(
        register=row.register,
        id=row.id,
        account=row.account,
        state=row.state,
        state_at=moment(row.state_at),
        data=json.loads(row.data),
        origin=row.origin,
        version=row.version,
        actor=row.actor,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
    )


def read_entry(connection: Connection, register: str, entry: str) -> Entry | None:
    """Return an entry of a register, None when there is none."""
    query = select(crm_entry).where(crm_entry.c.register == register, crm_entry.c.id == entry)
    row = connection.execute(query).one_or_none()
    return None if row is None else entry_of(row)


def entries_of(connection: Connection, register: str) -> dict[str, Entry]:
    query = select(crm_entry).where(crm_entry.c.register == register).order_by(crm_entry.c.id)
    return {row.id: entry_of(row) for row in connection.execute(query)}


def keep_entry(
    connection: Connection,
    register: str,
    entry: str,
    state: str,
    data: Mapping[str, str],
    *,
    actor: str,
    now: datetime,
    origin: str = "person",
) -> tuple[Entry | None, Entry]:
    """Insert or replace an entry; return what was before (None: nothing) and what is now."""
    before = read_entry(connection, register, entry)
    at = micros(now)
    values = {
        "account": data.get("account"),
        "state": state,
        "data": dump(dict(data)),
        "actor": actor,
        "updated_at": at,
        "state_at": at if before is None or before.state != state else micros(before.state_at),
    }
    if before is None:
        row = {**values, "register": register, "id": entry, "origin": origin, "version": 1, "created_at": at}
        connection.execute(insert(crm_entry), [row])
    else:
        mine = (crm_entry.c.register == register) & (crm_entry.c.id == entry)
        connection.execute(update(crm_entry).where(mine).values(version=crm_entry.c.version + 1, **values))
    after = read_entry(connection, register, entry)
    assert after is not None  # it was written just now
    return before, after


def drop_entry(connection: Connection, register: str, entry: str) -> Entry | None:
    """Take an entry away and return it, None when there was none."""
    before = read_entry(connection, register, entry)
    if before is not None:
        connection.execute(delete(crm_entry).where(crm_entry.c.register == register, crm_entry.c.id == entry))
    return before


def read_settings(connection: Connection) -> dict[str, str]:
    """Return the settings of formulas, matrices and the desk by id."""
    return {name: each.data.get("value", "") for name, each in entries_of(connection, "setting").items()}


def read_desk(connection: Connection, zone: ZoneInfo) -> ServiceDesk:
    """Return the service desk as the house has set it."""
    return desk_of(read_settings(connection), zone)
