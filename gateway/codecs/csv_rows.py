"""CSV files: bytes to the trees that mappings read, and back. One tree for each document in the file.

    <file> <order>P1</order> <buyer>...</buyer>       the columns of the document
      <row> <gtin>...</gtin> <qty>5</qty> </row>      one element for each row, or record of another type
    </file>

Elements are lxml's, as everywhere in XML mappings; empty cells are left out. Where a value stood is kept in attributes:
`_line` at a row, and at <file> the number of each column.
Source: RFC 4180, with delimiter, quote, encoding and header as the form says.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import pairwise

from gateway.codecs.xml import Element, add_child, new_root
from gateway.model.faults import OurFault, PartnerFault
from gateway.model.findings import Finding, Where

ROOT, ROW, FILE_NAME = "file", "row", "_file"
_LINE = "_line"
SKIPPED = "-"  # a column that nobody reads
SIZE_LIMIT_BYTES = 50_000_000
CELL_LIMIT = 1_000_000
COLUMN_LIMIT = 500
TEXT_LIMIT = 32_768  # characters in a cell
FINDING_LIMIT = 100
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?[\d.,\s]*\d[.,]*\Z")  # the last digit and what follows it: a text may be long
_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet would run, however many quotes stand before it
_QUOTED_FORMULA = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvForm:
    """How one kind of CSV file looks.

    titles    column -> its title in the file, in the order of the columns
    head      columns that belong to the document, not to the row
    key       columns that start a new document when their value changes; () one document per file
    records   record type (the first cell) -> its columns; the first type begins a document and is its head.
              Empty: every row has the same columns
    header    the first row holds titles: columns are then found by title, whatever their order
    safe      a text that a spreadsheet would take for a formula is written behind an apostrophe, and read without it
    decimal, thousands, dates  for the converters: marks, and patterns of YYYY MM DD HH mm ss
    """

    titles: Mapping[str, str]
    head: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    header: bool = True
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    safe: bool = True
    decimal: str = "."
    thousands: str = ""
    dates: tuple[str, ...] = ()

    def columns_of(self, tag: str) -> Sequence[str]:
        """Return the columns that stand below <file> (tag ROOT), or below the element of that name."""
        if not self.records:
            return self.head if tag == ROOT else [each for each in self.titles if each not in self.head]
        first = next(iter(self.records))
        return next(
            (cells for kind, cells in self.records.items() if tag == (ROOT if kind == first else tag_of(kind))), ()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvDocument:
    """root: <file>. start, end: its bytes in the file. findings: about its rows."""

    root: Element
    start: int
    end: int
    findings: tuple[Finding, ...] = ()


def tag_of(kind: str) -> str:
    """Return the element name for a record type: the type itself, behind an underscore where it begins with a digit."""
    return kind if kind[:1].isalpha() else f"_{kind}"


@dataclass(slots=True)
class _Draft:
    root: Element
    key: tuple[str, ...]
    first_line: int
    last_line: int
    findings: list[Finding] = field(default_factory=list)
    said: dict[str, set[str]] = field(default_factory=dict)  # the values of each of the document's own columns

    def note(self, code: str, line: int, column: int | None, value: str, **params: str) -> None:
        if len(self.findings) < FINDING_LIMIT:
            severity = "warning" if code == "csv.row-short" else "error"
            where = Where(line=line, column=column)
            named = tuple(sorted(params.items()))
            self.findings.append(
                Finding(code=code, severity=severity, where=where, value=value[:200], params=named)  # type: ignore[arg-type]
            )


Rows = Iterator[tuple[int, int, list[str]]]  # first and last line, cells


def decode(
    data: bytes | Iterable[bytes],
    form: CsvForm,
    *,
    filename: str = "",
    size_limit_bytes: int = SIZE_LIMIT_BYTES,
    cell_limit: int = CELL_LIMIT,
) -> tuple[CsvDocument, ...]:
    """Read the documents of a file. filename: without folder; its stem becomes the cell `_file` of each document.

    Raises PartnerFault csv.too-large, csv.encoding, csv.bad-character, csv.syntax, csv.too-many-cells, csv.no-header,
    csv.unknown-record or csv.empty.
    """
    text, size_bytes = _text(data, form, size_limit_bytes)
    rows = _rows(text, form, cell_limit)
    columns, notes = _header(rows, form) if form.header else (None, [])
    drafts = list(_by_records(rows, form) if form.records else _by_key(rows, form, columns))
    if not drafts:
        raise PartnerFault("csv.empty")
    drafts[0].findings[:0] = notes
    stem = filename.rpartition(".")[0] or filename
    for draft in drafts:
        if stem:
            _cell(draft.root, FILE_NAME, stem)
    return tuple(_with_ranges(drafts, text, form, size_bytes))


def read_titles(data: bytes, form: CsvForm) -> list[str]:
    """Return the cells of the first row of what data begins with, [] when it cannot be read so; for recognition."""
    try:
        text = data[:65_536].decode(form.encoding, "ignore").removeprefix("\ufeff")
        return next((cells for _, _, cells in _rows(text, form, CELL_LIMIT)), [])
    except (PartnerFault, LookupError):
        return []


def _text(data: bytes | Iterable[bytes], form: CsvForm, limit: int) -> tuple[str, int]:
    whole = bytearray()
    for chunk in (data,) if isinstance(data, bytes) else data:
        whole += chunk
        if len(whole) > limit:
            raise PartnerFault("csv.too-large", limit=str(limit))
    try:
        text = bytes(whole).decode(form.encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = bytes(whole[: error.start]).count(b"\n") + 1
        where = Where(line=line, offset=error.start)
        raise PartnerFault("csv.encoding", where, value=form.encoding) from None
    if bad := _CONTROL.search(text):
        line = text.count("\n", 0, bad.start()) + 1
        raise PartnerFault("csv.bad-character", Where(line=line), value=f"U+{ord(bad.group()):04X}")
    return text, len(whole)


def _rows(text: str, form: CsvForm, cell_limit: int) -> Rows:
    """Yield rows that are not empty, with the lines they stand on."""
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=form.delimiter,
        quotechar=form.quote or None,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
        strict=True,
    )
    last, total = 0, 0
    try:
        for cells in reader:
            first, last = last + 1, reader.line_num
            total += len(cells)
            if total > cell_limit or len(cells) > COLUMN_LIMIT:
                limit = str(COLUMN_LIMIT if len(cells) > COLUMN_LIMIT else cell_limit)
                raise PartnerFault("csv.too-many-cells", Where(line=first), limit=limit)
            if long := next((n for n, each in enumerate(cells, 1) if len(each) > TEXT_LIMIT), None):
                raise PartnerFault("csv.text-too-long", Where(line=first, column=long), limit=str(TEXT_LIMIT))
            stripped = [each.strip() for each in cells]
            if any(stripped):
                yield first, last, [_without_guard(each) if form.safe else each for each in stripped]
    except csv.Error as error:
        raise PartnerFault("csv.syntax", Where(line=reader.line_num or 1), detail=str(error)[:200]) from None


def _header(rows: Rows, form: CsvForm) -> tuple[dict[int, str], list[Finding]]:
    """Return column number (from 0) -> column, and what is odd with the titles. Raises PartnerFault."""
    line, _, cells = next(rows, (1, 1, []))
    known = {_plain(title): column for column, title in form.titles.items() if not column.startswith(SKIPPED)}
    columns: dict[int, str] = {}
    findings = []
    for number, cell in enumerate(cells):
        column = known.get(_plain(cell))
        where = Where(line=line, column=number + 1)
        if column is None and cell:
            near = get_close_matches(_plain(cell), list(known), n=1, cutoff=0.5)
            nearest = form.titles[known[near[0]]] if near else "-"
            params = (("nearest", nearest),)
            findings.append(
                Finding(code="csv.unknown-column", severity="warning", where=where, value=cell[:200], params=params)
            )
        elif column in columns.values():
            raise PartnerFault("csv.repeated-column", where, value=cell)
        elif column is not None:
            columns[number] = column
    if not columns:
        expected = form.delimiter.join(form.titles.values())[:300]
        raise PartnerFault("csv.no-header", Where(line=line), value=form.delimiter.join(cells)[:200], expected=expected)
    absent = [
        title
        for column, title in form.titles.items()
        if column not in columns.values() and not column.startswith(SKIPPED)
    ]
    findings += [
        Finding(code="csv.missing-column", severity="info", where=Where(line=line), value=each) for each in absent
    ]
    return columns, findings[:FINDING_LIMIT]


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


def _by_key(rows: Rows, form: CsvForm, found: Mapping[int, str] | None) -> Iterator[_Draft]:
    """Yield one draft for each run of rows with the same key."""
    columns = found or {n: column for n, column in enumerate(form.titles) if not column.startswith(SKIPPED)}
    wanted = max(columns) + 1
    draft: _Draft | None = None
    finished: set[tuple[str, ...]] = set()
    for line, last_line, cells in rows:
        values = {columns[n]: each for n, each in enumerate(cells) if each and n in columns}
        key = tuple(values.get(each, "") for each in form.key)
        if draft is None or key != draft.key:
            if draft is not None:
                finished.add(draft.key)
                yield draft
            draft = _Draft(new_root(ROOT, {}), key, line, last_line)
            draft.root.set(_LINE, str(line))
            _number_columns(draft.root, "", {column: n for n, column in columns.items()})
            if key in finished:
                draft.note("csv.key-returns", line, None, " ".join(key))
        draft.last_line = last_line
        _check_length(draft, line, cells, wanted if found is None else max(wanted, len(cells)), found is None)
        _add_head(draft, form, values, line)
        row = _element(draft.root, ROW, line)
        for column, value in values.items():
            if column not in form.head:
                _cell(row, column, value)
    if draft is not None:
        yield draft


def _add_head(draft: _Draft, form: CsvForm, values: Mapping[str, str], line: int) -> None:
    """Write the document's own columns once; a row that says something else adds it with its line."""
    for column in form.head:
        value = values.get(column)
        if value and value not in draft.said.setdefault(column, set()):
            draft.said[column].add(value)
            _cell(draft.root, column, value).set(_LINE, str(line))


