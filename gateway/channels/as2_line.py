"""The two ends of an AS2 relation: settings and keys of ours and of the partner, loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from gateway.codecs.as2 import Protection
from gateway.codecs.cms.identity import Certificate, Identity, load_certificates, load_identity
from gateway.model.faults import OurFault
from gateway.model.partner import ChannelSettings, OwnCompany, Partner
from gateway.ports.shell import Keys

RECEIPTS = ("signed-sync", "unsigned-sync", "none")


class AddressBook(Protocol):
    """What this channel needs of pipeline.book.Book."""

    @property
    def own(self) -> OwnCompany: ...

    def partner_by_as2_id(self, as2_id: str) -> Partner | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Both ends of one AS2 relation, keys loaded. own_id: as the partner knows us."""

    own_id: str
    identity: Identity
    partner_id: str
    pinned: tuple[Certificate, ...]
    protection: Protection
    receipt: str
    url: str


def _setting(settings: Mapping[str, str], name: str, partner: str) -> str:
    value = settings.get(name, "")
    if not value:
        raise OurFault("as2.setting-missing", value=name, partner=partner)
    return value


def as2_settings(partner: Partner, as2_id: str | None = None) -> ChannelSettings:
    for each in partner.channels.values():
        if each.kind == "as2" and as2_id in (None, each.settings.get("id")):
            return each
    raise OurFault("as2.setting-missing", value="channels.as2", partner=partner.id)


def load_line(own: Partner, partner: Partner, channel: ChannelSettings, keys: Keys) -> Line:
    """Load what both ends need. Raises OurFault as2.setting-missing, keys.*."""
    ours = as2_settings(own).settings
    pair = keys.own(_setting(ours, "key", own.id))
    settings = channel.settings
    try:
        protection = Protection.read(settings.get("security", "signed+encrypted"))
    except ValueError as error:
        raise OurFault("as2.setting-missing", value="security", partner=partner.id) from error
    receipt = settings.get("receipt", "signed-sync")
    if receipt not in RECEIPTS:
        raise OurFault("as2.setting-missing", value="receipt", partner=partner.id)
    return Line(
        own_id=_setting(ours, "id", own.id),
        identity=load_identity(pair.private_pem, pair.certificate_pem),
        partner_id=_setting(settings, "id", partner.id),
        pinned=load_certificates(keys.certificate(_setting(settings, "certificate", partner.id))),
        protection=protection,
        receipt=receipt,
        url=settings.get("url", ""),
    )
