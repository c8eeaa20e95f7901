"""The partner listener: one port for every channel with a way in, and nothing else on it: no console, no API."""

import asyncio
import contextlib
import os
import ssl
from collections.abc import AsyncIterator, Sequence

from aiohttp import web

from gateway.channels.intake import Mounted
from gateway.model.faults import OurFault
from gateway.ports.shell import Accept

KEEP_ALIVE_S = 30.0
HEAD_S = 60.0  # longest time without a whole request head; above KEEP_ALIVE_S, so that idle connections end first
LOOK_EVERY_S = 5.0
MAX_LINE_BYTES = 8_190


async def start_listener(
    host: str, port: int, channels: Sequence[Mounted], accept: Accept, tls: ssl.SSLContext | None = None
) -> web.AppRunner:
    """Listen for partners until cleanup() of what is returned. port 0: any free one (see runner.addresses). tls: None
    for plain HTTP, behind something that ends TLS.

    Raises OurFault as open_port."""
    app = web.Application(client_max_size=1)  # bodies are read by the channels, in pieces and within their limits

    async def live(request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    app.router.add_get("/livez", live)
    for channel in channels:
        channel.mount(app, accept)
    app.on_response_prepare.append(_quiet)
    runner = web.AppRunner(
        app,
        access_log=None,
        keepalive_timeout=KEEP_ALIVE_S,
        auto_decompress=False,
        max_line_size=MAX_LINE_BYTES,
        max_field_size=MAX_LINE_BYTES,
        shutdown_timeout=10.0,
    )
    watch_heads(app, runner)
    await runner.setup()
    await open_port(runner, host, port, tls)
    return runner


async def open_port(runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None = None) -> None:
    """Serve runner, set up, at host and port. Raises OurFault instance.port-unusable: taken, not ours, not allowed."""
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as error:
        detail = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise OurFault("instance.port-unusable", value=f"{host}:{port}", detail=str(detail)) from error


async def _quiet(request: web.Request, response: web.StreamResponse) -> None:
    """Name no software version, and let no browser guess a type."""
    response.headers["Server"] = "edi-gateway"
    response.headers["X-Content-Type-Options"] = "nosniff"


def watch_heads(app: web.Application, runner: web.AppRunner) -> None:
    """Let runner, not set up yet, close connections on which no whole request head arrives within HEAD_S."""
    app.cleanup_ctx.append(lambda _: _watched(runner))


async def _watched(runner: web.AppRunner) -> AsyncIterator[None]:
    task = asyncio.create_task(_close_slow_heads(runner))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _close_slow_heads(runner: web.AppRunner) -> None:
    """Close connections on which no request head was completed for HEAD_S: aiohttp itself waits for ever."""
    loop = asyncio.get_running_loop()
    waiting: dict[web.RequestHandler, tuple[int, float]] = {}  # connection -> (requests so far, since)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        now = loop.time()
        seen = waiting
        waiting = {}
        for connection in runner.server.connections if runner.server else ():
            if connection._current_request is not None:  # a body has its own limits
                continue
            count, since = seen.get(connection, (-1, now))
            if count != connection._request_count:
                count, since = connection._request_count, now
            if now - since > HEAD_S:
                connection.force_close()
            else:
                waiting[connection] = (count, since)
