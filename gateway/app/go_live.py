"""From test to live: a checklist computed from facts, an approval with a time, the switch, and back in one step."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from gateway.api.partner_desk import CheckItem, CheckState, Edit
from gateway.app.instance import Instance
from gateway.app.partner_certificates import slots
from gateway.app.partner_edits import set_mode
from gateway.channels.as2_line import own_identities
from gateway.model.faults import OurFault
from gateway.model.partner import Partner
from gateway.store.partner_rows import PartnerRows
from gateway.store.view_partners import Approval, PartnerViews

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
PROOF_FOR = timedelta(days=90)  # older proofs say little about how things are now
CERTIFICATE_DAYS = 30


def checklist(instance: Instance, views: PartnerViews, partner_id: str) -> tuple[CheckItem, ...]:
    """Return what must be so before a partner goes live, and whether it is. Raises OurFault partner.unknown."""
    partner = instance.book.partner(partner_id)
    return (
        *_facts(partner),
        *_connections(instance, views, partner),
        *_certificates(instance, partner),
        *_passed(instance, views, partner),
        *_quiet(instance, views, partner),
    )


def _facts(partner: Partner) -> Iterator[CheckItem]:
    page = f"/partners/{partner.id}"
    ids = ", ".join(each.value for each in partner.ids)
    yield CheckItem(key="identified", state="done" if ids else "open", text=ids, fix=f"{page}/edit")
    contact = partner.contact
    known = next((each for each in (contact and contact.email, contact and contact.phone) if each), "")
    yield CheckItem(key="contact", state="done" if known else "open", text=known or "", fix=f"{page}/edit")
    count = len(partner.agreements)
    yield CheckItem(
        key="agreements", state="done" if count else "open", text=str(count or ""), fix=f"{page}/agreements"
    )
    calendar = len(partner.expects)
    text = str(calendar or "")
    yield CheckItem(key="calendar", state="done" if calendar else "advice", text=text, fix=f"{page}/expected")


def _connections(instance: Instance, views: PartnerViews, partner: Partner) -> Iterator[CheckItem]:
    """A connection is proved by a test that held on every rung, or by a parcel that was taken over it."""
    since = instance.clock.now() - PROOF_FOR
    tests = views.tests(partner.id, 100)
    for over in dict.fromkeys(each.over for each in partner.agreements):
        channel = partner.channels.get(over)
        real = channel is not None and channel.kind == "as2"
        test = next((e for e in tests if e.over == over and e.good and (e.echo or not real)), None)
        at = max(
            (each for each in (test.at if test else None, views.delivered_over(partner.id, over, since)) if each),
            default=None,
        )
        fix = f"/partners/{partner.id}/connections"
        here = channel is not None and channel.kind == "portal"  # our own pages: there is nothing to prove
        yield CheckItem(key="connection", state="done" if at or here else "open", text=over, at=at, fix=fix)


def _certificates(instance: Instance, partner: Partner) -> Iterator[CheckItem]:
    found = slots(instance, partner)
    fix = f"/partners/{partner.id}/certificates"
    for over, channel in partner.channels.items():
        if channel.kind != "as2" or not any(each.over == over for each in partner.agreements):
            continue
        current = next((each for each in found if each.over == over and each.state == "current"), None)
        days = current.days_left if current else None
        state: CheckState = "open" if days is None else "advice" if days < CERTIFICATE_DAYS else "done"
        at = current.facts.not_after if current and current.facts else None
        yield CheckItem(key="certificate", state=state, text=current.name if current else over, at=at, fix=fix)
        yield _own_key(instance, fix)


def _own_key(instance: Instance, fix: str) -> CheckItem:
    now = instance.wall.now()
    try:
        ends = max(
            (i.certificate.not_after for w, i in own_identities(instance.book.own.partner, instance.keys)
             if w.is_open_at(now) and i.certificate.is_valid_at(now)),
            default=None,
        )  # fmt: skip
    except OurFault:
        ends = None
    soon = ends is not None and ends - now < timedelta(days=CERTIFICATE_DAYS)
    return CheckItem(key="own-key", state="open" if ends is None else "advice" if soon else "done", at=ends, fix=fix)


def _passed(instance: Instance, views: PartnerViews, partner: Partner) -> Iterator[CheckItem]:
    """Each agreed document has passed once: read and applied, or sent and acknowledged."""
    proofs = views.proofs(partner.id, instance.clock.now() - PROOF_FOR)
    for each in partner.on(instance.clock.now().date()).agreements:
        own = [p for p in proofs if (p.direction, p.mapping) == (each.direction, each.mapping)]
        at = max((p.last_good for p in own if p.last_good), default=None)
        fix = f"/messages?partner={partner.id}"
        key = "received" if each.direction == "receive" else "sent"
        yield CheckItem(key=key, state="done" if at else "open", text=each.mapping, at=at, fix=fix)


def _quiet(instance: Instance, views: PartnerViews, partner: Partner) -> Iterator[CheckItem]:
    now = instance.clock.now()
    traffic = views.traffic([partner.id], now - timedelta(days=7)).get(partner.id)
    waiting = traffic.waiting + traffic.failed if traffic else 0
    fix = f"/messages?partner={partner.id}&state=parked"
    yield CheckItem(key="waiting", state="open" if waiting else "done", text=str(waiting or ""), fix=fix)
    folder = f"partners/{partner.id}/mappings/"
    drafted = [p for p, text in instance.definitions.below(folder).items() if text.startswith("# Drafted")]
    if drafted:
        fix = f"/partners/{partner.id}/agreements"
        yield CheckItem(key="drafted", state="advice", text=", ".join(drafted), fix=fix)


def approve(
    instance: Instance,
    views: PartnerViews,
    rows: PartnerRows,
    partner: str,
    user: str,
    at: datetime | None,
    reason: str,
) -> Approval:
    """Keep the approval, and switch when its time has come.

    Raises OurFault partner.unknown, partner.not-ready."""
    open_ = [each for each in checklist(instance, views, partner) if each.state == "open"]
    if open_ and not reason.strip():
        raise OurFault("partner.not-ready", value=partner, open=str(len(open_)))
    now = instance.clock.now()
    approval = Approval(
        partner=partner,
        approver=user,
        approved_at=now,
        reason=reason.strip(),
        switch_at=max(at or now, now),
        switched_at=None,
    )
    rows.approve(approval)
    if approval.switch_at <= now:
        switch(instance, rows, approval)
        return views.approval(partner) or approval
    return approval


def switch(instance: Instance, rows: PartnerRows, approval: Approval) -> Edit:
    """Bring mode: live into force."""
    done = set_mode(instance, approval.partner, "live", approval.approver, "partners.go-live", approval.reason)
    rows.switched(approval.partner, instance.clock.now())
    return done


def back_to_test(instance: Instance, rows: PartnerRows, partner: str, user: str, reason: str) -> Edit:
    """Put the partner into test mode at once, and take back what was approved for later."""
    rows.withdraw(partner, user, instance.clock.now())
    return set_mode(instance, partner, "test", user, "partners.back-to-test", reason)


async def watch(instance: Instance) -> None:
    """Switch partners whose time has come, until cancelled."""
    views, rows = PartnerViews(instance.journal.reader), PartnerRows(instance.journal)
    turn = partial(asyncio.to_thread, switch_due, instance, views, rows)
    await instance.rounds.keep("going-live", LOOK_EVERY_S, turn)


def switch_due(instance: Instance, views: PartnerViews, rows: PartnerRows) -> int:
    """Switch every partner whose time has come; return how many. One that cannot be switched holds no other up.

    Raises the first OurFault met, when all were tried."""
    failed: OurFault | None = None
    due = views.approvals_due(instance.clock.now())
    for each in due:
        try:
            switch(instance, rows, each)
        except OurFault as fault:
            log.warning("going live of %s: %s %s", each.partner, fault.code, fault.value or "")
            failed = failed or fault
    if failed is not None:
        raise failed
    return len(due)
