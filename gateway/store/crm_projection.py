"""The customer record as a projection of what documents caused: kept up message by message, and rebuilt to the same.

Every account's events stand in the order of time; a case follows from them and the rules alone. An event that comes
with an earlier time than the account's last makes its cases anew.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, insert, or_, select, update

from gateway.domain.crm.events import (
    CAME,
    DOCUMENT_CAME,
    DOCUMENT_OVERDUE,
    OVERDUE,
    SETTLED,
    SILENT,
    SILENT_NOTICE,
    Caused,
    events_of,
    silences,
)
from gateway.domain.crm.parties import Names
from gateway.domain.crm.rules import Direction, Event, Judge, Rule, Step
from gateway.domain.crm.troubles import ANSWER_LOW, TROUBLE, TROUBLE_OVER
from gateway.store import tables as t
from gateway.store.crm_acts import acted_on, follow_cases
from gateway.store.crm_noticed import documents_owed, low_answers, troubles
from gateway.store.crm_people import PeopleProjection, decided_by
from gateway.store.crm_rows import case_id, case_row, event_of, event_row
from gateway.store.crm_turn import take_turn
from gateway.store.database import insert_for
from gateway.store.forms import micros, moment
from gateway.store.tables_crm import crm_case, crm_case_event, crm_day, crm_due, crm_event
from gateway.store.tables_people import crm_request

TOLD = ("ActivityAdded", "CaseOpened", "CaseClosed", "InvoiceSaved", "ReturnSaved", "PaymentSettled")
PROJECTIONS: tuple[Table, ...] = (crm_case_event, crm_case, crm_day, crm_event)
BY_CLOCK = (
    *(SILENT_NOTICE, SILENT, OVERDUE, SETTLED, DOCUMENT_OVERDUE, DOCUMENT_CAME),
    *(TROUBLE, TROUBLE_OVER, ANSWER_LOW),
)
_AT_ONCE = 500  # rows per statement
_LARGEST = Decimal(10) ** 12  # what a partner writes beyond stays an event and is not summed; sums are to a thousandth


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one round brought. accounts: whose record has changed."""

    messages: int = 0
    events: int = 0
    accounts: frozenset[str] = frozenset()


