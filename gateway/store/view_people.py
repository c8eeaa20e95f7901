"""Accounts and persons as they are read: candidates, sites, contacts, plans, what is open, and what stands behind a
number. An account that others have become a part of is read with all of them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Connection, Engine, func, or_, select, text

from gateway.domain.crm.contacts import Profile
from gateway.domain.crm.evidence import ASKED, INVOICES, MESSAGES, facts_behind, kinds_with
from gateway.domain.crm.identity import Candidate, Known, Register
from gateway.domain.crm.interactions import Interaction
from gateway.domain.crm.parties import Decided, Names
from gateway.domain.crm.tasks import Task
from gateway.store import crm_people_records as records
from gateway.store import tables as t
from gateway.store.crm_people import decided_by, told_of
from gateway.store.crm_rows import event_of
from gateway.store.forms import AnyRow, micros, moment, units
from gateway.store.tables_crm import crm_event, crm_metric
from gateway.store.tables_crm_selling import crm_answer
from gateway.store.tables_people import (
    PARTY_OPEN,
    TASK_OPEN,
    crm_contact,
    crm_decision,
    crm_interaction,
    crm_party,
    crm_party_key,
    crm_profile,
    crm_task,
)
from gateway.store.view_people_rows import (
    AccountSheet,
    CandidateView,
    ContactView,
    DecisionView,
    NumberDocument,
    NumberView,
    OpenDelivery,
    OpenInvoice,
    OpenOrder,
    OpenWork,
    PartyView,
    SiteView,
    TimelineEntry,
    TwinView,
)
from gateway.store.view_reading import contains

_NEAR = 300  # parties with a key in common that are looked at
_TREE_DEPTH = 8
_DECISIONS = select(crm_decision, crm_party.c.name).outerjoin(crm_party, crm_party.c.id == crm_decision.c.party)
_DONE_LINES = ("received", "rejected", "cancelled", "delivered", "closed")


class PeopleViews:
    """Accounts and persons as they are read."""

    _engine: Engine

    # --- accounts ---

    def crm_members(self, account: str) -> tuple[str, ...]:
        """Return the account with all that have become a part of it."""
        with self._engine.connect() as connection:
            return _members(decided_by(connection), account)

    def crm_profiles(self, owner: str | None = None) -> tuple[Profile, ...]:
        """Return what people say of accounts, by name. owner: only those that are theirs or shared with them."""
        with self._engine.connect() as connection:
            found = [records.profile_of(row) for row in connection.execute(select(crm_profile))]
            gone = decided_by(connection).merged
        kept = [each for each in found if each.account not in gone]
        mine = [each for each in kept if owner is None or owner == each.owner or owner in each.shared]
        return tuple(sorted(mine, key=lambda each: (each.name.casefold(), each.account)))

    def crm_sheet(self, account: str) -> AccountSheet:
        """Return what people say of an account, its sites as a tree, and the decisions about it."""
        with self._engine.connect() as connection:
            decided = decided_by(connection)
            members = _members(decided, account)
            rows = connection.execute(
                select(crm_party).where(crm_party.c.account == account).order_by(crm_party.c.name, crm_party.c.id)
            ).all()
            told = connection.execute(
                _DECISIONS.where(or_(crm_decision.c.account.in_(members), crm_decision.c.gone.in_(members)))
                .order_by(crm_decision.c.id.desc())
                .limit(50)
            ).all()
            found = records.profile(connection, account)
        parties = [_party(row) for row in rows]
        after = decided.now(account)
        identifiers = {pair for each in parties for pair in each.identifiers if not pair[0].startswith("wrong-")}
        return AccountSheet(
            id=account,
            profile=found,
            merged_into=None if after == account else after,
            members=members,
            sites=tree(parties),
            identifiers=tuple(sorted(identifiers)),
            decisions=tuple(_decision(row) for row in told),
        )

    # --- candidates ---

    def crm_candidates(self, names: Names, offset: int = 0, limit: int = 25) -> tuple[CandidateView, ...]:
        """Return parties that nobody knows yet, the latest told first, with who they may be."""
        with self._engine.connect() as connection:
            query = (
                select(crm_party)
                .where(text(PARTY_OPEN))
                .order_by(crm_party.c.last_at.desc(), crm_party.c.id)
                .offset(offset)
                .limit(limit)
            )
            rows = connection.execute(query).all()
            return _suggested(connection, rows, names) if rows else ()

    def crm_candidate_count(self) -> int:
        """Return how many parties nobody knows yet."""
        with self._engine.connect() as connection:
            query = select(func.count()).select_from(crm_party).where(text(PARTY_OPEN))
            return int(connection.execute(query).scalar_one())

    def crm_party(self, party: str, names: Names) -> CandidateView | None:
        """Return one party with who it may be, None when there is none of that id."""
        with self._engine.connect() as connection:
            row = connection.execute(select(crm_party).where(crm_party.c.id == party)).one_or_none()
            return None if row is None else _suggested(connection, [row], names)[0]

    def crm_twins(self, names: Names) -> tuple[TwinView, ...]:
        """Return pairs of accounts that may be one company, the likeliest first."""
        with self._engine.connect() as connection:
            decided = decided_by(connection)
            known = _accounts(connection, names, decided)
        register = Register()
        for company in known.values():
            register.add(company)
        pairs = {
            (min(name, each.account), max(name, each.account)): each
            for name, company in known.items()
            for each in register.candidates(company, 3)
        }
        found = [
            TwinView(one=one, other=other, points=each.points, reasons=each.reasons)
            for (one, other), each in pairs.items()
        ]
        return tuple(sorted(found, key=lambda pair: (-pair.points, pair.one, pair.other))[:50])

    def crm_decisions(self, limit: int = 50) -> tuple[DecisionView, ...]:
        """Return decisions, the latest first, those taken back too."""
        with self._engine.connect() as connection:
            query = _DECISIONS.order_by(crm_decision.c.id.desc()).limit(limit)
            return tuple(_decision(row) for row in connection.execute(query))

    # --- persons, talks, plans ---

    def crm_contacts(
        self, *, account: str | None = None, text_part: str | None = None, group: str | None = None, limit: int = 200
    ) -> tuple[ContactView, ...]:
        """Return persons by name. text_part: of name, address or number; group: only those in it."""
        query = select(crm_contact).order_by(func.lower(crm_contact.c.name), crm_contact.c.id)
        with self._engine.connect() as connection:
            if account is not None:
                query = query.where(crm_contact.c.account.in_(_members(decided_by(connection), account)))
            if text_part:
                pattern = contains(text_part.lower())
                columns = (crm_contact.c.name, crm_contact.c.mail, crm_contact.c.phone)
                query = query.where(or_(*(func.lower(each).like(pattern, escape="\\") for each in columns)))
            if group is None:
                return tuple(_contact(row) for row in connection.execute(query.limit(limit)))
            found = (_contact(row) for row in connection.execute(query.where(crm_contact.c.origin == "person")))
            return tuple(each for each in found if group in each.contact.groups)[:limit]

    def crm_contact(self, contact: str) -> ContactView | None:
        """Return a person, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(crm_contact).where(crm_contact.c.id == contact)).one_or_none()
            return None if row is None else _contact(row)

    def crm_groups(self) -> Mapping[str, int]:
        """Return the groups that contacts are in, with how many."""
        counts: dict[str, int] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(select(crm_contact).where(crm_contact.c.origin == "person")):
                for group in records.contact_of(row).groups:
                    counts[group] = counts.get(group, 0) + 1
        return dict(sorted(counts.items()))

    def crm_words(self) -> records.Words:
        with self._engine.connect() as connection:
            return records.words_in(connection)

    def crm_interactions(
        self, *, account: str | None = None, contact: str | None = None, limit: int = 100
    ) -> tuple[Interaction, ...]:
        """Return talks, the latest first."""
        query = select(crm_interaction).order_by(crm_interaction.c.at.desc(), crm_interaction.c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            if account is not None:
                query = query.where(crm_interaction.c.account.in_(_members(decided_by(connection), account)))
            if contact is not None:
                query = query.where(crm_interaction.c.contact == contact)
            return tuple(records.interaction_of(row) for row in connection.execute(query))

    def crm_tasks(
        self, *, owner: str | None = None, account: str | None = None, done: bool = False, limit: int = 500
    ) -> tuple[Task, ...]:
        """Return plans, the first that is due first. done: those that are done too."""
        query = select(crm_task).order_by(crm_task.c.due_at, crm_task.c.id).limit(limit)
        if owner is not None:
            query = query.where(crm_task.c.owner == owner)
        if not done:
            query = query.where(text(TASK_OPEN))
        with self._engine.connect() as connection:
            if account is not None:
                query = query.where(crm_task.c.account.in_(_members(decided_by(connection), account)))
            return tuple(records.task_of(row) for row in connection.execute(query))

    def crm_reminders(self, after: datetime, until: datetime) -> tuple[Task, ...]:
        """Return the plans not done whose reminder is due later than after and not later than until."""
        columns = crm_task.c
        query = select(crm_task).where(
            text(TASK_OPEN), columns.remind_at > micros(after), columns.remind_at <= micros(until)
        )
        with self._engine.connect() as connection:
            return tuple(records.task_of(row) for row in connection.execute(query.order_by(columns.remind_at)))

    def crm_task(self, task: str) -> Task | None:
        with self._engine.connect() as connection:
            return records.task(connection, task)

    # --- what happened, what is open ---

    def account_timeline(self, account: str, until: datetime, limit: int = 40) -> tuple[TimelineEntry, ...]:
        """Return documents, talks and plans done up to an instant in one row, the latest first."""
        with self._engine.connect() as connection:
            members = _members(decided_by(connection), account)
            at = micros(until)
            events = connection.execute(
                select(crm_event)
                .where(crm_event.c.account == account, crm_event.c.at <= at)
                .order_by(crm_event.c.at.desc(), crm_event.c.id.desc())
                .limit(limit)
            ).all()
            talks = connection.execute(
                select(crm_interaction)
                .where(crm_interaction.c.account.in_(members), crm_interaction.c.at <= at)
                .order_by(crm_interaction.c.at.desc())
                .limit(limit)
            ).all()
            plans = connection.execute(
                select(crm_task)
                .where(crm_task.c.account.in_(members), crm_task.c.done_at <= at)
                .order_by(crm_task.c.done_at.desc())
                .limit(limit)
            ).all()
        found = [_entry_of_event(row) for row in events]
        found += [_entry_of_talk(records.interaction_of(row)) for row in talks]
        found += [_entry_of_task(records.task_of(row)) for row in plans]
        return tuple(sorted(found, key=lambda each: (each.at, each.id), reverse=True)[:limit])

    def account_open(self, account: str, today: date, limit: int = 100) -> OpenWork:
        """Return the orders, deliveries and invoices of an account that are not through."""
        with self._engine.connect() as connection:
            members = _members(decided_by(connection), account)
            orders = _open_orders(connection, members, limit + 1)
            deliveries = connection.execute(
                select(t.shipment)
                .where(t.shipment.c.partner.in_(members), t.shipment.c.status == "despatched")
                .order_by(t.shipment.c.updated_at.desc())
                .limit(limit + 1)
            ).all()
            invoices = connection.execute(
                select(t.invoice)
                .where(t.invoice.c.partner.in_(members), text(f"invoice.{t.INVOICE_OPEN}"))
                .order_by(t.invoice.c.due_on, t.invoice.c.number)
                .limit(limit + 1)
            ).all()
        more = max(len(orders), len(deliveries), len(invoices)) > limit
        return OpenWork(
            orders=tuple(orders[:limit]),
            deliveries=tuple(_delivery(row) for row in deliveries[:limit]),
            invoices=tuple(_invoice(row, today) for row in invoices[:limit]),
            more=more,
        )

    def account_number(self, account: str, name: str, limit: int = 500) -> NumberView | None:
        """Return the documents behind a number of the account page, None for a number that there is not."""
        with self._engine.connect() as connection:
            members = _members(decided_by(connection), account)
            if name in INVOICES:
                found = _of_invoices(connection, members, limit + 1)
                return NumberView(name=name, rests_on=(), documents=tuple(found[:limit]), more=len(found) > limit)
            if name in MESSAGES:
                found = _of_messages(connection, members, limit + 1)
                return NumberView(name=name, rests_on=(), documents=tuple(found[:limit]), more=len(found) > limit)
            if name in ASKED:
                told = _of_answers(connection, account, name, limit + 1)
                return NumberView(name=name, rests_on=(), documents=tuple(told[:limit]), more=len(told) > limit)
            parts = connection.execute(
                select(crm_metric.c.parts).where(crm_metric.c.account == account, crm_metric.c.name == name)
            ).scalar()
            facts = facts_behind(name, json.loads(parts) if parts else ())
            if not facts and parts is None:
                return None
            found = _of_events(connection, account, facts, limit + 1)
            return NumberView(name=name, rests_on=facts, documents=tuple(found[:limit]), more=len(found) > limit)


# --- pieces -----------------------------------------------------------------------------------------------------------


def _members(decided: Decided, account: str) -> tuple[str, ...]:
    return (account, *sorted(each for each in decided.merged if decided.now(each) == account))


def _accounts(connection: Connection, names: Names, decided: Decided) -> dict[str, Known]:
    """Return every account that is one of its own, from the book and from what people have made."""
    found = {name: each for name, each in names.accounts.items() if decided.now(name) == name}
    for row in connection.execute(select(crm_profile.c.account, crm_profile.c.name)):
        if row.account not in found and decided.now(row.account) == row.account:
            found[row.account] = Known(account=row.account, name=row.name)
    return found


def _suggested(connection: Connection, rows: Sequence[AnyRow], names: Names) -> tuple[CandidateView, ...]:
    decided = decided_by(connection)
    known = _accounts(connection, names, decided)
    register = Register()
    for company in known.values():
        register.add(company)
    made = []
    for row in rows:
        told = told_of(row.data)
        near = Register()
        for other in _near(connection, row.id):
            near.add(told_of(other.data).known(other.account))
        best: dict[str, Candidate] = {}
        for each in (*register.candidates(told.known()), *near.candidates(told.known())):
            if each.account not in best or best[each.account].points < each.points:
                best[each.account] = each
        found = sorted(best.values(), key=lambda each: (-each.points, each.account))[:5]
        labels = {each.account: known[each.account].name for each in found if each.account in known}
        made.append(CandidateView(party=_party(row), suggestions=tuple(found), names=labels))
    return tuple(made)


def _near(connection: Connection, party: str) -> list[AnyRow]:
    """Return parties that belong to somebody and have a key in common with one: the memory of names and places."""
    keys = select(crm_party_key.c.key).where(crm_party_key.c.party == party)
    ids = select(crm_party_key.c.party).where(crm_party_key.c.key.in_(keys), crm_party_key.c.party != party)
    query = select(crm_party).where(crm_party.c.id.in_(ids), crm_party.c.account.is_not(None))
    return list(connection.execute(query.order_by(crm_party.c.id).limit(_NEAR)))


def _party(row: AnyRow) -> PartyView:
    told = told_of(row.data)
    address = tuple(
        each for each in (told.street, told.postcode, told.city, told.region, told.country) if each is not None
    )
    return PartyView(
        id=row.id,
        teller=row.teller,
        name=row.name,
        gln=row.gln,
        parent=row.parent,
        roles=tuple(json.loads(row.roles)),
        state=row.state,
        account=row.account,
        identifiers=tuple(sorted(told.identifiers)),
        address=address,
        registration=told.registration,
        first_at=moment(row.first_at),
        last_at=moment(row.last_at),
        first_message=row.first_message,
        last_message=row.last_message,
        place=row.place,
    )


def tree(parties: Sequence[PartyView]) -> tuple[SiteView, ...]:
    """Return parties as a tree by the GLN above each, roots first by name. One that stands above itself is a root."""
    by_gln = {each.gln: each for each in reversed(parties) if each.gln}
    below: dict[str, list[PartyView]] = {}
    roots = []
    for each in parties:
        above = by_gln.get(each.parent) if each.parent else None
        if above is None or above.id == each.id:
            roots.append(each)
        else:
            below.setdefault(above.id, []).append(each)
    found: list[SiteView] = []
    seen: set[str] = set()

    waiting = [(each, 0) for each in (*roots, *parties)][::-1]  # a ring of parents has no root: its members come last
    while waiting:
        each, depth = waiting.pop()
        if each.id in seen:
            continue
        seen.add(each.id)
        found.append(SiteView(party=each, depth=min(depth, _TREE_DEPTH)))
        waiting += [(child, depth + 1) for child in reversed(below.get(each.id, ()))]
    return tuple(found)


def _contact(row: AnyRow) -> ContactView:
    return ContactView(
        contact=records.contact_of(row),
        first_at=moment(row.first_at),
        last_at=moment(row.last_at),
        message=row.message,
        party=row.party,
    )


def _decision(row: AnyRow) -> DecisionView:
    return DecisionView(
        id=row.id,
        kind=row.kind,
        party=row.party,
        account=row.account,
        gone=row.gone,
        reason=row.reason,
        actor=row.actor,
        at=moment(row.at),
        undone_at=None if row.undone_at is None else moment(row.undone_at),
        undone_by=row.undone_by,
        name=row.name or "",
    )


def _entry_of_event(row: AnyRow) -> TimelineEntry:
    event = event_of(row)
    figures = ", ".join(f"{name} {value}" for name, value in event.facts.items() if isinstance(value, Decimal))
    return TimelineEntry(
        what="event",
        at=event.at,
        kind=event.kind,
        title=event.subject,
        text=figures,
        message=event.message,
        id=event.id,
    )


def _entry_of_talk(talk: Interaction) -> TimelineEntry:
    return TimelineEntry(
        what="interaction",
        at=talk.at,
        kind=talk.kind,
        title=talk.subject,
        text=talk.text,
        message=talk.message,
        id=talk.id,
        actor=talk.actor,
    )


def _entry_of_task(task: Task) -> TimelineEntry:
    assert task.done_at is not None  # only those are asked for
    return TimelineEntry(
        what="task", at=task.done_at, kind=task.kind, title=task.title, text=task.result or "", id=task.id,
        actor=task.owner,
    )  # fmt: skip


def _open_orders(connection: Connection, members: Iterable[str], limit: int) -> list[OpenOrder]:
    line, order = t.order_line.c, t.business_order.c
    left = line.ordered - func.max(line.despatched, line.received)
    if connection.dialect.name == "postgresql":
        left = line.ordered - func.greatest(line.despatched, line.received)
    query = (
        select(
            order.side, order.partner, order.number, order.status, order.ordered_on, order.message,
            func.count().label("lines"), func.sum(left).label("left"), func.min(line.promised).label("due_on"),
        )
        .join(
            t.order_line,
            (line.side == order.side) & (line.partner == order.partner) & (line.order_number == order.number),
        )
        .where(order.partner.in_(list(members)), line.status.not_in(_DONE_LINES), left > 0)
        .group_by(order.side, order.partner, order.number, order.status, order.ordered_on, order.message)
        .order_by(order.ordered_on.desc(), order.number)
        .limit(limit)
    )  # fmt: skip
    return [
        OpenOrder(
            side=row.side,
            partner=row.partner,
            number=row.number,
            status=row.status,
            ordered_on=row.ordered_on,
            lines=row.lines,
            units=str(units(int(row.left))),
            due_on=row.due_on,
            message=row.message,
        )
        for row in connection.execute(query)
    ]


def _delivery(row: AnyRow) -> OpenDelivery:
    return OpenDelivery(
        side=row.side,
        partner=row.partner,
        number=row.number,
        order_number=row.order_number,
        status=row.status,
        despatched_at=row.despatched_at,
        message=row.message,
    )


def _invoice(row: AnyRow, today: date) -> OpenInvoice:
    due = date.fromisoformat(row.due_on) if row.due_on else None
    return OpenInvoice(
        side=row.side,
        partner=row.partner,
        number=row.number,
        kind=row.kind,
        status=row.status,
        due_on=row.due_on,
        open=row.open,
        currency=row.currency,
        overdue_days=max(0, (today - due).days) if due else 0,
        message=row.message,
    )


def _of_events(connection: Connection, account: str, facts: Sequence[str], limit: int) -> list[NumberDocument]:
    columns = crm_event.c
    query = select(crm_event).where(columns.account == account, columns.message.is_not(None))
    if facts:  # none: a measure of everything that came
        query = query.where(columns.kind.in_(kinds_with(facts)))
        query = query.where(or_(*(columns.facts.like(f'%"{each}":%') for each in facts)))
    found = []
    for row in connection.execute(query.order_by(columns.at.desc(), columns.id.desc()).limit(limit)):
        event = event_of(row)
        told = [f"{event.facts[each]}" for each in facts if each in event.facts]
        found.append(
            NumberDocument(
                at=event.at,
                kind=event.kind,
                subject=event.subject,
                value=" / ".join(told) or None,
                message=event.message,
                account=account,
            )
        )
    return found


def _of_answers(connection: Connection, account: str, name: str, limit: int) -> list[NumberDocument]:
    """Return what was answered to the form that a measure rests on; an answer by link has no document."""
    columns = crm_answer.c
    form = {"satisfaction": "csat", "recommendation": "nps"}.get(name, "value")
    query = select(crm_answer).where(columns.account == account, columns.form == form, columns.score.is_not(None))
    return [
        NumberDocument(
            at=moment(row.at), kind="answer", subject=row.survey, value=str(row.score), message=None, account=account
        )
        for row in connection.execute(query.order_by(columns.at.desc(), columns.id.desc()).limit(limit))
    ]


def _of_invoices(connection: Connection, members: Sequence[str], limit: int) -> list[NumberDocument]:
    columns = t.invoice.c
    query = (
        select(t.invoice)
        .where(columns.partner.in_(members), columns.side == "sale")
        .order_by(columns.issued_on.desc(), columns.number)
        .limit(limit)
    )
    return [
        NumberDocument(
            at=moment(row.updated_at),
            kind=f"invoice-{row.status}",
            subject=row.number,
            value=f"{row.open} {row.currency}",
            message=row.message,
            account=row.partner,
        )
        for row in connection.execute(query)
    ]


def _of_messages(connection: Connection, members: Sequence[str], limit: int) -> list[NumberDocument]:
    columns = t.message.c
    query = (
        select(t.message)
        .where(columns.partner.in_(members))
        .order_by(columns.state.in_(("parked", "quarantined")).desc(), columns.received_at.desc())
        .limit(limit)
    )
    return [
        NumberDocument(
            at=moment(row.received_at),
            kind=row.document_type or row.type,
            subject=row.business_number or row.reference or row.id,
            value=row.state,
            message=row.id,
            account=row.partner,
        )
        for row in connection.execute(query)
    ]
