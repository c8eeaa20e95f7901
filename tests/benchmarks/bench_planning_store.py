"""What a planning night costs through the real store: reading the facts of a shard, planning it, writing its plans.

    python tests/benchmarks/bench_planning_store.py [PLACES] [ITEMS] [DAYS]

CPU seconds of one process, SQLite on disk; the documents that made the rows are not part of it. Prints what one shard
costs in each step and what that is per item and place.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[2] / "tests" / "unit" / "domain"))

import numpy as np
from domain_scene import OWN, SELF, TODAY, WAREHOUSE, context, item
from sqlalchemy import Engine, create_engine, insert

from gateway.domain.table import decide, needs
from gateway.model.planning import PlanAgreement, PlanningTerms
from gateway.model.planning_effects import LinesPlanned
from gateway.model.replenishment import PlanningRequest
from gateway.model.values import check_digit
from gateway.store.blobs import MemoryBlobs
from gateway.store.journal import SqlJournal
from gateway.store.tables import sales
from gateway.store.tables_planning import sales_day, stock_fact
from tests.benchmarks.figures import figure

NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)


def number(value: int, length: int) -> str:
    body = f"{value:0{length - 1}d}"
    return body + check_digit(body)


def main() -> None:
    places_count, items_count, days = (int(each) for each in (sys.argv[1:] + ["20", "100", "182"][len(sys.argv) - 1 :]))
    places = tuple(number(409_000_000_000 + n, 13) for n in range(places_count))
    gtins = [number(4_090_000_000_000 + n, 14) for n in range(items_count)]
    agreement = PlanAgreement(id="all", method="vmi", partner="shop", places=places)
    own = replace(
        OWN,
        items={gtin: item(gtin, f"i{gtin}") for gtin in gtins},
        planning=PlanningTerms(agreements=(agreement,), history_days=days),
    )
    with TemporaryDirectory() as folder:
        journal = SqlJournal.open(Path(folder) / "journal.sqlite", MemoryBlobs())
        try:
            fill(create_engine(f"sqlite:///{folder}/journal.sqlite"), places, gtins, days)
            for learn in (True, False, False):
                measured(journal, own, learn=learn)
        finally:
            journal.close()


def fill(engine: Engine, places: tuple[str, ...], gtins: list[str], days: int) -> None:
    rng = np.random.default_rng(1)
    dates = [(TODAY - timedelta(days=n)).isoformat() for n in range(days, 0, -1)]
    with engine.begin() as connection:
        for place in places:
            rates = rng.lognormal(0.5, 1.0, len(gtins))
            units = rng.poisson(rates[:, None], (len(gtins), days))
            same = {"partner": "shop", "location": place, "report": "V", "message": "m"}
            rows = [
                {**same, "gtin": gtin, "day": dates[n], "sold": int(units[k, n]) * 1000, "returned": 0, "lost": 0,
                 "excluded": 0, "promo": 0}
                for k, gtin in enumerate(gtins) for n in np.flatnonzero(units[k])
            ]  # fmt: skip
            connection.execute(insert(sales), rows)
            connection.execute(insert(sales_day), [{**same, "day": day, "source": 2} for day in dates])
            counted = {**same, "type": "onHand", "at": dates[-1], "report": "I", "issued_at": dates[-1]}
            connection.execute(insert(stock_fact), [{**counted, "gtin": gtin, "quantity": 5000} for gtin in gtins])


def measured(journal: SqlJournal, own: object, *, learn: bool) -> None:
    request = PlanningRequest(id="P", issued_at=NOW, learn=learn, release=False)
    about = replace(context(SELF, 1, own), now=NOW)  # type: ignore[arg-type]
    start = process_time()
    snapshot = journal.read(lambda tx: tx.snapshot(needs(request, about), WAREHOUSE))
    read = process_time()
    made = decide(request, about, snapshot)
    decided = process_time()
    journal.write(lambda tx: tx.write_effects(f"m{start}", made.effects, NOW, test=False))
    written = process_time()
    pairs = len(snapshot.planning.pairs)
    planned = sum(len(each.lines) for each in made.effects if isinstance(each, LinesPlanned))
    sold = sum(len(days) for each in snapshot.planning.pairs.values() for days in each.sales.values())
    what = "learning" if learn else "planning"
    figure(f"{what} through the store", pairs / (written - start), "items and places a CPU second")
    print(
        f"{'learning' if learn else 'planning'}: {pairs} items and places, {sold} sales rows, {planned} plans: "
        f"read {read - start:.2f}, decide {decided - read:.2f}, write {written - decided:.2f} CPU s; "
        f"{pairs / (written - start):,.0f} items and places a CPU second",
        flush=True,
    )


if __name__ == "__main__":
    main()
