"""The same meaning has other codes in other years and formats: what is easily confused, one test each."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.mapping.compiler import DocumentMapping
from gateway.mapping.files import read_file, write_file
from gateway.mapping.moments import read_edi_moment, read_edi_period
from gateway.model.faults import OurFault
from gateway.model.order import Order, OrderLine
from gateway.model.sales_report import InventoryLine, InventoryReport
from gateway.model.values import Item, Period, Quantity, party
from gateway.schema.directory import Directory

STANDARD = Path(__file__).parents[2] / "mappings" / "standard"
Standard = Callable[[str], DocumentMapping]
PIECES = Quantity(value=Decimal(24), unit="H87")
LINE = OrderLine(number="1", item=Item(gtin="04099990100018"), quantity=PIECES)
ORDER = Order(
    id="4711",
    issued_at=date(2026, 3, 2),
    buyer=party("4099990000011"),
    seller=party("4099990000028"),
    lines=(LINE,),
)


def read(mapping: DocumentMapping, data: bytes, directories: dict[str, Directory]) -> Any:
    (found,) = read_file(data, lambda _: mapping, directories)
    return found.reading


@pytest.mark.parametrize(("family", "qualifier"), [("eancom-1997", "EN"), ("eancom-2002", "SRV")])
def test_the_qualifier_of_a_gtin_is_that_of_the_year(family: str, qualifier: str, standard: Standard) -> None:
    assert f"LIN+1++4099990100018:{qualifier}'".encode() in write_file(standard(f"{family}/ORDERS"), ORDER)


@pytest.mark.parametrize("family", ["eancom-1997", "eancom-2002"])
@pytest.mark.parametrize(
    ("unit", "code"),
    [("H87", "PCE"), ("XCT", "CT"), ("XCS", "CS"), ("XBX", "BX"), ("XPK", "PK"), ("XPA", "PA"), ("XPX", "PF"), ("KGM", "KGM")],  # noqa: E501
)  # fmt: skip
def test_units_are_translated_at_the_edge(
    family: str, unit: str, code: str, standard: Standard, directories: dict[str, Directory]
) -> None:
    mapping, quantity = standard(f"{family}/ORDERS"), Quantity(value=Decimal(24), unit=unit)
    written = write_file(mapping, replace(ORDER, lines=(replace(LINE, quantity=quantity),)))
    assert f"QTY+21:24:{code}'".encode() in written
    assert read(mapping, written, directories).document.lines[0].quantity == quantity
    ubl = write_file(standard("ubl-2.1/Order"), replace(ORDER, lines=(replace(LINE, quantity=quantity),)))
    assert f'<cbc:Quantity unitCode="{unit}">24</cbc:Quantity>'.encode() in ubl


def test_no_unit_means_trade_units_of_the_gtin(standard: Standard, directories: dict[str, Directory]) -> None:
    mapping = standard("eancom-1997/ORDERS")
    written = write_file(mapping, ORDER).replace(b"QTY+21:24:PCE'", b"QTY+21:24'")
    assert read(mapping, written, directories).document.lines[0].quantity == Quantity(value=Decimal(24), per="gtin")


@pytest.mark.parametrize(("family", "code"), [("eancom-1997", "72E"), ("eancom-2002", "137")])
def test_conditions_were_renumbered(
    family: str, code: str, standard: Standard, directories: dict[str, Directory]
) -> None:
    mapping = standard(f"{family}/ORDERS")
    written = write_file(mapping, replace(ORDER, conditions=("partial-allowed",)))
    assert f"ALI+++{code}'".encode() in written
    assert read(mapping, written, directories).document.conditions == ("partial-allowed",)


@pytest.mark.parametrize(
    ("kind", "old", "new"), [("promotional", "31E", "26"), ("displayOnly", "35E", "249"), ("onHand", "17", "17")]
)
def test_kinds_of_stock_were_renumbered(
    kind: str, old: str, new: str, standard: Standard, directories: dict[str, Directory]
) -> None:
    line = InventoryLine(item=LINE.item, quantity=PIECES, type=kind)
    report = InventoryReport(id="B-1", issued_at=date(2026, 3, 2), reporter=ORDER.buyer, lines=(line,))
    for family, code in (("eancom-1997", old), ("eancom-2002", new)):
        mapping = standard(f"{family}/INVRPT")
        written = write_file(mapping, report)
        assert f"QTY+{code}:24:PCE'".encode() in written
        assert read(mapping, written, directories).document.lines == (line,)


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("20260302", "102", date(2026, 3, 2)),
        ("260302", "101", date(2026, 3, 2)),
        ("202603021015", "203", datetime(2026, 3, 2, 10, 15)),
        ("20260302101559", "204", datetime(2026, 3, 2, 10, 15, 59)),
        ("202603021015UTC", "303", datetime(2026, 3, 2, 10, 15, tzinfo=UTC)),
        ("20260302101559+01", "304", datetime(2026, 3, 2, 10, 15, 59, tzinfo=timezone(timedelta(hours=1)))),
    ],
)
def test_moments_in_the_formats_of_2379(text: str, code: str, expected: date) -> None:
    assert read_edi_moment(text, code) == expected


@pytest.mark.parametrize(
    ("text", "code", "start", "end"),
    [
        ("2026030220260308", "718", date(2026, 3, 2), date(2026, 3, 8)),
        ("20260302", "102", date(2026, 3, 2), date(2026, 3, 2)),
        ("202610", "616", date(2026, 3, 2), date(2026, 3, 8)),
        ("202612", "610", date(2026, 12, 1), date(2026, 12, 31)),
        ("20264", "608", date(2026, 10, 1), date(2026, 12, 31)),
        ("2024", "602", date(2024, 1, 1), date(2024, 12, 31)),
        ("202603020600202603021800", "719", datetime(2026, 3, 2, 6), datetime(2026, 3, 2, 18)),
    ],
)
def test_periods_in_the_formats_of_2379(text: str, code: str, start: date, end: date) -> None:
    assert read_edi_period(text, code) == Period(start=start, end=end)


@pytest.mark.parametrize(
    ("text", "code"), [("202554", "616"), ("202613", "610"), ("20265", "608"), ("202603021015XYZ", "303")]
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str, code: str) -> None:
    with pytest.raises(ValueError):
        (read_edi_moment if code == "303" else read_edi_period)(text, code)


def test_a_wrong_check_digit_is_told_and_the_number_kept(standard: Standard, directories: dict[str, Directory]) -> None:
    mapping = standard("eancom-1997/ORDERS")
    reading = read(mapping, write_file(mapping, ORDER).replace(b"4099990100018", b"4099990100017"), directories)
    assert [(each.code, each.severity) for each in reading.findings] == [("mapping.check-digit", "warning")]
    assert reading.document.lines[0].item.gtin == "04099990100017"


def test_two_rejections_of_one_line_do_not_fit_into_ubl(standard: Standard, directories: dict[str, Directory]) -> None:
    case = STANDARD / "eancom-1997" / "RECADV.cases" / "two-reasons-on-one-line" / "in.edi"
    document = read(standard("eancom-1997/RECADV"), case.read_bytes(), directories).document
    with pytest.raises(OurFault) as caught:
        write_file(standard("ubl-2.1/ReceiptAdvice"), document)
    assert caught.value.code == "mapping.one-only"
