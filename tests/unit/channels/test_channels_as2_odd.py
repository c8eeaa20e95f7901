"""Legal but unusual HTTP and AS2, as the list of resolved interoperability issues has it."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from as2_world import EDIFACT, two_companies
from test_channels_as2_attacks import identity, sealed

from gateway.codecs import mdn
from gateway.codecs.mime import Headers


async def slices(data: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(data), 700):
        yield data[at : at + 700]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"chunked": True},
        {"expect100": True},
        {"names": str.lower},
        {"names": str.upper},
        {"authorization": True},
        {"quoted": True},
        {"query": "?from=alpha&x=" + "y" * 200},
    ],
    ids=lambda changed: next(iter(changed), "usual"),
)
async def test_a_message_is_taken_however_it_is_carried(changed: dict[str, Any]) -> None:
    message = sealed()
    headers = [(changed.get("names", str)(name), value) for name, value in message.headers]
    if changed.get("authorization"):
        headers.append(("Authorization", "Basic dW5hc2tlZDpmb3I="))
    if changed.get("quoted"):
        headers = [(name, f'"{value}"' if name in ("AS2-From", "AS2-To") else value) for name, value in headers]
    data: Any = slices(message.body) if changed.get("chunked") else message.body
    async with two_companies() as (_, beta):
        url = f"http://127.0.0.1:{beta.port}/as2{changed.get('query', '')}"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, headers=headers, data=data, expect100=changed.get("expect100", False)) as response,
        ):
            found = mdn.parse(
                Headers(tuple(response.headers.items())), await response.read(), [identity("beta").certificate]
            )
    assert response.status == 200
    assert found.disposition == mdn.PROCESSED
    assert str(found.mic) == message.mic
    assert beta.inbox.contents == [EDIFACT]


@pytest.mark.parametrize(
    "message_id", ["<" + "x" * 900 + "@y>", "no-brackets@y", "<a b #!<>,[]@y>", "<../../etc/passwd>"]
)
async def test_an_odd_message_id_comes_back_exactly(message_id: str) -> None:
    message = sealed(message_id=message_id)
    async with two_companies() as (_, beta):
        url = f"http://127.0.0.1:{beta.port}/as2"
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, headers=list(message.headers), data=message.body) as response,
        ):
            body = await response.read()
    found = mdn.parse(Headers(tuple(response.headers.items())), body, [identity("beta").certificate])
    assert found.original_message_id == message_id
    assert beta.inbox.arrivals[0].transport_id == message_id
