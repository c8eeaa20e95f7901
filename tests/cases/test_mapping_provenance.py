"""Where each value comes from, and back, over every case of every standard mapping: rule (file, line), place, text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import FileReading, read_file
from gateway.mapping.trace import Traced, leaves, trace
from gateway.model import json_form
from gateway.schema.directory import Directory

STANDARD = Path(__file__).parents[2] / "mappings" / "standard"
SOURCES = sorted(STANDARD.glob("*/*.cases/*/in.*"))
DERIVED = ("function",)  # UBL OrderChange has no place for it: the document itself says it


def traced(
    path: Path, mapping: DocumentMapping, directories: dict[str, Directory]
) -> list[tuple[FileReading, Any, list[Traced]]]:
    found = []
    for one in read_file(path.read_bytes(), lambda _: mapping, directories, filename=path.name):
        document = one.reading.document
        if document is not None:
            plain = json_form.document_plain(document)
            found.append((one, plain, trace(one.reading, plain, mapping.effective)))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-4:-1]))
def test_every_value_has_a_rule_and_a_place_and_the_place_leads_back(
    path: Path, standard: Callable[[str], DocumentMapping], directories: dict[str, Directory]
) -> None:
    name = f"{path.parts[-4]}/{path.parts[-3].removesuffix('.cases')}"
    lines = (STANDARD / f"{name}.yaml").read_text(encoding="utf-8").split("\n")
    data = path.read_bytes()
    for one, plain, rows in traced(path, standard(name), directories):
        assert rows
        assert one.reading.find_touched() - {""} == {at for _, _, _, at in one.reading.find_texts()}
        told = {row.field for row in rows}
        for field, value in leaves(plain):
            if field in ("document", "schema"):
                continue
            assert {field, field.rpartition(".")[0]} & told, field
            assert value == "" or value is not None
        for row in rows:
            if row.how in ("default", "derived"):
                assert row.where is None
                assert row.rule or row.field in DERIVED, row
                continue
            assert row.where is not None, row
            number = int(row.rule.rpartition(":")[2])
            assert row.rule.rpartition(":")[0].endswith(f"{name}.yaml")
            assert lines[number - 1].strip(), row
            if one.found.kind == "edifact" and row.where.offset is not None:
                segment = data[row.where.offset :].lstrip().split(b"'", 1)[0].decode("latin-1")
                assert row.where.tag is not None
                assert row.where.tag in segment or row.text in segment, row
            elif row.text and one.found.kind == "xml":
                assert row.where.path, row
                assert row.where.line, row


def test_the_text_at_a_place_is_what_was_sent_and_the_value_what_became_of_it(
    standard: Callable[[str], DocumentMapping], directories: dict[str, Directory]
) -> None:
    path = STANDARD / "eancom-1997" / "ORDERS.cases" / "simple" / "in.edi"
    ((_, _, rows),) = traced(path, standard("eancom-1997/ORDERS"), directories)
    row = next(each for each in rows if each.field == "issuedAt")
    assert (row.text, row.value, row.how) == ("20260302", "2026-03-02", "read")
    assert row.where is not None
    assert (row.where.tag, row.where.segment, row.where.element, row.where.component) == ("DTM", 3, 1, 2)
    assert [each.field for each in rows if each.where == row.where] == ["issuedAt"]


def test_in_xml_the_place_is_line_and_path(
    standard: Callable[[str], DocumentMapping], directories: dict[str, Directory]
) -> None:
    path = next(iter(sorted((STANDARD / "ubl-2.1" / "ProductActivity.cases").glob("one-sale/in.*"))))
    ((_, _, rows),) = traced(path, standard("ubl-2.1/ProductActivity"), directories)
    row = next(each for each in rows if each.field == "lines[0].soldQuantity")
    assert row.where is not None
    assert row.where.path is not None
    assert row.where.path.endswith("/SalesItem/Quantity")
    assert f">{row.text}<" in path.read_text(encoding="utf-8").split("\n")[(row.where.line or 0) - 1]


def test_a_default_is_told_with_its_rule(
    standard: Callable[[str], DocumentMapping], directories: dict[str, Directory], tmp_path: Path
) -> None:
    source = (STANDARD / "eancom-1997" / "ORDERS.cases" / "simple" / "in.edi").read_text(encoding="latin-1")
    path = tmp_path / "in.edi"
    path.write_text(source.replace("BGM+220+4711+9'", "BGM++4711'"), encoding="latin-1")
    ((_, _, rows),) = traced(path, standard("eancom-1997/ORDERS"), directories)
    found = {each.field: each for each in rows if each.how == "default"}
    assert found.keys() == {"typeCode", "function"}
    assert found["typeCode"].rule.startswith("mappings/standard/eancom-1997/ORDERS.yaml:")
