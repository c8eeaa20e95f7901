"""The how-to guides are typed as they stand: every `sh` block runs, every `text` block is what comes of it."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.stage import ROOT, free_ports
from tests.servers.postgres import PostgresServer

SHORT = ("channel", "install")  # the others start a dozen programs each: make soak
PAGES = [
    pytest.param(path.stem, marks=() if path.stem in SHORT else (pytest.mark.soak,))
    for path in sorted((ROOT / "docs" / "how-to").glob("*.md"))
    if path.stem != "README"
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PORTS = ("8080", "8081", "8082", "8090", "8091", "8092")
TIMEOUT_S = 300


def blocks(page: str) -> list[tuple[str, str]]:
    """Return (kind, text) of each fenced block of a page."""
    return BLOCK.findall((ROOT / "docs" / "how-to" / f"{page}.md").read_text("utf-8"))


def typed(page: str, folder: Path, environment: dict[str, str]) -> str:
    """Type a page's commands; return what was printed. Everything it has started is killed at the end."""
    script = "\n".join(text for kind, text in blocks(page) if kind == "sh")
    ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
    script = re.sub(r"\b80[89][0-2]\b", lambda found: ports[found[0]], script)
    changes = "; ".join(f"s/port: {port}/port: {free}/" for port, free in ports.items())
    script = re.sub(r"^(gateway init (\S+).*)$", rf"\1\nsed -i '{changes}' \2/config.yaml", script, flags=re.MULTILINE)
    (folder / "typed.sh").write_text(f"set -euo pipefail -m\n{script}")
    with (folder / "printed").open("wb") as printed:
        shell = subprocess.Popen(
            ["bash", "typed.sh"],
            cwd=folder,
            env=environment,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = shell.wait(TIMEOUT_S)
        except subprocess.TimeoutExpired:
            code = -1
        finally:
            _end(shell.pid)
    words = (folder / "printed").read_text("utf-8", "replace")
    logs = "\n".join(path.read_text("utf-8", "replace") for path in folder.glob("*.log"))
    assert code == 0, f"ended with {code}:\n{words}\n{logs}"
    return words


def _end(session: int) -> None:
    """Kill what still runs in a session: servers have process groups of their own."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                os.kill(int(path.parent.name), signal.SIGKILL)
        except (OSError, IndexError):
            continue


@pytest.mark.parametrize("page", PAGES)
def test_a_page_works_as_it_is_written(page: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    bin_folder = Path(sys.executable).parent
    environment = {"PATH": f"{bin_folder}:/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8", "COLUMNS": "200"}
    if page == "postgresql":
        postgres: PostgresServer = request.getfixturevalue("postgres")
        environment["DATABASE_URL"] = postgres.fresh_database()
    printed = typed(page, tmp_path, environment)
    for kind, text in blocks(page):
        for line in text.splitlines() if kind == "text" else ():
            pattern = ".*".join(re.escape(part) for part in line.split("..."))
            assert re.search(pattern, printed), f"{page}.md promises {line!r}; printed was:\n{printed}"
