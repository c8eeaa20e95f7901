"""A language in which every word of ours is marked: what a page says unmarked is data, or was never translated."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene
from page_places import address, of_instance, of_scene, routes
from partner_instance import ACME, House
from sqlalchemy import text

from gateway.config.help_guides import guides
from gateway.console import words as console_words
from gateway.store.tables import metadata
from gateway.texts import catalogue
from gateway.texts.errors import ERRORS
from gateway.texts.help_pages import pages as help_pages
from gateway.texts.labels import label, label_or

MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[A-Za-z][a-z]{2,}")
# What is the same in every language: units, codes of the trade, and what a person types.
BILINGUAL = "/sheet"  # what a partner is given says everything in both languages
ENGLISH = ("/reference", "/scorecards.csv")  # addresses of the API, and titles that programs read
SAME = re.compile(r"\b(?:[a-z]+\.[a-z]+|English|gateway|login-link|Message-ID|SHA-256|AS2|GTIN|GLN|Enter)\b")
ATTRIBUTES = ("title", "aria-label", "placeholder", "alt")
SKIPPED = ("script", "style", "code", "pre", "textarea", "option", "dd", "svg", "kbd")


class Said(HTMLParser):
    """Collects what a person reads or hears, apart from code and values of facts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED:
            self._inside.append(tag)
        self.said += [value for name, value in attrs if name in ATTRIBUTES and value]

    def handle_endtag(self, tag: str) -> None:
        if self._inside and self._inside[-1] == tag:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if not self._inside:
            self.said.append(data)


def marked(words: str) -> str:
    return f"⟦{words.replace('⟦', '').replace('⟧', '')}⟧"


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> None:
    def one(key: str, lang: Any, /, **params: object) -> str:
        return marked(label(key, "en", **params))

    def other(key: str, lang: Any, fallback: str) -> str:
        found = label_or(key, "en", "")
        return marked(found) if found else fallback

    monkeypatch.setattr(console_words, "label", one)
    monkeypatch.setattr(console_words, "label_or", other)
    code = console_words.Words.code
    monkeypatch.setattr(console_words.Words, "code", lambda self, each: marked(code(self, each)))
    for name in ("text", "cure"):
        plain = getattr(catalogue, name)
        monkeypatch.setattr(catalogue, name, lambda finding, lang, plain=plain: marked(plain(finding, "en")))


def data_of(scene: Scene) -> str:
    """Return every value there is: what a page shows of these is no word of ours."""
    helped = [
        f"{each.title} {each.body}" for each in (*help_pages("console", "en"), *guides("en"))
    ]  # a page of its own in each language
    parts = [*helped, " ".join(ERRORS), repr(scene.book), " anna admin Lindwerder Jan Nov Dec UTC "]
    for name in metadata.tables:
        rows = scene.journal.read(lambda tx, name=name: list(tx.connection.execute(text(f'SELECT * FROM "{name}"'))))
        parts += [str(value) for row in rows for value in row if isinstance(value, str | bytes)]
    return "\n".join(parts)


async def test_nothing_on_any_page_is_left_untranslated(
    scene: Scene, ids: dict[str, str], aiohttp_client: Any, pseudo: None
) -> None:
    client: TestClient[Any, Any] = await aiohttp_client(scene.app())
    scene.access.add_user("anna", "admin", NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link("anna", NOW), allow_redirects=False)
    data, left = data_of(scene), []
    for place in of_scene(ids):
        if place in ENGLISH:
            continue
        html = await (await client.get(place)).text()
        for said in Said(html).said:
            bare = SAME.sub(" ", MARKED.sub(" ", said))
            left += [(place, said.strip()[:80]) for word in WORD.findall(bare) if word not in data]
    assert sorted(set(left)) == []


async def test_nothing_on_the_pages_of_partners_and_mappings_is_left_untranslated(
    tmp_path: Path, aiohttp_client: Any, pseudo: None
) -> None:
    house = House(tmp_path / "house")
    client: TestClient[Any, Any] = await aiohttp_client(house.app())
    access, now, left = house.instance.access, house.instance.wall.now(), []
    access.add_user("anna", "admin", now, by="test")
    await client.get("/login?token=" + access.make_login_link("anna", now), allow_redirects=False)
    data = "\n".join(
        (
            repr(house.instance.book),
            ACME,
            *house.instance.definitions.files.values(),
            " anna admin Lindwerder UTC Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ",
        )
    )
    for route in routes():
        place = address(route, {}) if of_instance(route) and not route.endswith(BILINGUAL) else None
        html = await (await client.get(place)).text() if place else ""
        for said in Said(html).said:
            bare = SAME.sub(" ", MARKED.sub(" ", said))
            left += [(place, said.strip()[:80]) for word in WORD.findall(bare) if word not in data]
    house.close()
    assert sorted(set(left)) == []


def test_an_untranslated_word_is_seen() -> None:
    assert [each for each in Said('<p title="Close">⟦Open⟧</p>').said if WORD.search(MARKED.sub("", each))] == ["Close"]
