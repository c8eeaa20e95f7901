"""Values that are made to be slow to judge: work grows with what came, not with its square."""

from io import BytesIO
from time import process_time
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from edifact_world import directory

from gateway.codecs import xml
from gateway.codecs.envelope import read_interchanges
from gateway.model.faults import OurFault
from gateway.schema.importer import compile_directory
from gateway.schema.validate import validate
from gateway.schema.xsd import SchemaSet, XmlSchemas

XSD = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:complexType><xs:sequence>
<xs:element name="b" maxOccurs="unbounded"><xs:simpleType><xs:restriction base="xs:string"><xs:pattern value="[A-Z]+"/>
</xs:restriction></xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>"""
SCHEMAS = XmlSchemas(sets={"own": SchemaSet(name="own", files={"a.xsd": XSD})})


def test_a_number_of_many_digits_that_is_none_is_judged_at_once() -> None:
    body = b"UNH+1+ORDERS:D:96A:UN'BGM+220'LIN+1'QTY+21:" + b"1" * 90_000 + b"x'UNS+S'UNT+6+1'"
    (found,) = read_interchanges([b"UNB+UNOC:3+A+B+260302:0900+1'" + body + b"UNZ+1+1'"])
    start = process_time()

    checked = validate(found.messages[0], directory("d96a"))

    assert process_time() - start < 2
    assert "edifact.value-not-numeric" in {each.code for each in checked.findings}


@pytest.mark.parametrize("value", [": '" * 20_000, "Expected is ( " * 4_000])
def test_a_long_value_that_looks_like_the_message_about_it_is_judged_at_once(value: str) -> None:
    root = xml.decode(f"<a>{f'<b>{value}</b>' * 3}</a>".encode()).root
    start = process_time()

    findings = SCHEMAS.validate(root)

    assert process_time() - start < 1
    assert len(findings) == 3


def test_many_faults_in_a_long_document_are_placed_at_once() -> None:
    root = xml.decode(b"<a>" + b"<b>A</b>" * 20_000 + b"<b>1</b>" * 60 + b"</a>").root
    start = process_time()

    findings = SCHEMAS.validate(root)

    assert process_time() - start < 1
    assert (findings[0].where.path, findings[-1].code) == ("/a/b[20001]", "xml.schema-more")


def test_a_zip_with_broken_bytes_is_no_directory() -> None:
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("EDMD/ORDERS_D.96A", "Segment table\n" * 500)
    data = bytearray(packed.getvalue())
    data[data.index(b"ORDERS_D.96A") + 12] ^= 0xFF

    with pytest.raises(OurFault) as caught:
        compile_directory(bytes(data))
    assert caught.value.code == "edifact.import-failed"
