"""The error catalogue: one entry per code. Feeds console, CLI, API, acknowledgements and docs/errors.md."""

from collections.abc import Mapping
from string import Formatter
from typing import Literal

from gateway.model.findings import Finding
from gateway.texts.entry import Entry
from gateway.texts.errors import ERRORS

Lang = Literal["en", "zh-CN"]


class _Missing(Formatter):
    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        return kwargs.get(str(key), "?")


def _fill(text: str, finding: Finding) -> str:
    values = dict(finding.params) | ({"value": finding.value} if finding.value is not None else {})
    return _Missing().vformat(text, (), values)


def entry(code: str) -> Entry:
    """Return the entry for code; an unknown code has one that says so (a test keeps that from happening)."""
    found = ERRORS.get(code)
    return found or Entry(owner="us", en=code, zh=code, cure_en="Report this code.", cure_zh="请报告此代码。")


def text(finding: Finding, lang: Lang = "en") -> str:
    """Return the finding as one sentence."""
    found = entry(finding.code)
    return _fill(found.zh if lang == "zh-CN" else found.en, finding)


def cure(finding: Finding, lang: Lang = "en") -> str:
    """Return what to do about it."""
    found = entry(finding.code)
    return _fill(found.cure_zh if lang == "zh-CN" else found.cure_en, finding)
