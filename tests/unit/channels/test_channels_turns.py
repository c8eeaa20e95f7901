"""Short work taken together: results, faults and order."""

import asyncio
import threading

import pytest

from gateway.channels.turns import MOST, Turns


async def test_what_waits_is_done_in_one_turn_in_its_order():
    turns = Turns()
    first_may_end = threading.Event()
    done: list[int] = []
    threads: set[int] = set()

    def slow() -> None:
        first_may_end.wait(5)

    def work(number: int) -> int:
        done.append(number)
        threads.add(threading.get_ident())
        return number * 2

    first = asyncio.create_task(turns.run(slow))
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(turns.run(lambda n=n: work(n))) for n in range(MOST)]
    await asyncio.sleep(0.01)
    assert done == []
    first_may_end.set()
    await first
    assert await asyncio.gather(*others) == [n * 2 for n in range(MOST)]
    assert done == list(range(MOST))
    assert len(threads) == 1


async def test_a_fault_reaches_its_own_caller_only():
    turns = Turns()

    def bad() -> None:
        raise ValueError("this one")

    wrong, good = asyncio.create_task(turns.run(bad)), asyncio.create_task(turns.run(lambda: 1))
    assert await good == 1
    with pytest.raises(ValueError, match="this one"):
        await wrong


async def test_who_has_gone_is_not_worked_for_and_holds_up_nobody():
    turns = Turns()
    seen: list[str] = []
    hold = threading.Event()
    first = asyncio.create_task(turns.run(lambda: hold.wait(5)))
    await asyncio.sleep(0.01)
    gone = asyncio.create_task(turns.run(lambda: seen.append("gone")))
    stays = asyncio.create_task(turns.run(lambda: seen.append("stays")))
    await asyncio.sleep(0.01)
    gone.cancel()
    hold.set()
    await asyncio.gather(first, stays)
    assert seen == ["stays"]
    assert await turns.run(lambda: "again") == "again"
