"""The UN/CEFACT Standard Business Document Header: around a UBL document (Peppol), or inside a GS1 XML message.

Source: UN/CEFACT SBDH 1.3; Peppol Business Message Envelope 2.0; GS1 XML 3 (the header is the first child of the root).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gateway.codecs.xml import Element, XmlDocument, add_child, locate, new_root
from gateway.model.faults import PartnerFault
from gateway.model.findings import Finding, Where
from gateway.model.values import GLN_SCHEME

NAMESPACE = "http://www.unece.org/cefact/namespaces/StandardBusinessDocumentHeader"
WRAPPER = f"{{{NAMESPACE}}}StandardBusinessDocument"
HEADER = f"{{{NAMESPACE}}}StandardBusinessDocumentHeader"
PEPPOL_AUTHORITY = "iso6523-actorid-upis"
_SCHEME_OF_SCOPE = {"DOCUMENTID": "busdox-docid-qns", "PROCESSID": "cenbii-procid-ubl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the header says; "" for what it leaves open (published GS1 examples have empty identifiers).

    sender, receiver  identifier as sent: a GLN, or on Peppol scheme and value (0088:4099990000011)
    instance          unique per sender: a second one is a repeat
    created_at        as sent
    scopes            business scope by type: DOCUMENTID, PROCESSID, COUNTRY_C1, ...
    """

    sender: str = ""
    receiver: str = ""
    authority: str = ""
    standard: str = ""
    type: str = ""
    type_version: str = ""
    instance: str = ""
    created_at: str = ""
    scopes: Mapping[str, str] = field(default_factory=dict)

    @property
    def sender_id(self) -> str:
        """The sender without the scheme that Peppol puts before it."""
        return _bare(self.sender)

    @property
    def receiver_id(self) -> str:
        return _bare(self.receiver)


def _bare(identifier: str) -> str:
    scheme, colon, value = identifier.partition(":")
    return value if colon and len(scheme) == 4 and scheme.isdigit() else identifier


def opened(document: XmlDocument) -> tuple[XmlDocument, Header | None, tuple[Finding, ...]]:
    """Return the business document of what was parsed, its header (None when there is none) and what is odd in it.

    Raises PartnerFault sbdh.no-document.
    """
    root = document.root
    if root.tag == WRAPPER:
        inner = [each for each in root if each.tag != HEADER]
        if len(inner) != 1:
            raise PartnerFault("sbdh.no-document", locate(root), value=str(len(inner)))
        document = _named(document, inner[0])
    found = root.find(HEADER)
    if found is None:
        return document, None, ()
    header = _read(found)
    return document, header, tuple(_oddities(header, document, locate(found)))


def _named(document: XmlDocument, root: Element) -> XmlDocument:
    space, _, local = str(root.tag).removeprefix("{").rpartition("}")
    custom = next((each.text for each in root if str(each.tag).endswith("}CustomizationID")), None)
    return replace(
        document, root=root, namespace=space, local_name=local, customization=custom.strip() if custom else None
    )


def _text(element: Element, *steps: str) -> str:
    for step in steps:
        element = element.find(f"{{{NAMESPACE}}}{step}")
        if element is None:
            return ""
    return (element.text or "").strip()[:500]


def _read(element: Element) -> Header:
    identifier = element.find(f"{{{NAMESPACE}}}Sender/{{{NAMESPACE}}}Identifier")
    about = "DocumentIdentification"
    scopes = element.findall(f"{{{NAMESPACE}}}BusinessScope/{{{NAMESPACE}}}Scope")
    return Header(
        sender=_text(element, "Sender", "Identifier"),
        receiver=_text(element, "Receiver", "Identifier"),
        authority="" if identifier is None else identifier.get("Authority", ""),
        standard=_text(element, about, "Standard"),
        type=_text(element, about, "Type"),
        type_version=_text(element, about, "TypeVersion"),
        instance=_text(element, about, "InstanceIdentifier"),
        created_at=_text(element, about, "CreationDateAndTime"),
        scopes={_text(each, "Type"): _text(each, "InstanceIdentifier") for each in scopes[:20]},
    )


