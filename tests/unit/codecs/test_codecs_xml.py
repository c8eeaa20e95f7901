from pathlib import Path

import pytest

from gateway.codecs import xml
from gateway.model.faults import PartnerFault

ORDER = "urn:oasis:names:specification:ubl:schema:xsd:Order-2"


def fault(data: bytes, **limits: int) -> PartnerFault:
    with pytest.raises(PartnerFault) as caught:
        xml.decode(data, **limits)
    return caught.value


def test_a_document_tells_its_name_and_customization() -> None:
    found = xml.decode(
        f'<Order xmlns="{ORDER}" xmlns:b="urn:b"><b:CustomizationID> urn:x </b:CustomizationID></Order>'.encode()
    )
    assert (found.namespace, found.local_name, found.customization) == (ORDER, "Order", "urn:x")


def test_chunks_of_any_size_give_the_same_tree() -> None:
    data = "<a><b>größe</b><c d='1'/></a>".encode()
    whole = xml.encode(xml.decode(data).root)
    for size in range(1, len(data)):
        pieces = (data[at : at + size] for at in range(0, len(data), size))
        assert xml.encode(xml.decode(pieces).root) == whole


def test_white_space_before_the_declaration_is_taken() -> None:
    assert xml.decode(b'\n  <?xml version="1.0"?><a/>').local_name == "a"


def test_another_encoding_is_read_by_its_declaration() -> None:
    found = xml.decode('<?xml version="1.0" encoding="ISO-8859-1"?><a>ä</a>'.encode("latin-1"))
    assert found.root.text == "ä"
    assert found.encoding == "ISO-8859-1"


def test_broken_xml_names_line_and_column() -> None:
    found = fault(b"<a>\n<b></a>")
    assert found.code == "xml.syntax"
    assert found.where.line == 2


@pytest.mark.parametrize("data", [b"", b"   ", b"UNB+UNOA:1'", b"\x00\xff\xfe", b"<a/><b/>"])
def test_what_is_no_xml_is_a_fault_of_the_partner(data: bytes) -> None:
    assert fault(data).code == "xml.syntax"


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>',
        b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]><a/>',
    ],
)
def test_a_document_type_declaration_is_refused(data: bytes) -> None:
    assert fault(data).code == "xml.dtd"


def test_no_file_is_opened_for_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """lxml opens files below Python; a DTD that would change the tree tells whether it did."""
    (tmp_path / "x.dtd").write_text('<!ELEMENT a ANY><!ATTLIST a read CDATA "yes">')
    monkeypatch.chdir(tmp_path)
    for data in (b'<!DOCTYPE a SYSTEM "x.dtd"><a/>', f'<!DOCTYPE a SYSTEM "file://{tmp_path}/x.dtd"><a/>'.encode()):
        assert fault(data).code == "xml.dtd"
    (tmp_path / "x.dtd").write_text("this is no DTD: reading it would be a syntax error")
    assert fault(b'<!DOCTYPE a SYSTEM "x.dtd"><a/>').code == "xml.dtd"


def test_an_entity_bomb_is_refused_without_growing() -> None:
    rows = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    assert fault(f'<!DOCTYPE a [<!ENTITY e0 "x">{rows}]><a>&e29;</a>'.encode()).code in ("xml.dtd", "xml.syntax")


def test_limits_hold() -> None:
    assert fault(b"<a>" * 65 + b"</a>" * 65).code == "xml.too-deep"
    assert fault(b"<a>" + b"<b/>" * 20 + b"</a>", element_limit=20).code == "xml.too-many-elements"
    assert fault(b"<a>" + b" " * 200_000 + b"</a>", size_limit_bytes=100_000).code == "xml.too-large"
    assert xml.decode(b"<a>" * 64 + b"</a>" * 64).local_name == "a"


def test_the_place_of_an_element_has_line_and_numbered_path() -> None:
    root = xml.decode(b"<a>\n<b/>\n<b><c>x</c></b>\n</a>").root
    where = xml.locate(root[1][0])
    assert (where.line, where.path, where.tag) == (3, "/a/b[2]/c", "c")


def test_a_written_document_is_read_back() -> None:
    root = xml.new_root("{urn:x}A", {"b": "urn:b"})
    xml.add_child(root, "{urn:b}B").text = "a < b & c"
    data = xml.encode(root)
    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    assert xml.decode(data).root[0].text == "a < b & c"
