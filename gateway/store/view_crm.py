"""The customer record as it is read: accounts with their measures, cases with their course, events with messages."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, and_, func, or_, select, union
from sqlalchemy import case as sql_case

from gateway.domain.crm.cases import CaseEvent
from gateway.domain.crm.desk import ServiceDesk
from gateway.domain.crm.rules import Event, Rule, Trial, dry_run
from gateway.store import tables as t
from gateway.store.crm_entries import read_desk
from gateway.store.crm_rows import act_of, event_of
from gateway.store.crm_rules import rules_in_force
from gateway.store.forms import AnyRow, micros, moment
from gateway.store.tables_crm import crm_act, crm_case, crm_case_event, crm_event, crm_metric
from gateway.store.tables_people import crm_profile
from gateway.store.view_cases import is_done
from gateway.store.view_crm_rows import (
    SHOWN,
    AccountRecord,
    CaseRecord,
    CaseView,
    CourseView,
    EventView,
    MetricView,
    Standing,
)

_AT_ONCE = 400  # names in one condition
_URGENCIES = {"critical": 0, "high": 1, "normal": 2, "low": 3}  # in the order of lists
_OTHER = 9


class CrmViews:
    """The customer record as it is read."""

    _engine: Engine

    def account_standings(self) -> dict[str, Standing]:
        """Return the state and money of every account that is known, with measures, figures or a profile."""
        with self._engine.connect() as connection:
            ids = union(select(t.account.c.id), select(crm_profile.c.account), select(crm_metric.c.account))
            found: dict[str, list[str | None]] = {name: [None, None] for name in connection.execute(ids).scalars()}
            query = select(crm_metric.c.account, crm_metric.c.name, crm_metric.c.value)
            for account, name, value in connection.execute(
                query.where(crm_metric.c.name.in_(("lifecycle", "monetary")))
            ):
                found[account][name == "monetary"] = value
        return {
            name: Standing(state=state, money=None if money is None else Decimal(money))
            for name, (state, money) in found.items()
        }

    def account_records(
        self, names: Sequence[str] = SHOWN, accounts: Sequence[str] | None = None
    ) -> tuple[AccountRecord, ...]:
        """Return every account that has measures, by id, with those asked for and the number of its open cases.

        accounts: only these; None: all."""
        with self._engine.connect() as connection:
            query = select(crm_metric).where(crm_metric.c.name.in_(names)).order_by(crm_metric.c.account)
            if accounts is not None:
                query = query.where(crm_metric.c.account.in_(accounts))
            found: dict[str, dict[str, MetricView]] = {}
            for row in connection.execute(query):
                found.setdefault(row.account, {})[row.name] = _metric(row)
            cases = self._open_cases(connection)
            return tuple(
                AccountRecord(id=name, measures=its, open_cases=cases.get(name, 0)) for name, its in found.items()
            )

    def account_record(self, account: str) -> AccountRecord | None:
        """Return one account with all its measures, None when it has none yet."""
        with self._engine.connect() as connection:
            query = select(crm_metric).where(crm_metric.c.account == account).order_by(crm_metric.c.name)
            measures = {row.name: _metric(row) for row in connection.execute(query)}
            cases = self._open_cases(connection, account)
            if not measures and not cases:
                return None
            return AccountRecord(id=account, measures=measures, open_cases=cases.get(account, 0))

    def account_events(
        self, account: str, before: tuple[datetime, str] | None = None, limit: int = 50, kind: str | None = None
    ) -> tuple[EventView, ...]:
        """Return what happened, the latest first; before: time and id of the last one seen, for the next page."""
        columns = crm_event.c
        query = select(crm_event).where(columns.account == account)
        if kind:
            query = query.where(columns.kind == kind)
        if before is not None:
            at, last = micros(before[0]), before[1]
            query = query.where(or_(columns.at < at, and_(columns.at == at, columns.id < last)))
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(columns.at.desc(), columns.id.desc()).limit(limit))
            return tuple(_event(row) for row in rows)

    def crm_cases(
        self,
        *,
        account: str | None = None,
        case_type: str | None = None,
        owner: str | None = None,
        open_only: bool = True,
        limit: int = 200,
    ) -> tuple[CaseView, ...]:
        """Return cases, the most urgent first and of these the oldest. open_only False: of all, the latest opened."""
        columns = crm_case.c
        query = select(crm_case, is_done().label("done")).limit(limit)
        for column, wanted in ((columns.account, account), (columns.type, case_type), (columns.owner, owner)):
            if wanted:
                query = query.where(column == wanted)
        if open_only:
            urgent_first = sql_case(_URGENCIES, value=columns.urgency, else_=_OTHER)
            query = query.where(columns.closed_at.is_(None), ~is_done()).order_by(urgent_first, columns.opened_at)
        else:
            query = query.order_by(columns.opened_at.desc())
        with self._engine.connect() as connection:
            found = _as_people_say(connection, [_case(row) for row in connection.execute(query)])
        return tuple(sorted(found, key=lambda each: (_URGENCIES.get(each.urgency, _OTHER), each.opened_at)))

    def crm_case(self, case: str, zone: ZoneInfo, now: datetime) -> CaseRecord | None:
        """Return one case with its course by the hours of our desk. zone: in which these are told."""
        with self._engine.connect() as connection:
            query = select(crm_case, is_done().label("done")).where(crm_case.c.id == case)
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            joined = (
                select(crm_case_event.c.what, crm_event)
                .join(crm_event, crm_event.c.id == crm_case_event.c.event)
                .where(crm_case_event.c.case == case)
                .order_by(crm_event.c.at, crm_event.c.id)
            )
            events = [(each.what, _event(each)) for each in connection.execute(joined)]
            query = select(crm_act).where(crm_act.c.case == case).order_by(crm_act.c.id)
            acts = tuple(act_of(each) for each in connection.execute(query))
            desk = read_desk(connection, zone)
        view = _case(row)
        told = story(view, events, acts)
        return CaseRecord(case=view, course=_course(view.type, told, desk, now), events=tuple(events), acts=acts)

    def crm_case_account(self, case: str) -> str | None:
        """Return whose case it is, None when there is no such case."""
        with self._engine.connect() as connection:
            return connection.execute(select(crm_case.c.account).where(crm_case.c.id == case)).scalar()

    def crm_rules(self) -> tuple[Rule, ...]:
        """Return every rule as it is in force, active or not."""
        with self._engine.connect() as connection:
            return rules_in_force(connection)

    def try_rule(self, rule: Rule) -> Trial:
        """Tell what a rule would have done with everything that has happened; nothing is changed."""
        with self._engine.connect() as connection:
            query = (
                select(crm_event)
                .where(crm_event.c.kind.in_(rule.opens_on | rule.closes_on))
                .order_by(crm_event.c.at, crm_event.c.id)
                .execution_options(yield_per=2_000)
            )
            return dry_run(rule, (event_of(row) for row in connection.execute(query)))

    @staticmethod
    def _open_cases(connection: Connection, account: str | None = None) -> dict[str, int]:
        query = select(crm_case.c.account, func.count()).where(crm_case.c.closed_at.is_(None), ~is_done())
        if account is not None:
            query = query.where(crm_case.c.account == account)
        return {row[0]: row[1] for row in connection.execute(query.group_by(crm_case.c.account))}


def story(case: CaseView, events: Sequence[tuple[str, EventView]], acts: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Return all that happened to a case in the order of time: documents and people. A problem that comes again after
    somebody has solved it opens the case again."""
    told = [CaseEvent(at=case.opened_at, kind="opened", actor="gateway", message=case.message)]
    told.append(CaseEvent(at=case.opened_at, kind="urgency", actor="rule", values={"urgency": case.urgency}))
    rest = [
        CaseEvent(at=each.at, kind="again" if what == "again" else "closed", actor="gateway", message=each.message)
        for what, each in events
        if what != "open"
    ]
    solved = False
    for each in sorted((*rest, *acts), key=lambda one: one.at):
        if each.kind == "again" and solved:
            told.append(CaseEvent(at=each.at, kind="reopened", actor="gateway", message=each.message))
        solved = each.kind in ("solved", "closed") or (solved and each.kind not in ("reopened", "again"))
        told.append(each)
    return told


