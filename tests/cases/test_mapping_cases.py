"""Every folder mappings/**/X.cases/<case>/ is a test: in.* must read as expected.json says, and be written as out.*.

`pytest tests/cases --update` writes expected.json and out.* anew; look at the difference before it is committed.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.codecs import csv_rows, envelope, sbdh, xml
from gateway.codecs.edifact_write import write_segments
from gateway.mapping.compiler import DocumentMapping, Reading
from gateway.mapping.csv_tables import form_of
from gateway.mapping.recognition import xml_parts
from gateway.model import json_form
from gateway.schema.directory import Directory
from gateway.schema.validate import validate

ROOT = Path(__file__).parent.parent.parent
STANDARD = ROOT / "mappings" / "standard"
CASES = sorted(path.parent for path in STANDARD.glob("*/*.cases/*/in.*"))


def case_name(case: Path) -> str:
    return str(case.relative_to(STANDARD))


def read_bytes(mapping: DocumentMapping, data: bytes, directories: dict[str, Directory]) -> Reading:
    if mapping.syntax.kind == "xml":
        document, _, oddities = sbdh.opened(xml.decode(data))
        assert oddities == ()
        (root,) = xml_parts(mapping.syntax, document.root)
        return mapping.read(root)
    if mapping.syntax.kind == "csv":
        (one,) = csv_rows.decode(data, form_of(mapping.syntax), filename="in.csv")
        assert all(each.severity == "info" for each in one.findings)
        return mapping.read(one.root)
    messages = [message for each in envelope.read_interchanges([data]) for message in each.messages]
    assert len(messages) == 1, "a case holds one message"
    validated = validate(messages[0], directories[mapping.syntax.directory])
    assert [each for each in validated.findings if each.severity == "error"] == []
    return mapping.read(validated.tree)


def write_bytes(mapping: DocumentMapping, reading: Reading) -> bytes:
    assert reading.document is not None
    written = mapping.write(reading.document)
    if mapping.syntax.kind == "csv":
        return csv_rows.encode([written], form_of(mapping.syntax))
    return xml.encode(written) if mapping.syntax.kind == "xml" else write_segments(written, line_end="\n")


def as_file(mapping: DocumentMapping, body: bytes) -> bytes:
    """Put a written body into an envelope, so that it can be read like what came in."""
    if mapping.syntax.kind != "edifact":
        return body
    count = body.count(b"'\n") + 2
    release = mapping.syntax.directory[1:].upper()
    message = f"{mapping.syntax.message}:D:{release}:UN:{mapping.syntax.association}"
    head = f"UNB+UNOC:3+4099990000014:14+4099990000021:14+260302:0900+1'UNH+1+{message}'"
    return head.encode() + body + f"UNT+{count}+1'UNZ+1+1'".encode()


def test_each_standard_mapping_has_at_least_two_cases() -> None:
    names = sorted(path.stem for path in STANDARD.glob("*/*.yaml"))
    for path in STANDARD.glob("*/*.yaml"):
        cases = [case for case in CASES if case.parent.name == f"{path.stem}.cases" and case.parents[1] == path.parent]
        assert len(cases) >= 2, path
    assert len(names) >= 12


@pytest.mark.parametrize("case", CASES, ids=case_name)
def test_case_reads_and_writes_as_expected(
    case: Path,
    standard: Callable[[str], DocumentMapping],
    directories: dict[str, Directory],
    pytestconfig: pytest.Config,
) -> None:
    mapping = standard(f"{case.parents[1].name}/{case.parent.name.removesuffix('.cases')}")
    source = next(case.glob("in.*"))
    reading = read_bytes(mapping, source.read_bytes(), directories)
    assert [each for each in reading.findings if each.severity == "error"] == []
    assert reading.document is not None
    found = json.dumps(json_form.document_plain(reading.document), indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    written = write_bytes(mapping, reading)
    expected, out = case / "expected.json", case / f"out{source.suffix}"
    if pytestconfig.getoption("--update"):
        expected.write_text(found, encoding="utf-8")
        out.write_bytes(written)
    assert found == expected.read_text(encoding="utf-8")
    assert written == out.read_bytes()
    assert read_bytes(mapping, as_file(mapping, written), directories).document == reading.document
    assert json_form.loads(expected.read_text(encoding="utf-8")) == reading.document
