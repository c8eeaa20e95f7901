"""The customer record of a company with 500,000 orders of 3 lines a year and 2,000 accounts: heard, measured, shown.

Each order has its answer, shipment and invoice; a tenth of the accounts reports sales of four shops.

    python tests/benchmarks/bench_crm.py [--orders N] [--keep FOLDER] [--url postgresql://...] [--only metrics,pages]

--keep: the company of an earlier run is used again. Steps: fill, rebuild, notice, metrics, message, pages.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Connection, Table, insert, select

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from bench_console import asked, services_of  # noqa: E402

from gateway.app.instance import Instance, open_instance  # noqa: E402
from gateway.config.scaffold import scaffold  # noqa: E402
from gateway.console.app import make_console  # noqa: E402
from gateway.domain.crm.standard_rules import STANDARD  # noqa: E402
from gateway.model.effects import ActivityAdded, CaseOpened  # noqa: E402
from gateway.ports.journal import Tx  # noqa: E402
from gateway.store import tables as t  # noqa: E402
from gateway.store.crm_metrics import refresh  # noqa: E402
from gateway.store.crm_projection import CrmProjection  # noqa: E402
from gateway.store.forms import micros  # noqa: E402
from gateway.store.tables_crm import crm_metric  # noqa: E402
from tests.benchmarks.figures import figure  # noqa: E402

START = datetime(2025, 11, 1, tzinfo=UTC)
NOW = START + timedelta(days=365)
ORDERS, ACCOUNTS, ITEMS, REPORTING = 500_000, 2_000, 300, 200
LINES = 3
AT_ONCE = 20_000
STEPS = ("fill", "rebuild", "notice", "metrics", "message", "pages")


def orders(count: int) -> Iterator[tuple[int, str, datetime]]:
    """Yield number, account and time of every order, over a year, accounts of very different size."""
    draw = random.Random(1)
    step = timedelta(days=365) / count
    for number in range(count):
        one = min(int(draw.paretovariate(1.1)) * 7, ACCOUNTS * 3) % ACCOUNTS if number % 4 else (number // 4) % ACCOUNTS
        yield number, f"account-{one:04d}", START + step * number


def events(number: int, account: str, at: datetime) -> Iterator[dict[str, Any]]:
    value = str(90 + number % 50)
    kinds: Mapping[str, Mapping[str, str]] = {
        "order-received": {"orders": "1", "order_lines": str(LINES), "units_ordered": "30", "order_value": value},
        "order-answered": {"responses": "1", "units_confirmed": "29"},
        "shipped": {"shipments": "1", "units_shipped": "29", "shipments_late": str(int(number % 20 == 0))},
        "invoiced": {"invoices": "1", "invoice_value": value},
    }
    for kind, figures in kinds.items():
        told = {"account": account, "kind": kind, "reference": f"PO{number}", "figures": figures}
        yield {
            "message": f"m{number:07d}", "kind": "ActivityAdded", "key": kind, "test": False, "at": micros(at),
            "data": json.dumps(told),
        }  # fmt: skip


def papers(number: int, account: str, at: datetime) -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield the rows that an order, its shipment and its invoice leave."""
    day, key = at.date(), {"side": "sale", "partner": account}
    same = {**key, "message": f"m{number:07d}", "effect_key": "e", "updated_at": micros(at)}
    name, due = f"PO{number}", day + timedelta(days=30)
    yield t.business_order, {**same, "number": name, "status": "shipped", "ordered_on": day.isoformat()}
    shipped = {"number": f"S{number}", "order_number": name, "status": "received"}
    yield t.shipment, {**same, **shipped, "despatched_at": (day + timedelta(days=2)).isoformat(), "lines": "[]"}
    paid = due < NOW.date()
    net = str(90 + number % 50)
    bill = {"number": f"I{number}", "kind": "invoice", "status": "paid" if paid else "open", "due_on": due.isoformat()}
    sums = {"currency": "EUR", "net": net, "tax": "0", "gross": net, "open": "0" if paid else net}
    yield t.invoice, {**same, **bill, **sums, "issued_on": day.isoformat(), "order_number": name}
    if paid:
        settled = {"remittance": f"R{number}", "invoice_number": f"I{number}", "paid": net, "currency": "EUR"}
        on = due - timedelta(days=3) if number % 5 else due + timedelta(days=4)
        yield t.settlement, {**key, **settled, "paid_on": on.isoformat(), "adjustment": "0"}
    for line in range(LINES):
        gtin, place = f"{(number + line * 7) % ITEMS:014d}", {"number": str(line + 1), "position": line + 1}
        figures = dict.fromkeys(("ordered", "confirmed", "despatched", "received", "invoiced"), 10_000)
        rest = {"backordered": 0, "returned": 0, "status": "received", "price": "3.10"}
        yield t.order_line, {**key, **place, "order_number": name, "gtin": gtin, **figures, **rest}
        billed = {"invoice_number": f"I{number}", "gtin": gtin, "quantity": 10_000, "price": "3.10", "amount": "31.00"}
        yield t.invoice_line, {**key, **place, **billed, "order_number": name, "order_line": str(line + 1)}


