"""XML Schemas of our own: what they say about a document, and that nothing outside their set is ever read."""

from pathlib import Path

import pytest

from gateway.codecs import xml
from gateway.model.faults import OurFault
from gateway.model.findings import Finding
from gateway.schema.xml_check import check_document, version_of
from gateway.schema.xsd import FINDING_LIMIT, SchemaSet, XmlSchemas, compile_schema

HEAD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="urn:own" targetNamespace="urn:own" '
ORDER = (
    HEAD
    + """elementFormDefault="qualified">
  <xs:include schemaLocation="parts/types.xsd"/>
  <xs:element name="Order"><xs:complexType><xs:sequence>
    <xs:element name="No" type="Number"/>
    <xs:element name="Day" type="xs:date"/>
    <xs:element name="Line" type="Line" maxOccurs="unbounded"/>
  </xs:sequence></xs:complexType></xs:element>
</xs:schema>"""
)
TYPES = (
    HEAD
    + """elementFormDefault="qualified">
  <xs:simpleType name="Number"><xs:restriction base="xs:string"><xs:maxLength value="5"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Unit"><xs:restriction base="xs:string"><xs:enumeration value="H87"/>
    <xs:enumeration value="KGM"/></xs:restriction></xs:simpleType>
  <xs:complexType name="Line"><xs:sequence><xs:element name="Quantity" type="xs:decimal"/></xs:sequence>
    <xs:attribute name="unit" type="Unit" use="required"/></xs:complexType>
</xs:schema>"""
)
OWN = SchemaSet("own", {"order.xsd": ORDER.encode(), "parts/types.xsd": TYPES.encode()})
SCHEMAS = XmlSchemas({"own": OWN})
GOOD = '<No>P1</No><Day>2026-03-02</Day>\n<Line unit="H87"><Quantity>5</Quantity></Line>'


def judged(body: str) -> tuple[Finding, ...]:
    root = xml.decode(f'<Order xmlns="urn:own">\n{body}\n</Order>'.encode()).root
    return SCHEMAS.validate(root)


def test_a_good_document_has_no_findings() -> None:
    assert judged(GOOD) == ()


@pytest.mark.parametrize(
    ("body", "code", "line", "path", "value", "named"),
    [
        (
            GOOD.replace("2026-03-02", "2.3.2026"),
            *("xml.schema-value", 2, "/Order/Day", "2.3.2026"),
            {"element": "Day", "expected": "xs:date"},
        ),
        (
            GOOD.replace(">5<", ">five<"),
            *("xml.schema-value", 3, "/Order/Line/Quantity", "five"),
            {"element": "Quantity", "expected": "xs:decimal"},
        ),
        (
            GOOD.replace("Day>", "Dya>"),
            *("xml.schema-unexpected", 2, "/Order/Dya", None),
            {"element": "Dya", "expected": "Day", "nearest": "Day"},
        ),
        (
            GOOD.partition("\n")[0],
            *("xml.schema-incomplete", 1, "/Order", None),
            {"element": "Order", "expected": "Line"},
        ),
        (
            GOOD.replace(' unit="H87"', ""),
            *("xml.schema-attribute-missing", 3, "/Order/Line", None),
            {"element": "Line", "attribute": "unit"},
        ),
        (
            GOOD.replace("<No>", '<No x="1">'),
            *("xml.schema-attribute", 2, "/Order/No", None),
            {"element": "No", "attribute": "x"},
        ),
    ],
    ids=["date", "number", "name", "end", "attribute missing", "attribute"],
)
def test_what_a_schema_says_has_code_line_path_and_parameters(
    body: str, code: str, line: int, path: str, value: str | None, named: dict[str, str]
) -> None:
    (found,) = judged(body)
    assert (found.code, found.where.line, found.where.path, found.value) == (code, line, path, value)
    assert dict(found.params) == named


def test_a_facet_is_told_once() -> None:
    (found,) = judged(GOOD.replace("P1", "P1234567"))
    assert found.code == "xml.schema"
    assert "maxLength" in dict(found.params)["detail"]


