"""What an XML Schema allows, as names: which child elements and attributes an element has, how often, which codes.

For lint, the implementation guide and completion; documents are validated by the schema itself. Only the text that is
given is read: nothing is fetched, imports are followed by namespace among the given files.
Source: W3C XML Schema Part 1, the constructs of data-oriented schemas (sequence, choice, all, group, extension,
restriction, attributeGroup); xsd:any opens an element to every name.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from gateway.codecs import xml
from gateway.model.faults import OurFault, PartnerFault

XSD = "{http://www.w3.org/2001/XMLSchema}"
ABOUT_LIMIT = 200  # characters
DEPTH_LIMIT = 40  # of extensions and groups within each other
UNBOUNDED = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementUse:
    """A child at its place. minimum, maximum: how often; maximum None: without limit. order: among its siblings.

    about: what the schema's author says of it there, "" when nothing
    """

    name: str  # {namespace}Name
    minimum: int
    maximum: int | None
    order: int
    type: "ElementType"
    about: str = ""


@dataclass(slots=True)
class ElementType:
    """What an element holds. children and attributes are worked out when first asked for: types may name each other.

    open: anything may stand inside; values: the enumeration of its text, () for any text
    """

    _grammar: "XmlGrammar"
    _node: etree._Element | None
    _children: dict[str, ElementUse] | None = field(default=None)
    _attributes: dict[str, tuple[str, ...]] | None = field(default=None)
    open: bool = False

    def children(self) -> Mapping[str, ElementUse]:
        """Return the child elements by qualified name, in the order of the schema."""
        if self._children is None:
            found: dict[str, ElementUse] = {}
            for use, node, minimum, maximum in self._grammar.particles(self, self._node, 0):
                known, about = found.get(use), _about(node)
                if known is not None:  # a name that a choice or a second place names again
                    maximum = None if None in (maximum, known.maximum) else (maximum or 0) + (known.maximum or 0)
                    order, kind, about = known.order, known.type, known.about or about
                else:
                    order, kind = len(found), self._grammar.type_of(node)
                found[use] = ElementUse(name=use, minimum=minimum, maximum=maximum, order=order, type=kind, about=about)
            self._children = found
        return self._children

    def attributes(self) -> Mapping[str, tuple[str, ...]]:
        """Return the attributes by name, with their enumeration."""
        if self._attributes is None:
            self._attributes = dict(self._grammar.attributes_of(self._node, 0))
        return self._attributes

    @property
    def values(self) -> tuple[str, ...]:
        """The enumeration of the text; () when any text may stand there."""
        return self._grammar.enumeration(self._node, 0)


class XmlGrammar:
    """The schemas of one document standard. files: path -> bytes of the .xsd files; start: only this one and what it
    imports and includes.

    Raises OurFault xml.schema-unreadable when a file is no schema.
    """

    def __init__(self, files: Mapping[str, bytes], start: str | None = None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._named: dict[tuple[str, str], etree._Element] = {}  # (kind, {namespace}name) -> definition
        self._types: dict[etree._Element, ElementType] = {}  # by declaration, which this keeps alive
        waiting = [start] if start is not None else list(files)
        done: set[str] = set()
        while waiting:
            path = waiting.pop()
            if path in done or path not in files:
                continue
            done.add(path)
            root = _parsed(path, files[path])
            if root is not None:
                self._take(root)
                waiting += [_beside(path, each.get("schemaLocation", "")) for each in root]

    def _take(self, root: etree._Element) -> None:
        space = root.get("targetNamespace", "")
        for child in root:
            name = child.get("name")
            if name is None or not isinstance(child.tag, str):
                continue
            qualified = f"{{{space}}}{name}" if space else name
            kind = child.tag.removeprefix(XSD)
            if kind == "element":
                self._elements[qualified] = child
            else:
                self._named["type" if kind.endswith("Type") else kind, qualified] = child

    @property
    def roots(self) -> Iterable[str]:
        """The names of the elements that may stand alone, as {namespace}Name."""
        return self._elements

    def root(self, name: str) -> ElementType | None:
        """Return the type of a document element, None when the schemas have none of that name."""
        node = self._elements.get(name)
        return None if node is None else self.type_of(node)

    def type_of(self, node: etree._Element) -> ElementType:
        """Return the type of an element declaration."""
        declared = self._resolved(node, "element") if node.get("ref") else node
        if declared is None:
            return ElementType(self, None, open=True)
        found = self._types.get(declared)
        if found is None:
            inline = declared.iterchildren(f"{XSD}complexType", f"{XSD}simpleType")
            body: etree._Element | None = next(inline, None)
            name = declared.get("type")
            if name is not None:
                body = self._named.get(("type", self._qualified(declared, name)))
            found = self._types[declared] = ElementType(self, body)
        return found

    def _qualified(self, node: etree._Element, name: str) -> str:
        prefix, colon, local = name.rpartition(":")
        space = node.nsmap.get(prefix if colon else None)
        return f"{{{space}}}{local}" if space else local

    def _resolved(self, node: etree._Element, kind: str) -> etree._Element | None:
        name = self._qualified(node, node.get("ref", ""))
        return self._elements.get(name) if kind == "element" else self._named.get((kind, name))

    def _base(self, node: etree._Element) -> etree._Element | None:
        name = node.get("base")
        return None if name is None else self._named.get(("type", self._qualified(node, name)))

    def particles(
        self, owner: ElementType, node: etree._Element | None, depth: int, repeats: int | None = 1
    ) -> Iterator[tuple[str, etree._Element, int, int | None]]:
        """Yield (name, declaration, minimum, maximum) of the child elements of a type. repeats: of what is around."""
        if node is None or depth > DEPTH_LIMIT:
            return
        for child in node:
            kind = child.tag.removeprefix(XSD) if isinstance(child.tag, str) else ""
            most = _times(repeats, _most(child))
            if kind == "element":
                least = 0 if node.tag == f"{XSD}choice" else int(child.get("minOccurs", "1"))
                yield self._name(child), child, least, most
            elif kind == "any":
                owner.open = True
            elif kind in ("sequence", "choice", "all", "complexContent"):
                yield from self.particles(owner, child, depth + 1, most)
            elif kind == "group":
                yield from self.particles(owner, self._resolved(child, "group"), depth + 1, most)
            elif kind == "extension":
                yield from self.particles(owner, self._base(child), depth + 1, most)
                yield from self.particles(owner, child, depth + 1, most)
            elif kind == "restriction":
                yield from self.particles(owner, child, depth + 1, most)

    def _name(self, node: etree._Element) -> str:
        """Return the name that a child has in a document: local declarations follow elementFormDefault."""
        if node.get("ref"):
            return self._qualified(node, node.get("ref", ""))
        schema = node.getroottree().getroot()
        form = node.get("form") or schema.get("elementFormDefault", "unqualified")
        space = schema.get("targetNamespace", "")
        return f"{{{space}}}{node.get('name')}" if space and form == "qualified" else str(node.get("name"))

    def attributes_of(self, node: etree._Element | None, depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield the attributes of a type with their enumerations."""
        if node is None or depth > DEPTH_LIMIT:
            return
        for child in node:
            kind = child.tag.removeprefix(XSD) if isinstance(child.tag, str) else ""
            if kind == "attribute":
                declared = self._resolved(child, "attribute") if child.get("ref") else child
                body = None if declared is None else next(iter(declared.iterchildren(f"{XSD}simpleType")), None)
                if declared is not None and declared.get("type"):
                    body = self._named.get(("type", self._qualified(declared, declared.get("type", ""))))
                name = self._qualified(child, child.get("ref", "")) if child.get("ref") else str(child.get("name"))
                yield name, self.enumeration(body, 0)
            elif kind == "attributeGroup":
                yield from self.attributes_of(self._resolved(child, "attributeGroup"), depth + 1)
            elif kind in ("simpleContent", "complexContent"):
                yield from self.attributes_of(child, depth + 1)
            elif kind in ("extension", "restriction"):
                yield from self.attributes_of(self._base(child), depth + 1)
                yield from self.attributes_of(child, depth + 1)

    def enumeration(self, node: etree._Element | None, depth: int) -> tuple[str, ...]:
        """Return the values that a type lists; () when it lists none."""
        if node is None or depth > DEPTH_LIMIT:
            return ()
        own = tuple(each.get("value", "") for each in node.iterchildren(f"{XSD}enumeration"))
        if own:
            return own
        for child in node.iterchildren(f"{XSD}simpleContent", f"{XSD}extension", f"{XSD}restriction"):
            if found := self.enumeration(child, depth + 1):
                return found
            if found := self.enumeration(self._base(child), depth + 1):
                return found
        return ()


