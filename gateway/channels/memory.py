"""A channel in memory: takes parcels into a list, hands arrivals over without a network. For tests and trials."""

from collections.abc import Callable
from dataclasses import dataclass

from gateway.model.faults import Fault
from gateway.model.partner import Partner
from gateway.model.payload import MemoryPayload, read_all
from gateway.ports.records import Accepted, Arrival, ParcelRow, Proof, Wrapped
from gateway.ports.shell import Accept


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One parcel as it was taken."""

    partner: str
    wrapped: Wrapped


class MemoryChannel:
    """ports.shell.Channel. fails: faults that the next sends raise, first one first; seen: transport ids taken."""

    name = "memory"

    def __init__(self, *, new_id: Callable[[], str], limit_bytes: int = 50_000_000) -> None:
        self._new_id = new_id
        self._limit_bytes = limit_bytes
        self.sent: list[Sent] = []
        self.fails: list[Fault] = []

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        return Wrapped(
            headers=(("Content-Type", parcel.content_type), ("X-Filename", parcel.filename)),
            body=read_all(parcel.payload, self._limit_bytes),
            transport_id=parcel.id,
        )

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        """Take the parcel; taking the same one again changes nothing. Raises what stands first in fails."""
        if self.fails:
            raise self.fails.pop(0)
        if all(each.wrapped.transport_id != wrapped.transport_id for each in self.sent):
            self.sent.append(Sent(partner=partner.id, wrapped=wrapped))
        return Proof(state="acked", evidence={"channel": "memory"})

    async def receive(
        self,
        accept: Accept,
        partner: str,
        data: bytes,
        *,
        content_type: str = "application/octet-stream",
        key: str | None = None,
        filename: str | None = None,
        test: bool = False,
    ) -> Accepted:
        """Hand data over as if partner had sent it. key: the same key and data again is a repeat."""
        return await accept(
            Arrival(
                id=self._new_id(),
                channel=self.name,
                partner=partner,
                payload=MemoryPayload(data),
                content_type=content_type,
                filename=filename,
                dedupe_key=f"memory:{partner}:{key}" if key else None,
                transport_id=key,
                test=test,
            )
        )
