"""An edit changes what it names and leaves every other line of the file as somebody wrote it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.config.edits import drop, flow, put, value_at
from gateway.config.yaml import load, plain
from gateway.model.faults import OurFault

FILE = """\
# Acme: written by hand.
name: Acme   # as in the register
gln:
  - "4099990000011"
  - "4099990000028"   # their depot
channels:
  as2:
    id: ACME
    certificate: acme        # until March
  box: {kind: folder, folder: acme}
agreements:
  - {receive: eancom-1997/ORDERS, over: as2, unknown_item: park}
  - receive: eancom-1997/INVRPT
    over: as2
"""


def test_a_value_is_replaced_and_its_remark_stays() -> None:
    text = put(FILE, ("channels", "as2", "certificate"), "acme, acme-2026 from 2026-12-01", "f")
    assert '    certificate: "acme, acme-2026 from 2026-12-01"        # until March\n' in text
    assert len(text.splitlines()) == len(FILE.splitlines())


def test_an_entry_is_added_behind_the_last_one_of_its_section() -> None:
    text = put(FILE, ("agreements", 2), {"send": "eancom-1997/ORDRSP", "over": "as2"}, "f")
    assert text == FILE + "  - {send: eancom-1997/ORDRSP, over: as2}\n"


def test_a_section_that_is_not_there_is_written_a_line_for_each_entry() -> None:
    text = put("name: Acme\n", ("channels", "as2"), {"id": "ACME"}, "f")
    assert text == "name: Acme\nchannels:\n  as2: {id: ACME}\n"
    assert put("", ("name",), "Acme", "f") == "name: Acme\n"
    assert put("# nothing yet", ("name",), "Acme", "f") == "# nothing yet\nname: Acme\n"
    assert put("name: Acme\nchannels:\n", ("channels", "box", "kind"), "folder", "f").endswith(
        "channels: {box: {kind: folder}}\n"
    )


def test_what_is_taken_out_leaves_the_others_as_they_are() -> None:
    assert drop(FILE, ("gln", 1), "f") == FILE.replace('  - "4099990000028"   # their depot\n', "")
    assert "channels:\n  box:" in drop(FILE, ("channels", "as2"), "f")
    assert "box: {kind: folder}\n" in drop(FILE, ("channels", "box", "folder"), "f")
    assert drop(FILE, ("agreements", 1, "receive"), "f").endswith("  - {over: as2}\n")
    assert drop(FILE, ("nothing", "here"), "f") == FILE


def test_what_is_empty_then_goes_too() -> None:
    assert drop("name: A\ncontact: {email: a@b.example}\n", ("contact", "email"), "f") == "name: A\n"


def test_a_file_that_is_not_yaml_as_we_allow_it_is_not_edited() -> None:
    with pytest.raises(OurFault, match=r"config\.yaml-repeated-key"):
        put("a: 1\na: 2\n", ("a",), "3", "f")


texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
keys = st.from_regex(r"[a-z][a-z0-9_]{0,6}", fullmatch=True)
values = st.recursive(
    texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6
)
PLACES = (
    ("name",),
    ("contact", "email"),
    ("gln", 0),
    ("gln", 2),
    ("channels", "as2", "certificate"),
    ("channels", "as2", "url"),
    ("channels", "box", "folder"),
    ("channels", "http"),
    ("agreements", 0, "over"),
    ("agreements", 1, "test"),
    ("agreements", 2),
)


@given(st.sampled_from(PLACES), values)
@settings(max_examples=150, deadline=None)
def test_whatever_is_put_is_read_again_at_its_place_and_nothing_else_changes(path, value) -> None:
    text = put(FILE, path, value, "f")
    assert value_at(text, path, "f") == value
    remarks = [line for line in FILE.splitlines() if line.startswith("#")]
    assert [line for line in text.splitlines() if line.startswith("#")] == remarks
    gone = drop(text, path, "f")
    assert value_at(gone, path, "f") in (None, value_at(FILE, path, "f")) or isinstance(path[-1], int)


@given(values)
@settings(max_examples=100, deadline=None)
def test_a_value_on_one_line_is_read_as_it_was(value) -> None:
    assert plain(load(f"x: {flow(value)}\n", "f")) == {"x": value}
