import asyncio
import os
import signal
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from demo_world import ITEMS, settings_for

from gateway.app.clock import FileClock
from gateway.demo import demand, story
from gateway.demo.links import Away, Gateway, insist, until_quiet
from gateway.demo.processes import Child
from gateway.demo.scene import Crew, reset
from gateway.demo.world import Progress, alone, morning, places_of, set_clock
from gateway.model.faults import OurFault

PROGRESS = Progress(first_day=date(2026, 3, 1), last_day=date(2026, 5, 29), api_key="k")


# --- the clock and the progress ---


def test_everybody_reads_the_time_that_the_scene_has_set(tmp_path: Path) -> None:
    clock = FileClock(tmp_path / "clock.json")
    for day in (1, 2):
        set_clock(tmp_path / "clock.json", morning(date(2026, 3, day)))
        assert abs(clock.now() - datetime(2026, 3, day, 6, tzinfo=UTC)) < timedelta(seconds=5)


def test_progress_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    progress = Progress(
        first_day=date(2026, 3, 1),
        last_day=date(2026, 3, 9),
        day=date(2026, 3, 4),
        trucks=({"desadv": "D1"},),
        api_key="k",
    )
    progress.save(tmp_path / "scene.json")
    assert Progress.read(tmp_path / "scene.json") == progress
    assert Progress.read(tmp_path / "other.json") is None


# --- processes ---


def test_a_child_that_ends_is_seen_and_can_be_started_again(tmp_path: Path) -> None:
    child = Child("worker", [sys.executable, "-c", "print('here'); raise SystemExit(3)"], tmp_path / "log" / "w.log")
    for _ in range(2):
        child.start()
        assert child.wait_ended(20)
        assert child.ended() == 3
    assert child.starts == 2
    assert child.last_lines() == "here\nhere"


def test_a_child_that_will_not_end_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    child = Child("deaf", [sys.executable, "-c", code], tmp_path / "d.log")
    child.start()
    while not child.last_lines():
        time.sleep(0.02)
    child.stop()
    assert child.wait_ended(0.3) is False
    assert child.ended() == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent death signal is Linux only")
def test_the_children_of_a_scene_that_is_killed_end_too(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from gateway.demo.processes import Child\n"
        "sleeper = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        f"child = Child('c', sleeper, Path({str(tmp_path / 'c.log')!r}))\n"
        "child.start(); print(child.pid, flush=True); time.sleep(60)"
    )
    parent = Child("scene", [sys.executable, "-c", code], tmp_path / "p.log")
    parent.start()
    while not parent.last_lines():
        time.sleep(0.02)
    grandchild = int(parent.last_lines())
    assert _alive(grandchild)
    assert parent.pid
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait_ended()
    for _ in range(100):
        if not _alive(grandchild):
            return
        time.sleep(0.05)
    pytest.fail("the child outlived the scene")


