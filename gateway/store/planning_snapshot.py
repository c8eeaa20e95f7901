"""What a run of planning sees: sales, counts, receipts, what is on its way, parameters and overrides of its items."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zlib import crc32

from sqlalchemy import Connection, and_, func, or_, select, text, union

from gateway.domain.replenishment.cmi import OFFERED
from gateway.domain.replenishment.facts import (
    Coming,
    DaySales,
    Pair,
    PairFacts,
    PlanFacts,
    PlanScope,
    Receipt,
    StockCount,
)
from gateway.model import json_form
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.values import gtin14
from gateway.store import planning_ahead, planning_counts, planning_due, planning_events, planning_records
from gateway.store.among import portions
from gateway.store.forms import AnyRow, units
from gateway.store.tables import business_order, order_line, reported_stock, sales, shipment, stock
from gateway.store.tables_planning import (
    plan_changed,
    plan_order_line,
    plan_parameter,
    receipt_fact,
    sales_day,
    stock_fact,
)

_COUNTS_BACK = timedelta(days=62)  # of stock figures: older ones say nothing of today
COUNTS_AHEAD = timedelta(days=2)  # and later ones nothing yet: tomorrow has begun for who is east of us
_USUAL_ORDERS = 8
_DONE = ("received", "rejected", "cancelled", "closed", "waiting")


def planning(connection: Connection, scope: PlanScope, warehouse: str) -> PlanFacts:
    """Return the facts of what scope asks for."""
    chosen = _pairs(connection, scope, warehouse)
    learned = planning_records.learned(connection) if not scope.sample else {}
    made = {} if scope.ahead is None else planning_ahead.still_true(connection, scope.ahead, chosen, learned)
    events = planning_events.of_scope(connection, scope, warehouse)
    found = _of_pairs(connection, scope, chosen - made.keys(), warehouse, events)
    leaning = _leaning(found, scope, warehouse) - found.keys()
    related = _of_pairs(connection, scope, leaning, warehouse, events)
    for pair in _leaning(found, scope, warehouse) & found.keys():
        related[pair] = found[pair]
    sellers = {place for place, _ in found} | {place for each in found.values() for place in each.sales}
    sellers |= {place for place, _ in related}
    reported = _reported(connection, sellers, scope.since, scope.today + COUNTS_AHEAD)
    if scope.by_orders:  # of our own books every day is told
        past = (scope.today - scope.since).days
        reported[warehouse] = frozenset(scope.since + timedelta(days=n) for n in range(past))
    return PlanFacts(
        pairs=found,
        reported=reported,
        related=related,
        learned=learned,
        first_day=scope.first_day,
        made=made,
    )


def _of_pairs(
    connection: Connection, scope: PlanScope, chosen: Collection[Pair], warehouse: str, events: planning_events.OfPair
) -> dict[Pair, PairFacts]:
    by_place: dict[str, list[str]] = defaultdict(list)
    for place, gtin in sorted(chosen):
        by_place[place].append(gtin)
    found: dict[Pair, PairFacts] = {}
    for place, wanted in by_place.items():
        for portion in portions(wanted):
            for facts in _facts(connection, scope, place, portion, ours=place == warehouse):
                found[facts.place, facts.gtin] = replace(facts, events=events(facts.place, facts.gtin))
    return found


def _leaning(found: Mapping[Pair, PairFacts], scope: PlanScope, warehouse: str) -> set[Pair]:
    """Return what others are planned with: like items, predecessors, places that our warehouse fills."""
    wanted: set[Pair] = set()
    for (place, _), facts in found.items():
        named = [facts.parameters.get(name) for name in ("like", "predecessor")]
        named += [each.like for each in facts.events]
        wanted |= {(place, gtin14(gtin)) for gtin in named if gtin}
        if place == warehouse:
            wanted |= {(other, facts.gtin) for other in scope.echelon}
    return wanted


def _pairs(connection: Connection, scope: PlanScope, warehouse: str) -> set[Pair]:
    if scope.pairs is not None:
        return {pair for pair in scope.pairs if pair[0] in scope.places}
    if scope.changed:
        oldest = select(plan_changed).order_by(plan_changed.c.since, plan_changed.c.location, plan_changed.c.gtin)
        return {(row.location, row.gtin) for row in connection.execute(oldest.limit(scope.changed))}
    if scope.due is not None:
        due = planning_due.due(connection, scope.due)
        if due is not None:
            ours = {(warehouse, gtin) for gtin in scope.bought}
            return _of_shard({pair for pair in due | ours if pair[0] in scope.places}, scope, warehouse)
    found: set[Pair] = {(warehouse, gtin) for gtin in scope.bought} if warehouse in scope.places else set()
    others = [place for place in scope.places if place != warehouse]
    for places in portions(others):
        named = union(
            select(sales.c.location, sales.c.gtin).where(
                sales.c.location.in_(places), sales.c.day >= scope.since.isoformat()
            ),
            select(reported_stock.c.location, reported_stock.c.gtin).where(reported_stock.c.location.in_(places)),
            select(plan_parameter.c.location, plan_parameter.c.gtin).where(plan_parameter.c.location.in_(places)),
        )
        found |= {(row[0], row[1]) for row in connection.execute(named)}
    if scope.sample:
        return _sample(found, scope)
    return _of_shard(found, scope, warehouse)


def _of_shard(found: set[Pair], scope: PlanScope, warehouse: str) -> set[Pair]:
    part, parts = scope.shard
    return {pair for pair in found if crc32(_shard_key(pair, scope, warehouse).encode()) % parts == part}


def _shard_key(pair: Pair, scope: PlanScope, warehouse: str) -> str:
    """What is bought of one supplier is one order, and the places that share one item's stock are planned together."""
    place, gtin = pair
    supplier = scope.suppliers.get(gtin) if place == warehouse else None
    return gtin if supplier is None else f"supplier {supplier}"


