"""How the desk does with its cases, and where in a document a case has its reason."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, exists, func, or_, select

from gateway.domain.crm.cases import CaseEvent, Course
from gateway.model.findings import Where
from gateway.store import tables as t
from gateway.store.crm_entries import read_desk
from gateway.store.crm_rows import act_of, facts_of
from gateway.store.forms import AnyRow, micros, moment, sources_of
from gateway.store.tables_crm import crm_act, crm_case, crm_event
from gateway.store.view_people_rows import CaseFigures

WINDOW = timedelta(days=90)  # of what is over
MOST = 3_000
ASKED_ABOUT = ("service-request", "complaint", "nonconforming-goods", "delivery", "invoice", "return")
_LINE_FACTS = ("line", "lines", "number", "position")
_AT_ONCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePlace:
    """Where in a message a case has its reason. line: as the document numbers it; source: number of the value in the
    message's list of sources, to which the page of the message has an anchor."""

    message: str
    line: str | None
    where: Where
    source: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOver:
    """A case that is over: a document or a person has closed it."""

    id: str
    account: str
    subject: str
    over_at: datetime


class CaseViews:
    """Cases as the service desk lists and counts them."""

    _engine: Engine

    def crm_cases_over(self, since: datetime) -> tuple[CaseOver, ...]:
        """Return the cases of customers that came to their end since an instant, the oldest first, of the types that an
        account knows of."""
        done = (
            select(crm_act.c.case, func.max(crm_act.c.at).label("at"))
            .where(crm_act.c.kind.in_(("solved", "closed")), crm_act.c.at >= micros(since))
            .group_by(crm_act.c.case)
            .subquery()
        )
        over_at = func.coalesce(crm_case.c.closed_at, done.c.at)
        query = (
            select(crm_case.c.id, crm_case.c.account, crm_case.c.subject, over_at.label("at"))
            .outerjoin(done, done.c.case == crm_case.c.id)
            .where(crm_case.c.type.in_(ASKED_ABOUT), crm_case.c.direction == "customer", over_at >= micros(since))
            .order_by(over_at, crm_case.c.id)
            .limit(MOST)
        )
        with self._engine.connect() as connection:
            return tuple(
                CaseOver(id=row.id, account=row.account, subject=row.subject, over_at=moment(row.at))
                for row in connection.execute(query)
            )

    def crm_case_figures(self, zone: ZoneInfo, now: datetime) -> CaseFigures:
        """Return how many cases are open, by type too, and the other figures from the newest 3,000 of those that are
        open or of the last 90 days."""
        query = (
            select(crm_case)
            .where(or_(crm_case.c.closed_at.is_(None), crm_case.c.opened_at >= micros(now - WINDOW)))
            .order_by(crm_case.c.opened_at.desc())
            .limit(MOST)
        )
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
            acts = _acts(connection, [row.id for row in rows])
            desk = read_desk(connection, zone)
            still = select(crm_case.c.type, func.count()).where(crm_case.c.closed_at.is_(None), ~is_done())
            by_type = {row[0]: row[1] for row in connection.execute(still.group_by(crm_case.c.type))}
        courses = [(row, desk.course(row.type, _story(row, acts.get(row.id, ())), now)[0]) for row in rows]
        return _figures(courses, by_type, now)

    def crm_case_place(self, case: str) -> CasePlace | None:
        """Return where the document that opened a case tells of it: its line where the case names one, else its
        number; None for a case without a document."""
        with self._engine.connect() as connection:
            query = (
                select(crm_event.c.facts, crm_event.c.message, crm_event.c.place, crm_event.c.subject)
                .join(crm_case, crm_case.c.opened_by == crm_event.c.id)
                .where(crm_case.c.id == case, crm_event.c.message.is_not(None))
            )
            event = connection.execute(query).one_or_none()
            if event is None:
                return None
            kept = select(t.message.c.document, t.message.c.sources).where(t.message.c.id == event.message)
            row = connection.execute(kept).one_or_none()
        return None if row is None or row.document is None else _place(event, row)


