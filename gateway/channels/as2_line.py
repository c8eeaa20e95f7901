"""The two ends of an AS2 relation: settings and keys of ours and of the partner, loaded for one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from yarl import URL

from gateway.codecs.as2 import COMPRESSIONS, RECEIPTS, Packaging, Protection, ReceiptRequest
from gateway.codecs.cms.algorithms import ACCEPTED_CIPHERS, ACCEPTED_DIGESTS, CIPHERS, DIGESTS, LEGACY_DIGESTS
from gateway.codecs.cms.identity import Certificate, Identity, load_certificates, load_identity
from gateway.model.faults import OurFault
from gateway.model.key_window import KeyWindow, current, read_windows
from gateway.model.partner import ChannelSettings, OwnCompany, Partner
from gateway.ports.shell import Keys

_KEY_TRANSPORTS = {"rsa": None, "rsa-oaep": "sha-256", "rsa-oaep-sha1": "sha-1", "rsa-oaep-sha512": "sha-512"}
_SIGNATURES = ("rsa", "rsa-pss")


class AddressBook(Protocol):
    """What this channel needs of pipeline.book.Book."""

    @property
    def own(self) -> OwnCompany: ...

    def partner_by_as2_id(self, as2_id: str) -> Partner | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Both ends of one AS2 relation, keys loaded. own_id: as the partner knows us.

    identity      signs now, messages and receipts; identities: all that may decrypt
    pinned        certificates of the partner that count now, for messages and receipts
    recipient     the one we encrypt for, None when none of them is valid
    receipt_url   where this partner's asynchronous receipts may go, empty: nowhere
    """

    own_id: str
    identity: Identity
    identities: tuple[Identity, ...]
    partner_id: str
    pinned: tuple[Certificate, ...]
    recipient: Certificate | None
    protection: Protection
    packaging: Packaging
    receipt: ReceiptRequest
    url: str
    receipt_url: str
    is_chunked: bool

    def receipt_target(self, asked: str, *, is_authentic: bool) -> str | None:
        """Return where an asynchronous receipt goes; None when no address was agreed.

        Only an authenticated message may choose a path, and only at the agreed origin: whoever just knows an AS2
        identifier makes us call nobody else."""
        if not self.receipt_url:
            return None
        try:
            wanted = URL(asked)
            agreed = URL(self.receipt_url)
            same = wanted.origin() == agreed.origin() and wanted.user is None
        except ValueError:
            same = False
        return asked if same and is_authentic else self.receipt_url


def _setting(settings: Mapping[str, str], name: str, partner: str) -> str:
    value = settings.get(name, "")
    if not value:
        raise OurFault("as2.setting-missing", value=name, partner=partner)
    return value


def as2_settings(partner: Partner, as2_id: str | None = None) -> ChannelSettings:
    """Return the AS2 channel of a partner, of several the one of this name. Raises OurFault as2.setting-missing."""
    for each in partner.channels.values():
        if each.kind == "as2" and as2_id in (None, each.settings.get("id")):
            return each
    raise OurFault("as2.setting-missing", value="channels.as2", partner=partner.id)


class _Settings:
    """Settings of one partner's channel, checked as they are read."""

    def __init__(self, settings: Mapping[str, str], partner: str) -> None:
        self._settings = settings
        self._partner = partner

    def one_of(self, name: str, default: str, allowed: "Mapping[str, object] | tuple[str, ...]") -> str:
        value = self._settings.get(name, default)
        if value not in allowed:
            raise OurFault("as2.setting-missing", value=name, partner=self._partner)
        return value

    def packaging(self) -> Packaging:
        compression = self.one_of("compression", "no", COMPRESSIONS)
        return Packaging(
            compression=next(each for each in COMPRESSIONS if each == compression),
            digest_name=self.one_of("digest", "sha-256", DIGESTS),
            cipher_name=self.one_of("cipher", "aes-256-cbc", CIPHERS),
            oaep_digest=_KEY_TRANSPORTS[self.one_of("key_transport", "rsa", _KEY_TRANSPORTS)],
            pss=self.one_of("signature", "rsa", _SIGNATURES) == "rsa-pss",
        )

    def protection(self) -> Protection:
        """What must be there, and which algorithms count: SHA-1 only where it was agreed to as legacy."""
        try:
            layers = Protection.read(self._settings.get("security", "signed+encrypted"))
        except ValueError as error:
            raise OurFault("as2.setting-missing", value="security", partner=self._partner) from error
        legacy = self.one_of("legacy", "no", ("no", "sha-1")) == "sha-1"
        digests = ACCEPTED_DIGESTS | LEGACY_DIGESTS if legacy else ACCEPTED_DIGESTS
        agreed = self._settings.get("accepted_ciphers")
        ciphers = frozenset(each.strip() for each in agreed.split(",")) if agreed else ACCEPTED_CIPHERS
        return Protection(signed=layers.signed, encrypted=layers.encrypted, digests=digests, ciphers=ciphers)


def _windows(text: str, name: str, partner: str) -> tuple[KeyWindow, ...]:
    try:
        return read_windows(text)
    except ValueError as error:
        raise OurFault("as2.setting-missing", value=f"{name}: {error}", partner=partner) from error


def own_identities(own: Partner, keys: Keys) -> list[tuple[KeyWindow, Identity]]:
    """Return our keys of the AS2 channel with their windows. Raises OurFault."""
    windows = _windows(_setting(as2_settings(own).settings, "key", own.id), "key", own.id)
    pairs = [(window, keys.own(window.name)) for window in windows]
    return [(window, load_identity(pair.private_pem, pair.certificate_pem)) for window, pair in pairs]


def partner_certificates(
    partner: Partner, settings: Mapping[str, str], keys: Keys
) -> list[tuple[KeyWindow, Certificate]]:
    """Return the certificates of a partner's channel with their windows. Raises OurFault."""
    windows = _windows(_setting(settings, "certificate", partner.id), "certificate", partner.id)
    return [
        (window, certificate) for window in windows for certificate in load_certificates(keys.certificate(window.name))
    ]


def load_line(own: Partner, partner: Partner, channel: ChannelSettings, keys: Keys, now: datetime) -> Line:
    """Load what both ends need at now. Raises OurFault as2.setting-missing, keys.*."""
    ours, settings = as2_settings(own).settings, channel.settings
    identities = own_identities(own, keys)
    identity = current(identities, now, lambda each: each.certificate.is_valid_at(now))
    if identity is None:
        raise OurFault("keys.none-valid", value=ours.get("key", ""), partner=own.id)
    certificates = partner_certificates(partner, settings, keys)
    counting = [(w, each) for w, each in certificates if w.counts_at(now) and each.is_valid_at(now)]
    read = _Settings(settings, partner.id)
    receipt = ReceiptRequest(kind=read.one_of("receipt", "signed-sync", RECEIPTS), url=ours.get("url", ""))
    if receipt.is_async:
        _setting(ours, "url", own.id)
    return Line(
        own_id=_setting(ours, "id", own.id),
        identity=identity,
        identities=tuple(each for window, each in identities if window.counts_at(now)),
        partner_id=_setting(settings, "id", partner.id),
        pinned=tuple(each for _, each in counting),
        recipient=current(counting, now, lambda each: True),
        protection=read.protection(),
        packaging=read.packaging(),
        receipt=receipt,
        url=settings.get("url", ""),
        receipt_url=settings.get("receipt_url", ""),
        is_chunked=read.one_of("chunked", "no", ("no", "yes")) == "yes",
    )
