"""Help: every code has its page in both languages, search finds by code and words, the tutorial's text is one."""

import re
from pathlib import Path

import pytest
from portal_scene import World

from gateway.config.help_guides import guides
from gateway.console.help_text import rendered
from gateway.texts import help_pages
from gateway.texts.errors import ERRORS
from gateway.texts.help_tutorial import TUTORIAL

pytestmark = pytest.mark.asyncio(loop_scope="module")
TUTORIAL_FILE = Path(__file__).parents[3] / "docs" / "tutorial-first-partner.md"


async def test_help_is_searched_by_code_and_by_words_in_both_languages(world: World) -> None:
    visitor, staff = await world.person("hof", "hof.help"), await world.staff()
    for who in (visitor, staff):
        page = await who.get("/help?q=SSCC+unit")
        assert "portal.sscc-count" in page
        async with who.session.get(f"{who.base}/help?q=item.unknown", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, "/help/errors/item.unknown")
        await who.get("/help/errors/no.such", status=404)
        await who.get("/help/pages/no-such", status=404)
        assert "Nothing found" in await who.get("/help?q=%3Cscript%3Exyzzy")
    await visitor.get("/help/pages/first-partner", status=404)  # for our own people
    assert "gateway partners add" in await staff.get("/help/pages/first-partner")
    async with visitor.session.get(f"{visitor.base}/view?language=zh-CN&next=/help", allow_redirects=False) as answer:
        assert answer.status == 303
    assert "确认订单" in await visitor.get("/help?q=%E7%A1%AE%E8%AE%A4")


async def test_every_code_has_its_page_in_both_languages(world: World) -> None:
    visitor = await world.person("hof", "hof.codes")
    for lang in ("en", "zh-CN"):
        async with visitor.session.get(f"{visitor.base}/view?language={lang}", allow_redirects=False):
            pass
        for code in sorted(ERRORS)[:: max(1, len(ERRORS) // 12)]:  # rendering is the same for all
            page = await visitor.get(f"/help/errors/{code}")
            assert code in page
            entry = ERRORS[code]
            first = re.split(r"[{`\"'<>&]", entry.zh if lang == "zh-CN" else entry.en)[0].strip()
            assert first in page
    for code in ERRORS:
        assert help_pages.error_of(code) is not None


@pytest.mark.parametrize("audience", ["console", "portal"])
async def test_every_page_is_written_in_both_languages_with_links_that_lead_somewhere(audience: str) -> None:
    from gateway.console.app import TABLES
    from gateway.portal.app import TABLES as PORTAL_TABLES

    tables = TABLES if audience == "console" else PORTAL_TABLES
    known = {each.path for table in (*tables, *PORTAL_TABLES) for each in table.routes}
    english, chinese = (help_pages.pages(audience, lang) for lang in ("en", "zh-CN"))  # type: ignore[arg-type]
    for one, other in zip(english, chinese, strict=True):
        assert one.body != other.body
        assert re.search("[\u4e00-\u9fff]", other.body), other.key
        links = re.findall(r"\]\((/[^)]*)\)", one.body)
        assert links == re.findall(r"\]\((/[^)]*)\)", other.body)
        assert set(links) <= known
        assert "<script" not in rendered(one.body + "<script>")


async def test_guides_and_the_reference_of_the_api_are_found_and_read_by_our_own_people(world: World) -> None:
    staff = await world.staff()
    page = await staff.get("/help?q=backup+restore")
    assert "/help/pages/guide-backup" in page
    shown = await staff.get("/help/pages/guide-backup")
    assert "Back up, and restore" in shown
    assert "gateway backup backup-monday" in shown
    found = await staff.get("/help?q=back-tests+draft")
    assert "POST /api/v1/partners/{id}/mappings/{family}/{type}/back-tests" in found
    (link,) = set(re.findall(r'href="(/reference\?q=POST[^"]*back-tests)"', found))
    assert "Run your draft over the last messages" in await staff.get(link)
    async with staff.session.get(f"{staff.base}/view?language=zh-CN&next=/help", allow_redirects=False):
        pass
    assert "备份与恢复" in await staff.get("/help?q=%E5%A4%87%E4%BB%BD")
    assert "使用该映射的其他伙伴" in await staff.get("/help?q=sharing")
    async with staff.session.get(f"{staff.base}/view?language=en&next=/help", allow_redirects=False):
        pass
    visitor = await world.person("hof", "hof.guides")
    await visitor.get("/help/pages/guide-backup", status=404)  # not theirs
    assert "/api/v1/" not in await visitor.get("/help?q=sharing")


async def test_every_guide_is_a_page_in_both_languages_whose_links_lead_to_pages() -> None:
    english, chinese = guides("en"), guides("zh-CN")
    assert [each.key for each in english] == [each.key for each in chinese]
    assert len(english) >= 7
    known = {f"/help/pages/{each.key}" for each in english}
    for one, other in zip(english, chinese, strict=True):
        assert re.search("[\u4e00-\u9fff]", other.title)
        for each in (one, other):
            html = str(rendered(each.body))
            assert ".md)" not in re.sub(r"<pre>.*?</pre>", "", html, flags=re.DOTALL)
            assert set(re.findall(r'href="([^"]+)"', html)) <= known


async def test_the_tutorial_in_the_documentation_is_the_one_in_the_console() -> None:
    title, title_zh, body, body_zh = TUTORIAL
    assert TUTORIAL_FILE.read_text("utf-8") == f"# {title}\n\n{body}\n---\n\n# {title_zh}\n\n{body_zh}"
