"""What partners report, in versions: which one counts follows from rank, issue and arrival, so that a report that comes
late, twice, corrected or is taken back leaves the same rows as if all had come in order."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_, delete, exists, func, or_, select, tuple_

from gateway.model.effects import SalesRecorded, StockReported
from gateway.model.planning_effects import DayReported, GoodsReceived, ReportWithdrawn
from gateway.store.among import among
from gateway.store.forms import milli
from gateway.store.prepared import Driver, Inserter, Prepared, given
from gateway.store.replacing import replacing
from gateway.store.tables import reported_stock, sales
from gateway.store.tables_kept import fact_changed
from gateway.store.tables_planning import receipt_fact, sales_day, sales_version, stock_fact

_SALES_KEY = ("partner", "location", "gtin", "day")
_VALUES = ("sold", "returned", "lost", "excluded", "promo", "report", "message")
_STOCK_KEY = ("partner", "location", "gtin", "type")

_PUT_VERSIONS = replacing(sales_version)
_PUT_DAYS = replacing(sales_day)
_PUT_STOCK = replacing(stock_fact)
_PUT_RECEIPTS = replacing(receipt_fact)
_PUT_CHANGED = Prepared(
    lambda insert: insert(fact_changed).on_conflict_do_nothing(), ("location", "day", "gtin", "message")
)


def _put_telling_counts(insert: Inserter) -> Any:
    """Note the counts of a report that say something of the past: nothing was there, or they are the item's first."""
    columns, older = stock_fact.c, stock_fact.alias("older")
    first = ~exists().where(older.c.location == columns.location, older.c.gtin == columns.gtin, older.c.at < columns.at)
    chosen = select(columns.location, func.substr(columns.at, 1, 10), columns.gtin, columns.message).where(
        columns.partner == given("partner"),
        columns.report == given("report"),
        columns.message == given("message"),
        or_(columns.quantity <= 0, first),
    )
    names = ["location", "day", "gtin", "message"]
    return insert(fact_changed).from_select(names, chosen).on_conflict_do_nothing()


_PUT_TELLING_COUNTS = Prepared(_put_telling_counts)
_SAID_BEFORE = Prepared(
    lambda _: select(stock_fact.c.location, stock_fact.c.gtin, stock_fact.c.at).where(
        stock_fact.c.partner == given("partner"), stock_fact.c.report == given("report")
    )
)


def _put_counting(insert: Inserter, *, of_report: bool) -> Any:
    """Write into sales the version that counts: of each key that a report names, or of one key."""
    mine, better = sales_version.alias("mine"), sales_version.alias("better")
    same = [mine.c[name] == better.c[name] for name in _SALES_KEY]
    rank = ("source", "issued_at", "message", "report")
    beaten = exists().where(*same, tuple_(*(better.c[n] for n in rank)) > tuple_(*(mine.c[n] for n in rank)))
    columns = [mine.c[name] for name in (*_SALES_KEY, *_VALUES)]
    if of_report:
        named = sales_version.alias("named")
        chosen = (
            select(*columns)
            .select_from(named.join(mine, and_(*(named.c[n] == mine.c[n] for n in _SALES_KEY))))
            .where(
                named.c.partner == given("partner"),
                named.c.report == given("report"),
                named.c.source == given("source"),
                named.c.message == given("message"),
                ~beaten,
            )
        )
    else:
        chosen = select(*columns).where(*(mine.c[name] == given(name) for name in _SALES_KEY), ~beaten)
    row = insert(sales).from_select([*_SALES_KEY, *_VALUES], chosen)
    return row.on_conflict_do_update(
        index_elements=[sales.c[name] for name in _SALES_KEY],
        set_={name: row.excluded[name] for name in _VALUES},
    )


_COUNT_REPORT = Prepared(lambda insert: _put_counting(insert, of_report=True))
_COUNT_KEY = Prepared(lambda insert: _put_counting(insert, of_report=False))


def record_sales(driver: Driver, message_id: str, reported: Sequence[SalesRecorded]) -> None:
    """Keep what a report says and let it count where nothing better is known."""
    if not reported:
        return
    rows = [
        {
            "partner": each.partner,
            "location": each.location,
            "gtin": each.gtin,
            "day": each.day.isoformat(),
            "source": each.source,
            "report": each.report,
            "sold": milli(each.sold),
            "returned": milli(each.returned),
            "lost": milli(each.lost),
            "excluded": milli(each.excluded),
            "promo": milli(each.promo),
            "issued_at": (each.issued_at or each.day).isoformat(),
            "message": message_id,
        }
        for each in reported
    ]
    _changed(driver, message_id, {(each.location, each.day.isoformat(), "") for each in reported})
    driver.many(_PUT_VERSIONS, rows)
    for partner, report, source in sorted({(each.partner, each.report, each.source) for each in reported}):
        driver.run(_COUNT_REPORT, partner=partner, report=report, source=source, message=message_id)


def _changed(driver: Driver, message_id: str, days: Collection[tuple[str, str, str]]) -> None:
    """Note that something was said of these (location, day, GTIN or "")."""
    rows = [{"location": place, "day": day, "gtin": gtin, "message": message_id} for place, day, gtin in sorted(days)]
    driver.many(_PUT_CHANGED, rows)


