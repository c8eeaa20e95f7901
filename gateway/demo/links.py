"""The scene's two remote controls: the gateway's API, and the partners' control doors. Both may be away for a while."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiohttp import ClientError, ClientSession, ClientTimeout

from gateway.demo.cast import SHARED_PROCESS
from gateway.demo.settings import PartnerSettings

QUICK = ClientTimeout(total=10)
LONG = ClientTimeout(total=70)
POLL_S = 0.05  # each look costs the gateway milliseconds it could work in
AWAY_WAIT_S = 0.2
T = TypeVar("T")


class Away(Exception):  # noqa: N818 - a state of the world, not an error of ours
    """The other process does not answer just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """The gateway over its API, with the scene's key. Every method raises Away."""

    session: ClientSession
    url: str
    partners_url: str
    api_key: str

    async def _ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, data: bytes | None = None
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.api_key}"}
        content: dict[str, Any] = {"json": body} if data is None else {"data": data}
        try:
            async with self.session.request(
                method, self.url + path, headers=headers, timeout=QUICK, **content
            ) as response:
                return response.status, await response.json(content_type=None)
        except (ClientError, TimeoutError, ValueError) as error:
            raise Away(str(error)) from error

    async def is_live(self) -> bool:
        """Tell whether both doors, the partners' and the console's, are open."""
        try:
            for url in (self.partners_url, self.url):
                async with self.session.get(f"{url}/livez", timeout=QUICK) as response:
                    if response.status != 200:
                        return False
        except (ClientError, TimeoutError):
            return False
        return True

    async def open_work(self) -> int:
        status, data = await self._ask("GET", "/api/v1/work")
        if status != 200:
            raise Away(f"work: {status}")
        return int(data["open"])

    async def run_plan(self) -> None:
        await self._ask("POST", "/api/v1/plan/run", {})

    async def proposals(self, status: str) -> list[dict[str, Any]]:
        """Return the proposals with this status, newest first."""
        code, data = await self._ask("GET", f"/api/v1/proposals?status={status}")
        return list(data) if code == 200 else []

    async def approve(self, proposal: str) -> None:
        await self._ask("POST", f"/api/v1/proposals/{proposal}/approve", {})

    async def take_in(self, kind: str, file: str, data: bytes) -> None:
        """Import a list, once: a file of this name that was taken in before is left alone."""
        _, known = await self._ask("GET", "/api/v1/imports")
        if file not in {each.get("file") for each in known}:
            await self._ask("POST", f"/api/v1/imports?kind={kind}&file={file}", data=data)

    async def tell_event(self, event: Mapping[str, Any]) -> None:
        """Tell the planner of a promotion; the same number again replaces it."""
        await self._ask("POST", "/api/v1/events", event)

    async def stock(self) -> list[dict[str, Any]]:
        """Return what our warehouse has of each item."""
        code, data = await self._ask("GET", "/api/v1/stock")
        return list(data) if code == 200 else []

    async def messages(self, query: str) -> list[dict[str, Any]]:
        """Return lines of the list of messages, newest first. query: as in a URL."""
        code, data = await self._ask("GET", f"/api/v1/messages?{query}")
        return list(data.get("lines", ())) if code == 200 else []

    async def message(self, message_id: str) -> dict[str, Any] | None:
        """Return one message with its problems, timeline and effects."""
        code, data = await self._ask("GET", f"/api/v1/messages/{message_id}")
        return data if code == 200 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """A simulated partner over its control door. Every method raises Away."""

    session: ClientSession
    settings: PartnerSettings

    async def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        url = f"http://127.0.0.1:{self.settings.port}/control/{path}"
        headers = {"X-Control-Token": self.settings.control_token}
        try:
            async with self.session.request(method, url, headers=headers, timeout=LONG, **content) as response:
                data: dict[str, Any] = await response.json(content_type=None)
                if response.status >= 400:
                    raise ValueError(f"{self.settings.name}: {path}: {data}")
                return data
        except (ClientError, TimeoutError) as error:
            raise Away(str(error)) from error

    async def state(self) -> dict[str, Any]:
        """Return the counts of the mailbox: pending, sent, received."""
        return await self._ask("GET", "state")

    async def day(self) -> dict[str, Any]:
        """Let the partner do what it does on this day; return what was sent and the trucks that left."""
        return await self._ask("POST", "day")

    async def act(self, what: str, **params: Any) -> dict[str, Any]:
        return await self._ask("POST", "act", json={"what": what, **params})

    async def send(self, data: bytes) -> dict[str, Any]:
        """Let the partner send these bytes over its real channel; return the entry of its outbox."""
        return await self._ask("POST", "send", data=data)


def one_of_each_process(partners: Iterable[Remote]) -> list[Remote]:
    """Return whom to ask for the state of everybody: those who share a process answer for each other."""
    everybody = list(partners)
    shared = [each for each in everybody if each.settings.behaviour in SHARED_PROCESS]
    return [each for each in everybody if each not in shared[1:]]


async def until_quiet(gateway: Gateway, partners: list[Remote], timeout_s: float) -> bool:
    """Wait until nobody has anything left to do; False when the time is over first.

    Quiet means: the gateway had no open work between two looks at the mailboxes that saw the same counts and nothing
    pending. What a partner had sent before the first look, the gateway has finished; what the gateway delivered after
    it would have changed the second.
    """
    try:
        async with asyncio.timeout(timeout_s):
            while not await _is_quiet(gateway, partners):
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        return False
    return True


async def _is_quiet(gateway: Gateway, partners: list[Remote]) -> bool:
    try:
        if await gateway.open_work():
            return False
        before = await asyncio.gather(*(each.state() for each in partners))
        if any(each["pending"] for each in before) or await gateway.open_work():
            return False
        return before == await asyncio.gather(*(each.state() for each in partners))
    except Away:
        return False


async def insist(call: Callable[..., Awaitable[T]], *arguments: Any, **named: Any) -> T:
    """Repeat a call that changes nothing twice until the other process answers."""
    while True:
        try:
            return await call(*arguments, **named)
        except Away:
            await asyncio.sleep(AWAY_WAIT_S)
