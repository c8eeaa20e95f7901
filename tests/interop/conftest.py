"""The gateway's AS2 channel on a real listener, and pyas2lib as a partner in a process of its own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "tests" / "peers"
sys.path.insert(0, str(ROOT / "tests" / "unit" / "channels"))  # as2_world


@pytest.fixture(scope="session")
def peer_python() -> Path:
    """Return the peer's interpreter; its environment is made when it is not there. Never skipped."""
    python = ROOT / ".venv-peers" / "bin" / "python"
    marker = ROOT / ".venv-peers" / ".installed"
    if not marker.exists():
        subprocess.run([sys.executable, "-m", "venv", ROOT / ".venv-peers"], check=True)
        install = [
            python,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--no-input",
            "-q",
            "install",
            "--require-hashes",
        ]
        subprocess.run([*install, "-r", PEERS / "requirements.txt"], check=True)
        marker.touch()
    return python


@pytest.fixture(scope="session")
def libas2() -> list[str]:
    """Return the command of the Node peer; its packages are installed when they are not there. Never skipped."""
    folder = PEERS / "libas2"
    if not (folder / "node_modules" / ".package-lock.json").exists():
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, check=True)
    return ["node", "--security-revert=CVE-2023-46809", str(folder / "libas2_peer.js")]


_cells: list[tuple[str, str, str, str, str, str]] = []


@pytest.fixture(scope="session")
def table() -> Callable[[str, str, str, str, str, str], None]:
    """Return what notes a cell: peer, direction, security, compression, receipt, outcome."""
    return lambda *cell: _cells.append(cell)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of permutations, direction by direction."""
    if not _cells:
        return
    terminalreporter.section("AS2 permutations with live peers")
    for cell in sorted(_cells):
        peer, direction, security, compression, receipt, outcome = cell
        packed = "" if compression == "no" else f"+compressed ({compression})"
        terminalreporter.write_line(f"{peer:9} {direction:8} {security + packed:45} {receipt:14} {outcome}")
    passed = sum(cell[-1].startswith("passed") for cell in _cells)
    terminalreporter.write_line(
        f"{len(_cells)} cells, {passed} passed, {len(_cells) - passed} beyond what the peer can"
    )
