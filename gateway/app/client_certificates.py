"""TLS at the partner port: our certificate, and which partner a client certificate belongs to.

A partner's HTTP channel names what it connects with: client_certificate alone pins that very certificate; together
with client_name it names an authority, and the certificate must be issued by it and carry that name.
"""

import asyncio
import logging
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from gateway.app.instance import Instance
from gateway.codecs.cms.identity import Certificate, load_certificates
from gateway.model.faults import OurFault
from gateway.model.key_window import KeyWindow, current, read_windows
from gateway.model.partner import ChannelSettings
from gateway.ports.shell import KeyPair
from gateway.store.keys import client_anchors, is_client

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0


@dataclass(kw_only=True)
class PartnerTls:
    """One listener's TLS. context is the live one: what refresh() loads counts from the next connection on."""

    instance: Instance
    keys: tuple[KeyWindow, ...]
    context: ssl.SSLContext = field(default_factory=lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    _loaded: tuple[str, bytes] = ("", b"")
    _anchors: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.verify_mode = ssl.CERT_OPTIONAL  # who shows none needs an API key, or speaks AS2
        self.context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # a pinned certificate need not be an authority's

    def refresh(self) -> None:
        """Load what has changed: our certificate, and the partners' new ones. What a partner no longer uses may still
        shake hands, and is then nobody's. Raises OurFault keys.*."""
        now = self.instance.wall.now()
        store = self.instance.keys
        candidates = [(window, window.name) for window in self.keys]
        name = current(candidates, now, lambda each: _first(store.own(each)).is_valid_at(now))
        if name is None:
            raise OurFault("keys.none-valid", value="listen.partners.tls", partner="self")
        certificate_pem = store.own(name).certificate_pem
        if self._loaded != (name, certificate_pem):
            store.load_chain(name, self.context)
            self._loaded = (name, certificate_pem)
        for pem in (pem for _, _, pems in self._agreed() for pem in pems):
            if pem not in self._anchors:
                self.context.load_verify_locations(cadata=client_anchors(pem))
                self._anchors.add(pem)

    def partner(self, der: bytes) -> str | None:
        """Return the partner that connects with this certificate; None when it is nobody's."""
        for partner, name, pems in self._agreed():
            if any(is_client(der, pem, name) for pem in pems):
                return partner
        return None

    def _agreed(self) -> Iterator[tuple[str, str, list[bytes]]]:
        """Yield (partner, client_name, certificates that count now)."""
        for partner in list(self.instance.book.partners.values()):
            for channel in partner.channels.values():
                if channel.kind == "http" and channel.settings.get("client_certificate"):
                    yield partner.id, channel.settings.get("client_name", ""), self._pems(partner.id, channel)

    def _pems(self, partner: str, channel: ChannelSettings) -> list[bytes]:
        now = self.instance.wall.now()
        try:
            windows = read_windows(channel.settings["client_certificate"])
            return [self.instance.keys.certificate(each.name) for each in windows if each.counts_at(now)]
        except OurFault as fault:
            log.warning("client certificate of %s: %s %s", partner, fault.code, fault.value or "")
            return []


def _first(pair: KeyPair) -> Certificate:
    return load_certificates(pair.certificate_pem)[0]


async def follow(tls: PartnerTls) -> None:
    """Look for new certificates every few seconds until cancelled."""
    await tls.instance.rounds.keep("partner-certificates", LOOK_EVERY_S, partial(asyncio.to_thread, tls.refresh))
