"""The portal's desk on one instance: gateway.portal.desk.PortalDesk.

What a partner's people say enters as an arrival of the channel `portal`: canonical JSON, kept, prepared and applied
like anything else that partner sends, under the agreements that name that channel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from gateway.api.desk_actions import LabelFile
from gateway.api.partner_desk import CheckItem, Sheet
from gateway.app.ids import uuid7
from gateway.app.instance import Instance
from gateway.app.partner_desk import InstanceDesk
from gateway.app.portal_guides import guide_html
from gateway.app.portal_lists import PortalLists
from gateway.app.workers import Workers
from gateway.codecs.gs1_label import PAPERS, draw
from gateway.codecs.gs1_pdf import pdf
from gateway.config.partners import SELF
from gateway.domain.decision import Needs
from gateway.domain.labels import items_of, labels_of, places_of
from gateway.domain.measures.scorecard import Figure
from gateway.domain.packing import sscc
from gateway.domain.portal_answers import numbered
from gateway.model.despatch_advice import DespatchAdvice
from gateway.model.documents import Document
from gateway.model.faults import Fault, OurFault
from gateway.model.findings import Finding
from gateway.model.json_form import document_plain, dumps, loads
from gateway.model.partner import Partner
from gateway.model.payload import MemoryPayload
from gateway.pipeline.accept import accept, lane_of
from gateway.pipeline.prepare import Prepared
from gateway.pipeline.read_single import agreed
from gateway.portal.desk import AgreedWith, HandedList, JointAgreement, Said, TriedMessage
from gateway.ports.journal import Tx
from gateway.ports.records import Accepted, Arrival, ArrivalRow, NewMessage
from gateway.store.decisions import arrival_of_key
from gateway.store.house_records import take_numbers
from gateway.store.sight import Sight, narrowed
from gateway.store.tx_open import OpenTx
from gateway.store.view_portal import PortalMeasures, PortalViews, Scorecard, SellThrough
from gateway.texts.catalogue import Lang

CHANNEL = "portal"
TRIED_LIMIT = 50  # documents of one file whose reading is shown
EXCEPTIONS_SHOWN = 100
TRY_LIMIT_BYTES = 5_000_000


@dataclass(kw_only=True)
class JournalPortalDesk:
    """wake(lane): a hint to a running node, or nothing. workers: those of the node."""

    instance: Instance
    wake: Callable[[str], None]
    workers: Workers
    desk: InstanceDesk
    lists: PortalLists = field(init=False)

    def __post_init__(self) -> None:
        self.lists = PortalLists(instance=self.instance)

    # --- what is said -------------------------------------------------------------------------------------------------

    def documents(self, partner: str) -> frozenset[str]:
        """See PortalDesk."""
        found = self._partner(partner)
        over = {name for name, each in found.channels.items() if each.kind == CHANNEL}
        book = self.instance.book
        return frozenset(
            book.mapping(found, each.mapping).document
            for each in found.agreements
            if each.direction == "receive" and each.over in over and each.family == "canonical"
        )

    def _partner(self, partner: str) -> Partner:
        found = self.instance.book.partner(partner)
        if found.id == SELF or found.kind != "partner":
            raise OurFault("partner.unknown", value=partner)
        return found.on(self.instance.clock.now().date())

    def say(
        self, partner: str, document: Document, user: str, once: str, *, number_units: bool = False, test: bool = False
    ) -> Said:
        """See PortalDesk."""
        kind = type(document).__name__
        if kind not in self.documents(partner):
            raise OurFault("portal.not-agreed", value=kind, partner=partner)
        agreed(self.instance.book, self._partner(partner), kind)
        key = f"portal:{partner}:{kind}:{once}"

        def work(tx: Tx, now: datetime) -> Accepted:
            said = self._numbered(tx, document) if number_units and isinstance(document, DespatchAdvice) else document
            data = dumps(said).encode()
            accepted = self._accepted(tx, partner, data, key, now, "application/json", None, test=test)
            tx.audit(user, f"portal.{kind}", f"{partner} {document.id}"[:200], None, accepted.arrival_id, now)
            return accepted

        return self._taken(partner, key, work)

    def _numbered(self, tx: Tx, advice: DespatchAdvice) -> DespatchAdvice:
        """Give the units without SSCC the next ones of our range. Raises OurFault portal.no-range."""
        book = self.instance.book
        numbers = book.own.sscc
        wanting = sum(each.sscc is None for each in advice.units)
        if numbers is None:
            raise OurFault("portal.no-range", value=advice.id)
        start = tx.snapshot(Needs(ranges=frozenset({numbers.name})), book.own.warehouse).ranges.get(numbers.name, 0)
        given = [sscc(numbers, start + place) for place in range(1, wanting + 1)]
        if wanting and not take_numbers(cast("OpenTx", tx).connection, numbers.name, start, start + wanting):
            raise OurFault("journal.lost-claim", value=numbers.name)
        return numbered(advice, given)

    def _accepted(
        self,
        tx: Tx,
        partner: str,
        data: bytes,
        key: str,
        now: datetime,
        content_type: str,
        filename: str | None,
        *,
        test: bool,
    ) -> Accepted:
        arrival = Arrival(
            id=uuid7(now),
            channel=CHANNEL,
            partner=partner,
            payload=MemoryPayload(data),
            content_type=content_type,
            filename=filename,
            dedupe_key=key,
            test=test,
            evidence={"portal": "yes"},
        )
        return accept(tx, self.instance.book, arrival, now)

    def _taken(self, partner: str, key: str, work: Callable[[Tx, datetime], Accepted]) -> Said:
        """Run work unless an arrival with that key is there: a form that was sent twice is one document."""
        now = self.instance.clock.now()

        def once(tx: Tx) -> Said:
            known = arrival_of_key(cast("OpenTx", tx), key)
            if known is not None:
                return Said(arrival_id=known, repeat=True)
            return Said(arrival_id=work(tx, now).arrival_id)

        said = self.instance.journal.write(once)
        self.wake(lane_of(self.instance.book.partner(partner), said.arrival_id))
        return said

    # --- files --------------------------------------------------------------------------------------------------------

    async def try_file(self, partner: str, data: bytes, filename: str) -> tuple[TriedMessage, ...]:
        """See PortalDesk. Read by a worker process, as everything that comes is."""
        self._partner(partner)
        row = ArrivalRow(
            id="tried", lane="", partner=partner, channel=CHANNEL, state="received",
            received_at=self.instance.clock.now(), payload=MemoryPayload(_small(data)), content_type="",
            filename=filename[:200], test=True, attempts=0,
        )  # fmt: skip
        try:
            prepared: Prepared = await self.workers.prepare(row)
        except Fault as fault:
            return (TriedMessage(type="?", document=None, findings=(fault.as_finding(),), good=False),)
        envelope = tuple(each for interchange in prepared.interchanges for each in interchange.findings)
        return tuple(_tried(each, envelope) for each in prepared.messages[:TRIED_LIMIT])

    def keep_as_test(self, partner: str, data: bytes, filename: str, user: str) -> Said:
        """See PortalDesk."""
        self._partner(partner)
        kept = MemoryPayload(_small(data))
        key = f"portal:{partner}:test:{kept.sha256}"

        def work(tx: Tx, now: datetime) -> Accepted:
            accepted = self._accepted(tx, partner, data, key, now, "", filename[:200] or None, test=True)
            tx.audit(user, "portal.test", f"{partner} {filename}"[:200], None, accepted.arrival_id, now)
            return accepted

        return self._taken(partner, key, work)

    # --- lists --------------------------------------------------------------------------------------------------------

    def hand_over(self, partner: str, kind: str, filename: str, data: bytes, user: str) -> str:
        """See PortalDesk."""
        return self.lists.hand_over(self._partner(partner).id, kind, filename, data, user)

    def handed(self, partner: str, list_id: str, said: Mapping[str, str]) -> HandedList:
        """See PortalDesk."""
        return self.lists.handed(partner, list_id, said)

    def take_list(self, partner: str, list_id: str, said: Mapping[str, str], user: str) -> Said:
        """See PortalDesk."""
        found = self._partner(partner)
        report = self.lists.report(found, list_id, said)
        done = self.say(partner, report, user, list_id)
        self.lists.remember(partner, list_id, said)
        return done

    # --- what the partner looks at ------------------------------------------------------------------------------------

    def agreed(self, partner: str) -> AgreedWith:
        """See PortalDesk."""
        known, views, today = self._partner(partner).id, self.instance.views, self.instance.clock.now().date()
        joint = tuple(
            JointAgreement(plan=each, exceptions=views.joint_exceptions(each.id, today)[:EXCEPTIONS_SHOWN])
            for each in views.joint_plans(known)
            if each.partner == known
        )
        stock = tuple(each for each in views.stock_agreements(known) if each.partner == known)
        return AgreedWith(stock=stock, joint=joint)

    def checklist(self, partner: str) -> tuple[CheckItem, ...]:
        """See PortalDesk."""
        return self.desk.checklist(self._partner(partner).id)

    def sheet(self, partner: str) -> Sheet:
        """See PortalDesk."""
        return self.desk.sheet(self._partner(partner).id)

    def guides(self, partner: str) -> tuple[str, ...]:
        """See PortalDesk."""
        names = (each.mapping for each in self._partner(partner).agreements if each.family != "canonical")
        return tuple(dict.fromkeys(names))

    def guide(self, partner: str, mapping: str, lang: Lang) -> str:
        """See PortalDesk."""
        if mapping not in self.guides(partner):
            raise OurFault("api.not-found", value=mapping[:100], kind="guide")
        return guide_html(self.instance, mapping, partner, lang)

    def labels(self, advice: DespatchAdvice, lang: Lang, size: str) -> LabelFile:
        """See PortalDesk."""
        warehouse, journal = self.instance.book.own.warehouse, self.instance.journal
        about = Needs(places=places_of(advice), packs=items_of(advice))
        known = journal.read(lambda tx: tx.snapshot(about, warehouse))
        drawings = [draw(each, PAPERS[size]) for each in labels_of(advice, known.places, lang, known.packs)]
        return LabelFile(name="labels.pdf", content_type="application/pdf", data=pdf(drawings))

    def _views(self, partner: str) -> PortalViews:
        sight = Sight(partners=frozenset({self._partner(partner).id}), outside=True)
        return PortalViews(narrowed(self.instance.journal.reader, sight))

    def answered(self, partner: str, orders: Sequence[str]) -> frozenset[str]:
        """See PortalDesk."""
        return self._views(partner).answered(orders)

    def scorecard(self, partner: str, since: datetime) -> Scorecard:
        """See PortalDesk."""
        return self._views(partner).scorecard(since)

    def figures(self, partner: str, days: int) -> tuple[Figure, ...]:
        """See PortalDesk. Of our people's rows too (plans, days of stock), and of this partner's only."""
        own = self._partner(partner).id
        views = PortalMeasures(narrowed(self.instance.journal.reader, Sight(partners=frozenset({own}))))
        today = self.instance.clock.now().date()
        return views.figures(own, today - timedelta(days=days), today - timedelta(days=1), today)

    def sell_through(self, partner: str) -> tuple[SellThrough, ...]:
        """See PortalDesk."""
        return self._views(partner).sell_through(self.instance.clock.now().date())


def _small(data: bytes) -> bytes:
    """Raises OurFault api.too-large."""
    if len(data) > TRY_LIMIT_BYTES:
        raise OurFault("api.too-large", limit=str(TRY_LIMIT_BYTES))
    return data


def _tried(message: NewMessage, envelope: tuple[Finding, ...]) -> TriedMessage:
    findings = dict.fromkeys((*((message.fault,) if message.fault else ()), *envelope, *message.findings))
    order = {"error": 0, "warning": 1}
    document = loads(message.document) if message.document else None
    return TriedMessage(
        type=message.document_type or message.type,
        document=document_plain(document) if document is not None else None,
        findings=tuple(sorted(findings, key=lambda each: order.get(each.severity, 2))),
        good=message.fault is None,
    )
