"""The built-in mappings canonical/<Document>: canonical JSON as it is, for our own systems."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from gateway.mapping.reading import Reading
from gateway.model import json_form
from gateway.model.documents import DOCUMENTS, Document
from gateway.model.faults import PartnerFault
from gateway.schema.canonical_check import check_document

NAMES = tuple(f"canonical/{name}" for name in DOCUMENTS)


class CanonicalReader:
    """Reads a plain dict. document: the type that must come."""

    def __init__(self, document: str) -> None:
        self.document = document

    def read(self, tree: Mapping[str, Any]) -> Reading:
        """Build the document; what is wrong becomes an error finding with the canonical path."""
        try:
            found = json_form.from_plain({"document": self.document, **tree})
        except PartnerFault as fault:
            named = {"document": self.document, **tree}
            several = check_document(named, str(named["document"])) if fault.code != "json.not-a-document" else ()
            return Reading(document=None, findings=several or (fault.as_finding(),))
        if type(found).__name__ != self.document:
            wrong = PartnerFault("mapping.wrong-document", value=type(found).__name__, expected=self.document)
            return Reading(document=None, findings=(wrong.as_finding(),))
        return Reading(document=found)


class CanonicalWriter:
    """Writes canonical JSON text."""

    def write(self, document: Document) -> str:
        return json_form.dumps(document)


def digest(name: str) -> str:
    """SHA-256 of what this mapping is: its name and the version of the form."""
    return sha256(f"{name} {json_form.SCHEMA}".encode()).hexdigest()
