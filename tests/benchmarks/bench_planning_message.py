"""From a message to the renewed proposal: what a sales report of so many lines costs until its plans are written.

    python tests/benchmarks/bench_planning_message.py [LINES ...]

CPU seconds of one process, SQLite on disk, 182 days of history for each item. A report of one place is decided and
written; runs over what has changed follow, 500 items and places each, as the timer asks for them. The goal is 5 s for
the first and for the last line of a message; parsing the file is not part of it.
"""

import sys
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "unit" / "domain"))
sys.path.insert(0, str(Path(__file__).parent))

from bench_planning_store import NOW, fill, number
from domain_scene import OWN, SELF, SHOP, TODAY, WAREHOUSE, context, item
from sqlalchemy import create_engine

from gateway.app.planning import CHANGED_AT_ONCE, change_request, oldest_change
from gateway.domain.table import decide, needs
from gateway.model.documents import Document
from gateway.model.partner import Partner
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.replenishment import PlanningRequest
from gateway.model.sales_report import SalesLine, SalesReport
from gateway.model.values import Item, Period, Quantity, party
from gateway.ports.journal import Tx
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from tests.benchmarks.figures import figure


def main() -> None:
    for lines in [int(each) for each in sys.argv[1:]] or [100, 500, 2000]:
        measured(lines)


def measured(lines: int) -> None:
    places = (number(409_000_000_000, 13),)
    gtins = [number(4_090_000_000_000 + n, 14) for n in range(lines)]
    agreement = PlanAgreement(id="all", method="vmi", partner="shop", places=places)
    items = {gtin: item(gtin, f"i{gtin}") for gtin in gtins}
    own = replace(OWN, items=items, planning=PlanningTerms(agreements=(agreement,)))
    with TemporaryDirectory() as folder:
        journal = SqlJournal.open(Path(folder) / "journal.sqlite", MemoryBlobs())
        try:
            fill(create_engine(f"sqlite:///{folder}/journal.sqlite"), places, gtins, 182)
            run(journal, own, SELF, PlanningRequest(id="L", issued_at=NOW, learn=True), "l")
            day = TODAY - timedelta(days=1)
            report = SalesReport(
                id="V1",
                issued_at=TODAY,
                reporter=party("4099910000015"),
                receiver=party("4099900000001"),
                period=Period(start=day, end=day),
                lines=tuple(
                    SalesLine(item=Item(gtin=gtin), location=places[0], sold_quantity=Quantity(value=Decimal(3)))
                    for gtin in gtins
                ),
            )
            start = process_time()
            run(journal, own, SHOP, report, "v")
            taken = process_time()
            first, runs = 0.0, 0
            while (oldest := journal.read(oldest_change)) is not None:
                run(journal, own, SELF, change_request(oldest, NOW), f"c{runs}")
                runs += 1
                first = first or process_time()
            end = process_time()
        finally:
            journal.close()
    figure(f"report of {lines} lines to all its plans", end - start, "s of CPU")
    print(
        f"{lines} lines: taken in {taken - start:.2f}, first {CHANGED_AT_ONCE} planned after {first - start:.2f}, "
        f"all after {end - start:.2f} CPU s ({runs} runs)",
        flush=True,
    )


def run(journal: SqlJournal, own: object, who: Partner, document: Document, message: str) -> None:
    about = replace(context(who, 1, own), now=NOW)  # type: ignore[arg-type]

    def work(tx: Tx) -> None:
        made = decide(document, about, tx.snapshot(needs(document, about), WAREHOUSE))
        tx.write_effects(message, made.effects, NOW, test=False)

    journal.write(work)


if __name__ == "__main__":
    main()
