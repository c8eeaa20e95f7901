"""What the documentation names is there."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.root import cli

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "README.md"]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    targets = [each for each in LINK.findall(page.read_text("utf-8")) if "://" not in each]
    assert [each for each in targets if not (page.parent / each).exists()] == []


def headings(page: Path) -> set[str]:
    """Return the anchors of a page: its headings in small letters, without marks, with hyphens for blanks."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", each.strip().lower()).replace(" ", "-") for each in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_anchor_is_a_heading(page: Path) -> None:
    anchors = re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", page.read_text("utf-8"))
    named = [(page.parent / file if file else page, anchor) for file, anchor in anchors if "://" not in file]
    assert [(file.name, anchor) for file, anchor in named if anchor not in headings(file)] == []


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


WRITTEN = re.compile(r"^cat > (\S+\.edi) <<'?(\w+)'?\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
INTERCHANGES = [
    pytest.param(found[2], id=f"{page.relative_to(ROOT)}:{found[0]}")
    for page in PAGES
    for found in WRITTEN.findall(page.read_text("utf-8"))
]


@pytest.mark.parametrize("text", INTERCHANGES)
def test_an_interchange_that_a_page_writes_has_no_fault_but_what_the_page_is_about(text: str, tmp_path: Path) -> None:
    assert len(INTERCHANGES) > 4
    (tmp_path / "written.edi").write_text(text, "utf-8")
    told = CliRunner().invoke(cli, ["validate", str(tmp_path / "written.edi")]).output
    wrong = re.findall(r"^error (\S+):", told, re.MULTILINE)
    assert wrong == [], told
