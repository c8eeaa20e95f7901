"""What waits for a person, one line per cause: fault, partner and place in the document; absent documents too.

The groups are counted from the messages themselves at every look, by an index that holds only what waits. What people
have said of a cause (owner, note, snoozed, resolved) is a row of its own; a resolved cause that comes back is open.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import add
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, case, func, literal, select, text

from gateway.store import tables as t
from gateway.store import tables_operations as ops
from gateway.store.forms import micros, moment
from gateway.store.view_messages import arrival_columns, lines_where, message_columns, parcel_columns
from gateway.store.view_problem_rows import (
    PROBLEM_STATES,
    TREND_DAYS,
    AbsentDocument,
    ProblemDetail,
    ProblemKind,
    ProblemLine,
    ProblemPage,
    ValueCount,
    problem_id,
)
from gateway.store.view_reading import optional_finding, optional_moment
from gateway.store.view_rows import MessageLine

ABSENT_CODE = "document.overdue"
LOOK_AT = 200  # newest messages of a cause, whose wrong values are gathered
SHOWN = 50
_DAY = timedelta(days=1)
Recent = dict[str, tuple[int, list[int]]]  # by cause: when the newest came, and how many since each of the last days


@dataclass(frozen=True, slots=True)
class Source:
    """A table that holds what waits. open: the condition of its partial index, which queries repeat word by word."""

    kind: ProblemKind
    table: Any
    open: str
    came: Any  # column of the time at which it came or was made
    changed: Any  # of its last change
    lines: Any  # function: the columns of the list of messages

    def conditions(self) -> list[Any]:
        """Return what a row of this source must meet to be a problem."""
        found: list[Any] = [text(f"{self.table.name}.{self.open}")]
        if self.kind == "arrival":  # one that holds messages waits by them; NOT EXISTS would make PostgreSQL join all
            inside = select(t.message.c.id).where(t.message.c.arrival == t.arrival.c.id).limit(1)
            found.append(inside.scalar_subquery().is_(None))
        return found

    def of(self, code: str, partner: str, place: str) -> list[Any]:
        """The conditions of one cause."""
        columns = self.table.c
        found = [*self.conditions(), columns.partner == partner, columns.fault_place == place]
        if code.startswith("state."):
            return [*found, columns.fault_code.is_(None), columns.state == code.removeprefix("state.")]
        return [*found, columns.fault_code == code]


_M, _P, _A = t.message.c, t.parcel.c, t.arrival.c
SOURCES: dict[str, Source] = {
    "message": Source("message", t.message, t.MESSAGE_PARKED, _M.received_at, _M.updated_at, message_columns),
    "parcel": Source("parcel", t.parcel, t.PARCEL_FAILED, _P.created_at, _P.updated_at, parcel_columns),
    "arrival": Source("arrival", t.arrival, t.ARRIVAL_PARKED, _A.received_at, _A.received_at, arrival_columns),
}


def _trend(came: Any, now: datetime) -> list[Any]:
    """How many came since each of the last seven days began, the oldest first."""
    since = [micros(now - _DAY * back) for back in range(TREND_DAYS, 0, -1)]
    return [func.sum(case((came >= each, 1), else_=0)).label(f"since{n}") for n, each in enumerate(since)]


def _since(row: Row[Any]) -> list[int]:
    return [int(row._mapping[f"since{n}"]) for n in range(TREND_DAYS)]


def _per_day(since: Sequence[int]) -> tuple[int, ...]:
    return tuple(now - later for now, later in zip(since, [*since[1:], 0], strict=True))


def _groups(connection: Connection, now: datetime, recent: Recent | None) -> Iterator[ProblemLine]:
    """Every cause, counted on an index that holds only what waits. recent: gets what is new of each cause."""
    for source in SOURCES.values():
        columns = source.table.c
        query = (
            select(
                columns.partner,
                columns.fault_code,
                columns.fault_place,
                columns.state,
                func.count().label("size"),
                func.min(source.came).label("first"),
                func.max(source.changed).label("last"),
                *([] if recent is None else [func.max(source.came).label("newest"), *_trend(source.came, now)]),
            )
            .where(*source.conditions())
            .group_by(columns.partner, columns.fault_code, columns.fault_place, columns.state)
        )
        yield from _merged(source.kind, connection.execute(query), recent)
    yield from _absent(connection, now)


def _merged(kind: ProblemKind, rows: Iterable[Row[Any]], recent: Recent | None) -> Iterator[ProblemLine]:
    """One line per cause: the same fault may have parked one message and quarantined another."""
    found: dict[str, ProblemLine] = {}
    for row in rows:
        code = row.fault_code or f"state.{row.state}"
        line = ProblemLine(
            id=problem_id(kind, code, row.partner, row.fault_place),
            kind=kind,
            code=code,
            partner=row.partner,
            place=row.fault_place,
            count=int(row.size),
            first_at=moment(row.first),
            last_at=moment(row.last),
        )
        if recent is not None:
            came, since = recent.get(line.id, (0, [0] * TREND_DAYS))
            recent[line.id] = (max(came, row.newest), [*map(add, since, _since(row))])
        before = found.get(line.id)
        found[line.id] = line if before is None else _both(before, line)
    yield from found.values()


def _both(one: ProblemLine, other: ProblemLine) -> ProblemLine:
    return replace(
        one,
        count=one.count + other.count,
        first_at=min(one.first_at, other.first_at),
        last_at=max(one.last_at, other.last_at),
    )


def _absent(connection: Connection, now: datetime) -> Iterator[ProblemLine]:
    columns = t.expectation.c
    query = (
        select(
            columns.partner,
            columns.document_type,
            func.count().label("size"),
            func.min(columns.due).label("first"),
            func.max(columns.due).label("last"),
            *_trend(columns.due, now),
        )
        .where(text(f"expectation.{t.EXPECTATION_OVERDUE}"))
        .group_by(columns.partner, columns.document_type)
    )
    for row in connection.execute(query):
        yield ProblemLine(
            id=problem_id("absent", ABSENT_CODE, row.partner, row.document_type),
            kind="absent",
            code=ABSENT_CODE,
            partner=row.partner,
            place=row.document_type,
            count=int(row.size),
            first_at=moment(row.first),
            last_at=moment(row.last),
            trend=_per_day(_since(row)),
            document_type=row.document_type,
        )


def _with_word(line: ProblemLine, said: Row[Any] | None, now: datetime) -> ProblemLine:
    """Return the line with what people have said of it, as far as it still holds."""
    if said is None:
        return line
    back = said.state == "resolved" and line.count > 0 and line.last_at > moment(said.marked_at)
    awake = said.state == "snoozed" and (said.until is None or moment(said.until) <= now)
    reopened = back or awake
    state: Any = "open" if reopened else said.state
    until = optional_moment(said.until) if state == "snoozed" else None
    return replace(line, state=state, reopened=reopened, owner=said.owner, note=said.note, until=until)


def _gone(said: Row[Any]) -> ProblemLine:
    """What people have said of a cause for which nothing waits any more."""
    at = moment(said.marked_at)
    return ProblemLine(
        id=said.id,
        kind=said.kind,
        code=said.code,
        partner=said.partner,
        place=said.place,
        count=0,
        first_at=at,
        last_at=at,
        trend=(0,) * TREND_DAYS,
        state="resolved",
        owner=said.owner,
        note=said.note,
        document_type=said.place if said.kind == "absent" else None,
    )


def all_problems(connection: Connection, now: datetime, recent: Recent | None = None) -> list[ProblemLine]:
    """Return every cause, the largest first. recent: gets what is new of each."""
    said = {row.id: row for row in connection.execute(select(ops.problem))}
    found = [_with_word(line, said.pop(line.id, None), now) for line in _groups(connection, now, recent)]
    found += [_gone(row) for row in said.values()]
    return sorted(found, key=lambda each: (-each.count, -each.last_at.timestamp(), each.id))


class ProblemViews:
    """What waits for a person, by cause."""

    _engine: Engine

    def problems(
        self,
        now: datetime,
        *,
        state: str | None = None,
        partner: str | None = None,
        owner: str | None = None,
        kind: str | None = None,
        start: int = 0,
        limit: int = SHOWN,
        samples: bool = True,
    ) -> ProblemPage:
        """Return causes, those with most waiting first. state None: all but the resolved ones. samples: with the newest
        message of each and its fault."""
        with self._engine.connect() as connection:
            recent: Recent | None = {} if samples else None
            every = all_problems(connection, now, recent)
            found = [
                each
                for each in every
                if (partner is None or each.partner == partner)
                and (owner is None or each.owner == owner)
                and (kind is None or each.kind == kind)
            ]
            counts = Counter(each.state for each in found)
            chosen = [each for each in found if each.state == state or (state is None and each.state != "resolved")]
            shown = chosen[start : start + limit]
            if recent is not None:
                shown = _with_newest_all(connection, shown, recent)
        return ProblemPage(
            lines=tuple(shown),
            counts={each: counts.get(each, 0) for each in PROBLEM_STATES},
            more=len(chosen) > start + limit,
            partners=tuple(sorted({each.partner for each in every})),
            owners=tuple(sorted({each.owner for each in every if each.owner})),
        )

    def problem(self, wanted: str, now: datetime) -> ProblemDetail | None:
        """Return one cause with the newest of what waits; None when nothing waits and nobody has spoken of it."""
        with self._engine.connect() as connection:
            line = next((each for each in all_problems(connection, now) if each.id == wanted), None)
            if line is None:
                return None
            if line.kind == "absent":
                return ProblemDetail(problem=line, absent=_absent_documents(connection, line))
            lines = newest_of(connection, line, LOOK_AT)
            newest = _with_newest(connection, line, now)
            return ProblemDetail(problem=newest, lines=lines[:SHOWN], values=_values(lines))


def newest_of(connection: Connection, line: ProblemLine, limit: int) -> tuple[MessageLine, ...]:
    """Return the newest of what waits for one cause."""
    source = SOURCES[line.kind]
    query: Select[Any] = source.lines().where(*source.of(line.code, line.partner, line.place))
    return lines_where(connection, query.order_by(source.came.desc()), limit)


def _with_newest(connection: Connection, line: ProblemLine, now: datetime) -> ProblemLine:
    """Return the line with its newest message and its trend: of the few that are shown, not of every cause."""
    if line.kind == "absent" or not line.count:
        return line
    source = SOURCES[line.kind]
    columns = source.table.c
    mine = source.of(line.code, line.partner, line.place)
    kind = columns.document_type if "document_type" in columns else literal(None)
    query = select(columns.id, columns.fault, kind.label("document_type")).where(*mine).order_by(source.came.desc())
    row = connection.execute(query.limit(1)).first()
    if row is None:  # replayed a moment ago
        return line
    days = connection.execute(select(*_trend(source.came, now)).where(*mine)).one()
    return replace(
        line,
        newest=row.id,
        fault=optional_finding(row.fault),
        document_type=row.document_type,
        trend=_per_day(_since(days)) if days.since0 is not None else line.trend,
    )


def _with_newest_all(connection: Connection, lines: list[ProblemLine], recent: Recent) -> list[ProblemLine]:
    """The same for a page of lines, with one query for each kind: by the times at which the newest came, which an index
    finds; conditions on a cause each take longer to plan than to answer."""
    found: dict[str, ProblemLine] = {}
    for kind, source in SOURCES.items():
        named = {each.id: each for each in lines if each.kind == kind and each.count}
        if not named:
            continue
        columns, came = source.table.c, source.came.label("came")
        of = columns.document_type if "document_type" in columns else literal(None)
        query = select(
            columns.partner, columns.fault_code, columns.fault_place, columns.state, columns.id, columns.fault, came,
            of.label("document_type"),
        )  # fmt: skip
        times = sorted({recent[each][0] for each in named})
        for row in connection.execute(query.where(*source.conditions(), source.came.in_(times))):
            cause = problem_id(kind, row.fault_code or f"state.{row.state}", row.partner, row.fault_place)
            if cause in named and row.came == recent[cause][0]:
                found[cause] = replace(
                    named[cause],
                    newest=row.id,
                    fault=optional_finding(row.fault),
                    document_type=row.document_type,
                    trend=_per_day(recent[cause][1]),
                )
    return [found.get(each.id, each) for each in lines]


def _values(lines: tuple[MessageLine, ...]) -> tuple[ValueCount, ...]:
    counted: Counter[str] = Counter()
    newest: dict[str, str] = {}
    for each in lines:
        if each.fault is not None and each.fault.value:
            counted[each.fault.value] += 1
            newest.setdefault(each.fault.value, each.id)
    return tuple(ValueCount(value=v, count=n, newest=newest[v]) for v, n in counted.most_common(20))


def _absent_documents(connection: Connection, line: ProblemLine) -> tuple[AbsentDocument, ...]:
    columns = t.expectation.c
    query = (
        select(columns.subject, columns.due, columns.message)
        .where(
            text(f"expectation.{t.EXPECTATION_OVERDUE}"),
            columns.partner == line.partner,
            columns.document_type == line.place,
        )
        .order_by(columns.due.desc())
        .limit(SHOWN)
    )
    return tuple(
        AbsentDocument(subject=row.subject, due=moment(row.due), cause=row.message) for row in connection.execute(query)
    )
