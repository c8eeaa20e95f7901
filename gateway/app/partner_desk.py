"""Looking after partners, on one instance: gateway.api.partner_desk.PartnerDesk for console, API and command line."""

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from gateway.api.partner_desk import (
    BundlePreview,
    CertificateOffer,
    CertificateSlot,
    CheckItem,
    Edit,
    Health,
    MappingLine,
    MappingPage,
    PartnerLine,
    Reason,
    Sheet,
    SheetKey,
    TestStarted,
    WizardView,
)
from gateway.app import (
    bundles,
    go_live,
    mapping_desk,
    partner_certificates,
    partner_edits,
    partner_wizard,
    portal_access,
)
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.app.ladder import Rung, climb
from gateway.channels.as2_line import own_identities
from gateway.codecs.cms.containers import CertificateFacts, facts_of
from gateway.config.partners import SELF
from gateway.model.faults import OurFault
from gateway.model.partner import Partner
from gateway.store.partner_rows import PartnerRows
from gateway.store.view_partners import Approval, ConnectionTest, FileChange, PartnerViews, RungLine, Traffic

log = logging.getLogger(__name__)

WEEK = timedelta(days=7)
SOON_DAYS = 30


@dataclass(kw_only=True)
class InstanceDesk:
    """follow: called after a change, makes the node at hand work with it at once; others follow within a second."""

    instance: Instance
    follow: Callable[[], object] = lambda: None
    views: PartnerViews = field(init=False)
    rows: PartnerRows = field(init=False)

    def __post_init__(self) -> None:
        self.views = PartnerViews(self.instance.journal.reader)
        self.rows = PartnerRows(self.instance.journal)

    # --- the list -----------------------------------------------------------------------------------------------------

    def lines(self, seen: frozenset[str] | None) -> tuple[PartnerLine, ...]:
        """Return the partners that somebody may see, those that need somebody first."""
        partners = [
            each
            for each in self.instance.book.partners.values()
            if each.id != SELF and (seen is None or each.id in seen)
        ]
        traffic = self.views.traffic([each.id for each in partners], self.instance.clock.now() - WEEK)
        found = [self._line(each, traffic[each.id]) for each in partners]
        order: tuple[Health, ...] = ("bad", "watch", "good", "quiet")
        return tuple(sorted(found, key=lambda each: (order.index(each.health), each.name.lower())))

    def line(self, partner: str) -> PartnerLine:
        """Raises OurFault partner.unknown."""
        found = self._known(partner)
        traffic = self.views.traffic([partner], self.instance.clock.now() - WEEK)
        return self._line(found, traffic[partner])

    def _known(self, partner: str) -> Partner:
        found = self.instance.book.partner(partner)
        if found.id == SELF:
            raise OurFault("partner.unknown", value=partner)
        return found

    def _line(self, partner: Partner, traffic: Traffic) -> PartnerLine:
        slots = partner_certificates.slots(self.instance, partner)
        missing = any(each.state == "missing" for each in slots)
        left = min((e.days_left for e in slots if e.state == "current" and e.days_left is not None), default=None)
        health, reasons = _health(traffic, left, missing=missing)
        return PartnerLine(
            id=partner.id,
            name=partner.name,
            role=partner.role if partner.kind == "partner" else partner.kind,
            kind=partner.kind,
            mode=partner.mode,
            owner=partner.owner,
            health=health,
            reasons=reasons,
            traffic=traffic,
            connections=tuple(f"{name}" for name in partner.channels),
            documents=tuple(dict.fromkeys(each.message_type for each in partner.agreements)),
            days_left=left,
        )

    # --- certificates -------------------------------------------------------------------------------------------------

    def certificates(self, partner: str) -> tuple[CertificateSlot, ...]:
        return partner_certificates.slots(self.instance, self._known(partner))

    def look_at(self, partner: str, over: str, data: bytes) -> CertificateOffer:
        return partner_certificates.look_at(self.instance, self._known(partner), over, data)

    def add_certificate(
        self, partner: str, over: str, pem: bytes, user: str, *, from_at: datetime | None = None, reason: str = ""
    ) -> str:
        """See gateway.api.partner_desk."""
        name = partner_certificates.add(self.instance, self._known(partner), over, pem, user, from_at, reason)
        self.follow()
        return name

    def end_certificate(self, partner: str, over: str, name: str, user: str, *, reason: str = "") -> Edit:
        return self._done(partner_certificates.end(self.instance, self._known(partner), over, name, user, reason))

    def _done(self, edit: Edit) -> Edit:
        self.follow()
        return edit

    # --- changes by form ----------------------------------------------------------------------------------------------

    def put_agreement(
        self, partner: str, values: Mapping[str, str], user: str, *, place: int | None = None, reason: str = ""
    ) -> Edit:
        """See gateway.api.partner_desk."""
        self._known(partner)
        return self._done(partner_edits.put_agreement(self.instance, partner, values, user, place, reason))

    def drop_agreement(self, partner: str, place: int, user: str, *, reason: str = "") -> Edit:
        self._known(partner)
        return self._done(partner_edits.drop_entry(self.instance, partner, "agreements", place, user, reason))

    def put_connection(
        self, partner: str, over: str, settings: Mapping[str, str], user: str, *, reason: str = ""
    ) -> Edit:
        """See gateway.api.partner_desk."""
        self._known(partner)
        return self._done(partner_edits.put_connection(self.instance, partner, over, settings, user, reason))

    def put_facts(self, partner: str, values: Mapping[str, str], user: str, *, reason: str = "") -> Edit:
        self._known(partner)
        return self._done(partner_edits.put_facts(self.instance, partner, values, user, reason))

    def put_expected(self, partner: str, values: Mapping[str, Any], user: str) -> Edit:
        self._known(partner)
        return self._done(partner_edits.put_expected(self.instance, partner, values, user))

    def drop_expected(self, partner: str, place: int, user: str) -> Edit:
        self._known(partner)
        return self._done(partner_edits.drop_entry(self.instance, partner, "expects", place, user, ""))

    # --- versions -----------------------------------------------------------------------------------------------------

    def changes(self, partner: str) -> tuple[FileChange, ...]:
        self._known(partner)
        return self.views.changes(partner=partner)

    def roll_back(self, partner: str, change: int, user: str, reason: str) -> Edit:
        """See gateway.api.partner_desk."""
        self._known(partner)
        found = self.views.change(change)
        if found is None or not found.path.startswith(f"partners/{partner}/"):
            raise OurFault("partner.no-such-version", value=str(change), partner=partner)
        if found.before is None and found.path.endswith("/partner.yaml"):
            raise OurFault("partner.no-such-version", value=str(change), partner=partner)
        return self._done(
            partner_edits.put_back(self.instance, partner, found.path, found.before, user, reason or f"< {change}")
        )

    # --- tests of connections -----------------------------------------------------------------------------------------

    def start_test(self, partner: str, over: str, user: str, *, echo: bool) -> TestStarted:
        """Climb in a thread of its own: whoever looks away comes back to the result."""
        partner_certificates.channel_of(self._known(partner), over)
        test_id = uuid7(self.instance.wall.now())
        self.rows.begin_test(test_id, partner, over, user, echo=echo, now=self.instance.clock.now())
        threading.Thread(target=self._climb, args=(test_id, partner, over, echo), daemon=True).start()
        return TestStarted(id=test_id)

    def _climb(self, test_id: str, partner: str, over: str, echo: bool) -> None:
        told: list[RungLine] = []

        def note(rung: Rung) -> None:
            told.append(_rung_line(rung))
            self.rows.note_rungs(test_id, told, ended=False, good=False, now=self.instance.clock.now())

        try:
            asyncio.run(climb(self.instance, partner, over=over, echo=echo, told=note))
        except OurFault as fault:
            told.append(_rung_line(Rung(name="settings", fault=fault)))
        except Exception:
            log.exception("test of a connection")
            told.append(_rung_line(Rung(name="settings", fault=OurFault("message.bug"))))
        good = bool(told) and not any(each.code for each in told)
        self.rows.note_rungs(test_id, told, ended=True, good=good, now=self.instance.clock.now())

    def test(self, test_id: str) -> ConnectionTest | None:
        return self.views.test(test_id)

    def tests(self, partner: str) -> tuple[ConnectionTest, ...]:
        return self.views.tests(partner)

    # --- going live ---------------------------------------------------------------------------------------------------

    def checklist(self, partner: str) -> tuple[CheckItem, ...]:
        self._known(partner)
        return go_live.checklist(self.instance, self.views, partner)

    def approval(self, partner: str) -> Approval | None:
        return self.views.approval(partner)

    def go_live(self, partner: str, user: str, *, at: datetime | None = None, reason: str = "") -> Approval:
        """See gateway.api.partner_desk."""
        self._known(partner)
        found = go_live.approve(self.instance, self.views, self.rows, partner, user, at, reason)
        self.follow()
        return found

    def back_to_test(self, partner: str, user: str, reason: str = "") -> Edit:
        self._known(partner)
        return self._done(go_live.back_to_test(self.instance, self.rows, partner, user, reason))

    # --- the wizard ---------------------------------------------------------------------------------------------------

    def keep_sample(self, filename: str, data: bytes, user: str) -> str:
        return partner_wizard.keep_sample(self.instance, self.rows, filename, data, user)

    def wizard(self, sample_id: str, user: str) -> WizardView:
        return partner_wizard.view(self.instance, self.views, sample_id, user)

    def answer(self, sample_id: str, user: str, values: Mapping[str, Any]) -> WizardView:
        return partner_wizard.answer(self.instance, self.views, self.rows, sample_id, user, values)

    def keep_wizard_certificate(self, sample_id: str, user: str, data: bytes) -> CertificateFacts:
        return partner_wizard.keep_certificate(self.instance, self.views, self.rows, sample_id, user, data)

    def create(self, sample_id: str, user: str) -> str:
        """See gateway.api.partner_desk."""
        partner = partner_wizard.create(self.instance, self.views, self.rows, sample_id, user)
        self.follow()
        return partner

    def clone(self, partner: str, values: Mapping[str, str], user: str) -> str:
        """See gateway.api.partner_desk."""
        made = partner_wizard.clone(self.instance, partner, values, user)
        self.follow()
        return made

    # --- the portal ---------------------------------------------------------------------------------------------------

    def invite(self, partner: str, name: str, user: str, *, language: str | None = None) -> str:
        return self.instance.invitation(name, self._known(partner).id, by=user, language=language)

    def open_portal(self, partner: str, user: str) -> Edit:
        return self._done(portal_access.open_portal(self.instance, self._known(partner).id, user))

    # --- bundles, the exchange sheet, mappings ------------------------------------------------------------------------

    def export(self, partner: str, user: str) -> bytes:
        return bundles.export(self.instance, partner, user)

    def look_at_bundle(self, data: bytes) -> BundlePreview:
        return bundles.look(self.instance, data)

    def take_bundle(self, data: bytes, user: str, *, keep: Sequence[str] = (), reason: str = "") -> Edit:
        return self._done(bundles.take(self.instance, data, user, keep, reason))

    def sheet(self, partner: str) -> Sheet:
        return _sheet(self.instance, self._known(partner))

    def mappings(self) -> tuple[MappingLine, ...]:
        return mapping_desk.listed(self.instance, self.views)

    def mapping_names(self) -> tuple[str, ...]:
        return mapping_desk.names(self.instance)

    def mapping(self, name: str, partner: str) -> MappingPage:
        return mapping_desk.page(self.instance, self.views, name, partner)


