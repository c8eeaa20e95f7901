"""Persons covered in kept bytes and rows: the copy takes the place of the original, whose digest stays its name.

Nothing under a legal hold is touched, nor what is still on its way. Rows of every table that holds what partners said
are looked through; the audit is not one of them, as no person's words are written there.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Select, String, Table, Text, delete, insert, or_, select, update

from gateway.domain.crm.parties import Person
from gateway.domain.crm.privacy import covered, covered_text, patterns, spellings, usable
from gateway.ports.retention import LegalHold
from gateway.store import tables as t
from gateway.store.crm_outbox import forget_contacts
from gateway.store.crm_people import told_of, told_text
from gateway.store.forms import micros, moment
from gateway.store.tables_crm import crm_act, crm_case
from gateway.store.tables_people import crm_contact, crm_party, crm_party_key, redaction
from gateway.store.view_reading import contains

PARCEL_THROUGH = ("acked", "accepted", "refused", "parked", "expired")
MESSAGE_THROUGH = ("applied", "done", "parked", "quarantined")
_AT_ONCE = 300
_OWNERS = ("partner", "account", "teller")  # columns that say whose a row is
_LEFT_ALONE = frozenset(
    (
        "audit", "definition", "payload", "redaction", "crm_erasure", "crm_word", "crm_processor", "crm_person_term",
        "crm_rule", "legal_hold", "crm_party", "crm_contact", "crm_party_key",
    )
)  # fmt: skip
_SHORT = 60  # a column of fewer characters holds codes and ids


@dataclass(slots=True)
class Scope:
    """Where a person is looked for. partners: whose records; held: messages and parcels that stay as they are.

    only: one message, with its arrival, its effects and the parcels that it caused; None: all records.
    """

    partners: tuple[str, ...]
    forms: list[str]
    erasure: str
    now: datetime
    read: Callable[[str], bytes]  # bytes of a large payload, by digest
    only: str | None = None
    held: set[str] = field(default_factory=set)
    payloads: int = 0
    rows: int = 0
    blobs: list[str] = field(default_factory=list)  # large payloads that are kept no more


def forms_of(connection: Connection, person: Person, partners: Collection[str]) -> list[str]:
    """Return every spelling of a person in the documents of these partners, and the ones on record."""
    found = {each for each in (person.name, person.phone, person.mail) if each}
    seeds = [each for each in (person.name, person.mail) if each] or [str(person.phone)]
    conditions = [t.message.c.document.ilike(_like(each), escape="\\") for each in seeds]
    query = select(t.message.c.document).where(t.message.c.partner.in_(partners), or_(*conditions))
    for (document,) in connection.execute(query.execution_options(yield_per=500)):
        found |= spellings(json.loads(document), person)
    return usable(found)


def _like(text: str) -> str:
    return contains(json.dumps(text, ensure_ascii=False)[1:-1])


def cover(connection: Connection, scope: Scope, holds: Sequence[LegalHold]) -> None:
    """Cover the forms of scope in payloads and rows of its partners."""
    for digest, keepers in _payloads_with(connection, scope):
        if any(_is_held(holds, each) or not each["through"] for each in keepers):
            scope.held.update(each["id"] for each in keepers)
            scope.held.update(_inside(connection, [each["id"] for each in keepers]))
            continue
        _cover_payload(connection, scope, digest, keepers)
    scope.held.update(_held_by_rows(connection, scope, holds))
    for table in t.metadata.sorted_tables:
        if table.name not in _LEFT_ALONE:
            _cover_rows(connection, scope, table)


# --- bytes ------------------------------------------------------------------------------------------------------------


def _keepers(connection: Connection, digests: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Return what refers to payloads, of any partner: digest -> arrivals and parcels."""
    found: dict[str, list[dict[str, Any]]] = {}
    a, p = t.arrival.c, t.parcel.c
    arrivals = select(a.id, a.partner, a.sha256, a.received_at, a.state, a.evidence)
    for row in connection.execute(arrivals.where(a.sha256.in_(digests))):
        found.setdefault(row.sha256, []).append(
            {
                "id": row.id, "partner": row.partner, "types": set(), "at": moment(row.received_at),
                "through": row.state not in ("received", "retry"), "raw": json.loads(row.evidence).get("raw_sha256"),
            }
        )  # fmt: skip
    parcels = select(p.id, p.partner, p.sha256, p.created_at, p.state, p.document_type, p.cause, p.wrapped_sha256)
    for sent in connection.execute(parcels.where(p.sha256.in_(digests))):
        found.setdefault(sent.sha256, []).append(
            {
                "id": sent.id, "partner": sent.partner, "types": {sent.document_type}, "at": moment(sent.created_at),
                "through": sent.state in PARCEL_THROUGH, "cause": sent.cause, "raw": sent.wrapped_sha256,
                "parcel": True,
            }
        )  # fmt: skip
    return found


