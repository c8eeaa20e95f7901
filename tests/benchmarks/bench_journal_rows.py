"""A journal with many rows: what a claim, a list and a search cost then, and what it takes to drop a month.

    python tests/benchmarks/bench_journal_rows.py [MESSAGES [POSTGRESQL_URL]]

Rows are made in bulk, past the gateway's own writing: twelve months of finished orders with their answers, and a
little open work. Wall time, medians; the share of the slowest twentieth (p95) beside it.
"""

# ruff: noqa: E501 - rows of tables

import random
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import psycopg
from sqlalchemy import event

from gateway.ports.records import LaneClaim
from gateway.ports.retention import Retention
from gateway.store import partitions
from gateway.store.blobs import FileBlobs
from gateway.store.housekeeping import Keeper
from gateway.store.journal import SqlJournal
from gateway.store.months import month_of
from gateway.store.retention_rules import keeping
from gateway.store.view_rows import MessageFilter
from gateway.store.views import Views
from tests.benchmarks.figures import figure

sys.path.insert(0, str(Path(__file__).parents[2]))

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MONTHS = 12
OPEN = 200
PARTNERS = 50
PORTION = 20_000


def new_id(at: datetime, n: int, kind: int) -> str:
    return str(UUID(int=(int(at.timestamp() * 1000) << 80) | (7 << 76) | (2 << 62) | (kind << 40) | n))


def rows_of(count: int) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
    """Yield portions of rows by table, the oldest first; the last OPEN messages wait to be applied."""
    span = timedelta(days=30 * MONTHS)
    made: dict[str, list[tuple[Any, ...]]] = {}
    for n in range(count):
        at = NOW - span + span * n / count
        micro, partner, number = int(at.timestamp() * 1_000_000), f"partner-{n % PARTNERS}", f"PO-{n:08d}"
        arrival, message, parcel = (new_id(at, n, kind) for kind in (1, 2, 3))
        state = "parsed" if n >= count - OPEN else "done"
        made.setdefault("arrival", []).append(
            (
                arrival,
                n + 1,
                partner,
                partner,
                "as2",
                "parsed",
                micro,
                1,
                "0" * 64,
                2000,
                "",
                f"<{n}@them>",
                False,
                "{}",
                False,
            )
        )
        made.setdefault("message", []).append(
            (message, n + 1, arrival, 0, partner, partner, "as2", state, "ORDERS", str(n), "Order", "{}", number,
             "[]", "{}", 0, 0, False, 0, micro, micro, False)
        )  # fmt: skip
        made.setdefault("parcel", []).append(
            (parcel, n + 1, partner, "as2", "eancom-1997/ORDRSP", "OrderResponse", f"AB-{n:08d}", str(n), "0" * 64, "", "a.edi",
             message, False, "acked", 1, 0, 1, f"<{n}@us>", micro, micro)
        )  # fmt: skip
        made.setdefault("event", []).extend(
            (micro, subject, what, "{}")
            for subject, what in ((arrival, "received"), (message, "done"), (parcel, "acked"))
        )
        made.setdefault("search_key", []).extend(
            (subject, kind, value, of, micro)
            for subject, kind, value, of in (
                (arrival, "transport", f"<{n}@THEM>", "arrival"), (message, "number", number, "message"),
                (message, "number", f"{n:08d}", "message"), (message, "gln", f"95210{n % PARTNERS:08d}", "message"),
                (parcel, "number", f"AB-{n:08d}", "parcel"), (parcel, "order", number, "parcel"),
            )
        )  # fmt: skip
        if n % PORTION == PORTION - 1 or n == count - 1:
            yield made
            made = {}


COLUMNS = {
    "arrival": "id seq lane partner channel state received_at attempts sha256 size_bytes content_type transport_id test"
    " evidence alone",
    "message": "id seq arrival position lane partner channel state type reference document_type document business_number"
    " findings sources start end test attempts received_at updated_at blocks",
    "parcel": "id seq partner channel mapping document_type business_number control_reference sha256 content_type filename"
    " cause test state attempts next_at epoch transport_id created_at updated_at",
    "event": "at subject what data",
    "search_key": "subject kind value of at",
}


def fill_sqlite(path: Path, count: int) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("INSERT OR IGNORE INTO payload (sha256, size_bytes, data) VALUES (?, 4, x'00')", ("0" * 64,))
        for portion in rows_of(count):
            for table, rows in portion.items():
                names = COLUMNS[table].split()
                quoted, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
                connection.executemany(f"INSERT INTO {table} ({quoted}) VALUES ({marks})", rows)
            connection.commit()
        connection.execute("ANALYZE")
    connection.close()


