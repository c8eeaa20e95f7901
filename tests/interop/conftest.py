"""The gateway's AS2 channel on a real listener, and pyas2lib as a partner in a process of its own."""

import subprocess
import sys
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
