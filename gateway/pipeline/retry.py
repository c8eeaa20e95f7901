"""When to try again, and when to stop."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Waits that double from first to longest, of which jitter takes up to half; parked after attempts."""

    first: timedelta = timedelta(seconds=5)
    longest: timedelta = timedelta(hours=1)
    attempts: int = 12

    def next_at(self, attempts: int, now: datetime, jitter: float) -> datetime | None:
        """Return when to try again after `attempts` tries, None when to stop. jitter: 0 to 1, made by the shell."""
        if attempts >= self.attempts:
            return None
        doublings = min(attempts - 1, 20)
        wait = min(self.longest, self.first * (1 << doublings))
        return now + wait * (0.5 + 0.5 * jitter)
