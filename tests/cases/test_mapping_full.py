"""The law of a mapping on the fullest document: what it says it carries is written, valid, and read back the same."""

from collections.abc import Callable
from pathlib import Path

import pytest
from full_documents import Filler, differences

from gateway.mapping.codes import CodeTable
from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import FileReading, read_file, write_file
from gateway.schema.directory import Directory

STANDARD = Path(__file__).parents[2] / "mappings" / "standard"
NAMES = sorted(f"{path.parent.name}/{path.stem}" for path in STANDARD.glob("*/*.yaml"))


def through(mapping: DocumentMapping, data: bytes, directories: dict[str, Directory]) -> FileReading:
    (found,) = read_file(data, lambda _: mapping, directories)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_field_that_a_mapping_carries_comes_back(
    name: str,
    standard: Callable[[str], DocumentMapping],
    directories: dict[str, Directory],
    codes: dict[str, CodeTable],
) -> None:
    mapping = standard(name)
    document = Filler(mapping, directories, codes).document()
    written = write_file(mapping, document)
    found = through(mapping, written, directories)
    errors = [each for each in found.all_findings if each.severity == "error"]
    assert errors == [], written.decode()
    assert list(differences(document, found.reading.document)) == [], written.decode()
    assert [each.path for each in found.reading.leftovers] == []
