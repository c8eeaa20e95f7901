"""items.csv grows by one row at a time."""

from pathlib import Path

import pytest

from gateway.config.fields import Problems
from gateway.config.item_table import add_item
from gateway.config.settings import Settings, load_settings
from gateway.config.tables import read_items
from gateway.model.faults import OurFault

OATS, FLOUR = "9521001100014", "9521001100021"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "config.yaml").write_text("")
    table = tmp_path / "partners" / "self" / "tables" / "items.csv"
    table.parent.mkdir(parents=True)
    table.write_bytes(f"name,gtin\r\nOats,{OATS}".encode())  # other order of columns, no line end: as people write
    return load_settings(tmp_path)


def table_of(settings: Settings) -> bytes:
    return (settings.partners / "self" / "tables" / "items.csv").read_bytes()


def test_a_new_item_goes_below_the_others_in_the_order_of_the_header(settings: Settings) -> None:
    add_item(settings, {"gtin": FLOUR, "name": 'Flour, "fine"\n1 kg'})
    assert table_of(settings) == f'name,gtin\r\nOats,{OATS}\n"Flour, ""fine"" 1 kg",{FLOUR}\n'.encode()


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"gtin": OATS, "name": "Oats"}, "config.repeated-row"),
        ({"gtin": "9521001100020", "name": "X"}, "partner.check-digit"),
        ({"gtin": FLOUR, "name": ""}, "config.missing"),
    ],
)
def test_a_wrong_item_leaves_the_table_as_it_is(settings: Settings, values: dict[str, str], code: str) -> None:
    before = table_of(settings)
    with pytest.raises(OurFault) as caught:
        add_item(settings, values)
    assert caught.value.code == code
    assert table_of(settings) == before


def test_a_missing_table_is_made_with_its_header(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("")
    settings = load_settings(tmp_path)
    add_item(settings, {"gtin": FLOUR, "name": "Flour", "name_zh": "面粉"})
    header, row = table_of(settings).decode().splitlines()
    assert header.startswith("gtin,name,name_zh,")
    assert row.startswith(f"{FLOUR},Flour,面粉,")


def test_the_table_names_a_substitute_and_a_category() -> None:
    problems = Problems("items.csv")
    text = f"gtin,name,category,substitute\n{OATS},Oats,cereals,{FLOUR}\n{FLOUR},Flour,,{FLOUR[:-1]}9\n"
    found = read_items(text, problems)
    assert (found[f"0{OATS}"].category, found[f"0{OATS}"].substitute) == ("cereals", f"0{FLOUR}")
    assert [(each.code, each.where.line) for each in problems.findings] == [("config.bad-value", 3)]
