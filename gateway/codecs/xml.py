"""XML documents: bytes to an lxml tree and back. No DTD, entities or network; size, depth and count limited.

The rest of the gateway handles the elements of the tree by `tag`, `text`, `attrib`, `get`, `sourceline` and iteration
only, and makes new ones with `new_root` and `add_child`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from gateway.model.faults import PartnerFault
from gateway.model.findings import Where

Element = Any  # an lxml element; the stubs' private type stays in here

SIZE_LIMIT_BYTES = 50_000_000
DEPTH_LIMIT = 64
ELEMENT_LIMIT = 1_000_000
_WHITE = b" \t\r\n"


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
) -> XmlDocument:
    """Parse one document; comments and processing instructions are dropped.

    Raises PartnerFault xml.syntax, xml.dtd, xml.too-large, xml.too-deep or xml.too-many-elements.
    Source: XML 1.0 fifth edition; a document type declaration is refused whole (XXE, entity bombs).
    """
    target = etree.XMLPullParser(
        events=("start", "end"),
        load_dtd=False,
        no_network=True,
        resolve_entities=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )  # never collect_ids=False: in libxml2 that flag switches the loading of external DTDs on
    target.resolvers.add(_NoResolver())
    budget = _Budget(depth_limit, element_limit)
    size = 0
    try:
        for chunk in _chunks(data):
            size += len(chunk)
            if size > size_limit_bytes:
                raise PartnerFault("xml.too-large", limit=str(size_limit_bytes))
            target.feed(chunk)
            budget.spend(target)
        root = target.close()
        budget.spend(target)
    except etree.XMLSyntaxError as error:
        raise _syntax_fault(error) from None
    return _document(root)


def _chunks(data: bytes | Iterable[bytes]) -> Iterable[bytes]:
    pieces = (data[at : at + 65_536] for at in range(0, len(data), 65_536)) if isinstance(data, bytes) else data
    started = False
    for chunk in pieces:
        text = chunk if started else chunk.lstrip(_WHITE)  # white space before the declaration is common and harmless
        started = started or bool(text)
        if text:
            yield text


class _NoResolver(etree.Resolver):
    """The second lock: whatever libxml2 would open, it gets nothing."""

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:
        return self.resolve_empty(context)  # type: ignore[attr-defined]  # the stubs leave it out


class _Budget:
    """Counts elements and depth while the document comes in, so that a bomb stops early."""

    def __init__(self, depth_limit: int, element_limit: int) -> None:
        self.depth_limit = depth_limit
        self.element_limit = element_limit
        self.depth = 0
        self.elements = 0
        self.checked_type = False

    def spend(self, parser: etree.XMLPullParser) -> None:
        """Take what was parsed since the last call. Raises PartnerFault."""
        for event, item in parser.read_events():
            element: Element = item
            if event == "end":
                self.depth -= 1
                continue
            self.depth += 1
            self.elements += 1
            if not self.checked_type:
                self.checked_type = True
                if element.getroottree().docinfo.doctype:
                    raise PartnerFault("xml.dtd", Where(line=1))
            if self.depth > self.depth_limit:
                raise PartnerFault("xml.too-deep", Where(line=element.sourceline), limit=str(self.depth_limit))
            if self.elements > self.element_limit:
                raise PartnerFault("xml.too-many-elements", limit=str(self.element_limit))


def _syntax_fault(error: etree.XMLSyntaxError) -> PartnerFault:
    line, column = error.position
    text = (error.msg or "empty document").splitlines()[0]
    code = "xml.dtd" if "ntity" in text and "loop" in text else "xml.syntax"
    return PartnerFault(code, Where(line=line or 1, column=column or 1), detail=text[:200])


def _document(root: Element) -> XmlDocument:
    if root.getroottree().docinfo.doctype:
        raise PartnerFault("xml.dtd", Where(line=1))
    name = etree.QName(root)
    customization = next((each.text for each in root if str(each.tag).endswith("}CustomizationID")), None)
    return XmlDocument(
        root=root,
        namespace=name.namespace or "",
        local_name=name.localname,
        customization=customization.strip() if customization else None,
        encoding=root.getroottree().docinfo.encoding or "UTF-8",
    )


def encode(root: Element) -> bytes:
    """Return the document in UTF-8 with declaration, indented by two spaces, ending in a line feed."""
    etree.indent(root, space="  ")
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"


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
    return all(each >= " " or each in "\t\n\r" for each in text)