def _payloads_with(connection: Connection, scope: Scope) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the payloads of the partners in which a form stands, with what refers to them."""
    needles = patterns(scope.forms)
    a, p, kept = t.arrival.c, t.parcel.c, t.payload.c
    whose = (
        select(a.sha256)
        .where(a.partner.in_(scope.partners))
        .union(select(p.sha256).where(p.partner.in_(scope.partners)))
    )
    if scope.only is not None:
        inside = select(t.message.c.arrival).where(t.message.c.id == scope.only)
        whose = select(a.sha256).where(a.id.in_(inside)).union(select(p.sha256).where(p.cause == scope.only))
    digests = sorted(connection.execute(whose).scalars())
    for start in range(0, len(digests), _AT_ONCE):
        part = digests[start : start + _AT_ONCE]
        hit = []
        for row in connection.execute(select(kept.sha256, kept.data).where(kept.sha256.in_(part))):
            data = (bytes(row.data) if row.data is not None else scope.read(row.sha256)).lower()
            if any(needle.lower() in data for needle in needles):
                hit.append(row.sha256)
        if not hit:
            continue
        keepers = _keepers(connection, hit)
        for each in keepers.values():
            _add_types(connection, each)
        yield from ((digest, keepers.get(digest, [])) for digest in hit)


def _add_types(connection: Connection, keepers: list[dict[str, Any]]) -> None:
    for each in keepers:
        if each.get("parcel"):
            continue
        query = select(t.message.c.id, t.message.c.type, t.message.c.document_type, t.message.c.state)
        inside = connection.execute(query.where(t.message.c.arrival == each["id"])).all()
        each["messages"] = [row.id for row in inside]
        each["types"] |= {row.type for row in inside} | {row.document_type for row in inside}
        each["through"] = each["through"] and all(row.state in MESSAGE_THROUGH for row in inside)


def _is_held(holds: Sequence[LegalHold], keeper: Mapping[str, Any]) -> bool:
    subjects = {keeper["id"], keeper.get("cause"), *keeper.get("messages", ())}
    return any(
        hold.released_at is None
        and hold.partner in (None, keeper["partner"])
        and (hold.type is None or hold.type in keeper["types"])
        and (hold.subject is None or hold.subject in subjects)
        and (hold.since is None or keeper["at"] >= hold.since)
        and (hold.until is None or keeper["at"] < hold.until)
        for hold in holds
    )


def _inside(connection: Connection, arrivals: Sequence[str]) -> list[str]:
    return list(connection.execute(select(t.message.c.id).where(t.message.c.arrival.in_(arrivals))).scalars())


def _cover_payload(connection: Connection, scope: Scope, digest: str, keepers: Sequence[Mapping[str, Any]]) -> None:
    row = connection.execute(select(t.payload).where(t.payload.c.sha256 == digest)).one()
    data = bytes(row.data) if row.data is not None else scope.read(digest)
    made = covered(data, scope.forms)
    if not made.hits:
        return
    if row.data is None:
        scope.blobs.append(digest)
    _replace(connection, scope, digest, made.data)
    for each in keepers:
        if each.get("parcel"):  # what went over the wire holds the same words, signed or sealed
            connection.execute(update(t.parcel).where(t.parcel.c.id == each["id"]).values(wrapped_body=None))
        if each.get("raw"):
            large = connection.execute(select(t.payload.c.data).where(t.payload.c.sha256 == each["raw"])).one_or_none()
            if large is not None and each["raw"] != digest:
                if large.data is None:
                    scope.blobs.append(each["raw"])
                _replace(connection, scope, each["raw"], b"")


def _replace(connection: Connection, scope: Scope, digest: str, data: bytes) -> None:
    connection.execute(update(t.payload).where(t.payload.c.sha256 == digest).values(data=data, size_bytes=len(data)))
    known = select(redaction.c.id).where(redaction.c.sha256 == digest, redaction.c.erasure == scope.erasure)
    if connection.execute(known).first() is None:
        row = {
            "sha256": digest,
            "redacted_sha256": sha256(data).hexdigest(),
            "erasure": scope.erasure,
            "at": micros(scope.now),
        }
        connection.execute(insert(redaction), [row])
    scope.payloads += 1


# --- rows -------------------------------------------------------------------------------------------------------------


def _held_by_rows(connection: Connection, scope: Scope, holds: Sequence[LegalHold]) -> set[str]:
    """Return the messages and parcels of the partners that a hold keeps, as far as they name the person."""
    if not any(hold.released_at is None for hold in holds):
        return set()
    found: set[str] = set()
    m, p = t.message.c, t.parcel.c
    for query in (
        select(m.id, m.partner, m.type, m.document_type, m.arrival.label("cause"), m.received_at.label("at")).where(
            m.partner.in_(scope.partners), _names(m.document, scope.forms)
        ),
        select(p.id, p.partner, p.mapping.label("type"), p.document_type, p.cause, p.created_at.label("at")).where(
            p.partner.in_(scope.partners), _names(p.document, scope.forms)
        ),
    ):
        for row in connection.execute(query):
            keeper = {
                "id": row.id, "partner": row.partner, "types": {row.type, row.document_type}, "cause": row.cause,
                "at": moment(row.at),
            }  # fmt: skip
            if _is_held(holds, keeper):
                found.add(row.id)
    return found


def _names(column: Any, forms: Iterable[str]) -> Any:
    return or_(*(column.ilike(_like(each), escape="\\") for each in forms))


def _cover_rows(connection: Connection, scope: Scope, table: Table) -> None:
    """Cover the forms in every wide text of the partners' rows of a table."""
    keys = list(table.primary_key.columns)
    wide = [
        each
        for each in table.columns
        if isinstance(each.type, String)
        and (isinstance(each.type, Text) or (each.type.length or 0) > _SHORT)
        and not each.primary_key
        and each.name not in (*_OWNERS, "id", "message", "arrival", "sha256")
    ]
    query = _whose(table, scope)
    if not wide or not keys or query is None:
        return
    columns = [*keys, *(each for each in wide if each not in keys)]
    subject = next((table.c[each] for each in ("message", "last_message", "subject") if each in table.c), None)
    found = query.with_only_columns(*columns, *([subject] if subject is not None else []))
    rows = connection.execute(found.where(or_(*(_names(each, scope.forms) for each in wide)))).mappings().all()
    for row in rows:
        if {str(row[key.name]) for key in keys} & scope.held or (
            subject is not None and row[subject.name] in scope.held
        ):
            continue
        values = {}
        for each in wide:
            text = row[each.name]
            after = covered_text(text, scope.forms) if isinstance(text, str) else text
            if after != text:
                values[each.name] = after
        if values:
            connection.execute(update(table).where(*(key == row[key.name] for key in keys)).values(**values))
            scope.rows += 1


