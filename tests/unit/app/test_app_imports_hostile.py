"""Workbooks made to hurt: each is refused with a code, soon, and without much memory."""

import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from gateway.app.import_files import rows_of
from gateway.model.faults import OurFault

SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
LAUGHS = '<!DOCTYPE x [<!ENTITY a "haha haha ">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/passwd">'


def workbook(path: Path, member: str, change: Callable[[bytes], bytes]) -> Path:
    book = Workbook()
    book.active.append(["gtin", "name"])
    book.active.append(["09521001100014", "Pen"])
    plain = io.BytesIO()
    book.save(plain)
    with ZipFile(plain) as source, ZipFile(path, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, change(source.read(name)) if name == member else source.read(name))
    return path


def with_entity(declared: str) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        text = data.decode()
        cell = '<sheetData><row r="9"><c r="A9" t="inlineStr"><is><t>&j;</t></is></c></row>'
        text = text.replace("<sheetData>", cell).replace("</workbook>", "<x>&j;</x></workbook>")
        head, mark, rest = text.rpartition("?>")
        return f"{head}{mark}{declared}]>{rest}".encode()

    return change


HOSTILE: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "entities in the sheet": (SHEET, with_entity(LAUGHS), "import.not-readable"),
    "entities in the book": (BOOK, with_entity(LAUGHS), "import.not-readable"),
    "a sheet of blanks without end": (SHEET, lambda data: data + b" " * 30_000_000, "import.too-large"),
    "half a sheet": (SHEET, lambda data: data[: len(data) // 2], "import.not-readable"),
    "a book without sheets": (BOOK, lambda data: b"<workbook/>", "import.not-readable"),
    "numbers that are none": (SHEET, lambda data: data.replace(b'r="2"', b'r="x"'), "import.not-readable"),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_workbook_is_refused_with_a_code_and_little_memory(name: str, tmp_path: Path) -> None:
    member, change, code = HOSTILE[name]
    path = workbook(tmp_path / "list.xlsx", member, change)
    tracemalloc.start()
    try:
        with pytest.raises(OurFault) as caught:
            list(rows_of(path))
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.code == code


def test_a_workbook_reads_no_file_of_ours(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", SHEET, with_entity(OUTSIDE))
    try:
        told = str(list(rows_of(path)))
    except OurFault as fault:
        told = str(fault.value)
    assert "root:" not in told
