"""Simulated partners: each with a mailbox, a door on loopback, and habits; the small ones share a process.

    python -m gateway.demo.partner FOLDER... --clock FILE --parent PID

It ends on SIGTERM, and by itself when the process that started it is gone.
"""

import argparse
import asyncio
import json
import os
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, TCPConnector, web

from gateway.app.clock import FileClock
from gateway.demo import edifact_texts, ubl_texts
from gateway.demo.behaviours import BEHAVIOURS
from gateway.demo.mailbox import Kept, Mailbox, Posted, suffix_for
from gateway.demo.outgoing import EDIFACT, JSON, XML, Outgoing, message_id_for
from gateway.demo.postman import Postman
from gateway.demo.settings import PartnerSettings, read_settings
from gateway.demo.wires import LIMIT_BYTES, HttpWire, Incoming, Wire
from gateway.ports.shell import Clock

SEND_WAIT_S = 55.0
PARENT_CHECK_S = 1.0
CONTENT_TYPES = {".edi": EDIFACT, ".xml": XML, ".json": JSON}


def kind_and_number(data: bytes) -> tuple[str, str]:
    """Return document type and number as far as a plain look can tell; else "document" and a piece of the digest."""
    suffix = suffix_for(data)
    try:
        if suffix == ".xml":
            return ubl_texts.kind_and_number(data)
        if suffix == ".json":
            found = json.loads(data)
            return str(found.get("document", "json")), str(found.get("id", ""))
        read = edifact_texts.read(data)
    except (ValueError, LookupError, StopIteration, AttributeError):
        return "document", sha256(data).hexdigest()[:12]
    return read.kind, read.number


def wires_of(settings: PartnerSettings, folder: Path) -> dict[str, Wire]:
    """Return the partner's ways to and from the gateway by name."""
    wires: dict[str, Wire] = {}
    if settings.http:
        wires["http"] = HttpWire(settings.http)
    if settings.as2:
        from gateway.demo.as2_wire import As2Wire  # the crypto is loaded only where it is used

        wires["as2"] = As2Wire(settings.as2, folder / "keys")
    return wires


