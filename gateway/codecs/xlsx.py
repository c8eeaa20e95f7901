"""Tables as an Excel workbook: one sheet, a header, numbers as numbers. A text is never a formula."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

TITLE_LONGEST = 31
CELL_LONGEST = 32_767
_FORBIDDEN = dict.fromkeys(map(ord, "[]:*?/\\"), " ")
_NO_XML = {  # what XML 1.0 cannot say
    code: None for code in (*range(32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF) if code not in (9, 10, 13)
}


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[str | Decimal | None]]) -> bytes:
    """Return a workbook (Office Open XML). title: of its sheet, cut to what a sheet's name may be."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title.translate(_FORBIDDEN)[:TITLE_LONGEST] or "1")
    head = []
    for each in header:
        cell = WriteOnlyCell(sheet, value=_text(each))
        cell.font = Font(bold=True)
        head.append(cell)
    sheet.append(head)
    for row in rows:
        cells: list[WriteOnlyCell | Decimal | None] = []
        for value in row:
            if isinstance(value, str):
                cell = WriteOnlyCell(sheet, value=_text(value))
                cell.data_type = "s"  # "=1+1" of a partner stays a text
                cells.append(cell)
            else:
                cells.append(value)
        sheet.append(cells)
    kept = BytesIO()
    book.save(kept)
    return kept.getvalue()


def _text(value: str) -> str:
    return value.translate(_NO_XML)[:CELL_LONGEST]
