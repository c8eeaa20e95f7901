"""The menu: an icon of its own beside each entry, and no word twice."""

from pathlib import Path

import pytest

from gateway.console.navigation import GROUPS
from gateway.texts.labels import label

ICONS = (Path(__file__).parents[3] / "gateway" / "console" / "templates" / "icons.html").read_text("utf-8")
ENTRIES = [each for _, entries in GROUPS for each in entries]


def test_every_entry_has_an_icon_of_its_own() -> None:
    assert [each.address for each in ENTRIES if f'"{each.address}": "' not in ICONS] == []


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_no_word_of_the_menu_stands_for_two_pages(language: str) -> None:
    words = [label(each.label, language) for each in ENTRIES]  # type: ignore[arg-type]
    assert sorted({each for each in words if words.count(each) > 1}) == []
