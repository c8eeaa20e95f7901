"""What the documentation names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = [each for each in LINK.findall(page.read_text("utf-8")) if "://" not in each]
    assert [each for each in targets if not (page.parent / each).exists()] == []


def test_every_test_that_is_named_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"`(test_\w+)`", page.read_text("utf-8"))}
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert {each for each in named if f"def {each}(" not in code} == set()


GUIDES = sorted(path.name for path in (ROOT / "docs" / "how-to").glob("*.md"))
BLOCK = re.compile(r"^```\w+\n.*?^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("name", GUIDES)
def test_a_chinese_guide_has_the_very_commands_of_the_english_one(name: str) -> None:
    """The English ones are typed by tests/journeys/test_docs_commands.py."""
    english, chinese = (ROOT / "docs" / folder / "how-to" / name for folder in (".", "zh-CN"))
    assert BLOCK.findall(english.read_text("utf-8")) == BLOCK.findall(chinese.read_text("utf-8"))
    assert len(re.findall(r"[\u4e00-\u9fff]", chinese.read_text("utf-8"))) > 120
