"""What one order costs from its bytes to the answers queued: accept, prepare, apply, wrap; beside it the disk's own
speed and pydifact's bare parse of the same text.

    python tests/benchmarks/bench_flow.py [FOLDER]

A 2 kB ORDERS D.96A comes in; CONTRL, ORDRSP and the warehouse's order go into the outbox and are wrapped (without
cryptography: AS2 has a benchmark of its own). One process, one lane, batches as the shell takes them.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time

from pydifact.segmentcollection import Interchange

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.app.ids import uuid7
from gateway.config.book import build_book
from gateway.config.definitions import read_definitions
from gateway.config.settings import load_settings
from gateway.model.payload import MemoryPayload, read_all
from gateway.pipeline.accept import accept
from gateway.pipeline.apply import apply
from gateway.pipeline.book import Book
from gateway.pipeline.deliver import claim as claim_parcels
from gateway.pipeline.prepare import prepare
from gateway.pipeline.stored import store_prepared
from gateway.ports.records import Arrival, Wrapped
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from tests.benchmarks.bench_journal import fsync_ms

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MESSAGES, BATCH = 1_000, 16
SIZE_BYTES = 2_000


def order(book: Book, n: int) -> str:
    gtins = sorted(book.own.items)
    body = (
        f"UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+PO-{n:06d}+9'DTM+137:20261101:102'DTM+2:20261105:102'"
        "NAD+BY+9521002000009::9'NAD+SU+9521001000000::9'NAD+DP+9521002000016::9'"
    )
    lines = 0
    while len(body) < SIZE_BYTES - 120:
        gtin = gtins[lines % len(gtins)]
        lines += 1
        body += f"LIN+{lines}++{gtin[1:]}:EN'IMD+F++:::Item number {lines} of the table'QTY+21:{lines}'"
    body += f"UNS+S'CNT+2:{lines}'"
    head = f"UNB+UNOC:3+9521002000009:14+9521001000000:14+261101:1200+R{n}'"
    return f"{head}{body}UNT+{body.count(chr(39)) + 1}+1'UNZ+1+R{n}'"


class Flow:
    def __init__(self, journal: SqlJournal, book: Book) -> None:
        self.journal, self.book = journal, book

    def fill_the_warehouse(self) -> None:
        place = self.book.own.warehouse
        lines = ",".join(
            f'{{"item":{{"gtin":"{gtin}"}},"quantity":{{"value":"9000000","per":"gtin"}},"type":"onHand",'
            f'"location":"{place}"}}'
            for gtin in sorted(self.book.own.items)
        )
        reporter = f'{{"ids":[{{"scheme":"0088","value":"{place}"}}]}}'
        head = f'"document":"InventoryReport","id":"C","issuedAt":"2026-11-01","reporter":{reporter}'
        self.accept([f'{{{head},"lines":[{lines}]}}'], "warehouse")
        self.work_off("warehouse")

    def accept(self, texts: list[str], partner: str = "nordmarkt") -> None:
        works = []
        for text in texts:
            found = Arrival(id=uuid7(NOW), channel="as2", partner=partner, payload=MemoryPayload(text.encode()))
            works.append(self.journal.submit(lambda tx, found=found: accept(tx, self.book, found, NOW)))
        for each in works:
            each.result()

    def work_off(self, lane: str = "nordmarkt") -> None:
        """Prepare and apply in batches of 16, submitted together: what gateway.app.processing does."""
        claim = self.journal.write(lambda tx: tx.claim_lane(lane, "bench", NOW, timedelta(hours=1)))
        assert claim is not None
        while True:
            rows = self.journal.read(lambda tx: tx.arrivals_to_prepare(claim, NOW, BATCH))
            if not rows:
                return
            works = []
            for row in rows:
                found = prepare(self.book, row)
                named = replace(found, messages=tuple(replace(each, id=uuid7(NOW)) for each in found.messages))
                works.append(self.journal.submit(lambda tx, r=row, n=named: self._stored(tx, claim, r, n)))
            for each in works:
                each.result()
            messages = self.journal.read(lambda tx: tx.messages_to_apply(claim, NOW, BATCH))
            applied = [self.journal.submit(lambda tx, m=each: self._applied(tx, claim, m)) for each in messages]
            for each in applied:
                assert each.result().fault is None

    def _stored(self, tx, claim, row, named) -> int:  # type: ignore[no-untyped-def]
        return store_prepared(tx, self.book, claim, row, named, NOW, lambda: uuid7(NOW))

    def _applied(self, tx, claim, message):  # type: ignore[no-untyped-def]
        return apply(tx, self.book, claim, message, NOW, lambda: uuid7(NOW))

    def wrap(self) -> int:
        """Claim every parcel and keep what would be sent; return how many there were."""
        count = 0
        while parcels := self.journal.write(lambda tx: claim_parcels(tx, "bench", NOW, 32)):
            works = []
            for parcel in parcels:
                body = read_all(parcel.payload, 1_000_000)
                ready = Wrapped(headers=(), body=body, transport_id=f"<{parcel.id}@bench>")
                works.append(self.journal.submit(lambda tx, p=parcel, w=ready: tx.store_wrapped(p, w, NOW)))
            for each in works:
                each.result()
            count += len(parcels)
        return count


def measured(journal: SqlJournal, run: Callable[[], object]) -> tuple[float, float, float]:
    """Return CPU ms, wall ms and commits per message."""
    cpu, wall, commits = process_time(), perf_counter(), journal.commits
    run()
    cpu, wall = process_time() - cpu, perf_counter() - wall
    return cpu / MESSAGES * 1000, wall / MESSAGES * 1000, (journal.commits - commits) / MESSAGES


def bare_parse_ms(text: str) -> float:
    start = process_time()
    for _ in range(100):
        assert sum(1 for _ in Interchange.from_str(text).segments) > 10
    return (process_time() - start) * 10


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    settings = load_settings(ROOT)
    book = build_book(read_definitions(settings), settings.schemas)
    texts = [order(book, n) for n in range(MESSAGES)]
    bare = bare_parse_ms(texts[0])
    print(f"order of {len(texts[0])} bytes; one fsync takes {fsync_ms(folder):.3f} ms (median of 50)")
    print(f"pydifact, bare parse of the same text: {bare:.2f} ms of CPU")
    journal = SqlJournal.open(folder / "journal.sqlite", FileBlobs(folder / "blobs"))
    flow, total = Flow(journal, book), 0.0
    flow.fill_the_warehouse()
    steps: list[tuple[str, Callable[[], object]]] = [
        ("accept", lambda: flow.accept(texts)),
        ("prepare and apply", flow.work_off),
        ("wrap", flow.wrap),
    ]
    for name, run in steps:
        cpu, wall, commits = measured(journal, run)
        total += cpu
        print(f"{name:18} {cpu:6.2f} ms of CPU, {wall:6.2f} ms of time, {commits:.3f} commits a message")
    parcels = journal.read(lambda tx: tx.open_work())
    journal.close()
    print(f"together: {total:.2f} ms of CPU a message, {total / bare:.2f} x pydifact's bare parse")
    assert parcels == 3 * MESSAGES, "CONTRL, ORDRSP and the warehouse's order of each message"


if __name__ == "__main__":
    main()
