"""Parties and persons as a projection of documents: kept up message by message, and made anew to the same.

A row is what one partner tells of one party: the best mention decides what is shown (master data before an order, then
the later one), whatever the order in which messages are heard. Decisions of people are read, never written here.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from gateway.domain.crm.parties import Decided, Names, Person, Told, is_ours, owner_of, parties_of
from gateway.store import tables as t
from gateway.store.forms import AnyRow, dump, micros, moment
from gateway.store.tables_people import crm_contact, crm_decision, crm_party, crm_party_key

PEOPLE: tuple[Table, ...] = (crm_party_key, crm_party)  # and the contacts of origin "document"
READ = ("applied", "done")  # states of a message whose document counts
_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A document that was applied."""

    message: str
    partner: str
    at: datetime
    document: Mapping[str, Any]


@dataclass(slots=True)
class _Seen:
    """What the mentions of a batch come to, for one party or person. rank: which mention is shown."""

    rank: tuple[int, int, str]
    first: tuple[int, str]
    last: tuple[int, str]
    told: Told
    roles: set[str] = field(default_factory=set)


def decided_by(connection: Connection) -> Decided:
    """Return every decision in force."""
    accepted: dict[str, str] = {}
    rejected: set[str] = set()
    by_key: dict[str, str] = {}
    merged: dict[str, str] = {}
    query = select(crm_decision).where(crm_decision.c.undone_at.is_(None)).order_by(crm_decision.c.id)
    for row in connection.execute(query):
        if row.kind == "merge":
            merged[row.gone] = row.account
        elif row.kind == "reject":
            rejected.add(row.party)
            accepted.pop(row.party, None)
        else:
            accepted[row.party] = row.account
            rejected.discard(row.party)
            by_key.update((key, row.account) for key in json.loads(row.keys))
    return Decided(accepted=accepted, rejected=frozenset(rejected), by_key=by_key, merged=merged)


