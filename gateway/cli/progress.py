"""How far long work is: one line on stderr that is written anew, on a terminal only, and a summary at the end."""

import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TextIO

FIRST_AFTER_S = 1.0  # what is done sooner needs no line
EVERY_S = 0.2
_CHUNK = 1 << 20


class Progress:
    """Called with how many are done. total: None when nobody knows; with it the line says how long it still takes."""

    def __init__(
        self,
        what: str,
        total: int | None = None,
        *,
        unit: str = "rows",
        stream: TextIO | None = None,
        timer: Callable[[], float] = monotonic,
    ) -> None:
        self._what, self._total, self._unit = what, total, unit
        self._stream, self._timer = stream or sys.stderr, timer
        self._began = self._said_at = timer()
        self._done, self._width = 0, 0

    def __call__(self, done: int) -> None:
        self._done = done
        now = self._timer()
        if self._stream.isatty() and now - self._began >= FIRST_AFTER_S and now - self._said_at >= EVERY_S:
            self._said_at = now
            self._say(self._line(now - self._began))

    def end(self) -> None:
        """Say what was done in how long, when there was a line."""
        if self._width:
            spent = self._timer() - self._began
            self._say(f"{self._what}: {self._done:,} {self._unit} in {_span(spent)}")
            self._stream.write("\n")
            self._stream.flush()

    def _line(self, spent: float) -> str:
        rate = self._done / spent
        of = f" of {self._total:,}" if self._total else ""
        left = max(0, (self._total or 0) - self._done)
        eta = f", {_span(left / rate)} left" if self._total and rate else ""
        return f"{self._what}: {self._done:,}{of} {self._unit}, {rate:,.0f}/s{eta}"

    def _say(self, line: str) -> None:
        self._stream.write("\r" + line.ljust(self._width))
        self._stream.flush()
        self._width = len(line)


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60:02} min" if hours else f"{rest // 60} min {rest % 60:02} s"


def lines_of(file: Path) -> int | None:
    """Return how many rows a text file has at most, None for a workbook (a zip file) and for what is no file."""
    if not file.is_file():
        return None
    with file.open("rb") as data:
        if data.read(2) == b"PK":
            return None
        data.seek(0)
        return sum(chunk.count(b"\n") for chunk in iter(lambda: data.read(_CHUNK), b""))