def _alive(pid: int) -> bool:
    """A process that has ended and that nobody has waited for counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# --- quiet ---


class Office:
    """Answers like the gateway and one partner; each look takes the next of the prepared answers."""

    def __init__(self, opens: list[int], states: list[dict[str, int]]) -> None:
        self._opens = opens
        self._states = states
        self.looks = 0

    async def open_work(self) -> int:
        self.looks += 1
        return self._opens.pop(0) if len(self._opens) > 1 else self._opens[0]

    async def state(self) -> dict[str, int]:
        return self._states.pop(0) if len(self._states) > 1 else self._states[0]


IDLE = {"pending": 0, "sent": 1, "received": 1}


@pytest.mark.parametrize(
    ("opens", "states", "quiet"),
    [
        ([0], [IDLE], True),
        ([3, 0], [IDLE], True),
        ([1], [IDLE], False),
        ([0], [IDLE | {"pending": 1}], False),
    ],
)
async def test_quiet_means_no_open_work_and_nothing_pending(
    opens: list[int], states: list[dict[str, int]], quiet: bool
) -> None:
    office: Any = Office(opens, states)
    assert await until_quiet(office, [office], 0.3) is quiet


async def test_a_mailbox_that_changes_between_two_looks_is_not_quiet() -> None:
    office: Any = Office([0], [IDLE, IDLE | {"received": 2}, IDLE | {"received": 2}, IDLE | {"received": 3}, IDLE])
    assert await until_quiet(office, [office], 1)
    assert office.looks == 6


async def test_a_gateway_that_is_away_is_asked_again_until_it_answers() -> None:
    async def work(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer k"
        return web.json_response({"open": 4})

    app = web.Application()
    app.router.add_get("/api/v1/work", work)
    runner = web.AppRunner(app)
    async with ClientSession() as session:
        port = settings_for("x", "guest").port or _free_port()
        gateway = Gateway(session=session, url=f"http://127.0.0.1:{port}", partners_url="", api_key="k")
        with pytest.raises(Away):
            await gateway.open_work()
        asking = asyncio.create_task(insist(gateway.open_work))
        await asyncio.sleep(0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        assert await asyncio.wait_for(asking, 5) == 4
        await runner.cleanup()


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- demand ---


def test_sales_are_the_same_for_everybody_who_asks() -> None:
    shop, gtin = "4000002000011", ITEMS[0].gtin
    first = [demand.units_sold(7, shop, gtin, date(2026, 3, day)) for day in range(1, 29)]
    demand.units_sold.cache_clear()
    assert first == [demand.units_sold(7, shop, gtin, date(2026, 3, day)) for day in range(1, 29)]
    assert len(set(first)) > 3


def test_the_shops_are_closed_on_sundays() -> None:
    assert demand.units_sold(7, "4000002000011", ITEMS[0].gtin, date(2026, 3, 8)) == 0


def test_a_promotion_sells_more_than_the_same_item_without_it() -> None:
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(400)]
    gtins = [item.gtin for item in ITEMS]
    sold: dict[bool, list[int]] = {True: [], False: []}
    for gtin in gtins:
        for day in days:
            if day.weekday() != 6:
                sold[demand.on_promotion(7, gtin, day)].append(demand.units_sold(7, "4000002000011", gtin, day))
    assert sold[True]
    assert sum(sold[True]) / len(sold[True]) > 1.5 * sum(sold[False]) / len(sold[False])


# --- reset and what is said ---


def instance(folder: Path) -> Path:
    (folder / "config.yaml").write_text("instance: test.demo\nclock: {file: var/clock.json}\n")
    (folder / "var" / "demo").mkdir(parents=True)
    return folder


def test_reset_deletes_what_the_demo_made_and_nothing_else(tmp_path: Path) -> None:
    root = instance(tmp_path)
    PROGRESS.save(root / "var" / "demo" / "scene.json")
    (root / "var" / "journal.sqlite").touch()
    (root / "var" / "mine.txt").touch()
    gone = reset(root)
    assert {path.name for path in gone} == {"journal.sqlite", "demo"}
    assert sorted(path.name for path in (root / "var").iterdir()) == ["demo.lock", "mine.txt"]
    assert (root / "config.yaml").exists()


def test_reset_refuses_while_the_demo_runs_and_where_it_never_ran(tmp_path: Path) -> None:
    root = instance(tmp_path)
    with pytest.raises(OurFault, match=r"demo\.never-started"):
        reset(root)
    PROGRESS.save(root / "var" / "demo" / "scene.json")
    with alone(places_of(root)), pytest.raises(OurFault, match=r"demo\.still-running"):
        reset(root)
    assert (root / "var" / "demo" / "scene.json").exists()


def test_without_a_terminal_progress_is_said_every_ten_days() -> None:
    said: list[str] = []
    bar = story.ProgressBar(25, said.append, on_terminal=False)
    for done in range(1, 26):
        bar.step(done, date(2026, 3, 1))
    assert [line.split()[1] for line in said] == ["10", "20", "25"]


def test_what_a_killed_process_leaves_behind_is_ended_with_it(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "worker = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(worker.pid, flush=True); time.sleep(60)"
    )
    child = Child("gateway", [sys.executable, "-c", code], tmp_path / "g.log")
    child.start()
    while not child.last_lines():
        time.sleep(0.02)
    worker = int(child.last_lines())
    assert child.pid
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait_ended(5)
    assert child.ended() == -signal.SIGKILL
    for _ in range(100):
        if not _alive(worker):
            return
        time.sleep(0.05)
    pytest.fail("the worker outlived the gateway")


def crew_of(tmp_path: Path, code: str) -> tuple[Crew, list[str]]:
    said: list[str] = []
    crew = Crew(places_of(instance(tmp_path)), said.append)
    crew.gateway = Child("gateway", [sys.executable, "-c", code], tmp_path / "g.log")
    crew.gateway.start()
    return crew, said


async def test_a_killed_gateway_is_started_again_however_often(tmp_path: Path) -> None:
    crew, said = crew_of(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    watching = asyncio.create_task(crew.watch())
    while len(said) < 6:
        await asyncio.sleep(0.05)
    watching.cancel()
    assert all("signal 9" in line for line in said)


async def test_a_gateway_that_keeps_ending_by_itself_ends_the_scene_with_its_last_words(tmp_path: Path) -> None:
    crew, said = crew_of(tmp_path, "print('port taken'); raise SystemExit(3)")
    with pytest.raises(OurFault, match=r"demo\.cannot-start") as caught:
        await asyncio.wait_for(crew.watch(), 30)
    assert "port taken" in caught.value.params["detail"]
    assert len(said) == 3