class CrmProjection:
    """Works in one transaction of the journal. directions: what each partner is to us. names: the partners of the
    book; None: parties and persons are left as they are."""

    def __init__(
        self,
        connection: Connection,
        rules: Sequence[Rule],
        directions: Mapping[str, Direction],
        names: Names | None = None,
    ) -> None:
        self._connection = connection
        self._people = PeopleProjection(connection, names) if names is not None else None
        self._decided = self._people.decided if self._people is not None else decided_by(connection)
        self._rules = {each.id: each for each in rules if each.active}
        self._directions = directions
        self._judges: dict[str, Judge] | None = None  # of every account, while the record is made anew

    def hear(self, limit: int = _AT_ONCE) -> Heard:
        """Take in what the next messages caused, the oldest first. Nothing due: Heard() with zeros."""
        take_turn(self._connection)
        due = self._connection.execute(
            select(crm_due.c.id, crm_due.c.message).order_by(crm_due.c.id).limit(limit)
        ).all()
        if not due:
            return Heard()
        self._connection.execute(delete(crm_due).where(crm_due.c.id.in_([row.id for row in due])))
        messages = sorted({row.message for row in due})
        if self._people is not None:
            self._people.hear(messages)
        return self._take(self._effects(messages), len(due))

    def set_aside(self) -> str | None:
        """Take the oldest message off the list unheard and return it, None when there is none."""
        take_turn(self._connection)
        first = self._connection.execute(select(crm_due).order_by(crm_due.c.id).limit(1)).first()
        if first is None:
            return None
        self._connection.execute(delete(crm_due).where(crm_due.c.id == first.id))
        return str(first.message)

    def rebuild(self) -> Heard:
        """Drop the projections and make them anew from every effect in the journal. Silences come with `notice`.

        Events whose documents have left the journal, for an archive file or by their term, are kept: they are all that
        tells of them.
        """
        take_turn(self._connection)
        acted = acted_on(self._connection)
        for table in (crm_case_event, crm_case, crm_day, crm_due):
            self._connection.execute(delete(table))
        self._connection.execute(delete(crm_event).where(~_gone()))
        older = self._sum_gone()
        if self._people is not None:
            self._people.rebuild()
        heard = 0
        accounts: set[str] = set()
        self._judges = {}
        for effects in self._all_effects():
            found = self._take(effects, 0)
            heard += found.events
            accounts |= found.accounts
        self._judges = None
        for account in sorted(older):  # their events did not come in the order of time
            self._again(account)
        asked = self._add(self._requests(), 0)
        follow_cases(self._connection, acted)
        return Heard(events=heard + asked.events, accounts=frozenset(accounts | asked.accounts))

    def _sum_gone(self) -> set[str]:
        """Sum what is left of events; return the accounts that have any."""
        accounts: set[str] = set()
        for part in self._connection.execute(select(crm_event).execution_options(yield_per=5_000)).partitions():
            events = [event_of(row) for row in part]
            accounts |= {each.account for each in events}
            self._sum(events)
        return accounts

    def ask(self, request: str) -> Heard:
        """Open the case that a person has asked for."""
        take_turn(self._connection)
        return self._add(self._requests(request), 0)

    def regroup(self, accounts: Collection[str], now: datetime) -> None:
        """Put what happened on the accounts that decisions say now, after a merge or its undoing: the same rows as a
        rebuild would give."""
        take_turn(self._connection)
        told_of = func.coalesce(crm_event.c.origin, crm_event.c.account)
        told = set(
            self._connection.execute(select(told_of).where(crm_event.c.account.in_(accounts)).distinct()).scalars()
        )
        group = {*accounts, *told, *(self._decided.now(each) for each in told)}
        acted = acted_on(self._connection, group)
        self._connection.execute(
            delete(crm_event).where(crm_event.c.account.in_(group), crm_event.c.kind.in_(BY_CLOCK))
        )
        for account in sorted(told):
            after = self._decided.now(account)
            values = {"account": after, "origin": None if after == account else account}
            self._connection.execute(update(crm_event).where(told_of == account).values(**values))
        self._connection.execute(delete(crm_day).where(crm_day.c.account.in_(group)))
        for account in sorted(group):
            self._sum(self._of_account(account))
            self._again(account)
        self.notice(now, sorted(group))
        follow_cases(self._connection, acted)

    def resolve(self) -> None:
        """Say again whose parties are: the book has changed."""
        if self._people is not None:
            self._people.resolve()

    def judge_again(self) -> None:
        """Make every account's cases anew by the rules in force."""
        take_turn(self._connection)
        for account in self._accounts():
            self._again(account)

    def notice(self, now: datetime, accounts: Collection[str] | None = None) -> Heard:
        """Add what the clock and other tables tell: late customers, unpaid invoices, documents that did not come,
        faults, answers that ask for a reply."""
        take_turn(self._connection)
        told = self._accounts() if accounts is None else sorted(accounts)
        noticed = self._noticed(now)
        fresh: list[Event] = []
        for account in sorted({*told, *noticed}):
            events = self._of_account(account, ("invoice-%", CAME))
            fresh += [*silences(account, events, now), *noticed.get(account, ())]
        return self._add(fresh, 0)

    def _effects(self, messages: Sequence[str]) -> list[Caused]:
        found: list[Caused] = []
        for start in range(0, len(messages), _AT_ONCE):
            query = select(t.effect).where(
                t.effect.c.message.in_(messages[start : start + _AT_ONCE]),
                t.effect.c.kind.in_(TOLD),
                t.effect.c.test.is_(False),
            )
            found += [_caused(row) for row in self._connection.execute(query)]
        return sorted(found, key=_order)

    def _all_effects(self) -> Iterable[list[Caused]]:
        """Yield every effect in the order of time, a few thousand at once."""
        query = (
            select(t.effect)
            .where(t.effect.c.kind.in_(TOLD), t.effect.c.test.is_(False))
            .order_by(t.effect.c.at, t.effect.c.message, t.effect.c.kind, t.effect.c.key)
            .execution_options(yield_per=5_000)
        )
        rows = self._connection.execute(query)
        for part in rows.partitions():
            yield [_caused(row) for row in part]

    def _take(self, effects: Sequence[Caused], messages: int) -> Heard:
        events = [self._settled(event) for each in effects for event in events_of(each, self._directions)]
        return self._add(events, messages)

    def _settled(self, event: Event) -> Event:
        """Put an event on the account that its own has become a part of."""
        after = self._decided.now(event.account)
        return event if after == event.account else replace(event, account=after, origin=event.account)

    def _requests(self, request: str | None = None) -> list[Event]:
        """Return what people have asked for, all of it or one."""
        query = select(crm_request).order_by(crm_request.c.at, crm_request.c.id)
        if request is not None:
            query = query.where(crm_request.c.id == request)
        return [
            self._settled(
                Event(
                    id=f"request:{row.id}",
                    kind=f"request:{row.type}",
                    at=moment(row.at),
                    account=row.account,
                    direction=cast(Direction, row.direction),
                    subject=row.subject,
                    message=row.message,
                    place=row.place,
                )
            )
            for row in self._connection.execute(query)
        ]

    def _add(self, events: Sequence[Event], messages: int) -> Heard:
        """Keep the events that are new, sum their figures, and let the cases follow."""
        fresh = self._new(events) if self._judges is None else list({each.id: each for each in events}.values())
        if not fresh:
            return Heard(messages=messages)
        by_account: dict[str, list[Event]] = defaultdict(list)
        for event in fresh:
            by_account[event.account].append(event)
        latest = self._latest(by_account) if self._judges is None else {}
        self._connection.execute(insert(crm_event), [event_row(each) for each in fresh])
        self._sum(fresh)
        for account, its in sorted(by_account.items()):
            its.sort(key=_time)
            last = latest.get(account)
            if last is None or _time(its[0]) > last:
                self._follow(self._judge(account), its)
            else:
                self._again(account)
        return Heard(messages=messages, events=len(fresh), accounts=frozenset(by_account))

    def _new(self, events: Sequence[Event]) -> list[Event]:
        told = {each.id: each for each in events}
        ids = sorted(told)
        known: set[str] = set()
        for start in range(0, len(ids), _AT_ONCE):
            query = select(crm_event.c.id).where(crm_event.c.id.in_(ids[start : start + _AT_ONCE]))
            known.update(self._connection.execute(query).scalars())
        return [each for name, each in told.items() if name not in known]

    def _latest(self, accounts: Collection[str]) -> dict[str, tuple[datetime, str]]:
        """Return the time and id of each account's last event."""
        found: dict[str, tuple[datetime, str]] = {}
        for account in accounts:
            row = self._connection.execute(
                select(crm_event.c.at, crm_event.c.id)
                .where(crm_event.c.account == account)
                .order_by(crm_event.c.at.desc(), crm_event.c.id.desc())
                .limit(1)
            ).one_or_none()
            if row is not None:
                found[account] = (moment(row.at), row.id)
        return found

    def _sum(self, events: Sequence[Event]) -> None:
        sums: dict[tuple[str, str, str], int] = defaultdict(int)
        for event in events:
            if (
                event.message is None
                or ":" in event.kind
                or event.kind.startswith(("invoice-", "return-", "document-"))
            ):
                continue
            day = event.at.date().isoformat()
            for name, value in event.facts.items():
                if isinstance(value, Decimal) and abs(value) < _LARGEST:
                    sums[event.account, day, name] += int((value * 1000).to_integral_value())
        if not sums:
            return
        row = insert_for(self._connection.dialect.name, crm_day)
        self._connection.execute(
            row.on_conflict_do_update(
                index_elements=["account", "day", "name"], set_={"value": crm_day.c.value + row.excluded.value}
            ),
            [{"account": a, "day": d, "name": n, "value": value} for (a, d, n), value in sorted(sums.items())],
        )

    def _judge(self, account: str) -> Judge:
        """Return the judge of an account with what is open in its cases."""
        rules = tuple(self._rules.values())
        if self._judges is None:
            return Judge(rules=rules, open=self._open(account))
        judge = self._judges.setdefault(account, Judge(rules=rules))
        judge.seen.clear()  # effects come once, in the order of time
        return judge

    def _open(self, account: str) -> dict[str, Event]:
        query = (
            select(crm_case.c.problem, crm_event)
            .join(crm_event, crm_event.c.id == crm_case.c.opened_by)
            .where(crm_case.c.account == account, crm_case.c.closed_at.is_(None))
        )
        return {row.problem: event_of(row) for row in self._connection.execute(query)}

    def _again(self, account: str) -> None:
        """Make the cases of an account anew from all its events."""
        acted = acted_on(self._connection, [account])
        mine = select(crm_case.c.id).where(crm_case.c.account == account)
        self._connection.execute(delete(crm_case_event).where(crm_case_event.c.case.in_(mine)))
        self._connection.execute(delete(crm_case).where(crm_case.c.account == account))
        self._follow(Judge(rules=tuple(self._rules.values())), self._of_account(account))
        follow_cases(self._connection, acted)

    def _of_account(self, account: str, kinds: Sequence[str] = ()) -> list[Event]:
        query = select(crm_event).where(crm_event.c.account == account)
        if kinds:
            query = query.where(or_(*(crm_event.c.kind.like(each) for each in kinds)))
        return [event_of(row) for row in self._connection.execute(query.order_by(crm_event.c.at, crm_event.c.id))]

    def _follow(self, judge: Judge, events: Sequence[Event]) -> None:
        """Write what follows from events, in their order."""
        cases: dict[str, dict[str, Any]] = {}
        seen: list[dict[str, str]] = []
        updates: dict[str, dict[str, Any]] = {}
        for event in events:
            opened = dict(judge.open)
            for step in judge.judge(event):
                first = event if step.what == "open" else opened[step.key]
                name = case_id(step.key, first.id)
                seen.append({"case": name, "event": event.id, "what": step.what})
                if step.what == "open":
                    cases[name] = case_row(step, self._rules[step.rule])
                else:
                    self._changed(cases.get(name) or updates.setdefault(name, {"more": 0}), step)
        if cases:
            self._connection.execute(insert(crm_case), list(cases.values()))
        if seen:
            self._connection.execute(insert(crm_case_event), seen)
        for name, values in updates.items():
            more = values.pop("more")
            changed = update(crm_case).where(crm_case.c.id == name)
            self._connection.execute(changed.values(times=crm_case.c.times + more, **values))

    @staticmethod
    def _changed(row: dict[str, Any], step: Step) -> None:
        """Put a step on a case's row: on one that is new, or on what will be changed in one that is stored."""
        at = micros(step.event.at)
        row["last_at"] = at
        if step.what == "close":
            row |= {"closed_at": at, "closed_by": step.event.id}
        elif "times" in row:
            row["times"] += 1
        else:
            row["more"] += 1

    def _accounts(self) -> list[str]:
        return list(self._connection.execute(select(crm_event.c.account).distinct()).scalars())

    def _noticed(self, now: datetime) -> dict[str, list[Event]]:
        """Return by account what no effect tells: documents that did not come, faults, answers that ask for a reply."""
        found: dict[str, list[Event]] = defaultdict(list)
        for read in (documents_owed, troubles, low_answers):
            for event in map(self._settled, read(self._connection, now, self._directions)):
                found[event.account].append(event)
        return found


def waiting(connection: Connection) -> int:
    """Return how many messages the record has not heard of yet."""
    return int(connection.execute(select(func.count()).select_from(crm_due)).scalar_one())


def _gone() -> ColumnElement[bool]:
    """The events of documents that have left the journal."""
    there = exists().where(t.effect.c.message == crm_event.c.message)
    told = crm_event.c.kind.not_in(BY_CLOCK) & crm_event.c.kind.not_like("request:%")
    return crm_event.c.message.is_not(None) & told & ~there


def _caused(row: Any) -> Caused:
    return Caused(message=row.message, kind=row.kind, key=row.key, data=json.loads(row.data), at=moment(row.at))


def _order(caused: Caused) -> tuple[datetime, str, str, str]:
    return caused.at, caused.message, caused.kind, caused.key


def _time(event: Event) -> tuple[datetime, str]:
    return event.at, event.id
