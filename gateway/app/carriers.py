"""One connection that carries many partners: a value-added network, or a service provider.

The provider is a partner with a connection of its own, whose channel says whom it `carries`. What comes over it is
given to the partner that the interchange names as sender, when the provider may speak for that one; everything else
stays with the provider, where the sender is then refused as not allowed. On the way out a carried partner's channel is
of kind `via` and names the provider's.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from hashlib import sha256

from gateway.codecs.envelope import Opened, read_parts
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.partner import Partner
from gateway.model.payload import MemoryPayload, Payload
from gateway.pipeline.book import Book
from gateway.ports.records import Accepted, Arrival
from gateway.ports.shell import Accept

VIA = "via"
_SMALL = 1_048_576  # bytes of a part that is held in memory while it is accepted


def carried_by(partner: Partner) -> Set[str]:
    """Return the ids of the partners that this one may speak for."""
    lists = (each.settings.get("carries", "") for each in partner.channels.values())
    return {name.strip() for names in lists for name in names.split(",") if name.strip()}


def connection_of(book: Book, partner: Partner, over: str) -> tuple[Partner, str]:
    """Return whose channel is really used, and its key. Raises OurFault parcel.no-channel, partner.unknown."""
    channel = partner.channels.get(over)
    if channel is None:
        raise OurFault("parcel.no-channel", value=over, partner=partner.id)
    if channel.kind != VIA:
        return partner, over
    provider, key = book.partner(channel.settings["partner"]), channel.settings["over"]
    if key not in provider.channels or provider.channels[key].kind == VIA or partner.id not in carried_by(provider):
        raise OurFault("parcel.no-channel", value=key, partner=provider.id)
    return provider, key


@dataclass(frozen=True, slots=True)
class _Slice:
    """Some bytes of another payload."""

    source: Payload
    start: int
    size_bytes: int
    sha256: str

    def chunks(self) -> Iterator[bytes]:
        return _cut(self.source, self.start, self.start + self.size_bytes)


def _cut(source: Payload, start: int, end: int) -> Iterator[bytes]:
    at = 0
    for chunk in source.chunks():
        piece = chunk[max(start - at, 0) : max(end - at, 0)]
        at += len(chunk)
        if piece:
            yield piece
        if at >= end:
            return


@dataclass(kw_only=True)
class Carriers:
    """Stands before accept. What one transmission holds for several partners becomes an arrival for each run of
    interchanges of one of them; the first carries the receipt and is accepted last, so that all are kept by then."""

    book: Callable[[], Book]
    accept: Accept
    new_id: Callable[[], str]

    async def take(self, arrival: Arrival) -> Accepted:
        """See ports.shell.Accept. A clash of one part is a clash of the transmission."""
        carried = carried_by(self.book().partner(arrival.partner))
        if not carried or arrival.fault_code is not None:
            return await self.accept(arrival)
        runs = await asyncio.to_thread(self._runs, arrival, carried)
        if len(runs) == 1:
            return await self.accept(_given(arrival, runs[0][0], arrival.payload))
        parts = _parts(arrival.payload, [end for _, end in runs])
        first = await asyncio.to_thread(next, parts)
        for number, (partner, _) in enumerate(runs[1:], start=1):
            payload = await asyncio.to_thread(next, parts)
            key = f"{arrival.dedupe_key}:interchange:{number}" if arrival.dedupe_key else None
            part = replace(arrival, id=self.new_id(), dedupe_key=key, receipt=None, raw=None, answers=())
            accepted = await self.accept(_given(part, partner, payload))
            if accepted.outcome == "clash":
                return accepted
        return await self.accept(_given(arrival, runs[0][0], first))

    def _runs(self, arrival: Arrival, carried: Set[str]) -> list[tuple[str, int]]:
        """Return (partner, where its bytes end) in the order of the file; each begins where the one before ends."""
        starts: list[tuple[int, str]] = []
        try:
            for part in read_parts(arrival.payload.chunks()):
                if isinstance(part, Opened):
                    found = self.book().partner_by_identifier(part.header.sender)
                    partner = found.id if found is not None and found.id in carried else arrival.partner
                    if not starts or starts[-1][1] != partner:
                        starts.append((part.start if starts else 0, partner))
        except PartnerFault:  # not EDIFACT, or damaged: told where it is read
            pass
        if not starts:
            return [(arrival.partner, arrival.payload.size_bytes)]
        ends = [start for start, _ in starts[1:]] + [arrival.payload.size_bytes]
        return [(name, end) for (_, name), end in zip(starts, ends, strict=True)]


def _parts(source: Payload, ends: Iterable[int]) -> Iterator[Payload]:
    """Yield the parts that end there, reading once: a small part is held in memory, so that a file of very many is not
    read again for each. A large one is read again from its file."""
    chunks, chunk, at, start = source.chunks(), b"", 0, 0
    for end in ends:
        left, running, held = end - start, sha256(), list[bytes]()
        small = left <= _SMALL
        while left:
            if at == len(chunk):
                chunk, at = next(chunks), 0
            piece = chunk[at : at + left]
            at, left = at + len(piece), left - len(piece)
            if small:
                held.append(piece)
            else:
                running.update(piece)
        yield MemoryPayload(b"".join(held)) if small else _Slice(source, start, end - start, running.hexdigest())
        start = end


def _given(arrival: Arrival, partner: str, payload: Payload) -> Arrival:
    if partner == arrival.partner:
        return replace(arrival, payload=payload)
    evidence = {**arrival.evidence, "carried_by": arrival.partner}
    return replace(arrival, partner=partner, payload=payload, evidence=evidence)
