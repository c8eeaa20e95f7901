"""XML documents: bytes to an lxml tree and back. No DTD, entities or network; size, depth and count limited.

The rest of the gateway handles the elements of the tree by `tag`, `text`, `attrib`, `get`, `sourceline` and iteration
only, and makes new ones with `new_root` and `add_child`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from lxml import etree

from gateway.model.faults import PartnerFault
from gateway.model.findings import Where

Element = Any  # an lxml element; the stubs' private type stays in here

SIZE_LIMIT_BYTES = 50_000_000
DEPTH_LIMIT = 64
ELEMENT_LIMIT = 1_000_000
ATTRIBUTE_LIMIT = 1_000_000  # in the document; libxml2 itself holds texts and names to 10 MB and 50 kB
ATTRIBUTES_OF_ONE = 256
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WHITE = b" \t\r\n"
_PIECE = 65_536
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"<\x00": "utf-16-le", b"\x00<": "utf-16-be"}
_BOM = b"\xef\xbb\xbf"
_DECLARED = re.compile(r"""\A<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_TYPED = re.compile(r"\A(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*+<!DOCTYPE", re.DOTALL)
_ENCODINGS = re.compile(
    r"utf-?8|utf-?16(le|be)?|us-ascii|ascii|iso[-_]8859-\d{1,2}|latin-?[19]|windows-125[0-8]|cp125[0-8]", re.IGNORECASE
)
_INCLUDED = etree.XPath("boolean(//x:*)", namespaces={"x": "http://www.w3.org/2001/XInclude"})
_BARE = etree.XPath("boolean(//*[namespace-uri()=''])")
_CROWDED = etree.XPath(f"boolean(//@*[{ATTRIBUTES_OF_ONE + 1}])")


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlDocument:
    """root: the document element. customization: UBL CustomizationID, None when there is none."""

    root: Element
    namespace: str
    local_name: str
    customization: str | None = None
    encoding: str = "UTF-8"


def decode(
    data: bytes | Iterable[bytes],
    *,
    size_limit_bytes: int = SIZE_LIMIT_BYTES,
    depth_limit: int = DEPTH_LIMIT,
    element_limit: int = ELEMENT_LIMIT,
    attribute_limit: int = ATTRIBUTE_LIMIT,
) -> XmlDocument:
    """Parse one document; comments and processing instructions are dropped.

    Elements and attributes are counted by their signs (`<` less `</`, and `=`) while the bytes come in, so that a bomb
    stops before it is a tree; what such signs in comments or texts add does not matter at these limits.
    Raises PartnerFault xml.syntax, xml.encoding, xml.dtd, xml.include, xml.too-large, xml.too-deep,
    xml.too-many-elements, xml.too-many-attributes or xml.text-too-long.
    Source: XML 1.0 fifth edition; a document type declaration is refused whole (XXE, entity bombs).
    """
    parser = etree.XMLParser(
        load_dtd=False,
        no_network=True,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )  # never collect_ids=False: in libxml2 that flag switches the loading of external DTDs on
    parser.resolvers.add(_NoResolver())
    size = elements = attributes = 0
    try:
        for chunk in _chunks(data):
            size += len(chunk)
            elements += chunk.count(b"<") - chunk.count(b"</")
            attributes += chunk.count(b"=")
            if size > size_limit_bytes:
                raise PartnerFault("xml.too-large", limit=str(size_limit_bytes))
            if elements > element_limit:
                raise PartnerFault("xml.too-many-elements", limit=str(element_limit))
            if attributes > attribute_limit:
                raise PartnerFault("xml.too-many-attributes", limit=str(attribute_limit))
            parser.feed(chunk)
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise _syntax_fault(error, depth_limit) from None
    _check(root, depth_limit, attributes)
    return _document(root)