def test_several_mistakes_are_told_together_up_to_a_limit() -> None:
    assert len(judged(GOOD.replace("2026-03-02", "x").replace(">5<", ">y<"))) == 2
    lines = '<Line unit="H87"><Quantity>x</Quantity></Line>' * 200
    found = judged(f"<No>P1</No><Day>2026-03-02</Day>{lines}")
    assert len(found) == FINDING_LIMIT + 1
    assert found[-1].code == "xml.schema-more"


def test_a_document_inside_a_header_is_judged_by_itself() -> None:
    root = xml.decode(f'<w:Wrap xmlns:w="urn:w"><Order xmlns="urn:own">{GOOD}</Order></w:Wrap>'.encode()).root
    assert SCHEMAS.validate(root[0]) == ()


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/x.xsd", "file:///etc/passwd", "../outside.xsd", "/etc/passwd"])
def test_an_import_from_outside_the_set_finds_nothing(place: str, tmp_path: Path) -> None:
    text = ORDER.replace("parts/types.xsd", place)
    with pytest.raises(OurFault) as caught:
        compile_schema({"order.xsd": text.encode()}, "order.xsd")
    assert caught.value.code == "xml.schema-unreadable"


def test_what_is_no_schema_is_ours_to_mend() -> None:
    for data in (b"<a/>", b"<a", b""):
        with pytest.raises(OurFault) as caught:
            SchemaSet("x", {"x.xsd": data})
        assert caught.value.code == "xml.schema-unreadable"


# --- which schema, and how severely -----------------------------------------------------------------------------------

CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"


def ubl_order(version: str) -> xml.XmlDocument:
    said = f'<UBLVersionID xmlns="{CBC}">{version}</UBLVersionID>' if version else ""
    return xml.decode(f'<Order xmlns="urn:oasis:names:specification:ubl:schema:xsd:Order-2">{said}</Order>'.encode())


def codes(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(each.code, each.severity) for each in found]


def test_without_schemas_ubl_is_warned_of_and_another_format_is_not() -> None:
    none = XmlSchemas()
    assert codes(check_document(ubl_order("2.1"), none, "", {})) == [("xml.schema-absent", "warning")]
    assert check_document(ubl_order("2.1"), none, "", {"xml.schema-absent": "off"}) == ()
    own = xml.decode(b'<Order xmlns="urn:own"/>')
    assert check_document(own, none, "", {}) == ()
    assert codes(check_document(own, none, "own", {})) == [("xml.schema-absent", "warning")]


def test_the_partner_says_how_severe_and_off_spares_the_work() -> None:
    bad = xml.decode(b'<Order xmlns="urn:own"/>')
    assert codes(check_document(bad, SCHEMAS, "", {})) == [("xml.schema-incomplete", "error")]
    assert codes(check_document(bad, SCHEMAS, "", {"xml.schema": "warning"})) == [("xml.schema-incomplete", "warning")]
    assert check_document(bad, SCHEMAS, "", {"xml.schema": "off"}) == ()
    assert check_document(bad, SCHEMAS, "none", {}) == ()


@pytest.mark.parametrize("version", ["", "2.0", "2.1", "2.2", "2.5"])
def test_a_newer_ubl_is_judged_by_2_1_and_only_warned_of(version: str, ubl: XmlSchemas) -> None:
    document = ubl_order(version)
    assert version_of(document) == version
    found = codes(check_document(document, ubl, "", {}))
    newer = version > "2.1"
    assert found[-1] == ("xml.schema-incomplete", "warning" if newer else "error")
    assert (("xml.version", "warning") in found) == newer


def test_a_newer_ubl_with_schemas_of_its_own_is_judged_by_them(ubl: XmlSchemas) -> None:
    both = XmlSchemas({**ubl.sets, "ubl-2.3": ubl.sets["ubl-2.1"]})
    assert codes(check_document(ubl_order("2.3"), both, "", {})) == [("xml.schema-incomplete", "error")]
