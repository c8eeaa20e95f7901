"""The implementation guide: every place of a mapping in the order of the message, in both languages, nothing from
outside in the page."""

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import html

from gateway.config.definitions import read_shipped, shipped_root
from gateway.config.guides import guide_page
from gateway.config.mappings import MappingFiles
from gateway.config.schemas import load_directories
from gateway.mapping.guide import GuidePart, guide
from gateway.mapping.lint_cover import _fields
from gateway.model.documents import DOCUMENTS
from gateway.texts.field_words import CHINESE, SEGMENTS, VALUES, document_label, field_label
from gateway.texts.guide_words import words

ROOT = shipped_root() / "mappings" / "standard"


@pytest.fixture(scope="module")
def files() -> MappingFiles:
    return MappingFiles(read_shipped(), load_directories(shipped_root() / "schemas"))


def parts_of(files: MappingFiles, name: str) -> list[GuidePart]:
    effective = files.mapping(name).effective
    assert effective is not None
    return guide(effective, directories=files.directories, codes=files.codes)


def names() -> list[str]:
    return sorted(f"{path.parent.name}/{path.stem}" for path in ROOT.glob("*/*.yaml"))


def beside(name: str) -> Path:
    return ROOT / f"{name}.yaml"


def test_an_order_stands_in_the_order_of_the_message_with_status_format_and_qualifiers(files: MappingFiles) -> None:
    parts = parts_of(files, "eancom-1997/ORDERS")
    tags = [(*part.path, part.name) for part in parts]
    assert tags[:2] == [("BGM",), ("DTM",)]
    assert tags.index(("SG2", "NAD")) < tags.index(("SG25", "LIN")) < tags.index(("UNS",)) < tags.index(("CNT",))
    bgm = {row.place: row for row in parts[0].rows}
    assert (bgm["1004"].status, bgm["1004"].format, bgm["1004"].use) == ("C", "an..35", "required")
    assert ("9", "original") in bgm["1225"].codes
    issued = next(row for row in parts[1].rows if row.meanings[0].key == "issuedAt")
    assert issued.meanings[0].qualifiers == (("C507.2005", ("137", "4")),)
    lin = next(part for part in parts if part.name == "LIN")
    assert (lin.groups[-1][0], lin.status) == ("SG25", "M")


def test_fields_of_one_block_share_a_row_and_each_names_its_qualifier(files: MappingFiles) -> None:
    (nad,) = (part for part in parts_of(files, "eancom-1997/ORDERS") if part.path == ("SG2",) and part.name == "NAD")
    row = next(row for row in nad.rows if row.place == "3164" and len(row.meanings) > 3)
    told: Mapping[str, object] = {each.key: each.qualifiers for each in row.meanings}
    assert told["buyer.address.city"] == (("3035", ("BY",)),)


@pytest.mark.parametrize("name", names())
def test_every_rule_of_a_standard_mapping_stands_in_its_guide(files: MappingFiles, name: str) -> None:
    effective = files.mapping(name).effective
    assert effective is not None
    wanted = {rule.key for e in effective.entries.values() if isinstance(e, tuple) for rule in e if rule.path}
    assert wanted == {each.key for part in parts_of(files, name) for row in part.rows for each in row.meanings}


@pytest.mark.parametrize("lang", ["en", "zh-CN"])
@pytest.mark.parametrize("name", ["eancom-1997/ORDERS", "eancom-2002/DESADV", "ubl-2.1/Invoice"])
def test_the_page_is_whole_and_asks_nothing_from_outside(files: MappingFiles, name: str, lang: str) -> None:
    text = guide_page(files, name, None, us="We & Co", lang=lang, beside=beside(name))  # type: ignore[arg-type]
    page = html.fromstring(text)
    assert page.get("lang") == lang
    assert "We & Co" in page.text_content()
    assert not page.xpath("//script | //link | //img | //iframe | //*[starts-with(@href, 'http')] | //@src")
    assert "url(" not in text
    assert "@import" not in text
    assert len(page.xpath("//section")) == len(parts_of(files, name))
    targets = {each[1:] for each in page.xpath("//a/@href")}
    assert targets == set(page.xpath("//section/@id"))
    assert len(page.xpath("//table[@class='example']//tr")) > 10


def test_texts_of_a_mapping_are_escaped(files: MappingFiles) -> None:
    path = "mappings/standard/eancom-1997/ORDERS.yaml"
    rules = files.definitions.files[path].replace("path: BGM/1004", "path: BGM/1004, default: '<script>'")
    text = guide_page(files.with_text(path, rules), "eancom-1997/ORDERS", None, us="<b>", lang="en", beside=None)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "&lt;b&gt;" in text


def test_every_field_and_document_has_a_chinese_word() -> None:
    keys = {
        part for kind in DOCUMENTS.values() for key in _fields(kind, "") for part in re.sub(r"\[\]", "", key).split(".")
    }
    assert sorted(keys - CHINESE.keys()) == []
    assert all(document_label(name, "zh-CN") != name for name in DOCUMENTS)
    assert field_label("lines[].item.gtin", "en") == "line item GTIN"
    assert field_label("lines[].item.gtin", "zh-CN") == "行·商品·GTIN"


def test_what_the_standard_mappings_name_has_words_in_both_languages(files: MappingFiles) -> None:
    labelled = {
        row["canonical"]
        for text in files.definitions.below("schemas/codes/").values()
        for row in csv.DictReader(io.StringIO(text))
    }
    values, tags = set(), set()
    for name in files.standard_names():
        effective = files.mapping(name).effective
        assert effective is not None
        rules = [rule for e in effective.entries.values() if isinstance(e, tuple) for rule in e]
        values |= {value for rule in rules for value, _ in rule.choose} - labelled
        if effective.syntax.kind == "edifact":
            tags |= {part.partition("[")[0] for rule in rules for part in rule.path.split("/")[:-1]}
    assert sorted(values - VALUES.keys() - CHINESE.keys()) == []
    assert sorted(tag for tag in tags - SEGMENTS.keys() if re.fullmatch("[A-Z]{3}", tag)) == []


def test_every_word_of_the_page_is_there_in_both_languages() -> None:
    assert words("en").keys() == words("zh-CN").keys()
    assert all(words("en")[name] != words("zh-CN")[name] for name in words("en"))