def _sample(found: set[Pair], scope: PlanScope) -> set[Pair]:
    by_agreement: dict[str, list[Pair]] = defaultdict(list)
    for pair in found:
        by_agreement[scope.agreements[pair[0]][0]].append(pair)
    return {
        pair
        for pairs in by_agreement.values()
        for pair in sorted(pairs, key=lambda each: (crc32(f"{each[0]} {each[1]}".encode()), each))[: scope.sample]
    }


def _facts(
    connection: Connection, scope: PlanScope, place: str, gtins: list[str], *, ours: bool
) -> Iterator[PairFacts]:
    pairs = {(place, gtin) for gtin in gtins}
    if ours and scope.by_orders:
        sold = _ordered(connection, scope, place, gtins)
    else:
        sold = _sales(connection, scope.since, None if ours else place, gtins)
    counts = {} if ours else _counts(connection, place, gtins, scope.today)
    emptied = {} if ours else planning_counts.emptied(connection, place, gtins, scope.since)
    first = {} if ours else planning_counts.counted_from(connection, place, gtins, scope.since)
    received = {} if ours else _receipts(connection, place, gtins, scope.today)
    coming = _coming(connection, place, gtins, ours=ours)
    parameters = planning_records.parameters(connection, pairs)
    overrides = planning_records.overrides(connection, pairs)
    usual = _usual(connection, place, gtins)
    levels = {}
    if ours:
        here = select(stock).where(stock.c.location == place, stock.c.gtin.in_(gtins))
        levels = {row.gtin: row for row in connection.execute(here)}
    for gtin in gtins:
        level = levels.get(gtin)
        yield PairFacts(
            place=place,
            gtin=gtin,
            sales=sold.get(gtin, {}),
            stock=tuple(counts.get(gtin, ())),
            receipts=tuple(received.get(gtin, ())),
            coming=tuple(coming.get(gtin, ())),
            parameters=parameters.get((place, gtin), {}),
            overrides=overrides.get((place, gtin), ()),
            on_hand=(units(level.on_hand) if level is not None else Decimal(0)) if ours else None,
            allocated=units(level.allocated) if level is not None else Decimal(0),
            backordered=units(level.backordered) if level is not None else Decimal(0),
            usual_order=usual.get(gtin, Decimal(0)),
            counted_from=first.get(gtin),
            emptied=emptied.get(gtin, frozenset()),
        )


def _sales(
    connection: Connection, since: date, place: str | None, gtins: list[str]
) -> dict[str, dict[str, dict[date, DaySales]]]:
    """Return what was sold by GTIN, place and day; place None: everywhere."""
    found: dict[str, dict[str, dict[date, DaySales]]] = defaultdict(lambda: defaultdict(dict))
    columns = sales.c
    chosen = select(
        columns.gtin, columns.location, columns.day, columns.report, columns.sold, columns.lost, columns.excluded,
        columns.promo, columns.returned,
    ).where(columns.gtin.in_(gtins), columns.day >= since.isoformat())  # fmt: skip
    if place is not None:
        chosen = chosen.where(columns.location == place)
    # a run reads hundreds of rows for each item: what many rows share is made once
    days: dict[str, date] = {}
    same: dict[tuple[str, int, int, int, int, int], DaySales] = {}
    exact: dict[int, Decimal] = {}
    for gtin, location, day, report, sold, lost, excluded, promo, returned in connection.execute(chosen).all():
        key = (report, sold, lost, excluded, promo, returned)
        row = same.get(key)
        if row is None:
            for milli in key[1:]:
                if milli not in exact:
                    exact[milli] = units(milli)
            row = same[key] = DaySales(
                sold=exact[sold],
                lost=exact[lost],
                excluded=exact[excluded],
                promo=exact[promo],
                returned=exact[returned],
                report=report,
            )
        on = days.get(day)
        if on is None:
            on = days[day] = date.fromisoformat(day)
        found[gtin][location][on] = row
    return found