class Partner:
    """Mailbox, habits and ways of one partner, and the two doors: the wires' and the scene's.

    household: the mailboxes of all partners in this process, once there are others; the state counts all of them.
    """

    def __init__(self, settings: PartnerSettings, mailbox: Mailbox, wires: dict[str, Wire], clock: Clock) -> None:
        self.settings = settings
        self.mailbox = mailbox
        self._wires = wires
        self._clock = clock
        self._behaviour = BEHAVIOURS[settings.behaviour](settings, mailbox)
        self._postman: Postman | None = None
        self._handed = 0
        self.household = [mailbox]
        self._remember()

    def _remember(self) -> None:
        """Go through the inbox: what was received but not yet answered when the process ended is answered now."""
        for kept in self.mailbox.received():
            self._react(kept, self.mailbox.data_of(kept), datetime.fromisoformat(kept.received_at))

    def _react(self, kept: Kept, data: bytes, at: datetime) -> None:
        try:
            answers = self._behaviour.react(kept, data, at)
        except (ValueError, LookupError) as error:
            print(f"{kept.file}: not understood: {error!r}", flush=True)
            return
        self._post(answers, at)

    def _post(self, documents: Sequence[Outgoing], now: datetime) -> list[Posted]:
        return [
            self.mailbox.post(
                each.key,
                message_id_for(self.settings, each.key),
                each.data,
                each.kind,
                each.number,
                each.content_type,
                self._way_for(each.content_type),
                now,
            )
            for each in documents
        ]

    def _way_for(self, content_type: str) -> str:
        wanted = "as2" if content_type == EDIFACT else "http"
        return wanted if wanted in self._wires else next(iter(self._wires))

    async def receive(self, incoming: Incoming) -> Kept:
        """Keep a file, post the answers it calls for, and return: after that the sender may be told."""
        known = self.mailbox.find(incoming.key)
        if known:
            return self.mailbox.count_repeat(known)
        now = self._clock.now()
        kind, number = kind_and_number(incoming.data)
        kept = self.mailbox.keep(
            incoming.key, incoming.data, kind, number, incoming.content_type, now, incoming.receipt
        )
        self._react(kept, incoming.data, now)
        self._office.wake_soon()
        return kept

    @property
    def _office(self) -> Postman:
        assert self._postman, "the partner is not running"
        return self._postman

    def application(self) -> web.Application:
        """Return the partner's web server."""
        app = web.Application(client_max_size=LIMIT_BYTES, middlewares=[self._guard])
        for wire in self._wires.values():
            wire.mount(app, self.receive, self.mailbox.find)
        app.router.add_get("/control/state", self._state)
        app.router.add_post("/control/day", self._day)
        app.router.add_post("/control/act", self._act)
        app.router.add_post("/control/send", self._send)
        app.cleanup_ctx.append(self._run_postman)
        return app

    async def _run_postman(self, _: web.Application) -> Any:
        async with ClientSession(connector=TCPConnector(limit=4)) as session:
            self._postman = Postman(self.mailbox, self._wires, session)
            task = asyncio.create_task(self._postman.run())
            yield
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        if request.path.startswith("/control/"):
            token = request.headers.get("X-Control-Token", "")
            if not compare_digest(token.encode(), self.settings.control_token.encode()):
                raise web.HTTPForbidden
        response: web.StreamResponse = await handler(request)
        return response

    async def _state(self, _: web.Request) -> web.Response:
        counts = [each.counts() for each in self.household]
        return web.json_response(
            {"name": self.settings.name, **{key: sum(c[key] for c in counts) for key in counts[0]}}
        )

    async def _day(self, _: web.Request) -> web.Response:
        now = self._clock.now()
        return await self._deliver(self._post(self._behaviour.day(now), now))

    async def _act(self, request: web.Request) -> web.Response:
        body = await request.json()
        now = self._clock.now()
        try:
            documents = self._behaviour.act(str(body.pop("what", "")), body, now)
        except ValueError as error:
            return web.json_response({"title": str(error)}, status=400)
        return await self._deliver(self._post(documents, now))

    async def _send(self, request: web.Request) -> web.Response:
        """Send the body as it is; each call is a new transmission, with a Message-ID of its own."""
        data = await request.read()
        kind, number = kind_and_number(data)
        self._handed += 1
        key = f"handed-{self.mailbox.counts()['sent'] + 1}-{self._handed}"
        content_type = CONTENT_TYPES[suffix_for(data)]
        document = Outgoing(key=key, kind=kind, number=number, data=data, content_type=content_type)
        return await self._deliver(self._post([document], self._clock.now()))

    async def _deliver(self, posted: Sequence[Posted]) -> web.Response:
        """Send, and answer the scene with what became of each document."""
        self._office.wake()
        keys = {each.key for each in posted}
        complete = await self._office.wait_for(keys, SEND_WAIT_S)
        sent = [asdict(entry) for key in keys if (entry := self.mailbox.posted(key))]
        answer = {"sent": sent, "trucks": self._behaviour.report(), "complete": complete}
        return web.json_response(answer, status=200 if complete else 202)


def _told_to_stop() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _until_over(stop: asyncio.Event, parent: int) -> None:
    """Return when stop is set or the parent process is gone."""
    while not stop.is_set() and (not parent or os.getppid() == parent):
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PARENT_CHECK_S)


async def serve(folders: Sequence[Path], clock: Clock, parent: int = 0) -> None:
    """Run the partners whose settings lie in folders. parent: process id to outlive not; 0: none."""
    stop = _told_to_stop()
    partners = []
    for folder in folders:
        settings = read_settings(folder)
        partners.append(Partner(settings, Mailbox(folder), wires_of(settings, folder), clock))
    async with AsyncExitStack() as doors:
        for each in partners:
            each.household = [one.mailbox for one in partners]
            runner = web.AppRunner(each.application(), access_log=None)
            doors.push_async_callback(runner.cleanup)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", each.settings.port).start()
            print(f"{each.settings.name} listens on 127.0.0.1:{each.settings.port}", flush=True)
        await _until_over(stop, parent)


def main() -> None:
    parser = argparse.ArgumentParser(prog="gateway.demo.partner", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--clock", type=Path, required=True)
    parser.add_argument("--parent", type=int, default=0)
    arguments = parser.parse_args()
    asyncio.run(serve(arguments.folders, FileClock(arguments.clock), arguments.parent))


if __name__ == "__main__":
    main()
