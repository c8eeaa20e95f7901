"""Lint of XML mappings against a schema: each kind of mistake, planted, is told with its line and the right name."""

from collections.abc import Callable

import pytest

from gateway.config.yaml import load, marks, plain
from gateway.mapping.codes import CodeTable
from gateway.mapping.lint import lint
from gateway.mapping.rules import Layer, merge
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.schema.directory import Directory
from gateway.schema.xsd_grammar import XmlGrammar
from gateway.texts.catalogue import cure, text

COMMON = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:own:common"
 targetNamespace="urn:own:common" elementFormDefault="qualified">
 <xs:complexType name="Text"><xs:simpleContent><xs:extension base="xs:string">
  <xs:attribute name="scheme" type="Scheme"/></xs:extension></xs:simpleContent></xs:complexType>
 <xs:simpleType name="Scheme"><xs:restriction base="xs:string">
  <xs:enumeration value="GLN"/><xs:enumeration value="GTIN"/></xs:restriction></xs:simpleType>
 <xs:element name="Number" type="Text"/>
 <xs:element name="Party"><xs:complexType><xs:sequence>
  <xs:element ref="Number" maxOccurs="unbounded"/><xs:element name="Name" type="xs:string" minOccurs="0"/>
 </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
ORDER = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="urn:own:common" xmlns="urn:own:order"
 targetNamespace="urn:own:order" elementFormDefault="qualified">
 <xs:import namespace="urn:own:common" schemaLocation="common.xsd"/>
 <xs:element name="PurchaseOrder"><xs:complexType><xs:complexContent><xs:extension base="Head"><xs:sequence>
  <xs:element name="Line" type="Line" maxOccurs="unbounded"/>
  <xs:element name="Trailer" minOccurs="0"><xs:complexType><xs:sequence>
   <xs:element name="Origin" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
 </xs:sequence></xs:extension></xs:complexContent></xs:complexType></xs:element>
 <xs:complexType name="Head"><xs:sequence>
  <xs:element ref="c:Number"/><xs:element name="Date" type="xs:date"/>
  <xs:element name="Wish" type="xs:date" minOccurs="0"/>
  <xs:element name="Buyer" minOccurs="0"><xs:complexType><xs:sequence>
   <xs:element ref="c:Party"/></xs:sequence></xs:complexType></xs:element>
  <xs:element name="Seller" minOccurs="0"><xs:complexType><xs:sequence>
   <xs:element ref="c:Party"/></xs:sequence></xs:complexType></xs:element>
 </xs:sequence></xs:complexType>
 <xs:complexType name="Line"><xs:sequence>
  <xs:element name="Position" type="xs:int"/><xs:element name="Item" type="c:Text"/>
  <xs:element name="Quantity" type="xs:decimal"/>
 </xs:sequence></xs:complexType>
</xs:schema>"""
RIGHT = """mapping: own/Order
document: Order
syntax:
  kind: xml
  root: '{urn:own:order}PurchaseOrder'
  namespaces: {o: 'urn:own:order', c: 'urn:own:common'}
fields:
  id: c:Number
  issuedAt: {path: o:Date, as: date}
  requestedDelivery: {path: o:Wish, as: date}
  buyer.gln: {path: o:Buyer/c:Party/c:Number, where: {'@scheme': GLN}}
  seller.gln: {path: o:Seller/c:Party/c:Number, where: {'@scheme': GLN}}
  lines:
    each: o:Line
    fields:
      number: o:Position
      item.gtin: {path: o:Item, where: {'@scheme': GTIN}, as: gtin}
      quantity: o:Quantity
