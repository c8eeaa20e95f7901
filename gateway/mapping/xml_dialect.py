"""What sets another XML apart from UBL: other names for the attributes beside a value, and lines that stand inside the
element of their logistic unit.

`syntax: {attributes: {unit: measurementUnitCode, currency: currencyCode, scheme: none}, merge: {pallet: number}}`
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gateway.codecs.xml import Element
from gateway.mapping.converters import XML, Converter, default_name
from gateway.mapping.frames import Resources
from gateway.mapping.rules import Rule, Syntax, refuse
from gateway.mapping.target import Scope, Slot
from gateway.mapping.xml_writer import XmlWriter
from gateway.model.documents import Document

USUAL = {"unit": "unitCode", "currency": "currencyID", "scheme": "schemeID"}  # as UBL calls them
NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnResources(Resources):
    """Resources with converters of their own."""

    converters: Mapping[str, Converter]

    def converter(self, rule: Rule, slot: Slot) -> Converter:
        """Return the converter that the rule names, else the one of its canonical type."""
        try:
            name = rule.converter or slot.converter or default_name(slot.hint)
        except KeyError:
            refuse("mapping.no-converter", rule.at, rule.key)
        if name not in self.converters:
            refuse("mapping.unknown-converter", rule.at, name, list(self.converters))
        return self.converters[name]


def reading_converters(syntax: Syntax) -> Mapping[str, Converter]:
    """Return XML's converters with the attributes of the syntax; `none` looks for one that no document has."""
    names = {f"@{usual}": f"@{syntax.attributes.get(word, usual)}" for word, usual in USUAL.items()}
    return {
        name: replace(each, companions=tuple(names.get(at, at) for at in each.companions)) if each.companions else each
        for name, each in XML.items()
    }


class DialectWriter(XmlWriter):
    """Writes as UBL is written, then gives attributes their names and brings elements together."""

    def __init__(self, root: Scope, syntax: Syntax, resources: Resources) -> None:
        super().__init__(root, syntax, resources)
        self.renamed = {USUAL[word]: "" if name == NONE else name for word, name in syntax.attributes.items()}
        self.merged = syntax.merge

    def write(self, document: Document) -> Element:
        """Return the document element. Raises OurFault mapping.*."""
        root = super().write(document)
        if self.renamed:
            _rename(root, self.renamed)
        for tag, key in self.merged.items():
            _merge(root, tag, key)
        return root


def _rename(root: Element, names: Mapping[str, str]) -> None:
    for element in root.iter():
        for usual, own in names.items():
            value = element.attrib.pop(usual, None)
            if value is not None and own:
                element.set(own, value)


def _merge(root: Element, tag: str, key: str) -> None:
    """Move the children of a later element of that name into the first with the same text in its child `key`."""
    first: dict[tuple[Element, str], Element] = {}
    for element in list(root.iter(tag)):
        text = element.findtext(key)
        if not text:
            continue
        home = first.setdefault((element.getparent(), text), element)
        if home is element:
            continue
        there = {(each.tag, each.text) for each in home if len(each) == 0}
        for child in list(element):
            if len(child) or (child.tag, child.text) not in there:
                home.append(child)
        element.getparent().remove(element)