def _by_records(rows: Rows, form: CsvForm) -> Iterator[_Draft]:
    """Yield one draft for each record of the first type and those behind it."""
    first = next(iter(form.records))
    draft: _Draft | None = None
    for line, last_line, (kind, *cells) in rows:
        columns = form.records.get(kind)
        if columns is None or (draft is None and kind != first):
            expected = ", ".join(form.records if draft is not None else (first,))
            raise PartnerFault("csv.unknown-record", Where(line=line, column=1), value=kind, expected=expected)
        if kind == first:
            if draft is not None:
                yield draft
            draft = _Draft(new_root(ROOT, {}), (), line, last_line)
            draft.root.set(_LINE, str(line))
            for name, each in form.records.items():
                places = {column: n + 1 for n, column in enumerate(each) if not column.startswith(SKIPPED)}
                _number_columns(draft.root, "" if name == first else f"{tag_of(name)}.", places)
            home = draft.root
        else:
            assert draft is not None  # else the type would have been refused
            home = _element(draft.root, tag_of(kind), line)
        draft.last_line = last_line
        _check_length(draft, line, cells, len(columns), True)
        for column, value in zip(columns, cells, strict=False):
            if value and not column.startswith(SKIPPED):
                _cell(home, column, value)
    if draft is not None:
        yield draft


