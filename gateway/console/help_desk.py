"""Help, offline: pages to read, every error code with its page, one search over both; for our own people the guides and
the reference of the API too. The portal mounts it as well."""

import re

from aiohttp import web

from gateway.api.identity import door_of
from gateway.api.surface import all_routes
from gateway.config.help_guides import guides
from gateway.console.help_text import rendered
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.texts import help_pages
from gateway.texts.api_summaries import chinese_summary
from gateway.texts.catalogue import Lang
from gateway.texts.help_pages import Audience, HelpPage

TABLE = PageTable()
LONGEST_SEARCH = 200
_VALUE = re.compile(r"\{\{|\}\}|\{[^{}]*\}")


def _audience(reader: Reader) -> Audience:
    return "portal" if door_of(reader.request).outside else "console"


def without_values(text: str) -> str:
    """Return a text of the catalogue as it reads without the values of one case."""
    return _VALUE.sub(lambda found: {"{{": "{", "}}": "}"}.get(found.group(), "…"), text)


def _guides(audience: Audience, lang: Lang) -> tuple[HelpPage, ...]:
    return guides(lang) if audience == "console" else ()


def _operations(audience: Audience, lang: Lang) -> list[tuple[str, str]]:
    """Return method and path of each operation of the API with what it does; a partner has its own page for them."""
    if audience != "console":
        return []
    found = []
    for each in all_routes():
        chinese = chinese_summary(each.method, each.path) if lang == "zh-CN" else None
        found.append((f"{each.method} {each.path}", chinese or each.summary))
    return found


@TABLE.get("/help", None)
async def help_page(reader: Reader) -> web.StreamResponse:
    """All pages, or what was searched for; a code that is typed whole leads to its page."""
    wanted, audience, lang = reader.query("q")[:LONGEST_SEARCH], _audience(reader), reader.words.lang
    if help_pages.error_of(wanted) is not None:
        raise web.HTTPSeeOther(f"/help/errors/{wanted}")
    found = await reader.read(_guides, audience, lang)
    hits = help_pages.search(audience, wanted, lang, guides=found, operations=_operations(audience, lang))
    return reader.page(
        "help.html",
        q=wanted,
        hits=[(each, without_values(each.text)) for each in hits],
        pages=(*help_pages.pages(audience, lang), *found),
        areas=help_pages.areas(),
    )


@TABLE.get("/help/pages/{key}", None)
async def one_page(reader: Reader) -> web.StreamResponse:
    key = reader.request.match_info["key"]
    audience, lang = _audience(reader), reader.words.lang
    found = help_pages.page(audience, key, lang)
    if found is None:
        found = next((each for each in await reader.read(_guides, audience, lang) if each.key == key), None)
    if found is None:
        return not_found(reader, "help", key[:100])
    return reader.page("help_page.html", found=found, body=rendered(found.body))


@TABLE.get("/help/errors", None)
async def codes(reader: Reader) -> web.StreamResponse:
    area = reader.query("area")[:40]
    listed = [(code, reader.words.code(code)) for code in help_pages.codes_of(area)]
    return reader.page("help_errors.html", area=area, listed=listed, areas=help_pages.areas())


@TABLE.get("/help/errors/{code}", None)
async def one_code(reader: Reader) -> web.StreamResponse:
    code = reader.request.match_info["code"]
    entry = help_pages.error_of(code)
    if entry is None:
        return not_found(reader, "help", code[:100])
    zh = reader.words.lang == "zh-CN"
    area = code.partition(".")[0]
    return reader.page(
        "help_error.html",
        code=code,
        area=area,
        entry=entry,
        said=without_values(entry.zh if zh else entry.en),
        cause=without_values(entry.cause_zh if zh else entry.cause_en),
        cure=without_values(entry.cure_zh if zh else entry.cure_en),
        near=[(each, reader.words.code(each)) for each in help_pages.codes_of(area) if each != code][:12],
    )