def _rung_line(rung: Rung) -> RungLine:
    if rung.fault is None:
        return RungLine(name=rung.name, detail=rung.detail)
    params = {key: str(value) for key, value in rung.fault.params.items()}
    return RungLine(
        name=rung.name, detail=rung.detail, code=rung.fault.code, value=rung.fault.value or "", params=params
    )


def _health(traffic: Traffic, days_left: int | None, *, missing: bool) -> tuple[Health, tuple[Reason, ...]]:
    """Return how a partner does, and every reason for it."""
    reasons: list[Reason] = []
    total = traffic.received + traffic.sent
    stuck = traffic.waiting + traffic.failed
    if traffic.waiting:
        reasons.append(Reason(key="waiting", count=traffic.waiting))
    if traffic.failed:
        reasons.append(Reason(key="failed", count=traffic.failed))
    if traffic.overdue:
        reasons.append(Reason(key="overdue", count=traffic.overdue))
    if missing:
        reasons.append(Reason(key="certificate-missing"))
    if days_left is not None and days_left < SOON_DAYS:
        reasons.append(Reason(key="certificate-ended" if days_left < 0 else "certificate-soon", count=days_left))
    bad = traffic.failed > 0 or stuck * 20 > total > 0 or (days_left is not None and days_left < 7) or missing
    if bad and reasons:
        return "bad", tuple(reasons)
    if reasons:
        return "watch", tuple(reasons)
    if not total:
        return "quiet", (Reason(key="quiet"),)
    return "good", (Reason(key="good", count=total),)


