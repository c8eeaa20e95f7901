"""The local engine: one run per lane at a time, none lost, none for nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from app_scene import until

from gateway.app.engine import LocalEngine


@asynccontextmanager
async def engine_with(handler: Callable[[str], Awaitable[None]], parallel: int = 8) -> AsyncIterator[LocalEngine]:
    engine = LocalEngine(parallel)
    task = asyncio.create_task(engine.run(handler))
    try:
        yield engine
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class Runs:
    """A handler that waits to be let go, and writes down what ran."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.ended: list[str] = []
        self.now: list[str] = []
        self.most: dict[str, int] = {}
        self.go = asyncio.Event()

    async def __call__(self, lane: str) -> None:
        self.started.append(lane)
        self.now.append(lane)
        self.most[lane] = max(self.most.get(lane, 0), self.now.count(lane))
        await self.go.wait()
        self.now.remove(lane)
        self.ended.append(lane)


async def test_many_wakes_before_a_run_starts_are_one() -> None:
    runs = Runs()
    runs.go.set()
    engine = LocalEngine()
    for _ in range(5):
        engine.wake("a")
    assert engine.health() == {"waiting": 1, "running": 0}
    task = asyncio.create_task(engine.run(runs))
    await until(lambda: runs.ended == ["a"])
    await asyncio.sleep(0.02)
    assert runs.started == ["a"]
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_wakes_while_a_lane_runs_cause_one_more_run_after_it() -> None:
    runs = Runs()
    async with engine_with(runs) as engine:
        engine.wake("a")
        await until(lambda: runs.now == ["a"])
        engine.wake("a")
        engine.wake("a")
        await asyncio.sleep(0.02)
        assert runs.started == ["a"]
        runs.go.set()
        await until(lambda: len(runs.ended) == 2)
        await asyncio.sleep(0.02)
    assert runs.started == ["a", "a"]
    assert runs.most == {"a": 1}


async def test_lanes_run_side_by_side_up_to_the_limit() -> None:
    runs = Runs()
    async with engine_with(runs, parallel=2) as engine:
        for lane in "abc":
            engine.wake(lane)
        await until(lambda: len(runs.now) == 2)
        await asyncio.sleep(0.02)
        assert sorted(runs.now) == ["a", "b"]
        assert engine.health()["running"] == 2
        runs.go.set()
        await until(lambda: sorted(runs.ended) == ["a", "b", "c"])


async def test_a_failing_lane_stops_no_other_and_may_run_again() -> None:
    done: list[str] = []

    async def handler(lane: str) -> None:
        if lane == "bad" and "bad" not in done:
            done.append(lane)
            raise LookupError("planned")
        done.append(lane)

    async with engine_with(handler, parallel=1) as engine:
        engine.wake("bad")
        engine.wake("good")
        await until(lambda: done == ["bad", "good"])
        engine.wake("bad")
        await until(lambda: done == ["bad", "good", "bad"])
        await until(lambda: engine.health() == {"waiting": 0, "running": 0})


async def test_cancelling_ends_the_runs_too() -> None:
    runs = Runs()
    async with engine_with(runs) as engine:
        engine.wake("a")
        await until(lambda: runs.now == ["a"])
    assert runs.ended == []
    assert engine.health()["running"] == 0
