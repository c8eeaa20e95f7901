"""The daily round: one node does it, and one that failed is not lost for the day."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from gateway.app import housekeeping
from gateway.app.instance import Instance, open_instance
from gateway.cli.root import cli
from gateway.ports.retention import Housekeeping


@pytest.fixture
def instance(tmp_path: Path):
    cli.main(["init", str(tmp_path / "i"), "--gln", "9521001000000", "--name", "Us"], standalone_mode=False)
    opened = open_instance(tmp_path / "i")
    yield opened
    opened.close()


async def looks(instance: Instance, rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the daily task look a number of times."""
    left, enough = rounds, asyncio.Event()

    async def sleep(_: float) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            enough.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(housekeeping.asyncio, "sleep", sleep)
    task = asyncio.create_task(housekeeping.keep_house_daily(instance))
    await asyncio.wait_for(enough.wait(), 60)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_round_that_failed_is_tried_again_and_one_that_worked_is_not(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def keep(_: Instance) -> Housekeeping | None:
        done.append(len(done))
        if len(done) < 3:
            raise OSError("no space")
        return None

    monkeypatch.setattr(housekeeping, "keep_house", keep)
    await looks(instance, 6, monkeypatch)
    assert done == [0, 1, 2]


async def test_a_second_node_leaves_the_days_round_to_the_first(
    instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []
    monkeypatch.setattr(housekeeping, "keep_house", done.append)
    await looks(instance, 2, monkeypatch)
    await looks(instance, 2, monkeypatch)
    assert len(done) == 1
