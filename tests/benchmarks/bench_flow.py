"""What one order costs from its bytes to the answers queued: accept, then process as `gateway run` does it, then wrap;
beside it the disk's own speed, pydifact's bare parse of the same text, and the same flow with pydifact as the parser.

    python tests/benchmarks/bench_flow.py [FOLDER [WORKERS]]

A 2 kB ORDERS D.96A comes in; CONTRL and ORDRSP go into the outbox, and in the first part the warehouse's order too. CPU
is that of this process and its worker processes together. Without cryptography: AS2 has a benchmark of its own.
"""

import asyncio
import logging
import multiprocessing
import os
import sys
import tempfile
import warnings
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

from pydifact.segmentcollection import Interchange

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.app.clock import SteppedClock
from gateway.app.collector import spare_what_stays
from gateway.app.ids import uuid7
from gateway.app.processing import Processing
from gateway.app.workers import Workers
from gateway.codecs.envelope import read_interchanges
from gateway.config.book import build_book
from gateway.config.definitions import read_definitions
from gateway.config.settings import load_settings
from gateway.model.effects import StockMoved
from gateway.model.payload import MemoryPayload, read_all
from gateway.pipeline.accept import accept
from gateway.pipeline.book import Book
from gateway.pipeline.deliver import claim as claim_parcels
from gateway.ports.records import Arrival, Wrapped
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from tests.benchmarks.bench_journal import fsync_ms

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MESSAGES = 1_000
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
    def __init__(self, journal: SqlJournal, book: Book, workers: Workers) -> None:
        self.journal, self.book = journal, book
        self.loop = asyncio.new_event_loop()
        self.processing = Processing(
            journal=journal,
            book=lambda: self.book,
            workers=workers,
            clock=SteppedClock(NOW),
            owner="bench",
            on_parcels=lambda: None,
            wake=lambda _: None,
        )

    def fill_the_warehouse(self) -> None:
        counted = [
            StockMoved(
                key=gtin,
                gtin=gtin,
                location=self.book.own.warehouse,
                measure="on_hand",
                delta=Decimal(9_000_000),
                reason="counted",
                reference="C",
            )
            for gtin in sorted(self.book.own.items)
        ]
        self.journal.write(lambda tx: tx.write_effects("counted", counted, NOW, test=False))

    def accept(self, texts: list[str], partner: str = "nordmarkt") -> None:
        works = []
        for text in texts:
            found = Arrival(id=uuid7(NOW), channel="as2", partner=partner, payload=MemoryPayload(text.encode()))
            works.append(self.journal.submit(lambda tx, found=found: accept(tx, self.book, found, NOW)))
        for each in works:
            each.result()

    def work_off(self, lane: str = "nordmarkt") -> None:
        """Prepare and apply as gateway.app.processing does."""
        self.loop.run_until_complete(self.processing.drain(lane))

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


def cpu_s() -> float:
    """Return the CPU seconds of this process and of its living workers."""
    total = process_time()
    for each in multiprocessing.active_children():
        fields = Path(f"/proc/{each.pid}/stat").read_text().rpartition(")")[2].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def measured(journal: SqlJournal, run: Callable[[], object]) -> tuple[float, float, float]:
    """Return CPU ms, wall ms and commits per message."""
    cpu, wall, commits = cpu_s(), perf_counter(), journal.commits
    run()
    cpu, wall = cpu_s() - cpu, perf_counter() - wall
    return cpu / MESSAGES * 1000, wall / MESSAGES * 1000, (journal.commits - commits) / MESSAGES


def bare_parse_ms(text: str) -> float:
    """Return what pydifact takes to cut the text into segments and messages, without any validation."""
    start = process_time()
    for _ in range(100):
        found = Interchange.from_str(text)
        assert sum(len(message.segments) for message in found.get_messages()) > 10
    return (process_time() - start) * 10


def own_parse_ms(text: str) -> float:
    """Return what our reader takes for the same: interchanges, messages, segments with all elements split."""
    start = process_time()
    for _ in range(100):
        found = read_interchanges([text.encode()])
        messages = [message for each in found for message in each.messages]
        assert sum(len(segment.elements) for message in messages for segment in message.segments) > 10
    return (process_time() - start) * 10


def without_house(book: Book) -> Book:
    """Return the book of a company whose orders go to no warehouse system."""
    return replace(book, partners={name: each for name, each in book.partners.items() if each.kind != "house"})


def flow_of(folder: Path, book: Book, workers: int, answers: int) -> float:
    """Print each step of MESSAGES orders and return the CPU ms of accept and process together."""
    journal = SqlJournal.open(folder / "journal.sqlite", FileBlobs(folder / "blobs"))
    pool = Workers(partial(_book, answers), workers)
    flow, total = Flow(journal, book, pool), 0.0
    flow.fill_the_warehouse()
    flow.accept([order(book, 10**5 + n) for n in range(64)])
    flow.work_off()
    spare_what_stays()  # as a node does when it starts
    texts = [order(book, n) for n in range(MESSAGES)]
    before = journal.read(lambda tx: tx.open_work())
    steps: list[tuple[str, Callable[[], object]]] = [("accept", lambda: flow.accept(texts)), ("process", flow.work_off)]
    print(f"-- {answers} answers a message, {workers} worker processes; fsync {fsync_ms(folder):.3f} ms (median of 50)")
    for name, run in steps:
        cpu, wall, commits = measured(journal, run)
        total += cpu
        print(f"{name:18} {cpu:6.2f} ms of CPU, {wall:6.2f} ms of time, {commits:.3f} commits a message")
    parcels = journal.read(lambda tx: tx.open_work()) - before
    assert parcels == answers * MESSAGES, f"{parcels} parcels"
    cpu, wall, commits = measured(journal, flow.wrap)
    cpu, wall, commits = (each * MESSAGES / (parcels + before) for each in (cpu, wall, commits))
    print(f"{'wrap':18} {cpu:6.2f} ms of CPU, {wall:6.2f} ms of time, {commits:.3f} commits a parcel")
    pool.close()
    journal.close()
    return total


def _book(answers: int) -> Book:
    settings = load_settings(ROOT)
    book = build_book(read_definitions(settings), settings.schemas)
    return book if answers == 3 else without_house(book)


def main() -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")  # pydifact warns of each segment that it has no table for
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    text = order(_book(3), 1)
    bare, own = bare_parse_ms(text), own_parse_ms(text)
    print(f"order of {len(text)} bytes; parse without validation: pydifact {bare:.2f} ms of CPU, ours {own:.2f} ms")
    for answers in (2, 3):
        where = folder / str(answers)
        where.mkdir(parents=True)
        total = flow_of(where, _book(answers), workers, answers)
        print(f"accept + process: {total:.2f} ms of CPU a message, {total / bare:.2f} x pydifact's bare parse;")
        print(
            f"the same with pydifact as parser: {total - own + bare:.2f} ms, {(total - own + bare) / total:.2f} x ours"
        )


if __name__ == "__main__":
    main()