def is_done() -> Any:
    """A person has solved the case, nobody has opened it again, and the problem was not seen since."""
    last = (
        select(func.max(crm_act.c.id))
        .where(crm_act.c.case == crm_case.c.id, crm_act.c.kind.in_(("solved", "closed", "reopened")))
        .correlate(crm_case)
        .scalar_subquery()
    )
    return exists().where(
        crm_act.c.id == last, crm_act.c.kind.in_(("solved", "closed")), crm_act.c.at >= crm_case.c.last_at
    )


def _acts(connection: Connection, cases: Sequence[str]) -> dict[str, list[CaseEvent]]:
    found: dict[str, list[CaseEvent]] = defaultdict(list)
    for start in range(0, len(cases), _AT_ONCE):
        query = select(crm_act).where(crm_act.c.case.in_(cases[start : start + _AT_ONCE])).order_by(crm_act.c.id)
        for row in connection.execute(query):
            found[row.case].append(act_of(row))
    return found


def _story(row: AnyRow, acts: Iterable[CaseEvent]) -> list[CaseEvent]:
    opened = moment(row.opened_at)
    told = [
        CaseEvent(at=opened, kind="opened", actor="gateway"),
        CaseEvent(at=opened, kind="urgency", actor="rule", values={"urgency": row.urgency}),
    ]
    rest = list(acts)
    if row.closed_at is not None:
        rest.append(CaseEvent(at=moment(row.closed_at), kind="closed", actor="gateway"))
    return told + sorted(rest, key=lambda each: each.at)


def _figures(courses: Sequence[tuple[AnyRow, Course]], by_type: Mapping[str, int], now: datetime) -> CaseFigures:
    open_ones = [its for _, its in courses if its.is_open]
    ages = [(now - its.opened_at).total_seconds() / 3600 for its in open_ones]
    answers = [its.answered_after.total_seconds() / 3600 for _, its in courses if its.answered_after is not None]
    answered = [its for _, its in courses if its.answer_clock in ("kept", "missed")]
    solved = [its for _, its in courses if its.solve_clock in ("kept", "missed") and not its.is_open]
    return CaseFigures(
        open=sum(by_type.values()),
        overdue=sum(its.solve_clock == "breached" for its in open_ones),
        oldest_h=round(max(ages)) if ages else None,
        median_age_h=round(median(ages)) if ages else None,
        median_first_answer_h=f"{median(answers):.1f}" if answers else None,
        answered_in_time=_share(sum(its.answer_clock == "kept" for its in answered), len(answered)),
        solved_in_time=_share(sum(its.solve_clock == "kept" for its in solved), len(solved)),
        answered=len(answered),
        solved=len(solved),
        by_type=dict(sorted(by_type.items())),
    )


def _share(part: int, whole: int) -> str | None:
    return None if not whole else str((Decimal(part) / whole).quantize(Decimal("0.001")))


def _place(event: AnyRow, row: AnyRow) -> CasePlace | None:
    sources = sources_of(row.sources)
    paths = list(sources)
    index, number = _line(json.loads(row.document), facts_of(event.facts))
    wanted = [path for path in paths if index is not None and path.startswith(f"lines[{index}].")]
    told = (event.place or "").strip()
    chosen = next((path for path in (told, *wanted, "id", *paths) if path in sources), None)
    if chosen is None:
        return None
    return CasePlace(message=event.message, line=number, where=sources[chosen], source=paths.index(chosen))


def _line(document: dict[str, Any], facts: dict[str, Any]) -> tuple[int | None, str | None]:
    """Return the index and the number of the line that the facts name, by its number or its article."""
    wanted = {str(facts[name]) for name in _LINE_FACTS if name in facts}
    said = " ".join(each for each in facts.values() if isinstance(each, str))
    for index, line in enumerate(document.get("lines") or ()):
        item = line.get("item") or {}
        gtin = str(item.get("gtin") or "").lstrip("0")
        if str(line.get("number")) in wanted or (gtin and gtin in said):
            return index, str(line.get("number"))
    return None, None
