"""What the pages of mappings read: versions with what they read, drafts, plans, back-tests. Read only."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, func, select

from gateway.store import tables as t
from gateway.store.forms import micros, moment
from gateway.store.tables_mappings import back_test, mapping_draft, mapping_plan, mapping_version


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingVersion:
    """digest: of the effective rules. definitions: the version of all definitions that has its files. read, failed:
    messages that it read, and those of them that wait for somebody, as far as they were counted."""

    number: int
    digest: str
    definitions: str
    at: datetime
    user: str
    action: str
    reason: str
    read: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingDraft:
    """base: SHA-256 of the file that it began with, "" when there was none. sample: id of a message, or ""."""

    user: str
    partner: str
    mapping: str
    text: str
    base: str
    sample: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingPlan:
    """state: waiting, done, refused (fault: the code), withdrawn."""

    id: str
    partner: str
    mapping: str
    text: str
    base: str
    user: str
    reason: str
    made_at: datetime
    due_at: datetime
    state: str
    fault: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BackTest:
    """state: running, done, cancelled, failed. report: outcomes, fields, alarms, lines, and fault when it failed."""

    id: str
    partner: str
    mapping: str
    user: str
    text_sha256: str
    state: str
    done: int
    total: int
    report: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadMessage:
    """A message that a mapping has read. at: when it came."""

    id: str
    at: datetime
    type: str
    state: str
    number: str | None


class MappingViews:
    """engine: of the journal."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def versions(self, partner: str, mapping: str, since: datetime | None = None) -> tuple[MappingVersion, ...]:
        """Return the versions of a partner's mapping, latest first. since: count the messages received from then on."""
        v = mapping_version.c
        query = select(mapping_version).where(v.partner == partner, v.mapping == mapping).order_by(v.number.desc())
        with self._engine.connect() as connection:
            rows = connection.execute(query.limit(200)).all()
            counts = self._counts(connection, partner, mapping, since) if since is not None else {}
        return tuple(_version(row, counts.get(row.digest, (0, 0))) for row in rows)

    def _counts(self, connection: Any, partner: str, mapping: str, since: datetime) -> dict[str, tuple[int, int]]:
        m = t.message.c
        query = (
            select(m.mapping_hash, func.count().label("n"), func.count(m.fault_code).label("failed"))
            .where(m.partner == partner, m.received_at >= micros(since), m.mapping == mapping)
            .group_by(m.mapping_hash)
        )
        return {row.mapping_hash: (row.n, row.failed) for row in connection.execute(query)}

    def version(self, partner: str, mapping: str, number: int) -> MappingVersion | None:
        """Return a version of a mapping by its number, None when there is none."""
        v = mapping_version.c
        query = select(mapping_version).where(v.partner == partner, v.mapping == mapping, v.number == number)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return _version(row, (0, 0)) if row else None

    def files(self, definitions: str) -> Mapping[str, str] | None:
        """Return all files of a version of the definitions."""
        query = select(t.definition.c.files).where(t.definition.c.sha256 == definitions)
        with self._engine.connect() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else json.loads(found)

    def read_by(self, partner: str, mapping: str, digest: str, limit: int = 100) -> tuple[ReadMessage, ...]:
        """Return the last messages that a version has read."""
        return self.read_last(partner, mapping, limit, digest)

    def read_last(self, partner: str, mapping: str, limit: int, digest: str | None = None) -> tuple[ReadMessage, ...]:
        """Return the last messages that a mapping has read. digest: of one version only."""
        m = t.message.c
        query = (
            select(m.id, m.received_at, m.type, m.state, m.business_number)
            .where(m.partner == partner, m.mapping == mapping)
            .order_by(m.received_at.desc(), m.id.desc())
            .limit(limit)
        )
        if digest is not None:
            query = query.where(m.mapping_hash == digest)
        with self._engine.connect() as connection:
            return tuple(
                ReadMessage(id=r.id, at=moment(r.received_at), type=r.type, state=r.state, number=r.business_number)
                for r in connection.execute(query)
            )

    def latest(self, partner: str, mapping: str) -> str | None:
        """Return the message that the mapping has read last: one that waits for somebody, if there is one."""
        m = t.message.c
        own = select(m.id).where(m.partner == partner, m.mapping == mapping)
        with self._engine.connect() as connection:
            for query in (own.where(m.state == "parked"), own):
                latest = query.order_by(m.received_at.desc(), m.id.desc()).limit(1)
                found: str | None = connection.execute(latest).scalar()
                if found:
                    return found
        return None

    def waiting_for(self, partner: str, mapping: str) -> tuple[tuple[str, str, int], ...]:
        """Return (type, fault code, count) of the messages that this mapping has read and that wait for somebody."""
        m = t.message.c
        query = (
            select(m.type, m.fault_code, func.count().label("n"))
            .where(m.partner == partner, m.mapping == mapping, m.state == "parked", m.fault_code.is_not(None))
            .group_by(m.type, m.fault_code)
            .order_by(func.count().desc(), m.type, m.fault_code)
        )
        with self._engine.connect() as connection:
            return tuple((row.type, row.fault_code, row.n) for row in connection.execute(query))

    def draft(self, user: str, partner: str, mapping: str) -> MappingDraft | None:
        """Return a user's draft of a mapping, None when there is none."""
        d = mapping_draft.c
        query = select(mapping_draft).where(d.user == user, d.partner == partner, d.mapping == mapping)
        with self._engine.connect() as connection:
            row = connection.execute(query).one_or_none()
        return _draft(row) if row else None

    def drafts_of_others(self, user: str, partner: str, mapping: str) -> tuple[tuple[str, datetime], ...]:
        """Return who else is writing at this mapping, and since when."""
        d = mapping_draft.c
        query = select(d.user, d.at).where(d.partner == partner, d.mapping == mapping, d.user != user).order_by(d.user)
        with self._engine.connect() as connection:
            return tuple((row.user, moment(row.at)) for row in connection.execute(query))

    def plans(self, partner: str, mapping: str) -> tuple[MappingPlan, ...]:
        """Return what is or was planned for a mapping, the latest first."""
        p = mapping_plan.c
        query = select(mapping_plan).where(p.partner == partner, p.mapping == mapping)
        with self._engine.connect() as connection:
            return tuple(_plan(row) for row in connection.execute(query.order_by(p.made_at.desc(), p.id).limit(20)))

    def plan(self, plan_id: str) -> MappingPlan | None:
        with self._engine.connect() as connection:
            row = connection.execute(select(mapping_plan).where(mapping_plan.c.id == plan_id)).one_or_none()
        return _plan(row) if row else None

    def plans_due(self, now: datetime) -> tuple[MappingPlan, ...]:
        """Return the planned mappings whose time has come."""
        p = mapping_plan.c
        query = select(mapping_plan).where(p.state == "waiting", p.due_at <= micros(now)).order_by(p.due_at, p.id)
        with self._engine.connect() as connection:
            return tuple(_plan(row) for row in connection.execute(query))

    def test(self, test_id: str) -> BackTest | None:
        """Return a back-test, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(back_test).where(back_test.c.id == test_id)).one_or_none()
        return _test(row) if row else None

    def tests(self, partner: str, mapping: str) -> tuple[BackTest, ...]:
        b = back_test.c
        query = (
            select(back_test).where(b.partner == partner, b.mapping == mapping).order_by(b.at.desc(), b.id).limit(10)
        )
        with self._engine.connect() as connection:
            return tuple(_test(row) for row in connection.execute(query))


def _version(row: Row[Any], counts: tuple[int, int]) -> MappingVersion:
    return MappingVersion(
        number=row.number,
        digest=row.digest,
        definitions=row.definitions,
        at=moment(row.at),
        user=row.user,
        action=row.action,
        reason=row.reason,
        read=counts[0],
        failed=counts[1],
    )


def _draft(row: Row[Any]) -> MappingDraft:
    return MappingDraft(
        user=row.user, partner=row.partner, mapping=row.mapping, text=row.text, base=row.base, sample=row.sample,
        at=moment(row.at),
    )  # fmt: skip


def _plan(row: Row[Any]) -> MappingPlan:
    return MappingPlan(
        id=row.id,
        partner=row.partner,
        mapping=row.mapping,
        text=row.text,
        base=row.base,
        user=row.user,
        reason=row.reason,
        made_at=moment(row.made_at),
        due_at=moment(row.due_at),
        state=row.state,
        fault=row.fault,
    )


def _test(row: Row[Any]) -> BackTest:
    return BackTest(
        id=row.id,
        partner=row.partner,
        mapping=row.mapping,
        user=row.user,
        text_sha256=row.text_sha256,
        state=row.state,
        done=row.done,
        total=row.total,
        report=json.loads(row.report),
        at=moment(row.at),
    )
