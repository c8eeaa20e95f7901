"""The tutorial "first partner in ten minutes": its commands are taken out of the page and run as they stand, in both
languages the same ones; only the ports are other ones, as several tests run side by side."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from gateway.cli.root import cli
from tests.journeys.stage import ROOT, free_ports

PAGE = ROOT / "docs" / "tutorial-first-partner.md"


def commands(text: str) -> list[str]:
    return re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.soak  # a dozen programs are started one after the other
def test_the_tutorial_leads_to_a_live_partner(tmp_path: Path) -> None:
    english, chinese = PAGE.read_text("utf-8").split("\n---\n")
    said = commands(english)
    assert said == commands(chinese)
    ports = " ".join(
        f"--{name}-port {port}" for name, port in zip(("partners", "console", "portal"), free_ports(3), strict=True)
    )
    script = "".join(said).replace("gateway init acme", f"gateway init acme {ports}")
    tools = tmp_path / "bin"
    tools.mkdir()
    program = tools / "gateway"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m gateway "$@"\n')
    program.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tools}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
    }
    bash = shutil.which("bash")
    assert bash
    process = subprocess.Popen(
        [bash, "-c", script + "\nkill $!; wait"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        told, _ = process.communicate(timeout=600)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert "1 of 1 documents of the sample are read" in told, told
    assert re.search(r"corner-shop +order +4711 +done +test", told), told
    assert "corner-shop: live since" in told, told
    assert "mode: live" in (tmp_path / "acme" / "partners" / "corner-shop" / "partner.yaml").read_text()
    assert re.search(r"http://127\.0\.0\.1:\d+/invitation\?token=[\w-]{40,}\n", told), told


def typed(script: str) -> Iterator[str]:
    """Yield the lines of a script, one with a here-document as a whole."""
    lines = iter(script.splitlines())
    for line in lines:
        if "<<" in line:
            end = line.rpartition("<<")[2].strip()
            line = "\n".join([line, *iter(lines.__next__, end), end])
        yield line


def test_the_commands_of_the_tutorial_lead_to_a_live_partner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same page with one program only, the gateway itself: what else it types is run in this process."""
    script = "".join(commands(PAGE.read_text("utf-8").split("\n---\n")[0]))
    ports = [
        f"--{name}-port={port}" for name, port in zip(("partners", "console", "portal"), free_ports(3), strict=True)
    ]
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.chdir(tmp_path)
    told: list[str] = []

    def gateway(line: str) -> str:
        words = shlex.split(line)[1:]
        done = CliRunner().invoke(cli, [*words, *(ports if words[0] == "init" else ())])
        told.append(done.output)
        assert done.exit_code in (0, 3), (line, done.output)  # 3: a checklist with open items
        return done.output

    running: subprocess.Popen[bytes] | None = None
    try:
        for line in typed(script):
            if line.startswith("gateway run"):
                running = subprocess.Popen([sys.executable, "-m", "gateway", "run"], stderr=subprocess.DEVNULL)
            elif line.startswith("until gateway"):
                until = time.monotonic() + 90
                while "4711" not in gateway("gateway messages list"):
                    assert time.monotonic() < until, told[-1]
                    time.sleep(0.3)
            elif line.startswith("cd "):
                monkeypatch.chdir(line.removeprefix("cd "))
            elif line.startswith("gateway "):
                gateway(line)
            elif line.strip():
                subprocess.run(["sh", "-c", line], check=True)
    finally:
        if running is not None:
            running.terminate()
            running.wait(60)
    said = "".join(told)
    assert "1 of 1 documents of the sample are read" in said
    assert re.search(r"corner-shop +order +4711 +\w+ +test", said), said
    assert "corner-shop: live since" in said
    assert re.search(r"/invitation\?token=[\w-]{40,}\n", told[-1])