def _oddities(header: Header, document: XmlDocument, where: Where) -> list[Finding]:
    found = []
    local = document.local_name
    if header.type and header.type.lower() not in (local.lower(), local.lower().removesuffix("message")):
        params = (("expected", local),)
        found.append(
            Finding(code="sbdh.type-differs", severity="warning", where=where, value=header.type[:200], params=params)
        )
    if header.created_at and not _is_moment(header.created_at):
        found.append(Finding(code="sbdh.bad-date", severity="info", where=where, value=header.created_at[:200]))
    return found


def _is_moment(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def peppol_header(
    root: Element, *, sender: str, receiver: str, instance: str, created_at: datetime, country: str = ""
) -> Header:
    """Return the header for a UBL document between two GLNs; document and process identifiers come from the document.

    created_at: aware. country: of the sender (COUNTRY_C1), "" leaves it out.
    """
    space, _, local = str(root.tag).removeprefix("{").rpartition("}")
    named = {str(each.tag).rpartition("}")[2]: (each.text or "").strip() for each in root if len(each) == 0}
    version = named.get("UBLVersionID") or "2.1"
    scopes = {"DOCUMENTID": f"{space}::{local}##{named.get('CustomizationID', '')}::{version}"}
    scopes |= {"PROCESSID": named["ProfileID"]} if named.get("ProfileID") else {}
    scopes |= {"COUNTRY_C1": country} if country else {}
    return Header(
        sender=f"{GLN_SCHEME}:{sender}", receiver=f"{GLN_SCHEME}:{receiver}", authority=PEPPOL_AUTHORITY,
        standard=space, type=local, type_version=version, instance=instance,
        created_at=created_at.isoformat(timespec="seconds"), scopes=scopes,
    )  # fmt: skip


def gs1_header(
    root: Element, *, sender: str, receiver: str, instance: str, created_at: datetime, version: str = "3.4"
) -> Header:
    """Return the header for a GS1 XML message between two GLNs. created_at: aware."""
    local = str(root.tag).rpartition("}")[2].removesuffix("Message")
    return Header(
        sender=sender, receiver=receiver, authority="GS1", standard="GS1", type=local, type_version=version,
        instance=instance, created_at=created_at.isoformat(timespec="seconds"),
    )  # fmt: skip


def wrapped(root: Element, header: Header) -> Element:
    """Return a StandardBusinessDocument around root."""
    outer = new_root(WRAPPER, {})
    _write(outer, header)
    outer.append(root)
    return outer


def put_inside(root: Element, header: Header) -> Element:
    """Put the header before the other children of root, as GS1 XML has it; return root."""
    _write(root, header)
    root.insert(0, root[-1])
    return root


def _write(parent: Element, header: Header) -> None:
    element = _add(parent, "StandardBusinessDocumentHeader")
    _add(element, "HeaderVersion", "1.0")
    for side, value in (("Sender", header.sender), ("Receiver", header.receiver)):
        _add(_add(element, side), "Identifier", value).set("Authority", header.authority)
    about = _add(element, "DocumentIdentification")
    for name, value in (
        ("Standard", header.standard),
        ("TypeVersion", header.type_version),
        ("InstanceIdentifier", header.instance),
        ("Type", header.type),
        ("CreationDateAndTime", header.created_at),
    ):
        _add(about, name, value)
    if header.scopes:
        outer = _add(element, "BusinessScope")
        for kind, value in header.scopes.items():
            scope = _add(outer, "Scope")
            _add(scope, "Type", kind)
            _add(scope, "InstanceIdentifier", value)
            if kind in _SCHEME_OF_SCOPE:
                _add(scope, "Identifier", _SCHEME_OF_SCOPE[kind])


def _add(parent: Element, name: str, text: str = "") -> Element:
    element = add_child(parent, f"{{{NAMESPACE}}}{name}")
    if text:
        element.text = text
    return element