class PeopleProjection:
    """Works in one transaction of the journal. names: the partners of the book."""

    def __init__(self, connection: Connection, names: Names) -> None:
        self._connection = connection
        self._names = names
        self._owners = names.owners()
        self.decided = decided_by(connection)

    def hear(self, messages: Sequence[str]) -> None:
        """Take in what the documents of these messages name."""
        for start in range(0, len(messages), _AT_ONCE):
            query = self._documents().where(t.message.c.id.in_(messages[start : start + _AT_ONCE]))
            self.take(_mention(row) for row in self._connection.execute(query).all())

    def rebuild(self) -> None:
        """Drop what documents told and read them all again. What documents told that have left the journal stays, and
        takes in the others."""
        message = t.message.c.id
        gone = crm_party.c.first_message.not_in(select(message)) | crm_party.c.last_message.not_in(select(message))
        kept = list(self._connection.execute(select(crm_party.c.id).where(gone)).scalars())
        others = crm_party_key.c.party.not_in(select(crm_party.c.id).where(gone))
        self._connection.execute(delete(crm_party_key).where(others))
        self._connection.execute(delete(crm_party).where(~gone))
        oldest = self._connection.execute(select(func.min(t.message.c.received_at))).scalar() or 0
        contact = crm_contact.c
        there = contact.message.in_(select(message)) & (contact.first_at >= oldest)
        self._connection.execute(delete(crm_contact).where(contact.origin == "document", there))
        query = self._documents().order_by(t.message.c.received_at, t.message.c.id)
        for part in self._connection.execute(query.execution_options(yield_per=2_000)).partitions():
            self.take(_mention(row) for row in part)
        for start in range(0, len(kept), _AT_ONCE):
            self.resolve(kept[start : start + _AT_ONCE])

    def resolve(self, parties: Sequence[str] | None = None) -> int:
        """Say again whose parties are, after a decision or other definitions; None: all. Return how many changed."""
        changed = 0
        query = select(crm_party.c.id, crm_party.c.data, crm_party.c.account, crm_party.c.state)
        if parties is not None:
            query = query.where(crm_party.c.id.in_(parties))
        for row in self._connection.execute(query).all():
            account, state = owner_of(told_of(row.data), self._names, self._owners, self.decided)
            if (account, state) != (row.account, row.state):
                self._settle(row.id, account, state)
                changed += 1
        return changed

    def take(self, mentions: Iterable[Mention]) -> None:
        """Add the parties of documents to what is known."""
        seen: dict[str, _Seen] = {}
        people: dict[str, _Seen] = {}
        for each in mentions:
            at = (micros(each.at), each.message)
            for told in parties_of(each.document, each.partner):
                if is_ours(told, self._names):
                    continue
                _add(seen, told.id, told, at)
                if told.person is not None:
                    _add(people, contact_id(told), told, at)
        ids = sorted(seen)
        for start in range(0, len(ids), _AT_ONCE):
            self._keep_parties({each: seen[each] for each in ids[start : start + _AT_ONCE]})
        ids = sorted(people)
        for start in range(0, len(ids), _AT_ONCE):
            self._keep_people({each: people[each] for each in ids[start : start + _AT_ONCE]})

    def _keep_parties(self, seen: Mapping[str, _Seen]) -> None:
        query = select(crm_party).where(crm_party.c.id.in_(seen))
        known = {row.id: row for row in self._connection.execute(query)}
        fresh: list[dict[str, Any]] = []
        keys: list[dict[str, str]] = []
        for name, its in seen.items():
            row = known.get(name)
            if row is None:
                fresh.append(self._party_row(name, its))
                keys += [{"key": key, "party": name} for key in sorted(set(its.told.keys()))]
                continue
            merged = _merged(row, its)
            shown = merged.told if merged.rank != _rank(row) else None
            values = self._party_row(name, merged)
            if shown is not None:
                self._connection.execute(delete(crm_party_key).where(crm_party_key.c.party == name))
                keys += [{"key": key, "party": name} for key in sorted(set(shown.keys()))]
            if any(getattr(row, column) != value for column, value in values.items()):
                self._connection.execute(update(crm_party).where(crm_party.c.id == name).values(**values))
        if fresh:
            self._connection.execute(insert(crm_party), fresh)
        if keys:
            self._connection.execute(insert(crm_party_key), keys)

    def _party_row(self, name: str, its: _Seen) -> dict[str, Any]:
        account, state = owner_of(its.told, self._names, self._owners, self.decided)
        return {
            "id": name,
            "teller": its.told.teller,
            "key": its.told.key,
            "name": its.told.name,
            "gln": its.told.gln,
            "parent": its.told.parent,
            "roles": dump(sorted(its.roles)),
            "registered": its.told.registered,
            "data": told_text(its.told, its.rank),
            "account": account,
            "state": state,
            "first_at": its.first[0],
            "last_at": its.last[0],
            "first_message": its.first[1],
            "last_message": its.last[1],
            "place": its.told.place,
        }

    def _keep_people(self, seen: Mapping[str, _Seen]) -> None:
        query = select(crm_contact).where(crm_contact.c.id.in_(seen))
        known = {row.id: row for row in self._connection.execute(query)}
        fresh: list[dict[str, Any]] = []
        for name, its in seen.items():
            row = known.get(name)
            if row is None:
                fresh.append(self._person_row(name, its))
            elif row.origin == "document":  # what a person has written stays as it is
                values = self._person_row(name, _merged_person(row, its))
                if any(getattr(row, column) != value for column, value in values.items()):
                    self._connection.execute(update(crm_contact).where(crm_contact.c.id == name).values(**values))
        if fresh:
            self._connection.execute(insert(crm_contact), fresh)

    def _person_row(self, name: str, its: _Seen) -> dict[str, Any]:
        person = its.told.person
        assert person is not None  # only those are kept
        account, _ = owner_of(its.told, self._names, self._owners, self.decided)
        return {
            "id": name,
            "account": account or its.told.teller,
            "origin": "document",
            "party": its.told.id,
            "name": person.name,
            "phone": person.phone,
            "mail": person.mail,
            "data": told_text(its.told, its.rank),
            "first_at": its.first[0],
            "last_at": its.last[0],
            "message": its.last[1],
            "actor": "gateway",
        }

    def _settle(self, party: str, account: str | None, state: str) -> None:
        self._connection.execute(update(crm_party).where(crm_party.c.id == party).values(account=account, state=state))
        teller = select(crm_party.c.teller).where(crm_party.c.id == party).scalar_subquery()
        self._connection.execute(
            update(crm_contact)
            .where(crm_contact.c.party == party, crm_contact.c.origin == "document")
            .values(account=account if account is not None else teller)
        )

    @staticmethod
    def _documents() -> Any:
        columns = t.message.c
        return select(columns.id, columns.partner, columns.received_at, columns.document).where(
            columns.state.in_(READ), columns.test.is_(False), columns.document.is_not(None)
        )


