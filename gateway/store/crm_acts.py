"""What people do with cases: rows that are a source of the record, never made anew."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert, select

from gateway.domain.crm.cases import EventKind
from gateway.store.forms import dump, micros
from gateway.store.tables_crm import crm_act, crm_case


def add_act(
    connection: Connection, case: str, kind: EventKind, actor: str, values: Mapping[str, str], now: datetime
) -> bool:
    """Write an act down; False when there is no such case."""
    if connection.execute(select(crm_case.c.id).where(crm_case.c.id == case)).first() is None:
        return False
    row = {"case": case, "at": micros(now), "kind": kind, "actor": actor, "data": dump(dict(values))}
    connection.execute(insert(crm_act), [row])
    return True