def _whose(table: Table, scope: Scope) -> Select[Any] | None:
    """Return the rows of the partners, None for a table that holds nothing of partners."""
    if scope.only is not None:
        names = (
            {"message": table.c.id} if table is t.message else {"parcel": table.c.cause} if table is t.parcel else {}
        )
        column = next(iter(names.values()), table.c.get("message"))
        return None if column is None else select(table).where(column == scope.only)
    for name in _OWNERS:
        if name in table.c:
            return select(table).where(table.c[name].in_(scope.partners))
    if table is crm_act:  # what people wrote at a case
        cases = select(crm_case.c.id).where(crm_case.c.account.in_(scope.partners))
        return select(table).where(table.c.case.in_(cases))
    messages = select(t.message.c.id).where(t.message.c.partner.in_(scope.partners))
    if "message" in table.c:
        return select(table).where(table.c.message.in_(messages))
    if table is t.event:
        parcels = select(t.parcel.c.id).where(t.parcel.c.partner.in_(scope.partners))
        return select(table).where(or_(table.c.subject.in_(messages), table.c.subject.in_(parcels)))
    return None


def forget_person(connection: Connection, person: Person, contact: str, partners: Sequence[str]) -> int:
    """Take a person out of the register: contacts and parties that name it. Return how many rows changed."""
    same = [crm_contact.c.id == contact]
    if person.mail:
        same.append(crm_contact.c.mail == person.mail)
    if person.name:
        same.append(crm_contact.c.name == person.name)
    mine = crm_contact.c.account.in_(partners) & or_(*same)
    forget_contacts(connection, list(connection.execute(select(crm_contact.c.id).where(mine)).scalars()))
    rows = connection.execute(delete(crm_contact).where(mine)).rowcount
    columns = crm_party.c
    query = select(columns.id, columns.data).where(
        or_(columns.account.in_(partners), columns.teller.in_(partners)), columns.data.like('%"person":%')
    )
    for row in connection.execute(query).all():
        told = told_of(row.data)
        known = told.person
        if known is None or not (
            (person.mail and known.mail == person.mail) or (person.name and known.name == person.name)
        ):
            continue
        weight, at, message = json.loads(row.data)["rank"]
        left = replace(told, person=None)
        values = {"data": told_text(left, (int(weight), int(at), str(message)))}
        connection.execute(update(crm_party).where(columns.id == row.id).values(**values))
        connection.execute(delete(crm_party_key).where(crm_party_key.c.party == row.id))
        keys = [{"key": key, "party": row.id} for key in sorted(set(left.keys()))]
        if keys:
            connection.execute(insert(crm_party_key), keys)
        rows += 1
    return rows


def documents_naming(
    connection: Connection, forms: Sequence[str], partners: Sequence[str], limit: int = 1_000
) -> list[dict[str, Any]]:
    """Return the messages and parcels whose documents name a person, the latest first. limit: of each way."""
    found: list[dict[str, Any]] = []
    m, p = t.message.c, t.parcel.c
    for kind, query in (
        (
            "received",
            select(m.id, m.partner, m.document_type, m.business_number, m.received_at.label("at"), m.document).where(
                m.partner.in_(partners), _names(m.document, forms)
            ),
        ),
        (
            "sent",
            select(p.id, p.partner, p.document_type, p.business_number, p.created_at.label("at"), p.document).where(
                p.partner.in_(partners), _names(p.document, forms)
            ),
        ),
    ):
        for row in connection.execute(query.limit(limit)):
            if covered_text(row.document, forms) != row.document:
                found.append(
                    {
                        "way": kind, "id": row.id, "partner": row.partner, "documentType": row.document_type,
                        "number": row.business_number, "at": moment(row.at).isoformat(),
                    }
                )  # fmt: skip
    return sorted(found, key=lambda each: (each["at"], each["id"]), reverse=True)[:limit]
