"""From an answer to a parcel: the partner's own mapping, codec and channel. Encoded before it is queued."""

from dataclasses import replace
from datetime import timedelta

from gateway.codecs.envelope import OutMessage
from gateway.domain.decision import Answer
from gateway.mapping.compiler import DocumentMapping
from gateway.model.acknowledgement import Acknowledgement
from gateway.model.documents import Document
from gateway.model.findings import Finding
from gateway.model.json_form import dumps
from gateway.model.partner import Agreement, Partner
from gateway.model.tree import Segment
from gateway.pipeline.batching import waiting
from gateway.pipeline.spoken import language, spoken
from gateway.pipeline.verdict import check_numbers
from gateway.pipeline.write_single import encoded
from gateway.pipeline.writing import CONTENT_TYPES, Answering, interchange, out_message
from gateway.ports.records import MessageRow, NewParcel
from gateway.schema.acknowledge import aperak
from gateway.schema.decimals import with_decimal_mark
from gateway.texts.catalogue import text
from gateway.texts.reasons import in_words

__all__ = ["Answering", "aperak_parcel", "control_parcel", "parcel_for"]

EXTENSIONS = {"edifact": "edi", "xml": "xml", "json": "json", "csv": "csv"}


def parcel_for(answering: Answering, answer: Answer) -> NewParcel | Finding:
    """Encode answer for its receiver; a finding when nothing is agreed for that document.

    Raises OurFault when the document cannot be written in the agreed form.
    """
    partner = answering.book.partner(answer.to).on(answering.now.date())
    if answering.test and partner.kind == "house":  # a warehouse would ship it
        return Finding(code="agreement.test-stays-here", severity="info", params=(("partner", partner.id),))
    document_type = type(answer.document).__name__
    agreed = answering.book.sends(partner, document_type, answering.family, getattr(answer.document, "type_code", None))
    refusal = _as_aperak(answering, partner, answer.document) if agreed is None else None
    if refusal is not None:
        return refusal
    if agreed is None:
        return Finding(
            code="agreement.nothing-to-send",
            severity="warning",
            params=(("document", document_type), ("partner", partner.id)),
        )
    agreement, mapping = agreed
    test = answering.test or agreement.test or partner.mode == "test"
    document = spoken(answer.document, language(partner, mapping))
    check_numbers(document, partner, answering.theirs)
    number = str(getattr(document, "id", "")) or None
    parcel = NewParcel(
        id=answering.new_id(),
        partner=partner.id,
        channel=agreement.over,
        mapping=agreement.mapping,
        document_type=document_type,
        payload=b"",
        content_type=CONTENT_TYPES[mapping.syntax.kind],
        filename=f"{agreement.message_type}-{_safe(number or answering.new_id())}.{EXTENSIONS[mapping.syntax.kind]}",
        business_number=number,
        document=dumps(document),
        cause=answering.cause,
        about=answer.about,
        test=test,
        expects=_expected(agreement, mapping),
        due=answering.now + timedelta(hours=agreement.contrl_within_h),
    )
    if mapping.syntax.kind != "edifact":
        own = answering.book.own.partner
        instance = parcel.id  # of the business document header, where one is agreed
        payload = encoded(mapping, document, agreement, own=own, partner=partner, instance=instance, now=answering.now)
        return replace(parcel, payload=payload)
    return _in_edifact(answering, parcel, partner, agreement, mapping, document)


def _as_aperak(answering: Answering, partner: Partner, word: Document) -> NewParcel | None:
    """Return our word on a document as APERAK, where the partner sends us such documents in EDIFACT and takes APERAK.

    None for other documents, and where nothing like that is agreed.
    """
    if not isinstance(word, Acknowledgement) or word.outcome != "rejected":
        return None
    agreement = next((each for each in partner.agreements if _refuses_by_aperak(answering, partner, each)), None)
    if agreement is None:
        return None
    lang = language(partner, None)
    reason = in_words(word.reason, lang) or ""
    said = Finding(code="invoice.refused", severity="error", value=word.document, params=(("reason", reason),))
    body = aperak(
        number=word.id,
        now=answering.now,
        document=word.document or "",
        document_message="",
        sender=answering.book.own.partner.gln or "",
        receiver=partner.gln or "",
        errors=[(said, text(said, lang))],
    )
    return control_parcel(answering, partner, agreement.over, "APERAK", body, word.document or word.id)


def _refuses_by_aperak(answering: Answering, partner: Partner, agreement: Agreement) -> bool:
    if agreement.direction != "receive" or not agreement.aperak:
        return False
    mapping = answering.book.mapping(partner, agreement.mapping)
    return mapping.syntax.kind == "edifact" and mapping.document == "Invoice"


def _in_edifact(
    answering: Answering,
    parcel: NewParcel,
    partner: Partner,
    agreement: Agreement,
    mapping: DocumentMapping,
    document: Document,
) -> NewParcel:
    """Fill parcel: with an interchange of its own, or with the message that will wait for others."""
    terms = partner.edifact.write
    directory = answering.book.directories.get(mapping.syntax.directory)
    body = with_decimal_mark(mapping.write(document), terms.decimal, directory)
    if terms.batch_count > 1:
        reference = answering.tx.message_reference(partner.id)
        return waiting(parcel, out_message(mapping, body, reference), partner, agreement, answering.now)
    asks = agreement.contrl and terms.ask_contrl
    control, payload = interchange(answering, partner, [out_message(mapping, body)], test=parcel.test, asks=asks)
    return replace(parcel, payload=payload, control_reference=control)


def _expected(agreement: Agreement, mapping: DocumentMapping) -> str | None:
    return "contrl" if mapping.syntax.kind == "edifact" and agreement.contrl else None


def _safe(number: str) -> str:
    return "".join(each if each.isalnum() or each in "-_." else "-" for each in number)[:60]


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
    control, payload = interchange(answering, partner, [out], test=answering.test, always_writable=True)
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
    agreement = partner.receives(row.mapping, answering.now.date()) if row.mapping else None
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
        errors=[(fault, text(fault, language(partner, None)))],
    )
    return control_parcel(answering, partner, agreement.over, "APERAK", body, row.business_number or row.id)
