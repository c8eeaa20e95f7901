"""Problems over a log that has grown: 1,000,000 messages, 25,000 of them waiting for 500 causes, 200 partners.

CPU time of the view and of the whole page, 60 times each. GATEWAY_BENCH_MESSAGES changes the size. Run by itself:
pytest tests/benchmarks/bench_problems.py -n0 -s
"""

import asyncio
import os
import sys
from pathlib import Path
from time import process_time

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import Engine, text

sys.path.append(str(Path(__file__).parents[1] / "unit" / "console"))

from console_scene import NOW, scenes

from gateway.store.forms import micros

MESSAGES = int(os.environ.get("GATEWAY_BENCH_MESSAGES", "1000000"))
EVERY = max(1, MESSAGES // 25_000)  # one of so many messages waits
CAUSES = 500
PARTNERS = 200
P95_MS = 100.0


def fill(engine: Engine) -> None:
    """Write the rows with one statement each: what is measured is reading."""
    at = micros(NOW) - 30 * 86_400_000_000
    step = 30 * 86_400_000_000 // MESSAGES
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MESSAGES})"
    fault = '{"code":"bench.cause","severity":"error","where":{"path":"lines[].item"},"value":"'
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO payload (sha256, size_bytes, data, month) VALUES ('bench', 3, x'61', 0)"))
        connection.execute(
            text(
                f"{numbers} INSERT INTO arrival (id, seq, lane, partner, channel, state, received_at, attempts, sha256,"
                " size_bytes, content_type, test, evidence) SELECT printf('b-%012d', i), i, 'p',"
                f" printf('partner-%03d', i % {PARTNERS}), 'as2', 'parsed', {at} + i * {step}, 0, 'bench', 3, '', 0,"
                " '{}' FROM n"
            )
        )
        connection.execute(
            text(
                f"{numbers} INSERT INTO message (id, seq, arrival, position, lane, partner, channel, state, type,"
                ' document_type, findings, sources, fault, fault_code, fault_place, start, "end", test, attempts,'
                " received_at, updated_at, blocks) SELECT printf('m-%012d', i), i, printf('b-%012d', i), 0, 'p',"
                f" printf('partner-%03d', i % {PARTNERS}), 'as2',"
                f" CASE WHEN i % {EVERY} = 0 THEN 'parked' ELSE 'done' END, 'ORDERS', 'Order', '[]', '{{}}',"
                f" CASE WHEN i % {EVERY} = 0 THEN '{fault}' || i || '\"}}' END,"
                f" CASE WHEN i % {EVERY} = 0 THEN printf('item.unknown') END,"
                f" CASE WHEN i % {EVERY} = 0 THEN printf('place-%03d', (i / {EVERY}) % {CAUSES}) ELSE '' END,"
                f" 0, 3, 0, 0, {at} + i * {step}, {at} + i * {step}, 0 FROM n"
            )
        )
        connection.exec_driver_sql("ANALYZE")


def p95(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] * 1000


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_list_of_problems_stays_quick_when_the_log_has_grown(tmp_path: Path) -> None:
    (scene,) = [next(each) for each in [scenes(tmp_path)]]
    fill(scene.journal._database.writer)
    now = NOW
    page = scene.views.problems(now)
    causes = sum(page.counts.values())
    asked = []
    for _ in range(60):
        begin = process_time()
        scene.views.problems(now)
        asked.append(process_time() - begin)
    detailed = []
    for line in page.lines[:30]:
        begin = process_time()
        assert scene.views.problem(line.id, now) is not None
        detailed.append(process_time() - begin)
    shown = asyncio.run(_pages(scene))
    print(
        f"\n{MESSAGES:,} messages, {causes} causes: list view p95 {p95(asked):.1f} ms CPU,"
        f" one problem {p95(detailed):.1f} ms, page over HTTP {p95(shown):.1f} ms"
    )
    assert causes >= 200
    assert p95(asked) < P95_MS
    assert p95(detailed) < P95_MS


async def _pages(scene) -> list[float]:  # type: ignore[no-untyped-def]
    scene.access.add_user("ops", "operator", NOW, by="bench")
    times = []
    async with TestClient(TestServer(scene.app())) as client:
        await client.get("/login?token=" + scene.access.make_login_link("ops", NOW), allow_redirects=False)
        for _ in range(30):
            begin = process_time()
            answer = await client.get("/problems")
            assert answer.status == 200
            await answer.read()
            times.append(process_time() - begin)
    return times
