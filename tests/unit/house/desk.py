"""A person at the console of a real instance: pages as HTML, forms as the browser sends them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from typing import Any

from aiohttp.test_utils import TestClient
from house_scene import opened

from gateway.api.services import Services
from gateway.app.actions import AsyncActions, JournalActions
from gateway.app.instance import Instance
from gateway.console.app import make_console
from gateway.store.saved_views import SavedViews


class Desk:
    """client: signed in as role. page() and send() fail on any other status than the one expected."""

    def __init__(self, client: TestClient, instance: Instance) -> None:
        self.client, self.instance = client, instance
        self.actions = JournalActions(instance=instance, wake=lambda lane: None, wake_delivery=lambda: None)

    async def sign_in(self, role: str = "admin", language: str = "en") -> None:
        instance, now = self.instance, self.instance.wall.now()
        name = f"{role}-desk"
        if name not in {each.name for each in instance.access.users()}:
            await asyncio.to_thread(instance.access.add_user, name, role, now, by="test")
        token = await asyncio.to_thread(instance.access.make_login_link, name, now)
        await self.client.get(f"/login?token={token}", allow_redirects=False)
        await self.client.get(f"/view?language={language}", allow_redirects=False)

    async def page(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        html = await answer.text()
        assert answer.status == status, (path, answer.status, words_of(html)[:600])
        return html

    async def send(self, path: str, status: int = 200, **fields: Any) -> str:
        """Send a form of the page that is open, and return the page that follows."""
        csrf = re.search(r'name="csrf" value="([^"]+)"', await self.page("/"))
        token = csrf.group(1) if csrf else await self._token()
        answer = await self.client.post(path, data={"csrf": token, **fields})
        html = await answer.text()
        assert answer.status == status, (path, answer.status, words_of(html)[:600])
        self.at = str(answer.url.relative())
        return html

    async def _token(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', await self.page("/queues"))
        assert found is not None
        return found.group(1)


def words_of(html: str) -> str:
    """Return the text of a page without its elements."""
    body = re.sub(r"(?s)<(script|style|nav|footer)\b.*?</\1>", " ", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


@asynccontextmanager
async def desk_at(root: Any, aiohttp_client: Any) -> AsyncIterator[Desk]:
    with opened(root) as instance:
        actions = JournalActions(instance=instance, wake=lambda lane: None, wake_delivery=lambda: None)
        services = Services(
            views=instance.views,
            access=instance.access,
            saved=SavedViews(instance.journal.reader, instance.journal),
            actions=AsyncActions(actions=actions),
            book=lambda: instance.book,
            clock=instance.clock,
            wall=instance.wall,
        )
        desk = Desk(await aiohttp_client(make_console(services)), instance)
        await desk.sign_in()
        yield desk
