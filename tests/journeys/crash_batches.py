"""A program that is killed at every commit while messages wait to go out together: in the end each has gone once.

    python crash_batches.py FOLDER [POSTGRESQL_URL]

Four orders are answered in interchanges of three: one that is full, one that its timer sends. As crash_program, it
compares every disturbed run with an undisturbed one and prints one JSON line. CRASH_EVERY=N: only
each Nth commit.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import crash_program as crash

from gateway.app.ids import uuid7
from gateway.codecs.envelope import read_interchanges
from gateway.config.book import build_book
from gateway.config.definitions import read_definitions
from gateway.config.settings import load_settings
from gateway.model.edifact_terms import EdifactTerms, Outgoing
from gateway.pipeline.batching import send_due_lot
from gateway.pipeline.book import Book

LATER = crash.NOW + timedelta(minutes=10)
EVERY = int(os.environ.get("CRASH_EVERY", "1"))
PARTNER = "nordmarkt"
ORDERS = ("PO-1", "PO-2", "PO-3", "PO-4")


class BatchRun(crash.Run):
    def all(self) -> None:
        gtin = min(self.book.own.items)
        for number, name in enumerate(ORDERS, 1):
            data = crash.order(f"R{number}", name, f"LIN+1++{gtin[1:]}:EN'QTY+21:5'")
            self.take(name, data, PARTNER)
            while self.process():
                pass
        self.send_lots()
        while self.process() or self.deliver():
            pass

    def send_lots(self) -> None:
        for lot in self.journal.read(lambda tx: tx.lots_due(LATER)):
            self.journal.write(lambda tx, key=lot: send_due_lot(tx, self.book, key, LATER, lambda: uuid7(LATER)))

    def answered_orders(self) -> list[str]:
        """Return the orders that the far end has an answer to, one for each message in an interchange it got."""
        found = []
        for path in (self.folder / "inbox").iterdir():
            for interchange in read_interchanges([path.read_bytes()]):
                found += [
                    segment.get(1, 2)
                    for message in interchange.messages
                    if message.type == "ORDRSP"
                    for segment in message.segments
                    if segment.tag == "RFF" and segment.get(1, 1) == "ON"
                ]
        return sorted(found)


def run(folder: Path, book: Book, on_commit: Callable[[str], None]) -> None:
    one = BatchRun(folder, book, on_commit)
    one.all()
    (folder / "state.json").write_text(json.dumps(one.state() | {"orders answered": one.answered_orders()}))
    one.journal.close()


def differences(book: Book, top: Path, every: int) -> tuple[int, list[str]]:
    assert crash.in_child(lambda: run(top / "undisturbed", book, lambda when: None)) == 0
    wanted = json.loads((top / "undisturbed" / "state.json").read_text())
    assert wanted["orders answered"] == sorted(ORDERS), wanted["orders answered"]
    assert {row[-1] for row in wanted["parcels"]} == {"acked"}
    tried, found = 0, []
    for number in range(1, 500, every):
        for phase in ("before", "after"):
            folder = top / f"{number}-{phase}"
            code = crash.in_child(lambda f=folder, n=number, p=phase: run(f, book, crash.killer(n, p)))
            if code == 0:
                return tried, found
            if code != crash.KILLED or crash.in_child(lambda f=folder: run(f, book, lambda when: None)) != 0:
                return tried, [*found, f"{folder.name}: ended with {code}"]
            tried += 1
            got = json.loads((folder / "state.json").read_text())
            found += [
                f"{folder.name}: {name}: {got[name]} != {wanted[name]}" for name in wanted if got[name] != wanted[name]
            ]
    return tried, [*found, "no end"]


def main() -> None:
    settings = load_settings(crash.ROOT)
    book = build_book(read_definitions(settings), settings.schemas)
    terms = EdifactTerms(write=Outgoing(batch_count=3, batch_wait_s=60))
    partner = replace(book.partners[PARTNER], edifact=terms)
    batched = replace(book, partners={**book.partners, PARTNER: partner})
    tried, found = differences(batched, Path(sys.argv[1]), EVERY)
    print(json.dumps({"tried": tried, "differences": found}))


if __name__ == "__main__":
    main()
