"""What is written as UBL passes the XSD of OASIS: every field at once, every case, and what the demo sends."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from full_documents import Filler

from gateway.codecs import xml
from gateway.config.xml_schemas import load_xml_schemas
from gateway.demo import ubl_texts
from gateway.demo.edifact_texts import Line, Parties
from gateway.demo.settings import DemoItem
from gateway.mapping.codes import CodeTable
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import write_file
from gateway.schema.directory import Directory
from gateway.schema.xsd import XmlSchemas

ROOT = Path(__file__).parents[2]
UBL = ROOT / "mappings" / "standard" / "ubl-2.1"
NAMES = sorted(path.stem for path in UBL.glob("*.yaml"))
PARTIES = Parties(buyer="4099990000011", seller="4099990000028", deliver_to="4099990000035")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def schemas() -> XmlSchemas:
    found = load_xml_schemas(ROOT / "schemas")
    if "ubl-2.1" not in found.sets:
        pytest.fail("no UBL schemas: run `make schemas`")
    return found


def judged(schemas: XmlSchemas, data: bytes) -> list[tuple[str, str | None, str | None]]:
    root = xml.decode(data).root
    assert schemas.set_for(root.tag) is not None
    return [(each.code, each.where.path, each.value) for each in schemas.validate(root)]


@pytest.mark.parametrize("name", NAMES)
def test_a_document_with_every_field_that_a_mapping_carries_is_valid(
    name: str,
    schemas: XmlSchemas,
    standard: Callable[[str], DocumentMapping],
    directories: dict[str, Directory],
    codes: dict[str, CodeTable],
) -> None:
    mapping = standard(f"ubl-2.1/{name}")
    document = Filler(mapping, directories, codes).document()
    assert judged(schemas, write_file(mapping, document)) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_are_valid_as_they_come_and_as_they_are_written(name: str, schemas: XmlSchemas) -> None:
    paths = sorted((UBL / f"{name}.cases").glob("*/*.xml"))
    assert len(paths) >= 4
    wrong = {str(path.relative_to(UBL)): judged(schemas, path.read_bytes()) for path in paths}
    assert {path: found for path, found in wrong.items() if found} == {}


def test_a_mistake_is_seen(schemas: XmlSchemas) -> None:
    (path, *_) = sorted((UBL / "Order.cases").glob("*/out.xml"))
    assert judged(schemas, path.read_bytes().replace(b"cbc:IssueDate", b"cbc:IssuedDate")) != []


def test_what_the_demo_sends_is_valid(schemas: XmlSchemas) -> None:
    lines = [Line(number="1", gtin="4099990100018", quantity=5, name="Oats & more", price="1.25")]
    order = ubl_texts.order("P1", NOW, date(2026, 3, 5), PARTIES, "Nordwind", lines)
    item = DemoItem(gtin="04099990100018", name="Oats")
    sales = ubl_texts.product_activity("S1", NOW, date(2026, 3, 1), PARTIES, {"4099990000035": [(item, 4, 0)]})
    assert judged(schemas, order) == []
    assert judged(schemas, sales) == []
