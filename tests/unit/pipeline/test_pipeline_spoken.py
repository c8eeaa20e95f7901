"""Partners read words in their language and codes that all know; our own codes stay in the house."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import pytest
from pipeline_scene import FLOUR, NOBODYS, OATS, Line, envelope, orders, with_partner

from gateway.domain import allocation
from gateway.pipeline.spoken import language
from gateway.texts.errors import ERRORS
from gateway.texts.reasons import REASONS, in_words

CODE = re.compile(r"^(order|item)\.[a-z-]+$")


def answer(line: Line, *lines: tuple[str, str]) -> list[str]:
    line.take(envelope(orders("A-1", *lines)))
    found = [text for mapping, text in line.parcels("nordmarkt") if mapping.endswith("/ORDRSP")]
    return found.pop().split("'")


def test_what_is_short_is_told_in_words_and_as_a_coded_variance(line: Line) -> None:
    said = answer(line, (OATS, "7"))
    assert "FTX+LIN+++There is not enough stock." in said
    assert "QVR+7:21++AV" in said
    assert not any(code in text for code in ERRORS for text in said)


def test_every_reason_a_line_can_have_is_said_in_both_languages() -> None:
    tree = ast.parse(Path(allocation.__file__).read_text(encoding="utf-8"))
    texts = {each.value for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    about_lines = {each for each in texts if CODE.match(each)} - {"order.free-goods-ignored", "order.splits-unequal"}
    assert about_lines | {"order.refused-by-person"} <= set(REASONS)
    for each in REASONS.values():
        assert each.en.isascii()
        assert re.search("[\u4e00-\u9fff]", each.zh)


@pytest.mark.parametrize(("level", "expected"), [("UNOC", "en"), ("UNOY", "zh-CN")])
def test_chinese_is_written_only_where_the_level_can_hold_it(level: str, expected: str) -> None:
    partner = with_partner("nordmarkt", language="zh-CN").partners["nordmarkt"]
    written = replace(partner.edifact, write=replace(partner.edifact.write, level=level))
    assert language(replace(partner, edifact=written), None) == expected


def test_a_chinese_partner_reads_chinese(line: Line) -> None:
    partner = line.book.partners["nordmarkt"]
    terms = replace(partner.edifact, write=replace(partner.edifact.write, level="UNOY"))
    line.book = with_partner("nordmarkt", language="zh-CN", edifact=terms)
    assert "FTX+LIN+++库存不足。" in answer(line, (FLOUR, "7"))


def test_what_a_person_wrote_stays_as_it_is() -> None:
    assert in_words("two crates were broken", "zh-CN") == "two crates were broken"
    assert in_words(None, "en") is None
    assert NOBODYS not in REASONS