"""
GRAMMAR = XmlGrammar({"common.xsd": COMMON, "order.xsd": ORDER})


def layer_of(rules: str, path: str) -> Layer:
    node = load(rules, path)
    return Layer(path=path, rules=plain(node), marks=marks(node))


Look = Callable[..., list[Finding]]


@pytest.fixture
def look(directories: dict[str, Directory], codes: dict[str, CodeTable]) -> Look:
    def run(*rules: str) -> list[Finding]:
        layers = [layer_of(each, f"own{number}.yaml") for number, each in enumerate(rules)]
        grammars = dict.fromkeys(GRAMMAR.roots, GRAMMAR)
        return lint("own/Order", layers, directories=directories, codes=codes, lookups={}, grammar_for=grammars.get)

    return run


def test_a_right_mapping_has_no_findings(look: Look) -> None:
    assert look(RIGHT) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "value", "nearest"),
    [
        ("path: o:Wish", "path: o:Wsh", "mapping.unknown-path", 10, "o:Wsh", "o:Wish"),
        ("number: o:Position", "number: o:Postion", "mapping.unknown-path", 16, "o:Postion", "o:Position"),
        ("each: o:Line", "each: o:Lines", "mapping.unknown-path", 13, "o:Lines", "o:Line"),
        ("o:Seller/c:Party", "o:Seller/o:Party", "mapping.unknown-path", 12, "o:Seller/o:Party", "o:Seller/c:Party"),
        ("o:Item, where: {'@scheme'", "o:Item, where: {'@schema'", "mapping.unknown-path", 17, None, "@scheme"),
        ("'@scheme': GTIN", "'@scheme': GTINS", "mapping.unknown-code-value", 17, "GTINS", "GTIN"),
        ("id: c:Number", "id: x:Number", "mapping.unknown-prefix", 8, "x", ""),
        ("id: c:Number", "id: c:Number\n  shipTo.name: o:Buyer/c:Part", "mapping.unknown-path", 9, None, "c:Party"),
        (
            "  lines:",
            "  refs.customer: o:Buyer/c:Party/c:Number\n  lines:",
            "mapping.repeated-unguarded",
            13,
            None,
            "",
        ),
        (
            "  lines:",
            "  origin: {path: o:Trailer/o:Origin, const: EU}\n  lines:",
            "mapping.constant-group",
            13,
            "EU",
            "",
        ),
        ("as: date}\n  buyer", "as: text}\n  buyer", "mapping.type-clash", 10, "text", "moment"),
        ("      quantity: o:Quantity\n", "", "mapping.required-unmapped", 13, "lines[].quantity", ""),
    ],
)  # fmt: skip
def test_a_planted_mistake_is_told_with_its_line(
    look: Look, old: str, new: str, code: str, line: int, value: str | None, nearest: str
) -> None:
    assert RIGHT.count(old) == 1
    found = [each for each in look(RIGHT.replace(old, new)) if each.code == code]
    assert len(found) == 1
    assert found[0].where.line == line
    assert value in (None, found[0].value)
    assert nearest in dict(found[0].params).get("nearest", "")
    assert text(found[0], "en") != text(found[0], "zh-CN")
    assert cure(found[0], "en")


def test_rules_that_would_write_out_of_the_order_of_the_schema_are_told(look: Look) -> None:
    wish = "  requestedDelivery: {path: o:Wish, as: date}\n"
    swapped = RIGHT.replace(wish, "").replace("  issuedAt", f"{wish}  issuedAt")
    (found,) = look(swapped)
    assert (found.code, found.value, dict(found.params)["other"]) == ("mapping.out-of-order", "o:Date", "o:Wish")


def test_a_partners_new_rule_stands_behind_the_one_that_its_file_names_before_it(look: Look) -> None:
    standard = RIGHT.replace("  requestedDelivery: {path: o:Wish, as: date}\n", "")
    head = "mapping: acme/Order\nextends: own/Order\nfields:\n"
    wish = "  requestedDelivery: {path: o:Wish, as: date}\n"
    assert [each.code for each in look(standard, head + wish)] == ["mapping.out-of-order"]
    assert look(standard, f"{head}  issuedAt: {{path: o:Date, as: date}}\n{wish}") == []


def test_new_rules_of_a_layer_keep_their_own_order() -> None:
    layers = [
        layer_of(RIGHT, "a.yaml"),
        layer_of("fields:\n  id: c:Number\n  notes: {each: o:A}\n  typeCode: o:B\n", "b"),
    ]
    keys = list(merge("own/Order", layers).entries)
    assert keys[:4] == ["id", "notes", "typeCode", "issuedAt"]


def test_without_a_schema_paths_are_taken_as_they_are(
    directories: dict[str, Directory], codes: dict[str, CodeTable]
) -> None:
    layers = [layer_of(RIGHT.replace("o:Wish", "o:Wsh"), "own.yaml")]
    assert lint("own/Order", layers, directories=directories, codes=codes, lookups={}) == []


def test_the_grammar_knows_names_repeats_order_and_codes() -> None:
    root = GRAMMAR.root("{urn:own:order}PurchaseOrder")
    assert root is not None
    uses = root.children()
    assert [name.rpartition("}")[2] for name in uses] == [
        "Number",
        "Date",
        "Wish",
        "Buyer",
        "Seller",
        "Line",
        "Trailer",
    ]
    line = uses["{urn:own:order}Line"]
    assert (line.minimum, line.maximum, line.order) == (1, None, 5)
    assert uses["{urn:own:common}Number"].type.attributes() == {"scheme": ("GLN", "GTIN")}
    assert GRAMMAR.root("{urn:own:order}Line") is None


def test_a_type_that_holds_itself_and_an_extension_of_itself_end() -> None:
    loop = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="A" type="T"/>
    <xs:complexType name="T"><xs:complexContent><xs:extension base="T"><xs:sequence>
    <xs:element name="A" type="T"/><xs:any/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
    </xs:schema>"""
    root = XmlGrammar({"loop.xsd": loop}).root("A")
    assert root is not None
    assert list(root.children()) == ["A"]
    assert root.open
    assert list(root.children()["A"].type.children()) == ["A"]


@pytest.mark.parametrize("data", [b"<a/>", b"<xs:schema", b""])
def test_what_is_no_schema_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(OurFault) as caught:
        XmlGrammar({"own.xsd": data})
    assert (caught.value.code, caught.value.value) == ("xml.schema-unreadable", "own.xsd")
