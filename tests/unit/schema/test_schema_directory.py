"""Directories as shipped: layouts, structures, paths, codes, overlays."""

import pytest
from edifact_world import directory

from gateway.model.faults import OurFault
from gateway.schema.directory import Directory, Format


@pytest.mark.parametrize(
    ("tag", "path", "place"),
    [
        ("BGM", "C002.1001", (1, 1)),
        ("BGM", "1004", (2, 1)),
        ("DTM", "C507.2380", (1, 2)),
        ("PIA", "C212.7140", (2, 1)),
        ("PIA", "C212[2].7140", (3, 1)),
        ("PIA", "C212[5].7143", (6, 2)),
        ("NAD", "C059.3042[3]", (5, 3)),
        ("ALI", "4183[2]", (4, 1)),
        ("UNS", "0081", (1, 1)),
    ],
)
def test_a_path_names_an_element_or_component(tag, path, place):
    assert directory("d96a").layout(tag).position(path) == place


@pytest.mark.parametrize("path", ["C002.9999", "C999", "C002[2].1001", "1004[0]", "C002.1001.1", "", "bgm"])
def test_a_wrong_path_is_refused(path):
    with pytest.raises(KeyError):
        directory("d96a").layout("BGM").position(path)


def test_every_path_that_a_layout_lists_can_be_looked_up():
    for name in ("d96a", "d01b", "control", "control-4"):
        found = directory(name)
        for tag in found.segments:
            layout = found.layout(tag)
            places = [layout.position(path) for path in layout.paths()]
            assert len(places) == len(set(places)) == sum(len(use.components) for use in layout.elements)


def test_every_segment_of_every_structure_has_a_layout():
    for name in ("d96a", "d01b", "control", "control-4"):
        found = directory(name)
        for message in found.messages:
            assert found.structure(message).tags <= found.segments


def test_the_messages_of_both_directories_are_there():
    assert {"ORDERS", "ORDRSP", "DESADV", "SLSRPT", "INVRPT", "RECADV", "APERAK"} <= directory("d96a").messages
    assert {"RETANN", "RETINS"} <= directory("d01b").messages


def test_a_group_knows_its_trigger_and_its_way_from_the_root():
    orders = directory("d96a").structure("ORDERS")
    assert orders.find("SG28").trigger == "PRI"
    assert orders.chain("SG28") == ("SG25", "SG28")
    assert orders.chain("ORDERS") == ()
    with pytest.raises(KeyError):
        orders.chain("SG99")


def test_a_code_list_says_what_is_in_it():
    d96a = directory("d96a")
    assert d96a.has_code("1001", "220")
    assert not d96a.has_code("1001", "22Q")
    assert d96a.has_code("1004", "anything")
    assert not d96a.is_coded("1004")


def test_the_overlay_is_chosen_by_the_association_code():
    d96a = directory("d96a")
    assert d96a.overlay("EAN008").has_code("1001", "73E")
    assert not d96a.overlay("EAN008").has_code("1001", "22Q")
    assert d96a.overlay("") is None


@pytest.mark.parametrize(
    ("text", "kind", "minimum", "maximum"), [("an..35", "an", 1, 35), ("n8", "n", 8, 8), ("a1", "a", 1, 1)]
)
def test_a_representation_is_read(text, kind, minimum, maximum):
    assert Format.parse(text) == Format(kind, minimum, maximum)


def test_unreadable_tables_are_our_fault():
    with pytest.raises(OurFault) as fault:
        Directory.from_files("d99x", {"segments.json": b"{"})
    assert (fault.value.code, fault.value.value) == ("edifact.directory-unreadable", "segments.json")
