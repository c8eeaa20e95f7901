"""Shards of what is kept of the past: brought up to the day from the rows that have changed, looked over, and stored.

A row of fact_changed says that something was told of a day of a place: only these days are read again. What was
consumed is deleted in the transaction that stores the shard, row by row, so that nothing told meanwhile is lost.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zlib import crc32

import numpy as np
from sqlalchemy import Connection, delete, insert, select, union

from gateway.domain.replenishment.facts import DaySales, Pair, PairFacts, PlanScope, Receipt, StockCount
from gateway.domain.replenishment.kept import (
    MOST,
    NEVER,
    NO_ROW,
    SCHEMA,
    Kept,
    from_bytes,
    nothing_kept,
    to_bytes,
    widened,
)
from gateway.domain.replenishment.looking import About, Looked, PairNow, look, only_due
from gateway.domain.replenishment.position import SELLABLE, TOTAL, closed_day
from gateway.store import planning_counts, planning_due, planning_events, planning_records
from gateway.store.among import among
from gateway.store.forms import micros, units
from gateway.store.planning_snapshot import COUNTS_AHEAD, coming_to, moment_of
from gateway.store.tables import reported_stock, sales
from gateway.store.tables_kept import QUIET, fact_changed, plan_shard
from gateway.store.tables_planning import plan_line, plan_override, plan_parameter, receipt_fact, sales_day, stock_fact

BUCKETS = 64  # of the places of an agreement
_AHEAD = 2  # days after today that are kept: of places that live in another zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ShardScope:
    """What one look sees. run: its name; places: of the shard, all of one agreement and bucket."""

    run: str
    bucket: int
    places: tuple[str, ...]
    scope: PlanScope
    warehouse: str


def shards(about: Mapping[str, tuple[str, ...]]) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return (agreement, bucket, places) of every shard. about: places by agreement."""
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for agreement, places in about.items():
        for place in places:
            found[agreement, crc32(place.encode()) % BUCKETS].append(place)
    return [(agreement, bucket, tuple(sorted(places))) for (agreement, bucket), places in sorted(found.items())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look has found, and the shard as it is to be stored. read: when the shard that it was made from was
    stored, None: there was none. changed: rows of fact_changed that are in it."""

    looked: Looked
    shard: ShardScope
    agreement: str
    data: bytes
    read: int | None
    changed: list[tuple[str, str, str, str]]

    def to_send(self) -> "Seen":
        """Return it without the figures of each plan: what is due and kept is all that is stored."""
        return replace(self, looked=only_due(self.looked))


def looked_at(connection: Connection, shard: ShardScope, about: About) -> Seen:
    """Look over a shard, brought up to date; nothing is written."""
    read = _stored_at(connection, about.agreement.id, shard.bucket)
    kept = _kept(connection, shard, about.agreement.id)
    changed = _changed(connection, shard.places)
    _refresh(connection, kept, shard, changed)
    looked = look(kept, _now(connection, kept, shard, about), about)
    return Seen(
        looked=looked,
        shard=shard,
        agreement=about.agreement.id,
        data=to_bytes(kept),
        read=read,
        changed=changed.rows,
    )


def keep(connection: Connection, seen: Seen, now: datetime) -> None:
    """Store what a look has found. A shard that another node has stored meanwhile stays as that left it."""
    planning_due.put(connection, seen.shard.run, seen.looked.due)
    agreement, bucket = seen.agreement, seen.shard.bucket
    if _stored_at(connection, agreement, bucket) != seen.read:
        return
    columns = plan_shard.c
    connection.execute(delete(plan_shard).where(columns.agreement == agreement, columns.bucket == bucket))
    row = {"agreement": agreement, "bucket": bucket, "schema": SCHEMA, "data": seen.data, "looked_at": micros(now)}
    connection.execute(insert(plan_shard), [row])
    keys = [fact_changed.c[name] for name in ("location", "day", "gtin", "message")]
    for condition in among(keys, seen.changed):
        connection.execute(delete(fact_changed).where(condition))


def _stored_at(connection: Connection, agreement: str, bucket: int) -> int | None:
    columns = plan_shard.c
    chosen = select(columns.looked_at).where(columns.agreement == agreement, columns.bucket == bucket)
    return connection.execute(chosen).scalar_one_or_none()


def _kept(connection: Connection, shard: ShardScope, agreement: str) -> Kept:
    first = shard.scope.first_day
    assert first is not None
    lead = (first - shard.scope.since).days
    chosen = select(plan_shard.c.data).where(
        plan_shard.c.agreement == agreement, plan_shard.c.bucket == shard.bucket, plan_shard.c.schema == SCHEMA
    )
    data = connection.execute(chosen).scalar_one_or_none()
    if data is not None:
        found = from_bytes(data)
        if found.first_day == first and found.lead == lead and set(found.places.tolist()) <= set(shard.places):
            return found
    return nothing_kept(first, lead)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """days: of each place, of which all is read again; pairs: items that are read whole; rows: what was seen."""

    days: Mapping[str, set[str]]
    pairs: set[Pair]
    rows: list[tuple[str, str, str, str]]


def _changed(connection: Connection, places: Sequence[str]) -> _Changes:
    days: dict[str, set[str]] = defaultdict(set)
    pairs: set[Pair] = set()
    rows = [tuple(row) for row in connection.execute(select(fact_changed).where(fact_changed.c.location.in_(places)))]
    for place, day, gtin, _ in rows:
        if gtin:
            pairs.add((place, gtin))
        else:
            days[place].add(day)
    return _Changes(days=days, pairs=pairs, rows=rows)


def _refresh(connection: Connection, kept: Kept, shard: ShardScope, changed: _Changes) -> None:
    """Read new places and items whole, and of the others what has changed."""
    before = set(kept.places.tolist())
    fresh = [place for place in shard.places if place not in before]
    old = [place for place in shard.places if place in before]
    told = {place: _told(connection, place, sorted(changed.days[place])) for place in old if changed.days.get(place)}
    named = _named(connection, fresh, shard.scope.since)
    named |= {(place, row[0]) for place, rows in told.items() for row in rows} | _held(connection, old)
    new = sorted(named - set(kept.pairs))
    days = (shard.scope.today - kept.first_day).days + 1 + _AHEAD
    widened(kept, days, new)
    reader = _Reader(connection, kept, shard.scope.since)
    whole = changed.pairs | set(new)
    for place in fresh:
        reader.covers(place, None)
        reader.whole(place, None)
    for place in old:
        if place in told:
            reader.covers(place, changed.days[place])
            whole |= reader.days(place, changed.days[place], told[place])
    whole |= {(place, gtin) for (place, gtin), at in reader.column.items() if kept.begins[at] == NEVER}
    by_place: dict[str, list[str]] = defaultdict(list)
    for place, gtin in sorted(whole):
        if place in before and (place, gtin) in reader.column:
            by_place[place].append(gtin)
    for place, gtins in by_place.items():
        reader.whole(place, gtins)


def _named(connection: Connection, places: Sequence[str], since: date) -> set[Pair]:
    """Return the items of places of which nothing is kept, as a plan names them."""
    chosen = select(sales.c.location, sales.c.gtin).distinct()
    chosen = chosen.where(sales.c.location.in_(places), sales.c.day >= since.isoformat())
    return (
        {(row[0], row[1]) for row in connection.execute(chosen).all()} | _held(connection, places) if places else set()
    )


def _held(connection: Connection, places: Sequence[str]) -> set[Pair]:
    named = union(
        select(reported_stock.c.location, reported_stock.c.gtin).where(reported_stock.c.location.in_(places)),
        select(plan_parameter.c.location, plan_parameter.c.gtin).where(plan_parameter.c.location.in_(places)),
    )
    return {(row[0], row[1]) for row in connection.execute(named).all()}


_Told = Sequence[Any]  # gtin, day, sold, excluded, lost
_TOLD = (sales.c.gtin, sales.c.day, sales.c.sold, sales.c.excluded, sales.c.lost)


def _told(connection: Connection, place: str, days: list[str]) -> _Told:
    found: list[Any] = []
    for start in range(0, len(days), 400):
        some = days[start : start + 400]
        found += connection.execute(select(*_TOLD).where(sales.c.location == place, sales.c.day.in_(some)))
    return found


class _Reader:
    """Reads rows of one place at a time into the columns."""

    def __init__(self, connection: Connection, kept: Kept, since: date) -> None:
        self.connection, self.kept, self.since = connection, kept, since
        self.column = {pair: at for at, pair in enumerate(kept.pairs)}
        self.place_at = {place: at for at, place in enumerate(kept.places.tolist())}
        self.first = kept.first_day.toordinal()
        self._numbers: dict[str, int] = {}

    def covers(self, place: str, days: set[str] | None) -> None:
        """Take in which days a report covers. days: these alone; None: all."""
        chosen = select(sales_day.c.day).distinct().where(sales_day.c.location == place)
        chosen = chosen.where(sales_day.c.day >= self.since.isoformat() if days is None else sales_day.c.day.in_(days))
        told = {row[0] for row in self.connection.execute(chosen)}
        covered = self.kept.covered[:, self.place_at[place]]
        for day in told if days is None else days:
            row = self._number(day) - self.first + self.kept.lead
            if 0 <= row < len(covered):
                covered[row] = day in told

    def whole(self, place: str, gtins: list[str] | None) -> None:
        """Read items anew from the first day; None: all of the place. Their states are made anew."""
        kept = self.kept
        mine = self._columns(place, gtins)
        kept.units[:, mine], kept.asked[:, mine], kept.empty[:, mine] = NO_ROW, False, False
        kept.begins[mine], kept.odd[mine], kept.through[mine] = NEVER, False, 0
        chosen = select(*_TOLD).where(sales.c.location == place, sales.c.day >= self.since.isoformat())
        for some in [None] if gtins is None else [gtins[n : n + 400] for n in range(0, len(gtins), 400)]:
            rows = self.connection.execute(chosen if some is None else chosen.where(sales.c.gtin.in_(some))).all()
            self._fill(place, rows)
        for gtin, day in planning_counts.counted_from(self.connection, place, gtins, self.since).items():
            at = self.column.get((place, gtin))
            if at is not None:
                kept.begins[at] = min(int(kept.begins[at]), day.toordinal())
        for gtin, days in planning_counts.emptied(self.connection, place, gtins, self.since).items():
            at = self.column.get((place, gtin))
            rows_of = [day.toordinal() - self.first for day in days]
            if at is not None:
                kept.empty[[row for row in rows_of if 0 <= row < kept.days], at] = True

    def days(self, place: str, days: set[str], rows: _Told) -> set[Pair]:
        """Take in what is told of some days now; return the items that have to be read whole: of days before the
        history, and those whose first day of sales is not told any more."""
        kept, mine = self.kept, self._columns(place, None)
        numbers = sorted(self._number(day) - self.first for day in days)
        if numbers[0] < 0:
            return {(place, gtin) for gtin in kept.gtins[mine].tolist()}
        inside = [row for row in numbers if row < kept.days]
        cut = np.ix_(inside, mine)
        units, asked = kept.units[cut].copy(), kept.asked[cut].copy()
        kept.units[cut], kept.asked[cut] = NO_ROW, False
        self._fill(place, rows)
        differs = (kept.units[cut] != units) | (kept.asked[cut] != asked)
        number = np.array(inside)[:, None] + self.first
        late = (differs & (number <= kept.through[mine][None, :])).any(axis=0)
        kept.through[mine[late]] = 0
        gone = ((units != NO_ROW) & (kept.units[cut] == NO_ROW) & (number == kept.begins[mine][None, :])).any(axis=0)
        return {(place, gtin) for gtin in kept.gtins[mine[gone]].tolist()}

    def _fill(self, place: str, rows: _Told) -> None:
        if not rows:
            return
        kept = self.kept
        gtins, days, sold, excluded, lost = zip(*rows, strict=True)
        number = np.array([self._number(day) for day in days])
        at = np.array([self.column.get((place, gtin), -1) for gtin in gtins])
        missed = np.array(lost, np.int64)
        units = np.maximum(np.array(sold, np.int64) - np.array(excluded, np.int64), 0) + missed
        good = at >= 0
        np.minimum.at(kept.begins, at[good], number[good].astype(np.int32))
        row = number - self.first
        good &= (row >= 0) & (row < kept.days)
        large = good & (units > MOST)
        kept.odd[at[large]] = True
        kept.units[row[good], at[good]] = np.minimum(units[good], MOST)
        kept.asked[row[good], at[good]] = missed[good] > 0

    def _columns(self, place: str, gtins: list[str] | None) -> Any:
        if gtins is None:
            return np.flatnonzero(self.kept.place_of == self.place_at[place])
        return np.array([self.column[place, gtin] for gtin in gtins], np.int64)

    def _number(self, day: str) -> int:
        found = self._numbers.get(day)
        if found is None:
            found = self._numbers[day] = date.fromisoformat(day).toordinal()
        return found


def _now(connection: Connection, kept: Kept, shard: ShardScope, about: About) -> list[PairNow]:
    """Return what is known now of every item that is kept."""
    today = about.now.date()
    oldest = today - timedelta(days=about.agreement.report_days)
    until = today + COUNTS_AHEAD
    counts, since = _counts(connection, shard.places, oldest, until)
    received = _received(connection, shard.places, oldest, until)
    sold = _sold(connection, since)
    coming = coming_to(connection, shard.places)
    parameters, said = _set(connection, shard.places)
    events = planning_events.of_scope(connection, shard.scope, shard.warehouse)
    overrides = planning_records.overrides(connection, said)
    quiet = _quiet(connection, shard.places)
    found = []
    for pair in kept.pairs:
        place, gtin = pair
        days = sold.get(pair)
        facts = PairFacts(
            place=place,
            gtin=gtin,
            sales={} if days is None else {place: days},
            stock=tuple(counts.get(pair, ())),
            receipts=tuple(received.get(pair, ())),
            coming=tuple(coming.get(pair, ())),
            parameters=parameters.get(pair, {}),
            overrides=overrides.get(pair, ()),
            events=events(place, gtin),
        )
        found.append(PairNow(facts=facts, quiet=pair in quiet))
    return found


def _counts(
    connection: Connection, places: Sequence[str], oldest: date, until: date
) -> tuple[dict[Pair, list[StockCount]], dict[str, date]]:
    """Return the counts since a day and before another, the newest first, and of each place the first day whose sales
    are not in one."""
    found: dict[Pair, list[StockCount]] = defaultdict(list)
    since: dict[str, date] = {}
    columns = stock_fact.c
    chosen = (
        select(columns.location, columns.gtin, columns.type, columns.at, columns.quantity, columns.report)
        .where(columns.location.in_(places), columns.at >= oldest.isoformat(), columns.at < until.isoformat())
        .order_by(columns.at.desc(), columns.issued_at.desc(), columns.message.desc(), columns.type)
    )
    newest: dict[Pair, str] = {}
    seen = set()
    days: dict[str, tuple[datetime | date, date]] = {}
    exact: dict[int, Decimal] = {}
    for place, gtin, kind, at, quantity, report in connection.execute(chosen).all():
        pair = (place, gtin)
        if newest.get(pair, at[:10]) != at[:10] or (pair, kind, at) in seen:
            continue  # of what can be sold only the newest day counts
        seen.add((pair, kind, at))
        if kind in (SELLABLE, TOTAL):
            newest[pair] = at[:10]
        if at not in days:
            moment = moment_of(at)
            days[at] = moment, closed_day(moment) + timedelta(days=1)
        if quantity not in exact:
            exact[quantity] = units(quantity)
        moment, day = days[at]
        if since.setdefault(place, day) > day:
            since[place] = day
        found[pair].append(StockCount(type=kind, quantity=exact[quantity], at=moment, report=report))
    return found, since


def _received(connection: Connection, places: Sequence[str], oldest: date, until: date) -> dict[Pair, list[Receipt]]:
    found: dict[Pair, list[Receipt]] = defaultdict(list)
    columns = receipt_fact.c
    chosen = select(receipt_fact).where(columns.location.in_(places), columns.at >= oldest.isoformat())
    chosen = chosen.where(columns.at < until.isoformat())
    for row in connection.execute(chosen.order_by(columns.at, columns.number)):
        found[row.location, row.gtin].append(Receipt(units=units(row.units), at=moment_of(row.at), number=row.number))
    return found


def _sold(connection: Connection, since: Mapping[str, date]) -> dict[Pair, dict[date, DaySales]]:
    """Return what was sold since the counts, by item and place."""
    found: dict[Pair, dict[date, DaySales]] = defaultdict(dict)
    columns = sales.c
    for place, day in since.items():
        chosen = select(columns.gtin, columns.day, columns.sold, columns.returned, columns.report)
        for row in connection.execute(chosen.where(columns.location == place, columns.day >= day.isoformat())).all():
            found[place, row.gtin][date.fromisoformat(row.day)] = DaySales(
                sold=units(row.sold), returned=units(row.returned), report=row.report
            )
    return found


def _set(connection: Connection, places: Sequence[str]) -> tuple[dict[Pair, dict[str, str]], set[Pair]]:
    """Return what is set for items at places, and of which a person has said a figure."""
    set_for: dict[Pair, dict[str, str]] = defaultdict(dict)
    for row in connection.execute(select(plan_parameter).where(plan_parameter.c.location.in_(places))):
        set_for[row.location, row.gtin][row.name] = row.value
    columns = plan_override.c
    chosen = select(columns.location, columns.gtin).where(columns.location.in_(places), columns.active.is_(True))
    return set_for, {(row[0], row[1]) for row in connection.execute(chosen)}


def _quiet(connection: Connection, places: Sequence[str]) -> set[Pair]:
    columns = plan_line.c
    chosen = select(columns.location, columns.gtin).where(columns.location.in_(places), QUIET)
    return {(row[0], row[1]) for row in connection.execute(chosen).all()}