def record_days(driver: Driver, message_id: str, days: Sequence[DayReported]) -> None:
    """Keep which days reports cover, and note what plans they change."""
    _changed(driver, message_id, {(each.location, each.day.isoformat(), "") for each in days})
    driver.many(
        _PUT_DAYS,
        [
            {
                "partner": each.partner,
                "location": each.location,
                "day": each.day.isoformat(),
                "source": each.source,
                "report": each.report,
                "message": message_id,
            }
            for each in days
        ],
    )


def record_stock(driver: Driver, message_id: str, reported: Sequence[StockReported]) -> None:
    """Keep counts of stock at places, and note what plans they change, those of an earlier telling too."""
    reports = sorted({(each.partner, each.report) for each in reported})
    for partner, report in reports:  # told a second time under the same number: what it said before may have told
        before = driver.all(_SAID_BEFORE, partner=partner, report=report)
        _changed(driver, message_id, {(row.location, row.at[:10], row.gtin) for row in before})
    driver.many(
        _PUT_STOCK,
        [
            {
                "partner": each.partner,
                "location": each.location,
                "gtin": each.gtin,
                "type": each.type,
                "at": each.at.isoformat(),
                "report": each.report,
                "quantity": milli(each.quantity),
                "issued_at": (each.issued_at or each.at).isoformat(),
                "message": message_id,
            }
            for each in reported
        ],
    )
    for partner, report in reports:
        driver.run(_PUT_TELLING_COUNTS, partner=partner, report=report, message=message_id)


def record_receipts(driver: Driver, message_id: str, received: Sequence[GoodsReceived]) -> None:
    """Keep what has come in at places, and note what plans they change."""
    driver.many(
        _PUT_RECEIPTS,
        [
            {
                "partner": each.partner,
                "location": each.location,
                "gtin": each.gtin,
                "number": each.number,
                "units": milli(each.units),
                "at": each.at.isoformat(),
                "message": message_id,
            }
            for each in received
        ],
    )


def withdraw(
    connection: Connection, driver: Driver, message_id: str, withdrawn: ReportWithdrawn
) -> set[tuple[str, str]]:
    """Take a report back; return the (location, GTIN) that it spoke of."""
    touched = _withdraw_sales(connection, driver, message_id, withdrawn)
    if withdrawn.kind == "stock":
        touched |= _withdraw_stock(connection, driver, message_id, withdrawn)
    return touched


def _withdraw_sales(
    connection: Connection, driver: Driver, message_id: str, withdrawn: ReportWithdrawn
) -> set[tuple[str, str]]:
    source = 1 if withdrawn.kind == "stock" else 2
    versions = sales_version.c
    own = and_(
        versions.partner == withdrawn.partner,
        versions.report == withdrawn.report,
        versions.source == source,
        *_days(versions.day, withdrawn),
    )
    keys = [tuple(row) for row in connection.execute(select(*(versions[name] for name in _SALES_KEY)).where(own))]
    covered = and_(
        sales_day.c.partner == withdrawn.partner,
        sales_day.c.report == withdrawn.report,
        sales_day.c.source == source,
        *_days(sales_day.c.day, withdrawn),
    )
    told = {(row.location, row.day) for row in connection.execute(select(sales_day).where(covered))}
    told |= {(location, day) for _, location, _, day in keys}
    _changed(driver, message_id, {(location, day, "") for location, day in told})
    connection.execute(delete(sales_version).where(own))
    connection.execute(delete(sales_day).where(covered))
    for condition in among([sales.c[name] for name in _SALES_KEY], keys):
        connection.execute(delete(sales).where(condition))
    driver.many(_COUNT_KEY, [dict(zip(_SALES_KEY, key, strict=True)) for key in keys])
    return {(location, gtin) for _, location, gtin, _ in keys}


def _days(column: Column[str], withdrawn: ReportWithdrawn) -> list[ColumnElement[bool]]:
    found = []
    if withdrawn.first_day is not None:
        found.append(column >= withdrawn.first_day.isoformat())
    if withdrawn.last_day is not None:
        found.append(column <= withdrawn.last_day.isoformat())
    return found


def _withdraw_stock(
    connection: Connection, driver: Driver, message_id: str, withdrawn: ReportWithdrawn
) -> set[tuple[str, str]]:
    own = and_(stock_fact.c.partner == withdrawn.partner, stock_fact.c.report == withdrawn.report)
    said = list(connection.execute(select(*(stock_fact.c[n] for n in (*_STOCK_KEY, "at"))).where(own)))
    keys = {tuple(row)[:-1] for row in said}
    _changed(driver, message_id, {(row.location, row.at[:10], row.gtin) for row in said})
    connection.execute(delete(stock_fact).where(own))
    newest = ("at", "issued_at", "message")
    for condition in among([reported_stock.c[name] for name in _STOCK_KEY], keys):
        connection.execute(delete(reported_stock).where(condition))
    for key in sorted(keys):
        same = [stock_fact.c[name] == value for name, value in zip(_STOCK_KEY, key, strict=True)]
        found = select(stock_fact).where(*same).order_by(*(stock_fact.c[name].desc() for name in newest)).limit(1)
        row = connection.execute(found).first()
        if row is not None:
            kept = {name: getattr(row, name) for name in (*_STOCK_KEY, "quantity", "at", "message")}
            connection.execute(reported_stock.insert().values(kept))
    return {(key[1], key[2]) for key in keys}
