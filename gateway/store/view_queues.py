"""What is on its way: queues by partner and channel, what is paused, and replays of many."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, func, select, text

from gateway.store import tables as t
from gateway.store import tables_operations as ops
from gateway.store.forms import micros, moment
from gateway.store.tx_breaker import FAILURES
from gateway.store.view_messages import line_from
from gateway.store.view_problem_rows import HoldLine, QueueLine, ReplayLine, ReplayResult
from gateway.store.view_problems import SOURCES
from gateway.store.view_reading import optional_moment
from gateway.store.view_rows import ATTENTION, MessageLine

_HOUR = timedelta(hours=1)
_GONE_OUT = ("sent", "acked", "accepted")
AT_ONCE = 500
MOST_COUNTED = 1_000_000  # rows of one figure
SHOWN = 100

Key = tuple[str, str, str]  # partner, channel, direction


class QueueViews:
    """What waits to be sent, by partner, and replays at work."""

    _engine: Engine

    def queues(self, now: datetime) -> tuple[QueueLine, ...]:
        """Return every queue that has something in it or has had in the last hour, and every partner that cannot be
        reached, the oldest first."""
        found: dict[Key, QueueLine] = {}
        with self._engine.connect() as connection:
            _outbound(connection, now, found)
            _inbound(connection, now, found)
            _breakers(connection, found)
        return tuple(
            sorted(found.values(), key=lambda each: (each.oldest_at or now, each.partner, each.channel, each.direction))
        )

    def holds(self) -> tuple[HoldLine, ...]:
        """Return what people have paused, the longest first."""
        with self._engine.connect() as connection:
            return tuple(
                HoldLine(kind=row.kind, key=row.key, reason=row.reason, user=row.user, at=moment(row.at))
                for row in connection.execute(select(t.hold).order_by(t.hold.c.at, t.hold.c.kind, t.hold.c.key))
            )

    def replays(self, limit: int = 20) -> tuple[ReplayLine, ...]:
        """Return replays of many, the newest first."""
        with self._engine.connect() as connection:
            query = select(t.bulk).order_by(t.bulk.c.created_at.desc(), t.bulk.c.id.desc()).limit(limit)
            return tuple(_replay(row) for row in connection.execute(query))

    def replay_result(self, replay_id: str) -> ReplayResult | None:
        """Return what became of the messages of a replay, None when there is no such replay."""
        with self._engine.connect() as connection:
            row = connection.execute(select(t.bulk).where(t.bulk.c.id == replay_id)).first()
            if row is None:
                return None
            replay = _replay(row)
            source = SOURCES[replay.kind]
            item = ops.bulk_item.c
            states = connection.execute(
                select(source.table.c.state, func.count())
                .join_from(ops.bulk_item, source.table, source.table.c.id == item.subject)
                .where(item.bulk == replay_id)
                .group_by(source.table.c.state)
            ).all()
            return ReplayResult(
                replay=replay,
                states={state: int(count) for state, count in states},
                lines=_taken(connection, replay),
            )


def _taken(connection: Connection, replay: ReplayLine) -> tuple[MessageLine, ...]:
    """Return what a replay took, what waits for a person again first."""
    source = SOURCES[replay.kind]
    item = ops.bulk_item.c
    query = source.lines()
    if replay.kind == "arrival":  # what could be read now has become messages
        query = query.with_only_columns(*query.selected_columns)
    taken = select(item.subject).where(item.bulk == replay.id).order_by(item.seq).limit(AT_ONCE)
    ids = list(connection.execute(taken).scalars())
    rows = [line_from(row) for row in connection.execute(query.where(source.table.c.id.in_(ids)))]
    rows.sort(key=lambda each: (each.state not in ATTENTION, each.at, each.id))
    return tuple(rows[:SHOWN])


def _replay(row: Row[Any]) -> ReplayLine:
    chosen = json.loads(row.chosen)
    return ReplayLine(
        id=row.id,
        kind=chosen.get("kind", "message"),
        user=row.user,
        reason=row.reason,
        state=row.state,
        total=row.total,
        done=row.done,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        partner=chosen.get("partner"),
        fault_code=chosen.get("fault_code"),
        place=chosen.get("place"),
    )


def _put(found: dict[Key, QueueLine], key: Key, **values: Any) -> None:
    partner, channel, direction = key
    empty = QueueLine(partner=partner, channel=channel, direction=direction)  # type: ignore[arg-type]
    found[key] = replace(found.get(key, empty), **values)


def _grouped(some: Select[Any], *least: str) -> Select[Any]:
    """Count rows by partner and channel. least: columns of some whose least value is asked for too.

    The inner limit makes SQLite find the rows first: else it walks the partners' index of the whole table."""
    found = some.limit(MOST_COUNTED).subquery("found")
    figures = [func.min(found.c[each]).label(each) for each in least]
    return select(found.c.partner, found.c.channel, func.count().label("size"), *figures).group_by(
        found.c.partner, found.c.channel
    )


def _outbound(connection: Connection, now: datetime, found: dict[Key, QueueLine]) -> None:
    columns = t.parcel.c
    waiting = select(
        columns.partner, columns.channel, columns.created_at.label("oldest"), columns.next_at.label("next")
    ).where(text(f"parcel.{t.PARCEL_OPEN}"))
    for row in connection.execute(_grouped(waiting, "oldest", "next")):
        times = {"oldest_at": moment(row.oldest), "next_at": optional_moment(row.next or None)}
        _put(found, (row.partner, row.channel, "out"), waiting=int(row.size), **times)
    gone = select(columns.partner, columns.channel).where(
        columns.created_at >= micros(now - _HOUR), columns.state.in_(_GONE_OUT)
    )
    for row in connection.execute(_grouped(gone)):
        _put(found, (row.partner, row.channel, "out"), sent_1h=int(row.size))


def _inbound(connection: Connection, now: datetime, found: dict[Key, QueueLine]) -> None:
    columns = t.message.c
    sums: dict[Key, tuple[int, int]] = {}
    for table, condition in ((t.arrival, t.ARRIVAL_OPEN), (t.message, t.MESSAGE_OPEN)):
        waiting = select(table.c.partner, table.c.channel, table.c.received_at.label("oldest"))
        for row in connection.execute(_grouped(waiting.where(text(f"{table.name}.{condition}")), "oldest")):
            key = (row.partner, row.channel, "in")
            size, first = sums.get(key, (0, row.oldest))
            sums[key] = (size + int(row.size), min(first, row.oldest))
    for key, (size, first) in sums.items():
        _put(found, key, waiting=size, oldest_at=moment(first))
    held = select(columns.partner, columns.channel).where(
        text(f"message.{t.MESSAGE_ATTENTION}"), columns.state == "held"
    )
    for row in connection.execute(_grouped(held)):
        _put(found, (row.partner, row.channel, "in"), held=int(row.size))
    done = select(columns.partner, columns.channel).where(
        columns.received_at >= micros(now - _HOUR), columns.state.in_(("applied", "done"))
    )
    for row in connection.execute(_grouped(done)):
        _put(found, (row.partner, row.channel, "in"), sent_1h=int(row.size))


def _breakers(connection: Connection, found: dict[Key, QueueLine]) -> None:
    for row in connection.execute(select(t.breaker).where(t.breaker.c.failures > 0)):
        shut = optional_moment(row.open_until) if row.failures >= FAILURES else None
        keys: Iterable[Key] = [key for key in found if (key[0], key[2]) == (row.partner, "out")]
        for key in keys or [(row.partner, "", "out")]:
            _put(found, key, failures=row.failures, open_until=shut, fault_code=row.fault_code)
