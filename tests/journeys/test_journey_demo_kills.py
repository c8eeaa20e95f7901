"""The gateway is killed at random moments while strangers' orders come in; the auditor then reads the mailboxes."""

import os
import random
import signal
import threading
import time
from pathlib import Path
from typing import Any, cast

from demo_stage import (
    Stage,
    check_answered_once,
    command,
    foreign_order,
    make_instance,
    notes,
    processes_of,
    rows,
    run,
    scene,
)

ORDERS = {"KILL1": 1, "KILL40": 40, "KILL2000": 2_000}
PATIENCE_S = 300  # on a machine that does ten other things


def gateway_of(folder: Path) -> int | None:
    """Return the process id of the running gateway (not of the scene, the partners or the workers)."""
    wanted = "\0".join(command(folder, "run")).encode()
    for pid in processes_of(folder):
        try:
            if wanted in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        except OSError:
            continue
    return None


class Killer(threading.Thread):
    """Kills the gateway `count` times, a random while after it has started each time."""

    def __init__(self, folder: Path, count: int) -> None:
        super().__init__()
        self._folder = folder
        self._left = count

    def run(self) -> None:
        chance = random.Random(5)
        while self._left:
            time.sleep(chance.uniform(1.5, 4.0))
            pid = gateway_of(self._folder)
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                self._left -= 1


def wait_acknowledged(stage: Stage, seconds: float) -> None:
    """Wait until each order has its signed MDN: one whose sender was cut off by a kill is sent again by itself."""
    end = time.monotonic() + seconds
    while True:
        told = {each["number"]: each["outcome"] for each in notes(stage.folder, "guest", "outbox")}
        if all(cast("dict[str, Any]", told[number]).get("mdn", {}).get("signed") for number in ORDERS):
            return
        assert time.monotonic() < end, told
        time.sleep(0.5)


def wait_quiet(stage: Stage, seconds: float) -> None:
    """Wait until every order has its response in the mailbox and nothing is open."""
    end = time.monotonic() + seconds
    open_work = (
        "SELECT (SELECT count(*) FROM arrival WHERE partner = 'guest' AND state IN ('received', 'retry'))"
        " + (SELECT count(*) FROM message WHERE partner = 'guest' AND state NOT IN ('done', 'parked', 'quarantined'))"
    )
    while rows(stage.folder, open_work) != [(0,)]:
        assert time.monotonic() < end, rows(stage.folder, "SELECT partner, state, count(*) FROM arrival GROUP BY 1, 2")
        time.sleep(0.5)


def survive(folder: Path, kills: int) -> None:
    with scene(folder, "--days", "2") as stage:
        stage.wait_for("Trading in real time")
        killer = Killer(folder, kills)
        killer.start()
        for number, count in ORDERS.items():
            file = folder / f"{number}.edi"
            file.write_bytes(foreign_order(folder, number, count))
            sent = run(folder, "demo", "send", str(file), "--as", "guest")
            said = sent.stdout + sent.stderr
            assert "signed MDN" in said or "the partner goes on trying" in said, said
        killer.join()
        wait_acknowledged(stage, PATIENCE_S)
        wait_quiet(stage, PATIENCE_S)
        assert stage.stop() == 0
    for number, count in ORDERS.items():
        check_answered_once(folder, number, count)
    for partner in ("guest", "nordmarkt", "stadtkette", "quellhof", "warehouse"):
        assert {each["state"] for each in notes(folder, partner, "outbox")} <= {"acked", "pending"}, partner
    assert processes_of(folder) == []


def test_orders_are_answered_once_although_the_gateway_is_killed_again_and_again(tmp_path: Path) -> None:
    survive(make_instance(tmp_path), kills=int(os.environ.get("GATEWAY_KILLS", "5")))  # 20 in the acceptance run
