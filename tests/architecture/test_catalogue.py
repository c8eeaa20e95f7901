"""Every code that can be raised has words in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.texts.errors import ERRORS

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"[a-z][a-z0-9]*\.[a-z0-9]+(-[a-z0-9]+)*\Z")
CALLS = {"PartnerFault", "OurFault", "NetworkFault", "Finding", "report", "CaseOpened"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def codes_in(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the literal codes given to faults and findings."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in CALLS:
            given = [*node.args[:1], *(each.value for each in node.keywords if each.arg == "code")]
            for each in given:
                if isinstance(each, ast.Constant) and isinstance(each.value, str) and CODE.match(each.value):
                    yield each.value, node.lineno


def test_every_code_in_the_source_is_in_the_catalogue() -> None:
    missing = [
        f"{path.relative_to(ROOT)}:{line}: {code}"
        for path in sorted((ROOT / "gateway").rglob("*.py"))
        for code, line in codes_in(path)
        if code not in ERRORS
    ]
    assert missing == []


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_an_entry_speaks_both_languages_and_names_a_cure(code: str) -> None:
    entry = ERRORS[code]
    assert CODE.match(code)
    for text in (entry.en, entry.cure_en):
        assert text
        assert not CHINESE.search(text)
    for text in (entry.zh, entry.cure_zh):
        assert CHINESE.search(text)
    for pair in ((entry.en, entry.zh), (entry.cure_en, entry.cure_zh)):
        fields = [set(re.findall(r"\{(\w+)\}", text)) for text in pair]
        assert fields[0] == fields[1], f"{code}: the two languages name different values"
