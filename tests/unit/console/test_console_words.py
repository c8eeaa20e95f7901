"""Labels: complete in both languages, used by every template, no bare word in any of them."""

import re
import string
from importlib.resources import files

import pytest

from gateway.domain.crm import ACTIVITIES, measures
from gateway.model.documents import DOCUMENTS
from gateway.store.access import ROLES
from gateway.store.view_rows import ATTENTION, FINISHED, STATE_GROUPS, UNFINISHED
from gateway.texts import labels_en, labels_zh
from gateway.texts.labels import AREAS, keys, label, label_or

ENGLISH = {key: label(key, "en") for key in keys()}
CHINESE = {key: label(key, "zh-CN") for key in keys()}
TEMPLATES = [each for each in files("gateway.console").joinpath("templates").iterdir() if each.name.endswith(".html")]
# Names of standards, formats and protocols are the same in every language
FORMATS = (
    r"\b(AS2|CONTRL|CSV|GLN|GTIN|HTTPS?|ID|JSON|MDN|OpenAPI|PDF|PEM|"
    r"SBDH|SHA|SSCC|SVG|TLS|UNB|UNG|URL|VAT|Webhook|XML)\b"
)
SAME_IN_BOTH = {"app.name", "lang.en", "lang.zh-CN", "message.digest", "message.transport-id", "parcel.expects-contrl"}


def test_both_languages_have_the_same_keys_and_the_same_parameters() -> None:
    assert labels_en.ENGLISH.keys() == labels_zh.CHINESE.keys()
    assert len(ENGLISH) == len(labels_en.ENGLISH) + sum(map(len, AREAS))  # no key is told twice
    for key, words in ENGLISH.items():
        names = {name for _, name, _, _ in string.Formatter().parse(words) if name}
        assert names == {name for _, name, _, _ in string.Formatter().parse(CHINESE[key]) if name}, key


def test_chinese_is_chinese() -> None:
    for key, words in CHINESE.items():
        plain = re.sub(r"\{\w+\}", "", words)
        plain = re.sub(FORMATS, "", plain)
        if key in SAME_IN_BOTH or key.startswith("effect.other") or not re.search(r"\w", plain):
            continue
        assert re.search(r"[\u4e00-\u9fff]", words), key


def test_the_words_of_the_trade_are_the_ones_our_users_use() -> None:
    assert CHINESE["type.DespatchAdvice"] == "预先发货通知"
    assert "连续补货" in CHINESE["proposals.intro"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda each: each.name)
def test_a_template_uses_known_labels_and_holds_no_words_of_its_own(template) -> None:
    source = template.read_text()
    for key in re.findall(r"""(?<![\w.])_\(\s*"([^"]+)"\s*[,)]""", source):
        assert key in ENGLISH, key
    for key in re.findall(r"""_\.count\("([^"]+)\"""", source):
        assert {key, f"{key}-one"} <= ENGLISH.keys(), key
    bare = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", source, flags=re.S)
    bare = re.sub(r"<(pre)>.*?</\1>", "", bare, flags=re.S)  # commands to type
    bare = re.sub(r"<[^>]*>", " ", bare)
    bare = re.sub(r"&\w+;", "", bare)
    bare = re.sub(FORMATS, "", bare)
    assert re.findall(r"[A-Za-z]{2,}", bare) == []
    for value in re.findall(r"""(?:title|aria-label|placeholder|alt)="([^"]*)\"""", source):
        assert not re.search(
            r"[A-Za-z]{2,}", re.sub(FORMATS, "", re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{\{.*", "", value))
        ), value


def test_every_name_from_elsewhere_has_words() -> None:
    wanted = [f"state.{each}" for each in (*ATTENTION, *UNFINISHED, *FINISHED)]
    wanted += [f"group.{each}" for each in STATE_GROUPS]
    wanted += [f"type.{each}" for each in DOCUMENTS]
    wanted += [f"role.{each}" for each in ROLES]
    wanted += [f"activity.{each}" for each in ACTIVITIES]
    wanted += [f"figure.{each}" for names in ACTIVITIES.values() for each in names]
    wanted += [f"rate.{each}" for each in measures({})]
    assert [each for each in wanted if label_or(each, "zh-CN", "") == ""] == []
