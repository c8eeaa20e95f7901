"""Housekeeping of a log that grows: partitions made ahead, months archived, what is past its time dropped.

One round at a time, beside a journal in use; each step is short or waits its turn. A second round changes nothing.
"""

# ruff: noqa: S608 - names and conditions are our own, values are parameters

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from time import sleep
from typing import TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError

from gateway.ports.retention import Housekeeping, Retention
from gateway.store import archive, partitions, units
from gateway.store.blobs import ROW_LIMIT_BYTES
from gateway.store.database import open_for_care
from gateway.store.forms import micros
from gateway.store.months import bounds, first_id, first_moment, month_of, month_of_id, name_of
from gateway.store.retention_rules import first_cut, keeping

log = logging.getLogger(__name__)
T = TypeVar("T")

PAUSE_S = 0.02  # between portions: the writer's turn
LOCK_TRIES = 5
LOCK_PAUSE_S = 1.0


class Keeper:
    """Keeps one journal in order.

    reader: connections that cannot write, not closed here; folder: where archive files are (SQLite only); remove_blob:
    takes a large payload's file away, given its digest.
    """

    def __init__(self, reader: Engine, folder: Path, remove_blob: Callable[[str], None]) -> None:
        self._reader = reader
        self._engine = open_for_care(reader.url)
        self._folder = folder
        self._remove_blob = remove_blob
        self._done: dict[str, Counter[str]] = {}

    def close(self) -> None:
        self._engine.dispose()

    def round(self, policy: Retention, now: datetime) -> Housekeeping:
        """Do what is due at now. Raises OurFault journal.archive-differs: nothing of that month was deleted."""
        self._done = {name: Counter() for name in ("archived", "dropped", "thinned", "kept")}
        keys = self._forget_keys(policy, now)
        if self._engine.dialect.name == "postgresql":
            self._partitions(policy, now)
        else:
            self._archives(policy, now)
        for month in self._months_to_thin(policy, now):
            self._thin(policy, now, month)
        payloads = self._drop_payloads(policy, now)
        return Housekeeping(**{name: dict(found) for name, found in self._done.items()}, payloads=payloads, keys=keys)

    # --- PostgreSQL ---------------------------------------------------------------------------------------------------

    def _partitions(self, policy: Retention, now: datetime) -> None:
        limit = month_of(now) - policy.keep_months
        with self._engine.begin() as connection:
            oldest = partitions.oldest_apart(connection)
            there = partitions.months(connection)
        for month in partitions.wanted(month_of(now), None if oldest is None else max(oldest, limit)):
            for table in partitions.ONE_BY_ONE if month not in there else ():
                self._patiently(partial(partitions.add, month=month, tables=(table,)))
        keep, since = keeping(policy, now), self._dedupe_since(policy, now)
        for month in there:
            if month < limit:
                drop = partial(partitions.drop, month=month, keep=keep, dedupe_since=since)
                gone, kept = self._patiently(drop)
                self._count(month, dropped=gone, kept=kept)
        self._patiently(partitions.remove_dropped)

    def _patiently(self, work: Callable[[Connection], T]) -> T:
        """Run work in a transaction, again when its locks are not to be had: traffic goes first."""
        for attempt in range(LOCK_TRIES):
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except OperationalError as error:
                if attempt == LOCK_TRIES - 1:
                    raise
                log.info("housekeeping waits: %s", error.orig)
                sleep(LOCK_PAUSE_S)
        raise AssertionError("the last attempt returns or raises")

    # --- SQLite -------------------------------------------------------------------------------------------------------

    @property
    def _file(self) -> Path:
        return Path(str(self._engine.url.database))

    def _archives(self, policy: Retention, now: datetime) -> None:
        if policy.archive_months:
            for month in self._months_there(month_of(now) - policy.archive_months):
                self._archive(month, self._dedupe_since(policy, now))
        limit = first_cut(policy, now)
        keep = keeping(policy, now, "live.legal_hold")
        for month in archive.months(self._folder):
            if month < limit:
                found = archive.thin(self._file, archive.path_of(self._folder, month), month, keep)
                self._drop_search_keys(found.subjects)
                self._remove_blobs(found.large)
                self._count(month, dropped=found.units, kept=found.left)

    def _archive(self, month: int, dedupe_since: int) -> None:
        with self._reader.connect() as connection:
            if not archive.has_finished(connection, month):
                return
        arrivals, parcels = archive.copy_month(self._file, archive.path_of(self._folder, month), month)
        for portion in units.portions(arrivals):
            with self._portion() as connection:
                units.delete_arrivals(connection, portion, dedupe_since, search_keys=False)
        for portion in units.portions(parcels):
            with self._portion() as connection:
                units.delete_parcels(connection, portion, search_keys=False)
        self._count(month, archived=len(arrivals) + len(parcels))

    def _drop_search_keys(self, subjects: list[str]) -> None:
        for portion in units.portions(subjects):
            with self._portion() as connection:
                units.run(connection, "DELETE FROM search_key WHERE subject IN :ids", ids=portion)

    # --- both ---------------------------------------------------------------------------------------------------------

    def _months_there(self, before: int) -> range:
        """Return the months before `before` of which the journal's tables may hold something."""
        with self._reader.connect() as connection:
            oldest = [
                month_of_id(found)
                for table in ("arrival", "parcel")
                if (found := connection.execute(text(f"SELECT min(id) FROM {table}")).scalar())
            ]
        known = [each for each in oldest if each is not None]
        return range(min(known, default=before), before)

    def _months_to_thin(self, policy: Retention, now: datetime) -> range:
        """Months in which rows are past a shorter time than their partition's, or are no longer kept."""
        limit = month_of(now) - policy.keep_months
        start = self._months_there(first_cut(policy, now))
        if not policy.rules and self._engine.dialect.name == "postgresql":
            return range(start.start, min(limit, start.stop))  # what was kept when its month was dropped
        return start

    def _thin(self, policy: Retention, now: datetime, month: int) -> None:
        """Delete from the tables, unit by unit, what is past its time though its month is not."""
        keep = keeping(policy, now)
        with self._reader.connect() as connection:
            arrivals, parcels = units.past(connection, keep, bounds(month))
        if not arrivals and not parcels:
            return
        unused: set[str] = set()
        for ids, condition in ((arrivals, ("a.id IN :ids", "1 = 0")), (parcels, ("1 = 0", "p.id IN :ids"))):
            for portion in units.portions(ids):
                with self._portion() as connection:
                    unused |= units.digests(connection, *condition, {"ids": portion})
                    if ids is arrivals:
                        units.delete_arrivals(connection, portion, self._dedupe_since(policy, now))
                    else:
                        units.delete_parcels(connection, portion)
        self._drop_unused(unused, month_of(now))
        self._count(month, thinned=len(arrivals) + len(parcels))

    def _drop_unused(self, digests: set[str], this_month: int) -> None:
        """Delete payloads that no row names any more. One that comes again meanwhile is of this month."""
        used = units.DIGESTS[self._engine.dialect.name].format(s="", a="a.sha256 IS NOT NULL", p="p.sha256 IS NOT NULL")
        with self._reader.connect() as connection:
            still = {str(row[0]) for row in connection.execute(text(used)) if row[0] in digests}
        for portion in units.portions(sorted(digests - still)):
            with self._portion() as connection:
                gone = connection.execute(
                    units.listed(
                        "DELETE FROM payload WHERE sha256 IN :ids AND month < :month RETURNING sha256, size_bytes",
                        {"ids": portion, "month": this_month},
                    ),
                    {"ids": portion, "month": this_month},
                ).all()
            self._remove_blobs({row[0] for row in gone if row[1] > ROW_LIMIT_BYTES})

    def _drop_payloads(self, policy: Retention, now: datetime) -> int:
        """Delete payloads of months that have gone; return how many.

        What older rows that stayed still name is moved to this month first. A month more is waited for, because a row
        made at midnight of the first may have an id of the month after its payload's.
        """
        archives = bool(policy.archive_months) and self._engine.dialect.name == "sqlite"
        limit = month_of(now) - (policy.archive_months if archives else policy.keep_months)
        cut = {"cut": first_id(first_moment(limit))}
        count = 0
        with self._portion() as connection:
            kept = sorted(units.digests(connection, "a.id < :cut", "p.id < :cut", cut))
            for portion in units.portions(kept):
                units.run(
                    connection, "UPDATE payload SET month = :now WHERE sha256 IN :ids", now=month_of(now), ids=portion
                )
        while True:
            with self._portion() as connection:
                gone = connection.execute(
                    text(
                        "DELETE FROM payload WHERE sha256 IN"
                        " (SELECT sha256 FROM payload WHERE month < :limit LIMIT 500) AND month < :limit"
                        " RETURNING sha256, size_bytes"
                    ),
                    {"limit": limit - 1},
                ).all()
            if not archives:  # an archive still names the file
                self._remove_blobs({row[0] for row in gone if row[1] > ROW_LIMIT_BYTES})
            count += len(gone)
            if not gone:
                return count

    def _forget_keys(self, policy: Retention, now: datetime) -> int:
        count = 0
        while True:
            with self._portion() as connection:
                gone = units.run(
                    connection,
                    "DELETE FROM dedupe WHERE key IN (SELECT key FROM dedupe WHERE at < :since LIMIT 500)",
                    since=self._dedupe_since(policy, now),
                )
            count += gone
            if not gone:
                return count

    def _remove_blobs(self, digests: set[str]) -> None:
        for each in digests:
            with self._reader.connect() as connection:
                again = connection.execute(text("SELECT 1 FROM payload WHERE sha256 = :id"), {"id": each}).first()
            if again is None:
                self._remove_blob(each)

    @contextmanager
    def _portion(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection
        sleep(PAUSE_S)

    def _dedupe_since(self, policy: Retention, now: datetime) -> int:
        return micros(first_moment(month_of(now) - policy.dedupe_months))

    def _count(self, month: int, **numbers: int) -> None:
        for name, number in numbers.items():
            if number:
                self._done[name][name_of(month).replace("_", "-")] += number
