"""What a night costs through the real store: the look over every item and place, and the plans of what is due.

    python tests/benchmarks/bench_planning_look.py [PLACES] [ITEMS] [DAYS] [--processes N] [--rate R] [--nights N]
        [--keep FOLDER]

CPU seconds, SQLite on disk. The stock of every place follows from its sales and our orders, so that as many items are
due each night as a shop would have. Night 1 reads the whole history; every night after it only the day before, and a
correction of one in twenty places. --processes: shards are computed by so many processes of their own (0: by this one);
--rate: units a day that half of the items sell; --keep: the history is made there once, and used again.
"""

import argparse
import multiprocessing
import os
import pickle
import resource
import shutil
import sqlite3
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "unit" / "domain"))
sys.path.insert(0, str(Path(__file__).parent))

import numpy as np
from bench_planning_store import number
from domain_scene import OWN, PARTNERS, SELF, TODAY, WAREHOUSE, context, item
from sqlalchemy import create_engine, insert, text

from gateway.app import looking
from gateway.app.collector import spare_what_stays
from gateway.app.looking import looked_over
from gateway.app.planning_shards import Elsewhere, PlanTask, Source, plan_ahead
from gateway.app.planning_workers import pool_workers
from gateway.domain.replenishment.ahead import with_ahead
from gateway.domain.table import decide, needs
from gateway.model.planning import PlanAgreement, PlanCalendar, PlanningTerms
from gateway.model.planning_effects import LinesPlanned
from gateway.model.replenishment import PlanningRequest
from gateway.pipeline.book import Book
from gateway.store import planning_kept
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.tables_kept import fact_changed

_PUT_SALES = (
    "INSERT INTO sales (partner, location, gtin, day, sold, report, message, returned) VALUES (?, ?, ?, ?, ?, ?, ?, 0)"
)
_PUT_DAY = "INSERT INTO sales_day (partner, location, day, source, report, message) VALUES (?, ?, ?, ?, ?, ?)"
_COUNT = "(partner, location, gtin, type, at, message, quantity"
_PUT_STOCK = f"INSERT INTO stock_fact {_COUNT}, report, issued_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PUT_REPORTED = f"INSERT INTO reported_stock {_COUNT}) VALUES (?, ?, ?, ?, ?, ?, ?)"
PORTION = 2000  # items and places in one run, as in app.planning


