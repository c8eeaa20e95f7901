"""The other ports: channels, engine, workers, clock, keys, blobs."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from gateway.model.faults import Fault
from gateway.model.partner import Partner
from gateway.model.payload import Payload
from gateway.ports.records import Accepted, Arrival, ParcelRow, Proof, Wrapped

Accept = Callable[[Arrival], Awaitable[Accepted]]


class Channel(Protocol):
    """One protocol's way out (and, mounted on a listener, in). Moves opaque bytes; knows no format and no rule.

    Receiving: a channel answers "received" only after accept returned; by then the bytes are durable.
    """

    name: str  # as written in partner.yaml

    def wrap(self, parcel: ParcelRow, partner: Partner, over: str) -> Wrapped:
        """Sign, encrypt, address: once per parcel. Same parcel id, same Message-ID. Raises OurFault."""

    async def send(self, wrapped: Wrapped, partner: Partner, over: str) -> Proof:
        """Deliver once and return the proof. Never retries. Raises a Fault, temporary when trying again may help."""


KEY_KINDS = ("rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384")  # what a key store can make


@runtime_checkable
class Explains(Protocol):
    """A channel that can say more about a failed delivery than its fault does."""

    def explain(self, fault: Fault, parcel: ParcelRow, wrapped: Wrapped) -> Fault:
        """Return fault, or one that names the cause. May take a while; called outside transactions, in a thread."""


class ReceiptDesk(Protocol):
    """Where a proof goes that comes on a connection of its own (an asynchronous MDN)."""

    async def parcel(self, partner: str, transport_id: str) -> ParcelRow | None:
        """Return the wrapped parcel that went to partner under that transport id."""

    async def settle(self, parcel: ParcelRow, outcome: Proof | Fault) -> None:
        """Write what came of it. A second call for the same parcel changes nothing."""


class Clock(Protocol):
    """Where the time comes from: the core is given it."""

    def now(self) -> datetime:
        """The gateway's time, UTC. May run faster than real time in simulations."""


class Engine(Protocol):
    """Carries "lane has work". Wakes are hints: losing one costs a second, the sweeper finds the rest."""

    def wake(self, lane: str) -> None: ...

    def sweep(self, lanes: Iterable[str]) -> None:
        """Take every lane that has work, as the sweeper found it a moment ago: they are worked off here or elsewhere
        even when every wake is lost."""

    async def run(self, handler: Callable[[str], Awaitable[None]]) -> None:
        """Call handler(lane) for each woken lane, each lane at most once at a time, until cancelled."""

    def health(self) -> dict[str, int]: ...


@dataclass(frozen=True, slots=True)
class KeyPair:
    """name in the key store, PKCS#8 PEM of the private key, PEM of the certificate."""

    name: str
    private_pem: bytes
    certificate_pem: bytes


class Keys(Protocol):
    """Private keys, partner certificates and secrets by name. Never in definitions, logs or audit."""

    def own(self, name: str) -> KeyPair:
        """Raises OurFault keys.missing."""

    def certificate(self, name: str) -> bytes:
        """Return a partner's certificate, PEM. Raises OurFault keys.missing."""

    def secret(self, name: str) -> str:
        """Return a secret we present to a partner. Raises OurFault keys.missing."""

    def partner_for_token(self, token: str) -> str | None:
        """Return the partner id whose API key this is, comparing SHA-256 digests; None when unknown or revoked."""


class Blobs(Protocol):
    """Content-addressed bytes by SHA-256."""

    def put(self, payload: Payload) -> str:
        """Keep payload durably (fsync of file and folder) and return its digest."""

    def get(self, digest: str) -> Payload: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A loop of this process that failed at its last turn. times: turns that failed in a row. code: of the fault, None
    where it was none that we know."""

    name: str
    since: datetime
    times: int
    code: str | None
