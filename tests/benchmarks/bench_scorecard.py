"""A scorecard over two million facts: order lines with their deliveries, sales, counts and days of reports.

    python tests/benchmarks/bench_scorecard.py [--keep FOLDER] [--url postgresql://...] [--partners N]

200 partners with four shops of eight items each, half a year of sales and counts every day, two orders a day of four
lines each. A figure compares thirteen weeks with the thirteen before. --keep: the company of an earlier run again.
The limits are our own: a second of CPU for a partner, a minute for all.
"""

import argparse
import random
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2])]

from sqlalchemy import Table, func, insert, select  # noqa: E402

from gateway.app.instance import Instance, open_instance  # noqa: E402
from gateway.config.scaffold import scaffold  # noqa: E402
from gateway.store import tables as t  # noqa: E402
from gateway.store.tables_planning import sales_day, stock_fact  # noqa: E402
from tests.benchmarks.figures import figure  # noqa: E402

TODAY = date(2026, 11, 1)
DAYS, WEEKS = 182, 13
PARTNERS, SHOPS, ITEMS, LINES = 200, 4, 8, 4
FACTS = (t.order_line, t.shipment, t.sales, stock_fact, sales_day)
AT_ONCE = 50_000


def rows(partners: int) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield half a year of every partner, day by day."""
    draw = random.Random(5)
    for number in range(partners):
        partner = f"partner-{number:03d}"
        for back in range(DAYS, 0, -1):
            yield from _day(draw, partner, number, TODAY - timedelta(days=back))


def _day(draw: random.Random, partner: str, number: int, day: date) -> Iterator[tuple[Table, dict[str, Any]]]:
    on = day.isoformat()
    for shop in range(SHOPS):
        place = f"{number:05d}{shop:08d}"
        report = {"partner": partner, "location": place, "report": f"SR-{on}", "message": "m"}
        if draw.random() < 0.05:
            continue  # a day that nobody has reported
        yield sales_day, {**report, "day": on, "source": 1}
        for item in range(ITEMS):
            fact = {**report, "gtin": f"{item:014d}"}
            sold = {"sold": draw.randrange(9) * 1000, "returned": 0, "lost": 0, "excluded": 0, "promo": 0}
            yield t.sales, {**fact, "day": on, **sold}
            if (day.toordinal() + item) % 2:
                counted = {"type": "onHand", "quantity": draw.randrange(-1, 40) * 1000}
                yield stock_fact, {**fact, "at": f"{on}T20:00:00", "issued_at": f"{on}T21:00:00", **counted}
    for order in range(2):
        yield from _order(draw, partner, f"{partner}-{on}-{order}", number, day)


def _order(
    draw: random.Random, partner: str, name: str, number: int, day: date
) -> Iterator[tuple[Table, dict[str, Any]]]:
    key = {"side": "sale", "partner": partner}
    same = {**key, "message": "m", "effect_key": "e", "updated_at": 0}
    place = f"{number:05d}{draw.randrange(SHOPS):08d}"
    yield t.business_order, {
        **same, "number": name, "status": "shipped", "ordered_on": day.isoformat(), "ship_to": place
    }  # fmt: skip
    shipped = []
    for line in range(LINES):
        ordered, gtin = draw.randrange(1, 60), f"{draw.randrange(ITEMS):014d}"
        sent = ordered if draw.random() < 0.9 else ordered // 2
        shipped.append(f'["{line + 1}","{gtin}","{sent}"]')
        due = (day + timedelta(days=3)).isoformat()
        units = {"ordered": ordered * 1000, "confirmed": ordered * 1000, "despatched": sent * 1000, "received": 0}
        rest = {"backordered": 0, "invoiced": 0, "returned": 0, "status": "accepted", "requested": due, "promised": due}
        yield t.order_line, {
            **key, "order_number": name, "number": str(line + 1), "position": line + 1, "gtin": gtin, **units, **rest
        }  # fmt: skip
    at = (day + timedelta(days=draw.randrange(2, 5))).isoformat()
    told = {"number": f"D-{name}", "order_number": name, "status": "sent", "lines": f"[{','.join(shipped)}]"}
    yield t.shipment, {**same, **told, "despatched_at": at, "document": None}


def fill(instance: Instance, partners: int) -> None:
    batch: dict[Table, list[dict[str, Any]]] = {}

    def put(tx: Any) -> None:
        for table, made in batch.items():
            tx.connection.execute(insert(table), made)
        batch.clear()

    for number, (table, row) in enumerate(rows(partners)):
        batch.setdefault(table, []).append(row)
        if number % AT_ONCE == AT_ONCE - 1:
            instance.journal.write(put)
    instance.journal.write(put)


def timed(name: str, ask: Callable[[], object], times: int, at_most: float | None) -> None:
    walls, cpus = [], []
    for _ in range(times):
        wall, cpu = perf_counter(), process_time()
        ask()
        walls.append(perf_counter() - wall)
        cpus.append(process_time() - cpu)
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure(name, median(cpus), "s of CPU", at_most=at_most)
    figure(f"{name}, highest memory", highest, "MB")
    print(f"{name:44} {median(walls):7.2f} s, CPU {median(cpus):7.2f} s, at most {highest:6.0f} MB", flush=True)


def measure(instance: Instance) -> None:
    last = TODAY - timedelta(days=1)
    period = (last - timedelta(days=WEEKS * 7 - 1), last, TODAY)
    with instance.journal.reader.connect() as connection:
        facts = sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in FACTS)
    print(f"== {instance.journal.reader.dialect.name}, {facts:,} facts ==", flush=True)
    views = instance.views
    timed("scorecard of one partner", lambda: views.scorecard("partner-001", *period), 9, 1)
    timed("one figure of it by item", lambda: views.measure_groups("fill-rate", "item", "partner-001", *period), 9, 1)
    timed("scorecard of all partners", lambda: views.scorecard(None, *period), 1, 60)


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--keep", type=Path)
    told.add_argument("--url")
    told.add_argument("--partners", type=int, default=PARTNERS)
    wanted = told.parse_args()
    with tempfile.TemporaryDirectory(dir=".") as made:
        folder = wanted.keep or Path(made) / "company"
        fresh = not (folder / "config.yaml").exists()
        if fresh:
            scaffold(folder, name="Lindwerder", gln="9521001000000")
            if wanted.url is not None:
                with (folder / "config.yaml").open("a") as config:
                    config.write(f"database: {{url: '{wanted.url}'}}\n")
        instance = open_instance(folder, take_folders=True)
        try:
            if fresh:
                fill(instance, wanted.partners)
            measure(instance)
        finally:
            instance.close()


if __name__ == "__main__":
    main()
