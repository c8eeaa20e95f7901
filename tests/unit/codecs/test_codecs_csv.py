"""CSV files: told apart into documents, with the place of every cell, and written so that nobody is hurt."""

import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.codecs import csv_rows
from gateway.codecs.csv_rows import CsvDocument, CsvForm
from gateway.codecs.xml import Element, add_child, is_text, new_root
from gateway.model.faults import OurFault, PartnerFault

FORM = CsvForm(
    titles={"order": "Order No.", "date": "Date", "gtin": "GTIN", "qty": "Quantity"},
    head=("order", "date"),
    key=("order",),
    delimiter=";",
)
RECORDS = CsvForm(
    titles={}, records={"H": ("order", "date"), "1L": ("gtin", "-", "qty"), "S": ("shop",)}, header=False, delimiter=";"
)


def documents(text: str, form: CsvForm = FORM, **given: object) -> tuple[CsvDocument, ...]:
    return csv_rows.decode(text.encode(form.encoding), form, **given)  # type: ignore[arg-type]


def fault(text: str | bytes, form: CsvForm = FORM, **given: int) -> PartnerFault:
    with pytest.raises(PartnerFault) as caught:
        csv_rows.decode(text if isinstance(text, bytes) else text.encode(), form, **given)
    return caught.value


def told(document: CsvDocument) -> list[tuple[str, int | None, int | None]]:
    return [(each.code, each.where.line, each.where.column) for each in document.findings if each.severity != "info"]


def cells(element: Element) -> dict[str, str]:
    return {each.tag: each.text for each in element if len(each) == 0}


def test_rows_with_one_key_are_one_document() -> None:
    first, second = documents("Order No.;Date;GTIN;Quantity\nP1;D;1;5\nP1;D;2;6\nP2;E;1;7\n")
    assert cells(first.root) == {"order": "P1", "date": "D"}
    assert [cells(row) for row in first.root.findall("row")] == [{"gtin": "1", "qty": "5"}, {"gtin": "2", "qty": "6"}]
    assert cells(second.root) == {"order": "P2", "date": "E"}


def test_columns_are_found_by_title_in_any_order_and_case() -> None:
    (one,) = documents(" quantity ;gtin;ORDER  NO.\n5;1;P1\n")
    assert cells(one.root.findall("row")[0]) == {"gtin": "1", "qty": "5"}
    assert [(each.code, each.value) for each in one.findings] == [("csv.missing-column", "Date")]


def test_a_column_that_nobody_knows_is_told_with_the_nearest_title() -> None:
    (one,) = documents("Order No.;Date;GTIN;Quantty\nP1;D;1;5\n")
    unknown = one.findings[0]
    assert (unknown.code, unknown.value, unknown.where.column) == ("csv.unknown-column", "Quantty", 4)
    assert dict(unknown.params)["nearest"] == "Quantity"


def test_every_cell_has_its_line_and_column() -> None:
    (one,) = documents('Quantity;Order No.;GTIN\n5;P1;1\n\n"6";P1;"2\n2"\n7;P1;3\n')
    rows = one.root.findall("row")
    places = [csv_rows.locate(row.find("qty")) for row in rows]
    assert [(each.line, each.column) for each in places] == [(2, 1), (4, 1), (6, 1)]
    head = csv_rows.locate(one.root.find("order"))
    assert (head.line, head.column, head.tag) == (2, 2, "order")


def test_a_head_that_changes_within_one_document_keeps_both_values() -> None:
    (one,) = documents("Order No.;Date;GTIN;Quantity\nP1;D;1;5\nP1;E;2;6\n")
    assert [(each.text, csv_rows.locate(each).line) for each in one.root.findall("date")] == [("D", 2), ("E", 3)]


def test_a_key_that_comes_back_is_an_error() -> None:
    found = documents("Order No.;Date;GTIN;Quantity\nP1;D;1;5\nP2;D;1;5\nP1;D;2;6\n")
    assert told(found[2]) == [("csv.key-returns", 4, None)]


def test_records_of_several_types_hang_below_their_first() -> None:
    first, second = documents("H;P1;D\n1L;1;x;5\nS;7\n1L;2;x;6\nH;P2;E\n1L;1;;7\n", RECORDS)
    assert cells(first.root) == {"order": "P1", "date": "D"}
    assert [(each.tag, cells(each)) for each in first.root if len(each)] == [
        ("_1L", {"gtin": "1", "qty": "5"}),
        ("S", {"shop": "7"}),
        ("_1L", {"gtin": "2", "qty": "6"}),
    ]
    place = csv_rows.locate(second.root.find("_1L").find("qty"))
    assert (place.line, place.column) == (6, 4)


def test_a_record_that_is_not_agreed_names_what_is() -> None:
    found = fault("H;P1;D\nX;1\n", RECORDS)
    assert (found.code, found.where.line, found.params["expected"]) == ("csv.unknown-record", 2, "H, 1L, S")
    assert fault("S;1\n", RECORDS).params["expected"] == "H"