def _ordered(
    connection: Connection, scope: PlanScope, warehouse: str, gtins: list[str]
) -> dict[str, dict[str, dict[date, DaySales]]]:
    """Return what customers have ordered by GTIN and day, whatever of it we could promise; not what they took back."""
    found: dict[str, dict[str, dict[date, DaySales]]] = defaultdict(lambda: defaultdict(dict))
    orders, lines = business_order.c, order_line.c
    same = and_(lines.side == orders.side, lines.partner == orders.partner, lines.order_number == orders.number)
    chosen = (
        select(lines.gtin, orders.ordered_on, func.sum(lines.ordered).label("units"))
        .select_from(order_line.join(business_order, same))
        .where(orders.side == "sale", orders.status != "cancelled", lines.status != "cancelled")
        .where(lines.gtin.in_(gtins), orders.ordered_on >= scope.since.isoformat())
        .where(orders.ordered_on < scope.today.isoformat())
        .group_by(lines.gtin, orders.ordered_on)
    )
    for row in connection.execute(chosen):
        day = date.fromisoformat(row.ordered_on[:10])
        found[row.gtin][warehouse][day] = DaySales(sold=units(int(row.units)), report="orders")
    return found


def _counts(connection: Connection, place: str, gtins: list[str], today: date) -> dict[str, list[StockCount]]:
    """Return stock figures, the newest first; of several of one moment the one issued last alone."""
    found: dict[str, list[StockCount]] = defaultdict(list)
    columns = stock_fact.c
    chosen = (
        select(stock_fact)
        .where(columns.location == place, columns.gtin.in_(gtins))
        .where(columns.at >= (today - _COUNTS_BACK).isoformat(), columns.at < (today + COUNTS_AHEAD).isoformat())
        .order_by(columns.gtin, columns.at.desc(), columns.issued_at.desc(), columns.message.desc(), columns.type)
    )
    seen = set()
    for row in connection.execute(chosen):
        if (row.gtin, row.type, row.at) not in seen:
            seen.add((row.gtin, row.type, row.at))
            found[row.gtin].append(
                StockCount(type=row.type, quantity=units(row.quantity), at=moment_of(row.at), report=row.report)
            )
    return found


def _receipts(connection: Connection, place: str, gtins: list[str], today: date) -> dict[str, list[Receipt]]:
    found: dict[str, list[Receipt]] = defaultdict(list)
    columns = receipt_fact.c
    chosen = (
        select(receipt_fact)
        .where(columns.location == place, columns.gtin.in_(gtins))
        .where(columns.at >= (today - _COUNTS_BACK).isoformat(), columns.at < (today + COUNTS_AHEAD).isoformat())
        .order_by(columns.gtin, columns.at, columns.number)
    )
    for row in connection.execute(chosen):
        found[row.gtin].append(Receipt(units=units(row.units), at=moment_of(row.at), number=row.number))
    return found


def _coming(connection: Connection, place: str, gtins: list[str], *, ours: bool) -> dict[str, list[Coming]]:
    """Return what is on its way to place: what was despatched, and of open orders what was not."""
    side = "purchase" if ours else "sale"
    found: dict[str, list[Coming]] = defaultdict(list)
    orders, lines = business_order.c, order_line.c
    same = and_(lines.side == orders.side, lines.partner == orders.partner, lines.order_number == orders.number)
    chosen = (
        select(order_line, orders.status.label("order_status"))
        .select_from(order_line.join(business_order, same))
        .where(orders.side == side, lines.gtin.in_(gtins))
        .where(or_(orders.status.not_in(_DONE), and_(orders.status == "waiting", lines.status == OFFERED)))
        .where(lines.status.not_in(("received", "rejected", "cancelled")))
        .order_by(lines.gtin, lines.partner, lines.order_number, lines.position)
    )
    if not ours:
        chosen = chosen.where(orders.ship_to == place)
    for row in connection.execute(chosen):
        rest = row.ordered if row.status == OFFERED else row.confirmed + row.backordered - row.despatched
        if rest > 0:
            found[row.gtin].append(_open_line(row, rest))
    for gtin, coming in _despatched(connection, side, place, set(gtins)):
        found[gtin].append(coming)
    return found


