"""XML Schemas as validators: compiled from the files of one set when first asked for, then kept for the process.

Nothing outside the set is read: an import that names another file, or a place on the network, finds nothing. A
validator keeps the log of its last run, so one XmlSchemas belongs to one thread at a time.
Source: W3C XML Schema Part 1; the messages taken apart here are libxml2's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from lxml import etree

from gateway.codecs.xml import Element
from gateway.codecs.xml_places import Locator
from gateway.model.faults import OurFault
from gateway.model.findings import Finding, Severity, Where

FAMILY = "xml.schema"  # in a partner's severities it stands for every code that begins so
FINDING_LIMIT = 50
FILE_LIMIT_BYTES = 20_000_000
_BASE = "xsd://set/"
_SCHEMA = "{http://www.w3.org/2001/XMLSchema}"
_SHOWN_NAMES = 8
_END = 1000  # characters of a long message, at either end
_NAMESPACE = re.compile(r"\{[^{}]*\}")
_VALUE = re.compile(r": '(.*)' is not a valid value of the [a-z ]+ type '([^']*)'", re.DOTALL)
_ATTRIBUTE = re.compile(r"[Tt]he attribute '([^']*)'")
_EXPECTED = re.compile(r"Expected is (?:one of )?\( (.*) \)", re.DOTALL)


@dataclass(slots=True)
class SchemaSet:
    """The schemas of one standard or partner. files: path within the set -> bytes.

    roots: {namespace}Name of a document element -> the file that declares it; worked out when not given
    """

    name: str
    files: Mapping[str, bytes]
    roots: Mapping[str, str] = field(default_factory=dict)
    _compiled: dict[str, etree.XMLSchema] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.roots:
            self.roots = document_roots(self.files)

    def schema(self, root: str) -> etree.XMLSchema:
        """Return the compiled schema for a document element. Raises OurFault xml.schema-unreadable."""
        path = self.roots[root]
        found = self._compiled.get(path)
        if found is None:
            found = self._compiled[path] = compile_schema(self.files, path)
        return found


@dataclass(slots=True)
class XmlSchemas:
    """Every set by name."""

    sets: Mapping[str, SchemaSet] = field(default_factory=dict)

    def set_for(self, root: str, name: str = "") -> SchemaSet | None:
        """Return the set that has the document element: the named one, else the first by name; None when none has."""
        wanted = (self.sets[name],) if name in self.sets else () if name else self.sets.values()
        return next((each for each in wanted if root in each.roots), None)

    def validate(self, element: Element, name: str = "", severity: Severity = "error") -> tuple[Finding, ...]:
        """Judge a document element by a set, () when none has it. name: of the set, "" for any that has the root.

        Raises OurFault xml.schema-unreadable.
        """
        found = self.set_for(element.tag, name)
        if found is None:
            return ()
        schema = found.schema(element.tag)
        if schema.validate(element):
            return ()
        return tuple(_findings(schema.error_log, element, severity))


def document_roots(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return {namespace}Name -> file for every element that a file declares at its top.

    Raises OurFault xml.schema-unreadable.
    """
    found: dict[str, str] = {}
    for path in sorted(files):
        root = _parse(files, path).getroot()
        if root.tag != f"{_SCHEMA}schema":
            raise OurFault("xml.schema-unreadable", Where(path=path), value=path, detail=str(root.tag))
        space = root.get("targetNamespace")
        for child in root.iterchildren(f"{_SCHEMA}element"):
            name = child.get("name", "")
            found.setdefault(f"{{{space}}}{name}" if space else name, path)
    return found


def compile_schema(files: Mapping[str, bytes], path: str) -> etree.XMLSchema:
    """Compile the schema in files[path] with what it includes and imports from files.

    Raises OurFault xml.schema-unreadable.
    """
    try:
        return etree.XMLSchema(_parse(files, path))
    except etree.XMLSchemaParseError as error:
        detail = _without_namespaces(str(error))[:300]
        raise OurFault("xml.schema-unreadable", Where(path=path), value=path, detail=detail) from None


