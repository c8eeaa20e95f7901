"""Short work for a thread, taken together: whatever waits when a turn begins is done in that one turn.

Under load a thread, a commit and its fsync then serve many messages; a message that comes alone does not wait.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 32  # works of one turn; with a millisecond or two for each, nobody waits long for the others


class Turns:
    """Make it anywhere; run() is called inside one event loop."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()
        self._turning: asyncio.Task[None] | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """Return what work gives, computed in a thread after what was asked for before. Raises what work raises."""
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._turning is None:
            self._turning = asyncio.create_task(self._turn())
        return await future

    async def _turn(self) -> None:
        try:
            while self._waiting:
                taken = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
                wanted = [(work, future) for work, future in taken if not future.cancelled()]
                outcomes = await asyncio.to_thread(_done, [work for work, _ in wanted])
                for (_, future), (value, error) in zip(wanted, outcomes, strict=True):
                    if future.cancelled():
                        continue
                    if error is not None:
                        future.set_exception(error)
                    else:
                        future.set_result(value)
        finally:
            self._turning = None


def _done(works: list[Callable[[], Any]]) -> list[tuple[Any, BaseException | None]]:
    found: list[tuple[Any, BaseException | None]] = []
    for work in works:
        try:
            found.append((work(), None))
        except Exception as error:  # noqa: BLE001 - each caller gets its own
            found.append((None, error))
    return found