class Shops:
    """The places with their stock."""

    def __init__(self, file: Path, places: tuple[str, ...], gtins: list[str], rate: float) -> None:
        self.file, self.places, self.gtins = file, places, gtins
        self.engine = create_engine(f"sqlite:///{file}")
        self.random = np.random.default_rng(1)
        self.rates = self.random.lognormal(np.log(rate), 1.2, (len(places), len(gtins)))
        self.stock = np.ceil(self.rates * 7 + 3)

    def past(self, first: date, days: int) -> None:
        """Sell and report so many days, the last with a count; place by place, past the gateway's own writing."""
        names = [(first + timedelta(days=n)).isoformat() for n in range(days)]
        with sqlite3.connect(self.file) as connection:
            connection.execute("PRAGMA synchronous=OFF")
            for name in ("ix_sales_gtin_day", "ix_sales_place_day"):
                connection.execute(f"DROP INDEX {name}")
            for at, place in enumerate(self.places):
                rows = []
                for number, day in enumerate(names):
                    units = self.random.poisson(self.rates[at])
                    self.stock[at] = np.maximum(self.stock[at] - units, 0)
                    sold = np.flatnonzero(units)
                    rows += [
                        ("shop", place, self.gtins[k], day, count * 1000, f"V{day}", f"m{day}")
                        for k, count in zip(sold.tolist(), units[sold].tolist(), strict=True)
                    ]
                    if number % 5 == 0 and number < days - 1:
                        self.stock[at] = np.maximum(self.stock[at], np.ceil(self.rates[at] * 5 + 2))
                connection.executemany(_PUT_SALES, sorted(rows))
                connection.executemany(_PUT_DAY, [("shop", place, day, 2, f"V{day}", f"m{day}") for day in names])
            connection.execute("CREATE INDEX ix_sales_gtin_day ON sales (gtin, day)")
            connection.execute("CREATE INDEX ix_sales_place_day ON sales (location, day)")
        self.count(names[-1])

    def day(self, day: str) -> None:
        """Sell a day, report and count it; the gateway is told what has changed."""
        units = self.random.poisson(self.rates)
        self.stock = np.maximum(self.stock - units, 0)
        with sqlite3.connect(self.file) as connection:
            for at, place in enumerate(self.places):
                rows = [
                    ("shop", place, self.gtins[k], day, int(units[at, k]) * 1000, f"V{day}", f"m{day}")
                    for k in np.flatnonzero(units[at]).tolist()
                ]
                connection.executemany(_PUT_SALES, rows)
                connection.execute(_PUT_DAY, ("shop", place, day, 2, f"V{day}", f"m{day}"))
                connection.execute("INSERT INTO fact_changed VALUES (?, ?, '', ?)", (place, day, f"m{day}"))
        self.count(day)

    def count(self, day: str) -> None:
        with sqlite3.connect(self.file) as connection:
            connection.execute("DELETE FROM reported_stock")
            for at, place in enumerate(self.places):
                stock = self.stock[at].astype(int).tolist()
                rows = [
                    ("shop", place, gtin, "onHand", day, f"m{day}", units * 1000)
                    for gtin, units in zip(self.gtins, stock, strict=True)
                ]
                connection.executemany(_PUT_STOCK, [(*each, f"I{day}", day) for each in rows])
                connection.executemany(_PUT_REPORTED, rows)

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


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    for name, default in (("places", 50), ("items", 400), ("days", 182)):
        parser.add_argument(name, nargs="?", type=int, default=default)
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--rate", type=float, default=0.6)
    parser.add_argument("--nights", type=int, default=4)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--only-history", action="store_true")
    parser.add_argument("--only-look", action="store_true", help="make no plans of what is due")
    return parser.parse_args()


def the_book(places_count: int, items_count: int, days: int) -> Book:
    places = tuple(number(409_000_000_000 + n, 13) for n in range(places_count))
    gtins = [number(4_090_000_000_000 + n, 14) for n in range(items_count)]
    calendar = PlanCalendar(lead_days=1)
    agreement = PlanAgreement(id="all", method="vmi", partner="shop", places=places, calendar=calendar)
    items = {gtin: item(gtin, f"i{n}", pack=Decimal((1, 6, 12)[n % 3])) for n, gtin in enumerate(gtins)}
    own = replace(OWN, items=items, planning=PlanningTerms(agreements=(agreement,), history_days=days))
    return Book(digest="d", partners=PARTNERS, own=own, zones={"UTC": UTC, "Europe/Berlin": UTC})


def shops_of(given: argparse.Namespace, book: Book, folder: Path) -> Shops:
    """Return the places with a history; made once for the same arguments where it is kept."""
    file, terms = folder / "journal.sqlite", book.own.planning
    assert terms is not None
    kept = None if given.keep is None else given.keep / f"{given.places}-{given.items}-{given.days}-{given.rate}"
    if kept is None or not kept.with_suffix(".sqlite").exists():
        SqlJournal.open(file, MemoryBlobs()).close()
        shops = Shops(file, terms.places, sorted(book.own.items), given.rate)
        days = given.days + 60
        shops.past(TODAY - timedelta(days=days), days)
        if kept is not None:
            kept.with_suffix(".state").write_bytes(pickle.dumps((shops.random, shops.stock)))
            with sqlite3.connect(file) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copyfile(file, kept.with_suffix(".sqlite"))
        return shops
    shutil.copyfile(kept.with_suffix(".sqlite"), file)
    shops = Shops(file, terms.places, sorted(book.own.items), given.rate)
    shops.random, shops.stock = pickle.loads(kept.with_suffix(".state").read_bytes())
    return shops


