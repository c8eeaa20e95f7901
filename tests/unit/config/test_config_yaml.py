"""YAML as written."""

import pytest

from gateway.config.yaml import DEPTH_LIMIT, SIZE_LIMIT, Table, Text, load, marks, plain
from gateway.model.faults import OurFault


def fault_of(text: str) -> OurFault:
    with pytest.raises(OurFault) as caught:
        load(text, "x.yaml")
    return caught.value


def test_every_scalar_stays_the_text_that_was_written() -> None:
    node = load("a: 010\nb: NO\nc: 1.10\nd: 2026-01-02\ne: ~\nf:\ng: 0x1F\nh: '  x '\n", "x.yaml")
    assert plain(node) == {
        "a": "010",
        "b": "NO",
        "c": "1.10",
        "d": "2026-01-02",
        "e": "~",
        "f": "",
        "g": "0x1F",
        "h": "  x ",
    }


def test_an_empty_file_is_an_empty_table() -> None:
    assert plain(load("# only a comment\n", "x.yaml")) == {}


def test_a_repeated_key_is_refused_at_its_second_place() -> None:
    fault = fault_of("a: 1\nb:\n  c: 2\n  c: 3\n")
    assert (fault.code, fault.where.line, fault.where.column) == ("config.yaml-repeated-key", 4, 3)
    assert fault.params["at"] == "x.yaml:4:3"
    assert fault.params["first"] == "3"


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: &x 1\nb: 2\n", 1, "anchor &x"),
        ("a: 1\nb: *x\n", 2, "alias *x"),
        ("a: !!python/object:os.system x\n", 1, "tag"),
        ("a: !int 1\n", 1, "tag"),
        ("a: 1\n---\nb: 2\n", 3, "second document"),
        ("? [a, b]\n: 1\n", 1, "key"),
        ("[" * (DEPTH_LIMIT + 2) + "]" * (DEPTH_LIMIT + 2), 1, "nesting"),
    ],
)
def test_clever_yaml_is_refused_with_its_place(text: str, line: int, what: str) -> None:
    fault = fault_of(text)
    assert fault.code == "config.yaml-refused"
    assert fault.where.line == line
    assert what in (fault.value or "")


def test_a_merge_key_is_an_ordinary_key() -> None:
    assert plain(load("<<: {a: b}\n", "x.yaml")) == {"<<": {"a": "b"}}


def test_broken_syntax_names_line_and_column() -> None:
    fault = fault_of("a: 1\nb: [1, 2\nc: 3\n")
    assert fault.code == "config.syntax"
    assert fault.where.line == 3


def test_a_control_character_is_a_syntax_fault_and_no_crash() -> None:
    assert fault_of("a: \x00\n").code == "config.syntax"


def test_a_file_over_the_limit_is_refused_before_it_is_parsed() -> None:
    assert fault_of("a" * (SIZE_LIMIT + 1)).code == "config.too-large"


def test_marks_give_the_place_of_keys_and_of_list_items() -> None:
    found = marks(load("a: 1\nb:\n  - {c: x}\n  - y\n", "x.yaml"))
    assert found[("a",)] == (1, 1)
    assert found[("b",)] == (2, 1)
    assert found[("b", 0, "c")] == (3, 6)
    assert found[("b", 1)] == (4, 5)


def test_values_keep_their_own_place() -> None:
    node = load("name: Acme\n", "x.yaml")
    assert isinstance(node, Table)
    assert node.entries["name"] == Text("Acme", 1, 7)
