"""What a night costs through the real store: the look over every item and place, and the plans of what is due.

    python tests/benchmarks/bench_planning_look.py [PLACES] [ITEMS] [DAYS]

CPU seconds of one process, SQLite on disk. The stock of every place follows from its sales and our orders, so that as
many items are due each night as a shop would have. Night 1 reads the whole history; every night after it only the day
before, and a correction of one in twenty places.
"""

import resource
import sys
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "unit" / "domain"))
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from bench_planning_store import number
from domain_scene import OWN, PARTNERS, SELF, TODAY, WAREHOUSE, context, item
from sqlalchemy import Engine, create_engine, insert, text

from gateway.app import looking
from gateway.app.looking import looked_over
from gateway.domain.table import decide, needs
from gateway.model.planning import PlanAgreement, PlanCalendar, PlanningTerms
from gateway.model.planning_effects import LinesPlanned
from gateway.model.replenishment import PlanningRequest
from gateway.pipeline.book import Book
from gateway.store import planning_kept
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.tables import reported_stock, sales
from gateway.store.tables_kept import fact_changed
from gateway.store.tables_planning import sales_day, stock_fact

NIGHTS = 4
PORTION = 2000  # items and places in one run, as in app.planning


class Shops:
    """The places with their stock."""

    def __init__(self, engine: Engine, places: tuple[str, ...], gtins: list[str]) -> None:
        self.engine, self.places, self.gtins = engine, places, gtins
        self.random = np.random.default_rng(1)
        self.rates = self.random.lognormal(-0.5, 1.2, (len(places), len(gtins)))
        self.stock = np.ceil(self.rates * 7 + 3)

    def day(self, day: str, *, told: bool, counted: bool) -> None:
        """Sell a day and report it. told: the gateway is told what has changed; counted: with a count."""
        units = self.random.poisson(self.rates)
        self.stock = np.maximum(self.stock - units, 0)
        same = {"partner": "shop", "report": f"V{day}", "message": f"m{day}"}
        with self.engine.begin() as connection:
            for at, place in enumerate(self.places):
                rows = [
                    {**same, "location": place, "gtin": self.gtins[k], "day": day, "sold": int(units[at, k]) * 1000,
                     "returned": 0, "lost": 0, "excluded": 0, "promo": 0}
                    for k in np.flatnonzero(units[at])
                ]  # fmt: skip
                if rows:
                    connection.execute(insert(sales), rows)
                if counted:
                    self._count(connection, at, place, day)
            connection.execute(
                insert(sales_day), [{**same, "location": each, "day": day, "source": 2} for each in self.places]
            )
            if told:
                changed = [{"location": each, "day": day, "gtin": "", "message": f"m{day}"} for each in self.places]
                connection.execute(insert(fact_changed), changed)

    def _count(self, connection, at: int, place: str, day: str) -> None:  # type: ignore[no-untyped-def]
        counts = [
            {"partner": "shop", "location": place, "gtin": gtin, "type": "onHand", "at": day, "message": f"m{day}",
             "quantity": int(units) * 1000}
            for gtin, units in zip(self.gtins, self.stock[at], strict=True)
        ]  # fmt: skip
        connection.execute(insert(stock_fact), [{**row, "report": f"I{day}", "issued_at": day} for row in counts])
        connection.execute(text("DELETE FROM reported_stock WHERE location = :place"), {"place": place})
        connection.execute(insert(reported_stock), counts)

    def correct(self, day: str, night: int) -> None:
        """One place in twenty tells a day anew."""
        with self.engine.begin() as connection:
            for place in self.places[night % 20 :: 20]:
                connection.execute(
                    text("UPDATE sales SET sold = sold + 1000 WHERE location = :place AND day = :day"),
                    {"place": place, "day": day},
                )
                connection.execute(
                    insert(fact_changed), [{"location": place, "day": day, "gtin": "", "message": f"c{night}"}]
                )

    def take(self, lines) -> None:  # type: ignore[no-untyped-def]
        """What is ordered is there in the morning: the figures of goods on their way are not what is measured."""
        place_at = {place: at for at, place in enumerate(self.places)}
        item_at = {gtin: at for at, gtin in enumerate(self.gtins)}
        for line in lines:
            self.stock[place_at[line.location], item_at[line.gtin]] += float(line.quantity)


