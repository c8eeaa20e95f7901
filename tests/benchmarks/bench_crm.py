"""The customer record: 500,000 orders of 2,000 accounts heard, measured and rebuilt on SQLite; one message alone."""

import json
import random
import tempfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import insert

from gateway.domain.crm.standard_rules import STANDARD
from gateway.model.effects import ActivityAdded, CaseOpened
from gateway.store import tables as t
from gateway.store.blobs import FileBlobs
from gateway.store.crm_metrics import refresh
from gateway.store.crm_projection import CrmProjection
from gateway.store.forms import micros
from gateway.store.journal import SqlJournal

START = datetime(2025, 11, 1, tzinfo=UTC)
ORDERS, ACCOUNTS = 500_000, 2_000


def effects(orders: int, accounts: int):
    """Yield rows of effects: an order, its answer and its shipment, over a year, accounts of very different size."""
    draw = random.Random(1)
    step = timedelta(days=365) / orders
    for number in range(orders):
        account = (
            f"account-{min(int(draw.paretovariate(1.1)) * 7, accounts * 3) % accounts:04d}"
            if number % 4
            else f"account-{number % accounts:04d}"
        )
        at = START + step * number
        for kind, figures in (
            (
                "order-received",
                {"orders": "1", "order_lines": "3", "units_ordered": "30", "order_value": str(90 + number % 50)},
            ),
            ("order-answered", {"responses": "1", "units_confirmed": "29"}),
            ("shipped", {"shipments": "1", "units_shipped": "29", "shipments_late": str(int(number % 20 == 0))}),
        ):
            yield {
                "message": f"m{number:07d}", "kind": "ActivityAdded", "key": kind, "test": False, "at": micros(at),
                "data": json.dumps({"account": account, "kind": kind, "reference": f"PO{number}", "figures": figures}),
            }  # fmt: skip


def main(orders: int = ORDERS) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        journal = SqlJournal.open(Path(folder) / "journal.sqlite", FileBlobs(Path(folder) / "blobs"))
        batch: list[dict[str, object]] = []
        for row in effects(orders, ACCOUNTS):
            batch.append(row)
            if len(batch) == 30_000:
                journal.write(lambda tx, rows=batch: tx.connection.execute(insert(t.effect), rows))
                batch = []
        if batch:
            journal.write(lambda tx: tx.connection.execute(insert(t.effect), batch))
        found: dict[str, float] = {}

        def timed(name: str, work) -> None:
            wall, cpu = perf_counter(), process_time()
            journal.write(work)
            found[f"{name} s"], found[f"{name} CPU s"] = perf_counter() - wall, process_time() - cpu

        now = START + timedelta(days=365)
        timed("rebuild", lambda tx: CrmProjection(tx.connection, STANDARD, {}).rebuild())
        timed("notice", lambda tx: CrmProjection(tx.connection, STANDARD, {}).notice(now))
        timed("metrics", lambda tx: refresh(tx.connection, now))
        costs = []
        for number in range(200):
            told = [
                ActivityAdded(
                    key="o",
                    account=f"account-{number:04d}",
                    kind="order-received",
                    reference=f"N{number}",
                    figures={"orders": Decimal(1)},
                ),
                CaseOpened(key="c", account=f"account-{number:04d}", code="receiving.differs", subject=f"N{number}"),
            ]
            journal.write(lambda tx, n=number, e=told: tx.write_effects(f"new{n}", e, now, test=False))
            cpu = process_time()
            journal.write(lambda tx: CrmProjection(tx.connection, STANDARD, {}).hear())
            costs.append(process_time() - cpu)
        found["one message, median ms CPU"] = sorted(costs)[100] * 1000
        journal.close()
        return found


if __name__ == "__main__":
    for name, value in main().items():
        print(f"{name:32} {value:10.2f}")
