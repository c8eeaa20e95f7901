"""Looks after certificates: a case 60, 30 and 7 days before one that is in use expires, and nothing on other days."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256

from gateway.app.instance import Instance
from gateway.channels.as2_line import own_identities, partner_certificates
from gateway.codecs.cms.identity import Certificate, load_certificates
from gateway.model.faults import OurFault
from gateway.model.key_window import KeyWindow, read_windows
from gateway.model.partner import Partner
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.ports.shell import Keys

log = logging.getLogger(__name__)

ALARM_DAYS = (7, 30, 60)
LOOK_EVERY_S = 3_600.0
JOB_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiry:
    """A certificate in use that ends soon. threshold: the alarm it has reached, in days."""

    partner: str
    name: str
    on: datetime
    days: int
    threshold: int


def expiring(book: Book, keys: Keys, now: datetime, tls: str | None = None) -> list[Expiry]:
    """Return every certificate of an AS2 channel or a TLS connection that counts now and ends within the first alarm,
    or has ended. tls: our own keys of the partner port, with windows.

    One that a later certificate of the same list stands in for is no longer looked at: it may end."""
    found: list[Expiry] = []
    for partner, entries in _in_use(book, keys, tls):
        counting = [(window, each) for window, each in entries if window.counts_at(now)]
        for window, certificate in counting:
            if any(_replaces(other, certificate, now) for other in counting):
                continue
            days = (certificate.not_after - now).days
            reached = next((each for each in ALARM_DAYS if days <= each), None)
            if reached is not None:
                ends = certificate.not_after
                found.append(Expiry(partner=partner.id, name=window.name, on=ends, days=days, threshold=reached))
    return found


def _replaces(other: tuple[KeyWindow, Certificate], certificate: Certificate, now: datetime) -> bool:
    window, newer = other
    return window.is_open_at(now) and newer.is_valid_at(now) and newer.not_after > certificate.not_after


def _in_use(book: Book, keys: Keys, tls: str | None) -> Iterator[tuple[Partner, list[tuple[KeyWindow, Certificate]]]]:
    own = book.own.partner
    try:
        yield own, [(window, each.certificate) for window, each in own_identities(own, keys)]
    except OurFault as fault:
        log.warning("own keys: %s %s", fault.code, fault.value or "")
    try:
        windows = read_windows(tls) if tls else ()
        yield own, [(window, load_certificates(keys.own(window.name).certificate_pem)[0]) for window in windows]
    except OurFault as fault:
        log.warning("keys of the partner port: %s %s", fault.code, fault.value or "")
    for partner in book.partners.values():
        for channel in partner.channels.values():
            setting = {"as2": "certificate", "http": "client_certificate"}.get(channel.kind, "")
            if partner.id == book.own.partner.id or not channel.settings.get(setting):
                continue
            try:
                named = {"certificate": channel.settings[setting]}
                yield partner, partner_certificates(partner, named, keys)
            except OurFault as fault:
                log.warning("certificates of %s: %s %s", partner.id, fault.code, fault.value or "")


def open_cases(tx: Tx, found: list[Expiry], now: datetime) -> int:
    """Open a case for each, once per alarm over all nodes; return how many were opened."""
    opened = 0
    for each in found:
        if tx.tick(_job(each), each.on):
            params = {"name": each.name, "partner": each.partner, "days": str(each.days), "on": f"{each.on:%Y-%m-%d}"}
            tx.add_case(each.partner, "keys.expires-soon", f"{each.name}:{each.threshold}", params, now)
            opened += 1
    return opened


def _job(found: Expiry) -> str:
    """Return the name of an alarm, one for each partner, key and threshold; at most 80 characters can be kept."""
    name = f"expiry:{found.partner}:{found.name}:{found.threshold}"
    return name if len(name) <= JOB_LENGTH else f"expiry:{sha256(name.encode()).hexdigest()}"


async def watch(instance: Instance) -> None:
    """Look every hour until cancelled."""
    await instance.rounds.keep("certificates", LOOK_EVERY_S, partial(asyncio.to_thread, look, instance))


def look(instance: Instance) -> int:
    """Look once; return how many cases were opened."""
    wall = instance.wall.now().astimezone(UTC)
    found = expiring(instance.book, instance.keys, wall, instance.settings.partners_port.tls)
    return instance.journal.write(lambda tx: open_cases(tx, found, instance.clock.now())) if found else 0
