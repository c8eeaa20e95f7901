"""Whole files through a mapping, without a partner or a journal: for translate, cases and the preview."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.codecs import canonical, csv_rows, envelope, first_bytes, sbdh, xml
from gateway.codecs.edifact_write import write_segments
from gateway.mapping.compiler import DocumentMapping, Reading, Syntax
from gateway.mapping.csv_tables import form_of
from gateway.mapping.recognition import csv_choice, xml_fit, xml_name, xml_parts
from gateway.model.documents import Document
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

SNIFFED_BYTES = 4096
PLACEHOLDER = "0000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file says it is. kind: edifact, xml, json or csv; name: message type, {namespace}root, document type or
    the name of the file.

    document: what was parsed of an XML file; head: the first bytes of a CSV file
    """

    kind: str
    name: str
    directory: str = ""
    document: xml.XmlDocument | None = field(default=None, compare=False, repr=False)
    head: bytes = field(default=b"", compare=False, repr=False)

    def fits(self, mapping: DocumentMapping) -> bool:
        """Tell whether mapping reads such a message."""
        syntax = mapping.syntax
        if syntax.kind != self.kind:
            return False
        if self.kind == "edifact":
            return (syntax.message, syntax.directory) == (self.name, self.directory)
        if self.document is not None:
            return xml_fit(syntax, self.document) > 0
        if self.kind == "csv":
            return csv_choice((mapping,), self.head, self.name) is not None
        return self.name == (syntax.root if self.kind == "xml" else mapping.document)

    def best(self, mappings: Iterable[DocumentMapping]) -> DocumentMapping | None:
        """Return the first mapping that fits (of CSV the one that fits best), None when none does."""
        if self.kind == "csv":
            return csv_choice(mappings, self.head, self.name)
        return next((each for each in mappings if self.fits(each)), None)

    def __str__(self) -> str:
        return f"{self.name} {self.directory}".strip().rpartition("}")[2]


