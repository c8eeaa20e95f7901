"""What the journal costs here: durable accepts, and one message from accept to its parcel acked.

    python tests/benchmarks/bench_journal.py [FOLDER [POSTGRESQL_URL]]

The rate means little without the disk's own speed: the time of one fsync stands beside it.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.model.effects import StockMoved
from gateway.model.payload import MemoryPayload
from gateway.ports.journal import Tx
from gateway.ports.records import Accepted, Arrival, NewMessage, NewParcel, Proof
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from tests.benchmarks.figures import figure

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LEASE = timedelta(minutes=3)
CALLERS = 64
ARRIVALS = 12_000
MESSAGES = 2_000


def fsync_ms(folder: Path) -> float:
    """Return the median of 50 small appends with fsync, in milliseconds."""
    taken = []
    with (folder / "probe").open("wb") as file:
        for _ in range(50):
            start = perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            taken.append((perf_counter() - start) * 1000)
    return median(taken)


def arrival(n: int) -> Arrival:
    data = b"UNB+UNOC:3+%d'" % n + b"x" * 2000
    return Arrival(
        id=f"arrival-{n}", channel="as2", partner="p", payload=MemoryPayload(data), dedupe_key=f"as2:a:b:{n}"
    )


def measured(name: str, count: int, journal: SqlJournal, run: Callable[[], None]) -> None:
    wall, cpu, commits = perf_counter(), process_time(), journal.commits
    run()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    each = (journal.commits - commits) / count
    figure(f"{name}, CPU", cpu / count * 1e3, "ms a message")
    print(f"{name}: {count / wall:,.0f}/s, {cpu / count * 1e6:,.0f} us of CPU and {each:.3f} commits each")


def keep(tx: Tx, found: Sequence[Arrival]) -> list[Accepted]:
    return tx.add_arrivals([(each, "p") for each in found], NOW)


def accepts(journal: SqlJournal) -> None:
    """Accept from CALLERS tasks, each of which waits for its commit before it brings the next, as the edge does."""

    async def caller(share: int) -> None:
        for n in range(share, ARRIVALS, CALLERS):
            await asyncio.wrap_future(journal.take(keep, arrival(n)))

    async def all_of_them() -> None:
        await asyncio.gather(*(caller(share) for share in range(CALLERS)))

    asyncio.run(all_of_them())


def flow(journal: SqlJournal) -> None:
    """Prepare, apply with five stock lines and one parcel, deliver: the journal's part only."""
    claim = journal.write(lambda tx: tx.claim_lane("p", "bench", NOW, LEASE))
    assert claim is not None
    for first in range(0, MESSAGES, 32):
        waiting = journal.write(lambda tx: tx.arrivals_to_prepare(claim, NOW, 32))[: MESSAGES - first]
        for row in waiting:
            message = NewMessage(id=f"m-{row.id}", position=0, state="parsed", type="ORDERS", document="{}")
            journal.submit(lambda tx, row=row, m=message: tx.store_prepared(claim, row.id, "parsed", [], [m], NOW))
        for row in journal.write(lambda tx: tx.messages_to_apply(claim, NOW, 32)):
            moves = [
                StockMoved(
                    key=str(n),
                    gtin=f"{n:014d}",
                    location="w",
                    measure="allocated",
                    delta=Decimal(n),
                    reason="",
                    reference="",
                )
                for n in range(5)
            ]
            parcel = NewParcel(
                id=f"p-{row.id}",
                partner="p",
                channel="as2",
                mapping="eancom-1997/ORDRSP",
                document_type="OrderResponse",
                payload=b"y" * 2000 + row.id.encode(),
                content_type="application/edifact",
                filename="a.edi",
                cause=row.id,
            )

            def apply(tx, row=row, moves=moves, parcel=parcel):  # type: ignore[no-untyped-def]
                tx.serial()
                tx.write_effects(row.id, moves, NOW, test=False)
                tx.add_parcels([parcel], NOW)
                tx.finish_message(claim, row.id, "applied", NOW)

            journal.submit(apply)
        for sent in journal.write(lambda tx: tx.claim_parcels("bench", NOW, LEASE, 32)):
            journal.submit(lambda tx, sent=sent: tx.settle(sent, "acked", NOW, proof=Proof(state="acked")))
    journal.write(lambda tx: None)


def main(folder: Path, url: str | None = None) -> None:
    blobs = FileBlobs(folder / "blobs")
    journal = SqlJournal.connect(url, blobs) if url else SqlJournal.open(folder / "journal.sqlite", blobs)
    print(f"fsync: {fsync_ms(folder):.2f} ms (median)")
    measured(f"durable accept, {CALLERS} callers, 2 kB", ARRIVALS, journal, lambda: accepts(journal))
    measured("accepted to acked, journal only", MESSAGES, journal, lambda: flow(journal))
    if not url:
        print(f"file: {(folder / 'journal.sqlite').stat().st_size / (ARRIVALS + 2 * MESSAGES):,.0f} bytes a message")
    journal.close()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]), *sys.argv[2:3])
    else:
        with tempfile.TemporaryDirectory(dir=".") as made:
            main(Path(made))
