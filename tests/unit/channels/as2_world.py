"""Two companies that speak AS2 with each other over loopback, each with product channels and a journal in memory."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace

from aiohttp import web

from gateway.channels.as2 import As2Channel
from gateway.channels.listener import start_listener
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.model.faults import OurFault
from gateway.model.partner import ChannelSettings, OwnCompany, Partner
from gateway.model.payload import MemoryPayload
from gateway.model.values import PartnerId
from gateway.ports.records import Accepted, Arrival, ParcelRow, Receipt
from gateway.ports.shell import KeyPair
from gateway.store.keys import FileKeys

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
EDIFACT = b"UNA:+.? 'UNB+UNOC:3+ALPHA+BETA+261121:1200+1'UNH+1+ORDERS:D:96A:UN'UNT+2+1'UNZ+1+1'"


@cache
def key_pair(name: str, made_at: datetime = NOW) -> KeyPair:
    """Return a key made once per test run."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return FileKeys(Path(folder), passphrase=b"for tests").create_own("self", name, made_at)


@dataclass
class MemoryKeys:
    """ports.shell.Keys in memory."""

    pair: KeyPair
    certificates: dict[str, bytes]
    secrets: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    pairs: dict[str, KeyPair] = field(default_factory=dict)

    def own(self, name: str) -> KeyPair:
        return self.pairs.get(name, self.pair)

    def certificate(self, name: str) -> bytes:
        if name not in self.certificates:
            raise OurFault("keys.missing", value=name, kind="certificates")
        return self.certificates[name]

    def secret(self, name: str) -> str:
        if name not in self.secrets:
            raise OurFault("keys.missing", value=name, kind="secrets")
        return self.secrets[name]

    def partner_for_token(self, token: str) -> str | None:
        return self.tokens.get(token)


class MemoryInbox:
    """What accept promises: kept before it returns, repeats and clashes told apart."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.contents: list[bytes] = []
        self._seen: dict[str, tuple[str, str, Receipt | None]] = {}

    async def accept(self, arrival: Arrival) -> Accepted:
        if arrival.dedupe_key is not None and arrival.dedupe_key in self._seen:
            digest, first_id, receipt = self._seen[arrival.dedupe_key]
            if digest == arrival.payload.sha256:
                return Accepted(outcome="repeat", arrival_id=first_id, receipt=receipt)
            return Accepted(outcome="clash", arrival_id=arrival.id)
        if arrival.dedupe_key is not None:
            self._seen[arrival.dedupe_key] = (arrival.payload.sha256, arrival.id, arrival.receipt)
        self.arrivals.append(arrival)
        self.contents.append(b"".join(arrival.payload.chunks()))
        return Accepted(outcome="new", arrival_id=arrival.id, receipt=arrival.receipt)


@dataclass
class Book:
    own: OwnCompany
    partners: list[Partner]

    def partner_by_as2_id(self, as2_id: str) -> Partner | None:
        return next((each for each in self.partners if each.channels["as2"].settings["id"] == as2_id), None)


def as2_partner(partner_id: str, **settings: str) -> Partner:
    return Partner(
        id=PartnerId(partner_id),
        name=partner_id,
        channels={"as2": ChannelSettings(kind="as2", settings=settings)},
    )


def parcel(data: bytes = EDIFACT, *, number: int = 1, filename: str = "order.edi") -> ParcelRow:
    return ParcelRow(
        id=f"00000000-0000-7000-8000-{number:012d}",
        partner="beta",
        channel="as2",
        payload=MemoryPayload(data),
        content_type="application/EDIFACT",
        filename=filename,
        attempts=0,
        epoch=1,
        wrapped=None,
        expects=None,
        test=False,
    )


@dataclass
class Company:
    channel: As2Channel
    inbox: MemoryInbox
    keys: MemoryKeys
    book: Book
    outbound: Outbound
    runner: web.AppRunner | None = None

    @property
    def port(self) -> int:
        assert self.runner is not None
        return int(self.runner.addresses[0][1])

    def other(self, **settings: str) -> Partner:
        """Change settings of the one partner and return it."""
        old = self.book.partners[0]
        merged = {**old.channels["as2"].settings, **settings}
        self.book.partners[0] = as2_partner(old.id, **merged)
        return self.book.partners[0]


def company(name: str, other: str, **settings: str) -> Company:
    """Return a company that knows one partner."""
    ids = (f"{name}-{number}" for number in count(1))
    keys = MemoryKeys(key_pair(name), {other: key_pair(other).certificate_pem})
    own = as2_partner("self", id=name, key="self")
    partner = as2_partner(other, id=other, certificate=other, **settings)
    book = Book(own=SimpleNamespace(partner=own), partners=[partner])  # type: ignore[arg-type]
    outbound = Outbound(AddressGuard(["127.0.0.0/8"]), timeout_s=20)
    channel = As2Channel(
        book=lambda: book,
        keys=keys,
        instance=f"{name}.example",
        new_id=lambda: next(ids),
        outbound=outbound,
        now=lambda: NOW,
        limit_bytes=5_000_000,
    )
    return Company(channel=channel, inbox=MemoryInbox(), keys=keys, book=book, outbound=outbound)


@asynccontextmanager
async def two_companies() -> AsyncIterator[tuple[Company, Company]]:
    """Yield (alpha, beta), both listening; each has the other's address."""
    both = company("alpha", "beta"), company("beta", "alpha")
    for each in both:
        each.runner = await start_listener("127.0.0.1", 0, [each.channel], each.inbox.accept)
    for each, far in (both, both[::-1]):
        each.other(url=f"http://127.0.0.1:{far.port}/as2")
    try:
        yield both
    finally:
        for each in both:
            await each.outbound.close()
            assert each.runner is not None
            await each.runner.cleanup()
