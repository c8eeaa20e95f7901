"""Documents made to hurt: files and networks they would read, memory they would take, encodings that hide them."""

import subprocess
import sys
from pathlib import Path

import pytest

from gateway.codecs import xml
from gateway.model.faults import PartnerFault


def code_of(data: bytes, **limits: int) -> str:
    with pytest.raises(PartnerFault) as caught:
        xml.decode(data, **limits)
    return caught.value.code


@pytest.mark.parametrize("coding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "before", ["", "<?xml version='1.0'?>", "<!-- a --><?p q?>\n", "<!-- <!DOCTYPE x> -->"], ids=["", "xml", "pi", "in"]
)
def test_a_document_type_is_refused_in_every_encoding_and_behind_whatever_may_stand_before_it(
    coding: str, before: str
) -> None:
    text = f'{before}<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
    assert code_of(text.encode(coding)) == "xml.dtd"
    if coding in ("utf-8", "utf-16") or before.startswith("<?xml"):  # else nothing says that it is UTF-16
        assert xml.decode(f"{before}<a>ü</a>".encode(coding)).root.text == "ü"


def test_a_document_type_behind_a_long_comment_is_refused_by_the_tree() -> None:
    comment = b"<!--" + b"x" * 200_000 + b"-->"
    assert code_of(comment + b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>') == "xml.dtd"


def test_the_words_of_a_document_type_in_a_text_are_a_text() -> None:
    assert xml.decode(b"<a><![CDATA[<!DOCTYPE a>]]></a>").root.text == "<!DOCTYPE a>"


def test_nothing_is_included(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    space = "http://www.w3.org/2001/XInclude"
    include = f'<xi:include xmlns:xi="{space}" href="file://{secret}" parse="text"/>'
    assert code_of(f"<a>{include}</a>".encode()) == "xml.include"
    hidden = include.replace("XInclude", "XIncl&#117;de")
    assert code_of(f"<a>{hidden}</a>".encode()) == "xml.include"


@pytest.mark.parametrize(
    ("declared", "coding"),
    [("UTF-7", "ascii"), ("ebcdic-cp-us", "ascii"), ("x-user-defined", "ascii"), ("hz-gb-2312", "ascii")],
)
def test_an_encoding_that_hides_signs_is_refused(declared: str, coding: str) -> None:
    assert code_of(f"<?xml version='1.0' encoding='{declared}'?><a/>".encode(coding)) == "xml.encoding"


@pytest.mark.parametrize("coding", ["utf-32", "utf-32-le", "utf-32-be"])
def test_utf_32_is_refused(coding: str) -> None:
    assert code_of("<a>ü</a>".encode(coding)) == "xml.encoding"


def test_ebcdic_without_a_word_is_no_xml() -> None:
    assert code_of("<?xml version='1.0'?><a/>".encode("cp037")) == "xml.syntax"


def test_bytes_that_are_not_in_the_declared_encoding_are_told_so() -> None:
    assert code_of("<a>grün</a>".encode("latin-1")) == "xml.encoding"
    assert code_of("<?xml version='1.0' encoding='UTF-8'?><a>grün</a>".encode("windows-1252")) == "xml.encoding"


@pytest.mark.parametrize("data", [b"<a>\x00</a>", b"<a b='\x00'/>", b"<a>&#0;</a>", b"<a>\x01</a>", b"<a>&#8;</a>"])
def test_nul_and_control_characters_are_no_xml(data: bytes) -> None:
    assert code_of(data) == "xml.syntax"


def test_attributes_are_limited_in_one_element_and_in_all() -> None:
    crowd = "".join(f' a{n}="1"' for n in range(257))
    assert code_of(f"<a{crowd}/>".encode()) == "xml.too-many-attributes"
    assert xml.decode(f"<a{crowd.replace(' a256', '')[:-4]}/>".encode()).local_name == "a"
    many = b"<a>" + b'<b c="1"/>' * 50 + b"</a>"
    assert code_of(many, attribute_limit=49) == "xml.too-many-attributes"


def test_a_text_of_more_than_ten_megabytes_is_refused() -> None:
    assert code_of(b"<a>" + b"x" * 11_000_000 + b"</a>") == "xml.text-too-long"


def test_a_stack_of_elements_is_refused_whatever_its_height() -> None:
    for height in (65, 255, 300, 5_000):
        assert code_of(b"<a>" * height + b"</a>" * height) == "xml.too-deep"


@pytest.mark.parametrize(
    "data",
    [
        b"<a>" + b"<b/>" * 3_000_000 + b"</a>",
        b"<a " + b"".join(b'a%d=""' % n + b" " for n in range(1_500_000)) + b"/>",
    ],
    ids=["elements", "attributes"],
)
def test_a_bomb_stops_before_it_is_a_tree(data: bytes, tmp_path: Path) -> None:
    """In a process of its own, with less memory than the tree would take."""
    (tmp_path / "bomb.xml").write_bytes(data)
    program = (
        "import resource, sys\n"
        "from gateway.codecs import xml\n"
        "from gateway.model.faults import PartnerFault\n"
        "data = open(sys.argv[1], 'rb').read()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (700_000_000, 700_000_000))\n"
        "try:\n    xml.decode(data)\nexcept PartnerFault as fault:\n    print(fault.code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "bomb.xml")], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip().startswith("xml.too-many"), done.stderr


def test_elements_without_a_namespace_stay_so_below_a_root_that_has_one() -> None:
    root = xml.new_root("{urn:x}A", {})
    xml.add_child(root, "b").text = "1"
    read = xml.decode(xml.encode(root)).root
    assert (read.tag, read[0].tag) == ("{urn:x}A", "b")