def _check_length(draft: _Draft, line: int, cells: Sequence[str], wanted: int, by_place: bool) -> None:
    """Where columns are told by their place, a row of another length is one whose cells have moved."""
    if len(cells) > wanted and any(cells[wanted:]):
        draft.note("csv.row-long", line, wanted + 1, cells[wanted] or "", found=str(len(cells)), expected=str(wanted))
    elif by_place and len(cells) < wanted:
        draft.note("csv.row-short", line, len(cells), "", found=str(len(cells)), expected=str(wanted))


def _number_columns(root: Element, prefix: str, places: Mapping[str, int]) -> None:
    for column, number in places.items():
        root.set(f"_column.{prefix}{column}", str(number + 1))


def _element(parent: Element, tag: str, line: int) -> Element:
    element = add_child(parent, tag)
    element.set(_LINE, str(line))
    return element


def _cell(parent: Element, column: str, value: str) -> Element:
    element = add_child(parent, column)
    element.text = value
    return element


def _with_ranges(drafts: Sequence[_Draft], text: str, form: CsvForm, size_bytes: int) -> Iterator[CsvDocument]:
    """Give each document its bytes. The first takes the header row and a byte order mark with it, the last the rest."""
    lines = io.StringIO(text, newline="").readlines()
    mark = len("".encode(form.encoding))  # utf-16 and utf-8-sig put one before every text
    firsts = [0, *(draft.first_line - 1 for draft in drafts[1:]), len(lines)]
    sizes = [len("".join(lines[a:b]).encode(form.encoding)) - mark for a, b in pairwise(firsts)]
    sizes[0] += size_bytes - sum(sizes)
    at = 0
    for draft, size in zip(drafts, sizes, strict=True):
        yield CsvDocument(root=draft.root, start=at, end=at + size, findings=tuple(draft.findings))
        at += size


