"""The console over a full journal: what its pages take on the server.

    python tests/benchmarks/bench_console.py [--messages N] [--only sqlite|postgres] [--keep FOLDER] [--page WORD]
                                             [--server FOLDER URL]

200 partners with names of 60 Chinese characters, 500 causes of problems, twelve months of messages with their answers.
Each page is asked for over HTTP by one client on the same loop; the time of the client is in it, so that the server's
own is shorter. CPU is that of the process, which does not depend on who else uses the machine. --keep: the filled
company of an earlier run (SQLite) is used again; --server: so is the one of that folder in a PostgreSQL database.
--page: only pages whose name holds the word.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from statistics import median, quantiles
from time import perf_counter, process_time
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from big_company import CAUSES, NAME, PARTNERS, engine_of, fill, furnish, opened, real_ids  # noqa: E402

from gateway.api.services import Services  # noqa: E402
from gateway.app.collector import spare_what_stays  # noqa: E402
from gateway.app.instance import Instance  # noqa: E402
from gateway.app.partner_desk import InstanceDesk  # noqa: E402
from gateway.console.app import make_console  # noqa: E402
from gateway.store.saved_views import SavedViews  # noqa: E402
from tests.benchmarks.figures import figure  # noqa: E402

TIMES, WARM = 60, 2
LIMIT_MS = 100.0
Address = Callable[[int], str]


def services_of(instance: Instance) -> Services:
    return Services(
        views=instance.views,
        access=instance.access,
        saved=SavedViews(instance.journal.reader, instance.journal),
        actions=None,  # type: ignore[arg-type] - nothing is done here
        book=lambda: instance.book,
        clock=instance.clock,
        wall=instance.wall,
        partner_desk=InstanceDesk(instance=instance),
    )


def questions(count: int, real: list[str], causes: list[str]) -> dict[str, Address]:
    chance = Random(3)
    return {
        "list, newest": lambda n: "/messages",
        "list, needs a person": lambda n: "/messages?q=state:attention",
        "list, in progress": lambda n: "/messages?q=state:open",
        "list, one partner": lambda n: f"/messages?q=partner:partner-{n % PARTNERS}",
        "list, partner, type and age": lambda n: f"/messages?q=partner:partner-{n}+type:Order+at:<30d",
        "list, of a type that is not there": lambda n: "/messages?q=type:INVRPT",
        "list, by error": lambda n: "/messages?q=state:parked+err:item.",
        "list, done, not of a partner": lambda n: f"/messages?q=state:done+-partner:partner-{n}",
        "list, test traffic": lambda n: "/messages?q=test:yes",
        "search, exact number": lambda n: f"/messages?q=PO-{chance.randrange(count):08d}",
        "search, prefix of 1,000": lambda n: f"/messages?q=PO-{chance.randrange(count):08d}"[:-3],
        "search, prefix of all": lambda n: "/messages?q=PO-",
        "search, GLN": lambda n: f"/messages?q=95210{n % PARTNERS:08d}",
        "search, nothing found": lambda n: f"/messages?q=XX-{n}",
        "search, partner's name": lambda n: f"/messages?q={NAME[-4:]}",
        "straight to a number": lambda n: f"/find?q=PO-{chance.randrange(count):08d}",
        "message page, order of 24 lines": lambda n: f"/messages/{real[n % len(real)]}",
        "overview": lambda n: "/",
        "problems": lambda n: "/problems",
        "one problem": lambda n: f"/problems/{causes[n % len(causes)]}",
        "queues": lambda n: "/queues",
        "partners": lambda n: "/partners",
        "one partner": lambda n: f"/partners/partner-{n}",
        "one partner, agreements": lambda n: f"/partners/partner-{n}/agreements",
        "one partner, onboarding": lambda n: f"/partners/partner-{n}/onboarding",
        "mappings": lambda n: "/mappings",
        "expected": lambda n: "/expected",
        "imports": lambda n: "/imports",
        "terms": lambda n: "/terms",
        "orders": lambda n: "/orders",
        "accounts": lambda n: "/accounts",
    }


async def pages(instance: Instance, asked_for: dict[str, Address], of: str) -> bool:
    """Ask for every page; tell whether all keep the limit."""
    access, now = instance.access, instance.wall.now()
    if not any(each.name == "bench" for each in access.users()):
        access.add_user("bench", "admin", now, by="bench")
    fine = True
    async with TestClient(TestServer(make_console(services_of(instance)))) as client:
        await client.get("/login?token=" + access.make_login_link("bench", now), allow_redirects=False)
        await client.get("/view?language=zh-CN", allow_redirects=False)
        for name, address in asked_for.items():
            fine = await asked(client, name, address, of) and fine
    return fine


async def asked(client: TestClient[Any, Any], name: str, address: Address, of: str = "") -> bool:
    """Measure a page. of: what it stands on, for the name of the figure."""
    taken, used, statuses = [], [], set()
    for n in range(WARM):
        await client.get(address(n), allow_redirects=False)
    for n in range(TIMES):
        start, cpu = perf_counter(), process_time()
        answer = await client.get(address(n), allow_redirects=False)
        await answer.read()
        taken.append((perf_counter() - start) * 1000)
        used.append((process_time() - cpu) * 1000)
        statuses.add(answer.status)
    assert statuses <= {200, 303}, (name, statuses)
    late, busy = quantiles(taken, n=20)[-1], quantiles(used, n=20)[-1]
    over = "" if late < LIMIT_MS else "  <-- over"
    print(
        f"{name:36} median {median(taken):7.1f} ms, p95 {late:7.1f} ms; CPU {median(used):6.1f}, p95 {busy:6.1f}{over}",
        flush=True,
    )
    judged = LIMIT_MS if name.startswith(("list,", "search,", "message page")) else None
    figure(f"{name}, p95 {of}".rstrip(), late, "ms", at_most=judged)
    return late < LIMIT_MS


def measure(folder: Path, count: int, url: str | None, word: str) -> bool:
    engine = engine_of(folder, url)
    print(f"== {engine.dialect.name}, {count:,} messages, {PARTNERS} partners, {CAUSES} causes ==", flush=True)
    real = real_ids(engine)
    engine.dispose()
    with opened(folder) as instance:
        found = instance.views.problems(instance.clock.now(), limit=100)
        wanted = questions(count, real, [each.id for each in found.lines])
        spare_what_stays()  # as `gateway run` does
        chosen = {name: each for name, each in wanted.items() if word in name}
        return asyncio.run(pages(instance, chosen, f"on {'PostgreSQL' if url else 'SQLite'}"))


def on_sqlite(folder: Path, count: int, word: str) -> bool:
    if not (folder / "config.yaml").exists():
        furnish(folder)
        fill(folder, count)
    return measure(folder, count, None, word)


def on_postgres(folder: Path, count: int, word: str) -> bool:
    from tests.servers.postgres import new_server

    server = new_server()
    server.start()
    try:
        url = server.fresh_database()
        furnish(folder, url)
        fill(folder, count, url)
        return measure(folder, count, url, word)
    finally:
        server.remove()


def main() -> int:
    told = argparse.ArgumentParser()
    told.add_argument("--messages", type=int, default=1_000_000)
    told.add_argument("--only", choices=("sqlite", "postgres"))
    told.add_argument("--keep", type=Path)
    told.add_argument("--page", default="")
    told.add_argument("--server", nargs=2)
    wanted = told.parse_args()
    fine = True
    with tempfile.TemporaryDirectory(dir=".") as made:
        if wanted.only != "postgres":
            fine = on_sqlite(wanted.keep or Path(made) / "sqlite", wanted.messages, wanted.page)
        if wanted.server:
            folder, url = wanted.server
            fine = measure(Path(folder), wanted.messages, url, wanted.page) and fine
        elif wanted.only != "sqlite":
            fine = on_postgres(Path(made) / "postgres", wanted.messages, wanted.page) and fine
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
