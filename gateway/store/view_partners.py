"""Views on partners: what came and went in a week, what proves an agreement, changes of files, tests of connections."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, String, and_, func, literal, select, text, union_all

from gateway.store import tables as t
from gateway.store.forms import micros, moment
from gateway.store.tables_partners import connection_test, definition_change, go_live, partner_sample
from gateway.store.view_reading import optional_moment

_AT_ONCE = 200  # terms of one compound select: SQLite takes 500
_FEW = 20  # partners that are named; to hold each row against a longer list takes PostgreSQL as long as to read it
_MOST_USES = 5_000_000
_SENT = ("sent", "acked", "accepted")
_PROVED = ("acked", "accepted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """received, sent: documents since the day asked for. waiting: messages that wait for a person, whenever they came.
    failed: parcels that were not delivered. overdue: documents that the partner owes. problems: open cases."""

    partner: str
    received: int = 0
    sent: int = 0
    waiting: int = 0
    failed: int = 0
    overdue: int = 0
    problems: int = 0
    last_in: datetime | None = None
    last_out: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What has passed by one mapping in one direction. good: read and applied, or sent and acknowledged."""

    direction: str
    mapping: str
    test: bool
    good: int
    bad: int
    last_good: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One file as one version changed it. before, after: None for a file that was not there."""

    id: int
    at: datetime
    digest: str
    path: str
    user: str
    action: str
    reason: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChange:
    """Who changed a partner last, and when."""

    at: datetime
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RungLine:
    """One rung of a test. code: of the fault, "" when it holds; value and params are the fault's."""

    name: str
    detail: str = ""
    code: str = ""
    value: str = ""
    params: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionTest:
    """ended_at: None while it climbs. good: every rung held."""

    id: str
    partner: str
    over: str
    user: str
    at: datetime
    echo: bool
    ended_at: datetime | None
    good: bool
    rungs: tuple[RungLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Who lets a partner go live, and when it is switched. reason: why, although something was open."""

    partner: str
    approver: str
    approved_at: datetime
    reason: str
    switch_at: datetime
    switched_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MappingUse:
    """How many messages a partner's mapping has read, and how many of them failed."""

    partner: str
    mapping: str
    count: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSample:
    """A document that was dropped on the wizard. data: base64; answers: what was said about it so far."""

    id: str
    user: str
    filename: str
    sha256: str
    data: str  # base64
    answers: Mapping[str, Any]


class PartnerViews:
    """Each call is one short read. Nothing is left out for anybody: who asks has to say whom he may see."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def traffic(self, partners: Sequence[str], since: datetime) -> dict[str, Traffic]:
        """Return what each partner has done since then, in index ranges only."""
        found: dict[str, Traffic] = {}
        with self._engine.connect() as connection:
            for start in range(0, len(partners), _AT_ONCE):
                found |= _traffic(connection, partners[start : start + _AT_ONCE], micros(since))
        return found

    def proofs(self, partner: str, since: datetime) -> tuple[Proof, ...]:
        """Return what has passed by each mapping of a partner since then."""
        m, x, at = t.message, t.parcel, micros(since)
        incoming = (
            select(m.c.mapping, m.c.test, m.c.state, func.count().label("n"), func.max(m.c.received_at).label("last"))
            .where(m.c.partner == partner, m.c.received_at >= at, m.c.mapping.is_not(None))
            .group_by(m.c.mapping, m.c.test, m.c.state)
        )
        outgoing = (
            select(x.c.mapping, x.c.test, x.c.state, func.count().label("n"), func.max(x.c.created_at).label("last"))
            .where(x.c.partner == partner, x.c.created_at >= at)
            .group_by(x.c.mapping, x.c.test, x.c.state)
        )
        with self._engine.connect() as connection:
            received, sent = connection.execute(incoming).all(), connection.execute(outgoing).all()
        return (
            *_proofs("receive", received, ("applied", "done"), ("parked", "quarantined")),
            *_proofs("send", sent, _PROVED, ("parked", "refused", "expired")),
        )

    def uses(self, since: datetime) -> tuple[MappingUse, ...]:
        """Return how often each partner's mapping has read or written since then."""
        m, x, at = t.message.c, t.parcel.c, micros(since)
        queries = (
            select(m.partner, m.mapping, m.fault_code).where(m.received_at >= at, m.mapping.is_not(None)),
            select(x.partner, x.mapping, x.fault_code).where(x.created_at >= at),
        )
        rows: list[Row[Any]] = []
        for query in queries:  # the inner limit makes SQLite find the days first, not group the whole table
            f = query.limit(_MOST_USES).subquery().c
            counts = select(f.partner, f.mapping, func.count().label("n"), func.count(f.fault_code).label("failed"))
            with self._engine.connect() as connection:
                rows += connection.execute(counts.group_by(f.partner, f.mapping))
        return tuple(MappingUse(partner=r.partner, mapping=r.mapping, count=r.n, failed=r.failed) for r in rows)

    # --- changes of files ---------------------------------------------------------------------------------------------

    def last_changes(self, path: str | None = None) -> dict[str, LastChange]:
        """Return when and by whom each file of definitions was changed last, by its path. path: of one file only."""
        c = definition_change.c
        newest = select(func.max(c.id)).group_by(c.path)
        query = select(c.path, c.at, c.user).where(c.id.in_(newest if path is None else newest.where(c.path == path)))
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        return {row.path: LastChange(at=moment(row.at), user=row.user) for row in rows}

    def changes(
        self, *, partner: str | None = None, path: str | None = None, limit: int = 100
    ) -> tuple[FileChange, ...]:
        """Return the changes of a partner's files, or of one file, latest first."""
        c = definition_change.c
        query = select(definition_change).order_by(c.id.desc()).limit(limit)
        if partner is not None:
            query = query.where(c.partner == partner)
        if path is not None:
            query = query.where(c.path == path)
        with self._engine.connect() as connection:
            return tuple(_change(row) for row in connection.execute(query))

    def change(self, change_id: int) -> FileChange | None:
        """Return one change of a partner's files, None when there is none."""
        with self._engine.connect() as connection:
            query = select(definition_change).where(definition_change.c.id == change_id)
            row = connection.execute(query).one_or_none()
        return _change(row) if row else None

    # --- tests of connections -----------------------------------------------------------------------------------------

    def tests(self, partner: str, limit: int = 20) -> tuple[ConnectionTest, ...]:
        """Return the tests of a partner's connections, latest first."""
        c = connection_test.c
        query = select(connection_test).where(c.partner == partner).order_by(c.at.desc(), c.id.desc()).limit(limit)
        with self._engine.connect() as connection:
            return tuple(_test(row) for row in connection.execute(query))

    def test(self, test_id: str) -> ConnectionTest | None:
        """Return a connection test, None when there is none."""
        with self._engine.connect() as connection:
            row = connection.execute(select(connection_test).where(connection_test.c.id == test_id)).one_or_none()
        return _test(row) if row else None

    def delivered_over(self, partner: str, over: str, since: datetime) -> datetime | None:
        """Return when a parcel was last taken over that connection with the proof that was agreed."""
        x = t.parcel
        query = select(func.max(x.c.updated_at)).where(
            x.c.partner == partner, x.c.created_at >= micros(since), x.c.channel == over, x.c.state.in_(_PROVED)
        )
        with self._engine.connect() as connection:
            return optional_moment(connection.execute(query).scalar())

    # --- going live, samples ------------------------------------------------------------------------------------------

    def approval(self, partner: str) -> Approval | None:
        """Return who lets a partner go live and when, None when nobody does."""
        with self._engine.connect() as connection:
            row = connection.execute(select(go_live).where(go_live.c.partner == partner)).one_or_none()
        return _approval(row) if row else None

    def approvals_due(self, now: datetime) -> tuple[Approval, ...]:
        """Return whom to switch now."""
        due = and_(go_live.c.switch_at <= micros(now), go_live.c.switched_at.is_(None))
        with self._engine.connect() as connection:
            return tuple(_approval(row) for row in connection.execute(select(go_live).where(due)))

    def sample(self, sample_id: str) -> KeptSample | None:
        """Return a document that was dropped on the wizard, None when it is gone."""
        with self._engine.connect() as connection:
            row = connection.execute(select(partner_sample).where(partner_sample.c.id == sample_id)).one_or_none()
        if row is None:
            return None
        return KeptSample(
            id=row.id, user=row.user, filename=row.filename, sha256=row.sha256, data=row.data,
            answers=json.loads(row.answers),
        )  # fmt: skip


def _traffic(connection: Connection, partners: Sequence[str], at: int) -> dict[str, Traffic]:
    m, x = t.message, t.parcel
    named = list(partners)
    waiting = _counted(connection, m.c.partner, named, text(f"message.{t.MESSAGE_ATTENTION}"))
    failed = _counted(connection, x.c.partner, named, text(f"parcel.{t.PARCEL_FAILED}"))
    overdue = _counted(connection, t.expectation.c.partner, named, text("expectation.state = 'overdue'"))
    problems = _counted(connection, t.case.c.account, named, t.case.c.closed_at.is_(None))
    came, went = (_since(connection, table, of, named, at) for table, of in ((m, m.c.received_at), (x, x.c.created_at)))
    return {
        each: Traffic(
            partner=each,
            received=came[each][0],
            sent=went[each][0],
            waiting=waiting.get(each, 0),
            failed=failed.get(each, 0),
            overdue=overdue.get(each, 0),
            problems=problems.get(each, 0),
            last_in=optional_moment(came[each][1]),
            last_out=optional_moment(went[each][1]),
        )
        for each in named
    }


def _counted(connection: Connection, partner: Any, named: list[str], condition: Any) -> dict[str, int]:
    """Count what waits by partner, on an index that holds little else."""
    query = select(partner, func.count()).where(condition).group_by(partner)
    if len(named) == 1:  # a list of hundreds takes longer to plan than all of it to count
        query = query.where(partner == named[0])
    return {row[0]: row[1] for row in connection.execute(query)}


def _since(
    connection: Connection, table: Any, moment_of: Any, named: list[str], at: int
) -> dict[str, tuple[int, int | None]]:
    """Return how many came of each partner since then, and the time of the last, however long ago: most are found in
    the same range, and only for the others all months are looked through."""
    partner = table.c.partner
    query = select(partner, func.count(), func.max(moment_of)).where(moment_of >= at).group_by(partner)
    if len(named) < _FEW or connection.dialect.name == "sqlite":  # which reads a range of each partner, and no row
        query = query.where(partner.in_(named))
    found = {row[0]: (row[1], row[2]) for row in connection.execute(query)}
    silent = [each for each in named if each not in found]
    if silent:
        p = union_all(*[select(literal(each, String).label("id")) for each in silent]).subquery("p")
        ever = select(func.max(moment_of)).where(partner == p.c.id).correlate(p).scalar_subquery()
        found |= {row.id: (0, row.last) for row in connection.execute(select(p.c.id, ever.label("last")))}
    return found


def _proofs(direction: str, rows: Sequence[Row[Any]], good: Sequence[str], bad: Sequence[str]) -> list[Proof]:
    keys = dict.fromkeys((row.mapping, bool(row.test)) for row in rows)
    found = []
    for mapping, test in keys:
        own = [row for row in rows if (row.mapping, bool(row.test)) == (mapping, test)]
        last = max((row.last for row in own if row.state in good), default=None)
        found.append(
            Proof(
                direction=direction,
                mapping=mapping,
                test=test,
                good=sum(row.n for row in own if row.state in good),
                bad=sum(row.n for row in own if row.state in bad),
                last_good=optional_moment(last),
            )
        )
    return found


def _change(row: Row[Any]) -> FileChange:
    return FileChange(
        id=row.id,
        at=moment(row.at),
        digest=row.digest,
        path=row.path,
        user=row.user,
        action=row.action,
        reason=row.reason,
        before=row.before,
        after=row.after,
    )


def _test(row: Row[Any]) -> ConnectionTest:
    return ConnectionTest(
        id=row.id,
        partner=row.partner,
        over=row.over,
        user=row.user,
        at=moment(row.at),
        echo=bool(row.echo),
        ended_at=optional_moment(row.ended_at),
        good=bool(row.good),
        rungs=tuple(RungLine(**each) for each in json.loads(row.rungs)),
    )


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        partner=row.partner,
        approver=row.approver,
        approved_at=moment(row.approved_at),
        reason=row.reason,
        switch_at=moment(row.switch_at),
        switched_at=optional_moment(row.switched_at),
    )