def _course(case_type: str, told: Sequence[CaseEvent], desk: ServiceDesk, now: datetime) -> CourseView:
    found, raised = desk.course(case_type, list(told), now)
    return CourseView(
        state=found.state,
        owner=found.owner,
        urgency=found.urgency,
        count=found.count,
        answered_after_s=_seconds(found.answered_after),
        solved_after_s=_seconds(found.solved_after),
        answer_due=found.answer_due,
        solve_due=found.solve_due,
        answer_clock=found.answer_clock,
        solve_clock=found.solve_clock,
        in_state_s={state: int(time.total_seconds()) for state, time in found.in_state.items()},
        cause=found.cause,
        measure=found.measure,
        reopened=found.reopened,
        escalated_to=raised,
    )


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())


def _metric(row: AnyRow) -> MetricView:
    return MetricView(
        name=row.name,
        value=row.value,
        rows=row.rows,
        since=row.since,
        until=row.until,
        parts=json.loads(row.parts),
        at=moment(row.at),
    )


def _event(row: AnyRow) -> EventView:
    found: Event = event_of(row)
    return EventView(
        id=found.id,
        kind=found.kind,
        at=found.at,
        account=found.account,
        direction=found.direction,
        subject=found.subject,
        facts=found.facts,
        message=found.message,
        place=found.place,
    )


def _as_people_say(connection: Connection, cases: Sequence[CaseView]) -> list[CaseView]:
    """Return the cases with the urgency and the person that the last acts have given them."""
    told: dict[str, dict[str, str]] = {}
    names = [each.id for each in cases]
    for start in range(0, len(names), _AT_ONCE):
        query = (
            select(crm_act)
            .where(crm_act.c.case.in_(names[start : start + _AT_ONCE]), crm_act.c.kind.in_(("urgency", "assigned")))
            .order_by(crm_act.c.id)
        )
        for row in connection.execute(query):
            values = act_of(row).values
            told.setdefault(row.case, {}).update({key: values[key] for key in ("urgency", "owner") if key in values})
    return [
        replace(each, urgency=its.get("urgency", each.urgency), person=its.get("owner"))
        if (its := told.get(each.id))
        else each
        for each in cases
    ]


def _case(row: AnyRow) -> CaseView:
    return CaseView(
        id=row.id,
        rule=row.rule,
        account=row.account,
        direction=row.direction,
        subject=row.subject,
        type=row.type,
        urgency=row.urgency,
        owner=row.owner,
        times=row.times,
        opened_at=moment(row.opened_at),
        last_at=moment(row.last_at),
        closed_at=None if row.closed_at is None else moment(row.closed_at),
        message=row.message,
        done=bool(row.done) or row.closed_at is not None,
    )
