"""Testing the way to a partner rung by rung: what works, which rung fails, and by its fault what to do.

settings -> certificates -> name -> connection (TLS) -> a small message -> its receipt. Each rung needs those before it.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from yarl import URL

from gateway.app.carriers import connection_of
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.app.sending import channel_for
from gateway.channels.as2 import As2Channel
from gateway.channels.as2_line import Line, load_line
from gateway.channels.http_outbox import is_fetched
from gateway.channels.outbound import AddressGuard, Outbound
from gateway.model.faults import Fault, NetworkFault, OurFault
from gateway.model.partner import Partner
from gateway.model.payload import MemoryPayload
from gateway.ports.records import ParcelRow

WAIT_S = 15.0
ECHO = b"This is a test of the connection. Please ignore it.\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """name: settings, certificates, name, connection, message. fault: None when it holds."""

    name: str
    detail: str = ""
    fault: Fault | None = None


def try_way(instance: Instance, partner_id: str, *, over: str | None = None, echo: bool = False) -> list[Rung]:
    """climb for the command line."""
    return asyncio.run(climb(instance, partner_id, over=over, echo=echo))


class _Rungs(list[Rung]):
    """Tells each rung when it is known."""

    def __init__(self, told: Callable[[Rung], None]) -> None:
        super().__init__()
        self.told = told

    def append(self, rung: Rung) -> None:
        super().append(rung)
        self.told(rung)


async def climb(
    instance: Instance,
    partner_id: str,
    *,
    over: str | None = None,
    echo: bool = False,
    told: Callable[[Rung], None] = lambda rung: None,
) -> list[Rung]:
    """Return the rungs up to the first that fails. echo: really send a small text message and judge its receipt.

    told: is given each rung as soon as it is known.
    Raises OurFault partner.unknown, parcel.no-channel."""
    partner = instance.book.partner(partner_id)
    partner, chosen = connection_of(instance.book, partner, channel_for(partner, over))
    channel = partner.channels[chosen]
    url = channel.settings.get("url", "")
    rungs = _Rungs(told)
    try:
        if channel.kind == "as2":
            line = load_line(instance.book.own.partner, partner, channel, instance.keys, instance.wall.now())
            rungs.append(Rung(name="settings", detail=f"{line.own_id} -> {line.partner_id}, {line.protection.name}"))
            rungs.append(_certificates(line, partner, instance.wall.now()))
        if channel.kind in ("folder", "portal") or is_fetched(partner, chosen):  # there is nobody to call
            detail = channel.settings.get("folder", "the partner fetches from /outbox")
            rungs.append(Rung(name="settings", detail=detail))
            return rungs
        if not url:
            kind = "as2" if channel.kind == "as2" else "http"
            raise OurFault(f"{kind}.setting-missing", value="url", partner=partner.id)
        rung, address = await _name(instance, url)
        rungs.append(rung)
        rungs.append(await _connection(url, address))
        if echo and channel.kind == "as2":
            rungs.append(await _message(instance, partner, chosen))
    except Fault as fault:
        names = ("settings", "certificates", "name", "connection", "message")
        first = 0 if channel.kind == "as2" else 2
        place = 0 if fault.code.endswith(".setting-missing") else min(first + len(rungs), 4)
        rungs.append(Rung(name=names[place], fault=fault))
    return rungs


def _certificates(line: Line, partner: Partner, now: datetime) -> Rung:
    if line.recipient is None:
        raise OurFault("keys.none-valid", value="certificate", partner=partner.id)
    ours, theirs = line.identity.certificate.not_after, line.recipient.not_after
    return Rung(
        name="certificates",
        detail=f"ours {(ours - now).days} days, theirs {(theirs - now).days} days ({line.recipient.fingerprint[:16]})",
    )


async def _name(instance: Instance, url: str) -> tuple[Rung, str]:
    """Return the rung and the address to connect to: the name may stand for another one a moment later."""
    target = URL(url)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NetworkFault("http.unreachable", value=target.host, detail=type(error).__name__) from error
    addresses = sorted({str(each[4][0]) for each in found})
    guard = AddressGuard(str(each) for each in instance.settings.allow_networks)
    allowed = [each for each in addresses if guard.allows(each)]
    if not allowed:
        raise OurFault("http.address-refused", value=f"{target.host} ({', '.join(addresses)})")
    return Rung(name="name", detail=f"{target.host} is {', '.join(addresses)}"), allowed[0]


async def _connection(url: str, address: str) -> Rung:
    target = URL(url)
    context = ssl.create_default_context() if target.scheme == "https" else None
    try:
        async with asyncio.timeout(WAIT_S):
            name = target.host if context else None
            _, writer = await asyncio.open_connection(address, target.port, ssl=context, server_hostname=name)
    except TimeoutError as error:
        raise NetworkFault("http.timeout", value=target.host) from error
    except OSError as error:  # of which ssl.SSLError is one: its words name the cause
        detail = str(error)[:200]
        raise NetworkFault("http.unreachable", value=f"{target.host}:{target.port}", detail=detail) from error
    tls = writer.get_extra_info("ssl_object")
    writer.close()
    detail = f"{tls.version()}, certificate until {tls.getpeercert()['notAfter']}" if tls else "without TLS"
    return Rung(name="connection", detail=detail)


async def _message(instance: Instance, partner: Partner, over: str) -> Rung:
    outbound = Outbound(AddressGuard(str(each) for each in instance.settings.allow_networks))
    now = instance.wall.now()
    channel = As2Channel(
        book=lambda: instance.book,
        keys=instance.keys,
        instance=instance.settings.instance,
        new_id=lambda: uuid7(now),
        outbound=outbound,
        now=instance.wall.now,
    )
    parcel = ParcelRow(
        id=uuid7(now), partner=partner.id, channel=over, payload=MemoryPayload(ECHO), content_type="text/plain",
        filename="connection-test.txt", attempts=1, epoch=0, wrapped=None, expects=None, test=True,
    )  # fmt: skip
    try:
        proof = await channel.send(await asyncio.to_thread(channel.wrap, parcel, partner, over), partner, over)
    finally:
        await outbound.close()
    return Rung(name="message", detail=f"{proof.state}: {proof.evidence.get('disposition', 'taken')}")
