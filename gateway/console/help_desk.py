"""Help, offline: pages to read, every error code with its page, one search over both. The portal mounts it too."""

import re

from aiohttp import web

from gateway.api.identity import door_of
from gateway.console.help_text import rendered
from gateway.console.pages import PageTable, not_found
from gateway.console.reader import Reader
from gateway.texts import help_pages
from gateway.texts.help_pages import Audience

TABLE = PageTable()
LONGEST_SEARCH = 200
_VALUE = re.compile(r"\{\{|\}\}|\{[^{}]*\}")


def _audience(reader: Reader) -> Audience:
    return "portal" if door_of(reader.request).outside else "console"


def without_values(text: str) -> str:
    """Return a text of the catalogue as it reads without the values of one case."""
    return _VALUE.sub(lambda found: {"{{": "{", "}}": "}"}.get(found.group(), "…"), text)


@TABLE.get("/help", None)
async def help_page(reader: Reader) -> web.StreamResponse:
    """All pages, or what was searched for; a code that is typed whole leads to its page."""
    wanted, audience, lang = reader.query("q")[:LONGEST_SEARCH], _audience(reader), reader.words.lang
    if help_pages.error_of(wanted) is not None:
        raise web.HTTPSeeOther(f"/help/errors/{wanted}")
    hits = await reader.read(help_pages.search, audience, wanted, lang) if wanted else ()
    return reader.page(
        "help.html",
        q=wanted,
        hits=[(each, without_values(each.text)) for each in hits],
        pages=help_pages.pages(audience, lang),
        areas=help_pages.areas(),
    )


@TABLE.get("/help/pages/{key}", None)
async def one_page(reader: Reader) -> web.StreamResponse:
    key = reader.request.match_info["key"]
    found = help_pages.page(_audience(reader), key, reader.words.lang)
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
