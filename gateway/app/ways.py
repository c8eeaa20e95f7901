"""Which channel a parcel goes over: the agreed one, or its fallback while the agreed one cannot be reached.

In partner.yaml a channel names the next one: `fallback: http`, after `fallback_after` failed attempts in a row (3). A
parcel that may have arrived is not sent by another channel, unless `fallback_uncertain: yes` says that a repeat does
no harm. Once a minute one parcel tries the agreed channel again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.channels.as2_receipts import RECEIPT_MAPPING
from gateway.model.faults import Fault
from gateway.pipeline.book import Book
from gateway.ports.records import ParcelRow, Proof
from gateway.ports.shell import Clock

AFTER = "3"  # fewer than open the circuit breaker, so that the fallback is used before it
PROBE_EVERY = timedelta(minutes=1)
Reroute = Callable[[ParcelRow, str, bool], Awaitable[ParcelRow | None]]


@dataclass(slots=True)
class _Trouble:
    failures: int
    probe_at: datetime


@dataclass(kw_only=True)
class Ways:
    """What this node has seen of each partner's channels. reroute: writes the change; None when it is not allowed."""

    book: Callable[[], Book]
    clock: Clock
    reroute: Reroute
    _troubles: dict[tuple[str, str], _Trouble] = field(default_factory=dict)

    async def chosen(self, parcel: ParcelRow) -> ParcelRow:
        """Return the parcel with the channel that it shall go over now."""
        channels = self.book().partner(parcel.partner).channels
        for _ in channels:
            settings = channels[parcel.channel].settings if parcel.channel in channels else {}
            fallback = settings.get("fallback", "")
            if fallback not in channels or parcel.mapping == RECEIPT_MAPPING:
                break
            if not self._is_given_up(parcel, int(settings.get("fallback_after", AFTER))):
                break
            moved = await self.reroute(parcel, fallback, settings.get("fallback_uncertain") == "yes")
            if moved is None:
                break
            parcel = moved
        return parcel

    def note(self, parcel: ParcelRow, outcome: Proof | Fault) -> None:
        """Remember how an attempt ended: any answer of the far end, a refusal too, ends the trouble."""
        key = (parcel.partner, parcel.channel)
        if isinstance(outcome, Proof) or outcome.owner == "partner":
            self._troubles.pop(key, None)
        elif outcome.owner == "network":
            trouble = self._troubles.setdefault(key, _Trouble(0, self.clock.now()))
            trouble.failures += 1
            trouble.probe_at = self.clock.now() + PROBE_EVERY

    def _is_given_up(self, parcel: ParcelRow, after: int) -> bool:
        """True when the channel has failed often enough, for others or, before a restart, for this parcel."""
        trouble = self._troubles.get((parcel.partner, parcel.channel))
        if trouble is None:
            return parcel.attempts > after and parcel.wrapped is not None
        if trouble.failures < after:
            return False
        now = self.clock.now()
        if now < trouble.probe_at:
            return True
        trouble.probe_at = now + PROBE_EVERY
        return False
