"""A gateway that is half dead stops as a whole."""

import asyncio

import pytest

from gateway.app.main import _together, _until_the_end
from gateway.model.faults import OurFault


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _broken() -> None:
    await asyncio.sleep(0)
    raise ZeroDivisionError("planted")


async def test_the_end_of_one_part_is_the_end_of_the_gateway(caplog: pytest.LogCaptureFixture) -> None:
    running = asyncio.create_task(_together(_for_ever(), _broken()))
    with pytest.raises(OurFault) as caught:
        await _until_the_end(asyncio.Event(), running)
    assert caught.value.code == "instance.part-ended"
    assert "planted" in caught.value.params["detail"]
    assert [each.levelname for each in caplog.records] == ["CRITICAL"]
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == 1, "the other parts have ended too"


async def test_a_part_that_returns_ends_the_gateway_too() -> None:
    running = asyncio.create_task(_together(asyncio.sleep(0)))
    with pytest.raises(OurFault, match=r"instance\.part-ended"):
        await _until_the_end(asyncio.Event(), running)


async def test_a_gateway_that_is_told_to_stop_raises_nothing() -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(_together(_for_ever()))
    asyncio.get_running_loop().call_soon(stop.set)
    await _until_the_end(stop, running)
    running.cancel()