def _chunks(data: bytes | Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces, the first without the white space that many put before the declaration. Raises PartnerFault."""
    pieces = iter((data,) if isinstance(data, bytes) else data)  # whole where it can be: pieces cost libxml2 time
    head = b""
    for chunk in pieces:
        head = (head + chunk).lstrip(_WHITE)
        if len(head) >= _PIECE:
            break
    if head:
        _check_head(head[:_PIECE])
        yield head
    yield from (each for each in pieces if each)


def _check_head(head: bytes) -> None:
    """Refuse a document type before libxml2 sees it, and encodings in which signs cannot be counted (EBCDIC, UTF-7,
    UTF-32)."""
    plain = head.removeprefix(_BOM).lstrip(_WHITE)
    coding = "latin-1" if plain[:1] == b"<" and plain[1:2] != b"\x00" else _MARKS.get(head[:2], "")
    if head[2:4] == b"\x00\x00" or head[:2] == b"\x00\x00":
        raise PartnerFault("xml.encoding", Where(line=1, column=1), detail="UTF-32")
    if not coding:
        raise PartnerFault("xml.syntax", Where(line=1, column=1), detail="the document does not begin with <")
    text = (plain if coding == "latin-1" else head).decode(coding, "replace").lstrip("\ufeff")
    declared = _DECLARED.match(text)
    if declared and not _ENCODINGS.fullmatch(declared.group(1)):
        raise PartnerFault("xml.encoding", Where(line=1, column=1), detail=declared.group(1))
    if _TYPED.match(text):
        raise PartnerFault("xml.dtd", Where(line=1))


class _NoResolver(etree.Resolver):
    """The second lock: whatever libxml2 would open, it gets nothing."""

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:
        return self.resolve_empty(context)  # type: ignore[attr-defined]  # the stubs leave it out


def _check(root: Element, depth_limit: int, attributes: int) -> None:
    """Judge what only the tree tells. Raises PartnerFault."""
    if root.getroottree().docinfo.doctype:
        raise PartnerFault("xml.dtd", Where(line=1))
    deep = _deeper_than(depth_limit)
    if deep(root):
        raise PartnerFault("xml.too-deep", Where(line=root.sourceline), limit=str(depth_limit))
    if _INCLUDED(root):
        raise PartnerFault("xml.include", Where(line=root.sourceline))
    if attributes > ATTRIBUTES_OF_ONE and _CROWDED(root):
        raise PartnerFault("xml.too-many-attributes", Where(line=root.sourceline), limit=str(ATTRIBUTES_OF_ONE))


@cache
def _deeper_than(limit: int) -> Any:
    return etree.XPath(f"boolean({'/*' * (limit + 1)})")


def _syntax_fault(error: etree.XMLSyntaxError, depth_limit: int) -> PartnerFault:
    line, column = error.position
    where = Where(line=line or 1, column=column or 1)
    text = (error.msg or "empty document").splitlines()[0][:200]
    low = text.lower()
    if "entity" in low and "loop" in low:
        return PartnerFault("xml.dtd", where)
    if "excessive depth" in low:
        return PartnerFault("xml.too-deep", where, limit=str(depth_limit))
    if "too long" in low or "huge" in low:
        return PartnerFault("xml.text-too-long", where, detail=text)
    if "encod" in low or "proper utf-8" in low or "unicode" in low:
        return PartnerFault("xml.encoding", where, detail=text)
    return PartnerFault("xml.syntax", where, detail=text)


def _document(root: Element) -> XmlDocument:
    name = etree.QName(root)
    customization = next((each.text for each in root.iterchildren("{*}CustomizationID")), None)
    return XmlDocument(
        root=root,
        namespace=name.namespace or "",
        local_name=name.localname,
        customization=customization.strip() if customization else None,
        encoding=root.getroottree().docinfo.encoding or "UTF-8",
    )


def encode(root: Element) -> bytes:
    """Return the document in UTF-8 with declaration, indented by two spaces, ending in a line feed."""
    if None in root.nsmap and _BARE(root):
        root = _prefixed(root)
    etree.indent(root, space="  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


def canonical_bytes(root: Element) -> bytes:
    """Return an element as Canonical XML 1.0: the same document has the same bytes, whatever declared or wrapped it."""
    return etree.tostring(root, method="c14n", exclusive=True, with_comments=False)


def _prefixed(root: Element) -> Element:
    """Return root with a prefix for its namespace: elements without one would take a default namespace for theirs."""
    spaces = {prefix or "doc": space for prefix, space in root.nsmap.items()}
    found: Element = etree.Element(root.tag, dict(root.attrib), nsmap=spaces)
    found.text = root.text
    found.extend(list(root))
    return found


def new_root(tag: str, namespaces: Mapping[str, str]) -> Element:
    """Return a new document element. tag: {namespace}Name, whose namespace becomes the default one."""
    spaces: dict[Any, str] = dict(namespaces)
    if tag.startswith("{"):
        spaces[None] = tag[1:].partition("}")[0]
    return etree.Element(tag, nsmap=spaces)


def add_child(parent: Element, tag: str) -> Element:
    """Append a new element to parent and return it."""
    return etree.SubElement(parent, tag)


def locate(element: Element) -> Where:
    """Return line and XPath of an element."""
    return Where(line=element.sourceline, tag=etree.QName(element).localname, path=_path(element))


def _path(element: Element) -> str:
    """Return the path by local names, with a number where siblings share the name: Order/OrderLine[2]/LineItem."""
    steps = []
    while element is not None:
        parent = element.getparent()
        name = etree.QName(element).localname
        same = parent.findall(element.tag) if parent is not None else []
        steps.append(f"{name}[{same.index(element) + 1}]" if len(same) > 1 else name)
        element = parent
    return "/" + "/".join(reversed(steps))


def is_text(text: str) -> bool:
    """Tell whether text can stand in an XML document (no control characters)."""
    return not _CONTROL.search(text)
