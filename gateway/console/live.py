"""Server-sent events: "something happened", nothing more. Pages fetch themselves again, the stream carries no data."""

import asyncio
import logging
from contextlib import suppress

from aiohttp import web

from gateway.api.identity import identify
from gateway.api.services import SERVICES

log = logging.getLogger(__name__)

POLL_S = 1.0
BEAT_S = 20.0  # a comment this often keeps proxies from closing the stream
MOST_STREAMS = 200


class Pulse:
    """One look at the journal a second, whoever and however many are listening; none while nobody is."""

    def __init__(self) -> None:
        self.changed = asyncio.Condition()
        self.latest = 0
        self.listeners = 0
        self.closing = False
        self.failing = False  # logged once, until it goes again

    async def run(self, app: web.Application) -> None:
        """Look until closed; a database that is away is asked again."""
        views = app[SERVICES].views
        while not self.closing:
            if self.listeners:
                try:
                    latest = await asyncio.to_thread(views.latest_event)
                except Exception:  # a database that is away comes back; the pages then go on by themselves
                    if not self.failing:
                        log.exception("live updates")
                    self.failing = True
                else:
                    self.failing = False
                    await self._tell(latest)
            await asyncio.sleep(POLL_S)

    async def _tell(self, latest: int) -> None:
        if latest != self.latest:
            async with self.changed:
                self.latest = latest
                self.changed.notify_all()

    async def close(self) -> None:
        """Let every stream end."""
        async with self.changed:
            self.closing = True
            self.changed.notify_all()


PULSE = web.AppKey("pulse", Pulse)
_TASK = web.AppKey("pulse_task", asyncio.Task[None])


async def stream(request: web.Request) -> web.StreamResponse:
    """GET /events: an event with the journal's latest event number, whenever it has grown."""
    if await identify(request) is None:
        raise web.HTTPUnauthorized
    pulse = request.app[PULSE]
    if pulse.listeners >= MOST_STREAMS:
        raise web.HTTPServiceUnavailable(headers={"Retry-After": "60"})
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
    await response.prepare(request)
    pulse.listeners += 1
    seen = pulse.latest
    try:
        await response.write(b"retry: 5000\n\n")
        while not pulse.closing:
            async with pulse.changed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(pulse.changed.wait(), BEAT_S)
            if pulse.latest != seen:
                seen = pulse.latest
                await response.write(b"event: change\ndata: %d\n\n" % seen)
            else:
                await response.write(b": beat\n\n")
    except ConnectionResetError:
        pass
    finally:
        pulse.listeners -= 1
    return response


def mount_live(app: web.Application) -> None:
    """Serve the stream; it looks while the application runs."""

    async def start(app: web.Application) -> None:
        app[_TASK] = asyncio.create_task(app[PULSE].run(app))

    async def stop(app: web.Application) -> None:
        await app[PULSE].close()

    async def end(app: web.Application) -> None:
        app[_TASK].cancel()
        with suppress(asyncio.CancelledError):
            await app[_TASK]

    app[PULSE] = Pulse()
    app.router.add_get("/events", stream)
    app.on_startup.append(start)
    app.on_shutdown.append(stop)
    app.on_cleanup.append(end)
