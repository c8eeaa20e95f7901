"""A demo instance of its own in a folder: copies of the shipped definitions, on ports that nobody else uses."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from gateway.demo import edifact_texts
from gateway.model.values import check_digit

ROOT = Path(__file__).parents[2]


def free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def make_instance(folder: Path) -> Path:
    shutil.copytree(ROOT / "partners", folder / "partners")
    config = (ROOT / "config.yaml").read_text("utf-8")
    texts = {folder / "config.yaml": config}
    texts |= {path: path.read_text("utf-8") for path in folder.glob("partners/*/partner.yaml")}
    used = sorted(
        {found for text in texts.values() for found in re.findall(r"(?:port: |127\.0\.0\.1:)(\d{4,5})", text)}
    )
    new = dict(zip(used, free_ports(len(used)), strict=True))
    for path, text in texts.items():
        path.write_text(re.sub(r"(port: |127\.0\.0\.1:)(\d{4,5})", lambda m: f"{m[1]}{new[m[2]]}", text), "utf-8")
    return folder


class Stage:
    """The running scene of one instance."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], log: Path) -> None:
        self.folder = folder
        self.process = process
        self._log = log

    def said(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def wait_for(self, words: str, timeout_s: float = 120) -> None:
        end = time.monotonic() + timeout_s
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < end, self.said()
            time.sleep(0.1)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)


def command(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "gateway", "--instance", str(folder), *words]


@contextmanager
def scene(folder: Path, *words: str) -> Iterator[Stage]:
    log = folder / "scene.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command(folder, "demo", *words), stdout=output, stderr=subprocess.STDOUT, cwd=ROOT)
        try:
            yield Stage(folder, process, log)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                process.wait(40)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(folder, *words), capture_output=True, text=True, timeout=120, cwd=ROOT, check=False)


def processes_of(folder: Path) -> list[int]:
    """Process ids whose command line names the instance."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(folder).encode() in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return [each for each in found if each != os.getpid()]


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{folder}/var/journal.sqlite?mode=ro", uri=True) as journal:
        return journal.execute(query).fetchall()


# --- what an auditor does: he reads the mailboxes, nothing else ---


def items(folder: Path) -> list[str]:
    lines = (folder / "partners" / "self" / "tables" / "items.csv").read_text("utf-8").splitlines()[1:]
    return [line.split(",")[0] for line in lines if line.endswith("true")]


def foreign_order(folder: Path, number: str, count: int) -> bytes:
    """An order as a stranger writes it: every fifth item is one that nobody here sells."""
    known = items(folder)
    lines = []
    for n in range(count):
        body = f"40{n:010d}"
        gtin = known[n % len(known)] if n % 5 else body + check_digit(body)
        lines.append(edifact_texts.Line(number=str(n + 1), gtin=gtin, quantity=1 + n % 3))
    now = datetime.now(UTC)
    guest, us = "9521009000002", "9521001000000"
    return edifact_texts.orders(
        edifact_texts.Envelope(sender=guest, receiver=us, reference=number, at=now),
        number,
        date.today() + timedelta(days=3),
        edifact_texts.Parties(buyer=guest, seller=us, deliver_to=guest),
        lines,
    )


def answers(folder: Path, order: str) -> list[dict[str, list[dict[str, str]]]]:
    """Return every response to order in the guest's inbox: order line -> its answers (quantities by qualifier)."""
    found = []
    for path in sorted((folder / "var/demo/guest/inbox").glob("*ORDRSP*.edi")):
        lines: dict[str, list[dict[str, str]]] = {}
        about, line = "", None
        for each in edifact_texts.split(path.read_bytes()):
            if each[0][0] == "LIN":
                line = {"status": each[2][0]}
            elif each[0][0] == "QTY" and line is not None:
                line[each[1][0]] = each[1][1]
            elif each[0][0] == "RFF" and each[1][0] in ("ON", "LI"):
                if line is None:
                    about = about or each[1][1]
                else:
                    lines.setdefault(each[1][2] if each[1][0] == "ON" else each[1][1], []).append(line)
        if about == order:
            found.append(lines)
    return found


def check_answered_once(folder: Path, number: str, count: int) -> None:
    (lines,) = answers(folder, number)
    assert sorted(lines, key=int) == [str(n + 1) for n in range(count)]
    for n in range(count):
        (line,) = lines[str(n + 1)]
        assert int(line["21"]) == 1 + n % 3
        confirmed, backordered = int(line.get("113", "0")), int(line.get("83", "0"))
        assert confirmed + backordered == (0 if n % 5 == 0 else 1 + n % 3), (n, line)


def notes(folder: Path, partner: str, box: str) -> list[dict[str, object]]:
    return [json.loads(path.read_text()) for path in sorted((folder / "var/demo" / partner / box).glob("*.note.json"))]
