"""Two companies, asynchronous receipts, and a SIGKILL before and after every commit of either: one message, one receipt.

    python as2_crash_program.py FOLDER sender|receiver

Each company is a process of its own with a journal on the disk. One of them is killed at a commit and started again;
what both hold in the end must be what an undisturbed run leaves. Prints a JSON report.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "channels"))
sys.path.insert(0, str(Path(__file__).parents[2]))

from as2_world import EDIFACT, company, key_pair

from gateway.app.delivery import Delivery
from gateway.app.receipt_desk import JournalDesk
from gateway.app.rounds import Rounds
from gateway.channels.listener import start_listener
from gateway.model.faults import Fault
from gateway.pipeline.accept import accept
from gateway.pipeline.retry import RetryPolicy
from gateway.ports.records import Accepted, Arrival, NewParcel, ParcelRow, Proof
from gateway.store.blobs import FileBlobs
from gateway.store.journal import SqlJournal

POLICY = RetryPolicy(first=timedelta(milliseconds=50), longest=timedelta(milliseconds=100), attempts=200)
PARCEL = "00000000-0000-7000-8000-000000000001"
OTHER = {"alpha": "beta", "beta": "alpha"}
WAIT_S = 20.0


class Clock:
    """Real time; whoever was killed starts with its leases ended, as `gateway run` does."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class NotingDesk(JournalDesk):
    """Writes down the digest of every receipt that came and was believed."""

    notes: Path

    async def settle(self, parcel: ParcelRow, outcome: Proof | Fault) -> None:
        told = sha256(outcome.body).hexdigest() if isinstance(outcome, Proof) else outcome.code
        with self.notes.open("a") as file:
            file.write(told + "\n")
        await super().settle(parcel, outcome)


def killer(number: int, phase: str) -> Callable[[str], None]:
    seen = 0

    def on_commit(when: str) -> None:
        nonlocal seen
        seen += when == "before"
        if seen == number and when == phase:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_commit


async def live(name: str, folder: Path, ports: dict[str, int], on_commit: Callable[[str], None]) -> None:
    """Be one of the two companies until killed."""
    us, clock = company(name, OTHER[name]), Clock()
    us.channel._now = clock.now
    own, far = (f"http://127.0.0.1:{ports[each]}/as2" for each in (name, OTHER[name]))
    us.book.own.partner.channels["as2"].settings["url"] = own  # type: ignore[index]
    us.other(url=far, receipt="signed-async", receipt_url=far)
    journal = SqlJournal.open(folder / f"{name}.sqlite", FileBlobs(folder / f"{name}-blobs"), on_commit)
    journal.write(lambda tx: tx.end_leases(clock.now()))
    book: Any = SimpleNamespace(
        partner=lambda partner_id: us.book.partners[0], partners={OTHER[name]: us.book.partners[0]}
    )

    async def take(arrival: Arrival) -> Accepted:
        return await asyncio.wrap_future(journal.submit(lambda tx: accept(tx, book, arrival, clock.now())))

    desk = NotingDesk(instance=SimpleNamespace(journal=journal, clock=clock, book=book), explains=us.channel)  # type: ignore[arg-type]
    desk.notes = folder / "receipts"
    us.channel._inbound._desk = desk
    await start_listener("127.0.0.1", ports[name], [us.channel], take)
    await Delivery(
        journal=journal,
        book=lambda: book,
        channels={"as2": us.channel},
        clock=clock,
        owner=name,
        policy=POLICY,
        rounds=Rounds(now=clock.now),
    ).run()


def start(name: str, folder: Path, ports: dict[str, int], on_commit: Callable[[str], None]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            asyncio.run(live(name, folder, ports, on_commit))
        except BaseException as error:  # the parent reads the exit status only
            print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)
    return pid


