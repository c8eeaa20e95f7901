"""XML Schemas taken in from a file, a folder and a package, and found again."""

import zipfile
from pathlib import Path

import pytest

from gateway.codecs import xml
from gateway.config.xml_schemas import INDEX, load_xml_schemas
from gateway.config.xml_schemas_import import holds_schemas, import_xml_schemas
from gateway.model.faults import OurFault

XSD = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:x">'
    '<xs:element name="Order" type="xs:date"/></xs:schema>'
)


def package(path: Path, **files: str) -> Path:
    with zipfile.ZipFile(path, "w") as target:
        for name, text in files.items():
            target.writestr(name.replace("__", "/"), text)
    return path


def test_a_package_is_copied_below_its_common_folder_and_found_by_document_element(tmp_path: Path) -> None:
    files = {"lib__orders-1__main__order.xsd": XSD, "lib__LICENSE": "free", "lib__code.py": "boom"}
    source = package(tmp_path / "x.whl", **files, **{"lib__orders-1__b__b.xsd": XSD.replace("urn:x", "urn:b")})
    assert holds_schemas(source)
    folder, count = import_xml_schemas(source, tmp_path / "schemas")
    assert (folder.name, count) == ("orders-1", 2)
    assert sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*.*")) == ["b/b.xsd", "main/order.xsd", INDEX]
    assert (folder / "LICENSE").read_text() == "free"
    found = load_xml_schemas(tmp_path / "schemas")
    bad = xml.decode(b'<Order xmlns="urn:x">soon</Order>').root
    assert [each.code for each in found.validate(bad, "orders-1")] == ["xml.schema-value"]
    import_xml_schemas(package(tmp_path / "y.zip", **{"order.xsd": XSD}), tmp_path / "schemas", "orders-1")
    assert not (folder / "b").exists()


def test_a_single_file_and_a_folder_without_an_index_do_too(tmp_path: Path) -> None:
    (tmp_path / "own.xsd").write_text(XSD)
    folder, _ = import_xml_schemas(tmp_path / "own.xsd", tmp_path / "schemas", "own")
    (folder / INDEX).unlink()
    assert load_xml_schemas(tmp_path / "schemas").set_for("{urn:x}Order", "own") is not None


def test_names_that_climb_out_of_a_package_are_left(tmp_path: Path) -> None:
    source = package(tmp_path / "x.zip", **{"..__..__evil.xsd": XSD, "good.xsd": XSD})
    folder, _ = import_xml_schemas(source, tmp_path / "schemas", "s")
    assert [each.name for each in folder.rglob("*.xsd")] == ["good.xsd"]
    assert not list(tmp_path.parent.glob("evil.xsd"))


@pytest.mark.parametrize(
    ("files", "name", "code"),
    [
        ({"a.txt": "x"}, "s", "xml.schema-import"),
        ({"a.xsd": "<a/>"}, "s", "xml.schema-unreadable"),
        ({"a.xsd": XSD.replace("xs:date", "xs:nonsense")}, "s", "xml.schema-unreadable"),
        ({"a.xsd": XSD}, "../s", "xml.schema-name"),
    ],
    ids=["nothing", "no schema", "wrong", "name"],
)
def test_what_is_no_set_of_schemas_changes_nothing(tmp_path: Path, files: dict[str, str], name: str, code: str) -> None:
    with pytest.raises(OurFault) as caught:
        import_xml_schemas(package(tmp_path / "x.zip", **files), tmp_path / "schemas", name)
    assert caught.value.code == code
    assert not (tmp_path / "schemas").exists()


@pytest.mark.parametrize("harm", ["encrypted", "cut", "turned"])
def test_a_package_that_cannot_be_unpacked_is_refused_in_words(tmp_path: Path, harm: str) -> None:
    source = tmp_path / "set.zip"
    with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("a.xsd", "<schema/>" * 200)
    data = bytearray(source.read_bytes())
    place = data.rindex(b"PK\x01\x02")  # the directory at the end, after the one compressed file
    if harm == "encrypted":
        data[6] |= 1
        data[place + 8] |= 1
    elif harm == "cut":
        data[place + 20 : place + 24] = (5).to_bytes(4, "little")
    else:
        data[40:50] = b"\xff" * 10
    source.write_bytes(data)
    with pytest.raises(OurFault, match=r"xml\.schema-unreadable"):
        import_xml_schemas(source, tmp_path / "schemas")
