"""Read an arrival of XML, CSV or canonical JSON, or a document of our own making. One file may hold several."""

from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from hashlib import sha256
from typing import Any

from gateway.codecs import canonical, csv_rows, sbdh, xml
from gateway.codecs.sbdh import Header
from gateway.mapping.compiler import DocumentMapping, Reading
from gateway.mapping.csv_tables import form_of
from gateway.mapping.recognition import csv_choice, nearest_root, xml_choice, xml_name, xml_parts
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.model.faults import Fault, OurFault, PartnerFault
from gateway.model.findings import Finding
from gateway.model.partner import Agreement, Partner
from gateway.model.values import Party
from gateway.pipeline.book import Book
from gateway.pipeline.verdict import first_error, owner_of, weigh
from gateway.ports.records import NewInterchange, NewMessage
from gateway.schema.xml_check import check_document

Several = tuple[NewInterchange, tuple[NewMessage, ...]]


def read_xml(book: Book, partner: Partner, chunks: Iterable[bytes], test: bool) -> Several:
    """Read an XML message by the agreement for its root element.

    Raises PartnerFault xml.* when it is not XML, sbdh.no-document when a header is all there is.
    """
    data = b"".join(chunks)
    document, header, oddities = sbdh.opened(xml.decode(data))
    label = document.local_name
    try:
        agreement, mapping = _agreed_xml(book, partner, document)
        schema = check_document(document, book.schemas, mapping.syntax.schema, partner.severities)
    except Fault as fault:
        message = _refused(label, fault, len(data), test)
        return _interchange("xml", partner, book, (message,), data, header), (message,)
    test = test or agreement.test or partner.mode == "test"
    common = weigh((*oddities, *_who(book, partner, header), *schema), partner)
    error = first_error(common)
    roots = tuple(xml_parts(mapping.syntax, document.root))  # from here on without the header
    content = xml.canonical_bytes(document.root) if header is not None and header.instance else b""
    messages, first = [], None
    for number, root in enumerate(roots):
        reading = mapping.read(root)
        first = first or reading.document
        told = common if number == 0 else (error,) if error else ()
        found = (*told, *weigh(_not_told(reading, schema), partner))
        messages.append(_message(label, mapping, reading, found, len(data), test, position=number))
    return _interchange("xml", partner, book, messages, content, header, first), tuple(messages)


def _agreed_xml(book: Book, partner: Partner, document: xml.XmlDocument) -> tuple[Agreement, DocumentMapping]:
    """Raises OurFault xml.unknown-root with the nearest agreed one."""
    agreed = _receiving(book, partner)
    chosen = xml_choice((mapping for _, mapping in agreed), document)
    for agreement, mapping in agreed:
        if mapping is chosen:
            return agreement, mapping
    near = nearest_root((mapping for _, mapping in agreed), document)
    value = xml_name(document) if near.startswith("{") else document.local_name
    raise OurFault("xml.unknown-root", xml.locate(document.root), value=value, partner=partner.id, nearest=near)


def _not_told(reading: Reading, schema: Sequence[Finding]) -> Iterable[Finding]:
    """Leave out what the schema has said of the same value in the same line."""
    told = {(each.where.line, each.value) for each in schema if each.value}
    return (each for each in reading.findings if (each.where.line, each.value) not in told)


def _who(book: Book, partner: Partner, header: Header | None) -> list[Finding]:
    """The proved sender must be the one the header names, and it must be for us; an empty header says nothing."""
    if header is None:
        return []
    found = []
    sender, receiver = (header.sender_id, header.sender), (header.receiver_id, header.receiver)
    if header.sender and all(each.value not in sender for each in partner.ids):
        fault = PartnerFault("interchange.sender-not-allowed", value=header.sender_id, partner=partner.id)
        found.append(fault.as_finding())
    if header.receiver and all(each.value not in receiver for each in book.own.partner.ids):
        fault = PartnerFault("interchange.receiver-not-us", value=header.receiver_id)
        anothers = any(book.is_anothers(each, partner) for each in receiver if each)
        found.append(replace(fault.as_finding(), severity="error" if anothers else "warning"))
    return found


def read_csv(book: Book, partner: Partner, chunks: Iterable[bytes], test: bool, filename: str) -> Several:
    """Read the documents of a CSV file by the agreement whose columns, record type or file name fit.

    Raises PartnerFault csv.* when the file cannot be taken apart, OurFault agreement.missing.
    """
    data = b"".join(chunks)
    agreed = _receiving(book, partner)
    chosen = csv_choice((mapping for _, mapping in agreed), data[:65_536], filename)
    several = [(agreement, mapping) for agreement, mapping in agreed if mapping.syntax.kind == "csv"]
    found = next((each for each in several if each[1] is chosen), several[0] if len(several) == 1 else None)
    if found is None:
        raise OurFault("agreement.missing", value=f"CSV {filename}".strip(), partner=partner.id)
    agreement, mapping = found
    test = test or agreement.test or partner.mode == "test"
    messages = []
    for number, document in enumerate(csv_rows.decode(data, form_of(mapping.syntax), filename=filename)):
        reading = mapping.read(document.root)
        findings = weigh((*document.findings, *reading.findings), partner)
        message = _message(
            mapping.name.rpartition("/")[2], mapping, reading, findings, document.end, test, position=number
        )
        messages.append(replace(message, start=document.start))
    return _interchange("csv", partner, book, messages, data), tuple(messages)


