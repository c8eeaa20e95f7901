"""What people do with cases: rows that are a source of the record, never made anew."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, insert, or_, select, update

from gateway.domain.crm.cases import EventKind
from gateway.store.forms import dump, micros
from gateway.store.tables_crm import crm_act, crm_case, crm_case_event
from gateway.store.tables_crm_selling import crm_invitation
from gateway.store.tables_people import crm_interaction, crm_task

NAMING: tuple[Table, ...] = (crm_act, crm_task, crm_interaction, crm_invitation)  # what people keep about a case


@dataclass(frozen=True, slots=True, kw_only=True)
class ActedOn:
    """A case that somebody has done something with, and how it is found again when it is made anew."""

    id: str
    rule: str
    opened_by: str


def add_act(
    connection: Connection, case: str, kind: EventKind, actor: str, values: Mapping[str, str], now: datetime
) -> bool:
    """Write an act down; False when there is no such case."""
    if connection.execute(select(crm_case.c.id).where(crm_case.c.id == case)).first() is None:
        return False
    row = {"case": case, "at": micros(now), "kind": kind, "actor": actor, "data": dump(dict(values))}
    connection.execute(insert(crm_act), [row])
    return True


def acted_on(connection: Connection, accounts: Collection[str] | None = None) -> Sequence[ActedOn]:
    """Return the cases of accounts, None for all, that people have acted on or speak of."""
    columns = crm_case.c
    query = select(columns.id, columns.rule, columns.opened_by).where(
        or_(*(columns.id.in_(select(each.c.case)) for each in NAMING))
    )
    if accounts is not None:
        query = query.where(columns.account.in_(accounts))
    return [ActedOn(id=row.id, rule=row.rule, opened_by=row.opened_by) for row in connection.execute(query)]


def follow_cases(connection: Connection, before: Sequence[ActedOn]) -> None:
    """Let what people did stay with its problem: a case is named after the event that opened it; an earlier event,
    or the merge of two accounts, gives it another name."""
    for each in before:
        if connection.execute(select(crm_case.c.id).where(crm_case.c.id == each.id)).first() is not None:
            continue
        query = (
            select(crm_case.c.id)
            .join(crm_case_event, crm_case_event.c.case == crm_case.c.id)
            .where(crm_case_event.c.event == each.opened_by, crm_case_event.c.what != "close")
            .where(crm_case.c.rule == each.rule)
        )
        after = connection.execute(query).scalars().first()
        if after is not None:
            for table in NAMING:
                connection.execute(update(table).where(table.c.case == each.id).values(case=after))
