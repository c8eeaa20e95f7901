"""Whole units of the log, chosen and deleted row by row: an arrival with all that was read in it, or a parcel.

Used where a month cannot go at once: shorter times for one partner or type, and files that still hold something kept.
"""

# ruff: noqa: S608 - names and conditions are our own, values are parameters

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, text

from gateway.store.retention_rules import Keeping

AT_ONCE = 500  # units per statement: a portion takes milliseconds, so that the writer gets its turn

# Every payload that a row names: content, raw request, wrapped body.
DIGESTS = {
    "sqlite": "SELECT a.sha256 FROM {s}arrival a WHERE {a} UNION SELECT json_extract(a.evidence, '$.raw_sha256')"
    " FROM {s}arrival a WHERE {a} AND a.evidence LIKE '%raw_sha256%' UNION SELECT p.sha256 FROM {s}parcel p WHERE {p}"
    " UNION SELECT p.wrapped_sha256 FROM {s}parcel p WHERE {p} AND p.wrapped_sha256 IS NOT NULL",
    "postgresql": "SELECT a.sha256 FROM arrival a WHERE {a} UNION SELECT CAST(a.evidence AS json) ->> 'raw_sha256'"
    " FROM arrival a WHERE {a} AND a.evidence LIKE '%raw_sha256%' UNION SELECT p.sha256 FROM parcel p WHERE {p}"
    " UNION SELECT p.wrapped_sha256 FROM parcel p WHERE {p} AND p.wrapped_sha256 IS NOT NULL",
}


def arrivals_past(keep: Keeping) -> str:
    """Return the query of the arrivals from :lo to :hi that nothing keeps."""
    return (
        f"SELECT a.id FROM arrival a WHERE a.id >= :lo AND a.id < :hi AND NOT {keep.arrival}"
        f" AND NOT EXISTS (SELECT 1 FROM message m WHERE m.arrival = a.id AND {keep.message})"
    )


def parcels_past(keep: Keeping) -> str:
    """Return the query of the parcels from :lo to :hi that nothing keeps."""
    return f"SELECT p.id FROM parcel p WHERE p.id >= :lo AND p.id < :hi AND NOT {keep.parcel}"


def past(connection: Connection, keep: Keeping, span: tuple[str, str]) -> tuple[list[str], list[str]]:
    """Return the ids of arrivals and of parcels within span that nothing keeps."""
    given = {**keep.values, "lo": span[0], "hi": span[1]}
    arrivals = connection.execute(text(arrivals_past(keep)), given).scalars().all()
    parcels = connection.execute(text(parcels_past(keep)), given).scalars().all()
    return list(arrivals), list(parcels)


def digests(connection: Connection, condition_a: str, condition_p: str, values: dict[str, Any]) -> set[str]:
    """Return the payloads that arrivals a and parcels p name which meet the conditions."""
    query = DIGESTS[connection.dialect.name].format(s="", a=condition_a, p=condition_p)
    return {str(row[0]) for row in connection.execute(listed(query, values), values) if row[0]}


def listed(query: str, values: dict[str, Any]) -> Any:
    """Return query as a statement in which every list of values fills an IN."""
    wanted = text(query)
    lists = [name for name, value in values.items() if isinstance(value, (list, tuple))]
    return wanted.bindparams(*(bindparam(name, expanding=True) for name in lists))


def run(connection: Connection, statement: str, **values: Any) -> int:
    """Execute one statement; lists are for IN. Return how many rows it hit."""
    return connection.execute(listed(statement, values), values).rowcount


def portions(ids: Sequence[str]) -> Iterable[list[str]]:
    for start in range(0, len(ids), AT_ONCE):
        yield list(ids[start : start + AT_ONCE])


def delete_arrivals(
    connection: Connection, ids: list[str], dedupe_since: int | None, *, search_keys: bool = True
) -> None:
    """Delete arrivals with their messages, interchanges, effects, events and search keys.

    dedupe_since: receipts of arrivals whose keys are as new stay with the key, in microseconds; None: no keys here.
    search_keys: False leaves them: what went to an archive is still found.
    """
    if dedupe_since is not None:
        keep_receipts(connection, "dedupe.arrival IN :ids", dedupe_since, ids=ids)
    inside = "SELECT id FROM message WHERE arrival IN :ids"
    run(connection, f"DELETE FROM effect WHERE message IN ({inside})", ids=ids)
    for table in ("event", "search_key") if search_keys else ("event",):
        run(connection, f"DELETE FROM {table} WHERE subject IN ({inside})", ids=ids)
        run(connection, f"DELETE FROM {table} WHERE subject IN :ids", ids=ids)
    run(connection, "DELETE FROM message WHERE arrival IN :ids", ids=ids)
    run(connection, "DELETE FROM interchange WHERE arrival IN :ids", ids=ids)
    run(connection, "DELETE FROM arrival WHERE id IN :ids", ids=ids)


def delete_parcels(connection: Connection, ids: list[str], *, search_keys: bool = True) -> None:
    """Delete parcels with their events, timers and search keys."""
    for table in ("event", "timer", "search_key") if search_keys else ("event", "timer"):
        run(connection, f"DELETE FROM {table} WHERE subject IN :ids", ids=ids)
    run(connection, "DELETE FROM parcel WHERE id IN :ids", ids=ids)


def keep_receipts(connection: Connection, which: str, since: int, **values: Any) -> None:
    """Copy what was answered to the dedupe keys, which outlive their arrivals."""
    run(
        connection,
        "UPDATE dedupe SET receipt = coalesce((SELECT a.receipt FROM arrival a WHERE a.id = dedupe.arrival), :none)"
        f" WHERE dedupe.at >= :since AND dedupe.receipt IS NULL AND {which}",
        since=since,
        none=b"",  # there was none: the arrival is known to have left
        **values,
    )
