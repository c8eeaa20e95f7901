"""Back-pressure: whether the edge takes another document, decided before its body is read.

Accepting outruns processing several times over. Above the high mark the edge answers 503 with Retry-After, and takes
documents again below four fifths of it; partners' systems try again by themselves.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from gateway.ports.records import Backlog

LOW = 0.8  # of the high mark
NOTHING = Backlog(count=0, oldest_at=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """High marks. waiting: works queued for the writer; waiting_bytes: of documents that are received and not yet kept;
    wait_s: how long the oldest of them has waited; backlog and age: of what is accepted and not yet processed;
    disk_bytes: free space below which nothing is taken; retry_s: what the partner is told, up to double."""

    waiting: int = 2_000
    waiting_bytes: int = 256 * 1024 * 1024
    wait_s: float = 5.0
    backlog: int = 20_000
    age: timedelta = timedelta(minutes=15)
    disk_bytes: int = 512 * 1024 * 1024
    retry_s: int = 5


@dataclass(kw_only=True)
class Admission:
    """sample() is called every second by the sweep; ask() by the edge, for every request: it reads nothing.

    timer: seconds of a clock that only runs forward. ask() and keeping() belong to one thread, the event loop's."""

    marks: Marks
    waiting: Callable[[], int]
    folder: Path
    timer: Callable[[], float] = float
    refused: int = 0
    _kept_next: dict[int, tuple[float, int]] = field(default_factory=dict)  # by number: since when, and bytes
    _number: int = 0
    _bytes: int = 0
    _backlog: Backlog = NOTHING
    _age: timedelta = timedelta(0)
    _free_bytes: int | None = None
    _shut: bool = False

    def sample(self, backlog: Backlog, now: datetime) -> None:
        """Take the figures of this second."""
        self._backlog = backlog
        self._age = now - backlog.oldest_at if backlog.oldest_at else timedelta(0)
        self._free_bytes = shutil.disk_usage(self.folder).free

    @contextmanager
    def keeping(self, size_bytes: int) -> Iterator[None]:
        """Count a document as waiting for the writer while the context is open."""
        self._number = number = self._number + 1
        self._kept_next[number] = (self.timer(), size_bytes)
        self._bytes += size_bytes
        try:
            yield
        finally:
            del self._kept_next[number]
            self._bytes -= size_bytes

    def _writer_wait_s(self) -> float:
        """Since when the oldest document waits for the writer: 0 when none does."""
        oldest = next(iter(self._kept_next.values()), None)
        return 0.0 if oldest is None else self.timer() - oldest[0]

    def ask(self) -> int | None:
        """Return seconds after which to come again, None when the document is welcome."""
        level = self._level()
        self._shut = level > (LOW if self._shut else 1.0)
        if not self._shut:
            return None
        self.refused += 1
        return self.marks.retry_s + random.randrange(self.marks.retry_s + 1)  # noqa: S311 - spreads retries

    def _level(self) -> float:
        """How near the nearest mark is; above 1: over it."""
        marks = self.marks
        levels = [
            self.waiting() / marks.waiting,
            self._bytes / marks.waiting_bytes,
            self._writer_wait_s() / marks.wait_s,
            self._backlog.count / marks.backlog,
            self._age / marks.age,
        ]
        if self._free_bytes is not None:
            levels.append(marks.disk_bytes / max(self._free_bytes, 1))
        return max(levels)

    def figures(self) -> dict[str, float]:
        """What the decision stands on, for health."""
        return {
            "waiting": self.waiting(),
            "waiting_bytes": self._bytes,
            "writer_wait_s": self._writer_wait_s(),
            "backlog": self._backlog.count,
            "backlog_age_s": self._age.total_seconds(),
            "disk_free_bytes": self._free_bytes or 0,
            "refused": self.refused,
        }
