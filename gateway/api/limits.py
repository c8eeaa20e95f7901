"""How often one caller may ask: a bucket of tokens for each, filled at a steady rate, kept in this process.

Source: RFC 6585 section 4 (429), RFC 9110 section 10.2.3 (Retry-After).
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil

from aiohttp import web

from gateway.model.faults import OurFault

MOST_CALLERS = 10_000  # remembered at once; the one unseen for longest is forgotten first, with a full bucket


@dataclass(slots=True)
class Buckets:
    """rate: tokens a second. burst: how many a full bucket holds. timer: seconds, of any origin."""

    rate: float
    burst: float
    timer: Callable[[], float]
    _kept: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def take(self, caller: str, tokens: float = 1.0) -> None:
        """Raises OurFault api.too-many (seconds until there is a token again)."""
        left = self.left(caller)
        if left < tokens:
            raise OurFault("api.too-many", seconds=str(max(1, ceil((tokens - left) / self.rate))))
        self._kept[caller] = (left - tokens, self.timer())
        self._kept.move_to_end(caller)
        while len(self._kept) > MOST_CALLERS:
            self._kept.popitem(last=False)

    def left(self, caller: str) -> float:
        """Return how many requests a caller has left now."""
        tokens, at = self._kept.get(caller, (self.burst, 0.0))
        return min(self.burst, tokens + (self.timer() - at) * self.rate) if caller in self._kept else self.burst


@dataclass(frozen=True, slots=True)
class Limits:
    """callers: by name, of whoever is known. strangers: by address, of requests that nobody known has sent."""

    callers: Buckets
    strangers: Buckets


def make_limits(timer: Callable[[], float]) -> Limits:
    """Return the limits: 100 calls a second of one caller, 5 of an address that nobody signed in from."""
    return Limits(
        callers=Buckets(rate=100.0, burst=1000.0, timer=timer), strangers=Buckets(rate=5.0, burst=50.0, timer=timer)
    )


LIMITS = web.AppKey("limits", Limits)
