"""Loops of a node: a turn that fails is told, tried again, and holds up nobody else."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateway.app.rounds import Daily, Rounds
from gateway.model.faults import OurFault
from gateway.store.writer import DiskFailed
from tests.unit.app.app_scene import World

TEN = datetime(2026, 3, 1, 10, tzinfo=UTC)


def failing_until(turn: int, error: Exception) -> tuple[list[int], Callable[[], Awaitable[None]]]:
    """Return the turns taken and a turn that fails with error until its number is reached."""
    taken: list[int] = []

    async def work() -> None:
        taken.append(len(taken) + 1)
        if len(taken) < turn:
            raise error

    return taken, work


async def test_a_turn_that_fails_is_told_with_its_first_moment_until_one_goes_well() -> None:
    moments = iter([TEN, TEN + timedelta(hours=1)])
    rounds = Rounds(now=lambda: next(moments))
    _, work = failing_until(3, OSError("no space"))
    assert not await rounds.take("reports", work)
    assert not await rounds.take("reports", work)
    (told,) = rounds.failing()
    assert (told.name, told.since, told.times, told.code) == ("reports", TEN, 2, None)
    assert await rounds.take("reports", work)
    assert rounds.failing() == ()
    assert rounds.failures() == {"reports": 2}  # a counter never goes back


async def test_a_known_fault_is_told_by_its_code() -> None:
    rounds = Rounds(now=lambda: TEN)
    _, work = failing_until(9, OurFault("keys.missing", value="us"))
    await rounds.take("certificates", work)
    assert [each.code for each in rounds.failing()] == ["keys.missing"]


async def test_a_loop_goes_on_after_a_failure_and_ends_when_nothing_can_be_kept_any_more() -> None:
    rounds = Rounds(now=lambda: TEN)
    taken, work = failing_until(3, ValueError("odd"))
    task = asyncio.create_task(rounds.keep("sweep", 0.0, work))
    while len(taken) < 5:
        await asyncio.sleep(0)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    _, broken = failing_until(9, DiskFailed("journal.disk-failed"))
    with pytest.raises(DiskFailed):
        await rounds.keep("beat", 0.0, broken)


async def test_the_day_that_a_node_has_taken_is_tried_by_it_until_it_is_done(world: World) -> None:
    taken, work = failing_until(3, OSError("no space"))
    first = Daily(job="look", at=timedelta(hours=3), journal=world.journal, clock=world.clock, work=work)
    others, other_work = failing_until(1, OSError())
    second = Daily(job="look", at=timedelta(hours=3), journal=world.journal, clock=world.clock, work=other_work)
    for _ in range(2):
        with pytest.raises(OSError):
            await first()
    await second()
    await first()
    await first()
    assert (taken, others) == ([1, 2, 3], [])
    world.clock.advance(timedelta(days=1))
    await second()
    await first()
    assert (taken, others) == ([1, 2, 3], [1])