def main() -> None:
    places_count, items_count, days = (int(each) for each in (sys.argv[1:] + ["50", "400", "182"][len(sys.argv) - 1 :]))
    places = tuple(number(409_000_000_000 + n, 13) for n in range(places_count))
    gtins = [number(4_090_000_000_000 + n, 14) for n in range(items_count)]
    calendar = PlanCalendar(lead_days=1)
    agreement = PlanAgreement(id="all", method="vmi", partner="shop", places=places, calendar=calendar)
    items = {gtin: item(gtin, f"i{n}", pack=Decimal((1, 6, 12)[n % 3])) for n, gtin in enumerate(gtins)}
    own = replace(OWN, items=items, planning=PlanningTerms(agreements=(agreement,), history_days=days))
    book = Book(digest="d", partners=PARTNERS, own=own, zones={"UTC": UTC, "Europe/Berlin": UTC})
    looking.LOOK_FROM = 0
    # as many items and places in a shard as a million has
    planning_kept.BUCKETS = max(1, planning_kept.BUCKETS * len(places) * len(gtins) // 1_000_000)
    with TemporaryDirectory() as folder:
        journal = SqlJournal.open(Path(folder) / "journal.sqlite", MemoryBlobs())
        shops = Shops(create_engine(f"sqlite:///{folder}/journal.sqlite"), places, gtins)
        try:
            first = TODAY - timedelta(days=days + 60)
            for n in range(days + 60):
                shops.day((first + timedelta(days=n)).isoformat(), told=False, counted=n == days + 59)
                if n % 5 == 0:
                    shops.stock = np.maximum(shops.stock, np.ceil(shops.rates * 5 + 2))
            for night in range(NIGHTS):
                one(journal, book, shops, night)
        finally:
            journal.close()


def one(journal: SqlJournal, book: Book, shops: Shops, night: int) -> None:
    now = datetime.combine(TODAY + timedelta(days=night), time(4), UTC)
    about = replace(context(SELF, night + 1, book.own), now=now, zones=book.zones)
    if night:
        day = (now.date() - timedelta(days=1)).isoformat()
        shops.day(day, told=True, counted=True)
        shops.correct((now.date() - timedelta(days=9)).isoformat(), night)
    else:
        decided(journal, about, PlanningRequest(id="L", issued_at=now, learn=True))
    start = process_time()
    due = looked_over(journal, book, f"n{night}", now) or 0
    looked = process_time()
    parts = due // PORTION + 1
    lines = []
    for part in range(parts):
        request = PlanningRequest(id="P", issued_at=now, release=False, due=f"n{night}", shard=part, shards=parts)
        lines += decided(journal, about, request)
    end = process_time()
    shops.take(lines)
    pairs = len(shops.places) * len(shops.gtins)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"night {night + 1}: {pairs} items and places, look {looked - start:.2f} CPU s "
        f"({pairs / (looked - start):,.0f} a CPU second), {due} due ({due / pairs:.1%}), "
        f"{sum(each.quantity > 0 for each in lines)} ordered, their plans "
        f"{end - looked:.2f} s; together {pairs / (end - start):,.0f} a CPU second; {memory:,.0f} MB",
        flush=True,
    )


def decided(journal: SqlJournal, about, request: PlanningRequest):  # type: ignore[no-untyped-def]
    snapshot = journal.read(lambda tx: tx.snapshot(needs(request, about), WAREHOUSE))
    made = decide(request, about, snapshot)
    journal.write(lambda tx: tx.write_effects(f"m{process_time()}", made.effects, about.now, test=False))
    return [line for each in made.effects if isinstance(each, LinesPlanned) for line in each.lines]


if __name__ == "__main__":
    main()