def sales() -> Iterator[tuple[Table, dict[str, Any]]]:
    """Yield thirteen weeks of sales: four shops of each reporting account, five items a day."""
    for account in range(REPORTING):
        for back in range(1, 92):
            day = (NOW.date() - timedelta(days=back)).isoformat()
            for place in range(4 * 5):
                where = {"location": f"{account:05d}{place % 4:08d}", "gtin": f"{(account + place // 4) % ITEMS:014d}"}
                sold = {"day": day, "sold": 3_000, "returned": 0, "lost": 0, "excluded": 0, "promo": 0, "report": "R"}
                yield t.sales, {"partner": f"account-{account:04d}", **where, **sold}


def fill(instance: Instance, count: int) -> None:
    batch: dict[Table, list[dict[str, Any]]] = {}

    def put(given: Tx) -> None:
        for table, rows in batch.items():
            given.connection.execute(insert(table), rows)  # type: ignore[attr-defined]
        batch.clear()

    for number, account, at in orders(count):
        batch.setdefault(t.effect, []).extend(events(number, account, at))
        for table, row in papers(number, account, at):
            batch.setdefault(table, []).append(row)
        if number % AT_ONCE == AT_ONCE - 1:
            instance.journal.write(put)
    for table, row in sales():
        batch.setdefault(table, []).append(row)
    instance.journal.write(put)


ASKED = {"every measure of every account": 60.0}  # seconds


def timed(instance: Instance, name: str, work: Callable[[Connection], object]) -> None:
    wall, cpu = perf_counter(), process_time()
    instance.journal.write(lambda tx: work(tx.connection))  # type: ignore[attr-defined]
    figure(f"{name}, by the clock", perf_counter() - wall, "s", at_most=ASKED.get(name))
    print(f"{name:32} {perf_counter() - wall:8.1f} s, CPU of this process {process_time() - cpu:8.1f} s", flush=True)


def one_message(instance: Instance) -> None:
    costs = []
    for number in range(200):
        figures = {"orders": Decimal(1)}
        account, key = f"account-{number:04d}", f"N{number}-{perf_counter()}"
        told = [
            ActivityAdded(key="o", account=account, kind="order-received", reference=key, figures=figures),
            CaseOpened(key="c", account=account, code="receiving.differs", subject=key),
        ]
        instance.journal.write(lambda tx, k=key, e=told: tx.write_effects(k[:36], e, NOW, test=False))
        cpu = process_time()
        instance.journal.write(lambda tx: CrmProjection(tx.connection, STANDARD, {}).hear())
        costs.append((process_time() - cpu) * 1000)
    figure("one message heard", median(costs), "ms of CPU", at_most=10)
    print(f"{'one message heard':32} median {median(costs):6.1f} ms of CPU, slowest {max(costs):6.1f}", flush=True)


class Fixed:
    """The time of the newest rows."""

    def now(self) -> datetime:
        return NOW


async def pages(instance: Instance) -> None:
    access, now = instance.access, instance.wall.now()
    if not any(each.name == "bench" for each in access.users()):
        access.add_user("bench", "admin", now, by="bench")
    with instance.journal.reader.connect() as connection:
        kept = set(connection.execute(select(crm_metric.c.name).distinct()).scalars())
    print(f"{len(kept)} measures: {', '.join(sorted(kept))}", flush=True)
    async with TestClient(TestServer(make_console(services_of(instance)))) as client:
        await client.get("/login?token=" + access.make_login_link("bench", now), allow_redirects=False)
        for name, address in {
            "accounts, 2,000": "/accounts",
            "one account, 1,000 orders": "/accounts/account-0007",
            "one account, 63 orders": "/accounts/account-1004",
            "its timeline": "/accounts/account-0007/timeline",
            "a number's documents": "/accounts/account-0007/numbers/order_value",
            "portfolio": "/portfolio",
            "matrices": "/matrices",
            "cases": "/cases",
            "my day": "/my-day",
        }.items():
            await asked(client, name, lambda n, address=address: address)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--url")
    parser.add_argument("--only", default=",".join(STEPS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(given.keep or Path(folder) / "company", given.orders, given.url, given.only.split(","))


def run(folder: Path, count: int, url: str | None, steps: list[str]) -> None:
    fresh = not (folder / "config.yaml").exists()
    if fresh:
        scaffold(folder, name="Lindwerder", gln="9521001000000")
        if url is not None:
            with (folder / "config.yaml").open("a") as config:
                config.write(f"database: {{url: '{url}'}}\n")
    instance = open_instance(folder, take_folders=True)
    instance.clock = Fixed()  # type: ignore[assignment]
    try:
        if fresh and "fill" in steps:
            wall = perf_counter()
            fill(instance, count)
            print(f"{'filled':32} {perf_counter() - wall:8.1f} s", flush=True)
        if "rebuild" in steps:
            timed(instance, "rebuild", lambda c: CrmProjection(c, STANDARD, {}).rebuild())
        if "notice" in steps:
            timed(instance, "notice", lambda c: CrmProjection(c, STANDARD, {}).notice(NOW))
        if "metrics" in steps:
            timed(instance, "every measure of every account", lambda c: refresh(c, NOW))
        if "message" in steps:
            one_message(instance)
        if "pages" in steps:
            asyncio.run(pages(instance))
    finally:
        instance.close()


if __name__ == "__main__":
    main()