def locate(element: Element) -> Where:
    """Return line and column (from 1) of a cell, or the line of a row."""
    root = element.getroottree().getroot()
    row = element if element.get(_LINE) else element.getparent()
    line = row.get(_LINE, "") if row is not None else ""
    parent = element.getparent()
    inside = "" if parent is None or parent is root or parent.tag == ROW else f"{parent.tag}."
    number = root.get(f"_column.{inside}{element.tag}", "")
    return Where(
        line=int(line) if line.isdigit() else None,
        column=int(number) if number.isdigit() and element is not root else None,
        tag=str(element.tag),
        path=f"{parent.tag}/{element.tag}" if parent is not None else str(element.tag),
    )


# --- out --------------------------------------------------------------------------------------------------------------


def encode(roots: Iterable[Element], form: CsvForm) -> bytes:
    """Write documents into one file, lines ending in CR LF. Raises OurFault csv.not-writable."""
    out = io.StringIO(newline="")
    writer = csv.writer(
        out,
        delimiter=form.delimiter,
        quotechar=form.quote or None,
        quoting=csv.QUOTE_MINIMAL if form.quote else csv.QUOTE_NONE,
        lineterminator="\r\n",
    )
    try:
        if form.header:
            writer.writerow(["" if column.startswith(SKIPPED) else title for column, title in form.titles.items()])
        for root in roots:
            for cells in _records(root, form) if form.records else _flat(root, form):
                writer.writerow([_guarded(each) if form.safe else each for each in cells])
        return out.getvalue().encode(form.encoding)
    except csv.Error as error:
        raise OurFault("csv.not-writable", value=str(error)[:200]) from None
    except UnicodeEncodeError as error:
        raise OurFault("csv.not-writable", value=f"{error.object[error.start]!r} / {form.encoding}") from None


def _flat(root: Element, form: CsvForm) -> Iterator[list[str]]:
    """Yield the rows, each with the document's own columns."""
    head = {str(each.tag): each.text or "" for each in root if len(each) == 0}
    for row in root.findall(ROW) or [new_root(ROW, {})]:
        values = head | {str(each.tag): each.text or "" for each in row}
        yield [values.get(column, "") for column in form.titles]


def _records(root: Element, form: CsvForm) -> Iterator[list[str]]:
    first = next(iter(form.records))
    tags = {tag_of(kind): kind for kind in form.records}
    yield _record(first, root, form.records[first])
    for each in root:
        kind = tags.get(str(each.tag))
        if kind is not None and kind != first:
            yield _record(kind, each, form.records[kind])


def _record(kind: str, element: Element, columns: Sequence[str]) -> list[str]:
    values = {str(each.tag): each.text or "" for each in element}
    return [kind, *(values.get(column, "") for column in columns)]


def _guarded(text: str) -> str:
    """Return text so that no spreadsheet runs it; numbers stay numbers. _without_guard undoes it."""
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.match(text) else text


def _without_guard(text: str) -> str:
    return text[1:] if text[:1] == "'" and _QUOTED_FORMULA.match(text) else text
