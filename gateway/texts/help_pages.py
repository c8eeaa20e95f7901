"""Help for people, offline: short pages in English and Chinese, for the console, the portal, or both.

Bodies are plain text with a few marks: blank lines part paragraphs, "- " and "1. " begin list entries, "## " a heading,
backquotes and fences hold code, ** is bold, [words](/address) a link."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from gateway.texts.catalogue import Lang
from gateway.texts.entry import Entry
from gateway.texts.errors import ERRORS
from gateway.texts.help_console import CONSOLE_PAGES
from gateway.texts.help_portal import PORTAL_PAGES
from gateway.texts.help_tutorial import TUTORIAL

Audience = Literal["console", "portal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage:
    """One page of help, in one language. body: in the marks of this module."""

    key: str
    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """kind: page, error or api. key: of the page, the code, or method and path. text: title, the error's sentence, or
    what the operation does."""

    kind: Literal["page", "error", "api"]
    key: str
    text: str


_TEXTS: Mapping[Audience, Mapping[str, tuple[str, str, str, str]]] = {
    "console": {"first-partner": TUTORIAL, **CONSOLE_PAGES, **PORTAL_PAGES},
    "portal": PORTAL_PAGES,
}
_CODE_WEIGHT, _TITLE_WEIGHT, _ALL_WEIGHT = 100, 10, 3


def pages(audience: Audience, lang: Lang) -> tuple[HelpPage, ...]:
    """Return the pages in reading order."""
    found = _TEXTS[audience].items()
    zh = lang == "zh-CN"
    return tuple(
        HelpPage(key=key, title=said[1] if zh else said[0], body=said[3] if zh else said[2]) for key, said in found
    )


def page(audience: Audience, key: str, lang: Lang) -> HelpPage | None:
    """Return a page by its key, None when there is none."""
    return next((each for each in pages(audience, lang) if each.key == key), None)


def error_of(code: str) -> Entry | None:
    """Return the entry of a code, None when there is none."""
    return ERRORS.get(code)


def codes_of(area: str) -> tuple[str, ...]:
    """Return the codes of an area (the word before the point), by name."""
    return tuple(sorted(code for code in ERRORS if code.partition(".")[0] == area))


def areas() -> tuple[tuple[str, int], ...]:
    """Return every area with how many codes it has."""
    counts: dict[str, int] = {}
    for code in ERRORS:
        area = code.partition(".")[0]
        counts[area] = counts.get(area, 0) + 1
    return tuple(sorted(counts.items()))


def search(
    audience: Audience,
    text: str,
    lang: Lang,
    limit: int = 40,
    *,
    guides: Iterable[HelpPage] = (),
    operations: Iterable[tuple[str, str]] = (),
) -> tuple[Hit, ...]:
    """Return what holds every word of text, the best first: a code, then titles, then what they say.

    guides: pages beside those of the audience. operations: of the API, (method and path, what it does).
    """
    words = [each for each in text.casefold().split() if each][:10]
    if not words:
        return ()
    found: list[tuple[int, Hit]] = []
    for each in (*pages(audience, lang), *guides):
        weight = _weight(words, each.title, each.body, each.key)
        if weight:
            found.append((weight + _ALL_WEIGHT, Hit(kind="page", key=each.key, text=each.title)))
    for code, entry in ERRORS.items():
        said = (entry.zh, f"{entry.cause_zh} {entry.cure_zh}") if lang == "zh-CN" else (
            entry.en, f"{entry.cause_en} {entry.cure_en}"
        )  # fmt: skip
        weight = _weight(words, *said, code)
        if weight:
            found.append((weight, Hit(kind="error", key=code, text=said[0])))
    for key, does in operations:
        weight = _weight(words, does, "", key.casefold())
        if weight:
            found.append((weight, Hit(kind="api", key=key, text=does)))
    found.sort(key=lambda pair: (-pair[0], pair[1].key))
    return tuple(hit for _, hit in found[:limit])


def _weight(words: list[str], title: str, body: str, key: str) -> int:
    title, body = title.casefold(), body.casefold()
    if any(each not in title and each not in body and each not in key for each in words):
        return 0
    total = 1
    for each in words:
        total += _CODE_WEIGHT if each == key else 0
        total += _TITLE_WEIGHT if each in title or each in key else 0
    return total
