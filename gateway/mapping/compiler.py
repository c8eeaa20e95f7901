"""From the rules of a mapping to two functions: tree -> document and document -> tree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.mapping.codes import CodeTable, LookupTable
from gateway.mapping.reading import Reading
from gateway.mapping.rules import Layer, Syntax
from gateway.model.documents import Document
from gateway.schema.directory import Directory

__all__ = ["CodeTable", "DocumentMapping", "Layer", "LookupTable", "Reading", "Syntax", "compile_mapping"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentMapping:
    """A compiled mapping. name: family/TYPE; digest: SHA-256 of the effective rules; document: canonical type."""

    name: str
    digest: str
    document: str
    syntax: Syntax

    def read(self, tree: Any) -> Reading:
        """Map a Group (EDIFACT), an lxml element (XML) or a dict (JSON). Never raises for what the partner sent."""
        raise NotImplementedError

    def write(self, document: Document) -> Any:
        """Return the segments between UNH and UNT (EDIFACT), an lxml element (XML) or text (JSON).

        Raises OurFault mapping.* when a value cannot be written.
        """
        raise NotImplementedError


def compile_mapping(
    name: str,
    layers: Sequence[Layer],
    *,
    directories: Mapping[str, Directory],
    codes: Mapping[str, CodeTable],
    lookups: Mapping[str, LookupTable],
) -> DocumentMapping:
    """Merge the layers (standard first, partner last) and compile them.

    Raises OurFault mapping.* with file, line and the nearest right name.
    """
    raise NotImplementedError
