"""PostgreSQL: what piles up lies in monthly partitions, by the time in its id; an old month is dropped whole.

What belongs to no month that has a partition lies in the partition _rest: ids of another form, months to come, and
what had to be kept when its month was dropped.
"""

# ruff: noqa: S608 - names and conditions are our own, values are parameters

import re
from collections.abc import Iterable

from sqlalchemy import Connection, text

from gateway.store.forms import micros
from gateway.store.months import bounds, first_moment, month_of_id, name_of
from gateway.store.retention_rules import Keeping
from gateway.store.units import arrivals_past, keep_receipts, parcels_past, run

# The column whose ids tell the month, per table; the order is that in which the pipeline writes.
PARTITIONED = {
    "arrival": "id",
    "interchange": "arrival",
    "message": "id",
    "parcel": "id",
    "event": "subject",
    "effect": "message",
    "search_key": "subject",
}
ONE_BY_ONE = tuple(reversed(PARTITIONED))  # arrival last: a month whose arrivals have a partition is complete
# Who waits for a lock on a table holds up everybody behind him; who is stopped while he holds it would for ever.
LOCK_WAIT = "SET LOCAL lock_timeout = '2s'; SET LOCAL idle_in_transaction_session_timeout = '10s'"
DROPPED = "dropped_"  # before the name of a partition that is none any more
_MONTH = re.compile(r"_(\d{4})_(\d{2})$")


def months(connection: Connection) -> list[int]:
    """Return the months that have partitions, the oldest first."""
    found = connection.execute(
        text(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = CAST('arrival' AS regclass)"
        )
    ).scalars()
    return sorted(int(each[1]) * 12 + int(each[2]) - 1 for name in found if (each := _MONTH.search(name)))


def oldest_apart(connection: Connection) -> int | None:
    """Return the month of the oldest arrival, message or parcel that lies in _rest and has an id of a month."""
    first_id: str | None = None
    for table in ("arrival", "message", "parcel", "event"):
        column = PARTITIONED[table]
        query = f"SELECT min({column}) FROM {table}_rest WHERE {column} ~ '^[0-9a-f]{{8}}-[0-9a-f]{{4}}-7'"
        found = connection.execute(text(query)).scalar()
        if found is not None and (first_id is None or found < first_id):
            first_id = found
    return None if first_id is None else month_of_id(first_id)


def add(connection: Connection, month: int, tables: Iterable[str] = PARTITIONED) -> None:
    """Make the partitions of month and move there what lies in _rest. A second call changes nothing.

    tables: of a journal in use one at a time, in the order of ONE_BY_ONE, each in a transaction of its own: readers
    lock several tables in an order of their own, and two locked here at once would deadlock with them.
    """
    low, high = bounds(month)
    connection.exec_driver_sql(LOCK_WAIT)
    for table in tables:
        column = PARTITIONED[table]
        name = f"{table}_{name_of(month)}"
        if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is not None:
            continue
        connection.exec_driver_sql(f"CREATE TABLE {name} (LIKE {table} INCLUDING ALL)")
        run(
            connection,
            f"WITH moved AS (DELETE FROM {table}_rest WHERE {column} >= :low AND {column} < :high RETURNING *)"
            f" INSERT INTO {name} SELECT * FROM moved",
            low=low,
            high=high,
        )
        connection.exec_driver_sql(
            f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{low}') TO ('{high}')"
        )


def drop(connection: Connection, month: int, keep: Keeping, dedupe_since: int) -> tuple[int, int]:
    """Drop the partitions of month; what keep says is moved to _rest. Return how many units went, and were kept.

    All in the caller's transaction. The tables are locked only for the last step, which moves what is kept and takes
    the partitions out; remove_dropped frees their space afterwards, with nobody waiting.
    """
    low, high = bounds(month)
    given = {**keep.values, "lo": low, "hi": high}
    _choose(connection, keep, given)
    gone = int(connection.execute(text("SELECT count(*) FROM unit_past")).scalar_one())
    if dedupe_since < micros(first_moment(month + 1)):  # else no key of that month is known any more
        keep_receipts(connection, "dedupe.arrival IN (SELECT id FROM unit_past)", dedupe_since)
    _delete_stragglers(connection, high)
    kept = int(connection.execute(text("SELECT count(*) FROM unit_kept")).scalar_one())
    connection.exec_driver_sql(LOCK_WAIT)
    connection.exec_driver_sql(f"LOCK TABLE {', '.join(PARTITIONED)} IN ACCESS EXCLUSIVE MODE")
    for table, column in PARTITIONED.items():
        name = f"{table}_{name_of(month)}"
        connection.exec_driver_sql(f"ALTER TABLE {table} DETACH PARTITION {name}")
        if kept:  # else all of the month would be read for nothing, with everybody waiting
            connection.exec_driver_sql(
                f"INSERT INTO {table} SELECT * FROM {name} WHERE {column} IN (SELECT id FROM unit_kept)"
            )
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {DROPPED}{name}")
    return gone, kept


def remove_dropped(connection: Connection) -> int:
    """Delete the files of months that were dropped, this time or in a round that broke off; return how many tables."""
    found = connection.execute(
        text(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST(current_schema() AS regnamespace)"
            f" AND starts_with(relname, '{DROPPED}')"
        )
    ).scalars()
    names = [name for name in found if _MONTH.search(name)]
    for name in names:
        connection.exec_driver_sql(f"DROP TABLE {name}")
    return len(names)


def _choose(connection: Connection, keep: Keeping, given: dict[str, object]) -> None:
    """Fill unit_past with arrivals and parcels that go, unit_kept with what stays of the month: those that are kept,
    and the messages of kept arrivals."""
    for name in ("unit_past", "unit_kept"):
        connection.exec_driver_sql(f'CREATE TEMP TABLE {name} (id varchar(36) COLLATE "C" PRIMARY KEY) ON COMMIT DROP')
    run(connection, f"INSERT INTO unit_past {arrivals_past(keep)}", **given)
    run(connection, f"INSERT INTO unit_past {parcels_past(keep)}", **given)
    connection.exec_driver_sql("ANALYZE unit_past")
    for table in ("arrival", "parcel"):
        run(
            connection,
            f"INSERT INTO unit_kept SELECT t.id FROM {table} t WHERE t.id >= :lo AND t.id < :hi"
            " AND NOT EXISTS (SELECT 1 FROM unit_past u WHERE u.id = t.id)",
            lo=given["lo"],
            hi=given["hi"],
        )
    run(
        connection,
        "INSERT INTO unit_kept SELECT m.id FROM message m WHERE m.id >= :lo AND m.id < :hi"
        " AND NOT EXISTS (SELECT 1 FROM unit_past u WHERE u.id = m.arrival)",
        lo=given["lo"],
        hi=given["hi"],
    )
    connection.exec_driver_sql("ANALYZE unit_kept")


def _delete_stragglers(connection: Connection, high: str) -> None:
    """Messages that were read after their arrival's month had ended lie in a later partition."""
    late = "SELECT m.id FROM message m WHERE m.id >= :hi AND m.arrival IN (SELECT id FROM unit_past)"
    for table, column in (("effect", "message"), ("event", "subject"), ("search_key", "subject"), ("message", "id")):
        run(connection, f"DELETE FROM {table} WHERE {column} IN ({late})", hi=high)


def wanted(now_month: int, oldest: int | None) -> list[int]:
    """Return the months that must have partitions: from the oldest row on, and two ahead."""
    return list(range(min(oldest or now_month, now_month), now_month + 3))
