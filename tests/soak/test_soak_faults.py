"""Faults of the disk, the database, the clock and the partners, each with whole gateways under load over HTTP.

What the senders were told is on the disk; what came of it is judged from the partners' own inboxes.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "journeys"))

from hosts_stage import Hosts
from node_program import PARTNERS

from tests.servers.postgres import PostgresServer, new_server

pytestmark = pytest.mark.soak

SHARES = ((1, 40), (41, 80), (81, 120), (121, 160))
ALL = 160
FSYNC_DELAY_S = 0.1


@contextmanager
def hosts_in(folder: Path, url: str | None = None, **settings: object) -> Iterator[Hosts]:
    hosts = Hosts(folder=folder, url=url, **settings)  # type: ignore[arg-type]
    try:
        yield hosts
    finally:
        hosts.close()


def finish(hosts: Hosts, senders: list[threading.Thread], within_s: float = 120) -> None:
    """Wait for the senders and the answers; then judge."""
    for each in senders:
        each.join(within_s)
    hosts.await_answers(ALL, within_s)
    hosts.audit(SHARES)


def answered(hosts: Hosts) -> int:
    return len(hosts.mail.answered())


def await_answered(hosts: Hosts, count: int) -> None:
    end = monotonic() + 60
    while answered(hosts) < count:
        assert monotonic() < end, hosts.log("one")
        sleep(0.05)


# --- disk -------------------------------------------------------------------------------------------------------------


def traced(injection: str) -> tuple[str, ...]:
    """Return the command that runs a gateway and all its threads with a fault in fsync and fdatasync."""
    strace = shutil.which("strace")
    assert strace, "strace is missing: bash tests/setup.sh soak installs it"
    return (strace, "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", "trace=fsync,fdatasync",
            "-e", f"inject=fsync,fdatasync:{injection}")  # fmt: skip


def test_nobody_is_told_that_a_document_is_kept_before_a_slow_disk_has_it(tmp_path: Path) -> None:
    slow = traced(f"delay_enter={int(FSYNC_DELAY_S * 1_000_000)}")
    with hosts_in(tmp_path, wrapped=slow) as hosts:
        hosts.start("one")
        taken = []
        for number in range(1, 13):
            start = monotonic()
            assert hosts.post("one", number).status == 202
            taken.append(monotonic() - start)
        assert min(taken) >= FSYNC_DELAY_S, taken
        print(f"fsync delayed by {FSYNC_DELAY_S} s: a 202 after {min(taken):.3f} s at the least, {median(taken):.3f} s"
              " in the median")  # fmt: skip


@pytest.mark.parametrize("injection", ["error=EIO:when=60", "error=EIO:when=60+"], ids=["once", "for-good"])
def test_a_disk_that_fails_to_flush_ends_the_gateway_and_nothing_acknowledged_is_lost(
    tmp_path: Path, injection: str
) -> None:
    with hosts_in(tmp_path, wrapped=traced(injection)) as hosts:
        hosts.start("one")
        senders = hosts.feeding(SHARES)
        code = hosts.ended("one", 60)
        told = answered(hosts)
        assert code != 0, hosts.log("one")
        assert "journal.disk-failed" in (tmp_path / "one.log").read_text(), hosts.log("one")
        assert told < ALL
        print(f"EIO: ended with {code} after {told} acknowledged orders")
        hosts.wrapped = ()
        hosts.start("one")
        finish(hosts, senders)


def test_a_full_disk_costs_a_503_and_nothing_else(tmp_path: Path) -> None:
    assert os.getuid() == 0, "mounts a small file system: only root may"
    var = tmp_path / "small"
    var.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m,mode=0700", "tmpfs", str(var)], check=True)
    try:
        with hosts_in(tmp_path / "hosts", var=var, disk_free=1) as hosts:
            hosts.start("one")
            senders = hosts.feeding(SHARES, pause_s=0.1)
            await_answered(hosts, 20)
            filler = var / "filler"
            fill(filler)
            sleep(5)
            refused, before = hosts.statuses["503"], answered(hosts)
            filler.unlink()
            finish(hosts, senders)
            assert refused > 0, hosts.statuses
            assert before < ALL
            assert set(hosts.statuses) <= {"202", "503"}, hosts.statuses
            print(f"disk full for 5 s: {hosts.statuses}")
            assert hosts.stop_gently("one") == 0
            assert "all rules hold" in checked(hosts)
    finally:
        subprocess.run(["umount", str(var)], check=True)


def fill(path: Path) -> None:
    """Leave no free space where path lies."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4_096))
        except OSError as error:
            assert error.errno == ENOSPC  # noqa: PT017 - the loop's only end


def checked(hosts: Hosts) -> str:
    command = [sys.executable, "-m", "gateway", "--instance", str(hosts.folder / "one"), "journal", "check"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False).stderr


# --- database ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    found = new_server()
    found.start()
    yield found
    found.remove()


def test_a_database_that_is_away_for_a_minute_costs_503_and_nothing_else(
    tmp_path: Path, server: PostgresServer
) -> None:
    with hosts_in(tmp_path, url=server.fresh_database()) as hosts:
        for name in ("one", "two"):
            hosts.start(name)
        senders = hosts.feeding(SHARES, pause_s=0.1)
        await_answered(hosts, 40)
        server.kill()
        sleep(60)
        server.start()
        back = monotonic()
        finish(hosts, senders)
        print(f"database away for 60 s: all done {monotonic() - back:.1f} s after it is back; {hosts.statuses}")
        assert set(hosts.statuses) <= {"202", "503"}, hosts.statuses
        for name in ("one", "two"):
            assert hosts.running[name].poll() is None, hosts.log(name)


