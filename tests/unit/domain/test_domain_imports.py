"""Which column means what, and what a cell says."""

from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.imports import KINDS, CellError, convert, decimal_of, kind_of, match_columns
from gateway.model.faults import OurFault
from gateway.texts.errors import ERRORS

GTIN, GLN = "9521001100014", "9521001000017"


def one(kind: str, header: list[str], *cells: str) -> Any:
    found = kind_of(kind)
    return convert(found, match_columns(found, header, {}, {}), 2, cells)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", "1234.5"),
        ("1,234.50", "1234.50"),
        ("1.234,50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("1'234.5", "1234.5"),
        ("0,125", "0.125"),
        ("12,5", "12.5"),
        ("-3", "-3"),
        ("1234,567", "1234.567"),
    ],
)
def test_numbers_are_read_as_people_write_them(cell: str, value: str) -> None:
    assert decimal_of(cell) == Decimal(value)


@pytest.mark.parametrize("cell", ["1,234", "12,345", "1.234.567", "1,2,3", "x", "1e5", "NaN", "1_000", "9999999999999"])
def test_numbers_that_can_be_read_in_two_ways_are_not_guessed(cell: str) -> None:
    with pytest.raises(CellError) as caught:
        decimal_of(cell)
    assert caught.value.code in ("import.number", "import.number-unclear")


def test_columns_are_found_by_name_in_any_spelling_and_in_chinese() -> None:
    found = match_columns(KINDS["items"], ["商品条码", "Description", "PRICE", "Case-Size", "Remark"], {}, {})
    assert found == {"gtin": 0, "name": 1, "sales_price": 2, "pack": 3}


def test_what_a_person_says_wins_over_what_was_remembered_and_over_names() -> None:
    header = ["gtin", "name", "Bezeichnung"]
    kind = KINDS["items"]
    assert match_columns(kind, header, {}, {})["name"] == 1
    assert match_columns(kind, header, {"name": "Bezeichnung"}, {})["name"] == 2
    assert match_columns(kind, header, {"name": "Bezeichnung"}, {"name": "name"})["name"] == 1


def test_a_column_that_is_needed_and_one_that_nobody_knows_are_named() -> None:
    with pytest.raises(OurFault, match=r"import\.column-missing"):
        match_columns(KINDS["items"], ["gtin"], {}, {})
    for said in ({"colour": "gtin"}, {"name": "Farbe"}):
        with pytest.raises(OurFault, match=r"import\.column-unknown"):
            match_columns(KINDS["items"], ["gtin", "name"], {}, said)
    with pytest.raises(OurFault, match=r"import\.kind-unknown"):
        kind_of("item")


def test_a_row_becomes_values_with_defaults() -> None:
    row = one("items", ["ean", "name", "sales_price", "active"], GTIN, " Oats ", "1,89", "no")
    assert row.problems == ()
    assert row.values["gtin"] == "0" + GTIN
    assert (row.values["name"], row.values["sales_price"], row.values["active"]) == ("Oats", "1.89", False)
    assert (row.values["unit"], row.values["pack"], row.values["currency"]) == ("H87", "1", "EUR")


def test_every_problem_of_a_row_is_named_with_its_place() -> None:
    row = one("items", ["gtin", "name", "price", "currency", "active"], GTIN[:-1] + "5", "", "free", "Euro", "maybe")
    assert [(each.code, each.where.column) for each in row.problems] == [
        ("import.check-digit", 1),
        ("import.cell-missing", 2),
        ("import.number", 3),
        ("import.currency", 4),
        ("import.flag", 5),
    ]
    assert row.values == {}
    assert all(each.where.line == 2 for each in row.problems)


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-01", "2026-03-01"),
        ("20260301", "2026-03-01"),
        ("01.03.2026", "2026-03-01"),
        ("2026/3/1", "2026-03-01"),
        ("2026年3月1日", "2026-03-01"),
        ("2026-03-01 00:00:00", "2026-03-01"),
        ("3/1/2026", None),
        ("2026-02-30", None),
        ("soon", None),
    ],
)
def test_days_are_read_unless_two_could_be_meant(cell: str, day: str | None) -> None:
    row = one("prices", ["list", "gtin", "price", "from"], "retail", GTIN, "1.00", cell)
    if day is None:
        assert [each.code for each in row.problems] == ["import.date"]
    else:
        assert row.values["valid_from"] == day


def test_stock_may_be_negative_and_a_pack_may_not() -> None:
    assert one("stock", ["gtin", "on hand"], GTIN, "-3,5").values["on_hand"] == -3500
    assert [each.code for each in one("packs", ["gtin", "inner", "contents"], GTIN, GTIN, "-1").problems] == [
        "import.number"
    ]
    assert [each.code for each in one("stock", ["gtin", "on hand"], GTIN, "0.0005").problems] == ["import.number"]


def test_a_short_row_is_one_with_empty_cells() -> None:
    assert [each.code for each in one("places", ["gln", "name"], GLN).problems] == ["import.cell-missing"]


def test_every_code_is_in_the_catalogue() -> None:
    codes = ["missing", "too-long", "check-digit", "number", "number-unclear", "flag", "date", "currency", "choice"]
    assert all(f"import.{code}" in ERRORS or f"import.cell-{code}" in ERRORS for code in codes)