def _sheet(instance: Instance, partner: Partner) -> Sheet:
    """Gather what the partner has to know, from what is in force."""
    own = instance.book.own.partner
    port = instance.settings.partners_port
    base = f"{'https' if port.tls else 'http'}://{port.host}:{port.port}"
    as2 = next((each for each in own.channels.values() if each.kind == "as2"), None)
    ours: dict[str, Any] = {
        "name": own.name,
        "ids": [{"scheme": each.scheme, "value": each.value} for each in own.ids],
        "contact": {
            "name": own.contact.name if own.contact else None,
            "email": own.contact.email if own.contact else None,
            "phone": own.contact.phone if own.contact else None,
        },
        "as2Id": as2.settings.get("id") if as2 else None,
        "as2Url": f"{base}/as2",
        "httpUrl": f"{base}/inbox",
    }
    connections = tuple(_told(name, channel.kind, channel.settings) for name, channel in partner.channels.items())
    documents = tuple(
        {
            "direction": each.direction,
            "mapping": each.mapping,
            "document": _document(instance, partner, each.mapping),
            "over": each.over,
            "contrl": each.contrl,
        }
        for each in partner.agreements
    )
    return Sheet(
        instance=instance.settings.instance,
        ours=ours,
        partner=partner.id,
        partner_name=partner.name,
        connections=connections,
        documents=documents,
        certificates=_own_certificates(instance, own),
        mode=partner.mode,
        written_at=instance.clock.now(),
    )


def _told(name: str, kind: str, settings: Mapping[str, str]) -> dict[str, Any]:
    """Return a connection's settings with what is usual where nothing is said; never the name of a secret."""
    told: dict[str, Any] = {"name": name, "kind": kind}
    told |= {key: value for key, value in settings.items() if key not in ("token", "webhook_secret")}
    if kind == "as2":
        usual = {"security": "signed+encrypted", "receipt": "signed-sync", "digest": "sha-256", "cipher": "aes-256-cbc"}
        told = {**usual, "compression": "no", **told}
    return told


def _document(instance: Instance, partner: Partner, mapping: str) -> str:
    found = instance.book.mappings.get((partner.id, mapping))
    return found.document if found else mapping.partition("/")[2]


def _own_certificates(instance: Instance, own: Partner) -> tuple[SheetKey, ...]:
    now = instance.wall.now()
    try:
        found = own_identities(own, instance.keys)
    except OurFault:
        return ()
    return tuple(
        SheetKey(facts=facts_of(identity.certificate), from_at=window.from_at)
        for window, identity in found
        if window.counts_at(now) and identity.certificate.not_after > now
    )
