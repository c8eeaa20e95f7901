"""The listeners against connections that never finish a request head."""

import asyncio
import contextlib

import pytest
from aiohttp import web
from as2_world import MemoryInbox

from gateway.app.main import _listen
from gateway.channels import listener
from gateway.config.settings import Address
from gateway.model.faults import OurFault


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "HEAD_S", 0.4)
    monkeypatch.setattr(listener, "LOOK_EVERY_S", 0.1)


async def test_a_connection_without_a_whole_request_head_is_closed() -> None:
    runner = await listener.start_listener("127.0.0.1", 0, [], MemoryInbox().accept)
    await slow_heads_are_closed(runner.addresses[0][1])
    await runner.cleanup()


async def test_so_it_is_at_the_ports_of_console_and_portal(unused_tcp_port: int) -> None:
    async def live(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/livez", live)
    async with contextlib.AsyncExitStack() as stack:
        await _listen(app, Address(host="127.0.0.1", port=unused_tcp_port), stack)
        await slow_heads_are_closed(unused_tcp_port)


async def slow_heads_are_closed(port: int) -> None:
    silent = await asyncio.open_connection("127.0.0.1", port)
    slow = await asyncio.open_connection("127.0.0.1", port)
    served = await asyncio.open_connection("127.0.0.1", port)
    request = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
    answers = b""
    slow[1].write(b"POST /as2 HTTP/1.1\r\n")
    for number in range(8):
        slow[1].write(f"X-{number}: drip\r\n".encode())
        served[1].write(request)
        await asyncio.sleep(0.1)
        answers += await served[0].read(65_536)
    assert answers.count(b"200 OK") == 8
    for reader, writer in (silent, slow):
        with contextlib.suppress(ConnectionError):  # closed while we were still dripping
            assert await asyncio.wait_for(reader.read(), 2) == b""
        writer.close()
    served[1].close()


async def test_a_port_that_is_taken_is_told_with_its_address(unused_tcp_port: int) -> None:
    holder = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", unused_tcp_port)
    with pytest.raises(OurFault, match="port-unusable") as taken:
        await listener.start_listener("127.0.0.1", unused_tcp_port, [], MemoryInbox().accept)
    assert taken.value.value == f"127.0.0.1:{unused_tcp_port}"
    assert taken.value.params["detail"] == "Address already in use"
    async with contextlib.AsyncExitStack() as stack:
        with pytest.raises(OurFault, match="port-unusable"):  # an address that no network card of this host has
            await _listen(web.Application(), Address(host="192.0.2.1", port=unused_tcp_port), stack)
    holder.close()
