"""Worker processes: a message that kills its worker takes nothing else with it."""

import asyncio
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from app_scene import (
    DeadlyPayload,
    EndlessPayload,
    FatalOncePayload,
    GreedyPayload,
    WaitingPayload,
    small_book,
    until,
)

from gateway.app.workers import ALONE, Workers
from gateway.model.faults import OurFault
from gateway.model.payload import MemoryPayload, Payload
from gateway.pipeline.prepare import Prepared
from gateway.ports.records import ArrivalRow
from tests.unit.pipeline.pipeline_scene import arrival_row


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers(partial(small_book, "retailer"), 2)
    yield made
    made.close()


def arrival(payload: Payload) -> ArrivalRow:
    return arrival_row(b"", "retailer", payload=payload)


def code(found: Prepared) -> str:
    assert found.messages[0].fault is not None
    return found.messages[0].fault.code


async def test_what_kills_its_worker_is_told_apart_and_all_others_succeed(workers: Workers) -> None:
    jobs = [workers.prepare(arrival(MemoryPayload(b"innocent"))) for _ in range(3)]
    jobs.insert(1, workers.prepare(arrival(DeadlyPayload())))
    found = await asyncio.gather(*jobs, return_exceptions=True)
    deadly = found.pop(1)
    assert isinstance(deadly, OurFault)
    assert (deadly.code, deadly.params) == ("message.poison", {"attempts": str(ALONE + 1)})
    assert [code(each) for each in found] == ["message.syntax-unknown"] * 3  # type: ignore[arg-type]
    after = await workers.prepare(arrival(MemoryPayload(b"later")))
    assert code(after) == "message.syntax-unknown"


async def test_a_worker_that_dies_once_costs_only_time(workers: Workers, tmp_path: Path) -> None:
    found = await workers.prepare(arrival(FatalOncePayload(str(tmp_path / "mark"))))
    assert code(found) == "message.syntax-unknown"


async def test_a_hundred_innocent_ones_in_a_pool_that_dies_cost_one_more_process(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    new_pool = workers._new_pool
    monkeypatch.setattr(workers, "_new_pool", lambda count: made.append(count) or new_pool(count))
    await workers.prepare(arrival(MemoryPayload(b"the pool is warm")))
    jobs = [asyncio.ensure_future(workers.prepare(arrival(MemoryPayload(b"x" * n)))) for n in range(1, 101)]
    await asyncio.sleep(0)
    for each in multiprocessing.active_children():
        each.kill()
    assert {code(each) for each in await asyncio.gather(*jobs)} == {"message.syntax-unknown"}
    assert made.count(1) <= 1, made
    assert made.count(2) <= 2, made


async def test_what_is_never_read_to_its_end_is_cut_off_and_all_others_succeed() -> None:
    workers = Workers(partial(small_book, "retailer"), 2, limit_s=2)
    jobs = [workers.prepare(arrival(each)) for each in (MemoryPayload(b"a"), EndlessPayload(), MemoryPayload(b"b"))]
    async with asyncio.timeout(120):
        first, endless, last = await asyncio.gather(*jobs, return_exceptions=True)
    workers.close()
    assert isinstance(endless, OurFault)
    assert endless.code == "message.poison"
    assert [code(each) for each in (first, last)] == ["message.syntax-unknown"] * 2  # type: ignore[arg-type]


async def test_the_time_of_the_processor_is_limited_and_that_of_the_clock_more_widely() -> None:
    workers = Workers(partial(small_book, "retailer"), 1, limit_s=0.4)
    assert code(await workers.prepare(arrival(WaitingPayload(0.8)))) == "message.syntax-unknown"
    async with asyncio.timeout(60):
        with pytest.raises(OurFault, match="poison"):
            await workers.prepare(arrival(WaitingPayload(30)))
    workers.close()


async def test_what_asks_for_too_much_memory_fails_alone(workers: Workers) -> None:
    with pytest.raises(MemoryError):
        await workers.prepare(arrival(GreedyPayload()))
    assert code(await workers.prepare(arrival(MemoryPayload(b"later")))) == "message.syntax-unknown"


async def test_new_definitions_are_used_from_then_on(workers: Workers) -> None:
    row = arrival(MemoryPayload(b"x"))
    assert code(await workers.prepare(row)) == "message.syntax-unknown"
    workers.replace_book(partial(small_book, "somebody-else"))
    assert code(await workers.prepare(row)) == "partner.unknown"


async def test_without_processes_the_same_is_read_in_threads() -> None:
    inline = Workers(partial(small_book, "retailer"), 0)
    row = arrival(MemoryPayload(b"x"))
    assert code(await inline.prepare(row)) == "message.syntax-unknown"
    inline.replace_book(partial(small_book, "somebody-else"))
    assert code(await inline.prepare(row)) == "partner.unknown"
    inline.close()


PROGRAM = """
import asyncio, multiprocessing, os, signal
from functools import partial
from app_scene import small_book
from gateway.app.workers import Workers
from gateway.model.payload import MemoryPayload
from tests.unit.pipeline.pipeline_scene import arrival_row

async def main():
    workers = Workers(partial(small_book, "retailer"), 2)
    await asyncio.gather(*(workers.prepare(arrival_row(b"x", "retailer")) for _ in range(4)))
    print(*(each.pid for each in multiprocessing.active_children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_workers_end_when_the_gateway_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    here = Path(__file__).parent
    paths = os.pathsep.join(map(str, (here, here.parents[2])))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, str(program)], env=environment, capture_output=True, text=True, check=False, timeout=60
    )
    workers = [int(each) for each in done.stdout.split()]
    assert len(workers) >= 1, done.stderr
    await until(lambda: not any(Path(f"/proc/{each}").exists() for each in workers))
