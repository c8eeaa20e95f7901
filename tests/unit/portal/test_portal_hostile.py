"""What our house has written and what other files have brought is markup: no page of the portal runs any of it."""

import pytest
from portal_scene import World

from gateway.portal.app import TABLES as PORTAL
from gateway.store.view_rows import MessageFilter
from tests.shared.hostile_words import LINK, MARKUP, Runs, spoil

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("words", [MARKUP, LINK], ids=["markup", "link"])
async def test_hostile_words_in_every_table_run_on_no_page_of_the_portal(world: World, words: str) -> None:
    visitor = await world.person("fremd", f"fremd.{len(words)}")
    world.instance.journal.write(lambda tx: spoil(tx.connection, words))
    ids = [each.id for each in world.instance.views.messages(MessageFilter(partner="fremd"), None, 5).lines]
    orders = [each.number for each in world.instance.views.orders(side="purchase")]
    shown = 0
    for route in (each for table in PORTAL for each in table.routes if each.method == "GET" and each.path != "/logout"):
        values = [*ids, *orders, "0"] if "{" in route.path else [""]
        for value in values:
            address = route.path.partition("{")[0] + value + route.path.partition("}")[2]
            async with visitor.session.get(world.portal + address, allow_redirects=False) as answer:
                text = await answer.text(errors="replace")
            assert answer.status < 500, address
            html = answer.content_type == "text/html"
            assert not html or words == LINK or words not in text, address
            assert not html or Runs(text).found == [], address
            shown += html and ("onerror=alert(1)" in text or LINK in text)
    assert shown >= 2, "the words stand on pages"