def fill_postgres(url: str, count: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO payload (sha256, size_bytes, data) VALUES (%s, 4, '')", ("0" * 64,))
        for portion in rows_of(count):
            for table, rows in portion.items():
                quoted = ", ".join(f'"{name}"' for name in COLUMNS[table].split())
                with connection.cursor().copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        connection.commit()
        connection.autocommit = True
        connection.execute("ANALYZE")


CLAIM, DROP = "claim a lane, committed", "drop of a month, tables locked"


def measured(name: str, times: int, run: Callable[[int], object]) -> float:
    """Print what it takes; return the milliseconds of the quicker quarter: the rest tells of the neighbours' load."""
    taken, cpu = [], process_time()
    for n in range(times):
        start = perf_counter()
        run(n)
        taken.append((perf_counter() - start) * 1000)
    cpu = (process_time() - cpu) / times * 1000
    p95 = quantiles(taken, n=20)[-1]
    figure(f"{name}, median", median(taken), "ms")
    print(f"{name}: median {median(taken):.2f} ms, p95 {p95:.2f} ms, CPU of this process {cpu:.2f} ms", flush=True)
    return quantiles(taken, n=4)[0]


def questions(journal: SqlJournal, count: int) -> float:
    """Ask what the gateway and its people ask; return the milliseconds of a claim."""
    views, chance = Views(journal.reader), random.Random(3)
    lane = f"partner-{(count - 1) % PARTNERS}"
    lease = timedelta(minutes=1)
    measured("lanes with work", 100, lambda _: journal.read(lambda tx: tx.lanes_with_work(NOW)))

    def claim(n: int) -> LaneClaim:
        held = journal.write(lambda tx: tx.claim_lane(lane, f"bench-{n}", NOW + 2 * n * lease, lease))
        assert held is not None
        return held

    def look(_: int) -> None:
        assert journal.read(lambda tx: tx.messages_to_apply(last, NOW + 200 * lease, 32))

    claims = measured(CLAIM, 100, claim)
    last = claim(100)
    measured("its first messages", 100, look)
    measured("claim parcels (none due)", 100, lambda _: journal.write(lambda tx: tx.claim_parcels("b", NOW, lease, 32)))
    measured("list, newest page", 50, lambda _: views.messages(MessageFilter()))
    measured("list of one partner", 50, lambda n: views.messages(MessageFilter(partner=f"partner-{n % PARTNERS}")))
    measured(
        "search, exact number", 100, lambda _: views.messages(MessageFilter(text=f"PO-{chance.randrange(count):08d}"))
    )
    measured(
        "search, prefix of 1,000",
        50,
        lambda _: views.messages(MessageFilter(text=f"PO-{chance.randrange(count):08d}"[:8])),
    )
    measured("search, prefix of all", 50, lambda _: views.messages(MessageFilter(text="PO-")))
    measured("list, in progress", 50, lambda _: views.messages(MessageFilter(state="open")))
    measured("list, waiting for a person", 50, lambda _: views.messages(MessageFilter(state="attention")))
    measured("list, of a type", 50, lambda _: views.messages(MessageFilter(type="ORDERS")))
    measured("search, GLN of a partner", 50, lambda n: views.messages(MessageFilter(text=f"95210{n % PARTNERS:08d}")))
    return claims


def drop_a_month(journal: SqlJournal, folder: Path) -> float:
    """Drop two months; return the median of the seconds for which the tables were locked."""
    engine = Keeper(journal.reader, folder, lambda digest: None)._engine
    month = month_of(NOW) - MONTHS + 1
    keep = keeping(Retention(keep_months=MONTHS - 3), NOW)
    locked, taken = [0.0], []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("LOCK TABLE"):
            locked[0] = perf_counter()

    event.listen(engine, "before_cursor_execute", note)
    for each in (month, month + 1):
        start = perf_counter()
        with engine.begin() as connection:
            gone, kept = partitions.drop(connection, each, keep, 2**62)
        end = perf_counter()
        taken.append(end - locked[0])
        with engine.begin() as connection:
            partitions.remove_dropped(connection)
        print(
            f"drop a partition of {gone:,} units, {kept} kept: {end - locked[0]:.3f} s with the tables locked, "
            f"{perf_counter() - end:.3f} s after that to delete its files, "
            f"{locked[0] - start:.3f} s before that to find what must be kept",
            flush=True,
        )
    return median(taken)


def on_sqlite(folder: Path, count: int) -> dict[str, float]:
    """Return the milliseconds of a claim."""
    start = perf_counter()
    journal = SqlJournal.open(folder / "journal.sqlite", FileBlobs(folder / "blobs"))
    fill_sqlite(folder / "journal.sqlite", count)
    print(f"SQLite, {count:,} messages: made in {perf_counter() - start:.0f} s", flush=True)
    claims = questions(journal, count)
    print(f"file: {(folder / 'journal.sqlite').stat().st_size / 1e6:,.0f} MB")
    journal.close()
    return {CLAIM: claims}


def on_postgres(folder: Path, count: int, url: str) -> dict[str, float]:
    """Return the milliseconds of a claim, and the seconds that the drop of a month locks the tables."""
    start = perf_counter()
    journal = SqlJournal.connect(url, FileBlobs(folder / "blobs"))
    keeper = Keeper(journal.reader, folder, lambda digest: None)
    keeper.round(Retention(), NOW - timedelta(days=400))
    for month in range(month_of(NOW) - MONTHS, month_of(NOW) + 2):
        with keeper._engine.begin() as connection:
            partitions.add(connection, month)
    fill_postgres(url, count)
    print(f"PostgreSQL, {count:,} messages: made in {perf_counter() - start:.0f} s", flush=True)
    claims = questions(journal, count)
    drops = drop_a_month(journal, folder)
    journal.close()
    return {CLAIM: claims, DROP: drops}


def main(count: int, url: str | None) -> None:
    with tempfile.TemporaryDirectory(dir=".") as made:
        if url:
            on_postgres(Path(made), count, url)
        else:
            on_sqlite(Path(made), count)


if __name__ == "__main__":
    amount = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        main(amount, sys.argv[2])
    else:
        main(amount, None)
        from tests.servers.postgres import new_server

        server = new_server()
        server.start()
        try:
            main(amount, server.fresh_database())
        finally:
            server.remove()
