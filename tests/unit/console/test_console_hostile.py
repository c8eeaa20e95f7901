"""What partners and people have written is markup everywhere in the tables: no page of the console runs any of it."""

import pytest
from aiohttp.test_utils import TestClient
from console_scene import NOW, Scene
from page_places import of_scene
from sqlalchemy import insert

from gateway.store import tables
from tests.shared.hostile_words import LINK, MARKUP, Runs, spoil

ITEM: dict[str, object] = {
    "gtin": "09521001100014",
    "name": "Rolled oats",
    "category": "Cereals",
    "unit": "H87",
    "pack": "1",
    "currency": "EUR",
}
ITEM |= {"active": True, "updated_at": NOW, "name_zh": "燕麦", "supplier_item": "A-1"}


def test_what_a_browser_would_run_is_noticed() -> None:
    assert Runs(f"<p>{MARKUP}</p>").found == ["img onerror=alert(1)"]
    assert Runs(f'<a href="{LINK}">').found == [f"a href={LINK}"]
    assert Runs(f'<input value="{LINK}">').found == []


@pytest.mark.parametrize("words", [MARKUP, LINK], ids=["markup", "link"])
async def test_hostile_words_in_every_table_run_on_no_page(
    scene: Scene, ids: dict[str, str], aiohttp_client, words: str
) -> None:
    scene.journal.write(lambda tx: tx.connection.execute(insert(tables.item).values(ITEM)))
    spoiled = scene.journal.write(lambda tx: spoil(tx.connection, words))
    assert {"item.name", "message.document", "arrival.filename"} <= spoiled
    client: TestClient = await aiohttp_client(scene.app())
    scene.access.add_user("admin", "admin", NOW, by="test")
    await client.get("/login?token=" + scene.access.make_login_link("admin", NOW), allow_redirects=False)
    shown = 0
    for address in of_scene(ids):
        answer = await client.get(address)
        text = await answer.text()
        assert answer.status < 500, address
        assert words not in text or words == LINK, address
        assert Runs(text).found == [], address
        shown += "onerror=alert(1)" in text or LINK in text
    assert shown >= 8, "the words stand on pages"
