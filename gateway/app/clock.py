"""The only reader of the clock. Real time, or time that starts elsewhere and runs at another rate (simulations)."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


def _real_now() -> datetime:
    return datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251 - here is where the clock is read


class SystemClock:
    """Real time, UTC."""

    def now(self) -> datetime:
        return _real_now()


@dataclass(frozen=True, slots=True)
class _Setting:
    sim: datetime  # gateway time at the instant `wall`
    wall: datetime
    rate: float  # gateway seconds per real second; 0: stands still


class FileClock:
    """Time as set by a file {"sim": ISO instant, "wall": ISO instant, "rate": number}, re-read when it changes.

    Several processes that read the same file agree on the time. A missing file means real time.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int] | None = None
        self._setting: _Setting | None = None

    def now(self) -> datetime:
        self._refresh()
        real = _real_now()
        if self._setting is None:
            return real
        return self._setting.sim + (real - self._setting.wall) * self._setting.rate

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._setting = None, None
            return
        stamp = (stat.st_mtime_ns, stat.st_ino)
        if stamp != self._stamp:
            data = json.loads(self._path.read_text())
            self._setting = _Setting(
                sim=datetime.fromisoformat(data["sim"]),
                wall=datetime.fromisoformat(data["wall"]),
                rate=float(data["rate"]),
            )
            self._stamp = stamp
