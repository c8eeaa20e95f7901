"""Directories: the shipped ones, and what an instance imports."""

from pathlib import Path

import pytest

from gateway.config.schemas import load_directories
from gateway.model.faults import OurFault


def test_the_shipped_directories_are_there_and_share_the_service_segments(tmp_path: Path) -> None:
    found = load_directories(tmp_path)
    assert {"d96a", "control"} <= set(found)
    assert "ORDERS" in found["d96a"].messages
    assert "CONTRL" in found["control"].messages
    assert found["d96a"].layout("UNH").tag == "UNH"


def test_an_imported_table_replaces_the_shipped_one_and_leaves_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "edifact" / "d96a"
    (folder / "messages").mkdir(parents=True)
    (folder / "segments.json").write_text('{"BGM": [["1004", "C", 1]]}')
    (folder / "messages" / "MYOWN.json").write_text('{"structure": [["BGM", "M", 1]]}')
    found = load_directories(tmp_path)["d96a"]
    assert found.layout("BGM").position("1004") == (1, 1)
    assert {"MYOWN", "ORDERS"} <= found.messages
    assert found.overlay("EAN008") is not None


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "edifact" / "d99z"
    folder.mkdir(parents=True)
    (folder / "segments.json").write_text("{")
    with pytest.raises(OurFault) as caught:
        load_directories(tmp_path)
    assert caught.value.code == "edifact.directory-unreadable"


def test_a_folder_without_segments_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "edifact" / "notes").mkdir(parents=True)
    assert "notes" not in load_directories(tmp_path)