def coming_to(connection: Connection, places: Sequence[str]) -> dict[Pair, list[Coming]]:
    """Return what is on its way to some places of customers, by place and GTIN."""
    found: dict[Pair, list[Coming]] = defaultdict(list)
    orders, lines = business_order.c, order_line.c
    same = and_(lines.side == orders.side, lines.partner == orders.partner, lines.order_number == orders.number)
    chosen = (
        select(order_line, orders.ship_to)
        .select_from(order_line.join(business_order, same))
        .where(orders.side == "sale", orders.status.not_in(_DONE), orders.ship_to.in_(places))
        .where(lines.status.not_in(("received", "rejected", "cancelled")))
        .order_by(lines.gtin, lines.partner, lines.order_number, lines.position)
    )
    for row in connection.execute(chosen):
        rest = row.confirmed + row.backordered - row.despatched
        if rest > 0:
            found[row.ship_to, row.gtin].append(_open_line(row, rest))
    for place, gtin, each in _shipped(connection, "sale", places):
        found[place, gtin].append(each)
    return found


def _open_line(row: AnyRow, rest: int) -> Coming:
    day = row.promised or row.requested
    return Coming(
        source="Order" if row.status in ("open", OFFERED) else "OrderResponse",
        number=row.order_number,
        line=row.number,
        units=units(rest),
        expected_on=None if day is None else date.fromisoformat(day[:10]),
        partner=row.partner,
    )


def _despatched(connection: Connection, side: str, place: str, gtins: set[str]) -> Iterator[tuple[str, Coming]]:
    for _, gtin, each in _shipped(connection, side, (place,)):
        if gtin in gtins:
            yield gtin, each


def _shipped(connection: Connection, side: str, places: Sequence[str]) -> Iterator[tuple[str, str, Coming]]:
    """Yield place, GTIN and units of every despatch on its way; of purchases all come to the one place."""
    columns, orders = shipment.c, business_order.c
    same = and_(orders.side == columns.side, orders.partner == columns.partner, orders.number == columns.order_number)
    chosen = (
        select(shipment, orders.ship_to)
        .select_from(shipment.outerjoin(business_order, same))
        .where(text("shipment.status = 'despatched'"), columns.side == side)
        .order_by(columns.partner, columns.number)
    )
    if side == "sale":
        chosen = chosen.where(or_(orders.ship_to.in_(places), orders.ship_to.is_(None)))
    for row in connection.execute(chosen):
        advice = None if row.document is None else json_form.loads(row.document)
        place = places[0] if side != "sale" else row.ship_to or _destination(advice)
        if place is None or place not in places:
            continue
        for line, gtin, quantity in json.loads(row.lines):
            yield (
                place,
                gtin,
                Coming(
                    source="DespatchAdvice",
                    number=row.number,
                    line=line,
                    units=Decimal(quantity),
                    expected_on=_arrives(advice),
                    partner=row.partner,
                ),
            )


def _arrives(advice: object) -> date | None:
    if not isinstance(advice, DespatchAdvice) or advice.estimated_delivery is None:
        return None
    moment = advice.estimated_delivery
    return moment.date() if isinstance(moment, datetime) else moment


def _destination(advice: object) -> str | None:
    return advice.ship_to.gln if isinstance(advice, DespatchAdvice) and advice.ship_to else None


def _usual(connection: Connection, place: str, gtins: list[str]) -> dict[str, Decimal]:
    """Return the mean of the last orders that were planned."""
    columns = plan_order_line.c
    number = func.row_number().over(partition_by=columns.gtin, order_by=columns.at.desc())
    last = (
        select(columns.gtin, columns.quantity, number.label("n"))
        .where(columns.location == place, columns.gtin.in_(gtins))
        .subquery()
    )
    totals = (
        select(last.c.gtin, func.sum(last.c.quantity), func.count())
        .where(last.c.n <= _USUAL_ORDERS)
        .group_by(last.c.gtin)
    )
    return {row[0]: units(int(row[1]) // int(row[2])) for row in connection.execute(totals)}


def _reported(connection: Connection, places: Collection[str], since: date, until: date) -> dict[str, frozenset[date]]:
    """Return the days that reports cover. until: the first that is not asked for."""
    found: dict[str, set[date]] = defaultdict(set)
    for portion in portions(places):
        chosen = (
            select(sales_day.c.location, sales_day.c.day)
            .where(sales_day.c.location.in_(portion))
            .where(sales_day.c.day >= since.isoformat(), sales_day.c.day < until.isoformat())
            .distinct()
        )
        for row in connection.execute(chosen):
            found[row.location].add(date.fromisoformat(row.day))
    return {place: frozenset(days) for place, days in found.items()}


def moment_of(at: str) -> datetime | date:
    """Return the moment, or the day, that a row names."""
    return date.fromisoformat(at) if len(at) == 10 else datetime.fromisoformat(at)
