"""A body that is never finished is the network's fault, however its connection ends."""

from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import web

from gateway.channels.intake import Spooled, read_body
from gateway.model.faults import NetworkFault


@pytest.mark.parametrize(
    "error", [ConnectionResetError("Connection lost"), BrokenPipeError(), web.RequestPayloadError("cut")]
)
async def test_a_connection_that_breaks_in_a_body_is_told_as_such(error: Exception) -> None:
    async def readany() -> bytes:
        raise error

    request = SimpleNamespace(content_length=None, content=SimpleNamespace(readany=readany))
    with pytest.raises(NetworkFault, match="broken-body"):
        await read_body(cast("web.Request", request), Spooled(), 1_000)
