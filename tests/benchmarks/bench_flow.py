"""What one order costs from its bytes to the answers sent: accept, then process as `gateway run` does it, then deliver;
beside it the disk's own speed, pydifact's bare parse of the same text, and the same flow with pydifact as the parser.

    python tests/benchmarks/bench_flow.py [FOLDER [WORKERS]]

A 2 kB ORDERS D.96A comes in; CONTRL and ORDRSP go into the outbox, in the last part the warehouse's order too. The
order is either dense (24 lines of number, name and quantity) or as EANCOM users write it (names and addresses, 12 lines
with price and the buyer's own number). CPU is that of this process and its worker processes.
Without cryptography and network: AS2 has a benchmark of its own. The outcomes of 32 parcels share a commit, as they do
when many partners answer within the 20 ms that an outcome waits.

With pydifact as the parser, its parser cuts the bytes and ours takes its segments over; all the rest is the same.
"""

import asyncio
import logging
import multiprocessing
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from unittest.mock import patch

from pydifact.parser import Parser
from pydifact.segmentcollection import Interchange

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.app.collector import spare_what_stays
from gateway.app.ids import uuid7
from gateway.app.processing import Processing
from gateway.app.workers import Workers
from gateway.codecs.edifact_pydifact import from_pydifact
from gateway.codecs.edifact_read import SegmentReader
from gateway.codecs.envelope import read_interchanges
from gateway.config.book import build_book
from gateway.config.definitions import read_definitions
from gateway.config.settings import load_settings
from gateway.model.effects import StockMoved
from gateway.model.payload import MemoryPayload, read_all
from gateway.model.tree import Segment
from gateway.pipeline.accept import accept
from gateway.pipeline.book import Book
from gateway.pipeline.deliver import claim as claim_parcels
from gateway.pipeline.deliver import settle_proof
from gateway.ports.journal import Tx
from gateway.ports.records import Arrival, ParcelRow, Proof, Wrapped
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal
from tests.benchmarks.bench_journal import fsync_ms
from tests.benchmarks.figures import figure
from tests.stepped_clock import SteppedClock

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
MESSAGES = 500
ROUNDS = 3  # of our flow; in between as many less one with pydifact as the parser
SIZE_BYTES = 2_000
TAKEN = Proof(state="acked")


def usual_order(book: Book, n: int) -> str:
    """As EANCOM users write one: parties with name and address, each line with our and their number, name and price."""
    gtins = sorted(book.own.items)
    body = (
        f"UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+PO-{n:06d}+9'DTM+137:20261101:102'DTM+2:20261105:102'"
        "FTX+DEL+++Please ring at gate 4 before unloading'RFF+CT:2026-0815'"
        "NAD+BY+9521002000009::9++Nordmarkt Handels GmbH+Speicherstrasse 12+Hamburg++20457+DE'"
        "NAD+SU+9521001000000::9'NAD+DP+9521002000016::9++Nordmarkt Lager Nord+Am Hafen 3+Kiel++24103+DE'CUX+2:EUR:9'"
    )
    lines = 0
    while len(body) < SIZE_BYTES - 220:
        item = book.own.items[gtins[lines % len(gtins)]]
        lines += 1
        body += (
            f"LIN+{lines}++{item.gtin[1:]}:EN'PIA+1+NM-{40000 + lines}:BP'IMD+F++:::{item.name}'QTY+21:{lines * 12}'"
        )
        body += f"DTM+2:20261105:102'PRI+AAA:{item.sales_price}'RFF+LI:{lines}'"
    return enveloped(f"{body}UNS+S'CNT+2:{lines}'", n)


def enveloped(body: str, n: int) -> str:
    head = f"UNB+UNOC:3+9521002000009:14+9521001000000:14+261101:1200+R{n}'"
    return f"{head}{body}UNT+{body.count(chr(39)) + 1}+1'UNZ+1+R{n}'"


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
    return enveloped(f"{body}UNS+S'CNT+2:{lines}'", n)


class PydifactReader(SegmentReader):
    """Our reader's place in the flow, with pydifact cutting the bytes."""

    def blocks(self, chunks: Iterable[bytes]) -> Iterator[list[Segment]]:
        data = b"".join(chunks)
        number = offset = 0
        for raw, found in zip(data.split(b"'"), Parser().parse(data.decode()), strict=False):
            number = 1 if found.tag == "UNH" else number + 1 if number else 0
            made = from_pydifact(found)
            yield [Segment(made.tag, made.elements, number, offset, 1, offset + 1, raw)]
            offset += len(raw) + 1
            if found.tag == "UNT":
                number = 0