def test_a_standby_takes_over_and_every_acknowledged_document_is_on_it(tmp_path: Path, server: PostgresServer) -> None:
    standby = standby_of(server)
    name = server.fresh_database().rpartition("/")[2]
    url = (
        f"postgresql://gateway@/{name}?host=127.0.0.1,127.0.0.1&port={server.port},{standby.port}"
        "&target_session_attrs=read-write"
    )
    try:
        with hosts_in(tmp_path, url=url) as hosts:
            for each in ("one", "two"):
                hosts.start(each)
            senders = hosts.feeding(SHARES, pause_s=0.05)
            await_answered(hosts, 60)
            server.kill()
            dead = monotonic()
            told = hosts.mail.answered()
            standby.run("pg_ctl", "promote", "-D", str(standby.data), "-w")
            promoted = monotonic() - dead
            kept = {int(str(row[0]).removeprefix("order-")) for row in standby_rows(standby, name)}
            assert told <= kept, told - kept
            await_answered(hosts, len(told) + 20)
            again = monotonic() - dead
            finish(hosts, senders)
            print(f"primary killed at {len(told)} acknowledged, all {len(told)} on the standby; promoted after"
                  f" {promoted:.2f} s, 20 more acknowledged after {again:.1f} s; {hosts.statuses}")  # fmt: skip
            assert set(hosts.statuses) <= {"202", "503"}, hosts.statuses
    finally:
        standby.remove()


def standby_of(primary: PostgresServer) -> PostgresServer:
    """Start a synchronous standby; from now on the primary commits only what the standby has on its disk."""
    standby = primary.beside()
    primary.run("pg_basebackup", "-D", str(standby.data), "-d", primary.url() + "?application_name=second", "-R",
                "-X", "stream", "-c", "fast")  # fmt: skip
    standby.start()
    primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'second'")
    primary.execute("SELECT pg_reload_conf()")
    end = monotonic() + 30
    while primary.execute("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
        assert monotonic() < end, primary.execute("SELECT * FROM pg_stat_replication")
        sleep(0.1)
    return standby


def standby_rows(standby: PostgresServer, database: str) -> list[tuple[object, ...]]:
    import psycopg

    with psycopg.connect(standby.url(database)) as connection:
        return connection.execute("SELECT transport_id FROM arrival WHERE transport_id LIKE 'order-%'").fetchall()


# --- clock ------------------------------------------------------------------------------------------------------------


def test_a_clock_that_jumps_a_day_forward_and_back_holds_nothing_up(tmp_path: Path) -> None:
    clock = tmp_path / "clock.json"

    def shift(by: timedelta) -> None:
        now = datetime.now(UTC)
        draft = clock.with_suffix(".draft")
        draft.write_text(json.dumps({"sim": (now + by).isoformat(), "wall": now.isoformat(), "rate": 1}))
        draft.replace(clock)

    with hosts_in(tmp_path / "hosts", clock=str(clock)) as hosts:
        shift(timedelta())
        hosts.start("one")
        senders = hosts.feeding(SHARES, pause_s=0.1)
        hosts.inboxes.down = {PARTNERS[0]}  # its parcels wait for a retry, by the clock
        await_answered(hosts, 40)
        shift(timedelta(days=1))
        await_answered(hosts, 80)
        shift(timedelta())
        back = monotonic()
        hosts.inboxes.down = set()
        finish(hosts, senders, 180)
        print(f"clock a day forward and back: all done {monotonic() - back:.1f} s after; {hosts.statuses}")


# --- partners ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", ["slow", "down"])
def test_a_partner_in_trouble_does_not_hold_up_the_others(tmp_path: Path, trouble: str) -> None:
    with hosts_in(tmp_path) as hosts:
        hosts.start("one")
        before = delivery_times(hosts, 1, 40)
        if trouble == "slow":
            hosts.inboxes.slow = {PARTNERS[1]: 5.0}
        else:
            hosts.inboxes.down = {PARTNERS[1]}
        during = delivery_times(hosts, 41, 80)
        print(f"partner {trouble}: the others' ORDRSP after {median(before):.2f} s before, {median(during):.2f} s with"
              f" it; the longest {max(before):.2f} s and {max(during):.2f} s")  # fmt: skip
        assert median(during) < median(before) + 1.0
        hosts.inboxes.slow, hosts.inboxes.down = {}, set()
        hosts.await_answers(80, 120)
        hosts.audit([(1, 80)])


def delivery_times(hosts: Hosts, first: int, last: int) -> list[float]:
    """Send orders; return seconds from each 202 to the response in the inbox, without the partner in trouble."""
    sent: dict[int, float] = {}
    with (hosts.box / f"answered-{first}").open("a") as noted:
        for number in range(first, last + 1):
            assert hosts.post("one", number).status == 202
            sent[number] = monotonic()
            noted.write(f"{number}\n")
            noted.flush()
            sleep(0.02)
    wanted = {number for number in sent if PARTNERS[number % len(PARTNERS)] != PARTNERS[1]}
    taken: dict[int, float] = {}
    end = monotonic() + 60
    while wanted - taken.keys():
        assert monotonic() < end, sorted(wanted - taken.keys())
        for _, _, number, _ in hosts.mail.responses():
            if number in wanted and number not in taken:
                taken[number] = monotonic() - sent[number]
        sleep(0.05)
    return list(taken.values())
