"""Write what is one document: XML with the header that is agreed, CSV, canonical JSON."""

from datetime import datetime

from gateway.codecs import csv_rows, sbdh, xml
from gateway.codecs.xml import Element
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.csv_tables import form_of
from gateway.model.documents import Document
from gateway.model.faults import OurFault
from gateway.model.partner import Agreement, Partner


def encoded(
    mapping: DocumentMapping,
    document: Document,
    agreement: Agreement,
    *,
    own: Partner,
    partner: Partner,
    instance: str,
    now: datetime,
) -> bytes:
    """Return the file for partner. instance: unique, for the business document header.

    Raises OurFault mapping.*, csv.not-writable, partner.no-gln.
    """
    written = mapping.write(document)
    match mapping.syntax.kind:
        case "xml":
            return xml.encode(_with_header(written, mapping, agreement, own, partner, instance, now))
        case "csv":
            return csv_rows.encode([written], form_of(mapping.syntax))
        case _:
            return str(written).encode()


def _with_header(
    root: Element,
    mapping: DocumentMapping,
    agreement: Agreement,
    own: Partner,
    partner: Partner,
    instance: str,
    now: datetime,
) -> Element:
    inside = mapping.syntax.header == "sbdh"
    if not inside and agreement.envelope != "sbdh":
        return root
    if own.gln is None or partner.gln is None:
        raise OurFault("partner.no-gln", value=partner.id if own.gln else own.id)
    make = sbdh.gs1_header if inside else sbdh.peppol_header
    header = make(root, sender=own.gln, receiver=partner.gln, instance=instance, created_at=now)
    return sbdh.put_inside(root, header) if inside else sbdh.wrapped(root, header)
