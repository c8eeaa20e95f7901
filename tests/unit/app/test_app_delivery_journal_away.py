"""A journal that cannot be written for a moment: what was claimed goes out soon after, not at the end of its lease."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from app_scene import World, running, until
from test_app_delivery import WatchedChannel, queue

from gateway.app import delivery as delivering
from gateway.store.writer import CommitFailed


class Failing:
    """A journal of which works fail to commit; which: says so of the n-th work, from 1."""

    def __init__(self, journal: Any, which: Callable[[int], bool], *, although_kept: bool = False) -> None:
        self._journal, self._which, self._although_kept = journal, which, although_kept
        self.works = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def submit(self, work: Any) -> "Future[Any]":
        self.works += 1
        if not self._which(self.works):
            return self._journal.submit(work)  # type: ignore[no-any-return]
        if self._although_kept:
            self._journal.submit(work).result()
        failed: Future[Any] = Future()
        failed.set_exception(CommitFailed(ConnectionError("server closed the connection")))
        return failed


@pytest.mark.parametrize("kept", [False, True], ids=["lost", "kept"])
@pytest.mark.parametrize("at", [2, 3], ids=["wrapping", "settling"])
async def test_a_commit_that_fails_once_holds_a_parcel_up_for_moments(
    world: World, monkeypatch: pytest.MonkeyPatch, at: int, kept: bool
) -> None:
    monkeypatch.setattr(delivering, "AGAIN_S", 0.05)
    channel = WatchedChannel()
    queue(world)
    failing = Failing(world.journal, lambda n: n == at, although_kept=kept)
    made = world.delivery(channel)
    made.journal = failing  # type: ignore[assignment]
    made.__post_init__()
    async with running(made):
        await until(lambda: world.states("parcel") == ["acked"], timeout_s=3)
    assert failing.works >= at
    assert len(set(channel.order)) == 1


async def test_parcels_that_could_not_be_given_back_are_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivering, "AGAIN_S", 0.05)
    channel = WatchedChannel()
    queue(world, 3)
    failing = Failing(world.journal, lambda n: n in range(2, 12))
    made = world.delivery(channel)
    made.journal = failing  # type: ignore[assignment]
    made.__post_init__()
    async with running(made):
        await until(lambda: world.states("parcel") == ["acked"] * 3, timeout_s=5)
    assert failing.works > 12
