"""The pages of reference say what the program says, in both languages, and name everything that there is."""

import re

import pytest

from gateway.config.known_settings import known_settings
from gateway.mapping.converters import EDIFACT, XML
from gateway.texts.settings_words import WORDS
from tests.architecture.reference_pages import PAGES, ROOT, word_places

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_reference_is_current(path: str, pytestconfig: pytest.Config) -> None:
    page = ROOT / path
    if pytestconfig.getoption("--update"):
        page.write_text(PAGES[path](), "utf-8")
    assert page.read_text("utf-8") == PAGES[path](), "pytest tests/architecture --update writes it anew"


@pytest.mark.parametrize("file", WORDS)
def test_every_setting_has_its_words_and_no_words_are_of_a_setting_that_is_gone(file: str) -> None:
    known = {each.key for each in known_settings(file)}  # type: ignore[arg-type]
    said = WORDS[file]
    own = {key for key in said if file != "self/partner.yaml" or key not in WORDS["partner.yaml"]}
    assert known - said.keys() == set(), "a line each in gateway/texts/settings_*.py"
    assert own - known == set()
    assert [key for key, (en, zh) in said.items() if CHINESE.search(en) or not zh] == []


def test_what_channels_take_without_a_setting_is_what_the_reference_says() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "gateway" / "channels").glob("*.py"))
    said = {
        each.key.rpartition(".")[2]: each.default
        for each in known_settings("partner.yaml")
        if each.key.startswith("channels.as2.") and each.default
    }
    assert len(said) > 8
    assert {key: value for key, value in said.items() if f'"{key}", "{value}"' not in code} == {}


def test_every_word_of_the_mapping_language_is_explained() -> None:
    pages = "\n".join(
        (ROOT / path).read_text("utf-8") for path in ("mappings/README.md", "docs/xml.md", "docs/mappings.md")
    )
    words = {word for words in word_places().values() for word in words} | EDIFACT.keys() | XML.keys()
    assert len(words) > 40
    assert {each for each in words if not re.search(rf"\b{each}\b", pages)} == set()
