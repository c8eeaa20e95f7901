"""Which schema judges a document, and how severely: by its version and by what is agreed with the partner."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from gateway.codecs.xml import Element, XmlDocument, locate
from gateway.model.findings import Finding, Severity
from gateway.schema.xsd import FAMILY, XmlSchemas

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
UBL_CHECKED = "2.1"  # the version of the mappings; its schemas read 2.0 too
_VERSION = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}UBLVersionID"
ABSENT = "xml.schema-absent"
NO_SCHEMA = "none"

Severities = Mapping[str, Severity | Literal["off"]]


def version_of(document: XmlDocument) -> str:
    """Return the version a document says: UBLVersionID (2.0 to 2.5 share their namespace), or a `version` attribute of
    the root (openTRANS, cXML); "" when it says none."""
    root = document.root
    if document.namespace.startswith(UBL):
        return (root.findtext(_VERSION) or "").strip()[:20]
    return str(root.get("version", ""))[:20]


def check_document(
    document: XmlDocument, schemas: XmlSchemas, wanted: str, severities: Severities
) -> tuple[Finding, ...]:
    """Return what the schema says about a document.

    wanted: the mapping's `schema`: a set, "none", or "" for the one that has the document element. A document without
    one is only remarkable when it was named, or is UBL. severities: the partner's; xml.schema stands for all of them,
    and "off" spares the work. Raises OurFault xml.schema-unreadable.
    """
    general = severities.get(FAMILY, "error")
    if wanted == NO_SCHEMA or general == "off":
        return ()
    notes: tuple[Finding, ...] = ()
    severity: Severity = general
    name = wanted
    if not wanted and document.namespace.startswith(UBL):
        name, newer = _ubl_set(document, schemas)
        if newer is not None:
            notes, severity = (newer,), "info" if general == "info" else "warning"
    if schemas.set_for(document.root.tag, name) is None:
        return (*notes, *_absent(document.root, name, severities))
    return (*notes, *schemas.validate(document.root, name, severity))


def _ubl_set(document: XmlDocument, schemas: XmlSchemas) -> tuple[str, Finding | None]:
    """Return the set for a UBL version. A newer one without schemas of its own is judged by 2.1, and only warned of."""
    version = version_of(document)
    own = f"ubl-{version}"
    if schemas.set_for(document.root.tag, own) is not None:
        return own, None
    if version in ("", "2.0", UBL_CHECKED):
        return f"ubl-{UBL_CHECKED}", None
    where = locate(document.root)
    params = (("expected", UBL_CHECKED),)
    newer = Finding(code="xml.version", severity="warning", where=where, value=version, params=params)
    return f"ubl-{UBL_CHECKED}", newer


def _absent(root: Element, name: str, severities: Severities) -> tuple[Finding, ...]:
    if not name or severities.get(ABSENT) == "off":
        return ()
    local = str(root.tag).rpartition("}")[2]
    found = Finding(code=ABSENT, severity="warning", where=locate(root), value=local)
    given = severities.get(ABSENT)
    return (replace(found, severity=given) if given in ("error", "warning", "info") else found,)
