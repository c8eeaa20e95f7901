"""Whole files through a mapping, without a partner or a journal: for translate, cases and the preview."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.codecs import canonical, envelope, xml
from gateway.codecs.edifact_write import write_segments
from gateway.mapping.compiler import DocumentMapping, Reading, Syntax
from gateway.model.documents import Document
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

SNIFFED_BYTES = 4096
PLACEHOLDER = "0000000000000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a file says it is. kind: edifact, xml or json; name: message type, {namespace}root or document type."""

    kind: str
    name: str
    directory: str = ""

    def fits(self, mapping: DocumentMapping) -> bool:
        """Tell whether mapping reads such a message."""
        syntax = mapping.syntax
        if syntax.kind != self.kind:
            return False
        if self.kind == "edifact":
            return (syntax.message, syntax.directory) == (self.name, self.directory)
        return self.name == (syntax.root if self.kind == "xml" else mapping.document)

    def __str__(self) -> str:
        return f"{self.name} {self.directory}".strip().rpartition("}")[2]


Choose = Callable[[Found], DocumentMapping]


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
    """Tell the syntax by the first bytes: edifact, xml or json."""
    start = data[:SNIFFED_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"<" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "xml"
    return "json" if start[:1] in (b"{", b"[") else "edifact"


def read_file(data: bytes, choose: Choose, directories: Mapping[str, Directory]) -> Iterator[FileReading]:
    """Yield every message of a file, read with the mapping that choose gives for it.

    Raises PartnerFault of the codec when the file cannot be read at all, and what choose raises.
    """
    kind = syntax_of(data)
    if kind == "edifact":
        yield from _read_edifact(data, choose, directories)
        return
    tree: Any
    if kind == "xml":
        document = xml.decode(data)
        name = f"{{{document.namespace}}}{document.local_name}" if document.namespace else document.local_name
        tree = document.root
    else:
        tree = canonical.decode(data)
        name = str(tree.get("document", "?"))[:60]
    found = Found(kind=kind, name=name)
    mapping = choose(found)
    yield FileReading(found=found, mapping=mapping, reading=mapping.read(tree))


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


def only_fitting(mappings: Mapping[str, DocumentMapping]) -> Choose:
    """Return a choice among mappings by what the file says. It raises OurFault mapping.none-fits."""

    def choose(found: Found) -> DocumentMapping:
        fitting = next((each for each in mappings.values() if found.fits(each)), None)
        if fitting is None:
            raise OurFault("mapping.none-fits", value=str(found), known=", ".join(sorted(mappings)))
        return fitting

    return choose
