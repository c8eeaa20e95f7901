"""What every engine must do, whatever carries its wakes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import pytest

from gateway.app.engine import LocalEngine
from gateway.app.engine_procrastinate import TASK, ProcrastinateEngine
from gateway.ports.shell import Engine

Make = Callable[[], Engine]
Handler = Callable[[str], Awaitable[None]]


@pytest.fixture(params=["local", "procrastinate"])
def make(request: pytest.FixtureRequest) -> Make:
    if request.param == "local":
        return LocalEngine
    url = request.getfixturevalue("postgres_url")
    return lambda: ProcrastinateEngine(url)


@asynccontextmanager
async def running(engine: Engine, handler: Handler) -> AsyncIterator[None]:
    task = asyncio.create_task(engine.run(handler))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool], within_s: float = 15.0) -> None:
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


async def test_every_woken_lane_runs(make: Make) -> None:
    seen: list[str] = []

    async def handler(lane: str) -> None:
        seen.append(lane)

    engine = make()
    engine.wake("early")  # before it runs
    async with running(engine, handler):
        for lane in ("a", "b", "c"):
            engine.wake(lane)
        await until(lambda: set(seen) == {"early", "a", "b", "c"})


async def test_a_lane_runs_once_at_a_time_and_again_when_woken_meanwhile(make: Make) -> None:
    now, most, runs, go = 0, 0, 0, asyncio.Event()

    async def handler(lane: str) -> None:
        nonlocal now, most, runs
        now, runs = now + 1, runs + 1
        most = max(most, now)
        await go.wait()
        now -= 1

    engine = make()
    async with running(engine, handler):
        engine.wake("a")
        await until(lambda: runs == 1)
        for _ in range(20):
            engine.wake("a")
            await asyncio.sleep(0.005)
        assert runs == 1
        go.set()
        await until(lambda: runs >= 2)
        await asyncio.sleep(0.3)
    assert most == 1
    assert runs <= 3


async def test_a_lane_that_fails_does_not_stop_the_engine(make: Make) -> None:
    seen: list[str] = []

    async def handler(lane: str) -> None:
        seen.append(lane)
        if lane == "bad":
            raise ValueError("planted")

    engine = make()
    async with running(engine, handler):
        engine.wake("bad")
        await until(lambda: "bad" in seen)
        engine.wake("good")
        await until(lambda: "good" in seen)
        engine.wake("bad")
        await until(lambda: seen.count("bad") == 2)


async def test_different_lanes_run_side_by_side(make: Make) -> None:
    inside: set[str] = set()
    both = asyncio.Event()

    async def handler(lane: str) -> None:
        inside.add(lane)
        if len(inside) == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 10)

    engine = make()
    async with running(engine, handler):
        engine.wake("a")
        engine.wake("b")
        await until(both.is_set)


async def test_swept_lanes_run_even_when_every_wake_is_lost(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    async def handler(lane: str) -> None:
        seen.append(lane)

    engine = make()
    if isinstance(engine, ProcrastinateEngine):
        monkeypatch.setattr(engine, "wake", lambda lane: None)
    async with running(engine, handler):
        engine.sweep(["a"])
        engine.sweep(["a"])  # a second later
        await until(lambda: "a" in seen)


async def test_a_job_of_a_dead_worker_is_freed_although_a_newer_one_waits(postgres_url: str) -> None:
    """Retrying it would break the rule of one waiting job per lane: it is ended, the newer one runs."""
    seen: list[str] = []

    async def handler(lane: str) -> None:
        seen.append(lane)

    engine = ProcrastinateEngine(postgres_url)
    insert = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id)"
        " VALUES ('default', %s, 'a', 'a', '{\"lane\": \"a\"}', %s, %s)"
    )
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute') RETURNING id"
        ).fetchone()
        assert row is not None
        connection.execute(insert, (TASK, "doing", row[0]))
        connection.execute(insert, (TASK, "todo", None))
    async with running(engine, handler):
        await until(lambda: seen == ["a"], 20)
