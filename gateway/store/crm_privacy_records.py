"""Processors, terms and erasures as they are kept; which documents are past their term."""

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, Engine, insert, or_, select, tuple_, update

from gateway.domain.crm.privacy import Erased, PersonTerm, Processor, contacts_in
from gateway.store import tables as t
from gateway.store.forms import AnyRow, dump, micros, moment
from gateway.store.tables_people import crm_contact, crm_erasure, crm_party, crm_person_term, crm_processor


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureView:
    """An erasure, without a word of whom. contact: the id that the person had."""

    id: str
    contact: str
    account: str
    reason: str
    payloads: int
    rows: int
    held: int
    actor: str
    at: datetime


class PrivacyViews:
    """Processors, terms and erasures as they are read."""

    _engine: Engine

    def processors(self) -> tuple[Processor, ...]:
        """Return who else gets personal data, by id."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(crm_processor).order_by(crm_processor.c.id))
            return tuple(processor_of(row) for row in rows)

    def person_terms(self) -> tuple[PersonTerm, ...]:
        with self._engine.connect() as connection:
            return tuple(PersonTerm(type=kind, months=each) for kind, each in sorted(person_terms(connection).items()))

    def erasures(self, limit: int = 100) -> tuple[ErasureView, ...]:
        """Return erasures, the latest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(crm_erasure).order_by(crm_erasure.c.at.desc()).limit(limit))
            return tuple(
                ErasureView(
                    id=row.id,
                    contact=row.contact,
                    account=row.account,
                    reason=row.reason,
                    payloads=row.payloads,
                    rows=row.rows,
                    held=row.held,
                    actor=row.actor,
                    at=moment(row.at),
                )
                for row in rows
            )


def processor_of(row: AnyRow) -> Processor:
    """Return a processor as its row says it."""
    return Processor(
        id=row.id,
        name=row.name,
        purpose=row.purpose,
        fields=tuple(json.loads(row.fields)),
        country=row.country,
        agreement=row.agreement,
        signed_on=row.signed_on,
        ends_on=row.ends_on,
    )


def save_processor(connection: Connection, given: Processor, actor: str, now: datetime) -> Processor | None:
    """Keep a processor; return it as it was before, None for a new one."""
    columns = crm_processor.c
    row = connection.execute(select(crm_processor).where(columns.id == given.id)).one_or_none()
    values = {
        "id": given.id,
        "name": given.name,
        "purpose": given.purpose,
        "fields": dump(list(given.fields)),
        "country": given.country,
        "agreement": given.agreement,
        "signed_on": given.signed_on,
        "ends_on": given.ends_on,
        "actor": actor,
        "at": micros(now),
    }
    if row is None:
        connection.execute(insert(crm_processor), [values])
        return None
    connection.execute(update(crm_processor).where(columns.id == given.id).values(**values))
    return processor_of(row)


def person_terms(connection: Connection) -> dict[str, int]:
    """Return document type -> months; "*" for all others."""
    return {row.type: row.months for row in connection.execute(select(crm_person_term))}


def save_term(connection: Connection, given: PersonTerm, actor: str, now: datetime) -> int | None:
    """Keep a term; return the months that it had before, None for a new one."""
    before = person_terms(connection).get(given.type)
    values = {"type": given.type, "months": given.months, "actor": actor, "at": micros(now)}
    if before is None:
        connection.execute(insert(crm_person_term), [values])
    else:
        connection.execute(update(crm_person_term).where(crm_person_term.c.type == given.type).values(**values))
    return before


def add_erasure(
    connection: Connection, made: Erased, contact: str, account: str, reason: str, actor: str, now: datetime
) -> None:
    """Keep that a person was erased, without a word of whom."""
    row = {
        "id": made.erasure,
        "contact": contact,
        "account": account,
        "reason": reason,
        "payloads": made.payloads,
        "rows": made.rows,
        "held": made.held,
        "actor": actor,
        "at": micros(now),
    }
    connection.execute(insert(crm_erasure), [row])


def partners_of(connection: Connection, accounts: Collection[str], contact: str) -> set[str]:
    """Return who told of a person or of the parties of accounts."""
    columns = crm_party.c
    party = select(crm_contact.c.party).where(crm_contact.c.id == contact).scalar_subquery()
    query = select(columns.teller).where(or_(columns.account.in_(accounts), columns.id == party)).distinct()
    return set(connection.execute(query).scalars())


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDocument:
    """A document past its term that still names somebody. received_at: microseconds, for what comes after it."""

    type: str
    received_at: int
    message: str
    partner: str
    document: str


def documents_past(
    connection: Connection,
    before: Callable[[str], datetime | None],
    limit: int,
    after: PastDocument | None = None,
) -> list[PastDocument]:
    """Return documents past their term that still name somebody, by type and the oldest first. before: until when a
    document of a type has come to be past it, None: never; after: the last one of the page before."""
    return list(islice(_past(connection, before, after), limit))


def _past(
    connection: Connection, before: Callable[[str], datetime | None], after: PastDocument | None
) -> Iterator[PastDocument]:
    columns = t.message.c
    kinds = [kind for kind in connection.execute(select(columns.document_type).distinct()).scalars() if kind]
    for kind in sorted(kinds):
        cut = before(kind)
        if cut is None or (after is not None and kind < after.type):
            continue
        query = (
            select(columns.id, columns.partner, columns.document, columns.received_at)
            .where(columns.document_type == kind, columns.received_at < micros(cut))
            .where(columns.state.in_(("applied", "done", "parked", "quarantined")))
            .where(columns.document.like('%"contact":{"%'))
            .order_by(columns.received_at, columns.id)
        )
        if after is not None and kind == after.type:
            query = query.where(tuple_(columns.received_at, columns.id) > (after.received_at, after.message))
        with connection.execute(query.execution_options(yield_per=200)) as rows:
            for row in rows:
                if contacts_in(json.loads(row.document)):
                    yield PastDocument(
                        type=kind, received_at=row.received_at, message=row.id, partner=row.partner,
                        document=row.document,
                    )  # fmt: skip
