"""Registers, surveys and the outbox of connectors as they are read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, String, cast, func, or_, select

from gateway.domain.crm.audit import Element, elements_in_force
from gateway.store import tables as t
from gateway.store.crm_answers import AnswerView, Invitation, answer_view, asked_counts, invitation_of
from gateway.store.crm_entries import Entry, entries_of, entry_of, read_entry, read_settings
from gateway.store.forms import micros, moment
from gateway.store.tables_crm import crm_metric
from gateway.store.tables_crm_selling import crm_answer, crm_entry, crm_invitation, crm_outbox, crm_told
from gateway.store.view_reading import contains

MOST = 500
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryChange:
    """A line of an entry's history. before, after: the entry in words, None where there was none."""

    at: datetime
    user: str
    action: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """An entry with its history, the latest change first."""

    entry: Entry
    history: tuple[EntryChange, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedView:
    """Whom a survey was sent to. account: who; asked, answered: how many links."""

    survey: str
    account: str
    asked: int
    answered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxLine:
    """One change of one record for one external system, with what became of it."""

    id: int
    connector: str
    object: str
    key: str
    change: str
    event: str
    state: str
    attempts: int
    result: str
    created_at: datetime
    next_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorView:
    """counts: state -> how many changes. records: taken by the other side so far."""

    entry: Entry
    counts: Mapping[str, int]
    records: int


class SellingViews:
    """Registers of selling, surveys and connectors as they are read."""

    _engine: Engine

    def entries(
        self,
        register: str,
        *,
        account: str | None = None,
        state: str | None = None,
        search: str | None = None,
        limit: int = MOST,
    ) -> tuple[Entry, ...]:
        """Return entries of a register, the latest changed first."""
        columns = crm_entry.c
        query = select(crm_entry).where(columns.register == register)
        if account:
            query = query.where(columns.account == account)
        if state:
            query = query.where(columns.state == state)
        if search:
            wanted = contains(search.lower())
            found = [
                func.lower(cast(column, String)).like(wanted, escape="\\") for column in (columns.data, columns.id)
            ]
            query = query.where(or_(*found))
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(columns.updated_at.desc(), columns.id).limit(limit))
            return tuple(entry_of(row) for row in rows)

    def entry(self, register: str, entry: str) -> Entry | None:
        with self._engine.connect() as connection:
            return read_entry(connection, register, entry)

    def entry_history(self, register: str, entry: str) -> tuple[EntryChange, ...]:
        """Return who changed an entry, the latest first. The caller has seen the entry itself."""
        query = (
            select(t.audit).where(t.audit.c.subject == f"{register}/{entry}").order_by(t.audit.c.id.desc()).limit(50)
        )
        with self._engine.connect() as connection:
            return tuple(
                EntryChange(at=moment(row.at), user=row.user, action=row.action, before=row.before, after=row.after)
                for row in connection.execute(query)
            )

    def settings_of(self) -> dict[str, str]:
        """Return the settings of formulas and matrices by id."""
        with self._engine.connect() as connection:
            return read_settings(connection)

    def audit_elements(self) -> tuple[Element, ...]:
        """Return the elements of the service audit that are in force, customers' and suppliers'."""
        with self._engine.connect() as connection:
            entries = entries_of(connection, "element")
        return elements_in_force({name: (each.state, each.data) for name, each in entries.items()})

    def measures_of(self, names: Collection[str]) -> dict[str, dict[str, Decimal | None]]:
        """Return by account the measures of those names that it has, None: not enough data."""
        query = select(crm_metric.c.account, crm_metric.c.name, crm_metric.c.value).where(crm_metric.c.name.in_(names))
        found: dict[str, dict[str, Decimal | None]] = {}
        with self._engine.connect() as connection:
            for row in connection.execute(query):
                found.setdefault(row.account, {})[row.name] = None if row.value is None else Decimal(row.value)
        return found

    def invitation(self, token: str) -> Invitation | None:
        with self._engine.connect() as connection:
            return invitation_of(connection, token)

    def survey_asked(self, survey: str | None = None) -> tuple[AskedView, ...]:
        """Return by survey and account how many were asked and how many answered."""
        with self._engine.connect() as connection:
            found = asked_counts(connection, LONG_AGO)
        return tuple(
            AskedView(survey=name, account=account, asked=asked, answered=answered)
            for (name, account), (asked, answered) in sorted(found.items())
            if survey in (None, name)
        )

    def answers(
        self, *, since: datetime = LONG_AGO, account: str | None = None, survey: str | None = None, limit: int = 20_000
    ) -> tuple[AnswerView, ...]:
        """Return answers, the latest first."""
        query = select(crm_answer).where(crm_answer.c.at >= micros(since))
        for column, wanted in ((crm_answer.c.account, account), (crm_answer.c.survey, survey)):
            if wanted is not None:
                query = query.where(column == wanted)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(crm_answer.c.at.desc(), crm_answer.c.id.desc()).limit(limit))
            return tuple(answer_view(row) for row in rows)

    def asked_last(self, survey: str, account: str) -> datetime | None:
        """Return when somebody of the account was last asked by a survey."""
        query = select(func.max(crm_invitation.c.asked_at)).where(
            crm_invitation.c.survey == survey, crm_invitation.c.account == account
        )
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else moment(found)

    def connectors(self) -> tuple[ConnectorView, ...]:
        """Return the connectors with how their outbox stands."""
        with self._engine.connect() as connection:
            counts: dict[str, dict[str, int]] = {}
            query = select(crm_outbox.c.connector, crm_outbox.c.state, func.count())
            for name, state, count in connection.execute(query.group_by(crm_outbox.c.connector, crm_outbox.c.state)):
                counts.setdefault(name, {})[state] = int(count)
            query = select(crm_told.c.connector, crm_told.c.object, func.count()).group_by(
                crm_told.c.connector, crm_told.c.object
            )
            told: dict[str, int] = {}
            for name, _, count in connection.execute(query):
                told[name] = told.get(name, 0) + int(count)
            return tuple(
                ConnectorView(entry=each, counts=counts.get(name, {}), records=told.get(name, 0))
                for name, each in entries_of(connection, "connector").items()
            )

    def outbox(self, connector: str, state: str | None = None, limit: int = 200) -> tuple[OutboxLine, ...]:
        """Return the changes for one connector, the latest first."""
        query = select(crm_outbox).where(crm_outbox.c.connector == connector)
        if state:
            query = query.where(crm_outbox.c.state == state)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(crm_outbox.c.id.desc()).limit(limit))
            return tuple(_line(row) for row in rows)


def _line(row: Any) -> OutboxLine:
    return OutboxLine(
        id=row.id,
        connector=row.connector,
        object=row.object,
        key=row.key,
        change=row.change,
        event=row.event,
        state=row.state,
        attempts=row.attempts,
        result=row.result,
        created_at=moment(row.created_at),
        next_at=moment(row.next_at),
        settled_at=None if row.settled_at is None else moment(row.settled_at),
    )
