"""Which paths a rule may name: from the XML Schema with what it says of them, from the directory, from samples."""

from collections.abc import Callable

import pytest

from gateway.config.legal_paths import PATHS_LIMIT, LegalPath, legal_paths
from gateway.config.sample_values import SampleValue
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.rules import Effective
from gateway.schema.directory import Directory
from gateway.schema.xsd_grammar import XmlGrammar

SPACE = "urn:example:order"
XSD = f"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="{SPACE}" targetNamespace="{SPACE}"
 elementFormDefault="qualified">
 <xs:element name="ORDER"><xs:complexType><xs:sequence>
  <xs:element name="ORDER_ID" type="xs:string"><xs:annotation><xs:documentation>What the
   buyer calls it.</xs:documentation></xs:annotation></xs:element>
  <xs:element ref="Part" minOccurs="0" maxOccurs="unbounded"/>
 </xs:sequence></xs:complexType></xs:element>
 <xs:element name="Part"><xs:complexType><xs:sequence>
  <xs:element name="PlannedShipDate" type="xs:date"/>
  <xs:element ref="Part" minOccurs="0"/>
 </xs:sequence><xs:attribute name="typeCode" type="xs:string"/></xs:complexType></xs:element>
</xs:schema>""".encode()
MAPPING = f"""mapping: own/ORDER
document: Order
syntax: {{kind: xml, root: "o:ORDER", namespaces: {{o: "{SPACE}"}}}}
fields:
  id: o:ORDER_ID
  lines: {{each: "o:Part", fields: {{number: "@number"}}}}
"""


@pytest.fixture
def own(compiled: Callable[..., DocumentMapping]) -> Effective:
    found = compiled("own/ORDER", MAPPING).effective
    assert found is not None
    return found


def told(found: list[LegalPath]) -> dict[str, LegalPath]:
    return {each.path: each for each in found}


def test_the_schema_tells_every_path_with_what_it_is_and_whether_it_repeats(own: Effective) -> None:
    found = legal_paths(own, directories={}, grammar=XmlGrammar({"order.xsd": XSD}))
    known = told(found)
    assert known["o:ORDER_ID"].about == "What the buyer calls it."
    assert (known["o:Part"].repeats, known["o:ORDER_ID"].repeats) == (True, False)
    assert known["o:Part/@typeCode"].about == "type code"
    assert known["o:Part/o:PlannedShipDate"].about == "planned ship date"
    assert "o:Part/o:Part/o:PlannedShipDate" in known
    depths = [each.path.count("/o:") for each in found]
    assert depths == sorted(depths)  # the nearest first
    assert len(found) == PATHS_LIMIT  # a part holds a part: without an end


def test_deeper_paths_are_told_from_a_place_on(own: Effective) -> None:
    deep = "o:Part/o:Part/"
    found = legal_paths(own, directories={}, grammar=XmlGrammar({"order.xsd": XSD}), below=deep)
    assert [each.path for each in found[:3]] == [f"{deep}o:PlannedShipDate", f"{deep}o:Part", f"{deep}o:Part/@typeCode"]
    assert not legal_paths(own, directories={}, grammar=XmlGrammar({"order.xsd": XSD}), below="o:Nothing/")


def test_without_a_schema_what_was_sent_and_what_the_mapping_names_are_told_once(own: Effective) -> None:
    sent = [
        SampleValue(
            number=0, group="", part="o:NOTE", path="o:NOTE", value="ring twice", qualifiers=(("@lang", "en"),)
        ),
        SampleValue(number=1, group="", part="o:NOTE", path="o:NOTE", value="again"),
    ]
    known = told(legal_paths(own, directories={}, grammar=None, sent=sent))
    assert (known["o:NOTE"].example, known["o:NOTE"].about) == ("ring twice", "note")
    assert known["o:NOTE/@lang"].example == "en"
    assert {"o:ORDER_ID", "o:Part/@number"} <= set(known)


def test_the_directory_tells_the_paths_of_a_message_with_their_segments(
    standard: Callable[[str], DocumentMapping], directories: dict[str, Directory]
) -> None:
    effective = standard("eancom-1997/ORDERS").effective
    assert effective is not None
    known = told(legal_paths(effective, directories=directories, grammar=None))
    assert known["SG25/QTY/C186.6060"].segment == "QTY"
    inside = legal_paths(effective, directories=directories, grammar=None, below="SG25/")
    assert 0 < len(inside) < len(known)
    assert all(each.path.startswith("SG25/") for each in inside)
