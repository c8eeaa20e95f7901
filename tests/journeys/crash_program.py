"""A program that is killed at every commit and started again: what is left must be what an undisturbed run leaves.

    python crash_program.py FOLDER [POSTGRESQL_URL]

Each run is a forked child: it takes five arrivals, works them off, and delivers into folders. For every commit of an
undisturbed run there are two more, killed before and after it, each continued by a child that is not killed. Prints
one JSON line with the differences found, empty when there are none. CRASH_EVERY=N: only each Nth commit.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
from sqlalchemy import text

from gateway.app.ids import uuid7
from gateway.config.book import build_book
from gateway.config.definitions import read_definitions
from gateway.config.settings import load_settings
from gateway.model.payload import MemoryPayload, read_all
from gateway.pipeline.accept import accept
from gateway.pipeline.apply import apply
from gateway.pipeline.book import Book
from gateway.pipeline.deliver import claim as claim_parcels
from gateway.pipeline.deliver import settle_proof
from gateway.pipeline.prepare import prepare
from gateway.pipeline.stored import store_prepared
from gateway.ports.records import Accepted, Arrival, ParcelRow, Proof, Receipt, Wrapped
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal

EVERY = int(os.environ.get("CRASH_EVERY", "1"))
ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
KILLED = 137

QUANTITIES = "SELECT gtin, location, on_hand, allocated, backordered, on_order, in_transit FROM stock ORDER BY 1"
STATE = {
    "stock": QUANTITIES,
    "orders": "SELECT side, partner, number, status FROM business_order ORDER BY 1, 2, 3",
    "lines": "SELECT order_number, number, ordered, confirmed, backordered, status FROM order_line ORDER BY 1, position",
    "accounts": "SELECT id, figures FROM account ORDER BY 1",
    "activities": "SELECT account, kind, reference, figures FROM activity ORDER BY id",
    "cases": 'SELECT account, code, times FROM "case" ORDER BY 1, 2',
    "messages": "SELECT type, business_number, state, fault_code FROM message ORDER BY seq, position",
    "parcels": "SELECT partner, mapping, control_reference, about, sha256, state FROM parcel ORDER BY seq",
    "interchanges": "SELECT reference, status FROM interchange ORDER BY id",
    "arrivals": "SELECT transport_id, state FROM arrival ORDER BY seq",
}


SERVER = sys.argv[2] if len(sys.argv) > 2 else None


def database_of(folder: Path) -> str:
    """Return the URL of the folder's own database; it is made at the first call."""
    assert SERVER is not None
    name = sha256(str(folder).encode()).hexdigest()[:20]
    with psycopg.connect(SERVER, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{SERVER.rpartition("/")[2]}"')
    return f"{SERVER.rpartition('/')[0]}/{name}"


def order(reference: str, number: str, lines: str) -> bytes:
    body = (
        f"UNH+1+ORDERS:D:96A:UN:EAN008'BGM+220+{number}+9'DTM+137:20261101:102'DTM+2:20261105:102'"
        f"NAD+BY+9521002000009::9'NAD+SU+9521001000000::9'NAD+DP+9521002000016::9'{lines}UNS+S'"
    )
    count = body.count("'") + 1
    return (
        f"UNB+UNOC:3+9521002000009:14+9521001000000:14+261101:1200+{reference}'{body}UNT+{count}+1'UNZ+1+{reference}'"
    ).encode()


def arrivals(book: Book) -> list[tuple[str, bytes, str]]:
    """Return (transport id, bytes, partner): a count, two orders, one of them twice, and one with an unknown item."""
    gtins = sorted(book.own.items)[:3]
    count = {
        "document": "InventoryReport",
        "id": "COUNT-1",
        "issuedAt": "2026-11-01",
        "reporter": {"ids": [{"scheme": "0088", "value": book.own.warehouse}]},
        "lines": [
            {"item": {"gtin": gtin}, "quantity": {"value": "40", "per": "gtin"}, "type": "onHand",
             "location": book.own.warehouse}
            for gtin in gtins
        ],
    }  # fmt: skip
    lines = "".join(f"LIN+{n}++{gtin[1:]}:EN'QTY+21:{n * 15}'" for n, gtin in enumerate(gtins, 1))
    first = order("R1", "PO-1", lines)
    return [
        ("count", json.dumps(count).encode(), "warehouse"),
        ("first", first, "nordmarkt"),
        ("first", first, "nordmarkt"),
        ("second", order("R2", "PO-2", f"LIN+1++{gtins[0][1:]}:EN'QTY+21:7'"), "nordmarkt"),
        ("unknown", order("R3", "PO-3", "LIN+1++9521009999993:EN'QTY+21:7'"), "nordmarkt"),
    ]


class Run:
    """One run in folder; on_commit may end the process."""

    def __init__(self, folder: Path, book: Book, on_commit: Callable[[str], None]) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.book = folder, book
        (folder / f"run-{len(list(folder.glob('run-*')))}").touch()
        self.runs = len(list(folder.glob("run-*")))
        blobs = FileBlobs(folder / "blobs")
        if SERVER is None:
            self.journal = SqlJournal.open(folder / "journal.sqlite", blobs, on_commit)
        else:
            self.journal = SqlJournal.connect(database_of(folder), blobs, on_commit)

    def all(self) -> None:
        for each in arrivals(self.book):
            self.take(*each)
            while self.process():  # one after the other: lanes have no order among each other
                pass
        while self.process() or self.deliver():
            pass

    def take(self, transport_id: str, data: bytes, partner: str) -> None:
        """The partner sends until it has an answer, and writes that down."""
        receipt = Receipt(status=200, headers=(("X", transport_id),), body=transport_id.encode())
        arrival = Arrival(
            id=uuid7(NOW),
            channel="memory",
            partner=partner,
            payload=MemoryPayload(data),
            dedupe_key=f"memory:{transport_id}",
            transport_id=transport_id,
            receipt=receipt,
        )
        accepted: Accepted = self.journal.write(lambda tx: accept(tx, self.book, arrival, NOW))
        assert accepted.outcome in ("new", "repeat")
        with (self.folder / "answered").open("a") as file:
            file.write(f"{transport_id}\n")
            file.flush()
            os.fsync(file.fileno())

    def process(self) -> bool:
        worked = False
        for lane in self.journal.read(lambda tx: tx.lanes_with_work(NOW)):
            claim = self.journal.write(lambda tx, lane=lane: tx.claim_lane(lane, "me", NOW, timedelta(minutes=5)))
            if claim is None:
                continue
            for row in self.journal.read(lambda tx, claim=claim: tx.arrivals_to_prepare(claim, NOW, 10)):
                found = prepare(self.book, row)
                named = replace(found, messages=tuple(replace(each, id=uuid7(NOW)) for each in found.messages))
                self.journal.write(
                    lambda tx, c=claim, r=row, n=named: store_prepared(tx, self.book, c, r, n, NOW, lambda: uuid7(NOW))
                )
                worked = True
            for message in self.journal.read(lambda tx, claim=claim: tx.messages_to_apply(claim, NOW, 10)):
                self.journal.write(lambda tx, c=claim, m=message: apply(tx, self.book, c, m, NOW, lambda: uuid7(NOW)))
                worked = True
            self.journal.write(lambda tx, claim=claim: tx.release_lane(claim))
        return worked

    def deliver(self) -> bool:
        late = NOW + timedelta(hours=self.runs)  # the leases of whoever was killed have ended
        parcels: list[ParcelRow] = self.journal.write(lambda tx: claim_parcels(tx, "me", late, 10))
        for parcel in parcels:
            wrapped = parcel.wrapped
            if wrapped is None:
                body = read_all(parcel.payload, 10_000_000)
                wrapped = Wrapped(headers=(), body=body, transport_id=f"<{parcel.id}@crash>")
                self.journal.write(lambda tx, p=parcel, w=wrapped: tx.store_wrapped(p, w, NOW))
            self.post(wrapped)
            proof = Proof(state="acked")
            self.journal.write(lambda tx, p=parcel, done=proof: settle_proof(tx, p, done, NOW))
        return bool(parcels)

    def post(self, wrapped: Wrapped) -> None:
        """The far end keeps every delivery; the same Message-ID must bring the same bytes."""
        box = self.folder / "inbox"
        box.mkdir(exist_ok=True)
        path = box / sha256(wrapped.transport_id.encode()).hexdigest()
        if path.exists() and path.read_bytes() != wrapped.body:
            path.with_suffix(".changed").write_bytes(wrapped.body)
        path.write_bytes(wrapped.body)

    def state(self) -> dict[str, object]:
        with self.journal.reader.connect() as connection:
            found: dict[str, object] = {
                name: [list(row) for row in connection.execute(text(query))] for name, query in STATE.items()
            }
        found["answered"] = sorted(set((self.folder / "answered").read_text().split()))
        found["received"] = sorted(path.read_bytes().decode() for path in (self.folder / "inbox").iterdir())
        found["changed"] = [path.name for path in (self.folder / "inbox").glob("*.changed")]
        return found


def in_child(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:  # the parent reads the exit status only
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killer(number: int, phase: str) -> Callable[[str], None]:
    seen = 0

    def on_commit(when: str) -> None:
        nonlocal seen
        if when == "before":
            seen += 1
        if seen == number and when == phase:
            os._exit(KILLED)

    return on_commit


def run(folder: Path, book: Book, on_commit: Callable[[str], None]) -> None:
    one = Run(folder, book, on_commit)
    one.all()
    (folder / "state.json").write_text(json.dumps(one.state()))
    one.journal.close()


def differences(book: Book, top: Path) -> tuple[int, list[str]]:
    """Return the number of crashes tried, and what differed."""
    assert in_child(lambda: run(top / "undisturbed", book, lambda when: None)) == 0
    wanted = json.loads((top / "undisturbed" / "state.json").read_text())
    assert wanted["changed"] == []
    assert len(wanted["received"]) >= 6, wanted["received"]
    tried, found = 0, []
    for number in range(1, 500, EVERY):
        for phase in ("before", "after"):
            folder = top / f"{number}-{phase}"
            code = in_child(lambda f=folder, n=number, p=phase: run(f, book, killer(n, p)))
            if code == 0:
                return tried, found
            if code != KILLED or in_child(lambda f=folder: run(f, book, lambda when: None)) != 0:
                return tried, [*found, f"{folder.name}: ended with {code}"]
            tried += 1
            got = json.loads((folder / "state.json").read_text())
            found += [
                f"{folder.name}: {name}: {got[name]} != {wanted[name]}" for name in wanted if got[name] != wanted[name]
            ]
    return tried, [*found, "no end"]


def main() -> None:
    settings = load_settings(ROOT)
    book = build_book(read_definitions(settings), settings.schemas)
    tried, found = differences(book, Path(sys.argv[1]))
    print(json.dumps({"tried": tried, "differences": found}))


if __name__ == "__main__":
    main()
