"""Lists from files into our house's tables, and back."""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openpyxl import Workbook
from sqlalchemy import select

from gateway.app.import_files import rows_of
from gateway.app.imports import import_file, undo_import
from gateway.app.instance import Instance, open_instance
from gateway.cli.root import cli
from gateway.model.effects import StockMoved
from gateway.model.faults import OurFault
from gateway.model.values import check_digit
from gateway.store import tables

WAREHOUSE = "9521001000017"


def gtin(number: int) -> str:
    body = f"952{number:09d}"
    return body + check_digit(body)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    root = tmp_path / "instance"
    own = ["--gln", "9521001000000", "--name", "Us"]
    result = CliRunner().invoke(cli, ["init", str(root), *own])
    assert result.exit_code == 0, result.output
    opened = open_instance(root)
    yield opened
    opened.close()


def a_csv(path: Path, *rows: list[str], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def rows(instance: Instance, table: str) -> list[dict[str, Any]]:
    source = tables.metadata.tables[table]
    chosen = select(source).order_by(*source.primary_key)
    return instance.journal.read(lambda tx: [dict(r) for r in tx.connection.execute(chosen).mappings()])  # type: ignore[attr-defined]


def items(tmp_path: Path, *names: str) -> Path:
    lines = [[gtin(n), name, "1.50"] for n, name in enumerate(names, start=1)]
    return a_csv(tmp_path / "items.csv", ["gtin", "name", "price"], *lines)


def test_items_are_written_and_known_to_the_deciders(instance: Instance, tmp_path: Path) -> None:
    found = import_file(instance, "items", items(tmp_path, "Oats", "Flour"), user="anna")
    assert (found.run.state, found.run.rows, found.run.changed, found.run.rejected) == ("done", 2, 2, 0)
    known = instance.journal.read(lambda tx: tx.items(["0" + gtin(1)]))
    assert known["0" + gtin(1)].name == "Oats"


def test_a_wrong_row_is_left_out_and_named_and_the_rest_goes_on(instance: Instance, tmp_path: Path) -> None:
    path = a_csv(
        tmp_path / "items.csv", ["gtin", "name"], [gtin(1), "Oats"], ["123", "Bad"], [gtin(2), ""], [gtin(3), "Rice"]
    )
    found = import_file(instance, "items", path, user="anna")
    assert (found.run.rows, found.run.changed, found.run.rejected) == (4, 2, 2)
    assert [(each.code, each.where.line) for each in found.problems] == [
        ("import.check-digit", 3),
        ("import.cell-missing", 4),
    ]
    assert [row["name"] for row in rows(instance, "item")] == ["Oats", "Rice"]


def test_a_dry_run_writes_nothing(instance: Instance, tmp_path: Path) -> None:
    found = import_file(instance, "items", items(tmp_path, "Oats"), user="anna", dry=True)
    assert (found.run.state, found.run.rows, len(found.sample)) == ("dry", 1, 1)
    assert rows(instance, "item") == rows(instance, "import_run") == []


def test_the_same_file_again_changes_nothing(instance: Instance, tmp_path: Path) -> None:
    import_file(instance, "items", items(tmp_path, "Oats"), user="anna")
    before = rows(instance, "item")
    assert import_file(instance, "items", items(tmp_path, "Oats"), user="anna").run.changed == 0
    assert rows(instance, "item") == before


def test_undo_puts_every_row_back_as_it_was(instance: Instance, tmp_path: Path) -> None:
    import_file(instance, "items", items(tmp_path, "Oats", "Flour"), user="anna")
    before = rows(instance, "item")
    run = import_file(instance, "items", items(tmp_path, "Oat flakes", "Flour", "Rice"), user="anna").run
    assert [row["name"] for row in rows(instance, "item")] == ["Oat flakes", "Flour", "Rice"]
    ended, left = undo_import(instance, run.id, user="anna")
    assert (ended.state, left) == ("undone", 0)
    assert rows(instance, "item") == before
    with pytest.raises(OurFault, match=r"import\.undone"):
        undo_import(instance, run.id, user="anna")


def test_undo_leaves_what_has_changed_since(instance: Instance, tmp_path: Path) -> None:
    first = import_file(instance, "items", items(tmp_path, "Oats", "Flour"), user="anna").run
    import_file(instance, "items", items(tmp_path, "Oat flakes"), user="anna")
    _, left = undo_import(instance, first.id, user="anna")
    assert left == 1
    assert [row["name"] for row in rows(instance, "item")] == ["Oat flakes"]


def test_stock_is_set_and_what_was_sold_since_stays_sold_after_undo(instance: Instance, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "stock.csv", ["条码", "库存"], [gtin(1), "40"], [gtin(2), "7.5"])
    run = import_file(instance, "stock", path, user="anna").run
    assert [(row["location"], row["on_hand"]) for row in rows(instance, "stock")] == [
        (instance.book.own.warehouse, 40_000),
        (instance.book.own.warehouse, 7_500),
    ]
    sold = StockMoved(
        key="1",
        gtin="0" + gtin(1),
        location=instance.book.own.warehouse,
        measure="on_hand",
        delta=Decimal(-3),
        reason="shipped",
        reference="D1",
    )
    instance.journal.write(lambda tx: tx.write_effects("m", [sold], instance.clock.now(), test=False))
    undo_import(instance, run.id, user="anna")
    assert [(row["gtin"], row["on_hand"]) for row in rows(instance, "stock")] == [("0" + gtin(1), -3_000)]


def test_columns_that_were_named_once_are_remembered_for_the_same_header(instance: Instance, tmp_path: Path) -> None:
    path = a_csv(tmp_path / "x.csv", ["Artikel", "Text"], [gtin(1), "Oats"])
    with pytest.raises(OurFault, match=r"import\.column-missing"):
        import_file(instance, "items", path, user="anna")
    said = {"gtin": "Artikel", "name": "Text"}
    import_file(instance, "items", path, user="anna", said=said)
    assert import_file(instance, "items", path, user="anna").columns == said


@pytest.mark.parametrize(
    ("delimiter", "encoding"), [(";", "cp1252"), ("\t", "utf-16"), ("|", "utf-8-sig"), (",", "gb18030")]
)
def test_csv_of_any_usual_form_is_read(instance: Instance, tmp_path: Path, delimiter: str, encoding: str) -> None:
    name = "燕麦片" if encoding != "cp1252" else "Müsli"
    path = a_csv(tmp_path / "x.csv", ["gtin", "name"], [gtin(1), name], delimiter=delimiter, encoding=encoding)
    import_file(instance, "items", path, user="anna")
    assert [row["name"] for row in rows(instance, "item")] == [name]


def test_an_excel_sheet_is_read_with_its_numbers_and_days(instance: Instance, tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["ignore"])  # type: ignore[union-attr]
    sheet = book.create_sheet("prices")
    sheet.append(["list", "gtin", "price", "from", "minimum"])
    sheet.append(["retail", int(gtin(1)), 1.5, datetime(2026, 3, 1), 12.0])
    book.save(tmp_path / "p.xlsx")
    import_file(instance, "prices", tmp_path / "p.xlsx", user="anna", sheet="prices")
    (row,) = rows(instance, "price")
    assert (row["gtin"], row["price"], row["valid_from"], row["minimum"]) == (
        "0" + gtin(1),
        "1.5",
        "2026-03-01",
        12_000,
    )
    with pytest.raises(OurFault, match=r"import\.sheet-unknown"):
        import_file(instance, "prices", tmp_path / "p.xlsx", user="anna", sheet="Preise")


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.csv", b"", "import.empty"),
        ("x.xlsx", b"PK\x03\x04 broken", "import.not-readable"),
        ("quote.csv", b'gtin,name\n9521001100014,"Oats\n', "import.not-readable"),
    ],
)
def test_a_file_that_is_none_is_refused(instance: Instance, tmp_path: Path, name: str, data: bytes, code: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(OurFault) as caught:
        import_file(instance, "items", tmp_path / name, user="anna")
    assert caught.value.code == code
    with pytest.raises(OurFault, match=r"import\.file-missing"):
        import_file(instance, "items", tmp_path / "none.csv", user="anna")


def test_the_command_imports_lists_and_undoes(instance: Instance, tmp_path: Path) -> None:
    root = str(instance.settings.root)
    path = str(items(tmp_path, "Oats"))
    run = CliRunner().invoke(cli, ["--instance", root, "import", "items", path, "--json"])
    assert run.exit_code == 0, run.output
    listed = CliRunner().invoke(cli, ["--instance", root, "import", "list"])
    assert "items.csv" in listed.output
    undone = CliRunner().invoke(cli, ["--instance", root, "import", "--undo", json.loads(run.stdout)["id"]])
    assert undone.exit_code == 0, undone.output
    assert rows(instance, "item") == []
    bad = a_csv(tmp_path / "bad.csv", ["gtin", "name"], ["1", "x"])
    assert CliRunner().invoke(cli, ["--instance", root, "import", "items", str(bad)]).exit_code == 3


def test_a_list_sets_no_limit_for_the_csv_files_of_partners(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    (tmp_path / "items.csv").write_text("gtin;name\n04012345678901;" + "x" * 20_000 + "\n")
    with pytest.raises(OurFault) as caught:
        list(rows_of(tmp_path / "items.csv"))
    assert caught.value.code == "import.too-large"
    assert csv.field_size_limit() == before