def _receiving(book: Book, partner: Partner) -> list[tuple[Agreement, DocumentMapping]]:
    return [
        (each, book.mapping(partner, each.mapping)) for each in partner.agreements if each.direction == "receive"
    ]  # fmt: skip


def takes_csv(book: Book, partner: Partner) -> bool:
    """Tell whether anything is agreed with partner about receiving CSV."""
    return any(mapping.syntax.kind == "csv" for _, mapping in _receiving(book, partner))


def read_json(book: Book, partner: Partner, chunks: Iterable[bytes], test: bool) -> Several:
    """Read one canonical document. Raises PartnerFault json.* when it is not JSON."""
    data = b"".join(chunks)
    tree = canonical.decode(data)
    kind = str(tree.get("document", "?"))[:60]
    try:
        agreement, mapping = agreed(book, partner, kind)
    except Fault as fault:
        message = _refused(kind, fault, len(data), test)
        return _interchange("json", partner, book, (message,), data), (message,)
    test = test or agreement.test or partner.mode == "test"
    reading = mapping.read(tree)
    findings = weigh(canonical.with_places(reading.findings, data), partner)
    message = _message(kind, mapping, reading, findings, len(data), test)
    return _interchange("json", partner, book, (message,), data), (message,)


def read_internal(chunks: Iterable[bytes], test: bool) -> NewMessage:
    """Read a document that the gateway itself has made (planning requests and decisions)."""
    data = b"".join(chunks)
    document = json_form.loads(data)
    kind = type(document).__name__
    return NewMessage(id="", position=0, state="parsed", type=kind, end=len(data), test=test, **_of(document))


def agreed(book: Book, partner: Partner, name: str) -> tuple[Agreement, DocumentMapping]:
    """Return the agreement to receive canonical documents of that name. Raises OurFault agreement.missing."""
    for agreement, mapping in _receiving(book, partner):
        if mapping.syntax.kind == "json" and name == mapping.document:
            return agreement, mapping
    raise OurFault("agreement.missing", value=name, partner=partner.id)


def _message(
    label: str,
    mapping: DocumentMapping,
    reading: Reading,
    findings: tuple[Finding, ...],
    size_bytes: int,
    test: bool,
    *,
    position: int = 0,
) -> NewMessage:
    document = reading.document
    error = first_error(findings)
    if document is None and error is None:
        error = PartnerFault("message.unreadable").as_finding()
        findings = (*findings, error)
    return NewMessage(
        id="",
        position=position,
        state="parked" if error else "parsed",
        type=label,
        mapping=mapping.name,
        mapping_hash=mapping.digest,
        findings=findings,
        sources={} if document is None else reading.sources,
        fault=error,
        owner=owner_of(error) if error else None,
        end=size_bytes,
        test=test,
        interchange=0,
        **_of(document),
    )


def _of(document: Document | None) -> dict[str, Any]:
    if document is None:
        return {}
    return {
        "document_type": type(document).__name__,
        "document": json_form.dumps(document),
        "read": document,
        "business_number": str(getattr(document, "id", "")) or None,
    }


def _refused(label: str, fault: Fault, size_bytes: int, test: bool) -> NewMessage:
    return NewMessage(
        id="",
        position=0,
        state="parked",
        type=label,
        findings=(fault.as_finding(),),
        fault=fault.as_finding(),
        owner=fault.owner,
        end=size_bytes,
        test=test,
        interchange=0,
    )


def _interchange(
    syntax: str,
    partner: Partner,
    book: Book,
    messages: Sequence[NewMessage],
    data: bytes,
    header: Header | None = None,
    document: Document | None = None,
) -> NewInterchange:
    """A header's instance identifier is unique per sender: a second one is a repeat, or other content under a used
    reference."""
    own = book.own.partner
    sender = (header.sender_id if header else "") or _party_of(document, partner) or partner.gln or partner.id
    receiver = (header.receiver_id if header else "") or _party_of(document, own) or own.gln or ""
    test = messages[0].test
    instance = header.instance if header else ""
    refused = sum(each.fault is not None for each in messages)
    return NewInterchange(
        syntax=syntax,
        sender=sender,
        receiver=receiver,
        reference=instance or messages[0].business_number or "",
        test=test,
        status="accepted" if not refused else "rejected" if refused == len(messages) else "partly",
        findings=(),
        digest=sha256(data).hexdigest() if instance else "",
        dedupe_key=f"sbdh:{sender}:{receiver}:{instance}:{int(test)}" if instance else None,
    )


def _party_of(document: Document | None, partner: Partner) -> str:
    """Return the first GLN of a party of the document (buyer, seller, ...) that is partner's, "" when none is."""
    if document is None:
        return ""
    parties = (getattr(document, each.name) for each in fields(document))
    glns = (each.gln for each in parties if isinstance(each, Party))
    own = {each.value for each in partner.ids}
    return next((gln for gln in glns if gln in own), "")
