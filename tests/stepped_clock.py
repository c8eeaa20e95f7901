"""A clock that tests move by hand."""

from datetime import datetime, timedelta


class SteppedClock:
    """Time that moves only when told."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, by: timedelta) -> None:
        self._now += by
