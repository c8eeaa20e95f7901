"""Rows of a list in a file, one at a time: CSV in any usual encoding, with any usual separator, or an Excel sheet."""

import csv
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import BadZipFile, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from gateway.model.faults import OurFault
from gateway.model.findings import Where

SEPARATORS = ",;\t|"
_CHINESE = re.compile(rb"(?:[\x00-\x7f]|[\xa1-\xf7][\xa1-\xfe])*[\xa1-\xf7]?")
LOOK_BYTES = 64 * 1024
CELL_LIMIT = 10_000  # characters
COLUMNS_LIMIT = 200
SHEET_LIMIT_BYTES = 2_000_000_000  # an Excel file unpacked; more is a bomb or belongs into CSV
RATIO_LIMIT = 200  # unpacked to packed

Row = tuple[int, Sequence[str]]  # line of the file from 1, cells


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal, read in pieces."""
    total = sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            total.update(piece)
    return total.hexdigest()


def rows_of(path: Path, sheet: str | None = None) -> Iterator[Row]:
    """Yield every row that has a cell, the header first. sheet: of an Excel file; None: the first.

    Raises OurFault import.file-missing, import.not-readable, import.sheet-unknown, import.too-large.
    """
    if not path.is_file():
        raise OurFault("import.file-missing", value=str(path))
    if path.suffix.lower() in (".xlsx", ".xlsm"):
        yield from _excel(path, sheet)
    else:
        yield from _csv(path)


def _csv(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        start = file.read(LOOK_BYTES)
    encoding = _encoding(start)
    separator = _separator(start.decode(encoding, errors="ignore"))
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=separator, strict=True)
        try:
            for cells in reader:
                if len(cells) > COLUMNS_LIMIT:
                    raise OurFault("import.too-large", Where(line=reader.line_num), value=f"{len(cells)} columns")
                if long := next((each for each in cells if len(each) > CELL_LIMIT), None):
                    raise OurFault("import.too-large", Where(line=reader.line_num), value=f"{len(long)} characters")
                if any(cell.strip() for cell in cells):
                    yield reader.line_num, cells
        except (csv.Error, UnicodeDecodeError) as error:
            raise OurFault("import.not-readable", Where(line=reader.line_num + 1), value=str(error)[:200]) from error


def _encoding(start: bytes) -> str:
    """Tell by the bytes: UTF-16 by its mark, UTF-8 when it is, GB 18030 when all high bytes pair up as Chinese
    characters of GB 2312 do, else windows-1252, which every byte is."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    whole = start[:-4] if len(start) == LOOK_BYTES else start  # a character may be cut at the end
    try:
        whole.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030" if _CHINESE.fullmatch(whole) else "cp1252"
    return "utf-8-sig"


def _separator(text: str) -> str:
    header = text.splitlines()[0] if text.strip() else ""
    return max(SEPARATORS, key=header.count)


# What zipfile, openpyxl and the XML parsers under it raise for a file that somebody made or broke on purpose; the
# parsers' own errors are SyntaxErrors, their limits on entities among them. Only their code runs under it.
_BROKEN = (BadZipFile, InvalidFileException, LookupError, ValueError, TypeError, AttributeError, SyntaxError, EOFError,
           NotImplementedError, zlib.error)  # fmt: skip


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise OurFault("import.not-readable", value=str(error)[:200]) from error


def _excel(path: Path, sheet: str | None) -> Iterator[Row]:
    with _readable(), ZipFile(path) as archive:
        unpacked = sum(each.file_size for each in archive.infolist())
    if unpacked > SHEET_LIMIT_BYTES or unpacked > RATIO_LIMIT * max(path.stat().st_size, 100_000):
        raise OurFault("import.too-large", value=f"{unpacked} bytes")
    with _readable():
        book = load_workbook(path, read_only=True, data_only=True)
    try:
        if sheet is not None and sheet not in book.sheetnames:
            raise OurFault("import.sheet-unknown", value=sheet, sheets=", ".join(book.sheetnames)[:200])
        for line, values in enumerate(_lines(book, sheet), start=1):
            cells = [_cell(value) for value in values]
            if any(cells):
                yield line, cells
    finally:
        book.close()


def _lines(book: Workbook, sheet: str | None) -> Iterator[tuple[object, ...]]:
    with _readable():
        page = book[sheet] if sheet else book.worksheets[0]
        yield from page.iter_rows(values_only=True, max_col=COLUMNS_LIMIT)


def _cell(value: object) -> str:
    """Return a cell as a person sees it: whole numbers without a point, days as ISO dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.date().isoformat() if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)[:CELL_LIMIT]


@contextmanager
def as_file(name: str, data: bytes) -> Iterator[Path]:
    """Lay data where a reader of files finds it, for as long as it reads."""
    with TemporaryDirectory(prefix="gateway-list-") as folder:
        path = Path(folder) / f"list{_ending(name)}"
        path.write_bytes(data)
        yield path


def _ending(name: str) -> str:
    """Return the ending that tells Excel from CSV; never what the person wrote."""
    return ".xlsx" if name.lower().endswith((".xlsx", ".xlsm")) else ".csv"
