"""Live updates: told as long as somebody listens, through whatever the database does."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web

from gateway.api.services import SERVICES, Services
from gateway.console.live import Pulse


def app_with(latest: Callable[[], int]) -> web.Application:
    app = web.Application()
    app[SERVICES] = cast("Services", SimpleNamespace(views=SimpleNamespace(latest_event=latest)))
    return app


async def test_live_updates_go_on_when_the_database_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("gateway.console.live.POLL_S", 0.001)
    answers: list[Any] = [1, OSError("away"), OSError("away"), 2]

    def latest() -> int:
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return cast("int", answer)

    pulse = Pulse()
    pulse.listeners = 1
    task = asyncio.create_task(pulse.run(app_with(latest)))
    async with asyncio.timeout(5), pulse.changed:
        await pulse.changed.wait_for(lambda: pulse.latest == 2)
    await pulse.close()
    await task
    assert [record.getMessage() for record in caplog.records] == ["live updates"]
