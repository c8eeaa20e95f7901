"""From the rules of a mapping to two functions: tree -> document and document -> tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from gateway.mapping import canonical
from gateway.mapping.codes import CodeTable, LookupTable
from gateway.mapping.csv_tables import csv_engine
from gateway.mapping.edifact_reader import EdifactReader
from gateway.mapping.edifact_writer import EdifactWriter
from gateway.mapping.frames import Resources
from gateway.mapping.paths import Grammar
from gateway.mapping.reading import Reading
from gateway.mapping.rules import Effective, Layer, Syntax, merge, refuse
from gateway.mapping.target import scopes
from gateway.mapping.xml_dialect import DialectWriter, OwnResources, reading_converters
from gateway.mapping.xml_reader import XmlReader
from gateway.mapping.xml_writer import XmlWriter
from gateway.model.documents import DOCUMENTS, Document
from gateway.model.faults import OurFault
from gateway.schema.directory import Directory

GRAMMARS_KEPT = 64
_GRAMMARS: dict[tuple[int, str], Grammar] = {}  # by identity of the directory, which the grammar keeps alive

__all__ = ["CodeTable", "DocumentMapping", "Layer", "LookupTable", "Reading", "Syntax", "compile_mapping"]


class Reader(Protocol):
    """A compiled mapping that reads: from the tree of a file to a document, with what it noticed."""

    def read(self, tree: Any) -> Reading: ...


class Writer(Protocol):
    """A compiled mapping that writes: from a document to the tree of a file."""

    def write(self, document: Document) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMapping:
    """A compiled mapping. name: family/TYPE; digest: SHA-256 of the effective rules; document: canonical type.

    effective: the merged rules, None for the built-in canonical mappings. codes, lookups: the tables it works with.
    """

    name: str
    digest: str
    document: str
    syntax: Syntax
    reader: Reader
    writer: Writer
    effective: Effective | None = None
    codes: Mapping[str, CodeTable] = field(default_factory=dict, repr=False)
    lookups: Mapping[str, LookupTable] = field(default_factory=dict, repr=False)

    def read(self, tree: Any) -> Reading:
        """Map a Group (EDIFACT), an lxml element (XML) or a dict (JSON). Never raises for what the partner sent."""
        return self.reader.read(tree)

    def write(self, document: Document) -> Any:
        """Return the segments between UNH and UNT (EDIFACT), an lxml element (XML) or text (JSON).

        Raises OurFault mapping.* when a value cannot be written.
        """
        if type(document).__name__ != self.document:
            raise OurFault("mapping.wrong-document", value=type(document).__name__, expected=self.document)
        return self.writer.write(document)


def compile_mapping(
    name: str,
    layers: Sequence[Layer],
    *,
    directories: Mapping[str, Directory],
    codes: Mapping[str, CodeTable],
    lookups: Mapping[str, LookupTable],
    writes: bool = True,
) -> DocumentMapping:
    """Merge the layers (standard first, partner last) and compile them. canonical/<Document> needs no layer.

    Raises OurFault mapping.* with file, line and the nearest right name.
    """
    if name.startswith("canonical/") and not layers:
        return _canonical(name)
    return compile_effective(merge(name, layers), directories=directories, codes=codes, lookups=lookups, writes=writes)


def compile_effective(
    effective: Effective,
    *,
    directories: Mapping[str, Directory],
    codes: Mapping[str, CodeTable],
    lookups: Mapping[str, LookupTable],
    writes: bool = True,
) -> DocumentMapping:
    """Compile merged rules. writes: False leaves the way back to a tree out, for a look at what is read.

    Raises OurFault mapping.*.
    """
    root = scopes(effective)
    resources = Resources(kind=effective.syntax.kind, codes=codes, lookups=lookups)
    reader: Reader
    writer: Writer
    if effective.syntax.kind == "edifact":
        grammar = grammar_of(effective, directories)
        reader = EdifactReader(root, grammar, resources, effective.ignore)
        writer = EdifactWriter(root, grammar, resources) if writes else _ReadsOnly()
    elif effective.syntax.kind == "xml":
        if effective.syntax.attributes:
            own = reading_converters(effective.syntax)
            reads: Resources = OwnResources(kind="xml", codes=codes, lookups=lookups, converters=own)
        else:
            reads = resources
        reader = XmlReader(root, effective.syntax, reads, effective.ignore)
        plain = not (effective.syntax.attributes or effective.syntax.merge)
        writer = (XmlWriter if plain else DialectWriter)(root, effective.syntax, resources)
    elif effective.syntax.kind == "csv":
        reader, writer = csv_engine(effective, root, codes, lookups)
    else:
        reader, writer = canonical.CanonicalReader(effective.document), canonical.CanonicalWriter()
    return DocumentMapping(
        name=effective.name,
        digest=effective.digest,
        document=effective.document,
        syntax=effective.syntax,
        reader=reader,
        writer=writer,
        effective=effective,
        codes=codes,
        lookups=lookups,
    )


class _ReadsOnly:
    def write(self, document: Document) -> Any:
        raise AssertionError(f"compiled to read only: {type(document).__name__}")


def _canonical(name: str) -> DocumentMapping:
    document = name.partition("/")[2]
    if document not in DOCUMENTS:
        refuse("mapping.unknown-document", name, document, list(DOCUMENTS))
    return DocumentMapping(
        name=name,
        digest=canonical.digest(name),
        document=document,
        syntax=Syntax(kind="json"),
        reader=canonical.CanonicalReader(document),
        writer=canonical.CanonicalWriter(),
    )


def grammar_of(effective: Effective, directories: Mapping[str, Directory]) -> Grammar:
    """Return the grammar of the mapping's message. Raises OurFault mapping.unknown-directory or unknown-message."""
    syntax = effective.syntax
    directory = directories.get(syntax.directory)
    if directory is None:
        refuse("mapping.unknown-directory", effective.name, syntax.directory, list(directories))
    if syntax.message not in directory.messages:
        refuse("mapping.unknown-message", effective.name, syntax.message, sorted(directory.messages))
    known = (id(directory), syntax.message)
    found = _GRAMMARS.get(known)
    if found is None or found.directory is not directory:
        if len(_GRAMMARS) >= GRAMMARS_KEPT:
            _GRAMMARS.clear()
        found = _GRAMMARS[known] = Grammar(directory, directory.structure(syntax.message))
    return found
