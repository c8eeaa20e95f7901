"""Lookup tables as text: strict reading, rows added and taken out, everything else keeps its bytes."""

import pytest

from gateway.config.fields import Problems
from gateway.config.lookups import imported, path_of, read_lookup, with_row, without_row
from gateway.model.faults import OurFault

PATH = "partners/acme/tables/items.csv"
TABLE = 'theirs,gtin\nA-1,4099990100018\n"B,2",4099990100025\n'


def codes_of(text: str) -> list[tuple[str, int | None]]:
    problems = Problems(PATH)
    read_lookup("items", text, problems)
    return [(each.code, each.where.line) for each in problems.findings]


def fault(code: str, work: object, *given: object, **named: object) -> OurFault:
    with pytest.raises(OurFault) as caught:
        work(*given, **named)  # type: ignore[operator]
    assert caught.value.code == code
    return caught.value


def test_a_table_is_read_by_its_first_column() -> None:
    problems = Problems(PATH)
    table = read_lookup("items", TABLE, problems)
    assert problems.findings == []
    assert table.columns == ("theirs", "gtin")
    assert {key: row["gtin"] for key, row in table.rows.items()} == {"A-1": "4099990100018", "B,2": "4099990100025"}


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "lookup.bad-header", 1),
        ("a,,c\n", "lookup.bad-header", 1),
        ("a,a\n", "lookup.bad-header", 1),
        ('a,"b\n', "lookup.bad-header", 1),
        ("a,b\nx,1\nx,2\n", "config.repeated-row", 3),
        ("a,b\n,1\n", "config.missing", 2),
        ("a,b\nx\n", "config.table-row", 2),
        ("a,b\nx,1,2\n", "config.table-row", 2),
        ('a,b\nx,"1"2\n', "config.syntax", 2),
    ],
)
def test_what_is_wrong_with_a_table_is_told_with_its_line(text: str, code: str, line: int) -> None:
    assert codes_of(text) == [(code, line)]


def test_a_row_is_added_at_the_end_and_the_others_keep_their_bytes() -> None:
    assert with_row(PATH, TABLE, "C", ["1"]) == TABLE + "C,1\n"
    assert with_row(PATH, TABLE.rstrip("\n"), "C,D", ['say "1"']) == TABLE + '"C,D","say ""1"""\n'


def test_a_key_that_is_there_is_told_with_its_row_unless_it_may_change() -> None:
    found = fault("lookup.key-there", with_row, PATH, TABLE, "B,2", ["7"])
    assert found.params["row"] == "B,2, 4099990100025"
    assert with_row(PATH, TABLE, "B,2", ["7"], change=True) == 'theirs,gtin\nA-1,4099990100018\n"B,2",7\n'


@pytest.mark.parametrize("values", [[], ["1", "2"], [""], [" "]])
def test_a_row_has_one_value_for_each_column(values: list[str]) -> None:
    fault("lookup.bad-row", with_row, PATH, TABLE, "C", values)


def test_a_row_is_taken_out_and_a_key_that_is_not_there_is_told_with_the_nearest() -> None:
    assert without_row(PATH, TABLE, "A-1") == 'theirs,gtin\n"B,2",4099990100025\n'
    assert fault("lookup.key-missing", without_row, PATH, TABLE, "A-2").params["nearest"] == "A-1"


def test_without_a_table_there_is_nothing_to_change() -> None:
    fault("lookup.no-table", with_row, PATH, None, "A", ["1"])
    fault("lookup.no-table", without_row, PATH, None, "A")


@pytest.mark.parametrize("value", ["1\n2", "1\r2", "1\x002", "1\u20282"])
def test_a_value_that_could_tear_the_table_is_refused(value: str) -> None:
    fault("lookup.bad-row", with_row, PATH, TABLE, "C", [value])
    fault("lookup.bad-row", with_row, PATH, TABLE, value, ["C"])


def test_a_cell_over_two_lines_is_taken_out_whole() -> None:
    text = 'theirs,gtin\nA,"one\ntwo"\nB,2\n'
    assert without_row(PATH, text, "A") == "theirs,gtin\nB,2\n"
    assert without_row(PATH, text, "B") == 'theirs,gtin\nA,"one\ntwo"\n'


@pytest.mark.parametrize("mark", ["\N{LINE SEPARATOR}", "\x85", "\x0b", "\x0c", "\x1c"])
def test_what_only_looks_like_the_end_of_a_line_is_part_of_its_cell(mark: str) -> None:
    text = f"theirs,gtin\nA{mark}1,4099990100018\nB,4099990100025\n"
    table = read_lookup("items", text, problems := Problems(PATH))
    assert (problems.findings, list(table.rows)) == ([], [f"A{mark}1", "B"])
    assert without_row(PATH, text, "B") == f"theirs,gtin\nA{mark}1,4099990100018\n"


@pytest.mark.parametrize("name", ["../x", "a/b", "", "Items", "a.csv", "a b", "-a"])
def test_a_name_is_a_plain_word(name: str) -> None:
    fault("lookup.bad-name", path_of, "acme", name)


def test_our_own_items_are_no_lookup_table() -> None:
    fault("lookup.bad-name", path_of, "self", "items")
    assert path_of("acme", "items") == PATH


def test_an_imported_table_is_checked_and_kept_plainly() -> None:
    assert imported(PATH, "\ufeffa,b\r\nx,1") == "a,b\nx,1\n"
    fault("config.repeated-row", imported, PATH, "a,b\nx,1\nx,2\n")