def settle_all(tx: Tx, parcels: list[ParcelRow]) -> None:
    for each in parcels:
        settle_proof(tx, each, TAKEN, NOW)


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

    def deliver(self) -> None:
        """Claim every parcel, keep what would be sent, and what the far ends would answer."""
        while parcels := self.journal.write(lambda tx: claim_parcels(tx, "bench", NOW, 32)):
            works = []
            for parcel in parcels:
                body = read_all(parcel.payload, 1_000_000)
                ready = Wrapped(headers=(), body=body, transport_id=f"<{parcel.id}@bench>")
                works.append(self.journal.submit(lambda tx, p=parcel, w=ready: tx.store_wrapped(p, w, NOW)))
            for each in works:
                each.result()
            self.journal.write(partial(settle_all, parcels=parcels))


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


class Run:
    """One journal, one book, one form of the order."""

    def __init__(self, folder: Path, workers: int, answers: int, form: Callable[[Book, int], str]) -> None:
        self.folder, self.book, self.answers, self.form = folder, _book(answers), answers, form
        folder.mkdir(parents=True)
        self.journal = SqlJournal.open(folder / "journal.sqlite", FileBlobs(folder / "blobs"))
        self.pool = Workers(partial(_book, answers), workers)
        self.flow, self.sent = Flow(self.journal, self.book, self.pool), 0
        self.flow.fill_the_warehouse()
        self.flow.accept(self.orders(64))
        self.flow.work_off()
        spare_what_stays()  # as a node does when it starts

    def orders(self, count: int) -> list[str]:
        self.sent += count
        return [self.form(self.book, n) for n in range(self.sent - count, self.sent)]

    def accept_and_process(self) -> list[tuple[float, float, float]]:
        """Return CPU ms, wall ms and commits per message of both steps."""
        texts = self.orders(MESSAGES)
        before = self.journal.read(lambda tx: tx.open_work())
        found = [measured(self.journal, lambda: self.flow.accept(texts)), measured(self.journal, self.flow.work_off)]
        parcels = self.journal.read(lambda tx: tx.open_work()) - before
        assert parcels == self.answers * MESSAGES, f"{parcels} parcels"
        return found

    def deliver(self) -> tuple[float, ...]:
        """Return the same per parcel."""
        parcels = self.journal.read(lambda tx: tx.open_work())
        return tuple(each * MESSAGES / parcels for each in measured(self.journal, self.flow.deliver))

    def close(self) -> None:
        self.pool.close()
        self.journal.close()


def tell(name: str, found: tuple[float, ...], unit: str = "message") -> None:
    cpu, wall, commits = found
    print(f"{name:18} {cpu:6.2f} ms of CPU, {wall:6.2f} ms of time, {commits:.3f} commits a {unit}")


def flow_of(folder: Path, workers: int, answers: int, name: str, form: Callable[[Book, int], str]) -> None:
    """Print each step of MESSAGES orders; without worker processes the whole, too, with pydifact's parser in turns."""
    run = Run(folder, workers, answers, form)
    text = form(run.book, 1)
    bare, own = bare_parse_ms(text), own_parse_ms(text)
    size = f"{len(text)} bytes, {text.count('LIN+')} lines"
    print(
        f"-- {name}: {size}, {answers} answers a message, {workers} worker processes; fsync {fsync_ms(folder):.3f} ms"
    )
    print(f"   parse without validation: pydifact {bare:.2f} ms of CPU, ours {own:.2f} ms")
    ours, theirs = [run.accept_and_process()], []
    for _ in range(0 if workers else ROUNDS - 1):
        with patch("gateway.codecs.envelope.SegmentReader", PydifactReader):
            theirs.append(total(run.accept_and_process()))
        ours.append(run.accept_and_process())
    accepted, processed = (tuple(map(median, zip(*step, strict=True))) for step in zip(*ours, strict=True))
    tell("accept", accepted)
    tell("process", processed)
    tell("deliver", run.deliver(), "parcel")
    whole = median(map(total, ours))
    what = f"accept and process, {name}, {answers} answers"
    figure(what, whole, "ms of CPU", at_most=2.5, peer=("pydifact's bare parse", bare))
    if theirs:
        figure(f"the same flow, {name}", whole, "ms of CPU", at_most=median(theirs) / 3,
               peer=("with pydifact as the parser", median(theirs)))  # fmt: skip
    print(f"accept + process: {whole:.2f} ms of CPU a message, {whole / bare:.2f} x pydifact's bare parse")
    if theirs:
        print(
            f"the same with pydifact as parser: {median(theirs):.2f} ms, {median(theirs) / whole:.2f} x ours (measured)"
        )
    run.close()


def total(steps: list[tuple[float, float, float]]) -> float:
    return sum(cpu for cpu, _, _ in steps)


def _book(answers: int) -> Book:
    settings = load_settings(ROOT)
    book = build_book(read_definitions(settings), settings.schemas)
    return book if answers == 3 else without_house(book)


def main() -> None:
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")  # pydifact warns of each segment that it has no table for
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    parts = ((2, "dense order", order), (2, "usual order", usual_order), (3, "dense order", order))
    for number, (answers, name, form) in enumerate(parts):
        flow_of(folder / str(number), workers, answers, name, form)


if __name__ == "__main__":
    main()