def _parse(files: Mapping[str, bytes], path: str) -> Any:
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities=True, huge_tree=False)
    parser.resolvers.add(_Within(files))
    data = files[path]
    if len(data) > FILE_LIMIT_BYTES:
        raise OurFault("xml.schema-unreadable", Where(path=path), value=path, detail=f"> {FILE_LIMIT_BYTES} bytes")
    try:
        return etree.ElementTree(etree.XML(data, parser, base_url=_BASE + path))
    except etree.XMLSyntaxError as error:
        raise OurFault("xml.schema-unreadable", Where(path=path), value=path, detail=str(error)[:300]) from None


class _Within(etree.Resolver):
    """Gives the files of the set, and nothing for every other address."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def resolve(self, system_url: str, public_id: str, context: Any = None) -> Any:
        data = self._files.get(system_url.removeprefix(_BASE)) if system_url.startswith(_BASE) else None
        if data is None or len(data) > FILE_LIMIT_BYTES:
            return self.resolve_empty(context)  # type: ignore[attr-defined]  # the stubs leave it out
        return self.resolve_string(data, context, base_url=system_url)


def _findings(log: Any, element: Element, severity: Severity) -> Iterator[Finding]:
    """Yield one finding per place, at most FINDING_LIMIT: libxml2 says a wrong value twice, by its facet and by its
    type."""
    facets: set[tuple[int, str]] = set()
    locate = Locator()
    spaces = {prefix: space for each in (element, *element) for prefix, space in each.nsmap.items() if prefix}
    for number, entry in enumerate(log):
        place = (entry.line, entry.path or "")
        code, params, value = _taken_apart(entry.message)
        if "[facet " in entry.message:
            facets.add(place)
        elif code == "xml.schema-value" and place in facets:
            continue
        if number >= FINDING_LIMIT:
            yield Finding(code="xml.schema-more", severity=severity, value=str(FINDING_LIMIT))
            return
        where = _where(entry, element, spaces, locate)
        params["element"] = where.tag or ""
        named = tuple(sorted(params.items()))
        yield Finding(code=code, severity=severity, where=where, params=named, value=value)


def _where(entry: Any, element: Element, spaces: Mapping[str, str], locate: Locator) -> Where:
    """Return line and path: libxml2's own path has no names of elements in a default namespace."""
    steps = (entry.path or "").removeprefix("/").partition("/")[2]
    try:
        found = element.xpath(f"./{steps}", namespaces=dict(spaces) or None) if steps else [element]
    except etree.XPathError:  # a prefix that is declared further down
        found = []
    if len(found) == 1:
        return locate(found[0])
    named = re.match(r"Element '([^']*)'", entry.message)
    tag = _without_namespaces(named.group(1)) if named else None
    return Where(line=entry.line or None, tag=tag, path=entry.path or None)


def _taken_apart(message: str) -> tuple[str, dict[str, str], str | None]:
    """Return code, parameters and value of a message of libxml2's validator. Of a long one, which holds a partner's
    value of any length, both ends are enough."""
    plain = _without_namespaces(message if len(message) <= 2 * _END else message[:_END] + message[-_END:])
    if expected := _EXPECTED.search(plain):
        names = expected.group(1).split(", ")
        shown = ", ".join(names[:_SHOWN_NAMES]) + (", ..." if len(names) > _SHOWN_NAMES else "")
        near = _nearest(plain, names)
        missing = "Missing child element" in plain
        code = "xml.schema-incomplete" if missing else "xml.schema-unexpected"
        return code, {"expected": shown} | ({} if missing else {"nearest": near}), None
    if "This element is not expected" in plain:
        return "xml.schema-unexpected", {"expected": "-", "nearest": "-"}, None
    if value := _VALUE.search(plain):
        return "xml.schema-value", {"expected": value.group(2)}, value.group(1)[:200]
    if "attribute" in plain and (attribute := _ATTRIBUTE.search(plain)):
        code = "xml.schema-attribute-missing" if "required but missing" in plain else "xml.schema-attribute"
        return code, {"attribute": attribute.group(1)}, None
    return FAMILY, {"detail": plain[:300]}, None


def _nearest(plain: str, names: list[str]) -> str:
    own = re.match(r"Element '([^']*)'", plain)
    found = get_close_matches(own.group(1), names, n=1, cutoff=0.5) if own else []
    return found[0] if found else "-"


def _without_namespaces(text: str) -> str:
    return _NAMESPACE.sub("", text)