def _about(node: etree._Element) -> str:
    """Return the annotation of a declaration in one line: the definition where it has one (UN/CEFACT's CCTS), else its
    plain text."""
    told = node.find(f"{XSD}annotation/{XSD}documentation")
    if told is None:
        return ""
    inner = next((each for each in told.iter("{*}Definition")), None)
    text = " ".join(str(each) for each in (inner if inner is not None else told).itertext())
    return " ".join(text.split())[:ABOUT_LIMIT]


def _parsed(path: str, data: bytes) -> etree._Element | None:
    """Return the schema element; None for one with a DTD (the W3C's of signatures): what it defines stays open."""
    try:
        root: etree._Element = xml.decode(data).root
    except PartnerFault as fault:
        if fault.code == "xml.dtd":
            return None
        raise OurFault("xml.schema-unreadable", value=path, detail=fault.code) from None
    if root.tag != f"{XSD}schema":
        raise OurFault("xml.schema-unreadable", value=path, detail=str(root.tag))
    return root


def _beside(path: str, location: str) -> str:
    """Return the path of a file that another names."""
    parts = path.split("/")[:-1]
    for part in location.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _most(node: etree._Element) -> int | None:
    text = node.get("maxOccurs", "1")
    return UNBOUNDED if text == "unbounded" or not text.isdigit() else int(text)


def _times(outer: int | None, inner: int | None) -> int | None:
    return None if outer is None or inner is None else outer * inner
