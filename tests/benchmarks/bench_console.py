"""The console over a full journal: what the pages of the message log take on the server.

    python tests/benchmarks/bench_console.py [MESSAGES [sqlite | POSTGRESQL_URL]]

200 partners with names of 60 Chinese characters, 500 causes of problems, twelve months of messages with their answers.
Each page is asked for over HTTP by one client on the same loop; the time of the client is in it, so that the server's
own is shorter. CPU is that of the process, which does not depend on who else uses the machine.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Engine, create_engine, text

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1]), str(HERE.parent / "unit" / "console")]

import bench_journal_rows as rows  # noqa: E402 - found by the path above
from console_scene import Book, Clock, book, edifact_order, order, sources  # noqa: E402

from gateway.api.services import Services  # noqa: E402
from gateway.console.app import make_console  # noqa: E402
from gateway.model import json_form  # noqa: E402
from gateway.model.partner import Partner  # noqa: E402
from gateway.ports.retention import Retention  # noqa: E402
from gateway.store import partitions  # noqa: E402
from gateway.store.access import Access  # noqa: E402
from gateway.store.blobs import FileBlobs  # noqa: E402
from gateway.store.forms import sources_text  # noqa: E402
from gateway.store.housekeeping import Keeper  # noqa: E402
from gateway.store.journal import SqlJournal  # noqa: E402
from gateway.store.months import month_of  # noqa: E402
from gateway.store.saved_views import SavedViews  # noqa: E402
from gateway.store.views import Views  # noqa: E402

PARTNERS, CAUSES, TIMES = 200, 500, 100
LIMIT_MS = 100.0
CODES = ("item.unknown", "order.price-off", "edifact.code-unknown", "place.unknown", "order.repeated")
NAME = "华东区域连锁超市生鲜日配与常温商品联合采购配送中心有限责任公司"


class Now:
    now = rows.NOW


def big_book() -> Book:
    """Return the scene's own company with 200 partners whose names are long."""
    small = book()
    partners = {
        f"partner-{n}": Partner(
            id=f"partner-{n}", name=f"Partner {n} " + "x" * 50, name_zh=(NAME * 2 + f"{n:03d}")[-60:], role="customer"
        )
        for n in range(PARTNERS)
    }
    return Book({**partners, "self": small.own.partner}, small.own)