def main() -> None:
    given = arguments()
    book = the_book(given.places, given.items, given.days)
    looking.LOOK_FROM = looking.SHARE_FROM = 0
    # as many items and places in a shard as a million has
    planning_kept.BUCKETS = max(1, planning_kept.BUCKETS * given.places * given.items // 1_000_000)
    with TemporaryDirectory(dir=given.keep) as folder:
        shops = shops_of(given, book, Path(folder))
        if given.only_history:
            return
        journal = SqlJournal.open(shops.file, MemoryBlobs())
        spare_what_stays()  # as the gateway does
        build = partial(the_book, given.places, given.items, given.days)
        source = Source(address=str(shops.file), digest="d", build=build)
        elsewhere = Elsewhere(workers=pool_workers(given.processes), source=source) if given.processes else None
        try:
            for night in range(given.nights):
                one(journal, book, shops, night, elsewhere, only_look=given.only_look)
        finally:
            journal.close()


def one(
    journal: SqlJournal, book: Book, shops: Shops, night: int, elsewhere: Elsewhere | None = None, *, only_look=False
) -> None:
    now = datetime.combine(TODAY + timedelta(days=night), time(4), UTC)
    about = replace(context(SELF, night + 1, book.own), now=now, zones=book.zones)
    if night:
        day = (now.date() - timedelta(days=1)).isoformat()
        shops.day(day)
        shops.correct((now.date() - timedelta(days=9)).isoformat(), night)
    else:
        decided(journal, about, PlanningRequest(id="L", issued_at=now, learn=True))
    start, clock = cpu(), perf_counter()
    due = looked_over(journal, book, f"n{night}", now, elsewhere) or 0
    looked, wall = cpu(), perf_counter() - clock
    pairs = len(shops.places) * len(shops.gtins)
    said = (
        f"night {night + 1}: {pairs} items and places, look {looked - start:.2f} CPU s "
        f"({pairs / (looked - start):,.0f} a CPU second), wall {wall:.1f} s, {due} due ({due / pairs:.1%})"
    )
    if not only_look:
        lines = planned(journal, book, about, [f"n{night}", due], elsewhere)
        shops.take(lines)
        end, total = cpu(), perf_counter() - clock
        said += (
            f", {sum(each.quantity > 0 for each in lines)} ordered, their plans {end - looked:.2f} s, "
            f"wall {total - wall:.1f} s; together {pairs / (end - start):,.0f} a CPU second"
        )
    print(f"{said}; {memory()}", flush=True)


def planned(journal: SqlJournal, book: Book, about, named, elsewhere: Elsewhere | None):  # type: ignore[no-untyped-def]
    """Plan what is due, shard by shard; with other processes ahead of each transaction."""
    name, due = named
    parts = due // PORTION + 1
    requests = [
        PlanningRequest(id=f"P-{part}", issued_at=about.now, release=False, due=name, shard=part, shards=parts)
        for part in range(parts)
    ]
    lines = []
    if elsewhere is None:
        for request in requests:
            lines += decided(journal, about, request)
        return lines
    tasks = [PlanTask(source=elsewhere.source, now=about.now, request=each) for each in requests]
    for task, ahead in elsewhere.workers.each(plan_ahead, tasks):
        lines += decided(journal, about, task.request, ahead)
    return lines


def cpu() -> float:
    """Return the CPU seconds of this process and those it has started and ended."""
    for child in multiprocessing.active_children():
        child.join()
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def memory() -> str:
    here, others = (
        resource.getrusage(each).ru_maxrss / 1024 for each in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"{here:,.0f} MB here, {others:,.0f} MB in the largest process beside it"


def decided(journal: SqlJournal, about, request: PlanningRequest, ahead=None):  # type: ignore[no-untyped-def]
    def work(tx):  # type: ignore[no-untyped-def]
        made = decide(request, about, tx.snapshot(with_ahead(needs(request, about), ahead, about), WAREHOUSE))
        tx.write_effects(f"m{process_time()}", made.effects, about.now, test=False)
        return made

    made = journal.write(work)
    return [line for each in made.effects if isinstance(each, LinesPlanned) for line in each.lines]


if __name__ == "__main__":
    main()