def state(folder: Path) -> dict[str, Any]:
    """What counts in the end."""
    with _reading(folder / "alpha.sqlite") as alpha, _reading(folder / "beta.sqlite") as beta:
        [(sent, proof)] = alpha.execute("SELECT state, proof_body FROM parcel WHERE id = ?", (PARCEL,)).fetchall()
        came = beta.execute("SELECT state, data FROM arrival JOIN payload USING (sha256)").fetchall()
        receipts = beta.execute("SELECT state FROM parcel WHERE mapping = 'as2/MDN'").fetchall()
        cases = [row for each in (alpha, beta) for row in each.execute('SELECT code FROM "case"').fetchall()]
    notes = (folder / "receipts").read_text().split() if (folder / "receipts").exists() else []
    return {
        "sent": sent,
        "proof": sha256(proof).hexdigest() if proof else None,
        "came": [(row[0], bytes(row[1]) == EDIFACT) for row in came],
        "receipts": [row[0] for row in receipts],
        "told": sorted(set(notes)),
        "cases": cases,
    }


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        yield connection
    finally:
        connection.close()


def faults(found: dict[str, Any]) -> list[str]:
    """What is not as it must be: the message once, acknowledged by one receipt, whose bytes never differ."""
    wanted = {"sent": "acked", "came": [("received", True)], "receipts": ["acked"], "cases": []}
    wrong = [f"{name}: {found[name]}" for name, value in wanted.items() if found[name] != value]
    if found["told"] != [found["proof"]]:
        wrong.append(f"receipts told: {found['told']}, kept: {found['proof']}")
    return wrong


def settled(folder: Path) -> bool:
    try:
        found = state(folder)
    except (sqlite3.Error, ValueError):
        return False
    return found["sent"] in ("acked", "refused", "parked") and found["receipts"] == ["acked"]


def free_ports() -> dict[str, int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return {"alpha": one.getsockname()[1], "beta": other.getsockname()[1]}


def once(folder: Path, victim: str, number: int, phase: str) -> tuple[bool, list[str]]:
    """Run one exchange; return (the victim was killed, what is wrong in the end)."""
    folder.mkdir(parents=True)
    for name in ("alpha", "beta"):
        journal = SqlJournal.open(folder / f"{name}.sqlite", FileBlobs(folder / f"{name}-blobs"))
        if name == "alpha":
            parcel = NewParcel(
                id=PARCEL, partner="beta", channel="as2", mapping="file/as-is", document_type="File", payload=EDIFACT,
                content_type="application/EDIFACT", filename="order.edi",
            )  # fmt: skip
            journal.write(lambda tx, parcel=parcel: tx.add_parcels([parcel], Clock().now()))  # type: ignore[misc]
        journal.close()
    ports = free_ports()
    running = {
        name: start(name, folder, ports, killer(number, phase) if name == victim else lambda when: None)
        for name in ("beta", "alpha")
    }
    killed, until = False, time.monotonic() + WAIT_S
    try:
        while time.monotonic() < until and not (settled(folder) and (killed or time.monotonic() > until - WAIT_S)):
            pid, status = os.waitpid(running[victim], os.WNOHANG)
            if pid:
                killed = os.WIFSIGNALED(status)
                if not killed:
                    return killed, [f"ended with {status}"]
                running[victim] = start(victim, folder, ports, lambda when: None)
            time.sleep(0.02)
        time.sleep(0.1)  # what is wrong may come late: a second receipt, say
        return killed, faults(state(folder))
    finally:
        for pid in running.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def main() -> None:
    top, victim = Path(sys.argv[1]), {"sender": "alpha", "receiver": "beta"}[sys.argv[2]]
    for name in ("alpha", "beta"):
        key_pair(name)  # made once, before the forks
    tried, found = 0, []
    for number in range(1, 60):
        outcomes = [once(top / f"{number}-{phase}", victim, number, phase) for phase in ("before", "after")]
        found += [f"{number}: {wrong}" for _, each in outcomes for wrong in each]
        tried += sum(killed for killed, _ in outcomes)
        if found or not any(killed for killed, _ in outcomes):
            break
    print(json.dumps({"tried": tried, "wrong": found}))


if __name__ == "__main__":
    main()
