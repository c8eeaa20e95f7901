"""From an answer to a parcel: the partner's own mapping, codec and channel. Encoded before it is queued."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.codecs import xml
from gateway.codecs.edifact import DEFAULT_MARKS, SYNTAX_4_MARKS, Marks
from gateway.codecs.envelope import InterchangeHeader, OutMessage, write_interchange
from gateway.domain.decision import Answer
from gateway.mapping.compiler import DocumentMapping
from gateway.model.documents import Document
from gateway.model.edifact_terms import Outgoing
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.model.json_form import dumps
from gateway.model.partner import Agreement, Partner
from gateway.model.tree import Segment
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx
from gateway.ports.records import MessageRow, NewParcel
from gateway.schema.acknowledge import aperak
from gateway.texts.catalogue import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What every parcel of one transaction shares. cause: message id."""

    tx: Tx
    book: Book
    now: datetime
    new_id: Callable[[], str]
    cause: str | None
    test: bool
    family: str | None = None  # of the message that is answered


def parcel_for(answering: Answering, answer: Answer) -> NewParcel | Finding:
    """Encode answer for its receiver; a finding when nothing is agreed for that document.

    Raises OurFault when the document cannot be written in the agreed form.
    """
    partner = answering.book.partner(answer.to)
    if answering.test and partner.kind == "house":  # a warehouse would ship it
        return Finding(code="agreement.test-stays-here", severity="info", params=(("partner", partner.id),))
    document_type = type(answer.document).__name__
    agreed = answering.book.sends(partner, document_type, answering.family)
    if agreed is None:
        return Finding(
            code="agreement.nothing-to-send",
            severity="warning",
            params=(("document", document_type), ("partner", partner.id)),
        )
    agreement, mapping = agreed
    test = answering.test or agreement.test or partner.mode == "test"
    control = None
    if mapping.syntax.kind == "edifact":
        asks = agreement.contrl and partner.edifact.write.ask_contrl
        message = out_message(mapping, mapping.write(answer.document))
        control, payload = interchange(answering, partner, [message], test=test, asks=asks)
    else:
        payload = _encoded(mapping, answer.document)
    number = str(getattr(answer.document, "id", "")) or None
    return NewParcel(
        id=answering.new_id(),
        partner=partner.id,
        channel=agreement.over,
        mapping=agreement.mapping,
        document_type=document_type,
        payload=payload,
        content_type=CONTENT_TYPES[mapping.syntax.kind],
        filename=f"{agreement.message_type}-{_safe(number or answering.new_id())}.{EXTENSIONS[mapping.syntax.kind]}",
        business_number=number,
        control_reference=control,
        document=dumps(answer.document),
        cause=answering.cause,
        about=answer.about,
        test=test,
        expects=_expected(agreement, mapping),
        due=answering.now + timedelta(hours=agreement.contrl_within_h),
    )


CONTENT_TYPES = {"edifact": "application/EDIFACT", "xml": "application/xml", "json": "application/json"}
EXTENSIONS = {"edifact": "edi", "xml": "xml", "json": "json"}


def _encoded(mapping: DocumentMapping, document: Document) -> bytes:
    written = mapping.write(document)
    if mapping.syntax.kind == "xml":
        return xml.encode(written)
    return str(written).encode()


def _expected(agreement: Agreement, mapping: DocumentMapping) -> str | None:
    return "contrl" if mapping.syntax.kind == "edifact" and agreement.contrl else None


def _safe(number: str) -> str:
    return "".join(each if each.isalnum() or each in "-_." else "-" for each in number)[:60]


def out_message(mapping: DocumentMapping, body: list[Segment], reference: str = "1") -> OutMessage:
    """Return the message with the UNH of its mapping."""
    syntax = mapping.syntax
    return OutMessage(
        type=syntax.message,
        version=syntax.directory[:1].upper(),
        release=syntax.directory[1:].upper(),
        agency="UN",
        association=syntax.association,
        reference=reference,
        body=body,
    )


def interchange(
    answering: Answering, partner: Partner, messages: Sequence[OutMessage], *, test: bool, asks: bool = False
) -> tuple[str, bytes]:
    """Return control reference and bytes of an interchange to partner, written as agreed with it.

    asks: for a CONTRL (UNB 0031). Raises OurFault partner.no-gln, edifact.character-unwritable.
    """
    terms = partner.edifact.write
    control = answering.tx.control_reference(partner.id, terms.first, terms.last)
    written = write_interchange(
        header(answering, partner, control, test, asks=asks),
        messages,
        marks=marks_of(terms),
        line_end="\r\n" if terms.line_ends else "",
        transliterate=terms.transliterate,
        una=terms.una,
    )
    return control, written


def marks_of(terms: Outgoing) -> Marks:
    """Return the service characters that a partner is written with."""
    return replace(SYNTAX_4_MARKS if terms.version == "4" else DEFAULT_MARKS, decimal=terms.decimal)


def header(
    answering: Answering, partner: Partner, control: str, test: bool, *, asks: bool = False
) -> InterchangeHeader:
    """Return the UNB of an interchange from us to partner. Raises OurFault partner.no-gln."""
    terms = partner.edifact.write
    own = answering.book.own.partner
    if own.gln is None or not partner.ids:
        raise OurFault("partner.no-gln", value=partner.id if own.gln else own.id)
    receiver = partner.gln or partner.ids[0].value
    return InterchangeHeader(
        syntax_id=terms.level,
        syntax_version=terms.version,
        sender=own.gln,
        sender_qualifier="14",
        receiver=receiver,
        receiver_qualifier="14" if partner.gln else "",
        prepared_at=answering.now.strftime("%Y%m%d:%H%M" if terms.version == "4" else "%y%m%d:%H%M"),
        reference=control,
        password=terms.password or "",
        ack_request=asks,
        test=test,
    )


def control_parcel(
    answering: Answering, partner: Partner, over: str, kind: str, body: list[Segment], about: str
) -> NewParcel:
    """Return a CONTRL or APERAK interchange for partner, sent over the channel the refused document came by."""
    newer = partner.edifact.write.version == "4"
    version, release = ("D", "96A") if kind == "APERAK" else ("4", "1") if newer else ("D", "3")
    out = OutMessage(
        type=kind,
        version=version,
        release=release,
        agency="UN",
        association="",
        reference="1",
        body=body,
    )
    control, payload = interchange(answering, partner, [out], test=answering.test)
    return NewParcel(
        id=answering.new_id(),
        partner=partner.id,
        channel=over,
        mapping=f"control/{kind}",
        document_type="Acknowledgement",
        payload=payload,
        content_type=CONTENT_TYPES["edifact"],
        filename=f"{kind}-{_safe(about)}.edi",
        control_reference=control,
        cause=answering.cause,
        about=about,
        test=answering.test,
    )


def aperak_parcel(answering: Answering, partner: Partner, row: MessageRow, fault: Finding) -> NewParcel | None:
    """Return the application refusal of an EDIFACT message, None for other syntaxes and for control messages."""
    agreement = partner.receives(row.mapping) if row.mapping else None
    if row.mapping is None or agreement is None or not agreement.aperak:
        return None
    if answering.book.mapping(partner, row.mapping).syntax.kind != "edifact":
        return None
    body = aperak(
        number=f"AP{answering.tx.serial():06d}",
        now=answering.now,
        document=row.business_number or "",
        document_message=row.reference or "",
        sender=answering.book.own.partner.gln or "",
        receiver=partner.gln or row.interchange_sender or "",
        errors=[(fault, text(fault))],
    )
    return control_parcel(answering, partner, agreement.over, "APERAK", body, row.business_number or row.id)
