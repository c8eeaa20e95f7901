"""What a behaviour hands to its mailbox, and what every behaviour is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Protocol

from gateway.demo.edifact_texts import Envelope, Read, contrl
from gateway.demo.mailbox import Kept
from gateway.demo.settings import PartnerSettings

EDIFACT = "application/EDIFACT"
XML = "application/xml"
JSON = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A document to send. key: the partner's own name for it; the same key is sent once, ever."""

    key: str
    kind: str
    number: str
    data: bytes
    content_type: str


class Behaviour(Protocol):
    """What a partner does. Everything follows from settings, the date, and what the mailbox holds."""

    def day(self, now: datetime) -> list[Outgoing]:
        """Return the routine of the day of now; asked twice it returns the same documents under the same keys."""

    def react(self, kept: Kept, data: bytes, at: datetime) -> list[Outgoing]:
        """Return what goes out at once when a document comes in. Called again for old documents at every start."""

    def act(self, what: str, params: Mapping[str, Any], now: datetime) -> list[Outgoing]:
        """Return the documents of one single act. Raises ValueError when it is none that this partner knows."""

    def report(self) -> list[dict[str, Any]]:
        """Return what happens outside the wire since the last call: the trucks that have left."""


def reference_for(settings: PartnerSettings, key: str) -> str:
    """Return the interchange reference for key: 14 digits, the same each time, new after a reset."""
    return str(int(sha256(f"{settings.run}|{settings.name}|{key}".encode()).hexdigest(), 16))[:14]


def message_id_for(settings: PartnerSettings, key: str) -> str:
    """Return the Message-ID (without angle brackets) or Idempotency-Key for key; the same on every attempt."""
    return f"{sha256(f'{settings.run}|{key}'.encode()).hexdigest()[:24]}.{settings.run}@{settings.name}"


def envelope_for(settings: PartnerSettings, key: str, at: datetime) -> Envelope:
    return Envelope(
        sender=settings.gln,
        receiver=settings.gateway_gln,
        reference=reference_for(settings, key),
        at=at,
        directory=settings.directory,
    )


def contrl_for(settings: PartnerSettings, received: Read, at: datetime) -> list[Outgoing]:
    """Return the CONTRL for a received interchange; none for a CONTRL, which is never acknowledged itself."""
    if received.kind == "CONTRL":
        return []
    key = f"CONTRL-{received.sender[0]}-{received.reference}"
    data = contrl(received, reference_for(settings, key), at)
    return [Outgoing(key=key, kind="CONTRL", number=received.reference, data=data, content_type=EDIFACT)]


def run_act(
    acts: Mapping[str, Callable[[Mapping[str, Any], datetime], Sequence[Outgoing]]],
    what: str,
    params: Mapping[str, Any],
    now: datetime,
) -> list[Outgoing]:
    """Call the act named what. Raises ValueError with the names that exist."""
    act = acts.get(what)
    if act is None:
        raise ValueError(f"no act {what!r}; there are: {', '.join(sorted(acts)) or 'none'}")
    return list(act(params, now))
