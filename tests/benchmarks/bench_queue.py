"""The queue alone: claim a lane, take a batch in order, one effect per message, done; on SQLite, on PostgreSQL, and
beside them Procrastinate with one job per message on the same server, doing the same insert.

    python tests/benchmarks/bench_queue.py

CPU is that of this process and, with PostgreSQL, of every server process. 50 lanes, a body of 2 kB, everything loaded
beforehand. Also: durable accepts per second from 64 callers, with the time of one fsync beside the rate.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.jobs import DeleteJobCondition

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.model.effects import StockMoved
from gateway.model.payload import MemoryPayload
from gateway.ports.journal import Tx
from gateway.ports.records import Arrival, LaneClaim, MessageRow, NewMessage
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from tests.benchmarks.bench_journal import ARRIVALS, accepts, fsync_ms
from tests.benchmarks.figures import figure
from tests.servers.postgres import PostgresServer, new_server

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEASE = timedelta(hours=1)
LANES, MESSAGES, JOBS, BATCH = 50, 4_000, 500, 32
BODY = b"x" * 2000


def server_cpu_s(server: PostgresServer | None) -> float:
    """Return the CPU seconds of every process of the server, those that have ended too."""
    if server is None:
        return 0.0
    parent = int((server.data / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, fields = int(path.parent.name), path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if pid == parent:
            ticks += sum(int(each) for each in fields[11:15])  # its own, and its ended children's
        elif int(fields[1]) == parent:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


@contextmanager
def measured(name: str, count: int, server: PostgresServer | None, commits: Callable[[], int]) -> Iterator[list[float]]:
    """Print what the block costs per message; the list gets the CPU ms."""
    costs: list[float] = []
    wall, cpu, before = perf_counter(), process_time() + server_cpu_s(server), commits()
    yield costs
    wall, cpu = perf_counter() - wall, process_time() + server_cpu_s(server) - cpu
    costs.append(cpu / count * 1000)
    each = (commits() - before) / count
    figure(name, costs[0], "ms of CPU a message")
    print(f"{name:46} {costs[0]:6.3f} ms of CPU, {count / wall:8,.0f}/s, {each:.3f} commits a message", flush=True)


def load(journal: SqlJournal) -> None:
    """Fill every lane with messages that wait to be applied."""
    for lane in range(LANES):
        ids = [f"a-{lane}-{n}" for n in range(MESSAGES // LANES)]

        def work(tx: Tx, lane: int = lane, ids: list[str] = ids) -> None:
            claim = tx.claim_lane(f"lane-{lane}", "bench", NOW, LEASE)
            assert claim is not None
            for each in ids:
                body = MemoryPayload(BODY + each.encode())
                tx.add_arrival(Arrival(id=each, channel="as2", partner="p", payload=body), claim.lane, NOW)
                message = NewMessage(id=f"m{each}", position=0, state="parsed", type="ORDERS", document="{}")
                tx.store_prepared(claim, each, "parsed", [], [message], NOW)

        journal.write(work)


def cycle(tx: Tx, claim: LaneClaim, rows: list[MessageRow]) -> None:
    for row in rows:
        moved = StockMoved(
            key="1",
            gtin=row.id[-14:],
            location="w",
            measure="allocated",
            delta=Decimal(1),
            reason="",
            reference="",
        )
        tx.write_effects(row.id, [moved], NOW, test=True)  # recorded: one row, as the job's own insert
        tx.finish_message(claim, row.id, "done", NOW)


def drain(journal: SqlJournal) -> None:
    """Work off every lane; the next batch is looked for in the transaction of the last."""
    for lane in range(LANES):
        claim = journal.write(lambda tx, lane=lane: tx.claim_lane(f"lane-{lane}", "bench", NOW, LEASE))
        assert claim is not None
        rows = journal.read(lambda tx, claim=claim: tx.messages_to_apply(claim, NOW, BATCH))
        while rows:

            def work(tx: Tx, claim: LaneClaim = claim, rows: list[MessageRow] = rows) -> list[MessageRow]:
                cycle(tx, claim, rows)
                return tx.messages_to_apply(claim, NOW, BATCH)

            rows = journal.decide(work).result()


def own(folder: Path, server: PostgresServer | None) -> float:
    blobs = FileBlobs(folder / "blobs")
    kind = "PostgreSQL" if server else "SQLite"
    if server:
        journal = SqlJournal.connect(server.fresh_database(), blobs)
    else:
        journal = SqlJournal.open(folder / "journal.sqlite", blobs)
    print(f"-- {kind}; one fsync takes {fsync_ms(folder):.3f} ms (median of 50)")
    with measured(f"durable accept, 64 callers ({kind})", ARRIVALS, server, lambda: journal.commits):
        accepts(journal)
    load(journal)
    with measured(f"lane cycle, ordered ({kind})", MESSAGES, server, lambda: journal.commits) as costs:
        drain(journal)
    assert journal.read(lambda tx: tx.backlog()).count == ARRIVALS
    journal.close()
    return costs[0]


async def jobs(url: str, server: PostgresServer) -> float:
    """One job per message, ordered by a lock per lane."""
    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=10))
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE done (id text PRIMARY KEY, body bytea)")

    @app.task(name="one", pass_context=False)
    async def one(message: str) -> None:
        await app.connector.execute_query_async("INSERT INTO done VALUES (%(m)s, '')", m=message)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for lane in range(LANES):
            given = [{"message": f"{lane}-{n}"} for n in range(JOBS // LANES)]
            await one.configure(lock=f"lane-{lane}").batch_defer_async(*given)
        with measured("one job per message, ordered (Procrastinate)", JOBS, server, lambda: 0) as costs:
            while done(url) < JOBS:  # a worker that does not wait ends when every lane's head is taken
                await app.run_worker_async(
                    wait=False, concurrency=8, install_signal_handlers=False, delete_jobs=DeleteJobCondition.ALWAYS
                )
    return costs[0]


def done(url: str) -> int:
    with psycopg.connect(url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM done").fetchone() or (0,)
    return int(count)


def main() -> None:
    with tempfile.TemporaryDirectory(dir=".") as made:
        folder = Path(made)
        own(folder, None)
        server = new_server()
        server.start()
        try:
            (folder / "pg").mkdir()
            ours = own(folder / "pg", server)
            theirs = asyncio.run(jobs(server.fresh_database(), server))
        finally:
            server.remove()
    figure("lane cycle on PostgreSQL", ours, "ms of CPU", peer=("Procrastinate, a job per message", theirs))
    print(f"a job per message costs {theirs / ours:.1f} x the CPU of a lane's cycle on the same server")


if __name__ == "__main__":
    main()