def trouble(engine: Engine, count: int) -> list[str]:
    """Park the messages of 500 causes and give some their bytes; return the ids of messages with a real order."""
    chance, step = Random(7), max(1, count // (CAUSES * 6))
    lines = [(f"95210011{n:05d}", f"Item {n}", 12 + n) for n in range(24)]
    data = edifact_order("4500018831", "8831", lines)
    with engine.begin() as connection:
        chosen = connection.execute(
            text("SELECT id, seq FROM message ORDER BY seq DESC LIMIT :n OFFSET 300"), {"n": count}
        )
        parked = [row.id for number, row in enumerate(chosen) if number % step == 0][: CAUSES * 6]
        change = text(
            "UPDATE message SET state = 'parked', fault_code = :code, fault_place = :place, partner = :partner,"
            " fault = :fault WHERE id = :id"
        )
        for number, row_id in enumerate(parked):
            cause = number % CAUSES
            code, place = CODES[cause % len(CODES)], f"lines[].field{cause // PARTNERS}"
            fault = json.dumps(
                {"code": code, "severity": "error", "value": f"{chance.randrange(10**13):013d}", "where": {}}
            )
            partner = f"partner-{cause % PARTNERS}"
            connection.execute(change, {"id": row_id, "code": code, "place": place, "partner": partner, "fault": fault})
        read = text(
            'UPDATE message SET document = :document, sources = :sources, start = 0, "end" = :end WHERE id = :id'
        )
        values = {
            "document": json_form.dumps(order("4500018831", "9521002000009", lines)),
            "sources": sources_text(sources(data, 24)),
            "end": len(data),
            "zero": "0" * 64,
        }
        connection.execute(text("UPDATE payload SET data = :data, size_bytes = :size WHERE sha256 = :zero"),
                           {"data": data, "size": len(data), "zero": values["zero"]})  # fmt: skip
        for row_id in parked[:TIMES]:
            connection.execute(read, {**values, "id": row_id})
    return parked[:TIMES]


async def pages(journal: SqlJournal, count: int, real: list[str]) -> bool:
    """Ask for every page; tell whether all keep the limit."""
    now, chance, all_partners = Clock(Now()), Random(3), big_book()  # type: ignore[arg-type]
    access = Access(journal.reader, journal)
    services = Services(
        views=Views(journal.reader),
        access=access,
        saved=SavedViews(journal.reader, journal),
        actions=None,  # type: ignore[arg-type] - nothing is done here
        book=lambda: all_partners,
        clock=now,
        wall=now,
    )
    access.add_user("bench", "admin", rows.NOW, by="bench")
    questions: dict[str, Callable[[int], str]] = {
        "overview": lambda n: "/",
        "list, newest": lambda n: "/messages",
        "list, needs a person": lambda n: "/messages?q=state:attention",
        "list, in progress": lambda n: "/messages?q=state:open",
        "list, one partner": lambda n: f"/messages?q=partner:partner-{n % PARTNERS}",
        "list, partner, type and age": lambda n: f"/messages?q=partner:partner-{n}+type:Order+at:<30d",
        "list, of a type that is not there": lambda n: "/messages?q=type:INVRPT",
        "list, by error": lambda n: "/messages?q=state:parked+err:item.",
        "search, exact number": lambda n: f"/messages?q=PO-{chance.randrange(count):08d}",
        "search, prefix of 1,000": lambda n: f"/messages?q=PO-{chance.randrange(count):08d}"[:-3],
        "search, prefix of all": lambda n: "/messages?q=PO-",
        "search, GLN": lambda n: f"/messages?q=95210{n % PARTNERS:08d}",
        "search, partner's name": lambda n: f"/messages?q={NAME[-4:]}",
        "straight to a number": lambda n: f"/find?q=PO-{chance.randrange(count):08d}",
        "message page, order of 24 lines": lambda n: f"/messages/{real[n % len(real)]}",
        "problems": lambda n: "/problems",
    }
    fine = True
    async with TestClient(TestServer(make_console(services))) as client:
        await client.get("/login?token=" + access.make_login_link("bench", rows.NOW), allow_redirects=False)
        await client.get("/view?language=zh-CN", allow_redirects=False)
        for name, address in questions.items():
            fine = await asked(client, name, address) and fine
    return fine


async def asked(client: TestClient[Any, Any], name: str, address: Callable[[int], str]) -> bool:
    taken, statuses = [], set()
    await client.get(address(0), allow_redirects=False)
    cpu = process_time()
    for n in range(TIMES):
        start = perf_counter()
        answer = await client.get(address(n), allow_redirects=False)
        await answer.read()
        taken.append((perf_counter() - start) * 1000)
        statuses.add(answer.status)
    cpu = (process_time() - cpu) / TIMES * 1000
    p95 = quantiles(taken, n=20)[-1]
    assert statuses <= {200, 303}, (name, statuses)
    print(f"{name}: median {median(taken):.1f} ms, p95 {p95:.1f} ms, CPU {cpu:.1f} ms", flush=True)
    return p95 < LIMIT_MS


def on(journal: SqlJournal, engine: Engine, count: int) -> bool:
    real = trouble(engine, count)
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    return asyncio.run(pages(journal, count, real))


def months_for(journal: SqlJournal, folder: Path) -> None:
    keeper = Keeper(journal.reader, folder, lambda digest: None)
    keeper.round(Retention(), rows.NOW - timedelta(days=400))
    last = month_of(rows.NOW)
    for month in range(last - rows.MONTHS, last + 2):
        with keeper._engine.begin() as connection:
            partitions.add(connection, month)


def main(count: int, url: str | None) -> bool:
    rows.PARTNERS = PARTNERS
    with tempfile.TemporaryDirectory(dir=".") as made:
        folder = Path(made)
        if url is None:
            journal = SqlJournal.open(folder / "journal.db", FileBlobs(folder / "blobs"))
            rows.fill_sqlite(folder / "journal.db", count)
            engine = create_engine(f"sqlite:///{folder / 'journal.db'}")
        else:
            journal = SqlJournal.connect(url, FileBlobs(folder / "blobs"))
            months_for(journal, folder)
            rows.fill_postgres(url, count)
            engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        print(f"== {engine.dialect.name}, {count:,} messages, {PARTNERS} partners, {CAUSES} causes ==", flush=True)
        fine = on(journal, engine, count)
        engine.dispose()
        journal.close()
    return fine


if __name__ == "__main__":
    amount = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    where = sys.argv[2] if len(sys.argv) > 2 else ""
    good = main(amount, where if where.startswith("postgres") else None)
    if not where:
        from tests.servers.postgres import new_server

        server = new_server()
        server.start()
        try:
            good = main(amount, server.fresh_database()) and good
        finally:
            server.remove()
    sys.exit(0 if good else 1)
