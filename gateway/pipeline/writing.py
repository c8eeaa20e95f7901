"""How an interchange to a partner is written: its UNB, marks, level and reference, as agreed with that partner."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.codecs.edifact import DEFAULT_MARKS, SYNTAX_4_MARKS, Marks
from gateway.codecs.envelope import InterchangeHeader, OutMessage, write_interchange
from gateway.mapping.compiler import DocumentMapping
from gateway.model.edifact_terms import Outgoing
from gateway.model.faults import OurFault
from gateway.model.partner import Partner
from gateway.model.tree import Segment
from gateway.pipeline.book import Book
from gateway.ports.journal import Tx

CONTENT_TYPES = {
    "edifact": "application/EDIFACT", "xml": "application/xml", "json": "application/json", "csv": "text/csv",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """What every parcel of one transaction shares. cause: message id.

    theirs: numbers with a wrong check digit in what the partners sent and we answer
    """

    tx: Tx
    book: Book
    now: datetime
    new_id: Callable[[], str]
    cause: str | None
    test: bool
    family: str | None = None  # of the message that is answered
    theirs: frozenset[str] = frozenset()


def out_message(mapping: DocumentMapping, body: Sequence[Segment], reference: str = "1") -> OutMessage:
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
    answering: Answering,
    partner: Partner,
    messages: Sequence[OutMessage],
    *,
    test: bool,
    asks: bool = False,
    always_writable: bool = False,
) -> tuple[str, bytes]:
    """Return control reference and bytes of an interchange to partner, written as agreed with it.

    asks: for a CONTRL (UNB 0031). always_writable: accents are given up rather than the interchange.

    Raises OurFault partner.no-gln, edifact.character-unwritable.
    """
    terms = partner.edifact.write
    control = answering.tx.control_reference(partner.id, terms.first, terms.last)
    written = write_interchange(
        header(answering, partner, control, test, asks=asks),
        messages,
        marks=marks_of(terms),
        line_end=line_end(terms),
        transliterate=terms.transliterate or always_writable,
        una=terms.una,
    )
    return control, written


def line_end(terms: Outgoing) -> str:
    """Return what follows each segment."""
    return "\r\n" if terms.line_ends else ""


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
