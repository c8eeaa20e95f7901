"""Read an EDIFACT arrival: judge each interchange and message, map what is good, and say what the CONTRL must say.

Each message stands alone. A message is refused by CONTRL when its syntax, structure or values are wrong; what only
our records can judge (an unknown item) is refused later, by APERAK.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256

from gateway.codecs.envelope import Interchange, RawMessage, read_interchanges
from gateway.codecs.envelope_references import References
from gateway.mapping.compiler import DocumentMapping
from gateway.model.documents import Document
from gateway.model.faults import Fault, OurFault, PartnerFault
from gateway.model.findings import Finding
from gateway.model.json_form import dumps
from gateway.model.partner import Agreement, Partner
from gateway.model.tree import Segment
from gateway.pipeline.book import Book
from gateway.pipeline.verdict import first_error, owner_of, weigh
from gateway.ports.records import NewInterchange, NewMessage
from gateway.schema.acknowledge import MessageVerdict, contrl, read_aperak, read_contrl
from gateway.schema.directory import Directory
from gateway.schema.envelope_rules import EnvelopeRules, check_agreed, check_header
from gateway.schema.judge import CONTROL, CONTROL_4, check_service, directory_of, held_groups, in_order, repeated
from gateway.schema.validate import Validated, validate

ACKNOWLEDGEMENTS = ("CONTRL", "APERAK")  # never acknowledged themselves (ISO 9735-4 clause 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAnswer:
    """The body of a CONTRL that is owed. interchange: index of what it answers; partner, over: where it goes."""

    interchange: int
    partner: str
    over: str
    body: tuple[Segment, ...]


def read_edifact(
    book: Book, partner: Partner, chunks: Iterable[bytes], test: bool, received_at: datetime
) -> tuple[tuple[NewInterchange, ...], tuple[NewMessage, ...], tuple[ControlAnswer, ...]]:
    """Return what the file holds. Raises PartnerFault edifact.not-edifact when nothing in it is EDIFACT."""
    stops: list[PartnerFault] = []
    interchanges: list[NewInterchange] = []
    messages: list[NewMessage] = []
    answers: list[ControlAnswer] = []
    before = References()
    for found in _until_stopped(read_interchanges(chunks, charset=partner.edifact.read.charset), stops):
        index = len(interchanges)
        marked = test or found.header.test or partner.mode == "test"
        broken = first_error(weigh(found.findings, partner))
        again = [] if broken else repeated(found.header, found.unb, before)
        reading = _Reading(book, partner, replace(found, findings=(*found.findings, *again)), marked, received_at)
        read = [
            replace(reading.message(raw), position=len(messages) + place, interchange=index)
            for place, raw in enumerate(found.messages)
        ]
        interchanges.append(reading.interchange(read))
        messages += read or [replace(reading.empty(), position=len(messages), interchange=index)]
        if answer := reading.answer(read):
            answers.append(ControlAnswer(interchange=index, partner=partner.id, over=answer[0], body=answer[1]))
    for fault in stops:
        if not interchanges:
            raise fault
        messages.append(_behind(fault, len(messages), test))
    return tuple(interchanges), tuple(messages), tuple(answers)


def _until_stopped(found: Iterable[Interchange], stops: list[PartnerFault]) -> Iterator[Interchange]:
    """Pass interchanges on; what ends the reading is kept, so that those before it count."""
    try:
        yield from found
    except PartnerFault as fault:
        stops.append(fault)


def _behind(fault: PartnerFault, position: int, test: bool) -> NewMessage:
    """What could not be read behind the last interchange, as a message that a person sees."""
    base = NewMessage(id="", position=position, state="parked", type="?", start=fault.where.offset or 0, test=test)
    return _parked(base, fault.as_finding(), (fault.as_finding(),))


class _Reading:
    """One interchange and the verdicts on its messages."""

    def __init__(
        self, book: Book, partner: Partner, interchange: Interchange, test: bool, received_at: datetime
    ) -> None:
        self.book, self.partner, self.test = book, partner, test
        service = book.directories.get(CONTROL_4 if interchange.header.syntax_version == "4" else CONTROL)
        groups = held_groups(interchange.groups, service, interchange.marks, partner.severities)
        self.source = replace(interchange, groups=groups)
        found = (*interchange.findings, *self._service(service), *self._who(), *self._rules(received_at))
        self.findings = weigh(found, partner)  # of the interchange; those of its groups are theirs
        self.agreements: list[Agreement] = []

    def _service(self, service: Directory | None) -> list[Finding]:
        """What is wrong inside UNB and UNZ."""
        segments = [each for each in (self.source.unb, self.source.trailer) if each is not None]
        return check_service(segments, service, self.source.marks) if service else []

    def _rules(self, received_at: datetime) -> list[Finding]:
        """What was agreed with this partner about UNB."""
        if self.source.unb is None:
            return []
        terms = self.partner.edifact.read
        rules = EnvelopeRules(
            password=terms.password,
            test=terms.tests == "take",
            max_age=timedelta(days=terms.max_age_days) if terms.max_age_days else None,
        )
        return check_header(self.source.header, self.source.unb, rules, received_at)

    def _blocking(self, raw: RawMessage) -> Finding | None:
        """What is wrong with the brackets around a message, None when it may be looked at."""
        if raw.group_place is None:
            return first_error(self.findings)
        return first_error((*self.findings, *self.source.groups[raw.group_place].findings))

    def _who(self) -> list[Finding]:
        """The proved sender must be the one the interchange names, and it must be for us."""
        header, found = self.source.header, []
        if self.source.unb is not None:
            place = self.source.unb
            if not any(each.value == header.sender for each in self.partner.ids):
                fault = PartnerFault(
                    "interchange.sender-not-allowed", place.where(2, 1), value=header.sender, partner=self.partner.id
                )
                found.append(replace(fault.as_finding(), iso="23"))
            if not any(each.value == header.receiver for each in self.book.own.partner.ids):
                fault = PartnerFault("interchange.receiver-not-us", place.where(3, 1), value=header.receiver)
                anothers = self.book.is_anothers(header.receiver, self.partner)
                found.append(replace(fault.as_finding(), iso="7", severity="error" if anothers else "warning"))
        return found

    def message(self, raw: RawMessage) -> NewMessage:
        """Validate and map one message."""
        held = dict(self.partner.edifact.read.read_as).get(raw.directory)
        if held:
            raw = replace(raw, version=held[:1].upper(), release=held[1:].upper())
        base = NewMessage(
            id="",
            position=0,
            state="parsed",
            type=raw.type or "?",
            reference=raw.reference,
            start=raw.start,
            end=raw.end,
            test=self.test,
        )
        directory = directory_of(raw, self.book.directories, self.source.header.syntax_version)
        guide = self.partner.edifact.read.guide
        checked = validate(
            raw,
            directory,
            severities=self.partner.severities,
            overlay=directory.guide(guide) if directory and guide else None,
        )
        error = self._blocking(raw) or first_error(checked.findings)
        if error:
            return _parked(base, error, checked.findings)
        if raw.type in ACKNOWLEDGEMENTS:
            return self._acknowledgement(base, raw, checked)
        try:
            agreement, mapping = self._agreed(raw)
        except Fault as fault:
            found = self._unagreed(raw) or fault.as_finding()
            return _parked(base, found, (*checked.findings, found))
        self.agreements.append(agreement)
        return self._mapped(base, agreement, mapping, checked)

    def _agreed(self, raw: RawMessage) -> tuple[Agreement, DocumentMapping]:
        for agreement in self.partner.agreements:
            if agreement.direction == "receive":
                mapping = self.book.mapping(self.partner, agreement.mapping)
                syntax = mapping.syntax
                if syntax.kind == "edifact" and (syntax.message, syntax.directory) == (raw.type, raw.directory):
                    return agreement, mapping
        name = f"{raw.type} {raw.version}.{raw.release}"
        raise OurFault("agreement.missing", raw.segments[0].where(2, 1), value=name, partner=self.partner.id)

    def _unagreed(self, raw: RawMessage) -> Finding | None:
        """Whose matter a message without agreement is: the partner's when so set, else ours (None)."""
        if self.partner.edifact.read.unagreed == "park":
            return None
        return next(iter(check_agreed(raw, EnvelopeRules(messages=frozenset()))), None)

    def _mapped(
        self, base: NewMessage, agreement: Agreement, mapping: DocumentMapping, checked: Validated
    ) -> NewMessage:
        reading = mapping.read(checked.tree)
        findings = weigh((*checked.findings, *map(_as_syntax, reading.findings)), self.partner)
        base = replace(base, mapping=mapping.name, mapping_hash=mapping.digest, test=base.test or agreement.test)
        if reading.document is not None:
            base = _with_document(base, reading.document)
        error = first_error(findings)
        if error is None and reading.document is None:
            error = PartnerFault("message.unreadable").as_finding()
        if error:
            return _parked(base, error, findings)
        return replace(base, findings=findings, sources=reading.sources)

    def _acknowledgement(self, base: NewMessage, raw: RawMessage, checked: Validated) -> NewMessage:
        try:
            document = read_contrl(raw) if raw.type == "CONTRL" else read_aperak(raw)
        except PartnerFault as fault:
            return _parked(base, fault.as_finding(), (*checked.findings, fault.as_finding()))
        return replace(_with_document(base, document), findings=checked.findings)

    def empty(self) -> NewMessage:
        """An interchange without messages is shown too."""
        fault = first_error(self.findings) or PartnerFault("interchange.empty").as_finding()
        base = NewMessage(
            id="", position=0, state="parked", type="?", start=self.source.start, end=self.source.end, test=self.test
        )
        return _parked(base, fault, self.findings or (fault,))

    def interchange(self, messages: list[NewMessage]) -> NewInterchange:
        refused = sum(each.state == "parked" for each in messages)
        whole = bool(messages) and not refused and not any(first_error(each.findings) for each in self.source.groups)
        status = "accepted" if whole else "rejected" if refused == len(messages) else "partly"
        header = self.source.header
        key = f"edifact:{header.sender}:{header.receiver}:{header.reference}:{int(header.test)}"
        return NewInterchange(
            syntax="edifact",
            sender=header.sender,
            receiver=header.receiver,
            reference=header.reference,
            test=self.test,
            status="rejected" if first_error(self.findings) else status,
            findings=in_order((*self.findings, *(f for group in self.source.groups for f in group.findings))),
            digest=self._digest(),
            dedupe_key=key if header.sender and header.reference else None,
        )

    def _digest(self) -> str:
        total = sha256()
        for message in self.source.messages:
            for segment in message.segments:
                total.update(segment.raw)
        return total.hexdigest()

    def _in_contrl(self, agreement: Agreement) -> bool:
        """Who sends XML is not answered in EDIFACT."""
        return agreement.contrl and self.book.mapping(self.partner, agreement.mapping).syntax.kind == "edifact"

    def answer(self, messages: list[NewMessage]) -> tuple[str, tuple[Segment, ...]] | None:
        """Return (channel, CONTRL body), None when none is owed."""
        if self.source.unb is None or any(each.type in ACKNOWLEDGEMENTS for each in messages):
            return None
        receiving = [each for each in self.partner.agreements if each.direction == "receive" and self._in_contrl(each)]
        if self.partner.edifact.read.contrl == "on-request" and not self.source.header.ack_request:
            return None
        used = [each for each in self.agreements if each.contrl]
        if not (used if self.agreements else receiving):
            return None
        over = (used or receiving)[0].over
        verdicts = [
            MessageVerdict(message=raw, accepted=_accepted(read), findings=read.findings)
            for raw, read in zip(self.source.messages, messages, strict=True)
        ]
        body = contrl(self.source, self.findings, verdicts)
        return (over, tuple(body)) if body else None


def _as_syntax(finding: Finding) -> Finding:
    """A value that cannot be read is "invalid value" to CONTRL (UN/EDIFACT 0085 code 12)."""
    if finding.severity == "error" and finding.iso is None and finding.where.segment is not None:
        return replace(finding, iso="12")
    return finding


def _accepted(message: NewMessage) -> bool:
    """By CONTRL only what is wrong with the bytes is refused; a missing agreement is ours."""
    return message.state == "parsed" or message.owner == "us"


def _with_document(base: NewMessage, document: Document) -> NewMessage:
    return replace(
        base,
        document_type=type(document).__name__,
        document=dumps(document),
        read=document,
        business_number=str(document.id),
    )


def _parked(base: NewMessage, error: Finding, findings: tuple[Finding, ...]) -> NewMessage:
    return replace(base, state="parked", fault=error, owner=owner_of(error), findings=findings)