def party_of(connection: Connection, party: str) -> Told | None:
    """Return a party as it is told, None when there is none of that id."""
    text = connection.execute(select(crm_party.c.data).where(crm_party.c.id == party)).scalar()
    return None if text is None else told_of(text)


def contact_id(told: Told) -> str:
    """Return the name of a person at a party, the same whenever it is told."""
    assert told.person is not None
    return sha256(f"{told.id}|{told.person.key}".encode()).hexdigest()[:16]


def told_text(told: Told, rank: tuple[int, int, str]) -> str:
    """Return what a party is told to be as its row holds it. rank: of the document that told it."""
    data = asdict(told)
    data["identifiers"] = sorted([list(each) for each in told.identifiers])
    return dump({**{name: value for name, value in data.items() if value is not None}, "rank": list(rank)})


def told_of(text: str) -> Told:
    """Return what a party is told to be, from the text that its row holds."""
    data = json.loads(text)
    data.pop("rank", None)
    person = data.pop("person", None)
    identifiers = frozenset((str(scheme), str(value)) for scheme, value in data.pop("identifiers", ()))
    return Told(**data, identifiers=identifiers, person=Person(**person) if person else None)


def _add(seen: dict[str, _Seen], name: str, told: Told, at: tuple[int, str]) -> None:
    rank = (2 * told.registered + bool(told.name), *at)  # a bare number takes no name away
    known = seen.get(name)
    if known is None:
        seen[name] = _Seen(rank=rank, first=at, last=at, told=told, roles={told.role})
        return
    known.roles.add(told.role)
    known.first, known.last = min(known.first, at), max(known.last, at)
    if rank > known.rank:
        known.rank, known.told = rank, told


def _rank(row: AnyRow) -> tuple[int, int, str]:
    weight, at, message = json.loads(row.data)["rank"]
    return int(weight), int(at), str(message)


def _merged(row: AnyRow, its: _Seen) -> _Seen:
    rank = _rank(row)
    return _Seen(
        rank=max(rank, its.rank),
        first=min((row.first_at, row.first_message), its.first),
        last=max((row.last_at, row.last_message), its.last),
        told=its.told if its.rank > rank else told_of(row.data),
        roles=its.roles | set(json.loads(row.roles)),
    )


def _merged_person(row: AnyRow, its: _Seen) -> _Seen:
    rank = _rank(row)
    return _Seen(
        rank=max(rank, its.rank),
        first=min((row.first_at, ""), its.first),
        last=max((row.last_at, row.message), its.last),
        told=its.told if its.rank > rank else told_of(row.data),
    )


def _mention(row: AnyRow) -> Mention:
    return Mention(message=row.id, partner=row.partner, at=moment(row.received_at), document=json.loads(row.document))
