"""Read an arrival that is one document: XML, canonical JSON, or a document of our own making."""

from collections.abc import Iterable
from typing import Any

from gateway.codecs import canonical, xml
from gateway.mapping.compiler import DocumentMapping
from gateway.model import json_form
from gateway.model.documents import Document
from gateway.model.faults import Fault, OurFault, PartnerFault
from gateway.model.findings import Finding
from gateway.model.partner import Agreement, Partner
from gateway.pipeline.book import Book
from gateway.pipeline.verdict import first_error, owner_of, weigh
from gateway.ports.records import NewInterchange, NewMessage

Single = tuple[NewInterchange, NewMessage]


def read_xml(book: Book, partner: Partner, chunks: Iterable[bytes], test: bool) -> Single:
    """Read one XML document by the agreement for its root element. Raises PartnerFault xml.* when it is not XML."""
    data = b"".join(chunks)
    found = xml.decode(data)
    name = f"{{{found.namespace}}}{found.local_name}" if found.namespace else found.local_name
    return _read(book, partner, "xml", name, found.local_name, found.root, len(data), test)


def read_json(book: Book, partner: Partner, chunks: Iterable[bytes], test: bool) -> Single:
    """Read one canonical document. Raises PartnerFault json.* when it is not JSON."""
    data = b"".join(chunks)
    tree = canonical.decode(data)
    kind = str(tree.get("document", "?"))[:60]
    return _read(book, partner, "json", kind, kind, tree, len(data), test)


def read_internal(chunks: Iterable[bytes], test: bool) -> NewMessage:
    """Read a document that the gateway itself has made (planning requests and decisions)."""
    data = b"".join(chunks)
    document = json_form.loads(data)
    return _message(type(document).__name__, None, document, (), {}, len(data), test)


def _read(
    book: Book, partner: Partner, syntax: str, name: str, label: str, tree: Any, size_bytes: int, test: bool
) -> Single:
    try:
        agreement, mapping = agreed(book, partner, syntax, name, label)
    except Fault as fault:
        message = _refused(label, fault, size_bytes, test)
        return _interchange(syntax, partner, book, message), message
    test = test or agreement.test or partner.mode == "test"
    reading = mapping.read(tree)
    findings = weigh(reading.findings, partner)
    sources = {} if reading.document is None else reading.sources
    message = _message(label, mapping, reading.document, findings, sources, size_bytes, test)
    return _interchange(syntax, partner, book, message), message


def agreed(book: Book, partner: Partner, syntax: str, name: str, label: str) -> tuple[Agreement, DocumentMapping]:
    """Return the agreement to receive documents of that root. Raises PartnerFault agreement.missing."""
    for agreement in partner.agreements:
        if agreement.direction == "receive":
            mapping = book.mapping(partner, agreement.mapping)
            if mapping.syntax.kind == syntax and name in (mapping.syntax.root, mapping.document):
                return agreement, mapping
    raise OurFault("agreement.missing", value=label, partner=partner.id)


def _message(
    label: str,
    mapping: DocumentMapping | None,
    document: Document | None,
    findings: tuple[Finding, ...],
    sources: Any,
    size_bytes: int,
    test: bool,
) -> NewMessage:
    error = first_error(findings)
    if document is None and error is None:
        error = PartnerFault("message.unreadable").as_finding()
        findings = (*findings, error)
    return NewMessage(
        id="",
        position=0,
        state="parked" if error else "parsed",
        type=label,
        mapping=mapping.name if mapping else None,
        mapping_hash=mapping.digest if mapping else None,
        document_type=type(document).__name__ if document else None,
        document=json_form.dumps(document) if document else None,
        business_number=str(getattr(document, "id", "")) or None if document else None,
        findings=findings,
        sources=dict(sources),
        fault=error,
        owner=owner_of(error) if error else None,
        end=size_bytes,
        test=test,
        interchange=0 if mapping else None,
    )


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


def _interchange(syntax: str, partner: Partner, book: Book, message: NewMessage) -> NewInterchange:
    return NewInterchange(
        syntax=syntax,
        sender=partner.gln or partner.id,
        receiver=book.own.partner.gln or "",
        reference=message.business_number or "",
        test=message.test,
        status="rejected" if message.fault else "accepted",
        findings=(),
    )
