"""A partner's certificates: what is in use for what, a new one beside the old one, the old one taken off."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from gateway.api.partner_desk import CertificateOffer, CertificateSlot, Edit, SlotState
from gateway.app.definition_edits import edit_definition
from gateway.app.instance import Instance
from gateway.codecs.cms.containers import CertificateFacts, facts_of, read_container
from gateway.codecs.cms.identity import load_certificates
from gateway.config.edits import put, value_at
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.key_window import KeyWindow, current, read_windows
from gateway.model.partner import ChannelSettings, Partner

SETTINGS = {"as2": "certificate", "http": "client_certificate"}
OVERLAP = timedelta(days=7)  # a new certificate is used for encrypting that much later, if the old one lasts so long


def file_of(partner: str) -> str:
    return f"partners/{partner}/partner.yaml"


def channel_of(partner: Partner, over: str) -> ChannelSettings:
    """Raises OurFault partner.no-such-connection."""
    found = partner.channels.get(over)
    if found is None:
        known = ", ".join(partner.channels) or "-"
        raise OurFault("partner.no-such-connection", value=over, partner=partner.id, known=known)
    return found


def slots(instance: Instance, partner: Partner) -> tuple[CertificateSlot, ...]:
    """Return every certificate that the partner's connections name, in their order."""
    return tuple(each for over, channel in partner.channels.items() for each in _slots(instance, over, channel))


def _slots(instance: Instance, over: str, channel: ChannelSettings) -> Iterator[CertificateSlot]:
    setting = SETTINGS.get(channel.kind, "")
    if not channel.settings.get(setting):
        return
    now = instance.wall.now()
    loaded = [(window, _facts(instance, window.name)) for window in read_windows(channel.settings[setting])]
    usable = [(window, facts) for window, facts in loaded if facts is not None]
    chosen = current(usable, now, lambda each: each.not_before <= now <= each.not_after)
    for window, facts in loaded:
        yield CertificateSlot(
            over=over,
            setting=setting,
            name=window.name,
            facts=facts,
            from_at=window.from_at,
            until=window.until,
            state=_state(window, facts, now, chosen),
            days_left=(facts.not_after - now).days if facts else None,
        )


def _state(
    window: KeyWindow, facts: CertificateFacts | None, now: datetime, chosen: CertificateFacts | None
) -> SlotState:
    if facts is None:
        return "missing"
    if facts.not_after < now or not window.counts_at(now):
        return "ended"
    if chosen is not None and facts.fingerprint == chosen.fingerprint:
        return "current"
    return "counts" if window.is_open_at(now) else "future"


def _facts(instance: Instance, name: str) -> CertificateFacts | None:
    try:
        return _facts_in(instance.keys.certificate(name))
    except OurFault:
        return None


@lru_cache(maxsize=4_096)  # the list of partners asks for every certificate there is
def _facts_in(pem: bytes) -> CertificateFacts:
    return facts_of(load_certificates(pem)[0])


def look_at(instance: Instance, partner: Partner, over: str, data: bytes) -> CertificateOffer:
    """Return what is in a file, and how it would be kept. Raises OurFault keys.*."""
    channel = channel_of(partner, over)
    setting = SETTINGS.get(channel.kind)
    if setting is None:
        raise OurFault("keys.no-slot", value=over, partner=partner.id)
    found = read_container(data)
    facts, others = found[0], found[1:]
    now = instance.wall.now()
    if facts.not_after < now:
        raise OurFault("keys.expired", on=f"{facts.not_after:%Y-%m-%d}", value=facts.name)
    used = [each for each in slots(instance, partner) if each.over == over]
    for each in used:
        if each.facts is not None and each.facts.fingerprint == facts.fingerprint:
            raise OurFault("keys.already-there", value=each.name)
    in_use = next((each for each in used if each.state == "current"), None)
    return CertificateOffer(
        over=over,
        facts=facts,
        name=_name(partner, facts),
        from_at=_start(in_use, facts, now),
        others=others,
        replaces=in_use.name if in_use else None,
        warnings=tuple(_warnings(facts)),
    )


def _name(partner: Partner, facts: CertificateFacts) -> str:
    """Return a name that says whose it is and that no other certificate has."""
    return f"{partner.id[:40]}-{facts.not_after:%Y}-{facts.fingerprint[:8]}"


def _start(in_use: CertificateSlot | None, facts: CertificateFacts, now: datetime) -> datetime:
    """Propose from when it is used for encrypting: in a week, while the old one lasts; at once without an old one."""
    if in_use is None or in_use.facts is None:
        return max(now, facts.not_before)
    latest = in_use.facts.not_after - timedelta(days=1)
    return max(min(now + OVERLAP, latest), now, facts.not_before).replace(microsecond=0)


def _warnings(facts: CertificateFacts) -> Iterator[Finding]:
    if facts.usages and "key-encipherment" not in facts.usages and "key-agreement" not in facts.usages:
        yield Finding(code="keys.no-encipherment", severity="warning", value=facts.name)
    if facts.key in ("RSA 1024",):
        yield Finding(code="keys.weak", severity="warning", value=facts.key)


def add(
    instance: Instance, partner: Partner, over: str, pem: bytes, user: str, from_at: datetime | None, reason: str
) -> str:
    """Keep a certificate beside those in use. It counts for reading at once, for what we make from from_at on."""
    offer = look_at(instance, partner, over, pem)
    instance.keys.add_certificate(offer.name, offer.facts.pem.encode("ascii"))
    now = instance.clock.now()
    told = f"{offer.name}: {offer.facts.fingerprint}"
    instance.journal.write(lambda tx: tx.audit(user, "keys.add-certificate", partner.id, offer.replaces, told, now))
    setting = SETTINGS[channel_of(partner, over).kind]
    path = ("channels", over, setting)

    def edit(text: str | None) -> str:
        entry = offer.name
        if offer.replaces is not None:
            entry += f" from {(from_at or offer.from_at).astimezone(UTC):%Y-%m-%dT%H:%MZ}"
        kept = _listed(text or "", over, setting)
        return put(text or "", path, ", ".join([*kept, entry]), file_of(partner.id))

    edit_definition(instance, file_of(partner.id), edit, user, "partners.certificate", partner.id, reason)
    return offer.name


def _listed(text: str, over: str, setting: str) -> list[str]:
    found = value_at(text, ("channels", over, setting), "partner.yaml")
    return [each.strip() for each in found.split(",") if each.strip()] if isinstance(found, str) else []


def end(instance: Instance, partner: Partner, over: str, name: str, user: str, reason: str) -> Edit:
    """Take a certificate off a connection; its file stays in the key store."""
    setting = SETTINGS.get(channel_of(partner, over).kind, "")
    listed = [each.name for each in slots(instance, partner) if each.over == over]
    if name not in listed or len(listed) < 2:
        raise OurFault("keys.last-one", value=name, partner=partner.id)

    def edit(text: str | None) -> str:
        kept = [each for each in _listed(text or "", over, setting) if each.split()[0] != name]
        if kept and all(" from " in each for each in kept):  # the first one counts without a window
            kept[0] = kept[0].partition(" from ")[0]
        return put(text or "", ("channels", over, setting), ", ".join(kept), file_of(partner.id))

    done = edit_definition(instance, file_of(partner.id), edit, user, "partners.certificate", partner.id, reason)
    return Edit(digest=done.digest, written=done.written, changed=done.changed)