Choose = Callable[[Found], DocumentMapping]
Check = Callable[[xml.XmlDocument, DocumentMapping], tuple[Finding, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReading:
    """One message of a file. findings: of the syntax and structure; those of the mapping are in reading.

    header: of the interchange (EDIFACT), None otherwise
    """

    found: Found
    mapping: DocumentMapping
    reading: Reading
    findings: tuple[Finding, ...] = ()
    header: envelope.InterchangeHeader | None = None

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        return (*self.findings, *self.reading.findings)


def syntax_of(data: bytes) -> str:
    """Tell the syntax by the first bytes: edifact, xml, json or csv."""
    head = data[:SNIFFED_BYTES]
    return first_bytes.syntax_of(head, SNIFFED_BYTES) or ("csv" if b"\n" in head or b"\r" in head else "edifact")


def read_file(
    data: bytes,
    choose: Choose,
    directories: Mapping[str, Directory],
    *,
    filename: str = "",
    check: Check = lambda document, mapping: (),
) -> Iterator[FileReading]:
    """Yield every message of a file, read with the mapping that choose gives for it.

    filename: without folder; check: judges an XML document by its schema.
    Raises PartnerFault of the codec when the file cannot be read at all, and what choose raises.
    """
    kind = syntax_of(data) if not filename.lower().endswith(".csv") else "csv"
    if kind == "edifact":
        yield from _read_edifact(data, choose, directories)
    elif kind == "xml":
        yield from _read_xml(data, choose, check)
    elif kind == "csv":
        yield from _read_csv(data, choose, filename)
    else:
        tree = canonical.decode(data)
        found = Found(kind=kind, name=str(tree.get("document", "?"))[:60])
        mapping = choose(found)
        reading = mapping.read(tree)
        reading = replace(reading, findings=canonical.with_places(reading.findings, data))
        yield FileReading(found=found, mapping=mapping, reading=reading)


def _read_xml(data: bytes, choose: Choose, check: Check) -> Iterator[FileReading]:
    document, _, oddities = sbdh.opened(xml.decode(data))
    found = Found(kind="xml", name=xml_name(document), document=document)
    mapping = choose(found)
    findings = (*oddities, *check(document, mapping))
    for number, root in enumerate(xml_parts(mapping.syntax, document.root)):
        yield FileReading(
            found=found, mapping=mapping, reading=mapping.read(root), findings=findings if number == 0 else ()
        )


def _read_csv(data: bytes, choose: Choose, filename: str) -> Iterator[FileReading]:
    found = Found(kind="csv", name=filename or "csv", head=data[:65_536])
    mapping = choose(found)
    if mapping.syntax.kind != "csv":
        raise OurFault("mapping.none-fits", value=str(found), known=mapping.name)
    for each in csv_rows.decode(data, form_of(mapping.syntax), filename=filename):
        yield FileReading(found=found, mapping=mapping, reading=mapping.read(each.root), findings=each.findings)


def _read_edifact(data: bytes, choose: Choose, directories: Mapping[str, Directory]) -> Iterator[FileReading]:
    for interchange in envelope.read_interchanges([data]):
        for number, message in enumerate(interchange.messages):
            found = Found(kind="edifact", name=message.type, directory=message.directory)
            mapping = choose(found)
            checked = validate(message, directories.get(mapping.syntax.directory))
            yield FileReading(
                found=found,
                mapping=mapping,
                reading=mapping.read(checked.tree),
                findings=(*(interchange.findings if number == 0 else ()), *checked.findings),
                header=interchange.header,
            )


def write_body(mapping: DocumentMapping, document: Document, *, line_end: str = "\n") -> bytes:
    """Write document without an envelope: the segments between UNH and UNT, an XML document, or JSON."""
    written = mapping.write(document)
    if mapping.syntax.kind == "xml":
        return xml.encode(written)
    if mapping.syntax.kind == "edifact":
        return write_segments(written, line_end=line_end)
    if mapping.syntax.kind == "csv":
        return csv_rows.encode([written], form_of(mapping.syntax))
    return str(written).encode()


def write_file(mapping: DocumentMapping, document: Document, header: envelope.InterchangeHeader | None = None) -> bytes:
    """Write document as a file of its own. header: of the interchange; without one the parties of the document."""
    if mapping.syntax.kind != "edifact":
        return write_body(mapping, document)
    syntax = mapping.syntax
    message = envelope.OutMessage(
        type=syntax.message,
        version=syntax.directory[:1].upper(),
        release=syntax.directory[1:].upper(),
        reference="1",
        body=mapping.write(document),
        association=syntax.association,
    )
    return envelope.write_interchange(header or _header(document, syntax), [message], line_end="\n")


def _header(document: Document, syntax: Syntax) -> envelope.InterchangeHeader:
    names = ("buyer", "reporter", "sender", "receiver", "seller", "provider", "payer", "payee", "carrier")
    found = [getattr(document, name) for name in names if getattr(document, name, None) is not None]
    glns = [each.gln for each in found if each.gln] + [PLACEHOLDER, PLACEHOLDER]
    return envelope.InterchangeHeader(
        sender=glns[0], sender_qualifier="14", receiver=glns[1], receiver_qualifier="14", reference="1",
        prepared_at="000101:0000",
    )  # fmt: skip


def by_type_code(candidates: Sequence[DocumentMapping], type_code: str | None) -> DocumentMapping:
    """Return the mapping that writes a document of that type code: of several roots for one document (UBL has Invoice
    and CreditNote) the one that has the code as its own, that is as the default of typeCode; else the lowest code's."""
    own = {each.name: _own_type_code(each) for each in candidates}
    return min(candidates, key=lambda each: (own[each.name] != type_code, own[each.name]))


def _own_type_code(mapping: DocumentMapping) -> str:
    entry = mapping.effective.entries.get("typeCode") if mapping.effective else None
    rules = entry if isinstance(entry, tuple) else ()
    return next((rule.default for rule in rules if rule.default is not None), "")
