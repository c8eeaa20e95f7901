"""The shell's parts around a journal, with a clock that a test moves and a channel in memory."""

import asyncio
import os
import re
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache

from gateway.app.delivery import Delivery
from gateway.app.processing import Processing
from gateway.app.rounds import Rounds
from gateway.app.workers import MEMORY_BYTES, Workers
from gateway.channels.memory import MemoryChannel
from gateway.model.partner import OwnCompany, Partner
from gateway.model.values import PartnerId
from gateway.pipeline.book import Book
from gateway.pipeline.retry import RetryPolicy
from tests.stepped_clock import SteppedClock
from tests.unit.pipeline import pipeline_scene as scene

POLICY = RetryPolicy(first=timedelta(seconds=10), longest=timedelta(minutes=5), attempts=3)


@cache
def memory_book() -> Book:
    """The demo's partners, all of them reached by the channel in memory."""
    partners = {
        name: replace(each, channels={key: replace(c, kind="memory") for key, c in each.channels.items()})
        for name, each in scene.book().partners.items()
    }
    return replace(scene.book(), partners=partners)


@dataclass
class World(scene.Line):
    """pipeline_scene.Line with processing and delivery as the shell runs them."""

    book: Book = field(default_factory=memory_book)
    clock: SteppedClock = field(default_factory=lambda: SteppedClock(scene.NOW))
    woken: int = 0

    def __post_init__(self) -> None:
        self.channel = MemoryChannel(new_id=scene.new_id)
        self.other_lanes: list[str] = []

    def _parcels(self) -> None:
        self.woken += 1

    def processing(self, workers: Workers | None = None, owner: str = "test") -> Processing:
        return Processing(
            journal=self.journal,
            book=lambda: self.book,
            workers=workers or Workers(lambda: self.book, 0),
            clock=self.clock,
            owner=owner,
            on_parcels=self._parcels,
            wake=self.other_lanes.append,
        )

    def delivery(self, channel: MemoryChannel | None = None, owner: str = "test") -> Delivery:
        return Delivery(
            journal=self.journal,
            book=lambda: self.book,
            channels={"memory": channel or self.channel},
            clock=self.clock,
            owner=owner,
            policy=POLICY,
            rounds=Rounds(now=self.clock.now),
        )

    def states(self, table: str = "message", **equal: object) -> list[str]:
        found = sorted(self.rows(table, **equal), key=lambda row: (row.get("seq") or 0, row.get("position") or 0))
        return [str(row["state"]) for row in found]


@asynccontextmanager
async def running(delivery: Delivery) -> AsyncIterator[Delivery]:
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():
            await asyncio.sleep(0.01)


class DeadlyPayload:
    """Bytes that end the process that looks at them."""

    sha256 = "0" * 64
    size_bytes = 1

    def chunks(self) -> Iterator[bytes]:
        os._exit(3)


class FatalOncePayload:
    """Bytes that end the first process that looks at them."""

    sha256 = "1" * 64
    size_bytes = 1

    def __init__(self, mark: str) -> None:
        self.mark = mark

    def chunks(self) -> Iterator[bytes]:
        if not os.path.exists(self.mark):  # noqa: PTH110 - in a worker process, next to nothing imported
            open(self.mark, "w").close()  # noqa: PTH123
            os._exit(3)
        yield b"not a document"


class EndlessPayload:
    """Bytes in which a regular expression loses itself: the interpreter answers nothing and nobody meanwhile."""

    sha256 = "2" * 64
    size_bytes = 1

    def chunks(self) -> Iterator[bytes]:
        re.match(rb"(a+)+$", b"a" * 64 + b"b")
        yield b""


class WaitingPayload:
    """Bytes for which a worker waits without working, as on a machine that is busy with other things."""

    sha256 = "4" * 64
    size_bytes = 1

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s

    def chunks(self) -> Iterator[bytes]:
        time.sleep(self.wait_s)
        yield b"hello"


class GreedyPayload:
    """Bytes that ask for more memory than a worker may have."""

    sha256 = "3" * 64
    size_bytes = 1

    def chunks(self) -> Iterator[bytes]:
        yield bytes(MEMORY_BYTES)


def small_book(*partners: str) -> Book:
    """A book that is built at once in a worker process."""
    found = {name: Partner(id=PartnerId(name), name=name) for name in ("self", *partners)}
    own = OwnCompany(partner=found["self"], warehouse="", items={}, suppliers={})
    return Book(digest="-".join(found), partners=found, own=own)