def test_rows_of_another_length_are_told() -> None:
    by_place = replace(FORM, header=False)
    (one,) = documents("P1;D;1;5;oops\nP1;D;2\n", by_place)
    assert told(one) == [("csv.row-long", 1, 5), ("csv.row-short", 2, 3)]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "csv.no-header"),
        (b"Order No.;GTIN\n", "csv.empty"),
        (b"a;b;c\n1;2;3\n", "csv.no-header"),
        (b"GTIN;gtin\n1;2\n", "csv.repeated-column"),
        (b'GTIN;Quantity\n"1;2\n', "csv.syntax"),
        (b'GTIN;Quantity\n"1"x;2\n', "csv.syntax"),
        (b"GTIN;Quantity\n\xff;2\n", "csv.encoding"),
        (b"GTIN;Quantity\n1\x00;2\n", "csv.bad-character"),
        (b"PK\x03\x04;GTIN\n", "csv.bad-character"),
        (b"GTIN;Quantity\n" + b"x" * 40_000 + b";2\n", "csv.text-too-long"),
        (b"GTIN;Quantity\n" + b";" * 600 + b"\n", "csv.too-many-cells"),
    ],
)
def test_what_cannot_be_taken_apart_is_a_fault_of_the_partner(data: bytes, code: str) -> None:
    assert fault(data).code == code


def test_limits_hold() -> None:
    rows = b"GTIN;Quantity\n" + b"1;2\n" * 100
    assert fault(rows, cell_limit=100).code == "csv.too-many-cells"
    assert fault(rows, size_limit_bytes=100).code == "csv.too-large"


def test_encodings_and_byte_order_marks() -> None:
    text = "Order No.;GTIN;Quantity\nMüller;1;5\n"
    for name in ("utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-15"):
        (one,) = documents(text, replace(FORM, encoding=name))
        assert one.root.findtext("order") == "Müller"
    (marked,) = csv_rows.decode(b"\xef\xbb\xbf" + text.encode(), FORM)
    assert marked.root.findtext("order") == "Müller"


@pytest.mark.parametrize("name", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
def test_each_document_knows_its_bytes(name: str) -> None:
    form = replace(FORM, encoding=name)
    data = "Order No.;GTIN;Quantity\r\nMü;1;5\r\nMü;2;5\r\nP2;1;5".encode(name)
    first, second = csv_rows.decode(data, form)
    assert (first.start, second.end, first.end) == (0, len(data), second.start)
    assert data[second.start :].decode(name.removesuffix("-sig") if name != "utf-16" else "utf-16-le") == "P2;1;5"


def test_the_name_of_the_file_is_a_cell() -> None:
    (one,) = documents("GTIN;Quantity\n1;5\n", filename="sales-7.csv")
    assert one.root.findtext("_file") == "sales-7"


# --- out --------------------------------------------------------------------------------------------------------------


def tree(order: str, *rows: dict[str, str]) -> Element:
    root = new_root("file", {})
    add_child(root, "order").text = order
    for each in rows:
        row = add_child(root, "row")
        for name, value in each.items():
            add_child(row, name).text = value
    return root


DANGEROUS = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "'=1", "''=1", "-", "=", "@"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_text_is_a_formula_when_a_spreadsheet_opens_it(text: str) -> None:
    data = csv_rows.encode([tree(text, {"gtin": "1"})], FORM)
    (_, row) = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=";"))
    assert row[0][0] not in "=+-@\t\r"
    assert documents(data.decode())[0].root.findtext("order").strip() == text.strip()


@pytest.mark.parametrize("text", ["-5", "+3", "-1.234,50", "-0.5"])
def test_a_number_stays_a_number(text: str) -> None:
    data = csv_rows.encode([tree("P1", {"qty": text})], FORM)
    assert data.decode().endswith(f"P1;;;{text}\r\n")


def test_what_cannot_be_written_is_ours() -> None:
    for form in (replace(FORM, encoding="ascii"), replace(FORM, quote="")):
        with pytest.raises(OurFault) as caught:
            csv_rows.encode([tree("Mü;ller")], form)
        assert caught.value.code == "csv.not-writable"


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(
    lambda text: is_text(text) and text.strip() == text and "\r" not in text and "\ufeff" not in text
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.fixed_dictionaries({"gtin": TEXTS, "qty": TEXTS}), min_size=1, max_size=4),
    TEXTS,
    st.sampled_from([FORM, replace(FORM, delimiter="\t"), replace(FORM, header=False, quote="'", delimiter="|")]),
)
def test_what_is_written_is_read_back(rows: list[dict[str, str]], order: str, form: CsvForm) -> None:
    data = csv_rows.encode([tree(order, *rows)], form)
    (one,) = csv_rows.decode(data, form)
    assert one.root.findtext("order") == order
    assert [cells(each) for each in one.root.findall("row")] == rows


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=80), st.text("H1LS;\"'\n\rP=-", max_size=60).map(str.encode)),
    st.sampled_from([FORM, RECORDS, replace(FORM, header=False), replace(FORM, encoding="utf-16")]),
)
def test_any_bytes_are_documents_or_a_fault(data: bytes, form: CsvForm) -> None:
    code, found = "csv.", ()
    try:
        found = csv_rows.decode(data, form)
    except PartnerFault as caught:
        code = caught.code
    assert code.startswith("csv.")
    assert not found or found[-1].end == len(data)
